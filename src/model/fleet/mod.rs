//! A fleet in one draw: its collectors, their load, and the fates of their samples.
//!
//! What happens to a fleet is a method of `Fleet`, in the file that owns the subject. Only this
//! room writes the fields of a fleet. The consequences of a change for the rest of the world are
//! returned as `Facts`.

mod bootstrap;
mod build;
mod catch_up;
mod cluster;
mod connections;
mod connectors;
mod crowd;
mod deal;
mod discovery;
mod disk;
mod end;
mod facts;
mod finish;
mod handover;
mod incidents;
mod inlet;
mod jobs;
mod limits;
mod lines;
mod load;
mod peak;
mod pending;
mod place;
mod populate;
mod profiles;
mod relay;
mod removal;
mod replica;
mod reroute;
mod residue;
mod resize;
mod routes;
mod scale;
mod settle;
mod share;
mod shortfall;
pub mod snapshot;
mod spans;
mod start;
mod stop;
mod surge;
mod tails;
mod update;
mod upstream;
mod usage;
mod values;
mod watch;

use crate::model::autoscale::Scaling;
use crate::model::blueprint::id::index_by;
use crate::model::blueprint::{self, CollectorId, FleetId, PoolId, WorkloadId};
use crate::model::cluster::Cluster;
use crate::model::job::Jobs;
use crate::model::load::driver::{WEIGHT_BITS, weight_value};
use crate::model::pipeline::{Feed, Highest, Pipelines, SpanPlan, Stream, Total};
use crate::model::process::collector::Collector;
use crate::model::process::memory::Memory;
use crate::model::process::prices::CpuPrices;
use crate::model::record::catalogue::Scope;
use crate::model::rollout::Rollout;
use crate::model::wal::Resident;
use crate::units::{SimDuration, SimTime, Span};

use disk::BytePrices;
use inlet::Inlet;
use peak::{cores_of_burst, steady_peak};
use snapshot::Snapshot;

pub(in crate::model) use build::Seed;
pub(in crate::model) use catch_up::CatchUpDemand;
pub(in crate::model) use deal::{deal, deal_all, look_at_changes, work_off};
pub(in crate::model) use end::End;
pub(in crate::model) use facts::Facts;
pub(in crate::model) use incidents::note_incidents;
pub(in crate::model) use relay::Relays;
pub(in crate::model) use values::value_of_endpoint;

/// Collectors of a fleet that follow the same pool or workload.
#[derive(Clone, Debug, PartialEq)]
struct Cohort {
    /// Index of the first collector of the cohort in the fleet.
    pub base: u32,
    /// Number of collectors that exist now.
    pub alive: u32,
    /// The pool whose nodes the collectors follow, if any.
    pub pool: Option<PoolId>,
    /// The workload whose pods the collectors follow, if any.
    pub workload: Option<WorkloadId>,
    /// The pool over whose nodes the collectors are strewn, if they do not follow them.
    pub home: Option<PoolId>,
    /// Number of collectors in each cell of the grid.
    pub counts: Vec<u32>,
    /// Collectors of each cluster that find room on its nodes. All others stay pending.
    pub room: u32,
}

/// Extremes and sums of one fleet.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct FleetTally {
    pub collectors_start: u32,
    pub series_peak: f64,
    pub series_per_collector_peak: f64,
    /// Most series that connectors of one collector derive.
    pub derived_peak: f64,
    pub cpu_peak: f64,
    /// Highest CPU demand of a collector while it works off a backlog.
    pub catch_up_cores: f64,
    /// Greatest demand of the scrapes of a collector over what they could get.
    pub scrape_load: f64,
    pub oom_kills: u64,
    /// Kills by a node, not by a limit of the collector.
    pub node_kills: u64,
    pub restarts: u64,
    pub down_nanos: u128,
    /// Time without room on any node, summed over collectors.
    pub pending_nanos: u128,
    pub collector_nanos: u128,
    pub rollouts: u32,
    pub rollouts_blocked: u32,
    pub rollout_peak: SimDuration,
    pub not_ready: SimDuration,
    pub cascade_peak: u32,
    pub connections_peak: u64,
    pub ingest_peak: f64,
    /// Core seconds for logs and for new series, which no sample accounts for.
    pub other_core_seconds: f64,
    /// Bytes of the largest WAL.
    pub wal_peak: f64,
    /// Live bytes of the largest replay.
    pub replay_live: f64,
    /// Live bytes of the largest collector at the end.
    pub rest_live: f64,
    /// Live bytes of the largest replay if all collectors restarted at the end.
    pub restart_live: f64,
}

