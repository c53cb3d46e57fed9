//! From a fleet of the blueprint to the load of its collectors over time, in one draw.

use crate::model::blueprint::{self, Blueprint, PoolId, WorkloadId, WorkloadKind};
use crate::model::load::draw::Draw;
use crate::model::load::driver::{Driver, StreamDriver, unit_for};
use crate::model::load::timeline::{Grid, Timeline};
use crate::model::pipeline::{Kind, Stream};
use crate::model::process::memory::Memory;
use crate::model::process::scrape::Scrapes;
use crate::model::topology::{Assignment, Discovery, Population};
use crate::model::wal::Coefficient;

use super::Cohort;
use super::crowd::Crowd;
use crate::units::{SimDuration, SimTime};

/// CPU seconds of work, in one draw.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct CpuPrices {
    /// Per scraped sample, kept or not.
    pub per_scraped: f64,
    /// Per sample sent to one endpoint.
    pub per_sent: f64,
    /// Endpoints that each sample is sent to.
    pub endpoints: f64,
    /// Per scrape, on top of its samples.
    pub per_scrape: f64,
    pub per_new_series: f64,
    pub per_log_byte: f64,
    /// Cores of an idle process.
    pub idle_cores: f64,
}

impl CpuPrices {
    /// The CPU costs of a fleet with `endpoints` endpoints of metrics, at least one. Unknowns are
    /// drawn.
    pub(super) fn draw(fleet: &blueprint::Fleet, endpoints: usize, draw: &mut Draw) -> Self {
        let path = format!("fleet.{}", fleet.name);
        let mut centre = |key: &str, quantity| draw.centre(&format!("{path}.{key}"), quantity);
        let model = &fleet.cpu;
        let per_sample = centre("cpu_per_sample", &model.seconds_per_sample);
        Self {
            per_scraped: per_sample * (1.0 - model.sent_share),
            per_sent: per_sample * model.sent_share,
            endpoints: endpoints as f64,
            per_scrape: centre("cpu_per_scrape", &model.seconds_per_scrape),
            per_new_series: centre("cpu_per_new_series", &model.seconds_per_new_series),
            per_log_byte: centre("cpu_per_log_mib", &model.seconds_per_log_byte),
            idle_cores: centre("idle_cpu", &model.idle_cores),
        }
    }

