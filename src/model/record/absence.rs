//! Why a metric has no value.

use super::catalogue::{Metric, ScopeKind};

impl Metric {
    /// Why a scope may have no value of the metric in any draw, as the end of "no value: …".
    pub const fn absence(self) -> &'static str {
        match self {
            Self::ScaleUpCount | Self::ScaleDownCount | Self::PendingSeconds => {
                "the fleet has no autoscaler"
            }
            Self::MemoryPeakRatio | Self::MemoryRestartRatio => {
                "the fleet has no memory limit, or no collector"
            }
            Self::CpuPeakRatio => "the fleet has no CPU limit",
            Self::RolloutPeakSeconds | Self::RolloutBlockedCount => {
                "no rollout of the collectors began"
            }
            Self::NotReadySeconds => "no cluster of the fleet waits for a size",
            Self::CascadePeak => "the fleet has no cluster",
            Self::ScrapePeak | Self::LossRatio => "the fleet scrapes no metrics",
            Self::MemoryReplayPeak => "no collector started with a write-ahead log",
            Self::WalPeak => "no collector wrote a write-ahead log",
            Self::CatchUpRatio
            | Self::IngestPeak
            | Self::IngestMean
            | Self::EndpointSent
            | Self::EndpointLost
            | Self::WirePeak
            | Self::WireMean => "the endpoint takes no metrics",
            Self::PortsPeakRatio => "the egress has no ports to share",
            _ => match self.info().scope {
                ScopeKind::Pool => "no application runs on the nodes",
                ScopeKind::Fleet => "the fleet has no collector",
                ScopeKind::Egress | ScopeKind::Endpoint => "the draws have none",
            },
        }
    }
}
