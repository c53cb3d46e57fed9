//! Traces: pushed spans, with a sending queue of each collector to every endpoint.
//!
//! Work (spans per second × nanoseconds, fixed point) is split exactly. Offered work is taken in or
//! refused. With tail sampling, work that was taken in waits for its decision. On each route, kept
//! work is sent, lost or still in a queue. A queue whose collector nothing happens to costs no
//! event: it is a fluid that is advanced where its collector is accounted for.

mod clients;
mod connectors;
mod detour;
mod flow;
mod forecast;
mod ledger;
mod queue;
mod retry;
mod route;
mod sampling;
mod split;

use crate::model::blueprint::{EndpointId, Otlp, Overflow, QueuePlace};
use crate::model::endpoint::Endpoint;
use crate::model::load::driver::{WORK_PER_UNIT, weight_value};
use crate::model::process::prices::SpanPrices;
use crate::units::{SimDuration, SimTime, Span};

use super::{Feed, Highest, Kind, Stream, Total};
pub(in crate::model) use connectors::Connectors;
use detour::Detours;
use queue::{Inflow, SpanQueue};

pub(in crate::model) use flow::Reach;
pub(in crate::model) use ledger::{SpanDelivery, SpanIntake};
use queue::spans_of;
pub(in crate::model) use retry::Stall;
pub(in crate::model) use route::SpanRoute;
pub(in crate::model) use sampling::Sampler;
use split::Splits;

/// What a level of spans per second counts.
pub(in crate::model) const SECOND: SimDuration = SimDuration::from_secs(1);

/// The traces of a fleet.
#[derive(Clone, Debug, Default)]
pub(in crate::model) struct Traces {
    /// The streams of the fleet that are traces.
    own: Vec<usize>,
    /// The highest level of each of them, at weight 1.
    highest: Vec<f64>,
    /// What the fleet does with spans; `None` for a fleet without traces.
    plan: Option<SpanPlan>,
    /// The routes to the endpoints, at least one for a fleet with traces.
    routes: Vec<SpanRoute>,
    /// Queues, collector by collector and route by route.
    queues: Vec<SpanQueue>,
    /// Undecided work of each collector.
    undecided: Vec<u128>,
    /// Work that each collector has taken in.
    taken_in: Vec<u128>,
    /// What routers hold of the spans of each collector.
    detours: Detours,
    /// Traces whose spans reach several collectors.
    splits: Splits,
    intake: SpanIntake,
    deliveries: Vec<SpanDelivery>,
    tally: SpanTally,
}

/// What a fleet does with spans, in one draw.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::model) struct SpanPlan {
    pub otlp: Otlp,
    pub sampler: Option<Sampler>,
    pub connectors: Connectors,
    /// Core seconds of spans.
    pub prices: SpanPrices,
    /// Live bytes per held span, whatever its bytes.
    pub live: f64,
    /// Live bytes per byte of a held span.
    pub live_byte: f64,
}

/// Extremes of the traces of a fleet.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct SpanTally {
    /// How far the fullest queue was filled, over its size.
    queue_peak: f64,
    /// Traces that were evicted before their decision.
    dropped_early: f64,
    /// Calls that found the store of a service graph full.
    edges_dropped: f64,
    /// First instant at which a span was lost; [`SimTime::NEVER`] for none.
    first_loss: Option<SimTime>,
}

/// What a collector gets of spans in a segment.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Rates {
    /// Spans per second.
    spans: f64,
    /// Bytes per second.
    bytes: f64,
    /// Requests per second.
    requests: f64,
    /// Clients that send them.
    clients: f64,
    /// New traces per second, of which it gets any span.
    traces: f64,
}

/// The work of so many spans.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a number of spans is not negative, and a cast saturates"
)]
fn work_of(spans: f64) -> u128 {
    (spans * WORK_PER_UNIT * SECOND.nanos() as f64) as u128
}

impl Traces {
    /// The traces among the streams of a fleet of `collectors`.
    pub(in crate::model) fn new(
        (streams, highest): (&[Stream], &[Highest]),
        plan: &SpanPlan,
        routes: Vec<SpanRoute>,
        collectors: usize,
    ) -> Self {
        let is_own = |stream: &usize| streams[*stream].kind == Kind::Traces;
        let own: Vec<usize> = (0..streams.len()).filter(is_own).collect();
        if own.is_empty() {
            return Self::default();
        }
        Self {
            highest: own.iter().map(|&stream| highest[stream].level).collect(),
            own,
            plan: Some(*plan),
            queues: vec![SpanQueue::default(); collectors * routes.len()],
            undecided: vec![0; collectors],
            taken_in: vec![0; collectors],
            detours: Detours::new(collectors),
            deliveries: vec![SpanDelivery::default(); routes.len()],
            routes,
            ..Self::default()
        }
    }

