//! What a CPU limit does within the periods of its quota.

/// Seconds of a period.
///
/// Source: Kubernetes documentation, kubelet configuration, `cpuCFSQuotaPeriod` (read 2026-11).
const PERIOD: f64 = 0.1;

/// Fewest threads that Go runs under a limit.
///
/// Source: golang/go, `src/runtime/cgroup_linux.go`, Go 1.25: `GOMAXPROCS` is the limit rounded up, and
/// at least 2.
const THREADS_MIN: f64 = 2.0;

/// The CPU limit of a process, as the kernel enforces it: a quota for each period.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quota {
    /// Cores, as a mean over a period.
    limit: f64,
    /// Threads that run at once.
    threads: f64,
}

impl Quota {
    /// The quota of a limit in cores, on a node that has at least as many.
    pub fn new(limit: f64) -> Self {
        Self {
            limit,
            threads: limit.ceil().max(THREADS_MIN),
        }
    }

    /// Seconds that `work` core seconds take on one thread, in a process that does nothing else.
    pub fn seconds(&self, work: f64) -> f64 {
        let quota = self.limit * PERIOD;
        if quota >= PERIOD || work <= quota {
            return work;
        }
        let spent = (work / quota).ceil() - 1.0;
        spent * PERIOD + (work - spent * quota)
    }

    /// Seconds of a period that are left when all threads have used up its quota.
    pub fn stall(&self) -> f64 {
        (PERIOD - self.limit * PERIOD / self.threads).max(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Computed by hand: half a core is spent in 25 ms of each 100 by the two threads of the least
    /// `GOMAXPROCS`.
    #[test]
    fn a_quota_is_spent_before_its_period_ends() {
        let stall = |limit: f64| Quota::new(limit).stall();
        for (limit, expected) in [(0.5, 0.075), (1.0, 0.05), (2.0, 0.0), (2.5, 0.1 / 6.0)] {
            assert!((stall(limit) - expected).abs() < 1e-12, "{limit}");
        }
    }

    /// 50 ms of work at 20 ms per period: two periods, and 10 ms of the third.
    #[test]
    fn work_beyond_the_quota_waits_for_the_next_period() {
        let seconds = |limit: f64, work: f64| Quota::new(limit).seconds(work);
        assert!((seconds(0.2, 0.05) - 0.21).abs() < 1e-12);
        assert!((seconds(0.2, 0.02) - 0.02).abs() < 1e-12);
        assert!((seconds(1.5, 7.0) - 7.0).abs() < 1e-12);
    }
}