/// The total load of a fleet, per stream.
#[derive(Clone, Debug)]
struct Carried {
    /// Sum of all weights.
    weights: Vec<u64>,
    /// The part of `weights` that no collector owns.
    unowned: Vec<u64>,
    /// Instant up to which the total is accounted for.
    settled: SimTime,
    /// Samples per second of the fleet, from each instant on at which they change. `None` if no
    /// other fleet sends to the same endpoints.
    steps: Option<Vec<(SimTime, f64)>>,
}

impl Carried {
    /// The load of a fleet without collectors.
    fn none(streams: usize, is_alone: bool) -> Self {
        Self {
            steps: (!is_alone).then(Vec::new),
            weights: vec![0; streams],
            unowned: vec![0; streams],
            settled: SimTime::ZERO,
        }
    }
}

/// What is fixed about a fleet in one draw.
#[derive(Debug)]
struct FleetPlan<'a> {
    /// Number of the fleet among all fleets.
    pub id: FleetId,
    pub blueprint: &'a blueprint::Fleet,
    /// Key of the random streams of the fleet.
    pub key: u64,
    /// Number of the fleet's first collector among those of all fleets.
    pub first: u32,
    pub streams: Vec<Stream>,
    /// Instants at which all targets get new keys.
    pub epochs: Vec<SimTime>,
    pub resident: Resident,
    /// When the workloads emit the most samples.
    pub busiest_at: SimTime,
    /// Highest level and CPU demand of each stream at weight 1.
    pub highest: Vec<Highest>,
    pub memory: Memory,
    /// Most cores that a collector can have.
    pub cpu_cap: f64,
    /// CPU seconds of work.
    pub prices: CpuPrices,
    /// Bytes that samples take.
    pub bytes: BytePrices,
    /// Seconds between two random restarts of one collector.
    pub restart_seconds: Option<f64>,
    /// Seconds between two rollouts of the fleet.
    pub update_seconds: Option<f64>,
    /// Expected jobs that end before their first scrape, within the measured horizon.
    pub unseen_jobs: f64,
    /// What the fleet does with spans.
    pub spans: SpanPlan,
}

/// A fleet in one draw.
#[derive(Debug)]
pub(in crate::model) struct Fleet<'a> {
    plan: FleetPlan<'a>,
    cohorts: Vec<Cohort>,
    clusters: Vec<Cluster>,
    /// The autoscalers of the fleet, if any.
    scaling: Option<Scaling>,
    pipelines: Pipelines,
    /// The rollout in progress.
    rollout: Option<Rollout>,
    /// First instant at which a process would not have survived a restart.
    unsafe_from: SimTime,
    collectors: Vec<Collector>,
    /// Weight of each collector in each stream, collector by collector.
    weights: Vec<u32>,
    carried: Carried,
    /// What other fleets send to it.
    inlet: Inlet,
    /// The short-lived collectors of the fleet.
    jobs: Jobs<'a>,
    tally: FleetTally,
    /// First instant at which a collector had too little CPU, with its index and its demand.
    cpu_short: Option<(SimTime, u32, f64)>,
}

index_by!(FleetId: Fleet<'a>, 'a);

