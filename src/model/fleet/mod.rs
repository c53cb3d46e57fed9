//! A fleet in one draw: its collectors, what they carry, where their samples went.
//!
//! What happens to a fleet is a method of [`Fleet`], in the file that owns the subject. Nobody outside this
//! room writes its fields. What a change asks of the rest of the world is returned as [`Facts`].

mod backlog;
mod bootstrap;
mod build;
mod cascade;
mod connections;
mod disk;
mod end;
mod facts;
mod finish;
mod fleet_values;
mod handover;
mod jobs;
mod load;
mod overload;
mod place;
mod populate;
mod queue;
mod rename;
mod replica;
mod residue;
mod resize;
mod routes;
mod scale;
mod scaling;
mod settle;
mod share;
mod shortfall;
pub mod snapshot;
mod start;
mod stop;
mod update;
mod usage;
mod watch;

use std::collections::BTreeMap;

use crate::model::blueprint::id::index_by;
use crate::model::blueprint::{self, FleetId, PoolId, WorkloadId};
use crate::model::cluster::sharing::{Sharing, Targets};
use crate::model::job::Jobs;
use crate::model::load::driver::{StreamDriver, WEIGHT_BITS, samples_of, weight_value};
use crate::model::pipeline::ledger::Ledger;
use crate::model::pipeline::route::Route;
use crate::model::process::collector::{Collector, Sending};
use crate::model::process::memory::Memory;
use crate::model::process::scrape::Scrapes;
use crate::model::record::catalogue::Scope;
use crate::model::wal::Resident;

use bootstrap::GroupLife;
use disk::BytePrices;
use load::CpuPrices;
use scaling::Scaling;
use snapshot::Snapshot;
use update::Rollout;

pub(in crate::model) use build::Seed;
pub(in crate::model) use end::End;
pub(in crate::model) use facts::Facts;
pub(in crate::model) use queue::Wish;

/// What one stream of a fleet is.
#[derive(Clone, Debug, PartialEq)]
struct Stream {
    /// The workload it comes from; `None` for the collector's own series.
    pub workload: Option<WorkloadId>,
    /// Nanoseconds between two scrapes.
    pub interval: u64,
    /// How it is scraped.
    pub scrapes: Scrapes,
    /// Cores per unit.
    pub cores: f64,
    /// Cores per unit that is replaced in a nanosecond.
    pub cores_per_death: f64,
    /// Whether it counts as samples (metrics) or only takes resources (logs).
    pub counts: bool,
    /// Share of its samples that nobody scrapes, because their jobs end too early.
    pub unseen: f64,
    /// Targets over series, both of the whole workload.
    pub targets_per_series: f64,
    /// Share of the level that ordinary targets make up; giants are the rest.
    pub ordinary: f64,
    /// Series of each giant over those of all targets of the stream in one cluster.
    pub giants: Vec<f64>,
    /// Squared coefficient of variation of an ordinary collector's share (local assignment).
    pub scv: f64,
}

impl Stream {
    /// CPU demand at weight 1 in a segment of its driver.
    pub(super) fn cores_in(&self, driver: &StreamDriver, segment: usize) -> f64 {
        self.cores * driver.level[segment] + self.cores_per_death * driver.churn_rate[segment]
    }

    /// The most that it asks for at weight 1 at any time.
    pub(super) fn highest(&self, driver: &StreamDriver) -> Highest {
        let segments = 0..driver.level.len();
        let cores = segments.map(|segment| self.cores_in(driver, segment));
        Highest {
            level: driver.level.iter().copied().fold(0.0, f64::max),
            cores: cores.fold(0.0, f64::max),
        }
    }
}

/// A run of collectors that exist for the same reason.
#[derive(Clone, Debug, PartialEq)]
struct Block {
    /// Index of its first collector in the fleet.
    pub base: u32,
    /// How many exist now.
    pub alive: u32,
    /// The pool whose nodes carry them, if they follow nodes.
    pub pool: Option<PoolId>,
    /// The workload whose pods carry them, if they follow pods.
    pub workload: Option<WorkloadId>,
    /// How many exist in each cell of the grid.
    pub counts: Vec<u32>,
}

/// Replicas of one cluster that share targets.
#[derive(Clone, Debug)]
struct Group {
    /// Index of its first collector in the fleet.
    pub base: u32,
    /// Number of members.
    pub members: u32,
    /// How they share.
    pub sharing: Sharing,
    /// Per stream of the fleet; `None` for streams that are not shared out.
    pub targets: Vec<Option<Targets>>,
    /// Shares by who is up, for the present epoch: a peer that crash-loops asks again and again.
    pub known: BTreeMap<Vec<bool>, Vec<Vec<u32>>>,
    /// How they come into service together.
    pub life: GroupLife,
}

