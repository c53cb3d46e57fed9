//! A fleet at its first instant: its load, its clusters, its limits.

use crate::engine::key_of;
use crate::model::autoscale::Scaling;
use crate::model::blueprint::{
    self, Blueprint, EndpointId, FleetId, PoolId, Unchanged, WorkloadId, WorkloadKind,
};
use crate::model::endpoint::Endpoint;
use crate::model::job::Jobs;
use crate::model::law::Quantity;
use crate::model::load::beyond::Beyond;
use crate::model::load::draw::Draw;
use crate::model::load::driver::{Driver, EXTENT_MAX};
use crate::model::load::timeline::{Grid, HOUR, Timeline};
use crate::model::pipeline::route::{Route, logs_of, merged};
use crate::model::pipeline::{
    Kind, Logs, Metrics, Pipelines, ProfileRoute, Profiles, Stream, Traces,
};
use crate::model::process::collector::Collector;
use crate::model::process::memory::Memory;
use crate::model::process::prices::CpuPrices;
use crate::model::process::series::SeriesShape;
use crate::model::topology::{Assignment, Population};
use crate::model::wal::{Resident, SEGMENT_BYTES, Truncation};
use crate::units::{SimTime, Span, small};

use super::disk::BytePrices;
use super::inlet::Inlet;
use super::load::{Costs, Load};
use super::spans;
use super::{Carried, Cohort, Fleet, FleetPlan, FleetTally};

/// Most instants at which all targets get new keys.
const EPOCHS_MAX: usize = 256;

/// What fleets are built from.
#[derive(Clone, Copy, Debug)]
pub(in crate::model) struct Seed<'a, 'b> {
    pub blueprint: &'b Blueprint,
    pub timelines: &'a [Timeline],
    pub pool_nodes: &'a [Vec<u32>],
    pub endpoints: &'a [Endpoint<'b>],
    pub grid: Grid,
}