    /// Per scraped sample, of which the share `kept` survives relabelling.
    pub(super) fn per_kept_sample(&self, kept: f64) -> f64 {
        self.per_scraped / kept.max(1e-6) + self.per_sent * self.endpoints
    }
}

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
    pub grid: Grid,
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
    pub(super) fn streams(&self, cpu: CpuPrices) -> Vec<Stream> {
        let metrics = self
            .metrics()
            .map(|workload| self.metrics_stream(workload, cpu));
        let logs = self
            .fleet
            .logs_of
            .iter()
            .map(|&workload| self.logs_stream(workload, cpu));
        let own = (self.fleet.own_series > 0.0).then(|| own_stream(cpu));
        metrics.chain(logs).chain(own).collect()
    }

    fn logs_stream(&self, workload: WorkloadId, cpu: CpuPrices) -> Stream {
        let unit = match self.fleet.topology.assignment {
            Assignment::Local => self.local_unit(workload, 0.0, &[]),
            _ => 1.0,
        };
        Stream {
            workload: Some(workload),
            unit,
            cores: cpu.per_log_byte,
            ..Stream::of(Kind::Logs)
        }
    }

    fn metrics_stream(&self, workload: WorkloadId, cpu: CpuPrices) -> Stream {
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
        let per_series = cpu.per_kept_sample(timeline.kept) + cpu.per_scrape * targets_per_series;
        Stream {
            kind: Kind::Metrics,
            workload: Some(workload),
            interval: plan.scrape_interval,
            scrapes: Scrapes {
                interval: plan.scrape_interval.secs_f64(),
                timeout: plan.scrape_timeout.secs_f64(),
                spread: plan.series.scv().ln_1p().sqrt(),
            },
            cores: per_series / plan.scrape_interval.secs_f64(),
            cores_per_death: cpu.per_new_series * 1e9,
            unit,
            series_per_target,
            targets_per_series,
            unseen: plan
                .jobs
                .map_or(0.0, |jobs| jobs.unseen(plan.scrape_interval).time),
            ordinary: ordinary / total,
            giants: giants_of_total,
            scv,
        }
    }

    /// What a weight of 1 stands for, where each collector has its own targets: enough for the largest
    /// of them. No score beyond 9 is ever drawn, one in 10¹⁹.
    fn local_unit(&self, workload: WorkloadId, scv: f64, giants: &[f64]) -> f64 {
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

    /// Expected jobs that end before their first scrape, within the measured horizon.
    pub(super) fn unseen_jobs(&self) -> f64 {
        let of = |workload: WorkloadId| {
            let plan = &self.blueprint.workloads[workload];
            let share = plan
                .jobs
                .map_or(0.0, |jobs| jobs.unseen(plan.scrape_interval).jobs);
            let rates = self.timelines[workload.index()].job_rates(&self.grid);
            let seconds = |cell: usize| {
                let from = self.grid.start_of(cell).max(self.grid.warm_up);
                self.grid
                    .start_of(cell + 1)
                    .min(self.grid.end)
                    .since(from)
                    .secs_f64()
            };
            let jobs = |(cell, rate): (usize, &f64)| rate * seconds(cell);
            share * rates.iter().enumerate().map(jobs).sum::<f64>()
        };
        self.metrics().map(of).sum()
    }

    /// The driver of all streams, and the live bytes per unit of each.
    pub(super) fn driver(&self, streams: &[Stream], memory: &Memory) -> (Driver, Vec<Coefficient>) {
        let starts = self.edges();
        let end = self.grid.end;
        let drivers = streams
            .iter()
            .map(|stream| self.stream_driver(stream, &starts))
            .collect();
        let common_live = starts
            .iter()
            .map(|&at| self.common_live(at, memory))
            .collect();
        let coefficient = |stream: &Stream| stream.kind.coefficient(stream, memory);
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

    /// Every instant at which the load of the fleet changes, ascending from 0.
    fn edges(&self) -> Vec<SimTime> {
        let cells = (0..self.grid.cells()).map(|cell| self.grid.start_of(cell));
        let mut edges: Vec<SimTime> = cells.collect();
        for workload in Kind::all_workloads(self.fleet) {
            edges.extend(self.timelines[workload.index()].edges(&self.grid));
        }
        edges.retain(|&edge| edge < self.grid.end);
        edges.sort_unstable();
        edges.dedup();
        edges
    }

    fn stream_driver(&self, stream: &Stream, starts: &[SimTime]) -> StreamDriver {
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
        let targets = timeline.smooth_targets(&self.grid, cell) * timeline.steps_at(&self.grid, at);
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
    fn local_count(&self, workload: WorkloadId, cell: usize, targets: f64) -> f64 {
        if self.fleet.topology.population == Population::PerPod {
            return targets;
        }
        let pools = self.blueprint.workloads[workload].runs_on.iter();
        pools
            .map(|&pool| f64::from(self.pool_nodes[pool.index()][cell]))
            .sum()
    }

    /// Live bytes of every collector whatever its weights are: its base, and the pods that
    /// discovery watches.
    fn common_live(&self, at: SimTime, memory: &Memory) -> f64 {
        let cell = self.grid.cell_at(at);
        let watched = |workload: WorkloadId| {
            let timeline = &self.timelines[workload.index()];
            let targets =
                timeline.smooth_targets(&self.grid, cell) * timeline.steps_at(&self.grid, at);
            match self.fleet.topology.discovery {
                Discovery::Everything => targets / f64::from(self.clusters()),
                Discovery::OwnNode => targets / self.local_count(workload, cell, targets).max(1.0),
                Discovery::Nothing => 0.0,
            }
        };
        let pods: f64 = self.metrics().map(watched).sum();
        memory.base_live + memory.live_per_pod * pods
    }
}

fn own_stream(cpu: CpuPrices) -> Stream {
    const INTERVAL_SECONDS: u64 = 60;
    /// Source: Grafana Alloy documentation, `prometheus.scrape`, `scrape_timeout` (read 2026-11).
    const TIMEOUT_SECONDS: f64 = 10.0;
    Stream {
        interval: SimDuration::from_nanos(INTERVAL_SECONDS * 1_000_000_000),
        scrapes: Scrapes {
            interval: INTERVAL_SECONDS as f64,
            timeout: TIMEOUT_SECONDS,
            spread: 0.0,
        },
        cores: cpu.per_kept_sample(1.0) / INTERVAL_SECONDS as f64,
        ..Stream::of(Kind::Metrics)
    }
}
