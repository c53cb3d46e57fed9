//! All metrics of a fleet at the end: one match names them.

mod cpu;
mod endpoint;
mod life;
mod logs;
mod memory;
mod profiles;
mod samples;
mod spans;

use crate::model::load::timeline::Grid;
use crate::model::pipeline::{Kind, Stream};
use crate::model::record::catalogue::{ByScope, FleetMetric as Metric};
use crate::model::record::outcome::Layout;

use super::Fleet;

pub(in crate::model) use endpoint::value_of_endpoint;

const MONTH_SECONDS: f64 = 30.0 * 86_400.0;

impl Fleet<'_> {
    /// A metric of the fleet.
    #[expect(
        clippy::too_many_lines,
        reason = "a line per metric, so that the compiler asks for each"
    )]
    pub(in crate::model) fn value(&self, metric: Metric, grid: &Grid) -> f64 {
        if metric.is_about_samples() && !self.plan.blueprint.has_series() {
            return f64::NAN;
        }
        if metric.is_about_logs() && self.pipelines.logs.is_empty() {
            return f64::NAN;
        }
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
            Metric::DerivedSeriesPeak => self.derived_series_peak(),
            Metric::MemoryPeak => self.memory_peak(),
            Metric::MemoryPeakMedian => self.memory_peak_median(),
            Metric::LivePeak => where_any(self.live_peak(), self.live_peak()),
            Metric::WorkingSetPeak => self.working_set_peak(),
            Metric::ResidentPeak => self.resident_peak(),
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
            Metric::OomNodeCount => self.node_kills(),
            Metric::OomNodeCollectorRatio => self.node_oom_share(),
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
            Metric::LogsLate => self.pipelines.logs.late_share(),
            Metric::LogsWritten => self.lines(|lines| lines.written),
            Metric::LogsMissed => self.lines(|lines| lines.missed),
            Metric::LogsSent => self.shipped(|shipped| shipped.sent),
            Metric::LogsPending => self.pipelines.logs.pending(),
            Metric::LogsLost => self.lines_lost(),
            Metric::LogsLostLines => self.lost_line_count(),
            Metric::LogsLostRetries => self.shipped(|shipped| shipped.lost_retries),
            Metric::LogsLostLimited => self.shipped(|shipped| shipped.lost_limited),
            Metric::LogsLostRotation => self.lines(|lines| lines.lost_rotation),
            Metric::LogsLostOverflow => self.lines(|lines| lines.lost_overflow),
            Metric::LogsLostClient => self.lines(|lines| lines.lost_client),
            Metric::LogStreamsPeak => self.pipelines.logs.streams_peak(),
            Metric::LogOpeningPeak => self.pipelines.logs.opening_peak(),
            Metric::LogsLostRestart => self.shipped(|shipped| shipped.lost_restart),
            Metric::LogsLostExit => self.lines(|lines| lines.lost_exit),
            Metric::LogsLostWal => self.shipped(|shipped| shipped.lost_wal),
            Metric::LogsLostRejected => self.shipped(|shipped| shipped.lost_rejected),
            Metric::LogsDoubled => self.lines(|lines| lines.doubled),
            Metric::LogsLossRatio => self.lines_loss_ratio(),
            Metric::LogsLag => self.pipelines.logs.lag_peak().secs_f64(),
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
            Metric::SpansOffered
            | Metric::SpansSent
            | Metric::SpansPending
            | Metric::SpansRefusedReceiver
            | Metric::SpansRefusedProcessor
            | Metric::SpansEnqueueFailed
            | Metric::SpansSendFailed
            | Metric::SpansRejected
            | Metric::SpansLostRestart
            | Metric::SpansRefusedCpu
            | Metric::SpansLostRerouting
            | Metric::SpansMissedDown
            | Metric::TracesSplit
            | Metric::EdgesDropped
            | Metric::TracesSplitRatio
            | Metric::SpansDroppedEarly
            | Metric::TracesDroppedEarly
            | Metric::SpansNotSampled
            | Metric::SpansLossRatio
            | Metric::SpansBusiestRatio
            | Metric::OtlpQueuePeakRatio => self.about_spans(metric, grid),
            Metric::ProfilesOffered
            | Metric::ProfilesSent
            | Metric::ProfilesPending
            | Metric::ProfilesSkipped
            | Metric::ProfilesSkippedFirst
            | Metric::ProfilesSendFailed
            | Metric::ProfilesRejected
            | Metric::ProfilesLostRestart
            | Metric::ProfilesMissedCpu
            | Metric::ProfilesMissedDown
            | Metric::ProfilesLossRatio
            | Metric::ProfilesGapPeak => self.about_profiles(metric),
            Metric::JobCount => jobs.count as f64,
            Metric::JobsUnseen => jobs.unseen as f64 + self.plan.unseen_jobs,
        }
    }

    /// The columns of the fleet that say nothing because no collector was in service. Those of a
    /// fleet that is short of room are all but the time for which it waited. Ascending.
    pub(in crate::model) fn unserved(&self, layout: &Layout, values: &[f64]) -> Vec<usize> {
        let columns = layout.columns.iter().zip(values).enumerate();
        let own = columns.filter(|(_, ((scope, _), _))| *scope == self.scope());
        let is_short_of_room = self.is_short_of_room();
        let unserved = own.filter(|(_, ((_, metric), value))| match metric.by_scope() {
            ByScope::Fleet(Metric::PendingSeconds) => false,
            ByScope::Fleet(metric) => {
                is_short_of_room || value.is_nan() && self.is_unserved(metric)
            }
            _ => false,
        });
        unserved.map(|(column, _)| column).collect()
    }

    /// Whether a metric has no value because its collectors existed and none was in service: at any
    /// time, or at the end for what a restart then would need. False where the metric has no meaning
    /// for the fleet.
    fn is_unserved(&self, metric: Metric) -> bool {
        let never_served = self.never_served();
        let ends_unserved = self.count() > 0 && self.tally.rest_live.min(self.live_peak()) <= 0.0;
        let has_limit = self.plan.memory.limit.is_finite();
        match metric {
            Metric::MemoryPeak
            | Metric::MemoryPeakMedian
            | Metric::LivePeak
            | Metric::WorkingSetPeak
            | Metric::ResidentPeak
            | Metric::MemorySum
            | Metric::MemoryLimitNeeded
            | Metric::MemoryReplayPeak => never_served,
            Metric::MemoryPeakRatio => never_served && has_limit,
            Metric::MemoryRest | Metric::MemoryRestartPeak | Metric::MemoryRestartResident => {
                ends_unserved
            }
            Metric::MemoryRestartRatio => ends_unserved && has_limit,
            Metric::WalPeak => never_served && self.writes_wal(),
            Metric::CpuPeak => self.demanded_nothing(),
            Metric::CpuPeakRatio => self.demanded_nothing() && self.has_cpu_limit(),
            Metric::ScrapePeak => self.demanded_nothing() && self.scrapes(),
            _ => false,
        }
    }

    /// Whether collectors existed, and none was in service at any time.
    fn never_served(&self) -> bool {
        self.tally.collector_nanos > 0 && self.live_peak() <= 0.0
    }

    /// Whether the fleet scrapes any target.
    fn scrapes(&self) -> bool {
        self.plan.streams.iter().any(Stream::is_scraped)
    }

    /// Whether the collectors of the fleet write a WAL.
    fn writes_wal(&self) -> bool {
        let mut streams = self.plan.streams.iter();
        let truncates = !self.plan.resident.truncation().every.is_zero();
        truncates && streams.any(|stream| stream.kind == Kind::Metrics)
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
