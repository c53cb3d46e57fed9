//! Node pools in one draw: how many nodes there are, and what drains and fails them.

use rand_distr::{Distribution, Exp1};

use crate::engine::{Calendar, key_of};
use crate::model::blueprint::Pool;
use crate::model::load::draw::{Draw, Purpose};
use crate::model::load::timeline::{Grid, Timeline};
use crate::model::record::catalogue::Scope;
use crate::model::record::outcome::What;
use crate::units::SimTime;

use super::collect::small;
use super::fail::End;
use super::neighbour::Application;
use super::survey::{Crowd, Survey};
use super::{Event, World};

/// Seconds that one node is away while it is drained, replaced and rejoined.
///
/// Source: kubernetes/autoscaler, cluster-autoscaler FAQ, node provisioning of 3 to 4 minutes
/// (read 2026-11).
const NODE_AWAY_SECONDS: f64 = 210.0;

/// Seconds from one drain of a wave to the next; a wave takes at most [`WAVE_SECONDS`] in all.
///
/// INFERRED: one node after the other, provisioning and settling; no source states a figure.
const DRAIN_STEP_SECONDS: f64 = 300.0;

/// Seconds that a wave over all nodes of a pool takes at the most, by draining several at once.
///
/// INFERRED: a maintenance window of eight hours.
const WAVE_SECONDS: f64 = 28_800.0;

/// Seconds until a failed node is noticed, its pods leave and a new node is there.
///
/// Source: Kubernetes documentation, "Nodes" (not ready after 40 s, pods evicted after 300 s), and
/// the provisioning time above (read 2026-11).
const FAILURE_AWAY_SECONDS: f64 = 40.0 + 300.0 + NODE_AWAY_SECONDS;

/// A node pool in one draw.
#[derive(Clone, Debug)]
pub(super) struct PoolState {
    pub key: u64,
    /// Nodes of all clusters, per cell of the grid.
    pub nodes: Vec<u32>,
    /// Nodes now.
    pub alive: u32,
    /// What applications take from its nodes.
    pub applications: Vec<Application>,
    /// What everybody wants of its nodes, and who is on one: kept to use the memory again.
    pub survey: Survey,
    pub crowd: Crowd,
    pub drain_seconds: Option<f64>,
    pub failure_seconds: Option<f64>,
    /// Failures so far of each place for a node, so that each failure has a random number of its own.
    failed: Vec<u32>,
    pub waves: u32,
    pub tally: PoolTally,
}

/// Extremes and sums of one pool.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct PoolTally {
    pub cpu_peak_ratio: f64,
    pub memory_peak_ratio: f64,
    pub slowdown_sum: f64,
    pub node_cells: f64,
    pub slowdown_peak: f64,
    pub slowed: f64,
    pub overloaded: f64,
    pub displaced: f64,
    pub node_ooms: u64,
    pub app_kills: u64,
    pub failures: u64,
}

impl PoolState {
    /// The pool with its unknowns drawn.
    pub(super) fn draw(pool: &Pool, grid: &Grid, draw: &mut Draw) -> Self {
        let path = format!("pool.{}", pool.name);
        let trend = draw.trend(&format!("{path}.nodes"), &pool.nodes);
        let count = |cell: usize| {
            let at = (grid.start_of(cell) as f64 - grid.lead as f64) / 1e9;
            let nodes = (trend.smooth(grid.middle(cell)) * trend.stepped(at)).round();
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "saturates"
            )]
            let nodes = nodes.max(1.0) as u32;
            nodes.saturating_mul(pool.clusters)
        };
        let nodes: Vec<u32> = (0..grid.cells()).map(count).collect();
        let mut interval = |key: &str, interval: Option<crate::model::law::Quantity>| {
            interval.map(|interval| draw.centre(&format!("{path}.{key}"), &interval))
        };
        Self {
            key: key_of(&path),
            alive: nodes[0],
            failed: vec![0; nodes.iter().copied().max().unwrap_or(0) as usize],
            nodes,
            applications: Vec::new(),
            survey: Survey::default(),
            crowd: Crowd::default(),
            drain_seconds: interval("drains", pool.drain_interval),
            failure_seconds: interval("node_failures", pool.failure_interval),
            waves: 0,
            tally: PoolTally::default(),
        }
    }
}

