//! Series that a fleet derives from spans, and what a process remembers of pods that are gone.
//!
//! The series leave through the pipeline of metrics once a minute, without a scrape. Without an
//! expiration a process remembers every resource until its cache is full.

use crate::model::blueprint::signal::MetricSource;
use crate::model::blueprint::{
    self, Balancer, Protocol, RoutingKey, SERIES_PER_KEY, SpanMetrics, SpanResource, WorkloadId,
};
use crate::model::load::driver::{StreamDriver, weight_value};
use crate::model::pipeline::{Derived, Kind, Stream};
use crate::model::process::memory::Memory;
use crate::model::process::scrape::Scrapes;
use crate::model::topology::{Assignment, Population};
use crate::model::wal::{Coefficient, Ramp};
use crate::units::{SimDuration, SimTime};

use super::Fleet;
use super::load::{Costs, Load};

/// Time between two flushes of the connectors.
///
/// Source: Grafana Alloy documentation, `otelcol.connector.spanmetrics`, `metrics_flush_interval`
/// (read 2026-11).
const FLUSH: SimDuration = SimDuration::from_secs(60);

/// Time after which an edge of a service graph that is not seen goes.
///
/// Source: open-telemetry/opentelemetry-collector-contrib, `connector/servicegraphconnector`,
/// `connector.go`, `cleanCache` (read 2026-11).
const EDGE_FORGOTTEN_AFTER: SimDuration = SimDuration::from_mins(15);

/// CPU of a sample that is derived and appended, as a share of that of a scraped one.
///
/// INFERRED: no page is parsed.
const APPENDED: f64 = 0.5;

