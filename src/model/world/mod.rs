//! The world of one draw: owns every part, hears every event, decides what follows.
//!
//! `Event` is the table of contents of the model. The world is split by story: `collect` (who carries
//! what), `handover` and `residue` (what moves leave behind), `send` and `overload` (outages, backlogs),
//! `connect` (ports), `contend` (the cores of shared nodes), `fill` (their memory), `fail` (what ends a
//! process and what follows), `stop` (what a graceful end still sends), `nodes` (drains and failures),
//! `update` (rollouts of the fleet itself), `bootstrap` (in which order pods start, and from when on they
//! take targets), `rename` (new pods, new names), `cascade` (who falls with whom), `scale` and `replica`
//! (autoscalers, and what comes and goes by them), `jobs` (short-lived pods), `observe` (what is written
//! down). Who is on a node is in `place`, `neighbour` and `survey`. `simulation` leads from its parts, built
//! in `setup`, `build` and `plan`, to the outcome, written in `finish` from `fleet_values` and
//! `place_values`. Steady collectors have no events; they are settled (`settle`) when something touches
//! them.

mod backlog;
mod bootstrap;
mod build;
mod cascade;
mod collect;
mod connect;
mod contend;
mod disk;
mod endpoint;
mod fail;
mod fill;
mod finish;
mod fleet;
mod fleet_values;
mod handover;
mod job_fleet;
mod jobs;
mod neighbour;
mod nodes;
mod observe;
mod overload;
mod place;
mod place_values;
mod plan;
mod rename;
mod replica;
mod residue;
mod room;
mod route;
mod scale;
mod scaling;
mod send;
mod settle;
mod setup;
mod shortfall;
mod simulation;
mod stop;
mod survey;
mod update;
mod usage;

use crate::engine::{Calendar, Model};
use crate::model::blueprint::Blueprint;
use crate::model::load::draw::Draw;
use crate::model::load::timeline::Grid;
use crate::model::record::outcome::{Happened, Outcome};

pub use simulation::{Scratch, Simulation};

use connect::EgressState;
use endpoint::EndpointState;
use fleet::FleetState;
use job_fleet::JobFleet;
use nodes::PoolState;
use observe::Observer;

/// What can happen, as past facts. One level, 8 bytes.
///
/// Numbers name parts: fleets, endpoints, egresses and pools as in the blueprint, collectors through
/// all fleets, nodes within their pool. An event of a collector bears the collector's `stamp` of when it
/// was scheduled; one with an older stamp was superseded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are the numbers described above")]
pub enum Event {
    // collect
    /// Nodes or pods of a fleet came or went.
    FleetResized { fleet: u32 },
    /// As many targets of a fleet were replaced as there are.
    TargetsReplaced { fleet: u32 },
    /// The other collectors of a group noticed that one is gone.
    TargetsTakenOver { fleet: u16, group: u32 },
    // send
    /// An endpoint stops answering.
    OutageStarted { endpoint: u32 },
    /// An endpoint answers again.
    OutageEnded { endpoint: u32 },
    // connect
    /// The last connections of a surge have given their ports back.
    SurgeEnded { egress: u32 },
    // contend
    /// The nodes of a pool are looked at, once per cell of the grid.
    NodesExamined { pool: u32 },
    // fail
    /// A collector needs more memory than its limit.
    MemoryExceeded { stamp: u16, collector: u32 },
    /// A collector restarts for a reason of its own.
    CollectorInterrupted { stamp: u16, collector: u32 },
    /// A collector has started and replayed its log.
    CollectorStarted { stamp: u16, collector: u32 },
    /// A wave begins to drain the nodes of a pool.
    DrainWaveStarted { pool: u32 },
    /// A node is drained.
    NodeDrained { pool: u16, node: u32 },
    /// A node failed.
    NodeFailed { pool: u16, node: u32 },
    /// A zone is gone, with the nodes of a pool in it; `failure` numbers the pool's planned ones.
    ZoneFailed { pool: u16, failure: u32 },
    // scale
    /// What the replicas of a group use is measured.
    UsageMeasured { fleet: u16, group: u32 },
    /// The autoscaler of a group sees what was measured one lag ago.
    ReplicasReviewed { fleet: u16, group: u32 },
    /// A new replica has found a node and started.
    ReplicaStarted { stamp: u16, collector: u32 },
    // update
    /// A new version of a fleet is rolled out, for a `periodic` reason or a planned one.
    RolloutStarted { periodic: bool, fleet: u32 },
    /// A new pod of a Deployment is ready beside the one that it replaces.
    PodSurged { fleet: u16, index: u32 },
    /// A collector, numbered within its fleet, has been in service for long enough to count.
    CollectorAvailable { fleet: u16, index: u32 },
    // bootstrap
    /// A cluster has been too small for as long as its collectors wait.
    WaitEnded { fleet: u16, group: u32 },
    // jobs
    /// A job starts with its sidecar.
    JobArrived { fleet: u32 },
    /// A job's pod is gone; its sidecar gives its ports back if it was `connected`.
    JobEnded { connected: bool, fleet: u32 },
    /// What a job's sidecar held back has gone with it.
    JobLostSamples { fleet: u16, samples: u32 },
    // observe
    /// A point of the tracks is written down.
    Observed { point: u32 },
}

