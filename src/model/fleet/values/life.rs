//! Metrics of the lives of a fleet's collectors at the end: kills, rollouts, autoscaling.

use crate::model::load::timeline::Grid;
use crate::model::process::collector::Collector;
use crate::units::{SimDuration, Span};

use super::super::Fleet;

impl Fleet<'_> {
    /// Seconds that collectors existed for, summed over collectors.
    pub(in crate::model) fn collector_seconds(&self) -> f64 {
        let of_jobs = self.jobs.busy_seconds();
        (self.tally.collector_nanos as f64 / 1e9 + of_jobs).max(1.0)
    }

    /// Share of collectors that were OOM-killed at least once.
    pub(super) fn oom_share(&self) -> f64 {
        self.share_killed(|collector| collector.oom_kills, self.jobs.oom_kills)
    }

    /// Share of collectors that were OOM-killed by their node at least once.
    pub(super) fn node_oom_share(&self) -> f64 {
        self.share_killed(|collector| collector.node_kills, self.job_node_kills())
    }

    /// Share of collectors with kills, where each job is killed at most once.
    fn share_killed(&self, kills: impl Fn(&Collector) -> u32, jobs_killed: u64) -> f64 {
        let existed = self
            .collectors
            .iter()
            .filter(|collector| collector.starts > 0)
            .count() as f64;
        let killed = self
            .collectors
            .iter()
            .filter(|&collector| kills(collector) > 0)
            .count() as f64;
        (killed + jobs_killed as f64) / (existed + self.jobs.count as f64).max(1.0)
    }

    /// Number of OOM kills by nodes.
    pub(super) fn node_kills(&self) -> f64 {
        (self.tally.node_kills + self.job_node_kills()) as f64
    }

    /// Kills of jobs' sidecars by nodes: all of them, or none under a limit of their own.
    fn job_node_kills(&self) -> u64 {
        if self.plan.memory.limit_is_own {
            0
        } else {
            self.jobs.oom_kills
        }
    }

    /// Number of OOM kills.
    pub(super) fn kills(&self) -> f64 {
        (self.tally.oom_kills + self.jobs.oom_kills) as f64
    }

    /// Highest number of collectors in the measured horizon.
    pub(super) fn collectors_peak(&self, grid: &Grid) -> f64 {
        let jobs = f64::from(self.jobs.running_peak);
        if let Some(scaling) = &self.scaling {
            return f64::from(scaling.tally().replicas_peak) + jobs;
        }
        let cells = grid.cell_at(grid.warm_up)..grid.cells();
        let of_blocks = |cell: usize| self.cohorts.iter().map(move |cohort| cohort.counts[cell]);
        let most = cells.map(|cell| of_blocks(cell).sum::<u32>()).max();
        f64::from(most.unwrap_or(0)) + jobs
    }

    /// Number of requests for more replicas, NaN without an autoscaler.
    pub(super) fn scale_ups(&self) -> f64 {
        let scaling = self.scaling.as_ref();
        scaling.map_or(f64::NAN, |scaling| scaling.tally().ups as f64)
    }

    /// Number of requests for fewer replicas, NaN without an autoscaler.
    pub(super) fn scale_downs(&self) -> f64 {
        let scaling = self.scaling.as_ref();
        scaling.map_or(f64::NAN, |scaling| scaling.tally().downs as f64)
    }

    /// Seconds for which collectors waited for a node, summed over collectors.
    pub(super) fn pending_seconds(&self, grid: &Grid) -> f64 {
        let scaling = self.scaling.as_ref();
        let recorded = Span::new(grid.warm_up, grid.end);
        let scaled = scaling.map_or(0.0, |scaling| scaling.pending_seconds(recorded));
        scaled + self.tally.pending_nanos as f64 / 1e9
    }

    /// A number about rollouts, NaN without any.
    pub(super) fn rolled_out(&self, value: f64) -> f64 {
        if self.tally.rollouts > 0 {
            value
        } else {
            f64::NAN
        }
    }

    /// Seconds of the longest rollout. A rollout in progress counts up to the end.
    pub(super) fn rollout_seconds(&self, grid: &Grid) -> f64 {
        let rollout = self.rollout.as_ref();
        let under_way = rollout.map_or(SimDuration::ZERO, |rollout| rollout.length(grid.end));
        self.rolled_out(self.tally.rollout_peak.max(under_way).secs_f64())
    }

    /// Seconds in which clusters were too small to take targets, NaN where no cluster waits for a
    /// size.
    pub(super) fn not_ready_seconds(&self, grid: &Grid) -> f64 {
        if self.plan.blueprint.lifecycle.wait.size < 2 {
            return f64::NAN;
        }
        let waits = self.clusters.iter();
        let waits = waits.filter_map(|cluster| cluster.readiness.waits_since());
        let waited = waits.map(|since| grid.end - since.max(grid.warm_up));
        (self.tally.not_ready + waited.sum()).secs_f64()
    }

    /// Most collectors of one cluster that were killed after the loss of one, NaN without clusters.
    pub(super) fn cascade_peak(&self) -> f64 {
        if self.clusters.is_empty() {
            f64::NAN
        } else {
            f64::from(self.tally.cascade_peak)
        }
    }
}