/// Extremes and sums of one fleet.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct FleetTally {
    pub collectors_start: u32,
    pub series_peak: f64,
    pub series_per_collector_peak: f64,
    pub cpu_peak: f64,
    /// The same while a collector works off a backlog.
    pub catch_up_cores: f64,
    /// Least share of its CPU demand that a collector got, as a want: 0 = all, 1 = nothing.
    pub cpu_withheld: f64,
    pub oom_kills: u64,
    pub restarts: u64,
    pub down_nanos: u128,
    pub collector_nanos: u128,
    pub backlog_peak: f64,
    pub backlog_peak_nanos: u64,
    pub drain_peak_nanos: u64,
    pub stop_peak_nanos: u64,
    pub rollouts: u32,
    pub rollouts_blocked: u32,
    pub rollout_peak_nanos: u64,
    pub not_ready_nanos: u64,
    pub cascade_peak: u32,
    pub shards_peak: u32,
    pub connections_peak: u64,
    pub ingest_peak: f64,
    /// Core seconds for logs and for new series, which are no samples of the ledger.
    pub other_core_seconds: f64,
    /// Samples lost with the backlogs of processes that ended.
    pub lost_with_processes: f64,
    /// Bytes of the largest write-ahead log.
    pub log_peak: f64,
    /// Live bytes of the largest replay.
    pub replay_live: f64,
    /// Live bytes of the largest collector at the end.
    pub rest_live: f64,
    /// Live bytes of the largest replay if all restarted at the end.
    pub restart_live: f64,
}

/// The most of one stream at any time, at weight 1.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Highest {
    /// Units.
    pub level: f64,
    /// Cores.
    pub cores: f64,
}

/// What never changes about a fleet in one draw.
#[derive(Debug)]
struct FleetPlan<'a> {
    /// Its number among all fleets.
    pub id: FleetId,
    pub blueprint: &'a blueprint::Fleet,
    /// Key under which its random numbers are drawn.
    pub key: u64,
    /// Number of its first collector among those of all fleets.
    pub first: u32,
    pub streams: Vec<Stream>,
    /// Instants at which replaced targets have new keys.
    pub epochs: Vec<u64>,
    pub resident: Resident,
    /// When its workloads emit the most samples.
    pub busiest_at: u64,
    /// Highest level and CPU demand of each stream at weight 1.
    pub highest: Vec<Highest>,
    pub memory: Memory,
    /// Cores that a collector can have at the most.
    pub cpu_cap: f64,
    /// What CPU time costs.
    pub prices: CpuPrices,
    /// Bytes that samples take.
    pub bytes: BytePrices,
    /// Seconds between two random restarts of one collector.
    pub restart_seconds: Option<f64>,
    /// Seconds between two rollouts of the fleet.
    pub update_seconds: Option<f64>,
    /// Jobs that are expected to end in the recorded time before anybody has scraped them.
    pub unseen_jobs: f64,
}

/// A fleet in one draw.
#[derive(Debug)]
pub(in crate::model) struct Fleet<'a> {
    plan: FleetPlan<'a>,
    blocks: Vec<Block>,
    groups: Vec<Group>,
    /// What sets the number of replicas, if anything does.
    scaling: Option<Scaling>,
    epoch: u32,
    /// The ways of its metrics.
    routes: Vec<Route>,
    /// The rollout under way.
    rollout: Option<Rollout>,
    /// First instant at which a process would not have survived a restart.
    unsafe_from: u64,
    /// Processes that ended since the unsent samples of the fleet were last looked at.
    ends_unnoted: u32,
    collectors: Vec<Collector>,
    /// Weight of each collector in each stream, collector by collector.
    weights: Vec<u32>,
    /// What each collector does with what it takes in, collector by collector, route by route.
    sending: Vec<Sending>,
    /// Unsent work of each collector on each route in each stream, in this order.
    backlog: Vec<u128>,
    /// Work that the collector which is settled took in, per stream: kept to use the memory again.
    taken: Vec<u128>,
    /// Sum of the weights that exist, per stream, and the instant it is accounted for.
    carried: Vec<u64>,
    /// The part of it that no collector takes.
    unowned: Vec<u64>,
    carried_settled: u64,
    ledger: Ledger,
    /// Its short-lived collectors.
    jobs: Jobs<'a>,
    tally: FleetTally,
    /// First instants of failures seen while settling: too little CPU, data lost.
    cpu_short: Option<(u64, u32, f64)>,
    data_lost: Option<(u64, u32)>,
}

index_by!(FleetId: Fleet<'a>, 'a);

