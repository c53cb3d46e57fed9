//! Who sets the number of replicas of a centralized fleet.

use super::{Blueprint, Fleet, FleetId};
use crate::model::law::{Law, Quantity};
use crate::units::SimDuration;

/// A `HorizontalPodAutoscaler` in each cluster.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Autoscaling {
    /// Least number of replicas in one cluster.
    pub min: u32,
    /// Greatest number of replicas in one cluster.
    pub max: u32,
    /// Mean use of the memory request that is wanted, in percent; `None` = memory decides nothing.
    pub memory_percent: Option<u32>,
    /// Mean use of the CPU request that is wanted, in percent; `None` = CPU decides nothing.
    pub cpu_percent: Option<u32>,
    /// Share by which a metric may miss its target without any change.
    pub tolerance: f64,
    /// Time between two looks.
    pub sync: SimDuration,
    /// Time for which a higher recommendation must last.
    pub scale_up_window: SimDuration,
    /// Time for which a lower recommendation must last.
    pub scale_down_window: SimDuration,
    /// Seconds from a measurement until a look sees it. Role: unknown.
    pub metric_lag: Quantity,
    /// Seconds until a node is there for replicas that no node has room for. Role: noise.
    pub node_provisioning: Law,
}

impl Blueprint {
    /// Clusters that a fleet serves: those of its own pools, or else of what it collects.
    pub fn clusters_of(&self, fleet: &Fleet) -> u32 {
        let of_workload = || {
            let workload = fleet.metrics_of.first().or(fleet.logs_of.first())?;
            self.workloads[*workload].runs_on.first()
        };
        let pool = fleet.runs_on.first().or_else(of_workload);
        pool.map_or(1, |&pool| self.pools[pool].clusters)
    }

    /// The most replicas that the autoscalers of a fleet may ask for, if it has some.
    pub fn replicas_max(&self, fleet: FleetId) -> Option<u32> {
        let fleet = &self.fleets[fleet];
        let plan = fleet.autoscaling.as_ref()?;
        Some(plan.max * self.clusters_of(fleet))
    }
}