const _: () = assert!(size_of::<Event>() == 8);

/// The world of one draw of one case.
#[derive(Debug)]
struct World<'a> {
    blueprint: &'a Blueprint,
    grid: Grid,
    draw: Draw,
    fleets: Vec<FleetState>,
    pools: Vec<PoolState>,
    endpoints: Vec<EndpointState>,
    egresses: Vec<EgressState>,
    jobs: Vec<JobFleet<'a>>,
    observer: Observer,
}

/// Whether collector-level happenings are written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recording {
    /// No: the outcome only.
    Off,
    /// Yes, for `events.csv`.
    On,
}

/// Builds and runs the [`Simulation`] of a draw and a replication at once, in memory of its own.
pub fn simulate(
    blueprint: &Blueprint,
    seed: u64,
    which: (u32, u32),
    recording: Recording,
) -> (Outcome, Happened) {
    let mut scratch = Scratch::default();
    Simulation::new(blueprint, seed, which, recording, &mut scratch).run()
}

/// Names of the unknown quantities of a case, in the order of [`Outcome::unknowns`].
pub fn unknowns(blueprint: &Blueprint) -> Vec<String> {
    World::new(blueprint, Draw::new(0, 0, 0), Recording::Off)
        .draw
        .into_unknowns()
        .0
}

impl Model for World<'_> {
    type Event = Event;

    fn handle(&mut self, event: Event, calendar: &mut Calendar<Event>) {
        match event {
            Event::FleetResized { fleet } => self.fleet_resized(fleet as usize, calendar),
            Event::TargetsReplaced { fleet } => self.targets_replaced(fleet as usize, calendar),
            Event::TargetsTakenOver { fleet, group } => {
                self.rebalance(fleet.into(), group as usize, calendar);
            }
            Event::OutageStarted { endpoint } => self.outage_started(endpoint as usize, calendar),
            Event::OutageEnded { endpoint } => self.outage_ended(endpoint as usize, calendar),
            Event::SurgeEnded { egress } => self.surge_ended(egress as usize, calendar),
            Event::NodesExamined { pool } => self.nodes_examined(pool as usize, calendar),
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
            Event::UsageMeasured { fleet, group } => {
                self.usage_measured(fleet.into(), group as usize, calendar);
            }
            Event::ReplicasReviewed { fleet, group } => {
                self.replicas_reviewed(fleet.into(), group as usize, calendar);
            }
            Event::ReplicaStarted { collector, .. } => self.replica_started(collector, calendar),
            Event::DrainWaveStarted { pool } => self.drain_wave_started(pool as usize, calendar),
            Event::NodeDrained { pool, node } => self.node_drained(pool.into(), node, calendar),
            Event::NodeFailed { pool, node } => self.node_failed(pool.into(), node, calendar),
            Event::ZoneFailed { pool, failure } => {
                self.zone_failed(pool.into(), failure as usize, calendar);
            }
            Event::RolloutStarted { periodic, fleet } => {
                self.rollout_started(fleet as usize, periodic, calendar);
            }
            Event::PodSurged { fleet, index } => self.pod_surged(fleet.into(), index, calendar),
            Event::CollectorAvailable { fleet, index } => {
                self.collector_available(fleet.into(), index, calendar);
            }
            Event::WaitEnded { fleet, group } => {
                self.wait_ended(fleet.into(), group as usize, calendar);
            }
            Event::JobArrived { fleet } => self.job_arrived(fleet as usize, calendar),
            Event::JobEnded { connected, fleet } => {
                self.job_ended(fleet as usize, connected, calendar.now());
            }
            Event::JobLostSamples { fleet, samples } => {
                self.job_lost_samples(fleet.into(), samples, calendar.now());
            }
            Event::Observed { point } => self.observed(point as usize, calendar),
        }
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
