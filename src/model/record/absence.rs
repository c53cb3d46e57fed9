//! Why a metric has no value.

use super::catalogue::{ByScope, Failure, FleetMetric, Metric, Scope};
use crate::model::blueprint::Blueprint;

impl FleetMetric {
    /// Whether the metric is about samples, so that it has no value for a fleet that scrapes no
    /// metrics.
    pub(in crate::model) const fn is_about_samples(self) -> bool {
        matches!(
            self,
            Self::NetworkMean
                | Self::SeriesActivePeak
                | Self::SeriesActiveEnd
                | Self::SeriesPerCollectorPeak
                | Self::ScrapePeak
                | Self::SamplesOffered
                | Self::SamplesScraped
                | Self::MissedDown
                | Self::MissedCpu
                | Self::MissedPull
                | Self::SamplesDue
                | Self::SamplesSent
                | Self::SamplesPending
                | Self::LostRestart
                | Self::LostTruncation
                | Self::LostOverload
                | Self::LostRejected
                | Self::LostExit
                | Self::LossRatio
                | Self::BacklogPeak
                | Self::BacklogPeakSeconds
                | Self::DrainSeconds
                | Self::ShardsPeak
        )
    }

    /// Whether the metric is about log lines.
    pub(in crate::model) const fn is_about_logs(self) -> bool {
        matches!(
            self,
            Self::LogsLate
                | Self::LogsWritten
                | Self::LogsMissed
                | Self::LogsSent
                | Self::LogsPending
                | Self::LogsLost
                | Self::LogsLostLines
                | Self::LogsLostRetries
                | Self::LogsLostLimited
                | Self::LogsLostRotation
                | Self::LogsLostOverflow
                | Self::LogsLostRestart
                | Self::LogsLostClient
                | Self::LogsLostWal
                | Self::LogStreamsPeak
                | Self::LogOpeningPeak
                | Self::LogsLostExit
                | Self::LogsLostRejected
                | Self::LogsDoubled
                | Self::LogsLossRatio
                | Self::LogsLag
        )
    }
}

impl FleetMetric {
    /// Whether the metric is about spans, so that it has no value for a fleet without traces.
    const fn is_about_spans(self) -> bool {
        matches!(
            self,
            Self::SpansOffered
                | Self::SpansSent
                | Self::SpansPending
                | Self::SpansRefusedReceiver
                | Self::SpansRefusedProcessor
                | Self::SpansEnqueueFailed
                | Self::SpansSendFailed
                | Self::SpansRejected
                | Self::SpansLostRestart
                | Self::SpansRefusedCpu
                | Self::SpansLostRerouting
                | Self::SpansMissedDown
                | Self::TracesSplit
                | Self::TracesSplitRatio
                | Self::SpansDroppedEarly
                | Self::TracesDroppedEarly
                | Self::SpansNotSampled
                | Self::SpansLossRatio
                | Self::SpansBusiestRatio
                | Self::OtlpQueuePeakRatio
        )
    }
}

impl FleetMetric {
    /// Whether the metric is about profiles, so that it has no value for a fleet without profiles.
    const fn is_about_profiles(self) -> bool {
        matches!(
            self,
            Self::ProfilesOffered
                | Self::ProfilesSent
                | Self::ProfilesSendFailed
                | Self::ProfilesRejected
                | Self::ProfilesLostRestart
                | Self::ProfilesPending
                | Self::ProfilesSkipped
                | Self::ProfilesSkippedFirst
                | Self::ProfilesMissedCpu
                | Self::ProfilesMissedDown
                | Self::ProfilesLossRatio
                | Self::ProfilesGapPeak
        )
    }
}

/// What a fleet lacks that only scrapes metrics.
const NO_LOGS: &str = "the fleet tails no logs";

/// What a fleet lacks that only tails logs.
const NO_METRICS: &str = "the fleet scrapes no metrics";

/// What a fleet lacks that receives no spans.
const NO_TRACES: &str = "the fleet collects no traces";

/// What a fleet lacks that takes no profiles.
const NO_PROFILES: &str = "the fleet collects no profiles";