impl<'b> Seed<'_, 'b> {
    /// All fleets with their unknowns drawn.
    ///
    /// # Errors
    ///
    /// The first stream whose samples cannot be counted exactly in this draw.
    pub(in crate::model) fn fleets(&self, draw: &mut Draw) -> Result<Vec<Fleet<'b>>, Beyond> {
        let mut first = 0;
        let mut fleets = Vec::new();
        for id in FleetId::all(self.blueprint.fleets.len()) {
            let fleet = self.fleet((id, first), draw)?;
            first += small(fleet.collectors.len());
            fleets.push(fleet);
        }
        Ok(fleets)
    }

    /// The fleet whose first collector has the number `first`.
    fn fleet(&self, (id, first): (FleetId, u32), draw: &mut Draw) -> Result<Fleet<'b>, Beyond> {
        let fleet = &self.blueprint.fleets[id];
        let cohorts = self.cohorts(fleet);
        let upstream = self.upstream(id);
        let load = Load {
            blueprint: self.blueprint,
            fleet,
            timelines: self.timelines,
            pool_nodes: self.pool_nodes,
            cohorts: &cohorts,
            crowds: &[],
            upstream: &upstream,
            grid: self.grid,
        };
        let crowds = load.draw_crowds(draw);
        let load = Load {
            crowds: &crowds,
            ..load
        };
        let routes = Route::all_of(fleet, self.endpoints);
        let plan = self.plan((id, first), (&load, &routes), draw);
        self.assure_exact(&load, &plan)?;
        let collectors = capacity(&cohorts) as usize;
        let streams = plan.streams.len();
        let clusters = load.build_clusters(&plan.streams, capacity(&cohorts), draw);
        let ways = (&plan.memory, routes.as_slice());
        let truncation = plan.resident.truncation();
        let logs = logs_of(&routes, truncation, fleet.memory.destinations);
        let jobs = Jobs::draw(self.blueprint, fleet, self.timelines, ways, self.grid);
        let metrics = Metrics::new(&plan.streams, (routes, logs), collectors);
        let intake = (fleet.log_intake.source, fleet.loki_write);
        let lines = Logs::new(&plan.streams, intake, self.log_routes(fleet), collectors);
        let mut pipelines = Pipelines::new(metrics, lines);
        pipelines.traces = Traces::new(
            (&plan.streams, &plan.highest),
            &plan.spans,
            spans::routes(fleet, self.endpoints, self.blueprint),
            collectors,
        );
        let profiles = ProfileRoute::all_of(fleet, self.endpoints);
        let profiles = (fleet.pyroscope, profiles);
        pipelines.profiles = Profiles::new(&plan.streams, profiles, collectors);
        Ok(Fleet {
            jobs,
            clusters,
            scaling: Scaling::draw(fleet, collectors, draw),
            pipelines,
            rollout: None,
            unsafe_from: SimTime::NEVER,
            collectors: vec![Collector::default(); collectors],
            weights: vec![0; collectors * streams],
            carried: Carried::none(streams, self.sends_alone(fleet)),
            inlet: Inlet::new(&plan.streams, &self.blueprint.clients(id)),
            tally: FleetTally::default(),
            cpu_short: None,
            plan,
            cohorts,
        })
    }

    /// Whether every stream of a fleet stays within the exact range in this draw.
    fn assure_exact(&self, load: &Load<'_>, plan: &FleetPlan<'_>) -> Result<(), Beyond> {
        let end = self.grid.end;
        let driver = &plan.resident.driver;
        for (stream, of) in plan.streams.iter().zip(&driver.streams) {
            let is_local = load.fleet.topology.assignment == Assignment::Local;
            let parts = if stream.is_own() || is_local {
                capacity(load.cohorts)
            } else {
                load.clusters()
            };
            let units = f64::from(parts) / stream.unit;
            let extent = of.extent(&driver.starts, end, units);
            if extent > EXTENT_MAX {
                return Err(Beyond {
                    path: stream.path(self.blueprint, load.fleet),
                    value: extent / end.nanos() as f64,
                    most: EXTENT_MAX / end.nanos() as f64,
                });
            }
        }
        Ok(())
    }

    /// What is fixed about the fleet in this draw.
    fn plan(
        &self,
        (id, first): (FleetId, u32),
        (load, routes): (&Load<'_>, &[Route]),
        draw: &mut Draw,
    ) -> FleetPlan<'b> {
        let fleet = &self.blueprint.fleets[id];
        let path = format!("fleet.{}", fleet.name);
        let shape = SeriesShape::draw(fleet, load.scraped_per_collector(), draw);
        let series = (shape, routes.len());
        let prices = CpuPrices::draw(fleet, series, draw);
        let bytes = BytePrices::draw(fleet, draw);
        let memory = Memory::draw(fleet, series, self.memory_limit(fleet), draw);
        let mut seconds = |key: &str, interval: Option<Quantity>| {
            interval.map(|interval| draw.centre(&format!("{path}.{key}"), &interval))
        };
        let restart_seconds = seconds("restarts", fleet.interruptions.restart_interval);
        let update_seconds = seconds("updates.every", fleet.lifecycle.updates.every);
        let costs = Costs { cpu: prices, shape };
        let spans = spans::plan(fleet, &prices, draw);
        let streams = load.streams(&costs, &spans);
        let (driver, coefficients) = load.driver(&streams, &memory);
        let idle_live = driver.common_live[driver.segment(self.grid.warm_up)];
        let held = load.held((&streams, &driver, &coefficients), (&costs, &memory));
        let memory = memory.following(idle_live, held);
        let highest = streams.iter().zip(&driver.streams);
        let highest = highest.map(|(stream, driver)| stream.highest(driver));
        let highest: Vec<_> = highest.collect();
        let rate = mean_rate(&streams, &driver, driver.segment(self.grid.warm_up));
        let wal = (truncation(fleet, (&memory, &bytes), rate), merged(routes));
        let collectors = capacity(load.cohorts) as usize;
        let resident = Resident::new(driver, coefficients, wal, collectors);
        FleetPlan {
            id,
            blueprint: fleet,
            key: key_of(&path),
            first,
            epochs: epochs(load, &streams),
            highest,
            busiest_at: busiest(&streams, &resident.driver),
            resident: resident
                .growing(memory.growth / 1e9)
                .below(spans::ceiling(&streams, &spans)),
            memory,
            cpu_cap: self.cpu_cap(fleet),
            prices,
            bytes,
            restart_seconds,
            update_seconds,
            unseen_jobs: load.unseen_jobs(),
            spans,
            streams,
        }
    }

    /// The cohorts of the fleet, with their number of collectors per cell.
    pub(super) fn cohorts(&self, fleet: &blueprint::Fleet) -> Vec<Cohort> {
        let mut cohorts = Vec::new();
        match fleet.topology.population {
            Population::Replicas(replicas) => {
                for (home, clusters) in self.homes(fleet) {
                    if let Some(plan) = &fleet.autoscaling {
                        cohorts.extend((0..clusters).map(|_| self.replica_block(plan.max, home)));
                    } else {
                        cohorts.push(self.replica_block(replicas * clusters, home));
                    }
                }
            }
            Population::PerNode => {
                for &pool in &fleet.runs_on {
                    let counts = self.pool_nodes[pool.index()].clone();
                    cohorts.push(Cohort {
                        base: 0,
                        alive: 0,
                        pool: Some(pool),
                        workload: None,
                        home: None,
                        counts,
                        room: u32::MAX,
                    });
                }
            }
            Population::PerPod => {
                let mut workloads: Vec<WorkloadId> = Kind::all_workloads(fleet).collect();
                workloads.sort_unstable();
                workloads.dedup();
                workloads.retain(|&id| self.blueprint.workloads[id].kind != WorkloadKind::Job);
                cohorts.extend(
                    workloads
                        .into_iter()
                        .map(|workload| self.pod_block(workload)),
                );
            }
        }
        let mut base = 0;
        for cohort in &mut cohorts {
            cohort.base = base;
            cohort.alive = match (&fleet.autoscaling, fleet.topology.population) {
                (Some(_), Population::Replicas(start)) => start,
                _ => cohort.counts[0],
            };
            base += cohort.counts.iter().copied().max().unwrap_or(0);
        }
        cohorts
    }

    /// Where the replicas of a fleet run, with the number of equal clusters. They run on machines of
    /// their own if the fleet has no pool.
    fn homes(&self, fleet: &blueprint::Fleet) -> Vec<(Option<PoolId>, u32)> {
        if fleet.runs_on.is_empty() {
            return vec![(None, self.blueprint.clusters_of(fleet))];
        }
        let homes = self.blueprint.homes(&fleet.runs_on).into_iter();
        homes
            .map(|(pool, clusters)| (Some(pool), clusters))
            .collect()
    }

    /// The cohort of replicas, whose number follows neither nodes nor pods.
    fn replica_block(&self, count: u32, home: Option<PoolId>) -> Cohort {
        Cohort {
            base: 0,
            alive: 0,
            pool: None,
            workload: None,
            home,
            counts: vec![count; self.grid.cells()],
            room: u32::MAX,
        }
    }

    fn pod_block(&self, workload: WorkloadId) -> Cohort {
        let timeline = &self.timelines[workload.index()];
        let count = |cell: usize| {
            let pods = timeline.targets_at(&self.grid, self.grid.start_of(cell));
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "saturates"
            )]
            let count = pods.round() as u32;
            count
        };
        let counts = (0..self.grid.cells()).map(count).collect();
        Cohort {
            base: 0,
            alive: 0,
            pool: None,
            workload: Some(workload),
            home: self.blueprint.workloads[workload].runs_on.first().copied(),
            counts,
            room: u32::MAX,
        }
    }

    /// Bytes above which a collector is killed: the lesser of its own limit and the memory of its
    /// node.
    fn memory_limit(&self, fleet: &blueprint::Fleet) -> f64 {
        let node = fleet
            .runs_on
            .iter()
            .map(|&pool| self.blueprint.pools[pool].node.memory.as_f64());
        let node = node.fold(f64::INFINITY, f64::min);
        fleet
            .resources
            .memory_limit
            .map_or(node, |limit| limit.as_f64().min(node))
    }

    /// Whether no other fleet sends to any endpoint of a fleet.
    fn sends_alone(&self, fleet: &blueprint::Fleet) -> bool {
        let senders = |id: &EndpointId| {
            let fleets = self.blueprint.fleets.iter();
            fleets.filter(|other| other.sends_to.contains(id)).count()
        };
        fleet.sends_to.iter().all(|id| senders(id) < 2)
    }

    /// Most cores that a collector can have: the lesser of its limit and the cores of its node.
    fn cpu_cap(&self, fleet: &blueprint::Fleet) -> f64 {
        let node = fleet
            .runs_on
            .iter()
            .map(|&pool| self.blueprint.pools[pool].node.cpu_cores);
        let node = node.fold(f64::INFINITY, f64::min);
        fleet
            .resources
            .cpu_limit_cores
            .unwrap_or(f64::INFINITY)
            .min(node)
    }
}

