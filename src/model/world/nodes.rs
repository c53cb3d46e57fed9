//! Nodes: their evaluation in each cell, their drains and their failures.

use crate::model::blueprint::{FleetId, PoolId};
use crate::model::fleet::End;
use crate::model::moment::{Calendar, Event};
use crate::model::node::PoolSnapshot;
use crate::model::record::catalogue::{Failure, Scope};
use crate::model::record::outcome::RecordKind;
use crate::units::{SimDuration, SimTime, small};

use super::World;

/// Time that one node is away while it is drained, replaced and rejoined.
///
/// Source: kubernetes/autoscaler, cluster-autoscaler FAQ, node provisioning of 3 to 4 minutes
/// (read 2026-11).
const NODE_AWAY: SimDuration = SimDuration::from_secs(210);

/// Time until a failed node is noticed, its pods leave and a new node is ready.
///
/// Source: Kubernetes documentation, "Nodes" (not ready after 40 s, pods evicted after 300 s), and
/// the provisioning time above (read 2026-11).
const FAILURE_AWAY: SimDuration = SimDuration::from_secs(40 + 300 + 210);

impl World<'_> {
    /// Schedules drains and failures of the nodes of a pool.
    pub(super) fn plan_nodes(&mut self, pool: PoolId, calendar: &mut Calendar) {
        let state = &self.pools[pool];
        if let Some(wait) = state.first_wave(&self.setting.draw) {
            let event = Event::DrainWaveStarted { pool };
            calendar.schedule(SimTime::ZERO + wait, event);
        }
        for node in 0..state.nodes_max() {
            self.plan_failure(pool, node, calendar);
        }
        let failures = &self.setting.blueprint.pools[pool].zone_failures;
        for (failure, zone) in failures.iter().enumerate() {
            let at = self.setting.grid.instant(zone.at.secs_f64());
            let event = Event::ZoneFailed {
                pool,
                failure: small(failure),
            };
            calendar.schedule(at, event);
        }
        if self.pools[pool].is_examined() {
            calendar.schedule(SimTime::ZERO, Event::NodesExamined { pool });
        }
    }

    fn plan_failure(&self, pool: PoolId, node: u32, calendar: &mut Calendar) {
        if let Some(wait) = self.pools[pool].next_failure(node, &self.setting.draw) {
            let at = calendar.now() + wait;
            calendar.schedule(at, Event::NodeFailed { pool, node });
        }
    }

    /// One cell of the grid: every node of a pool is evaluated.
    ///
    /// Simplified: shared CPU and memory are compared once per cell, memory also when a collector
    /// starts. Each evaluation finds at most one victim per node.
    pub(super) fn nodes_examined(&mut self, pool: PoolId, calendar: &mut Calendar) {
        let now = calendar.now();
        self.count_nodes(pool, now);
        let cell = self.setting.grid.cell_at(now);
        let blueprint = self.setting.blueprint;
        let cores = blueprint.pools[pool].node.cpu_cores;
        let mut snapshot = self.pools[pool].begin_snapshot(cell, cores);
        for fleet in &self.fleets {
            for run in fleet.runs_on(pool, blueprint) {
                fleet.add_run(run, now, &mut snapshot);
            }
        }
        self.share_cores(pool, &snapshot, now);
        self.examine_memory(pool, &snapshot.totals, calendar);
        self.pools[pool].snapshot = snapshot;
        let next = now + self.setting.grid.cell;
        if next < self.setting.grid.end {
            calendar.schedule(next, Event::NodesExamined { pool });
        }
    }

    fn share_cores(&mut self, pool: PoolId, snapshot: &PoolSnapshot, now: SimTime) {
        let fleets = &mut self.fleets;
        let cores = self.setting.blueprint.pools[pool].node.cpu_cores;
        let cell = self.setting.grid.cell;
        let grant = |fleet: FleetId, index, share| fleets[fleet].grant(index, share, now);
        let noticed = self.pools[pool].share_cores(snapshot, cores, cell, grant);
        let observer = &mut self.setting.observer;
        observer.slowdown(pool, noticed.worst);
        let what = (Failure::NodeOverloaded, RecordKind::NodeOverloaded);
        observer.first_on_node(pool, noticed.overloaded, what, now);
        let what = (Failure::NeighbourSlowed, RecordKind::NeighbourSlowed);
        observer.first_on_node(pool, noticed.failed, what, now);
    }

    /// Counts the nodes of a pool at `now`.
    fn count_nodes(&mut self, pool: PoolId, now: SimTime) {
        let cell = self.setting.grid.cell_at(now);
        self.pools[pool].alive = self.pools[pool].nodes_at(cell);
    }

    /// A wave begins to drain every node of a pool in turn.
    pub(super) fn drain_wave_started(&mut self, pool: PoolId, calendar: &mut Calendar) {
        let next = calendar.now() + self.pools[pool].next_wave();
        let event = Event::DrainWaveStarted { pool };
        calendar.schedule(next, event);
        calendar.schedule(calendar.now(), Event::NodeDrained { pool, node: 0 });
    }

    /// A node is drained. The collectors of the node move or wait, and the next node follows.
    pub(super) fn node_drained(&mut self, pool: PoolId, node: u32, calendar: &mut Calendar) {
        self.count_nodes(pool, calendar.now());
        self.empty_node(pool, node, calendar);
        let node = node + 1;
        if node < self.pools[pool].alive {
            let at = calendar.now() + self.pools[pool].drain_step();
            calendar.schedule(at, Event::NodeDrained { pool, node });
        }
    }

    /// Asks every collector on a node to stop. A daemon waits for its node; other collectors start
    /// elsewhere.
    fn empty_node(&mut self, pool: PoolId, node: u32, calendar: &mut Calendar) {
        for (fleet, index) in self.collectors_on(pool, node) {
            let moment = &mut self.setting.moment(calendar);
            let fleet = &mut self.fleets[fleet];
            let away = fleet.follows_nodes().then_some(NODE_AWAY);
            let away = away.unwrap_or_default();
            fleet.end_if_up(index, End::Asked { away }, moment);
        }
    }

    /// A node fails. Schedules the failure of its successor.
    pub(super) fn node_failed(&mut self, pool: PoolId, node: u32, calendar: &mut Calendar) {
        self.count_nodes(pool, calendar.now());
        if node < self.pools[pool].alive {
            self.lose_node(pool, node, FAILURE_AWAY, calendar);
        }
        self.pools[pool].note_failed(node);
        self.plan_failure(pool, node, calendar);
    }

    /// A zone is away for a while, with every node of a pool in it.
    pub(super) fn zone_failed(&mut self, pool: PoolId, failure: usize, calendar: &mut Calendar) {
        let plan = &self.setting.blueprint.pools[pool];
        let (zones, zone) = (plan.zones.max(1), plan.zone_failures[failure].zone);
        let away = plan.zone_failures[failure].lasts;
        self.count_nodes(pool, calendar.now());
        for node in (zone..self.pools[pool].alive).step_by(zones as usize) {
            self.lose_node(pool, node, away, calendar);
        }
    }

    fn lose_node(&mut self, pool: PoolId, node: u32, away: SimDuration, calendar: &mut Calendar) {
        self.pools[pool].tally.failures += 1;
        let there = self.collectors_on(pool, node);
        let moment = &mut self.setting.moment(calendar);
        let failed = RecordKind::NodeFailed;
        moment.note(Scope::Pool(pool), Some(node), failed, f64::NAN);
        for (fleet, index) in there {
            self.fleets[fleet].end_if_up(index, End::NodeLost { away }, moment);
        }
    }

    /// Collectors on one node of a pool: `(fleet, index)`.
    fn collectors_on(&self, pool: PoolId, node: u32) -> Vec<(FleetId, u32)> {
        let (blueprint, nodes) = (self.setting.blueprint, self.pools[pool].alive);
        let fleets = self.fleets.iter();
        let runs = fleets.flat_map(|fleet| fleet.runs_on(pool, blueprint));
        runs.flat_map(|run| {
            let numbers = run.numbers_on(node, nodes);
            numbers.map(move |number| (run.fleet, run.base + number))
        })
        .collect()
    }

    /// The pool and node of a collector; `None` on machines of its own.
    pub(super) fn node_of(&self, fleet: FleetId, index: u32) -> Option<(PoolId, u32)> {
        let place = self.fleets[fleet].place_of(index)?;
        let nodes = self.pools[place.pool].alive.max(1);
        let node = if place.strewn {
            place.number % nodes
        } else {
            place.number
        };
        Some((place.pool, node))
    }
}
