//! CPU limits: what a quota per period does to one burst of work.

use std::time::Duration;

/// The period that Kubernetes sets.
///
/// Source: Kubernetes documentation, kubelet configuration, `cpuCFSQuotaPeriod`, read 2026-11.
pub const PERIOD_DEFAULT: Duration = Duration::from_millis(100);

/// CPU time allowed per period, over all threads together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// CPU time per period, above zero.
    pub quota: Duration,
    /// Length of a period, above zero.
    pub period: Duration,
}

impl Quota {
    /// The quota of a limit of `cores` at the default period.
    pub fn of_limit(cores: f64) -> Self {
        Self {
            quota: PERIOD_DEFAULT.mul_f64(cores),
            period: PERIOD_DEFAULT,
        }
    }

    /// The limit in cores: the cap of a claim in water-filling.
    pub fn cores(self) -> f64 {
        self.quota.as_secs_f64() / self.period.as_secs_f64()
    }

    /// How long `work` of CPU time takes on `threads` runnable threads, begun at the start of a
    /// period: (ceil(w/Q) - 1) P + (w - (ceil(w/Q) - 1) Q)/k where the quota binds, else w/k.
    ///
    /// Simplified: every thread has a core of its own, and no unused slice carries over.
    ///
    /// Source: Linux kernel, `Documentation/scheduler/sched-bwc.rst`, read 2026-11.
    pub fn completion(self, work: Duration, threads: u32) -> Duration {
        let full_periods = if self.quota < self.period * threads {
            work.as_nanos()
                .div_ceil(self.quota.as_nanos())
                .saturating_sub(1)
        } else {
            0
        };
        let full_periods = u32::try_from(full_periods).unwrap_or(u32::MAX);
        let rest = work.saturating_sub(self.quota * full_periods);
        self.period * full_periods + rest / threads
    }

    /// [`Quota::completion`] over the time without a quota, at least one.
    pub fn slowdown(self, work: Duration, threads: u32) -> f64 {
        let alone = work / threads;
        self.completion(work, threads).as_secs_f64() / alone.as_secs_f64()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_beyond_the_quota_waits_for_the_next_period() {
        let table = [
            (250, 4, 100, 212.5, 3.4),
            (100, 4, 100, 25.0, 1.0),
            (101, 4, 100, 100.25, 3.97),
            (50, 1, 20, 210.0, 4.2),
            (30, 2, 50, 15.0, 1.0),
            (400, 8, 200, 125.0, 2.5),
            (400, 2, 200, 200.0, 1.0),
        ];
        for (work, threads, quota, expected, slowdown) in table {
            let work = Duration::from_millis(work);
            let quota = Quota {
                quota: Duration::from_millis(quota),
                period: PERIOD_DEFAULT,
            };
            let found = quota.completion(work, threads).as_secs_f64() * 1e3;
            assert!((found - expected).abs() < 1e-9, "{work:?}: {found} ms");
            assert!((quota.slowdown(work, threads) - slowdown).abs() < 0.005);
        }
        assert!((Quota::of_limit(0.5).cores() - 0.5).abs() < 1e-12);
        assert_eq!(
            Quota::of_limit(1.0).completion(Duration::ZERO, 1),
            Duration::ZERO
        );
    }
}