/// The rule of truncation of a fleet whose mean collector scrapes `rate` samples per second.
fn truncation(
    fleet: &blueprint::Fleet,
    (memory, bytes): (&Memory, &BytePrices),
    rate: f64,
) -> Truncation {
    let series = memory.per_series;
    let held = series.wal + series.queue;
    let every = fleet.wal.truncate_every;
    let full = SEGMENT_BYTES / bytes.logged;
    Truncation {
        every,
        keep_min: fleet.wal.keep_min,
        keep_max: fleet.wal.keep_max,
        skips: fleet.wal.unchanged == Unchanged::Skipped,
        full,
        in_queues: if held > 0.0 { series.queue / held } else { 0.0 },
        queue_periods: Truncation::queue_periods(every, full, rate),
    }
}

/// Samples per second of a collector of mean weights in a segment.
fn mean_rate(streams: &[Stream], driver: &Driver, segment: usize) -> f64 {
    let counted = streams.iter().zip(&driver.streams);
    let counted = counted.filter(|(stream, _)| stream.kind == Kind::Metrics);
    let rate = counted
        .map(|(stream, driver)| driver.level[segment] / stream.unit / stream.interval.secs_f64());
    rate.sum()
}

/// The start of the segment in which a collector of mean weights scrapes the most samples.
fn busiest(streams: &[Stream], driver: &Driver) -> SimTime {
    let rates = (0..driver.starts.len()).map(|segment| mean_rate(streams, driver, segment));
    let rates: Vec<f64> = rates.collect();
    let most = (0..rates.len()).max_by(|&left, &right| rates[left].total_cmp(&rates[right]));
    driver.starts[most.expect("a driver has segments")]
}

