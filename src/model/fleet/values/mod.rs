//! All metrics of a fleet at the end: one match names them.

mod cpu;
mod life;
mod memory;
mod samples;

use crate::model::load::timeline::Grid;
use crate::model::record::catalogue::FleetMetric as Metric;

use super::Fleet;

const MONTH_SECONDS: f64 = 30.0 * 86_400.0;

impl Fleet<'_> {
    /// A metric of the fleet.
    pub(in crate::model) fn value(&self, metric: Metric, grid: &Grid) -> f64 {
        let (jobs, tally) = (&self.jobs, &self.tally);
        let sent = &self.pipelines.metrics.tally;
        match metric {
            Metric::CollectorsStart => f64::from(tally.collectors_start),
            Metric::CollectorsEnd => f64::from(self.count()) + f64::from(jobs.running),
            Metric::CollectorsPeak => self.collectors_peak(grid),
            Metric::ScaleUpCount => self.scale_ups(),
            Metric::ScaleDownCount => self.scale_downs(),
            Metric::PendingSeconds => self.pending_seconds(grid),
            Metric::SeriesActivePeak => tally.series_peak + jobs.series_peak_of_all(),
            Metric::SeriesActiveEnd => self.series_at_end(grid),
            Metric::SeriesPerCollectorPeak => tally.series_per_collector_peak.max(jobs.series_peak),
            Metric::MemoryPeak => self.memory_peak(),
            Metric::MemoryPeakMedian => self.memory_peak_median(),
            Metric::MemorySum => self.memory_sum(),
            Metric::MemoryPeakRatio => self.memory_peak_ratio(),
            Metric::MemoryLimitNeeded => self.memory_limit_needed(),
            Metric::MemoryRestartPeak => self.memory_restart_peak(),
            Metric::MemoryRestartRatio => self.memory_restart_ratio(),
            Metric::MemoryRest => self.memory_rest(),
            Metric::MemoryReplayPeak => self.memory_replay_peak(),
            Metric::MemoryRestartResident => self.memory_restart_resident(),
            Metric::WalPeak => where_any(tally.wal_peak, tally.wal_peak),
            Metric::NetworkMean => self.network_mean(grid),
            Metric::OomCount => self.kills(),
            Metric::OomCollectorRatio => self.oom_share(),
            Metric::OomRate => self.kills() / (self.collector_seconds() / MONTH_SECONDS),
            Metric::RestartCount => tally.restarts as f64,
            Metric::DownSeconds => tally.down_nanos as f64 / 1e9,
            Metric::CpuPeak => self.cpu_peak(),
            Metric::CpuPeakRatio => self.cpu_peak_ratio(),
            Metric::CpuMean => self.mean_cores(grid),
            Metric::ScrapePeak => self.scrape_peak(),
            Metric::SamplesOffered => self.taken(|intake| intake.offered),
            Metric::SamplesScraped => self.taken(|intake| intake.scraped),
            Metric::MissedDown => self.taken(|intake| intake.missed_down),
            Metric::MissedCpu => self.taken(|intake| intake.missed_cpu),
            Metric::MissedPull => self.taken(|intake| intake.missed_pull),
            Metric::SamplesDue => self.due(),
            Metric::SamplesSent => self.delivered(|delivery| delivery.sent),
            Metric::SamplesPending => self.samples_pending(),
            Metric::LostRestart => self.delivered(|delivery| delivery.lost_restart),
            Metric::LostTruncation => self.delivered(|delivery| delivery.lost_truncation),
            Metric::LostOverload => self.delivered(|delivery| delivery.lost_overload),
            Metric::LostRejected => self.delivered(|delivery| delivery.lost_rejected),
            Metric::LostExit => self.delivered(|delivery| delivery.lost_exit),
            Metric::LossRatio => self.loss_ratio(),
            Metric::BacklogPeak => sent.backlog_peak,
            Metric::BacklogPeakSeconds => sent.backlog_peak_age.secs_f64(),
            Metric::DrainSeconds => sent.drain_peak.secs_f64(),
            Metric::StopSeconds => sent.stop_peak.secs_f64(),
            Metric::RolloutCount => f64::from(tally.rollouts),
            Metric::RolloutPeakSeconds => self.rollout_seconds(grid),
            Metric::RolloutBlockedCount => self.rolled_out(f64::from(tally.rollouts_blocked)),
            Metric::NotReadySeconds => self.not_ready_seconds(grid),
            Metric::CascadePeak => self.cascade_peak(),
            Metric::ShardsPeak => self.shards_peak(),
            Metric::ConnectionsPeak => self.connections_peak(),
            Metric::JobCount => jobs.count as f64,
            Metric::JobsUnseen => jobs.unseen as f64 + self.plan.unseen_jobs,
        }
    }

    /// Active series of the whole fleet at the end.
    fn series_at_end(&self, grid: &Grid) -> f64 {
        let segment = self.plan.resident.driver.segment(grid.end.just_before());
        self.total().volume(segment).series + self.jobs.series_now()
    }
}

/// `value`, or NaN where `limit` is infinite.
fn where_finite(limit: f64, value: f64) -> f64 {
    if limit.is_finite() { value } else { f64::NAN }
}

/// `value`, or NaN where `what` is zero.
fn where_any(what: f64, value: f64) -> f64 {
    if what > 0.0 { value } else { f64::NAN }
}
