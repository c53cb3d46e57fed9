//! The memory metrics of a fleet at the end; NaN where no collector was ever in service.

use crate::stats::quantile;

use super::super::Fleet;
use super::{where_any, where_finite};

impl Fleet<'_> {
    /// Highest live bytes of any process, 0 if none was in service.
    pub(super) fn live_peak(&self) -> f64 {
        let peaks = self.collectors.iter().map(|collector| collector.live_peak);
        peaks.fold(self.jobs.live_peak, f64::max)
    }

    /// Highest live bytes of each collector that was in service.
    fn live_peaks(&self) -> impl Iterator<Item = f64> {
        let peaks = self.collectors.iter().map(|collector| collector.live_peak);
        peaks.filter(|&live| live > 0.0)
    }

    /// Highest anonymous memory of any one collector.
    pub(super) fn memory_peak(&self) -> f64 {
        let (memory, live) = (&self.plan.memory, self.live_peak());
        where_any(live, memory.within_limit(live))
    }

    /// Working set of the collector with the highest anonymous memory: active pages of the binary
    /// and of the largest WAL count too.
    pub(super) fn working_set_peak(&self) -> f64 {
        let memory = &self.plan.memory;
        self.memory_peak() + memory.active_share * (memory.binary + self.tally.wal_peak)
    }

    /// Resident memory of the collector with the highest anonymous memory, as `ps` shows it.
    pub(super) fn resident_peak(&self) -> f64 {
        self.memory_peak() + self.plan.memory.binary
    }

    /// Median over collectors of their highest anonymous memory.
    pub(super) fn memory_peak_median(&self) -> f64 {
        let (memory, live) = (&self.plan.memory, self.live_peak());
        let mut peaks: Vec<f64> = self.live_peaks().collect();
        if peaks.is_empty() {
            peaks.push(live);
        }
        peaks.sort_unstable_by(f64::total_cmp);
        let median = memory.within_limit(quantile(&peaks, 0.5));
        where_any(live, median)
    }

    /// Sum over collectors of their highest anonymous memory. Jobs count with the peak of running
    /// jobs.
    pub(super) fn memory_sum(&self) -> f64 {
        let (memory, jobs) = (&self.plan.memory, &self.jobs);
        let held = |live: f64| memory.within_limit(live);
        let held = self.live_peaks().map(held).sum::<f64>();
        let of_jobs = f64::from(jobs.running_peak) * memory.anonymous(jobs.mean_live());
        where_any(self.live_peak(), held + of_jobs)
    }

    /// Smallest memory limit that every collector would have survived in service.
    pub(super) fn memory_limit_needed(&self) -> f64 {
        let live = self.live_peak();
        where_any(live, self.plan.memory.limit_needed(live))
    }

    /// Smallest limit that would have sufficed, over the memory limit.
    pub(super) fn memory_peak_ratio(&self) -> f64 {
        let (memory, live) = (&self.plan.memory, self.live_peak());
        where_any(live, where_finite(memory.limit, memory.limit_ratio(live)))
    }

    /// Anonymous memory that follows from the largest live heap at the horizon.
    pub(super) fn memory_rest(&self) -> f64 {
        let live = self.tally.rest_live.min(self.live_peak());
        where_any(live, self.plan.memory.anonymous(self.tally.rest_live))
    }

    /// Smallest memory limit that every start with a WAL survives.
    pub(super) fn memory_replay_peak(&self) -> f64 {
        let live = self.tally.replay_live.min(self.live_peak());
        let needed = self.plan.memory.limit_needed(self.tally.replay_live);
        where_any(live, needed)
    }

    /// A value of the live heap of the largest replay of a restart at the horizon.
    fn restarted(&self, of: impl Fn(f64) -> f64) -> f64 {
        let live = self.tally.restart_live;
        where_any(live, of(live))
    }

    /// Anonymous memory of the largest collector during the replay of a restart at the horizon.
    pub(super) fn memory_restart_resident(&self) -> f64 {
        self.restarted(|live| self.plan.memory.anonymous(live))
    }

    /// Smallest memory limit that survives a restart at the horizon.
    pub(super) fn memory_restart_peak(&self) -> f64 {
        self.restarted(|live| self.plan.memory.limit_needed(live))
    }

    /// Smallest limit that survives a restart at the horizon, over the memory limit.
    pub(super) fn memory_restart_ratio(&self) -> f64 {
        let memory = &self.plan.memory;
        where_finite(
            memory.limit,
            self.restarted(|live| memory.limit_ratio(live)),
        )
    }
}