impl Load<'_> {
    /// The streams that the fleet derives from spans.
    pub(super) fn derived_streams(&self, costs: &Costs) -> Vec<Stream> {
        let mut streams = Vec::new();
        if let Some(plan) = &self.fleet.spanmetrics {
            for &workload in &self.fleet.traces_of {
                streams.push(self.derived(Derived::Present(workload), costs));
                if plan.resources == SpanResource::Pod {
                    streams.push(self.derived(Derived::Past(workload), costs));
                }
            }
        }
        if self.fleet.servicegraph.is_some() {
            streams.push(self.derived(Derived::Edges, costs));
        }
        streams
    }

    fn derived(&self, derived: Derived, costs: &Costs) -> Stream {
        let seconds = FLUSH.secs_f64();
        let workload = match derived {
            Derived::Present(workload) | Derived::Past(workload) => Some(workload),
            Derived::Edges => None,
        };
        let unit = match self.fleet.topology.assignment {
            Assignment::Local => workload.map_or(1.0, |id| self.local_unit(id, 0.0, &[])),
            _ => 1.0,
        };
        let sending = costs.cpu.per_sent_to_all() / seconds;
        Stream {
            // Where every collector sees every service, each has all series.
            workload: workload.filter(|_| self.is_divided()),
            derived: Some(derived),
            source: MetricSource::Push,
            interval: FLUSH,
            scrapes: Scrapes {
                interval: seconds,
                timeout: seconds,
                spread: 0.0,
            },
            unit,
            cores: APPENDED * costs.cpu.per_scraped / seconds
                + self.truncating(&costs.cpu)
                + sending,
            sending,
            ..Stream::of(Kind::Metrics)
        }
    }

    /// Whether each service or client reaches one collector only.
    fn is_divided(&self) -> bool {
        match (self.fleet.otlp.balancer, self.fleet.otlp.protocol) {
            _ if self.fleet.topology.assignment == Assignment::Local => true,
            (Balancer::Exporter(routers), _) => routers.key == RoutingKey::Service,
            (Balancer::RoundRobin, _) | (Balancer::Plain, Protocol::Http) => false,
            (Balancer::Plain, Protocol::Grpc) => true,
        }
    }

    /// Units of a derived stream at weight 1 in each segment, which begin at `starts`.
    fn derived_level(&self, derived: Derived, starts: &[SimTime]) -> Vec<f64> {
        match derived {
            Derived::Present(workload) => {
                let series = |&at: &SimTime| self.present(workload, at);
                starts.iter().map(series).collect()
            }
            Derived::Past(workload) => self.past(workload, starts),
            Derived::Edges => starts.iter().map(|&at| self.edges_at(at)).collect(),
        }
    }

    /// The driver of a derived stream. What dies of it is what its processes remember.
    pub(super) fn derived_driver(&self, derived: Derived, starts: &[SimTime]) -> StreamDriver {
        let level = self.derived_level(derived, starts);
        let replaced = |&at: &SimTime| match (derived, self.fleet.spanmetrics) {
            (Derived::Present(workload), Some(plan)) if plan.resources == SpanResource::Pod => {
                self.timelines[workload.index()].replacement_rate(at)
            }
            _ => 0.0,
        };
        let replaced: Vec<f64> = starts.iter().map(replaced).collect();
        StreamDriver::new(starts, self.grid.end, level, &replaced)
    }

    /// Series of one resource of a workload.
    fn per_resource(plan: &SpanMetrics) -> f64 {
        SERIES_PER_KEY * plan.keys
    }

    /// Resources of a workload that exist at `at`, of those that a weight of 1 stands for.
    fn resources(&self, workload: WorkloadId, at: SimTime) -> f64 {
        let timeline = &self.timelines[workload.index()];
        let targets = timeline.targets_at(&self.grid, at);
        if timeline.spans.per_second <= 0.0 {
            return 0.0;
        }
        let services = f64::from(timeline.spans.trace.services);
        let all = match self.fleet.spanmetrics.map(|plan| plan.resources) {
            Some(SpanResource::Service) => services.min(targets),
            _ => targets,
        };
        let parts = if self.fleet.topology.assignment == Assignment::Local {
            self.local_count(workload, self.grid.cell_at(at), targets)
        } else {
            f64::from(self.clusters())
        };
        all / parts.max(1.0)
    }

    /// Most resources for which those that a weight of 1 stands for have room.
    fn cached(&self, plan: &SpanMetrics) -> f64 {
        match self.fleet.topology.population {
            Population::Replicas(replicas) if self.is_divided() => plan.cache * f64::from(replicas),
            _ => plan.cache,
        }
    }

    /// Series of the resources that exist.
    fn present(&self, workload: WorkloadId, at: SimTime) -> f64 {
        let Some(plan) = &self.fleet.spanmetrics else {
            return 0.0;
        };
        let resources = self.resources(workload, at).min(self.cached(plan));
        resources * Self::per_resource(plan)
    }

    /// Series of resources that are gone and that no process forgets, segment by segment.
    ///
    /// Simplified: samples of what is gone are counted as if no process had restarted.
    fn past(&self, workload: WorkloadId, starts: &[SimTime]) -> Vec<f64> {
        let Some(plan) = &self.fleet.spanmetrics else {
            return vec![0.0; starts.len()];
        };
        let gone = self.gone_resources(workload, starts);
        let kept = plan.expiration.map(SimDuration::nanos);
        let level = |segment: usize| {
            let at = starts[segment];
            let before = kept.map_or(0.0, |kept| {
                let from = SimTime::from_nanos(at.nanos().saturating_sub(kept));
                let first = starts.partition_point(|&start| start <= from) - 1;
                let next = starts.get(first + 1).copied().unwrap_or(self.grid.end);
                let part = from.since(starts[first]).nanos() as f64
                    / next.since(starts[first]).nanos().max(1) as f64;
                let after = gone.get(first + 1).copied().unwrap_or(gone[first]);
                gone[first] + part * (after - gone[first])
            });
            let room = self.cached(plan) - self.resources(workload, at);
            (gone[segment] - before).min(room).max(0.0) * Self::per_resource(plan)
        };
        (0..starts.len()).map(level).collect()
    }

    /// Resources that have gone from the beginning of the simulation up to each segment: pods that
    /// were replaced, and pods that were too many.
    fn gone_resources(&self, workload: WorkloadId, starts: &[SimTime]) -> Vec<f64> {
        let timeline = &self.timelines[workload.index()];
        let (mut gone, mut all) = (0.0, Vec::with_capacity(starts.len()));
        for (segment, &at) in starts.iter().enumerate() {
            let here = self.resources(workload, at);
            if segment > 0 {
                let before = self.resources(workload, starts[segment - 1]);
                gone += (before - here).max(0.0);
            }
            all.push(gone);
            let end = starts.get(segment + 1).copied().unwrap_or(self.grid.end);
            gone += here * timeline.replacement_rate(at) * end.since(at).nanos() as f64;
        }
        all
    }

    /// Series of the edges that a collector has seen lately. An edge without a call within the time
    /// goes.
    ///
    /// Simplified: all edges have as many calls, which come at random.
    fn edges_at(&self, at: SimTime) -> f64 {
        let Some(plan) = &self.fleet.servicegraph else {
            return 0.0;
        };
        let lately = SimTime::from_nanos(at.nanos().saturating_sub(EDGE_FORGOTTEN_AFTER.nanos()));
        let spans = self
            .spans_per_collector(at)
            .max(self.spans_per_collector(lately));
        let calls = spans * plan.calls_per_span * EDGE_FORGOTTEN_AFTER.secs_f64();
        plan.series() * (1.0 - (-calls / plan.edges.max(f64::MIN_POSITIVE)).exp())
    }

    /// Spans per second that the mean collector gets.
    fn spans_per_collector(&self, at: SimTime) -> f64 {
        let collectors: u32 = self.cohorts.iter().map(|cohort| cohort.alive).sum();
        let spans = |workload: &WorkloadId| {
            let timeline = &self.timelines[workload.index()];
            timeline.targets_at(&self.grid, at) * timeline.spans.per_second
        };
        let all: f64 = self.fleet.traces_of.iter().map(spans).sum();
        all / f64::from(collectors.max(1))
    }

    /// Instants at which edges of a service graph go.
    pub(super) fn edges_forgotten(&self) -> Vec<SimTime> {
        if self.fleet.servicegraph.is_none() {
            return Vec::new();
        }
        let traces = self.fleet.traces_of.iter();
        let steps = traces.flat_map(|&id| self.timelines[id.index()].steps(&self.grid));
        steps.map(|at| at + EDGE_FORGOTTEN_AFTER).collect()
    }
}

