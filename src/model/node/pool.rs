//! A node pool in one draw: number of nodes, applications, drains and failures.

use std::mem::take;
use std::ops::Add;

use rand_distr::{Distribution, Exp1};

use crate::engine::key_of;
use crate::model::blueprint;
use crate::model::blueprint::id::index_by;
use crate::model::blueprint::{PoolId, Requests};
use crate::model::law::Quantity;
use crate::model::load::draw::{Draw, Purpose};
use crate::model::load::timeline::Grid;
use crate::model::record::catalogue::PoolMetric;
use crate::units::{Bytes, SimDuration, SimTime};

use super::application::Application;
use super::memory::oom_score;
use super::weight::cpu_weight;
use super::{Occupants, PoolSnapshot};

/// Time from one drain of a wave to the next. A whole wave takes at most [`WAVE`].
///
/// INFERRED: one node after the other, provisioning and settling. No source states a figure.
const DRAIN_STEP: SimDuration = SimDuration::from_mins(5);

/// Greatest time of a wave over all nodes of a pool. Larger pools drain several nodes at once.
///
/// INFERRED: a maintenance window of eight hours.
const WAVE: SimDuration = SimDuration::from_hours(8);

/// A node pool in one draw.
#[derive(Clone, Debug)]
pub(in crate::model) struct Pool {
    key: u64,
    /// Nodes of all clusters, per cell of the grid.
    pub nodes: Vec<u32>,
    /// Nodes now.
    pub alive: u32,
    /// Applications on the nodes.
    pub applications: Vec<Application>,
    /// What everyone asks of the nodes at one instant. Kept to reuse its allocation.
    pub snapshot: PoolSnapshot,
    pub occupants: Occupants,
    drain_seconds: Option<f64>,
    failure_seconds: Option<f64>,
    /// Failures so far of each node number, so that each failure has its own random number.
    failed: Vec<u32>,
    pub tally: PoolTally,
}

/// Extremes and sums of one pool.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(in crate::model) struct PoolTally {
    pub cpu_peak_ratio: f64,
    pub memory_peak_ratio: f64,
    pub slowdown_sum: f64,
    pub node_cells: f64,
    pub slowdown_peak: f64,
    pub slowed: f64,
    pub overloaded: f64,
    pub overloaded_alone: f64,
    pub displaced: f64,
    pub node_ooms: u64,
    pub app_kills: u64,
    pub failures: u64,
}

index_by!(PoolId: Pool);

