//! Traces of a fleet: its streams of spans, outages of their endpoints, and what bounds them.

use crate::model::blueprint::{self, Balancer, EndpointId, Protocol, RoutingKey, WorkloadId};
use crate::model::endpoint::Endpoint;
use crate::model::load::draw::{Draw, Purpose};
use crate::model::load::driver::weight_value;
use crate::model::load::spans::Spans;
use crate::model::moment::Moment;
use crate::model::pipeline::{
    Connectors, Ending, Kind, Reach, SECOND, Sampler, SpanPlan, SpanRoute, Stall, Stream, Traces,
};
use crate::model::process::collector::Life;
use crate::model::process::prices::CpuPrices;
use crate::model::record::outcome::RecordKind;
use crate::model::topology::{Assignment, Population};
use crate::model::wal::{Ceiling, Ramp};
use crate::units::{SimTime, Span};

use super::Fleet;
use super::load::{Costs, Load};

/// Mean seconds for which a span waits for its batch and its answer.
///
/// INFERRED: half of the 200 ms of a batch, and one request on the way.
const IN_FLIGHT_SECONDS: f64 = 0.2;

/// How far above the memory limiter live bytes count as above it, so that what the limiter itself
/// has held back does not.
const ABOVE: f64 = 1.0 + 1e-6;

/// What a fleet does with spans, in one draw.
pub(super) fn plan(fleet: &blueprint::Fleet, prices: &CpuPrices, draw: &mut Draw) -> SpanPlan {
    let path = format!("fleet.{}.tail_sampling.kept", fleet.name);
    let sampler = fleet.tail_sampling.map(|plan| {
        let kept = draw.centre(&path, &plan.kept);
        Sampler::new(&plan, kept, prices.spans.sampled)
    });
    SpanPlan {
        otlp: fleet.otlp,
        sampler,
        connectors: Connectors::new(fleet),
        prices: prices.spans,
        live: fleet.span_costs.live,
        live_byte: fleet.span_costs.live_byte,
    }
}

impl Load<'_> {
    /// The spans of a workload.
    pub(super) fn traces_stream(
        &self,
        workload: WorkloadId,
        (costs, plan): (&Costs, &SpanPlan),
    ) -> Stream {
        let mut spans = self.parts_of(self.timelines[workload.index()].spans);
        spans.per_request = self.spans_per_arrival(workload, spans.per_request);
        let unit = match self.fleet.topology.assignment {
            Assignment::Local => self.local_unit(workload, 0.0, &[]),
            _ => 1.0,
        };
        let model = &self.fleet.span_costs;
        let each = model.live + model.live_byte * spans.bytes;
        let (held, kept, sampled) = match &plan.sampler {
            // A decided trace stays in the buffer in place of one that comes.
            Some(sampler) => (
                sampler.window() * (each - model.decided / spans.per_part),
                sampler.kept,
                sampler.per_span,
            ),
            None => (IN_FLIGHT_SECONDS * each, 1.0, 0.0),
        };
        Stream {
            workload: Some(workload),
            interval: SECOND,
            unit,
            cores: costs.cpu.spans.per_span(spans.bytes, kept)
                + sampled
                + plan.connectors.per_span(),
            held,
            spans,
            garbage: model.garbage,
            ..Stream::of(Kind::Traces)
        }
    }

    /// Spans whose traces come in parts, where several requests of one trace find collectors of their
    /// own.
    ///
    /// Simplified: a part has the size that it has among the replicas of the start.
    fn parts_of(&self, spans: Spans) -> Spans {
        let Population::Replicas(replicas) = self.fleet.topology.population else {
            return spans;
        };
        let requests = match (self.fleet.otlp.balancer, self.fleet.otlp.protocol) {
            (Balancer::RoundRobin, _) | (Balancer::Plain, Protocol::Grpc) => spans.trace.requests,
            (Balancer::Exporter(routers), _) if routers.key == RoutingKey::Service => {
                spans.trace.requests.min(f64::from(spans.trace.services))
            }
            (Balancer::Exporter(_), _) | (Balancer::Plain, Protocol::Http) => 1.0,
        };
        if requests <= 1.0 {
            return spans;
        }
        let each = 1.0 / f64::from(replicas);
        // The collectors that get any of the requests.
        let reached = (1.0 - (1.0 - each).powf(requests)) / each;
        Spans {
            per_part: (spans.per_trace / reached).max(1.0),
            ..spans
        }
    }

    /// Live bytes of every collector for traces, whatever comes in.
    ///
    /// Simplified: the buffer of tail sampling is full of decided traces from the start.
    pub(super) fn live_of_traces(&self) -> f64 {
        if self.fleet.traces_of.is_empty() {
            return 0.0;
        }
        let decided = self.fleet.span_costs.decided;
        let sampled = self.fleet.tail_sampling;
        sampled.map_or(0.0, |plan| plan.num_traces * decided)
    }
}