/// Live bytes of derived series. What is gone and remembered counts from the start of each process:
/// [`Fleet::remember`]. What is gone and forgotten stays in the WAL for its time.
pub(super) fn coefficient(
    fleet: &blueprint::Fleet,
    derived: Derived,
    memory: &Memory,
) -> Coefficient {
    let in_wal = memory.per_series.wal + memory.per_series.queue;
    let whole = |of_connector: f64| Coefficient {
        resident: 0.0,
        active: of_connector + in_wal,
    };
    match (derived, &fleet.spanmetrics, &fleet.servicegraph) {
        (Derived::Present(_), Some(plan), _) if plan.expiration.is_some() => Coefficient {
            resident: in_wal,
            active: plan.live,
        },
        (Derived::Present(_), Some(plan), _) => whole(plan.live),
        (Derived::Edges, _, Some(plan)) => whole(plan.live),
        _ => Coefficient::default(),
    }
}

impl Fleet<'_> {
    /// Live bytes of a series of a resource that is gone and remembered.
    fn live_of_past(&self, plan: &SpanMetrics) -> f64 {
        let series = self.plan.memory.per_series;
        let in_wal = if plan.expiration.is_some() {
            0.0
        } else {
            series.wal + series.queue
        };
        plan.live + in_wal
    }

    /// Plans the memory that the series of resources that are gone take in a process that begins.
    ///
    /// Simplified: it grows evenly from the start of the process until its cache is full, its first
    /// series expire, or the simulation ends.
    pub(super) fn remember(&mut self, index: u32, now: SimTime) {
        let Some(plan) = self.plan.blueprint.spanmetrics else {
            return;
        };
        let each = self.live_of_past(&plan);
        let mut ramp = Ramp::default();
        for (stream, &weight) in self.weights_of(index).iter().enumerate() {
            if let Some(Derived::Present(_)) = self.plan.streams[stream].derived {
                let (full, series) = self.grown(stream, &plan, now);
                let live = weight_value(weight) * series * each;
                ramp = ramp.beside(Ramp {
                    from: now,
                    at_from: 0.0,
                    full,
                    live,
                    until: SimTime::NEVER,
                    gone: SimTime::NEVER,
                });
            }
        }
        self.collectors[index as usize].process.remembered = ramp;
    }

    /// When a process that begins at `now` remembers the most series of a stream at weight 1 that are
    /// gone, and how many.
    fn grown(&self, stream: usize, plan: &SpanMetrics, now: SimTime) -> (SimTime, f64) {
        let driver = &self.plan.resident.driver;
        let before = driver.churned(stream, now);
        let gone = |at: SimTime| driver.churned(stream, at) - before;
        let end = driver.end;
        if let Some(after) = plan.expiration {
            let whole = end.since(now).nanos().max(1) as f64;
            let share = (after.nanos() as f64 / whole).min(1.0);
            return ((now + after).min(end), gone(end) * share);
        }
        let most = self.plan.streams[stream].unit * SERIES_PER_KEY * plan.keys * plan.cache;
        let most = if self.plan.streams[stream].workload.is_some() {
            most * self.members_each()
        } else {
            most
        };
        let own = &driver.streams[stream];
        let room = |segment: usize| (most - own.level[segment]).max(0.0);
        let first = driver.segment(now);
        for segment in first..driver.starts.len() {
            let until = driver.end_of(segment);
            if gone(until) >= room(segment) {
                let from = driver.starts[segment].max(now);
                let rate = (gone(until) - gone(from)) / until.since(from).secs_f64().max(1e-9);
                let seconds = (room(segment) - gone(from)).max(0.0) / rate.max(f64::MIN_POSITIVE);
                let full = (from + SimDuration::from_secs_f64(seconds)).min(until);
                return (full, room(segment));
            }
        }
        (end, gone(end))
    }

    /// Members of a cluster that divide its services among them.
    fn members_each(&self) -> f64 {
        match self.plan.blueprint.topology.population {
            Population::Replicas(replicas) => f64::from(replicas),
            Population::PerNode | Population::PerPod => 1.0,
        }
    }

    /// Notes the derived series of a collector at `at` if they are the most of any.
    pub(super) fn note_derived(&mut self, index: u32, at: SimTime) {
        let blueprint = self.plan.blueprint;
        if !blueprint.derives_series() {
            return;
        }
        let driver = &self.plan.resident.driver;
        let segment = driver.segment(at.just_before());
        let own = self.plan.streams.iter().zip(self.weights_of(index));
        let own = own.enumerate().filter_map(|(stream, (of, &weight))| {
            let is_here = of.derived.is_some_and(|of| !matches!(of, Derived::Past(_)));
            is_here.then(|| weight_value(weight) * driver.streams[stream].level[segment])
        });
        let here: f64 = own.sum();
        let past = blueprint.spanmetrics.map_or(0.0, |plan| {
            let process = &self.collectors[index as usize].process;
            process.remembered.at(at.just_before()) / self.live_of_past(&plan).max(1e-9)
        });
        self.tally.derived_peak = self.tally.derived_peak.max(here + past);
    }
}
