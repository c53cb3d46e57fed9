//! What becomes of the spans of one collector over a span of time, and when its process ends.

use crate::model::blueprint::QueueBy;
use crate::model::load::work::portion;
use crate::units::{SimTime, Span};

use super::super::Ending;
use super::queue::{Bounds, Inflow, SpanQueue};
use super::sampling::Decided;
use super::{Feed, Rates, SpanPlan, Traces, spans_of};

/// What bounds the spans of one collector over a span of time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::model) struct Reach {
    /// Its part of all spans of its fleet.
    pub share: f64,
    /// Spans per second that its CPU lets it send.
    pub out: f64,
    /// Spans that its memory limiter leaves room for; infinite without one.
    pub room: f64,
    /// Share of the spans that the limiter refuses for what else fills the heap.
    pub refused: f64,
    /// Share of the spans that find no CPU.
    pub missed: f64,
}

impl Reach {
    /// Nothing bounds the spans.
    pub(in crate::model) const ALL: Self = Self {
        share: 1.0,
        out: f64::INFINITY,
        room: f64::INFINITY,
        refused: 0.0,
        missed: 0.0,
    };
}

impl Traces {
    /// Counts what a collector takes in over a span, and what becomes of it.
    pub(in crate::model) fn serve(&mut self, feed: &Feed<'_>, span: Span, reach: &Reach) {
        let Some(plan) = self.plan else { return };
        let driver = &feed.resident.driver;
        for segment in driver.segments_in(span) {
            let from = driver.starts[segment].max(span.from);
            if self.is_calm(feed, (&plan, reach)) {
                // What has emptied stays empty.
                let last = driver.segment(span.to.just_before());
                let rest = Span::new(from, span.to);
                return self.pass((feed, last), rest, (&plan, reach));
            }
            let part = Span::new(from, driver.end_of(segment).min(span.to));
            self.pass((feed, segment), part, (&plan, reach));
        }
    }

    /// Whether nothing waits and nothing is lost, whatever a collector gets.
    fn is_calm(&self, feed: &Feed<'_>, (plan, reach): (&SpanPlan, &Reach)) -> bool {
        if self.is_busy(feed.index) {
            return false;
        }
        let most = self.highest(feed);
        let is_calm = plan.connectors.is_calm(most.spans)
            && plan.sampler.is_none_or(|sampler| {
                sampler.evicted(most.traces) <= 0.0 && sampler.served(most.spans) >= 1.0
            });
        let empty = SpanQueue::default();
        let per_request = plan.per_request(most.spans, &most);
        let mut routes = 0..self.routes.len();
        let out = |route| self.out((route, &empty), per_request, (plan, reach));
        let request = Inflow {
            per_request,
            bytes: most.bytes / most.spans.max(f64::MIN_POSITIVE),
            ..Inflow::default()
        };
        is_calm
            && !request.is_too_large()
            && reach.room > 0.0
            && routes.all(|route| most.spans <= out(route))
    }

    /// Spans per second that leave a queue at most.
    pub(super) fn out(
        &self,
        (route, queue): (usize, &SpanQueue),
        per_request: f64,
        (plan, reach): (&SpanPlan, &Reach),
    ) -> f64 {
        let route = &self.routes[route];
        let settings = &plan.otlp.queue;
        let per_request = if settings.by == QueueBy::Requests && queue.filled > 0.0 {
            queue.spans() / queue.filled
        } else {
            per_request
        };
        let by_consumers = f64::from(settings.consumers) * per_request / route.in_hand;
        let by_endpoint = route.capacity * reach.share;
        by_consumers.min(by_endpoint).min(reach.out)
    }