fn capacity(cohorts: &[Cohort]) -> u32 {
    cohorts
        .iter()
        .map(|cohort| cohort.counts.iter().copied().max().unwrap_or(0))
        .sum()
}

/// Instants at which all targets have been replaced, and get new keys. The instants are whole hours
/// whatever the grid is, so a finer grid does not move them.
fn epochs(load: &Load<'_>, streams: &[Stream]) -> Vec<SimTime> {
    if load.fleet.topology.assignment == Assignment::Local {
        return Vec::new();
    }
    let grid = load.grid;
    let workloads: Vec<WorkloadId> = streams
        .iter()
        .filter_map(|stream| stream.workload)
        .collect();
    let mut epochs = Vec::new();
    let mut replaced = 0.0;
    let hours = grid.end.nanos().div_ceil(HOUR.nanos());
    for hour in 0..hours {
        let from = SimTime::ZERO + HOUR * hour;
        let to = (from + HOUR).min(grid.end);
        let fastest = |at: SimTime| {
            let rate = |&workload: &WorkloadId| {
                load.timelines[workload.index()].replaced_in(Span::new(at, to))
            };
            workloads.iter().map(rate).fold(0.0, f64::max)
        };
        replaced += fastest(from);
        if replaced >= 1.0 && epochs.len() < EPOCHS_MAX {
            replaced = replaced.fract();
            epochs.push(to);
        }
    }
    epochs
}