impl Fleet<'_> {
    /// The fleet as a scope of metrics.
    pub(super) fn scope(&self) -> Scope {
        Scope::Fleet(self.plan.id)
    }

    /// Number of its first collector among those of all fleets.
    pub(in crate::model) fn first(&self) -> u32 {
        self.plan.first
    }

    /// One of its collectors.
    pub(in crate::model) fn collector(&self, index: u32) -> &Collector {
        &self.collectors[index as usize]
    }

    /// The block that holds a collector.
    fn block_of(&self, index: u32) -> &Block {
        let mut blocks = self.blocks.iter();
        let block = blocks.rfind(|block| block.base <= index);
        block.expect("blocks start at 0")
    }

    /// Weights of one collector.
    pub(super) fn weights_of(&self, index: u32) -> &[u32] {
        let streams = self.plan.streams.len();
        &self.weights[index as usize * streams..][..streams]
    }

    /// How many collectors there are; of an autoscaled fleet, as many as were asked for.
    pub(in crate::model) fn count(&self) -> u32 {
        self.scaling
            .as_ref()
            .map_or_else(|| self.alive(), Scaling::replicas)
    }

    /// How many collectors exist.
    pub(super) fn alive(&self) -> u32 {
        self.blocks.iter().map(|block| block.alive).sum()
    }

    /// Its collectors at `now`.
    pub(super) fn snapshot(&self, now: u64) -> Snapshot<'_> {
        let segment = self.plan.resident.driver.segment(now);
        let cores = (0..self.plan.streams.len()).map(|stream| self.stream_cores(stream, segment));
        Snapshot::new(
            &self.plan.resident,
            now,
            (cores, self.plan.prices.idle_cores),
        )
    }

    /// CPU demand of one stream at weight 1 in a segment.
    pub(super) fn stream_cores(&self, stream: usize, segment: usize) -> f64 {
        self.plan.streams[stream].cores_in(&self.plan.resident.driver.streams[stream], segment)
    }

    /// Adds the fleet's total up to `now`, and looks at its highest level since the last time.
    pub(super) fn settle_total(&mut self, now: u64) {
        let (from, to) = (self.carried_settled, now);
        if to <= from {
            return;
        }
        self.settle_shares(to);
        for (stream, account) in self.ledger.intakes.iter_mut().enumerate() {
            let plan = &self.plan.streams[stream];
            let each = self.plan.resident.driver.work(stream, from, to);
            let work = each * u128::from(self.carried[stream]);
            if plan.counts {
                account.offered += work;
                account.missed_down += each * u128::from(self.unowned[stream]);
            } else {
                self.tally.other_core_seconds += plan.cores * samples_of(work, 1) as f64 / 1e9;
            }
        }
        let driver = &self.plan.resident.driver;
        self.tally.other_core_seconds += self.renewal_core_seconds(from, to);
        for segment in driver.segment(from)..=driver.segment(to - 1) {
            let (series, rate) = self.total_in(segment);
            self.tally.series_peak = self.tally.series_peak.max(series);
            self.tally.ingest_peak = self.tally.ingest_peak.max(rate);
        }
        self.carried_settled = to;
    }

    /// Accounts for all collectors before the total changes, where an endpoint takes a share of it from
    /// each.
    fn settle_shares(&mut self, now: u64) {
        if self.routes.iter().all(|way| way.accepted_max.is_infinite()) {
            return;
        }
        for block in 0..self.blocks.len() {
            let Block { base, alive, .. } = self.blocks[block];
            for index in base..base + alive {
                self.settle(index, now);
            }
        }
    }

    /// Core seconds that the series cost which replaced others between two instants.
    fn renewal_core_seconds(&self, from: u64, to: u64) -> f64 {
        let driver = &self.plan.resident.driver;
        let unit = f64::from(1_u32 << WEIGHT_BITS);
        let mut seconds = 0.0;
        for segment in driver.segment(from)..=driver.segment(to - 1) {
            let length = driver.end_of(segment).min(to) - driver.starts[segment].max(from);
            for ((plan, stream), &carried) in self
                .plan
                .streams
                .iter()
                .zip(&driver.streams)
                .zip(&self.carried)
            {
                let rate = plan.cores_per_death * stream.churn_rate[segment];
                seconds += rate * carried as f64 / unit * length as f64 / 1e9;
            }
        }
        seconds
    }

    /// Active series and samples per second of the whole fleet in a segment.
    pub(super) fn total_in(&self, segment: usize) -> (f64, f64) {
        let unit = f64::from(1_u32 << WEIGHT_BITS);
        let mut total = (0.0, 0.0);
        for (stream, plan) in self
            .plan
            .streams
            .iter()
            .enumerate()
            .filter(|(_, plan)| plan.counts)
        {
            let level = self.plan.resident.driver.streams[stream].level[segment];
            let series = level * self.carried[stream] as f64 / unit;
            total.0 += series;
            total.1 += series / (plan.interval as f64 / 1e9);
        }
        total
    }

    /// Active series of one collector in a segment, and samples per second.
    pub(super) fn carried_by(&self, index: u32, segment: usize) -> (f64, f64) {
        let mut carried = (0.0, 0.0);
        for (stream, &weight) in self.weights_of(index).iter().enumerate() {
            let plan = &self.plan.streams[stream];
            if plan.counts {
                let level = self.plan.resident.driver.streams[stream].level[segment];
                carried.0 += weight_value(weight) * level;
                carried.1 += weight_value(weight) * level / (plan.interval as f64 / 1e9);
            }
        }
        carried
    }

    /// Samples per second that one collector takes in at `now`.
    pub(super) fn inflow(&self, index: u32, now: u64) -> f64 {
        self.carried_by(index, self.plan.resident.driver.segment(now))
            .1
    }
}
