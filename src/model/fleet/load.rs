//! From a fleet of the blueprint to the load of its collectors over time, in one draw.

use crate::model::blueprint::signal::MetricSource;
use crate::model::blueprint::{self, Blueprint, PoolId, WorkloadId, WorkloadKind};
use crate::model::load::driver::{Driver, StreamDriver, unit_for};
use crate::model::load::timeline::{Grid, Timeline};
use crate::model::pipeline::{Kind, OWN_INTERVAL, SpanPlan, Stream};
use crate::model::process::heap::Held;
use crate::model::process::memory::Memory;
use crate::model::process::prices::CpuPrices;
use crate::model::process::scrape::Scrapes;
use crate::model::process::series::SeriesShape;
use crate::model::topology::{Assignment, Population};
use crate::model::wal::Coefficient;

use super::Cohort;
use super::connectors;
use super::crowd::Crowd;
use super::upstream::Upstream;
use crate::units::SimTime;

/// Everything that decides the load of a fleet.
#[derive(Clone, Copy, Debug)]
pub(super) struct Load<'a> {
    pub blueprint: &'a Blueprint,
    pub fleet: &'a blueprint::Fleet,
    pub timelines: &'a [Timeline],
    pub pool_nodes: &'a [Vec<u32>],
    pub cohorts: &'a [Cohort],
    /// The targets that its collectors share, once they are drawn.
    pub crowds: &'a [Crowd],
    /// The fleets that send to it.
    pub upstream: &'a [Upstream],
    pub grid: Grid,
}

/// What a unit of work costs a fleet, in one draw.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Costs {
    pub cpu: CpuPrices,
    pub shape: SeriesShape,
}