impl Pool {
    /// The pool with its unknowns drawn.
    pub(in crate::model) fn draw(pool: &blueprint::Pool, grid: &Grid, draw: &mut Draw) -> Self {
        let path = format!("pool.{}", pool.name);
        let trend = draw.trend(&format!("{path}.nodes"), &pool.nodes);
        let count = |cell: usize| {
            let at = (grid.start_of(cell).nanos() as f64 - grid.warm_up.nanos() as f64) / 1e9;
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
        let mut interval = |key: &str, interval: Option<Quantity>| {
            interval.map(|interval| draw.centre(&format!("{path}.{key}"), &interval))
        };
        Self {
            key: key_of(&path),
            alive: nodes[0],
            failed: vec![0; nodes.iter().copied().max().unwrap_or(0) as usize],
            nodes,
            applications: Vec::new(),
            snapshot: PoolSnapshot::default(),
            occupants: Occupants::default(),
            drain_seconds: interval("drains", pool.drain_interval),
            failure_seconds: interval("node_failures", pool.failure_interval),
            tally: PoolTally::default(),
        }
    }

    /// Nodes in a cell of the grid.
    pub(in crate::model) fn nodes_at(&self, cell: usize) -> u32 {
        self.nodes[cell]
    }

    /// Most nodes at any time.
    pub(in crate::model) fn nodes_max(&self) -> u32 {
        self.nodes.iter().copied().max().unwrap_or(0)
    }

    /// Whether applications run on its nodes, beside which collectors may run.
    pub(in crate::model) fn is_examined(&self) -> bool {
        self.demanding().next().is_some()
    }

    /// Applications that demand anything.
    fn demanding(&self) -> impl Iterator<Item = &Application> {
        let applications = self.applications.iter();
        applications.filter(|application| application.demands())
    }

    /// Bytes that the applications of one node use in a cell.
    pub(in crate::model) fn application_memory(&self, cell: usize) -> f64 {
        let applications = self.applications.iter();
        applications
            .map(|application| application.memory(cell))
            .sum()
    }

    /// What the applications of one node request in a cell.
    pub(in crate::model) fn requests(&self, cell: usize) -> Requests {
        let applications = self.applications.iter();
        let requests = applications.map(|application| application.requests(cell));
        requests.fold(Requests::default(), Add::add)
    }

    /// The highest score of any pod of an application on a node of this capacity in a cell.
    pub(in crate::model) fn application_score(&self, cell: usize, capacity: Bytes) -> f64 {
        let pods = self
            .demanding()
            .filter_map(|application| application.pod(cell));
        pods.map(|pod| oom_score(pod.usage, pod.protection, capacity))
            .fold(f64::NEG_INFINITY, f64::max)
    }

    /// Begins a snapshot of the nodes, each with `cores` cores, with the applications on them.
    pub(in crate::model) fn begin_snapshot(&mut self, cell: usize, cores: f64) -> PoolSnapshot {
        let mut snapshot = take(&mut self.snapshot);
        let weight: f64 = self
            .demanding()
            .map(|application| application.weight(cell))
            .sum();
        let weight = weight.max(cpu_weight(None));
        snapshot.clear(self.alive as usize, cores, weight);
        for application in self.demanding() {
            let cores = application.cores(cell);
            snapshot.totals.want(cores, application.sizes());
        }
        snapshot
    }

    /// Time until the first wave of drains, uniform within one interval, as in a pool that has run
    /// for long. `None` if its nodes are not drained.
    pub(in crate::model) fn first_wave(&self, draw: &Draw) -> Option<SimDuration> {
        let every = self.drain_seconds?;
        let phase = draw.unit(Purpose::Node, self.key, 0, 0);
        Some(SimDuration::from_secs_f64(phase * every))
    }

    /// Time from the start of a wave to the start of the next.
    pub(in crate::model) fn next_wave(&self) -> SimDuration {
        let every = self.drain_seconds.expect("only drained pools have waves");
        SimDuration::from_secs_f64(every).max(WAVE)
    }

    /// Time from one drain of a wave to the next.
    pub(in crate::model) fn drain_step(&self) -> SimDuration {
        let even = SimDuration::from_secs_f64(WAVE.secs_f64() / f64::from(self.alive));
        DRAIN_STEP.min(even)
    }

    /// Time until the next failure of a node; `None` if nodes do not fail.
    pub(in crate::model) fn next_failure(&self, node: u32, draw: &Draw) -> Option<SimDuration> {
        let every = self.failure_seconds?;
        let occasion = self.failed[node as usize];
        let mut stream = draw.stream(Purpose::Node, self.key ^ 1, node, occasion);
        let gap: f64 = Exp1.sample(&mut stream);
        Some(SimDuration::from_secs_f64(gap * every))
    }

    /// Counts a failure of a node.
    pub(in crate::model) fn note_failed(&mut self, node: u32) {
        self.failed[node as usize] += 1;
    }

    /// The measured horizon begins. Counts of the warm-up are reset.
    pub(in crate::model) fn begin_horizon(&mut self) {
        self.tally = PoolTally::default();
    }

    /// A metric of the pool.
    pub(in crate::model) fn value(&self, metric: PoolMetric, grid: &Grid) -> f64 {
        let tally = &self.tally;
        let where_any = |count: f64, value: f64| if count > 0.0 { value } else { f64::NAN };
        let examined = |value: f64| where_any(tally.node_cells, value);
        match metric {
            PoolMetric::NodesEnd => {
                f64::from(self.nodes_at(grid.cell_at(SimTime::from_nanos(grid.end.nanos() - 1))))
            }
            PoolMetric::NodeCpuPeakRatio => examined(tally.cpu_peak_ratio),
            PoolMetric::NodeMemoryPeakRatio => where_any(
                f64::from(u8::from(self.is_examined())),
                tally.memory_peak_ratio,
            ),
            PoolMetric::SlowdownMean => examined(tally.slowdown_sum / tally.node_cells),
            PoolMetric::SlowdownPeak => examined(tally.slowdown_peak),
            PoolMetric::SlowedShare => examined(tally.slowed / tally.node_cells),
            PoolMetric::OverloadedShare => examined(tally.overloaded / tally.node_cells),
            PoolMetric::OverloadedAloneShare => examined(tally.overloaded_alone / tally.node_cells),
            PoolMetric::CpuDisplaced => examined(tally.displaced),
            PoolMetric::NodeOomCount => tally.node_ooms as f64,
            PoolMetric::AppKillCount => tally.app_kills as f64,
            PoolMetric::NodeFailureCount => tally.failures as f64,
        }
    }
}