impl Failure {
    /// Why the failure cannot happen in a scope, as the end of "no value: …"; `None` if it can.
    pub fn absence(self, scope: Scope, blueprint: &Blueprint) -> Option<&'static str> {
        let Scope::Fleet(id) = scope else {
            return None;
        };
        let fleet = &blueprint.fleets[id];
        match self {
            Self::SpansLost => fleet.traces_of.is_empty().then_some(NO_TRACES),
            Self::LogsLost => fleet.logs_of.is_empty().then_some(NO_LOGS),
            Self::ProfilesLost => fleet.profiles_of.is_empty().then_some(NO_PROFILES),
            Self::DataLost => {
                let has_none = fleet.metrics_of.is_empty() && fleet.traces_of.is_empty();
                has_none.then_some(NO_METRICS)
            }
            _ => None,
        }
    }
}

impl Metric {
    /// Why a scope can have no value of the metric in any draw; `None` if it may have one.
    pub fn lack(self, scope: Scope, blueprint: &Blueprint) -> Option<&'static str> {
        let (Scope::Fleet(id), ByScope::Fleet(metric)) = (scope, self.by_scope()) else {
            return None;
        };
        let fleet = &blueprint.fleets[id];
        let lacks = match self {
            Self::ScaleUpCount | Self::ScaleDownCount => fleet.autoscaling.is_none(),
            Self::MemoryPeakRatio | Self::MemoryRestartRatio => {
                fleet.resources.memory_limit.is_none()
            }
            Self::CpuPeakRatio => fleet.resources.cpu_limit_cores.is_none(),
            _ if metric.is_about_samples() => !fleet.has_series(),
            _ if metric.is_about_logs() => fleet.logs_of.is_empty(),
            _ if metric.is_about_spans() => fleet.traces_of.is_empty(),
            _ if metric.is_about_profiles() => fleet.profiles_of.is_empty(),
            _ => false,
        };
        lacks.then(|| self.absence())
    }

    /// Why a scope may have no value of the metric in any draw, as the end of "no value: …".
    pub const fn absence(self) -> &'static str {
        match self {
            Self::ScaleUpCount | Self::ScaleDownCount => "the fleet has no autoscaler",
            Self::MemoryPeakRatio | Self::MemoryRestartRatio => {
                "the fleet has no memory limit, or no collector"
            }
            Self::CpuPeakRatio => "the fleet has no CPU limit",
            Self::RolloutPeakSeconds | Self::RolloutBlockedCount => {
                "no rollout of the collectors began"
            }
            Self::NotReadySeconds => "no cluster of the fleet waits for a size",
            Self::CascadePeak => "the fleet has no cluster",
            Self::MemoryReplayPeak => "no collector started with a write-ahead log",
            Self::WalPeak => "no collector wrote a write-ahead log",
            Self::CatchUpRatio
            | Self::IngestPeak
            | Self::IngestMean
            | Self::EndpointSent
            | Self::EndpointLost
            | Self::WirePeak
            | Self::WireMean => "the endpoint takes no metrics",
            Self::LogStreamsPeak | Self::LogOpeningPeak => {
                "the fleet reads no logs through the API server"
            }
            Self::TracesDroppedEarly | Self::SpansDroppedEarly | Self::SpansNotSampled => {
                "the fleet samples no traces"
            }
            Self::DerivedSeriesPeak => "the fleet derives no series from spans",
            Self::EdgesDropped => "the fleet has no service graph",
            Self::PortsPeakRatio => "the egress has no ports to share",
            _ => match self.by_scope() {
                ByScope::Pool(_) => "no application runs on the nodes",
                ByScope::Fleet(metric) if metric.is_about_samples() => NO_METRICS,
                ByScope::Fleet(metric) if metric.is_about_logs() => NO_LOGS,
                ByScope::Fleet(metric) if metric.is_about_spans() => NO_TRACES,
                ByScope::Fleet(metric) if metric.is_about_profiles() => NO_PROFILES,
                ByScope::Fleet(_) => "the fleet has no collector",
                ByScope::Egress(_) | ByScope::Endpoint(_) => "the draws have none",
            },
        }
    }
}