impl Load<'_> {
    /// Workloads whose metrics this fleet's long-lived collectors scrape.
    pub(super) fn metrics(&self) -> impl Iterator<Item = WorkloadId> + '_ {
        let simulated_as_jobs = self.fleet.topology.population == Population::PerPod;
        let is_job =
            |workload: WorkloadId| self.blueprint.workloads[workload].kind == WorkloadKind::Job;
        self.fleet
            .metrics_of
            .iter()
            .copied()
            .filter(move |&id| !(simulated_as_jobs && is_job(id)))
    }

    /// Number of clusters, each with its own replicas.
    pub(super) fn clusters(&self) -> u32 {
        self.blueprint.clusters_of(self.fleet)
    }

    /// The streams of the fleet.
    pub(super) fn streams(&self, costs: &Costs, spans: &SpanPlan) -> Vec<Stream> {
        let metrics = self
            .metrics()
            .map(|workload| self.metrics_stream(workload, costs));
        let logs = self.fleet.logs_of.iter();
        let logs = logs.flat_map(|&workload| {
            let usual = self.logs_stream(workload, costs);
            let bursts = self.burst_streams(&usual, workload, costs);
            std::iter::once(usual).chain(bursts)
        });
        // Who scrapes no metrics does not scrape itself.
        let has_own = self.fleet.own_series > 0.0 && !self.fleet.metrics_of.is_empty();
        let own = has_own.then(|| self.own_stream(costs));
        let traces = self.fleet.traces_of.iter();
        let traces = traces.map(|&workload| self.traces_stream(workload, (costs, spans)));
        let profiles = self.fleet.profiles_of.iter();
        let profiles = profiles.map(|&workload| self.profiles_stream(workload, costs));
        let pulled = metrics.chain(self.client_streams(costs)).chain(logs);
        let pushed = traces.chain(profiles);
        let derived = self.derived_streams(costs);
        pulled.chain(own).chain(pushed).chain(derived).collect()
    }

    fn metrics_stream(&self, workload: WorkloadId, costs: &Costs) -> Stream {
        let plan = &self.blueprint.workloads[workload];
        let timeline = &self.timelines[workload.index()];
        let targets = timeline.targets_at_start(&self.grid);
        let crowd = self.crowd(workload);
        let series_per_target =
            crowd.map_or(timeline.series_per_target, |crowd| crowd.series_per_target);
        let scv = self.local_scv(workload, targets);
        let ordinary = targets * series_per_target;
        let giants = timeline.giant_total(1.0, 0.0);
        let total = (ordinary + giants).max(f64::MIN_POSITIVE);
        let per_cluster = total / f64::from(self.clusters());
        let giant_count = timeline.giant_series.len() as f64 * f64::from(self.clusters());
        // Targets without series are no samples, so there is nothing to collect.
        let is_silent = ordinary + giants <= 0.0;
        let targets_per_series = if is_silent {
            0.0
        } else {
            (targets + giant_count) / total
        };
        let giants_of_total: Vec<f64> = timeline
            .giant_series
            .iter()
            .map(|series| series / per_cluster)
            .collect();
        let unit = crowd.map_or_else(
            || self.local_unit(workload, scv, &giants_of_total),
            |crowd| crowd.unit,
        );
        let scrape_seconds = plan.scrape_interval.secs_f64();
        let cpu = &costs.cpu;
        let scraped = 1.0 / timeline.kept.max(1e-6);
        // Who is pushed to makes no scrapes.
        let source = self.fleet.metric_source;
        let scrapes_per_series = match source {
            MetricSource::Scrape => targets_per_series,
            MetricSource::Push => 0.0,
        };
        let per_sample = cpu.per_kept_sample(timeline.kept) + cpu.per_scrape * scrapes_per_series;
        Stream {
            kind: Kind::Metrics,
            workload: Some(workload),
            source,
            interval: plan.scrape_interval,
            scrapes: match source {
                MetricSource::Scrape => Scrapes {
                    interval: scrape_seconds,
                    timeout: plan.scrape_timeout.secs_f64(),
                    spread: plan.series.scv().ln_1p().sqrt(),
                },
                MetricSource::Push => Scrapes::default(),
            },
            cores: per_sample / scrape_seconds + self.truncating(cpu),
            sending: cpu.per_sent_to_all() / scrape_seconds,
            cores_per_death: cpu.per_new_series * 1e9,
            unit,
            series_per_target,
            targets_per_series,
            dropped: scraped - 1.0,
            stacks: self.stacks_per_target() * scrapes_per_series,
            garbage: self.garbage_of(&costs.shape, (scraped, scrapes_per_series)) / scrape_seconds,
            unseen: self.unseen(workload).time,
            ordinary: ordinary / total,
            giants: giants_of_total,
            scv,
            ..Stream::of(Kind::Metrics)
        }
    }

    /// Cores per series for the truncations of the WAL.
    pub(super) fn truncating(&self, cpu: &CpuPrices) -> f64 {
        let every = self.fleet.wal.truncate_every.secs_f64();
        if every > 0.0 {
            cpu.per_truncated_series / every
        } else {
            0.0
        }
    }

    fn stacks_per_target(&self) -> f64 {
        self.fleet.memory.heap.stacks.per_target
    }

    /// Bytes that are allocated per kept sample, of which there are `samples` scraped ones and
    /// `scrapes` scrapes.
    pub(super) fn garbage_of(&self, shape: &SeriesShape, (samples, scrapes): (f64, f64)) -> f64 {
        let garbage = &self.fleet.memory.heap.garbage;
        let misses = if shape.hits { 0.0 } else { shape.stages };
        samples * (garbage.per_sample + misses * garbage.per_relabel_miss)
            + scrapes * garbage.per_scrape
    }

    /// The series that each collector exposes about itself.
    fn own_stream(&self, costs: &Costs) -> Stream {
        /// Source: Grafana Alloy documentation, `prometheus.scrape`, `scrape_timeout` (read 2026-11).
        const TIMEOUT_SECONDS: f64 = 10.0;
        let interval = OWN_INTERVAL.secs_f64();
        let target = 1.0 / self.fleet.own_series;
        let cpu = &costs.cpu;
        Stream {
            interval: OWN_INTERVAL,
            scrapes: Scrapes {
                interval,
                timeout: TIMEOUT_SECONDS,
                spread: 0.0,
            },
            cores: cpu.per_kept_sample(1.0) / interval + self.truncating(cpu),
            sending: cpu.per_sent_to_all() / interval,
            stacks: self.stacks_per_target() * target,
            garbage: self.garbage_of(&costs.shape, (1.0, target)) / interval,
            ..Stream::of(Kind::Metrics)
        }
    }

    /// What a weight of 1 stands for, where each collector has its own targets: enough for the largest
    /// of them. No score beyond 9 is ever drawn, one in 10¹⁹.
    pub(super) fn local_unit(&self, workload: WorkloadId, scv: f64, giants: &[f64]) -> f64 {
        const SCORE_MAX: f64 = 9.0;
        let series = &self.blueprint.workloads[workload].series;
        let largest = if self.fleet.topology.population == Population::PerPod {
            series.largest(SCORE_MAX)
        } else {
            let sigma2 = scv.ln_1p();
            (sigma2.sqrt() * SCORE_MAX - sigma2 / 2.0).exp()
        };
        let counts = self.cohorts.iter().flat_map(|cohort| &cohort.counts);
        let population = f64::from(counts.copied().max().unwrap_or(0));
        let giant = giants.iter().copied().fold(0.0, f64::max);
        unit_for(largest + giant * population)
    }

    /// Squared coefficient of variation between the loads of nodes. Pods contribute theirs over the
    /// pods per node. A placement that is not even adds that of a random placement.
    fn local_scv(&self, workload: WorkloadId, targets: f64) -> f64 {
        let plan = &self.blueprint.workloads[workload];
        if self.fleet.topology.population == Population::PerPod {
            return plan.series.scv();
        }
        let start = self.grid.cell_at(self.grid.warm_up);
        let nodes: u32 = self
            .shared_pools(workload)
            .map(|pool| self.pool_nodes[pool.index()][start])
            .sum();
        let per_node = (targets / f64::from(nodes.max(1))).max(1.0);
        let placement = if plan.even_placement { 0.0 } else { 1.0 };
        (plan.series.scv() + placement) / per_node
    }

    /// Pools that both the workload and the fleet run on.
    fn shared_pools(&self, workload: WorkloadId) -> impl Iterator<Item = PoolId> + '_ {
        let pools = &self.blueprint.workloads[workload].runs_on;
        self.fleet
            .runs_on
            .iter()
            .copied()
            .filter(move |pool| pools.contains(pool))
    }

    /// The driver of all streams, and the live bytes per unit of each.
    pub(super) fn driver(&self, streams: &[Stream], memory: &Memory) -> (Driver, Vec<Coefficient>) {
        let starts = self.edges();
        let end = self.grid.end;
        let drivers = streams
            .iter()
            .map(|stream| self.stream_driver(stream, &starts))
            .collect();
        let pools = self.pools_watched();
        // Its base, and the pods that discovery watches.
        let base = memory.base_live + self.live_of_traces();
        let live = |&at: &SimTime| base + memory.live_per_pod * self.pods_watched(&pools, at);
        let common_live = starts.iter().map(live).collect();
        let coefficient = |stream: &Stream| match stream.derived {
            Some(derived) => connectors::coefficient(self.fleet, derived, memory),
            None => stream.kind.coefficient(stream, memory),
        };
        let coefficients = streams.iter().map(coefficient).collect();
        (
            Driver {
                starts,
                end,
                streams: drivers,
                common_live,
            },
            coefficients,
        )
    }

    /// Series that the mean collector scrapes at its largest, dropped ones included.
    pub(super) fn scraped_per_collector(&self) -> f64 {
        let counts = |cell: usize| -> u32 {
            let cohorts = self.cohorts.iter();
            cohorts.map(|cohort| cohort.counts[cell]).sum()
        };
        let scraped = |cell: usize| -> f64 {
            let of = |workload: WorkloadId| {
                let timeline = &self.timelines[workload.index()];
                let targets = timeline.targets_at(&self.grid, self.grid.start_of(cell));
                let giants = timeline.giant_total(1.0, 0.0);
                let series = targets * timeline.series_per_target + giants;
                let collectors = if self.fleet.topology.assignment == Assignment::Local {
                    self.local_count(workload, cell, targets)
                } else {
                    f64::from(counts(cell))
                };
                series / timeline.kept.max(1e-6) / collectors.max(1.0)
            };
            self.metrics().map(of).sum()
        };
        (0..self.grid.cells()).map(scraped).fold(0.0, f64::max)
    }

    /// What the mean collector holds for its load.
    pub(super) fn held(
        &self,
        (streams, driver, coefficients): (&[Stream], &Driver, &[Coefficient]),
        (costs, memory): (&Costs, &Memory),
    ) -> Held {
        let mut held = Held::default();
        for ((stream, of), coefficient) in streams.iter().zip(&driver.streams).zip(coefficients) {
            let level = of.level.iter().sum::<f64>() / stream.unit;
            held.live += level * (coefficient.resident + coefficient.active);
            held.stacks += level * stream.stacks;
            held.garbage += level * stream.garbage;
        }
        if held.live <= 0.0 {
            held = self.held_by_jobs(costs, memory);
        }
        held
    }

    /// What the sidecars of all jobs hold, one each.
    fn held_by_jobs(&self, costs: &Costs, memory: &Memory) -> Held {
        let mut held = Held::default();
        for &workload in &self.fleet.metrics_of {
            let plan = &self.blueprint.workloads[workload];
            let series = self.timelines[workload.index()].series_per_target;
            held.live += series * memory.per_series.all() + memory.live_per_target;
            held.stacks += self.stacks_per_target();
            held.garbage +=
                self.garbage_of(&costs.shape, (series, 1.0)) / plan.scrape_interval.secs_f64();
        }
        held
    }

    /// Every instant at which the load of the fleet changes, ascending from 0.
    fn edges(&self) -> Vec<SimTime> {
        let cells = (0..self.grid.cells()).map(|cell| self.grid.start_of(cell));
        let mut edges: Vec<SimTime> = cells.collect();
        for workload in Kind::all_workloads(self.fleet) {
            edges.extend(self.timelines[workload.index()].edges(&self.grid));
        }
        edges.extend(self.watched_edges());
        edges.extend(self.edges_forgotten());
        edges.retain(|&edge| edge < self.grid.end);
        edges.sort_unstable();
        edges.dedup();
        edges
    }

    fn stream_driver(&self, stream: &Stream, starts: &[SimTime]) -> StreamDriver {
        if let Some(client) = stream.client {
            return self.client_driver(client, starts);
        }
        if let Some(derived) = stream.derived {
            return self.derived_driver(derived, starts);
        }
        let Some(workload) = stream.workload else {
            let level = vec![self.fleet.own_series; starts.len()];
            return StreamDriver::new(starts, self.grid.end, level, &vec![0.0; starts.len()]);
        };
        let level = starts
            .iter()
            .map(|&at| self.level(stream, workload, at))
            .collect();
        let replaced: Vec<f64> = match self.fleet.topology.population {
            // A replaced pod takes its collector with it.
            Population::PerPod => vec![0.0; starts.len()],
            _ => starts
                .iter()
                .map(|&at| self.timelines[workload.index()].replacement_rate(at))
                .collect(),
        };
        StreamDriver::new(starts, self.grid.end, level, &replaced)
    }

    /// Units of a stream at weight 1. Where members share targets, that is a whole cluster. Where
    /// targets are local, it is the mean of a node or pod.
    fn level(&self, stream: &Stream, workload: WorkloadId, at: SimTime) -> f64 {
        let timeline = &self.timelines[workload.index()];
        let cell = self.grid.cell_at(at);
        let targets = timeline.targets_at(&self.grid, at);
        let total = stream.kind.units(stream, timeline, targets, at);
        let topology = &self.fleet.topology;
        let parts = if topology.assignment == Assignment::Local {
            self.local_count(workload, cell, targets).max(1.0)
        } else {
            f64::from(self.clusters())
        };
        total * stream.unit / parts
    }

    /// Number of nodes or pods over which a workload is spread, where its targets are local.
    pub(super) fn local_count(&self, workload: WorkloadId, cell: usize, targets: f64) -> f64 {
        if self.fleet.topology.population == Population::PerPod {
            return targets;
        }
        let pools = self.blueprint.workloads[workload].runs_on.iter();
        pools
            .map(|&pool| f64::from(self.pool_nodes[pool.index()][cell]))
            .sum()
    }
}