    /// What the fleet does with spans; `None` for a fleet without traces.
    pub(in crate::model) fn plan(&self) -> Option<&SpanPlan> {
        self.plan.as_ref()
    }

    /// The routes to the endpoints.
    pub(in crate::model) fn routes(&self) -> &[SpanRoute] {
        &self.routes
    }

    /// The route that leads to an endpoint.
    pub(in crate::model) fn route_to(&self, endpoint: EndpointId) -> Option<usize> {
        let mut routes = self.routes.iter();
        routes.position(|route| route.endpoint == Some(endpoint))
    }

    fn place(&self, collector: u32, route: usize) -> usize {
        collector as usize * self.routes.len() + route
    }

    /// A collector stops sending on a route, as `stall` says.
    pub(in crate::model) fn stall(&mut self, collector: u32, route: usize, stall: Stall) {
        let place = self.place(collector, route);
        self.queues[place].stall = Some(stall);
    }

    /// Since when a collector waits for the endpoint of a route; `None` if it does not wait.
    pub(in crate::model) fn stalled_since(&self, collector: u32, route: usize) -> Option<SimTime> {
        let stall = self.queues[self.place(collector, route)].stall.as_ref();
        stall.map(|stall| stall.since)
    }

    /// The stall of a collector lasts otherwise than was known. It is accounted for up to `now`.
    pub(in crate::model) fn restall(
        &mut self,
        (collector, route): (u32, usize),
        stall: Stall,
        now: SimTime,
    ) {
        self.stall(collector, route, stall.from(now));
    }

    /// An endpoint has had an outage that nobody expected.
    pub(in crate::model) fn follow(&mut self, route: usize, endpoint: &Endpoint<'_>) {
        if let Some(plan) = &self.plan {
            self.routes[route].follow(&plan.otlp.retry, endpoint);
        }
    }

    /// Whether a collector waits for the endpoint of a route.
    pub(in crate::model) fn is_stalled(&self, collector: u32, route: usize) -> bool {
        self.queues[self.place(collector, route)].stall.is_some()
    }

    /// Whether any queue for an endpoint holds spans, or waits for it.
    pub(in crate::model) fn is_waiting(&self, endpoint: EndpointId) -> bool {
        self.route_to(endpoint).is_some_and(|route| {
            let mut queues = self.queues.iter().skip(route).step_by(self.routes.len());
            queues.any(|queue| queue.stall.is_some() || queue.held > 0)
        })
    }

    /// Whether any queue of a collector holds spans, or waits for its endpoint.
    pub(in crate::model) fn is_busy(&self, collector: u32) -> bool {
        let mut routes = 0..self.routes.len();
        routes.any(|route| {
            let queue = &self.queues[self.place(collector, route)];
            queue.stall.is_some() || queue.held > 0 || queue.at_clients > 0
        })
    }

    /// Counts what all workloads of the fleet emit over a span. Adds the core seconds of taking it
    /// in.
    pub(super) fn offer(&mut self, total: &Total<'_>, span: Span, core_seconds: &mut f64) {
        self.count_traces(total, span);
        let Some(plan) = &self.plan else { return };
        for &stream in &self.own {
            let [work, offered, unowned] = total.work(stream, span);
            self.intake.offered += offered;
            self.intake.missed_down += unowned;
            let bytes = total.streams[stream].spans.bytes;
            let per_span = plan.prices.per_span(bytes, 0.0);
            let sampled = plan.sampler.map_or(0.0, |sampler| sampler.per_span);
            let derived = plan.connectors.per_span();
            *core_seconds += (per_span + sampled + derived) * spans_of(work);
        }
    }

    /// Counts as missed what a collector was offered over a span.
    pub(super) fn miss(&mut self, feed: &Feed<'_>, span: Span) {
        if self.holds_back() {
            return self.hold(feed, span);
        }
        for &stream in &self.own {
            let work = feed.work(stream, span);
            self.intake.missed_down += work;
            if feed.is_relayed() {
                self.intake.offered += work;
            }
        }
    }

