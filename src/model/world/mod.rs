//! The world of one draw. The world owns every part, handles every event and connects the parts.
//!
//! A script here is a few lines. A fleet, an endpoint, a gateway or a pool does its own part, and
//! returns facts. The world does what the facts ask for. `build` makes the parts. `simulation`
//! leads from them to the outcome, which `finish` writes.

mod build;
mod fill;
mod finish;
mod fleets;
mod glimpse;
mod jobs;
mod nodes;
mod observe;
mod outages;
mod ports;
mod relays;
#[cfg(test)]
mod resting;
mod scaling;
mod simulation;

use crate::engine::Model;
use crate::model::egress::Gateway;
use crate::model::endpoint::Endpoint;
use crate::model::fleet::{Fleet, Relays, look_at_changes};
pub use crate::model::load::draw::Replication;
use crate::model::moment::{Calendar, Event, Setting};
use crate::model::node::Pool;
pub use crate::model::record::observer::Recording;

pub use glimpse::{Enough, Glimpse};
pub use simulation::{Scratch, Simulation, simulate, unknowns};

/// The world of one draw of one case.
#[derive(Debug)]
struct World<'a> {
    setting: Setting<'a>,
    fleets: Vec<Fleet<'a>>,
    pools: Vec<Pool>,
    endpoints: Vec<Endpoint<'a>>,
    gateways: Vec<Gateway<'a>>,
    relays: Relays,
}

impl Model for World<'_> {
    type Event = Event;

    fn handle(&mut self, event: Event, calendar: &mut Calendar) {
        self.relay_before(event, calendar);
        match event {
            Event::FleetResized { fleet } => self.fleet_resized(fleet, calendar),
            Event::TargetsReplaced { fleet } => self.targets_replaced(fleet, calendar),
            Event::TargetsTakenOver { fleet, cluster } => {
                self.targets_taken_over(fleet, cluster, calendar);
            }
            Event::OutageStarted { endpoint } => self.outage_started(endpoint, calendar),
            Event::OutageEnded { endpoint } => self.outage_ended(endpoint, calendar),
            Event::CapacityDealt { endpoint } => self.capacity_dealt(endpoint, calendar),
            Event::Relayed { fleet } => self.relayed(fleet, calendar),
            Event::SurgeEnded { egress } => self.surge_ended(egress, calendar),
            Event::NodesExamined { pool } => self.nodes_examined(pool, calendar),
            Event::MemoryExceeded { collector, .. }
            | Event::CollectorInterrupted { collector, .. }
            | Event::CollectorStarted { collector, .. }
            | Event::ReplicaStarted { collector, .. }
                if !self.is_due(collector, calendar.now()) => {}
            Event::MemoryExceeded { collector, .. } => self.memory_exceeded(collector, calendar),
            Event::CollectorInterrupted { collector, .. } => {
                self.collector_interrupted(collector, calendar);
            }
            Event::CollectorStarted { collector, .. } => {
                self.collector_started(collector, calendar);
            }
            Event::UsageMeasured { fleet, cluster } => {
                self.usage_measured(fleet, cluster, calendar);
            }
            Event::ReplicasReviewed { fleet, cluster } => {
                self.replicas_reviewed(fleet, cluster, calendar);
            }
            Event::ReplicaStarted { collector, .. } => self.replica_started(collector, calendar),
            Event::DrainWaveStarted { pool } => self.drain_wave_started(pool, calendar),
            Event::NodeDrained { pool, node } => self.node_drained(pool, node, calendar),
            Event::NodeFailed { pool, node } => self.node_failed(pool, node, calendar),
            Event::ZoneFailed { pool, failure } => {
                self.zone_failed(pool, failure as usize, calendar);
            }
            Event::RolloutStarted { periodic, fleet } => {
                self.fleets[fleet].start_rollout(periodic, &mut self.setting.moment(calendar));
            }
            Event::RouterUpgraded { fleet } => self.router_upgraded(fleet, calendar),
            Event::PodSurged { fleet, index } => self.pod_surged(fleet, index, calendar),
            Event::CollectorAvailable { fleet, index } => {
                self.fleets[fleet].look_available(index, &mut self.setting.moment(calendar));
            }
            Event::WaitEnded { fleet, cluster } => {
                self.wait_ended(fleet, cluster, calendar);
            }
            Event::JobArrived { fleet } => self.job_arrived(fleet, calendar),
            Event::JobEnded { connected, fleet } => {
                self.job_ended(fleet, connected, calendar.now());
            }
            Event::JobLostSamples { fleet, samples } => {
                self.fleets[fleet].lose_with_job(samples, &mut self.setting.moment(calendar));
            }
            Event::HorizonBegan => self.begin_horizon(calendar),
            Event::Observed { point } => self.observed(point as usize, calendar),
        }
        self.look_at_relays(calendar);
        let moment = &mut self.setting.moment(calendar);
        look_at_changes(&self.fleets, &mut self.endpoints, moment);
    }

    fn is_stale(&self, event: &Event) -> bool {
        match *event {
            Event::MemoryExceeded { stamp, collector }
            | Event::CollectorInterrupted { stamp, collector }
            | Event::CollectorStarted { stamp, collector }
            | Event::ReplicaStarted { stamp, collector } => self.stamp_of(collector) != stamp,
            _ => false,
        }
    }
}
