//! What is drawn before anything happens: the same random numbers as the fast form, by name.

use alloy_sim::engine::key_of;
use alloy_sim::model::blueprint::{Blueprint, MemoryTest, Start};
use alloy_sim::model::load::draw::{Draw, Purpose};
use alloy_sim::model::load::timeline::{Grid, Timeline};
use alloy_sim::model::process::memory::SeriesBytes;
use alloy_sim::model::process::series::SeriesShape;
use alloy_sim::model::topology::Population;
use alloy_sim::units::{SimDuration, SimTime};

use super::ring::Ring;

/// Streams of a fleet here: two workloads, of which the second may be empty, and the collector's own series.
pub(super) const STREAMS: usize = 3;

/// The collector's own series.
pub(super) const OWN: usize = STREAMS - 1;

/// Nanoseconds between two scrapes of them.
const OWN_INTERVAL: u64 = 60_000_000_000;

/// From one instant on, until the next: what a collector of weight 1 carries.
#[derive(Clone, Debug)]
pub(super) struct Segment {
    pub at: u64,
    /// Active series, per stream.
    pub level: [f64; STREAMS],
    /// Series that die per nanosecond, per stream.
    pub dying: [f64; STREAMS],
    /// Live bytes of every collector.
    pub common: f64,
}

/// A fleet in one draw before its first instant.
#[derive(Debug)]
pub(super) struct Plan<'a> {
    pub blueprint: &'a Blueprint,
    pub draw: Draw,
    pub grid: Grid,
    pub segments: Vec<Segment>,
    /// Nodes per cell of the grid.
    pub nodes: Vec<u32>,
    pub intervals: [u64; STREAMS],
    /// In units of 2⁻²⁴, which is how weights are defined.
    pub weights: Vec<[u32; STREAMS]>,
    pub per_series: SeriesBytes,
    pub outside_heap: f64,
    pub limit: f64,
    pub key: u64,
    /// How replicas share targets, if the fleet has replicas and no nodes to follow.
    pub ring: Option<Ring>,
}