    /// What a collector gets in a segment.
    fn rates(&self, feed: &Feed<'_>, segment: usize) -> Rates {
        let level = |stream: usize, _| feed.resident.driver.streams[stream].level[segment];
        self.rates_at(feed, level)
    }

    /// What a collector gets if each of its streams is at its highest.
    fn highest(&self, feed: &Feed<'_>) -> Rates {
        self.rates_at(feed, |_, highest| highest)
    }

    fn rates_at(&self, feed: &Feed<'_>, level: impl Fn(usize, f64) -> f64) -> Rates {
        let mut rates = Rates::default();
        for (&stream, &highest) in self.own.iter().zip(&self.highest) {
            let usual = weight_value(feed.weights[stream]) * level(stream, highest);
            let spans = usual * feed.arrival(stream);
            let of = &feed.streams[stream].spans;
            rates.spans += spans;
            rates.bytes += spans * of.bytes;
            rates.requests += spans / of.per_request;
            rates.clients += spans / of.per_second.max(f64::MIN_POSITIVE);
            rates.traces += spans / of.per_part;
        }
        rates
    }

    /// Live bytes per held span of what a collector gets in a segment.
    pub(in crate::model) fn live_per_span(&self, feed: &Feed<'_>, segment: usize) -> f64 {
        let rates = self.rates(feed, segment);
        self.plan.as_ref().map_or(0.0, |plan| {
            let bytes = rates.bytes / rates.spans.max(f64::MIN_POSITIVE);
            plan.live + plan.live_byte * bytes
        })
    }

    /// Whether the queues lie on the heap.
    fn is_in_memory(&self) -> bool {
        let place = self.plan.as_ref().map(|plan| plan.otlp.queue.place);
        place == Some(QueuePlace::Memory)
    }

    /// The measured horizon begins. What waits then stands at its beginning.
    pub(super) fn begin_horizon(&mut self) {
        self.tally = SpanTally::default();
        self.taken_in.fill(0);
        self.splits.begin_horizon();
        self.intake = SpanIntake {
            waited: self.detours.waiting(),
            standing: self.undecided.iter().sum(),
            ..SpanIntake::default()
        };
        for route in 0..self.routes.len() {
            self.deliveries[route] = SpanDelivery {
                standing: self.held(route),
                ..SpanDelivery::default()
            };
        }
    }

    /// Work that waits in all queues of a route, or at clients.
    fn held(&self, route: usize) -> u128 {
        let queues = self.queues.iter().skip(route).step_by(self.routes.len());
        queues.map(|queue| queue.held + queue.at_clients).sum()
    }

    /// Work that counts as offered.
    pub(in crate::model) fn offered(&self) -> u128 {
        self.intake.offered
    }

    /// Work that went to an endpoint, what came back included.
    pub(in crate::model) fn sent_to(&self, endpoint: EndpointId) -> u128 {
        let route = self.route_to(endpoint);
        route.map_or(0, |route| self.deliveries[route].sent)
    }

    /// Spans of one fate up to the queues; NaN for a fleet without traces.
    pub(in crate::model) fn taken(&self, fate: impl Fn(&SpanIntake) -> u128) -> f64 {
        self.where_any(spans_of(fate(&self.intake)))
    }

    /// Spans of one fate on the routes to all endpoints; NaN for a fleet without traces.
    pub(in crate::model) fn delivered(&self, fate: impl Fn(&SpanDelivery) -> u128) -> f64 {
        let spans = self.deliveries.iter().map(|of| spans_of(fate(of)));
        self.where_any(spans.sum())
    }

    /// Spans that wait in queues, in those of routers, or for their decision; NaN for a fleet without traces.
    pub(in crate::model) fn pending(&self) -> f64 {
        let held: f64 = (0..self.routes.len())
            .map(|route| spans_of(self.held(route)))
            .sum();
        let undecided: u128 = self.undecided.iter().sum();
        self.where_any(held + spans_of(undecided + self.detours.waiting()))
    }

    /// Spans lost over spans offered, as a mean over the endpoints; NaN for a fleet without traces.
    pub(in crate::model) fn loss_ratio(&self) -> f64 {
        let routes = self.routes.len() as f64;
        let lost = self.taken(SpanIntake::lost) * routes + self.delivered(SpanDelivery::lost)
            - self.taken(|intake| intake.returned);
        lost / (self.taken(|intake| intake.offered) * routes)
    }