    /// Counts what a collector takes in over a stretch of one segment, and what becomes of it.
    fn pass(
        &mut self,
        (feed, segment): (&Feed<'_>, usize),
        span: Span,
        (plan, reach): (&SpanPlan, &Reach),
    ) {
        let own = self.own.iter().map(|&stream| feed.work(stream, span));
        let offered: u128 = own.sum();
        if feed.is_relayed() {
            self.intake.offered += offered;
        }
        let offered = self.reach((feed.index, span.from), offered);
        let rates = self.rates(feed, segment);
        let served = plan
            .sampler
            .map_or(1.0, |sampler| sampler.served(rates.spans))
            .min(plan.connectors.served(rates.spans));
        let dropped = plan.connectors.dropped(rates.spans);
        self.tally.edges_dropped += dropped * span.length().secs_f64();
        let missed = portion(offered, 1.0 - (1.0 - reach.missed) * served);
        let refused = portion(offered - missed, reach.refused);
        let accepted = offered - missed - refused;
        self.intake.refused_cpu += missed;
        self.intake.refused_processor += refused;
        self.intake.accepted += accepted;
        self.taken_in[feed.index as usize] += accepted;
        if refused > 0 && !feed.is_relayed() {
            self.note_loss(span.from);
        }
        let kept = self.sample((feed.index, span.from), accepted, (plan, &rates));
        self.intake.kept += kept;
        let bytes = rates.bytes / rates.spans.max(f64::MIN_POSITIVE);
        let rate = spans_of(kept) / span.length().secs_f64();
        let inflow = Inflow {
            work: kept,
            rate,
            per_request: plan.per_request(rate, &rates),
            bytes,
            held_back: self.held_back(feed, (segment, &rates)),
            goes_back: feed.is_relayed(),
        };
        for route in 0..self.routes.len() {
            self.flow((feed.index, route), span, &inflow, (plan, reach));
        }
    }

    /// Decides on traces. Returns the work that goes on.
    fn sample(
        &mut self,
        (collector, at): (u32, SimTime),
        work: u128,
        (plan, rates): (&SpanPlan, &Rates),
    ) -> u128 {
        let Some(sampler) = &plan.sampler else {
            return work;
        };
        let undecided = &mut self.undecided[collector as usize];
        let decided = sampler.take(undecided, work, (rates.spans, rates.traces));
        if decided.dropped > 0 {
            let per_trace = rates.spans / rates.traces.max(f64::MIN_POSITIVE);
            self.tally.dropped_early += spans_of(decided.dropped) / per_trace.max(1.0);
            self.note_loss(at);
        }
        self.count_decided(decided)
    }

    fn count_decided(&mut self, decided: Decided) -> u128 {
        self.intake.dropped_early += decided.dropped;
        self.intake.not_sampled += decided.not_sampled;
        decided.kept
    }

    /// Work of a collector flows through its queue on a route.
    ///
    /// Simplified: with several endpoints the doubles that retries of clients leave in the others are
    /// not followed.
    fn flow(
        &mut self,
        (collector, route): (u32, usize),
        span: Span,
        inflow: &Inflow,
        (plan, reach): (&SpanPlan, &Reach),
    ) {
        let place = self.place(collector, route);
        let mut queue = std::mem::take(&mut self.queues[place]);
        let mut parts = Vec::new();
        let mut fullest = 0.0_f64;
        let bounds = |queue: &SpanQueue| Bounds {
            queue: plan.otlp.queue,
            room: reach.room,
            out: self.out((route, queue), inflow.per_request, (plan, reach)),
            is_hidden: plan.hides_a_full_queue(),
        };
        queue.advance(span, inflow, bounds, |queue, passed| {
            fullest = fullest.max((queue.filled / plan.otlp.queue.size).min(1.0));
            parts.push(passed);
        });
        self.queues[place] = queue;
        self.tally.queue_peak = self.tally.queue_peak.max(fullest);
        for passed in parts {
            self.accept(route, passed.step.left, inflow);
            if inflow.is_too_large() && passed.step.left > 0 {
                self.note_loss(passed.span.from);
            }
            let delivery = &mut self.deliveries[route];
            if plan.hides_a_full_queue() {
                delivery.enqueue_failed += passed.step.overflown;
            } else {
                delivery.refused_receiver += passed.step.overflown;
            }
            delivery.refused_processor += passed.step.refused;
            delivery.send_failed += passed.given_up;
            let is_hidden = plan.hides_a_full_queue() && passed.step.overflown > 0;
            let lost_after = passed.step.lost_after;
            if let Some(seconds) = lost_after.filter(|_| is_hidden || !inflow.goes_back) {
                let after = crate::units::SimDuration::from_secs_f64(seconds);
                self.note_loss((passed.span.from + after).min(passed.span.to));
            }
            if passed.given_up > 0 {
                self.note_loss(passed.span.to);
            }
        }
    }

    /// Work reaches an endpoint in requests as they are now. The endpoint may reject some of it for
    /// good, and rejects a message that is too large.
    fn accept(&mut self, route: usize, work: u128, request: &Inflow) {
        let rejected = if request.is_too_large() {
            1.0
        } else {
            self.routes[route].rejected
        };
        let rejected = portion(work, rejected);
        let given_up = portion(work - rejected, self.routes[route].given_up);
        let delivery = &mut self.deliveries[route];
        delivery.rejected += rejected;
        delivery.send_failed += given_up;
        delivery.sent += work - rejected - given_up;
    }

    /// The process of a collector ends at `now`. A process that is asked to end has `grace` seconds.
    /// Returns the spans that are lost with it.
    ///
    /// Simplified: what a stop sends is sent at once.
    pub(in crate::model) fn end(
        &mut self,
        (collector, now): (u32, SimTime),
        (ending, grace): (Ending, f64),
    ) -> f64 {
        let Some(plan) = self.plan else { return 0.0 };
        let undecided = std::mem::take(&mut self.undecided[collector as usize]);
        let mut lost = 0;
        let decides = plan.sampler.filter(|_| ending.is_asked());
        let kept = if let Some(sampler) = decides {
            self.count_decided(sampler.decide(undecided, 0.0))
        } else {
            self.intake.lost_undecided += undecided;
            lost += undecided;
            0
        };
        self.intake.kept += kept;
        if ending == Ending::Gone {
            self.give_up_waiting(collector);
        }
        for route in 0..self.routes.len() {
            lost += self.end_route((collector, route), kept, (&plan, ending, grace));
        }
        if lost > 0 {
            self.note_loss(now);
        }
        spans_of(lost)
    }

    /// The process of a collector ends with its queue on a route, into which `kept` goes last.
    /// Returns what is lost.
    fn end_route(
        &mut self,
        (collector, route): (u32, usize),
        kept: u128,
        (plan, ending, grace): (&SpanPlan, Ending, f64),
    ) -> u128 {
        let place = self.place(collector, route);
        let mut queue = std::mem::take(&mut self.queues[place]);
        let is_away = queue.stall.take().is_some();
        queue.held += kept;
        if ending.is_asked() && !is_away {
            // What tail sampling decides at a stop comes at once, so its batches are full.
            let batch = plan.otlp.batch.filter(|_| plan.sampler.is_some());
            let per_request = batch.map_or(1.0, |batch| batch.size);
            let out = self.out((route, &queue), per_request, (plan, &Reach::ALL));
            let left = queue.send(out * grace);
            self.accept(route, left, &Inflow::default());
        }
        let stays = !self.is_in_memory() && ending != Ending::Gone;
        let lost = if stays { 0 } else { queue.lose() };
        self.deliveries[route].lost_restart += lost;
        self.queues[place] = queue;
        lost
    }
}

impl SpanPlan {
    /// Whether a processor hides from clients that a queue is full.
    pub(super) fn hides_a_full_queue(&self) -> bool {
        self.otlp.batch.is_some() || self.sampler.is_some()
    }

