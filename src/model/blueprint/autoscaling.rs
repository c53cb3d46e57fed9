//! Who sets the number of replicas of a centralized fleet.

use super::{Blueprint, FleetId};
use crate::model::law::{Law, Quantity};
use crate::units::SimDuration;

/// A `HorizontalPodAutoscaler` in each cluster.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Autoscaling {
    /// Least number of replicas in one cluster.
    pub min: u32,
    /// Greatest number of replicas in one cluster.
    pub max: u32,
    /// Target utilisation of the memory request, in percent; `None` = memory decides nothing.
    pub memory_percent: Option<u32>,
    /// Target utilisation of the CPU request, in percent; `None` = CPU decides nothing.
    pub cpu_percent: Option<u32>,
    /// Tolerance: share by which a metric may miss its target without any change of replicas.
    pub tolerance: f64,
    /// Sync period: time between two evaluations of the autoscaler.
    pub sync: SimDuration,
    /// Stabilization window for scaling up: time for which a higher recommendation must last.
    pub scale_up_window: SimDuration,
    /// Stabilization window for scaling down: time for which a lower recommendation must last.
    pub scale_down_window: SimDuration,
    /// Seconds from a measurement until the autoscaler sees it. Role: unknown.
    pub metric_lag: Quantity,
    /// Seconds until a new node is ready for replicas that fit no node. Role: noise.
    pub node_provisioning: Law,
}

impl Blueprint {
    /// The most replicas that the autoscalers of a fleet may request; `None` without autoscaling.
    pub fn replicas_max(&self, fleet: FleetId) -> Option<u32> {
        let fleet = &self.fleets[fleet];
        let plan = fleet.autoscaling.as_ref()?;
        Some(plan.max * self.clusters_of(fleet))
    }
}