impl Fleet<'_> {
    /// The fleet as a scope of metrics.
    pub(super) fn scope(&self) -> Scope {
        Scope::Fleet(self.plan.id)
    }

    /// Number of the fleet among all fleets.
    pub(in crate::model) fn id(&self) -> FleetId {
        self.plan.id
    }

    /// Number of the fleet's first collector among those of all fleets.
    pub(in crate::model) fn first(&self) -> u32 {
        self.plan.first
    }

    /// The collector with this index.
    pub(in crate::model) fn collector(&self, index: u32) -> &Collector {
        &self.collectors[index as usize]
    }

    /// The cohort of a collector.
    fn cohort_of(&self, index: u32) -> &Cohort {
        let mut cohorts = self.cohorts.iter();
        let cohort = cohorts.rfind(|cohort| cohort.base <= index);
        cohort.expect("cohorts start at 0")
    }

    /// Weights of one collector.
    pub(super) fn weights_of(&self, index: u32) -> &[u32] {
        let streams = self.plan.streams.len();
        &self.weights[index as usize * streams..][..streams]
    }

    /// Number of collectors; of an autoscaled fleet, the requested number.
    pub(in crate::model) fn count(&self) -> u32 {
        self.scaling
            .as_ref()
            .map_or_else(|| self.alive(), Scaling::replicas)
    }

    /// Number of collectors that exist.
    pub(super) fn alive(&self) -> u32 {
        self.cohorts.iter().map(|cohort| cohort.alive).sum()
    }

    /// The collectors of the fleet at `now`.
    pub(super) fn snapshot(&self, now: SimTime) -> Snapshot<'_> {
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

    /// Accounts for the fleet's total up to `now`, and notes its highest level since the last time.
    pub(super) fn settle_total(&mut self, now: SimTime) {
        let span = Span::new(self.carried.settled, now);
        if span.is_empty() {
            return;
        }
        let total = self.plan.total(&self.carried, &self.inlet);
        let core_seconds = &mut self.tally.other_core_seconds;
        self.pipelines.offer(&total, span, core_seconds);
        *core_seconds += renewal_core_seconds(&total, span);
        let driver = &total.resident.driver;
        let mut rates = Vec::new();
        for segment in driver.segments_in(span) {
            let volume = total.volume(segment);
            self.tally.series_peak = self.tally.series_peak.max(volume.series);
            self.tally.ingest_peak = self.tally.ingest_peak.max(volume.rate);
            if self.carried.steps.is_some() {
                rates.push((driver.starts[segment].max(span.from), volume.rate));
            }
        }
        for (at, rate) in rates {
            self.note_step(at, rate);
        }
        self.carried.settled = now;
    }

    /// Inflow of one collector at `now`, in samples per second.
    pub(super) fn inflow(&self, index: u32, now: SimTime) -> f64 {
        let segment = self.plan.resident.driver.segment(now);
        self.feed(index).volume(segment).rate
    }
}

impl FleetPlan<'_> {
    /// Cores of a truncation over the window of a peak, of a collector with so many series. One
    /// goroutine reads the WAL again.
    fn truncation_cores(&self, series: f64) -> f64 {
        if self.resident.truncation().every.is_zero() {
            return 0.0;
        }
        cores_of_burst(series * self.prices.per_truncated_series)
    }

    /// Number of a collector among those of all fleets.
    fn collector_id(&self, index: u32) -> CollectorId {
        CollectorId::new((self.first + index) as usize)
    }

    /// The load of one collector.
    fn feed<'f>(
        &'f self,
        index: u32,
        (collectors, weights): (&'f [Collector], &'f [u32]),
        inlet: &'f Inlet,
    ) -> Feed<'f> {
        let streams = self.streams.len();
        let weights = &weights[index as usize * streams..][..streams];
        let mut rate_max = 0.0;
        let highest = self.streams.iter().zip(&self.highest);
        for (&weight, (stream, highest)) in weights.iter().zip(highest) {
            let units = weight_value(weight) * highest.level;
            rate_max += stream.kind.volume(stream, units).rate;
        }
        Feed {
            index,
            streams: &self.streams,
            resident: &self.resident,
            process: &collectors[index as usize].process,
            weights,
            rate_max,
            arrivals: inlet.arrivals(),
        }
    }

    /// The load of the whole fleet.
    fn total<'f>(&'f self, carried: &'f Carried, inlet: &'f Inlet) -> Total<'f> {
        Total {
            streams: &self.streams,
            resident: &self.resident,
            carried: &carried.weights,
            unowned: &carried.unowned,
            arrivals: inlet.arrivals(),
        }
    }
}

/// Core seconds of new series that replaced others over a span.
fn renewal_core_seconds(total: &Total<'_>, span: Span) -> f64 {
    let driver = &total.resident.driver;
    let unit = f64::from(1_u32 << WEIGHT_BITS);
    let mut seconds = 0.0;
    for segment in driver.segments_in(span) {
        let length = driver.end_of(segment).min(span.to) - driver.starts[segment].max(span.from);
        let streams = total.streams.iter().zip(&driver.streams);
        for ((plan, stream), &carried) in streams.zip(total.carried) {
            let rate = plan.cores_per_death * stream.churn_rate[segment];
            seconds += rate * carried as f64 / unit * length.nanos() as f64 / 1e9;
        }
    }
    seconds
}