/// The most traces that tail sampling keeps in memory.
pub(super) fn ceiling(streams: &[Stream], plan: &SpanPlan) -> Option<Ceiling> {
    let sampler = plan.sampler.as_ref()?;
    let is_own = |stream: &Stream| f64::from(u8::from(stream.kind == Kind::Traces));
    let things = |stream: &Stream| is_own(stream) * sampler.window() / stream.spans.per_part;
    Some(Ceiling {
        things: streams.iter().map(things).collect(),
        live: streams
            .iter()
            .map(|stream| is_own(stream) * stream.held)
            .collect(),
        most: sampler.num_traces,
    })
}

impl Fleet<'_> {
    /// An endpoint of traces goes down. No span leaves for it from now on.
    pub(in crate::model) fn stall_spans_to(
        &mut self,
        endpoint: EndpointId,
        moment: &mut Moment<'_>,
    ) {
        if self.pipelines.traces.route_to(endpoint).is_none() {
            return;
        }
        for index in self.existing() {
            self.settle(index, moment.now);
            if self.collectors[index as usize].life == Life::Up {
                self.look_at_span_queues(index, moment);
                self.replan_memory(index, moment);
            }
        }
    }

    /// A collector finds the endpoints of its spans away, or answering. Plans the memory that its
    /// queues take from now on.
    pub(super) fn look_at_span_queues(&mut self, index: u32, moment: &Moment<'_>) {
        if self.pipelines.traces.plan().is_none() {
            return;
        }
        for route in 0..self.pipelines.traces.routes().len() {
            if let Some(stall) = self.stall_of(index, route, moment) {
                self.pipelines.traces.stall(index, route, stall);
            }
        }
        self.forecast_spans(index, moment.now);
    }

    /// It has become known how long an endpoint of traces is away. Whoever waits for it waits as long.
    pub(super) fn wait_for_spans(
        &mut self,
        (id, endpoint): (EndpointId, &Endpoint<'_>),
        moment: &mut Moment<'_>,
    ) {
        let Some(route) = self.pipelines.traces.route_to(id) else {
            return;
        };
        self.pipelines.traces.follow(route, endpoint);
        for index in self.existing() {
            let since = self.pipelines.traces.stalled_since(index, route);
            let Some(since) = since.filter(|&since| since < moment.now) else {
                continue;
            };
            self.settle(index, moment.now);
            if let Some(stall) = self.stall_since((index, route), since, moment) {
                let place = (index, route);
                self.pipelines.traces.restall(place, stall, moment.now);
                self.forecast_spans(index, moment.now);
                self.replan_memory(index, moment);
            }
        }
    }

    /// The stall of a queue that is not stalled yet, if its endpoint is away.
    fn stall_of(&self, index: u32, route: usize, moment: &Moment<'_>) -> Option<Stall> {
        let is_stalled = self.pipelines.traces.is_stalled(index, route);
        let since = Some(moment.now).filter(|_| !is_stalled);
        self.stall_since((index, route), since?, moment)
    }

    /// The stall of a queue that has waited since an instant, if its endpoint was away then.
    fn stall_since(
        &self,
        (index, route): (u32, usize),
        since: SimTime,
        moment: &Moment<'_>,
    ) -> Option<Stall> {
        let traces = &self.pipelines.traces;
        let (outage, attempt) = traces.routes()[route].outage_at(since)?;
        let key = self.plan.key ^ route as u64;
        let occasion = u32::try_from(since.nanos() / 1_000_000_000).unwrap_or(u32::MAX);
        let mut stream = moment.draw.stream(Purpose::SpanRetry, key, index, occasion);
        let otlp = &traces.plan()?.otlp;
        let retry = (&otlp.retry, otlp.queue.consumers);
        Some(Stall::of(retry, outage, attempt, &mut || stream.unit()))
    }

    /// Plans the memory that the queues of a collector take from now on.
    pub(super) fn forecast_spans(&mut self, index: u32, now: SimTime) {
        if self.pipelines.traces.plan().is_none() {
            return;
        }
        let reach = self.reach_of_spans(index, Span::new(now, now.just_after()), 0.0);
        let ramp = self
            .pipelines
            .traces
            .forecast(&self.feed(index).nominal(), now, &reach);
        self.collectors[index as usize].process.spans = ramp;
    }

    /// Accounts for the spans of a collector over a span. `short` is the work of each stream that
    /// found no CPU.
    pub(super) fn serve_spans(&mut self, index: u32, span: Span, short: &[u128]) {
        if self.pipelines.traces.plan().is_none() {
            return;
        }
        let missed = self.missed_share(index, span, short);
        let reach = self.reach_of_spans(index, span, missed);
        let feed = self
            .plan
            .feed(index, (&self.collectors, &self.weights), &self.inlet);
        self.pipelines.traces.serve(&feed, span, &reach);
    }

    /// Share of the spans of a collector that found no CPU.
    fn missed_share(&self, index: u32, span: Span, short: &[u128]) -> f64 {
        let feed = self.feed(index);
        let own = self.plan.streams.iter().zip(short).enumerate();
        let own = own.filter(|(_, (plan, _))| plan.kind == Kind::Traces);
        let (mut missed, mut offered) = (0.0, 0.0);
        for (stream, (_, &short)) in own {
            missed += short as f64;
            offered += feed.work(stream, span) as f64;
        }
        if offered > 0.0 { missed / offered } else { 0.0 }
    }

    /// What bounds the spans of a collector over a span.
    fn reach_of_spans(&self, index: u32, span: Span, missed: f64) -> Reach {
        let traces: &Traces = &self.pipelines.traces;
        let own = self.plan.streams.iter().zip(self.weights_of(index));
        let own = own.zip(&self.carried.weights);
        let own = own.filter(|((plan, _), _)| plan.kind == Kind::Traces);
        let (mut mine, mut all) = (0.0, 0.0);
        for ((_, &weight), &carried) in own {
            mine += f64::from(weight);
            all += carried as f64;
        }
        let share = if all > 0.0 { mine / all } else { 1.0 };
        let is_busy = traces.is_busy(index);
        let limiter = traces.plan().and_then(|plan| plan.otlp.memory_limiter);
        Reach {
            share,
            out: if is_busy {
                self.span_rate_max(index, span.from)
            } else {
                f64::INFINITY
            },
            room: limiter.map_or(f64::INFINITY, |limiter| {
                self.room_for_spans(index, span.from, limiter.soft())
            }),
            refused: limiter.map_or(0.0, |limiter| {
                self.above_limiter(index, span, limiter.soft())
            }),
            missed,
        }
    }

    /// Spans per second that a collector has the CPU to send.
    fn span_rate_max(&self, index: u32, now: SimTime) -> f64 {
        let segment = self.plan.resident.driver.segment(now);
        let grant = f64::from(self.collectors[index as usize].cpu_grant);
        let demand = self.demand_in(index, segment);
        let spare = demand.spare(self.plan.cpu_cap * grant);
        let (mut rate, mut cores) = (0.0, 0.0);
        let own = self
            .plan
            .streams
            .iter()
            .zip(self.weights_of(index))
            .enumerate();
        for (stream, (plan, &weight)) in own.filter(|(_, (plan, _))| plan.kind == Kind::Traces) {
            let level = self.plan.resident.driver.streams[stream].level[segment];
            let spans = weight_value(weight) * level;
            rate += spans;
            cores += spans * self.plan.prices.spans.per_sent(plan.spans.bytes);
        }
        if cores > 0.0 {
            rate * (1.0 + spare / cores)
        } else {
            f64::INFINITY
        }
    }

    /// Spans that a memory limiter leaves room for, beside what else lives on the heap.
    fn room_for_spans(&self, index: u32, now: SimTime, soft: f64) -> f64 {
        let process = &self.collectors[index as usize].process;
        let live = self
            .plan
            .resident
            .live_at(process, self.weights_of(index), now);
        let others = live - process.spans.at(now);
        let segment = self.plan.resident.driver.segment(now);
        let each = self
            .pipelines
            .traces
            .live_per_span(&self.feed(index), segment);
        (soft - others).max(0.0) / each.max(1.0)
    }

    /// Share of a span for which live bytes are above a memory limiter, without the spans that wait.
    ///
    /// Simplified: the collections that the limiter forces cost no CPU.
    fn above_limiter(&self, index: u32, span: Span, soft: f64) -> f64 {
        let mut process = self.collectors[index as usize].process;
        process.spans = Ramp::default();
        let (resident, weights) = (&self.plan.resident, self.weights_of(index));
        let driver = &resident.driver;
        let mut above = 0.0;
        for segment in driver.segments_in(span) {
            let from = driver.starts[segment].max(span.from);
            let part = Span::new(from, driver.end_of(segment).min(span.to));
            let last = part.to.just_before().max(part.from);
            if resident.live_at(&process, weights, last) > soft * ABOVE {
                let first = resident.first_above(&process, weights, part, soft * ABOVE);
                above += part.to.since(first.unwrap_or(part.to)).secs_f64();
            }
        }
        above / span.length().secs_f64()
    }

    /// The process of a collector ends. Returns the spans that are lost with it.
    pub(super) fn end_spans(&mut self, index: u32, ending: Ending, now: SimTime) -> f64 {
        let grace = self.plan.blueprint.lifecycle.grace.secs_f64();
        self.pipelines.traces.end((index, now), (ending, grace))
    }

    /// Notes the spans that were lost with a process.
    pub(super) fn note_lost_spans(&self, index: u32, lost: f64, moment: &mut Moment<'_>) {
        if lost > 0.0 {
            moment.note(self.scope(), Some(index), RecordKind::SpansLost, lost);
        }
    }
}

/// The routes of a fleet's traces.
pub(super) fn routes(
    fleet: &blueprint::Fleet,
    endpoints: &[Endpoint<'_>],
    blueprint: &blueprint::Blueprint,
) -> Vec<SpanRoute> {
    let senders = |id: EndpointId| {
        let fleets = blueprint.fleets.iter();
        let sends =
            |fleet: &&blueprint::Fleet| fleet.sends_to.contains(&id) && !fleet.traces_of.is_empty();
        fleets.filter(sends).count()
    };
    SpanRoute::all_of(fleet, endpoints, senders)
}