    /// Spans that the busiest collector took in, over the mean of so many collectors; NaN for a fleet
    /// without traces.
    pub(in crate::model) fn busiest(&self, collectors: f64) -> f64 {
        let most = self.taken_in.iter().copied().max().unwrap_or(0);
        let mean = self.taken_in.iter().sum::<u128>() as f64 / collectors;
        most as f64 / mean
    }

    /// How far the fullest queue was filled, over its size; NaN for a fleet without traces.
    pub(in crate::model) fn queue_peak(&self) -> f64 {
        self.where_any(self.tally.queue_peak)
    }

    /// Traces that were evicted before their decision.
    pub(in crate::model) fn traces_dropped_early(&self) -> f64 {
        self.tally.dropped_early
    }

    /// `value`, or NaN for a fleet that does not sample.
    pub(in crate::model) fn where_sampled(&self, value: f64) -> f64 {
        let samples = self.plan.as_ref().and_then(|plan| plan.sampler).is_some();
        if samples { value } else { f64::NAN }
    }

    /// First instant at which a span was lost.
    pub(in crate::model) fn first_loss(&self) -> Option<SimTime> {
        self.tally.first_loss
    }

    /// Core seconds of what was sent.
    pub(in crate::model) fn sending_core_seconds(&self, streams: &[Stream]) -> f64 {
        let Some(plan) = &self.plan else { return 0.0 };
        let own = self.own.iter().map(|&stream| streams[stream].spans.bytes);
        let bytes = own.sum::<f64>() / self.own.len() as f64;
        plan.prices.per_sent(bytes) * self.delivered(|delivery| delivery.sent + delivery.rejected)
    }

    fn where_any(&self, value: f64) -> f64 {
        if self.plan.is_some() { value } else { f64::NAN }
    }

    fn note_loss(&mut self, at: SimTime) {
        let first = self.tally.first_loss.map_or(at, |first| first.min(at));
        self.tally.first_loss = Some(first);
    }

    /// Work that was refused since the last time, and goes back to the clients that sent it. A fleet with
    /// clients of another kind gives nothing back.
    ///
    /// Simplified: of several routes the queues refuse nothing that goes back.
    pub(in crate::model) fn take_refused(&mut self) -> u128 {
        let intake = &self.intake;
        let mut refused = intake.missed_down + intake.refused_cpu + intake.refused_processor;
        if let [delivery] = self.deliveries.as_slice() {
            refused += delivery.refused_receiver + delivery.refused_processor;
        }
        let back = refused - self.intake.returned;
        self.intake.returned = refused;
        back
    }

    /// Work comes back from the endpoint of a route, and waits.
    pub(in crate::model) fn take_back(
        &mut self,
        (feed, now): (&Feed<'_>, SimTime),
        route: usize,
        work: u128,
    ) {
        let Some(plan) = &self.plan else { return };
        // A fleet to which nothing comes at present still knows how large its requests are.
        let rates = self.rates(&feed.nominal(), feed.resident.driver.segment(now));
        let inflow = Inflow {
            per_request: plan.per_request(rates.spans, &rates),
            bytes: rates.bytes / rates.spans.max(f64::MIN_POSITIVE),
            ..Inflow::default()
        };
        let (by, place) = (plan.otlp.queue.by, self.place(feed.index, route));
        let most = match plan.otlp.queue.overflow {
            Overflow::Refuse => plan.otlp.queue.size,
            Overflow::Block => f64::INFINITY,
        };
        let overflown = self.queues[place].take_back((by, most), &inflow, work);
        let is_hidden = plan.hides_a_full_queue();
        let fill = self.queues[place].filled / plan.otlp.queue.size;
        self.tally.queue_peak = self.tally.queue_peak.max(fill.min(1.0));
        let delivery = &mut self.deliveries[route];
        delivery.returned += work;
        if is_hidden {
            delivery.enqueue_failed += overflown;
        } else {
            delivery.refused_receiver += overflown;
        }
        // What a full queue refuses goes on to the clients of this fleet, if these are fleets.
        if overflown > 0 && (is_hidden || !feed.is_relayed()) {
            self.note_loss(now);
        }
    }

    /// Panics if a span is unaccounted for.
    pub(super) fn assert_conserved(&self, fleet: &str) {
        self.intake
            .assert_balanced(fleet, self.detours.waiting(), self.undecided.iter().sum());
        for (route, delivery) in self.deliveries.iter().enumerate() {
            delivery.assert_balanced(fleet, (self.intake.kept, self.held(route)));
        }
    }
}