    /// Spans in one request that is queued, at `rate` spans per second.
    ///
    /// Tail sampling releases its traces once a second.
    pub(super) fn per_request(&self, rate: f64, rates: &Rates) -> f64 {
        const TICK_SECONDS: f64 = 1.0;
        let timeout = self
            .otlp
            .batch
            .map_or(0.0, |batch| batch.timeout.secs_f64());
        let every = self.sampler.map_or(timeout, |_| TICK_SECONDS);
        self.gathered(rate * every, rates)
    }

    /// Spans in one request that leaves a router, which gets `rate` spans per second.
    pub(super) fn per_routed_request(&self, rate: f64, rates: &Rates) -> f64 {
        let timeout = self
            .otlp
            .batch
            .map_or(0.0, |batch| batch.timeout.secs_f64());
        self.gathered(rate * timeout, rates)
    }

    /// Spans in one request, of which so many come within the wait of a batch.
    fn gathered(&self, within: f64, rates: &Rates) -> f64 {
        let came = rates.spans / rates.requests.max(f64::MIN_POSITIVE);
        let came = if came > 0.0 { came } else { 1.0 };
        let Some(batch) = &self.otlp.batch else {
            return came;
        };
        let gathered = within.max(came.min(batch.size_max));
        gathered.clamp(1.0, batch.size.max(1.0))
    }
}