impl<'a> Plan<'a> {
    pub(super) fn draw(blueprint: &'a Blueprint, seed: u64, number: u32) -> Self {
        let mut draw = Draw::new(seed, number, 0);
        let fleet = &blueprint.fleets[0];
        let pool = &blueprint.pools[0];
        let cell = blueprint.grid.nanos();
        let wal = 5 * fleet.wal.truncate_every.nanos() + fleet.wal.keep_min.nanos();
        let warm_up = match blueprint.start {
            Start::Cold => 0,
            Start::Running => wal.div_ceil(cell) * cell,
        };
        let grid = Grid {
            warm_up: SimTime::from_nanos(warm_up),
            end: SimTime::from_nanos(warm_up + blueprint.horizon.nanos()),
            cell: SimDuration::from_nanos(cell),
        };
        let trend = draw.trend(&format!("pool.{}.nodes", pool.name), &pool.nodes);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "few"
        )]
        let count = |cell: usize| trend.smooth(grid.middle(cell)).round().max(1.0) as u32;
        let mut nodes: Vec<u32> = (0..grid.cells()).map(count).collect();
        let pool_nodes = std::slice::from_ref(&nodes);
        let workloads = blueprint.workloads.iter();
        let timelines: Vec<Timeline> = workloads
            .map(|workload| Timeline::draw(blueprint, workload, pool_nodes, &grid, &mut draw))
            .collect();
        let interval = |stream: usize| {
            let workload = blueprint.workloads.get(stream);
            workload.map_or(OWN_INTERVAL, |workload| workload.scrape_interval.nanos())
        };
        if let Population::Replicas(replicas) = fleet.topology.population {
            nodes.fill(replicas);
        }
        let path = format!("fleet.{}", fleet.name);
        let model = &fleet.memory;
        let per_series = model.per_series.expect("the blueprints state it");
        let per_series = draw.centre(&format!("{path}.memory_per_series"), &per_series);
        let shape = SeriesShape {
            stages: model.relabel_stages.centre.median(),
            cached: 1.0,
            ..SeriesShape::default()
        };
        let outside_heap = draw.centre(&format!("{path}.outside_heap"), &model.outside_heap);
        let node = pool.node.memory.as_f64();
        let limit = fleet.resources.memory_limit;
        let mut plan = Self {
            blueprint,
            draw,
            grid,
            segments: Vec::new(),
            nodes,
            intervals: std::array::from_fn(interval),
            weights: Vec::new(),
            per_series: SeriesBytes::new(
                &fleet.memory,
                shape,
                (Some(per_series / 2.0), blueprint.endpoints.len()),
            ),
            outside_heap,
            limit: limit.map_or(node, |limit| limit.as_f64().min(node)),
            key: key_of(&path),
            ring: None,
        };
        plan.ring = Ring::draw(&plan, &timelines);
        plan.segments = plan.cut_into_segments(&timelines);
        plan.weights = plan.draw_weights(&timelines);
        plan
    }

    fn cut_into_segments(&self, timelines: &[Timeline]) -> Vec<Segment> {
        let grid = &self.grid;
        let cells = (0..grid.cells()).map(|cell| grid.start_of(cell));
        let own = timelines.iter().flat_map(|timeline| timeline.edges(grid));
        let mut edges: Vec<SimTime> = cells.chain(own).collect();
        edges.retain(|&edge| edge < grid.end);
        edges.sort_unstable();
        edges.dedup();
        edges
            .into_iter()
            .map(|at| self.segment(timelines, at))
            .collect()
    }

    /// What a collector carries from `at` on.
    fn segment(&self, timelines: &[Timeline], at: SimTime) -> Segment {
        let fleet = &self.blueprint.fleets[0];
        let cell = self.grid.cell_at(at);
        let mut segment = Segment {
            at: at.nanos(),
            level: [0.0; STREAMS],
            dying: [0.0; STREAMS],
            common: fleet.memory.base.centre.median(),
        };
        segment.level[OWN] = fleet.own_series;
        for (stream, timeline) in timelines.iter().enumerate() {
            let pods = timeline.targets_at(&self.grid, at);
            // Weights of a ring are shares of everything.
            let (per_node, each) = if let Some(ring) = &self.ring {
                (pods, ring.series_per_target[stream])
            } else {
                let nodes = f64::from(self.nodes[cell]);
                (pods / nodes, timeline.series_per_target)
            };
            let series = per_node * each * timeline.incident_factor(at);
            segment.level[stream] = series;
            segment.dying[stream] = series * timeline.replacement_rate(at);
            segment.common += fleet.memory.per_watched_pod.centre.median() * per_node;
        }
        segment
    }

    /// Weights of every collector that ever is.
    fn draw_weights(&self, timelines: &[Timeline]) -> Vec<[u32; STREAMS]> {
        let most = *self.nodes.iter().max().unwrap();
        if let Some(ring) = &self.ring {
            return ring.weights(&vec![true; most as usize]);
        }
        let mut weights = vec![[0; STREAMS]; most as usize];
        for (stream, timeline) in timelines.iter().enumerate() {
            let drawn = self.draw_local_weights(stream, timeline, most);
            for (weights, drawn) in weights.iter_mut().zip(drawn) {
                weights[stream] = drawn;
            }
        }
        for weights in &mut weights {
            weights[OWN] = 1 << 24;
        }
        weights
    }

    /// A node carries the sum of its pods: lognormal around the mean, with the variance of that sum.
    fn draw_local_weights(&self, workload: usize, timeline: &Timeline, nodes: u32) -> Vec<u32> {
        let workload = &self.blueprint.workloads[workload];
        let start = self.cell(self.grid.warm_up.nanos());
        let pods = timeline.targets_at_start(&self.grid) / f64::from(self.nodes[start]);
        let placement = if workload.even_placement { 0.0 } else { 1.0 };
        let variance = ((workload.series.scv() + placement) / pods.max(1.0)).ln_1p();
        let owner =
            key_of(&format!("workload.{}", workload.name)) ^ key_of(&self.blueprint.pools[0].name);
        let one = f64::from(1 << 24);
        let weight = |node: u32| {
            let score = self.draw.normal(Purpose::Weight, owner, node, 0);
            let size = (variance.sqrt() * score - variance / 2.0).exp();
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "few"
            )]
            let weight = (size * one).round() as u32;
            weight
        };
        (0..nodes).map(weight).collect()
    }

    pub(super) fn cell(&self, at: u64) -> usize {
        let cell = usize::try_from(at / self.grid.cell.nanos()).unwrap();
        cell.min(self.grid.cells() - 1)
    }

    /// How many endpoints the fleet sends to, all of metrics.
    pub(super) fn endpoints(&self) -> usize {
        self.blueprint.endpoints.len()
    }

    /// Outages of an endpoint that begin within the horizon.
    pub(super) fn outages(&self, endpoint: usize) -> impl Iterator<Item = (u64, u64)> + '_ {
        let outages = self.blueprint.endpoints[endpoint].outages.iter();
        let instants = outages.map(|outage| {
            let from = self.grid.warm_up.nanos() + outage.at.nanos();
            (from, from + outage.lasts.nanos())
        });
        instants.filter(|&(from, _)| from < self.grid.end.nanos())
    }

    /// Whether series die.
    pub(super) fn something_dies(&self) -> bool {
        let dies = |segment: &Segment| segment.dying.iter().any(|&rate| rate > 0.0);
        let falls = |pair: &[Segment]| {
            let mut levels = pair[0].level.iter().zip(pair[1].level);
            levels.any(|(&before, after)| before > after)
        };
        self.segments.iter().any(dies) || self.segments.windows(2).any(falls)
    }

    /// Nanoseconds between two scrapes of what is scraped most often.
    pub(super) fn shortest_interval(&self) -> u64 {
        let is_there = |stream: &usize| self.segments[0].level[*stream] > 0.0;
        let there = (0..STREAMS).filter(is_there);
        there.map(|stream| self.intervals[stream]).min().unwrap()
    }

    pub(super) fn every(&self) -> u64 {
        self.blueprint.fleets[0].wal.truncate_every.nanos()
    }

    pub(super) fn keep_min(&self) -> u64 {
        self.blueprint.fleets[0].wal.keep_min.nanos()
    }

    pub(super) fn keep_max(&self) -> u64 {
        self.blueprint.fleets[0].wal.keep_max.nanos()
    }

    pub(super) fn on_volume(&self) -> bool {
        self.blueprint.fleets[0].wal.on_volume
    }

    /// The smallest limit under which `live` bytes survive.
    pub(super) fn limit_needed(&self, live: f64) -> f64 {
        match self.blueprint.fleets[0].memory.test {
            MemoryTest::GarbageCollected => live * 1.05 + self.outside_heap,
            MemoryTest::Direct => live * 2.0 + self.outside_heap,
        }
    }

    /// Bytes that count against the limit with `live` bytes on the heap. Without a limit of its own,
    /// nothing keeps the heap from growing to twice the live bytes.
    pub(super) fn counted(&self, live: f64) -> f64 {
        if self.heap_gives_way() {
            live * 1.05 + self.outside_heap
        } else {
            live * 2.0 + self.outside_heap
        }
    }

    /// Live bytes that reach the limit.
    pub(super) fn live_max(&self) -> f64 {
        let heap = (self.limit - self.outside_heap).max(0.0);
        heap / if self.heap_gives_way() { 1.05 } else { 2.0 }
    }

    fn heap_gives_way(&self) -> bool {
        let fleet = &self.blueprint.fleets[0];
        fleet.resources.memory_limit.is_some() && fleet.memory.test == MemoryTest::GarbageCollected
    }

    /// Bytes in use with `live` bytes on the heap: twice as many, fewer near the limit.
    pub(super) fn resident(&self, live: f64) -> f64 {
        let heap = if self.heap_gives_way() {
            let soft = self.limit * 0.9 - self.outside_heap;
            (live * 2.0).min(soft.max(live * 1.05))
        } else {
            live * 2.0
        };
        (heap + self.outside_heap).min(self.limit)
    }

    /// Samples per second of one shard.
    pub(super) fn shard_rate(&self, endpoint: usize) -> f64 {
        let batch = self.blueprint.fleets[0].remote_write.samples_per_send;
        f64::from(batch) / self.latency(endpoint)
    }

    /// Samples per second of all shards.
    pub(super) fn capacity(&self, endpoint: usize) -> f64 {
        let shards = self.blueprint.fleets[0].remote_write.shards_max;
        f64::from(shards) * self.shard_rate(endpoint)
    }

    /// Seconds of one request.
    pub(super) fn latency(&self, endpoint: usize) -> f64 {
        self.blueprint.endpoints[endpoint].latency.centre.median()
    }
}