impl World<'_> {
    /// Gives every pool the applications that run on it.
    pub(super) fn attach_applications(&mut self, timelines: &[Timeline]) {
        for pool in 0..self.pools.len() {
            let applications = Application::all_on(self, pool, timelines);
            self.pools[pool].applications = applications;
        }
    }

    /// Plans what happens to the nodes of a pool.
    pub(super) fn plan_nodes(&mut self, pool: usize, calendar: &mut Calendar<Event>) {
        let key = self.pools[pool].key;
        if let Some(every) = self.pools[pool].drain_seconds {
            // The first wave is anywhere within one interval: the fleet has been running for long.
            let phase = self.draw.unit(Purpose::Node, key, 0, 0);
            let event = Event::DrainWaveStarted { pool: small(pool) };
            calendar.schedule(SimTime::from_secs_f64(phase * every), event);
        }
        if self.pools[pool].failure_seconds.is_some() {
            let nodes = self.pools[pool].nodes.iter().copied().max().unwrap_or(0);
            for node in 0..nodes {
                self.plan_failure(pool, node, calendar);
            }
        }
        for failure in 0..self.blueprint.pools[pool].zone_failures.len() {
            let at = self.blueprint.pools[pool].zone_failures[failure]
                .at
                .as_secs_f64();
            let pool = u16::try_from(pool).expect("pools are few");
            let event = Event::ZoneFailed {
                pool,
                failure: small(failure),
            };
            calendar.schedule(SimTime::from_nanos(self.grid.instant(at)), event);
        }
        if self.is_examined(pool) {
            calendar.schedule(SimTime::ZERO, Event::NodesExamined { pool: small(pool) });
        }
    }

    fn plan_failure(&self, pool: usize, node: u32, calendar: &mut Calendar<Event>) {
        let occasion = self.pools[pool].failed[node as usize];
        let Some(every) = self.pools[pool].failure_seconds else {
            return;
        };
        let mut stream = self
            .draw
            .stream(Purpose::Node, self.pools[pool].key ^ 1, node, occasion);
        let gap: f64 = Exp1.sample(&mut stream);
        let wait = SimTime::from_secs_f64(gap * every).nanos();
        let pool = u16::try_from(pool).expect("pools are few");
        let at = SimTime::from_nanos(calendar.now().nanos().saturating_add(wait));
        calendar.schedule(at, Event::NodeFailed { pool, node });
    }

    /// A wave begins to drain every node of a pool in turn.
    pub(super) fn drain_wave_started(&mut self, pool: usize, calendar: &mut Calendar<Event>) {
        self.pools[pool].waves += 1;
        let every = self.pools[pool]
            .drain_seconds
            .expect("only drained pools have waves");
        let next = SimTime::from_secs_f64(every.max(WAVE_SECONDS)).nanos();
        let now = calendar.now().nanos();
        let event = Event::DrainWaveStarted { pool: small(pool) };
        calendar.schedule(SimTime::from_nanos(now.saturating_add(next)), event);
        let event = Event::NodeDrained {
            pool: u16::try_from(pool).expect("pools are few"),
            node: 0,
        };
        calendar.schedule(calendar.now(), event);
    }

    /// A node is drained: its collectors move or wait; the next node follows.
    pub(super) fn node_drained(&mut self, pool: usize, node: u32, calendar: &mut Calendar<Event>) {
        self.pools[pool].alive = self.nodes_now(pool, calendar.now().nanos());
        let away = SimTime::from_secs_f64(NODE_AWAY_SECONDS).nanos();
        self.empty_node(pool, node, away, calendar);
        let nodes = self.pools[pool].alive;
        if node + 1 < nodes {
            let step = DRAIN_STEP_SECONDS.min(WAVE_SECONDS / f64::from(nodes));
            let at = calendar.now().nanos() + SimTime::from_secs_f64(step).nanos();
            let pool = u16::try_from(pool).expect("pools are few");
            calendar.schedule(
                SimTime::from_nanos(at),
                Event::NodeDrained {
                    pool,
                    node: node + 1,
                },
            );
        }
    }

    /// Asks every collector on a node to stop. A daemon waits for its node; others start elsewhere.
    fn empty_node(&mut self, pool: usize, node: u32, away: u64, calendar: &mut Calendar<Event>) {
        let there: Vec<_> = self.collectors_on(pool, node).collect();
        for (fleet, index) in there {
            let follows_node = self.fleets[fleet].blocks[0].pool.is_some();
            let end = End::Asked {
                away: if follows_node { away } else { 0 },
            };
            self.end_if_up(fleet, index, end, calendar);
        }
    }

    /// A node fails; so will its successor, some time.
    pub(super) fn node_failed(&mut self, pool: usize, node: u32, calendar: &mut Calendar<Event>) {
        let now = calendar.now().nanos();
        self.pools[pool].alive = self.nodes_now(pool, now);
        if node < self.pools[pool].alive {
            let away = SimTime::from_secs_f64(FAILURE_AWAY_SECONDS).nanos();
            self.lose_node(pool, node, away, calendar);
        }
        self.pools[pool].failed[node as usize] += 1;
        self.plan_failure(pool, node, calendar);
    }

    /// A zone is away for a while with every node of a pool in it.
    pub(super) fn zone_failed(
        &mut self,
        pool: usize,
        failure: usize,
        calendar: &mut Calendar<Event>,
    ) {
        let plan = &self.blueprint.pools[pool];
        let (zones, zone) = (plan.zones.max(1), plan.zone_failures[failure].zone);
        let away = SimTime::from_secs_f64(plan.zone_failures[failure].lasts.as_secs_f64()).nanos();
        self.pools[pool].alive = self.nodes_now(pool, calendar.now().nanos());
        for node in (zone..self.pools[pool].alive).step_by(zones as usize) {
            self.lose_node(pool, node, away, calendar);
        }
    }

    fn lose_node(&mut self, pool: usize, node: u32, away: u64, calendar: &mut Calendar<Event>) {
        let now = calendar.now().nanos();
        self.pools[pool].tally.failures += 1;
        self.observer.note(
            Scope::Pool(pool),
            Some(node),
            (now, What::NodeFailed, f64::NAN),
        );
        let there: Vec<_> = self.collectors_on(pool, node).collect();
        for (fleet, index) in there {
            self.end_if_up(fleet, index, End::NodeLost { away }, calendar);
        }
    }

    /// Nodes of a pool at `now`.
    pub(super) fn nodes_now(&self, pool: usize, now: u64) -> u32 {
        let cell = usize::try_from(now / self.grid.cell).expect("cells are few");
        self.pools[pool].nodes[cell.min(self.grid.cells() - 1)]
    }
}
