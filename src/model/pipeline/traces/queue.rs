//! The sending queue of one collector to one endpoint, as a fluid: spans flow in and out at constant
//! rates, within a stretch in which the load is constant.

use crate::model::blueprint::{Overflow, QueueBy, SendingQueue};
use crate::model::load::work::portion;
use crate::units::{SimTime, Span};

use super::retry::Stall;

/// What waits of one collector for one endpoint.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::model) struct SpanQueue {
    /// Work that waits.
    pub(super) held: u128,
    /// How far the queue is filled, in what its size counts.
    pub(super) filled: f64,
    /// Work that clients hold back until there is room.
    pub(super) at_clients: u128,
    /// What the requests in hand do, while the endpoint is away.
    pub(super) stall: Option<Stall>,
}

/// What flows into a queue in a stretch.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Inflow {
    /// Work.
    pub work: u128,
    /// Spans per second.
    pub rate: f64,
    /// Spans in one of the requests that are queued.
    pub per_request: f64,
    /// Bytes per span.
    pub bytes: f64,
    /// Spans that clients hold back at most.
    pub held_back: f64,
    /// Whether what is refused goes back to a fleet that sends it again.
    pub goes_back: bool,
}

impl Inflow {
    /// Whether an endpoint rejects the requests for good, since they are too large a message.
    pub(super) fn is_too_large(&self) -> bool {
        /// Bytes of the largest message that a receiver of gRPC takes.
        ///
        /// Source: grpc/grpc-go, `server.go`, `defaultServerMaxReceiveMessageSize`: 4 MiB, without
        /// compression (read 2026-11). The exporter does not send such a request again.
        const MESSAGE_MAX: f64 = 4_194_304.0;
        self.per_request * self.bytes > MESSAGE_MAX
    }
}

/// A part of a stretch that a queue has passed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Passed {
    pub span: Span,
    pub step: Step,
    /// Work that was given up at its end.
    pub given_up: u128,
}

/// What bounds a queue in a stretch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Bounds {
    pub queue: SendingQueue,
    /// Spans that the memory limiter leaves room for; infinite without one.
    pub room: f64,
    /// Spans per second that leave at most.
    pub out: f64,
    /// Whether a processor hides from clients that the queue is full.
    pub is_hidden: bool,
}

/// What became of what flowed in and of what was held.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Step {
    /// Work that left for the endpoint.
    pub left: u128,
    /// Work that found the queue full.
    pub overflown: u128,
    /// Work that the memory limiter refused.
    pub refused: u128,
    /// Seconds after which something was lost, if anything was.
    pub lost_after: Option<f64>,
}

/// Spans in an amount of work.
pub(super) fn spans_of(work: u128) -> f64 {
    crate::model::load::driver::fractional_samples(work, super::SECOND)
}

impl SpanQueue {
    /// Work comes back, and waits in a queue that holds `most`. What came since finds the queue full:
    /// returns as much.
    pub(super) fn take_back(
        &mut self,
        (by, most): (QueueBy, f64),
        inflow: &Inflow,
        work: u128,
    ) -> u128 {
        self.held += work;
        self.filled += spans_of(work) / Self::spans_per_unit(by, inflow);
        if self.filled <= most {
            return 0;
        }
        let kept = portion(self.held, most / self.filled);
        self.filled = most;
        std::mem::replace(&mut self.held, kept) - kept
    }

    /// What the queue holds in spans.
    pub(super) fn spans(&self) -> f64 {
        spans_of(self.held)
    }

    /// Spans of one unit of what the size counts.
    fn spans_per_unit(by: QueueBy, inflow: &Inflow) -> f64 {
        match by {
            QueueBy::Requests => inflow.per_request,
            QueueBy::Items => 1.0,
            QueueBy::Bytes => 1.0 / inflow.bytes,
        }
    }

    /// The next instant up to `to` at which the requests in hand are given up or answered.
    fn next_cut(&self, to: SimTime) -> Option<SimTime> {
        let stall = self.stall.as_ref()?;
        let cut = stall.given_up.first().copied().unwrap_or(stall.noticed);
        (cut <= to).then_some(cut)
    }

    /// Goes on by a stretch. `visit` sees each part of it, and what the queue then holds.
    pub(super) fn advance(
        &mut self,
        span: Span,
        inflow: &Inflow,
        bounds: impl Fn(&Self) -> Bounds,
        mut visit: impl FnMut(&Self, Passed),
    ) {
        let (mut at, mut rest) = (span.from, inflow.work);
        loop {
            let cut = self.next_cut(span.to);
            let part = Span::new(at, cut.unwrap_or(span.to).max(at));
            let share = part.length().secs_f64() / span.length().secs_f64();
            let work = if part.to == span.to {
                rest
            } else {
                portion(inflow.work, share).min(rest)
            };
            rest -= work;
            let seconds = part.length().secs_f64();
            let bounds = bounds(self);
            let step = self.step(&Inflow { work, ..*inflow }, &bounds, seconds);
            let given_up = cut.map_or(0, |_| self.end_wait(inflow, &bounds));
            let passed = Passed {
                span: part,
                step,
                given_up,
            };
            visit(self, passed);
            at = part.to;
            if cut.is_none() {
                return;
            }
        }
    }

    /// The requests in hand are given up, or answered. Returns the work that is given up.
    fn end_wait(&mut self, inflow: &Inflow, bounds: &Bounds) -> u128 {
        let Some(stall) = &mut self.stall else {
            return 0;
        };
        if stall.given_up.is_empty() {
            self.stall = None;
            return 0;
        }
        stall.given_up.remove(0);
        let requests = match bounds.queue.by {
            QueueBy::Requests => self.filled,
            QueueBy::Items | QueueBy::Bytes => self.spans() / inflow.per_request,
        };
        self.give_up(f64::from(bounds.queue.consumers), requests)
    }

    /// Goes on by so many seconds in which no wait ends.
    fn step(&mut self, inflow: &Inflow, bounds: &Bounds, seconds: f64) -> Step {
        if inflow.held_back > 0.0 || self.at_clients > 0 {
            return self.step_again(inflow, bounds, seconds);
        }
        let incoming = inflow.rate * seconds;
        let out = if self.stall.is_some() {
            0.0
        } else {
            bounds.out
        };
        let net = incoming - out * seconds;
        if net <= 0.0 {
            return self.shrink(inflow.work, -net);
        }
        let (grown, is_full) = self.grow(net, inflow, bounds);
        let lost = portion(inflow.work, (net - grown) / incoming);
        let kept = portion(inflow.work, grown / incoming).min(inflow.work - lost);
        self.held += kept;
        Step {
            left: inflow.work - lost - kept,
            overflown: if is_full { lost } else { 0 },
            refused: if is_full { 0 } else { lost },
            lost_after: (lost > 0).then(|| seconds * grown / net),
        }
    }

    /// Fills up by `net` spans, as far as the queue and the memory limiter leave room. Returns the spans
    /// for which there is room, and whether the queue would be full before the memory.
    fn grow(&mut self, net: f64, inflow: &Inflow, bounds: &Bounds) -> (f64, bool) {
        let per_unit = Self::spans_per_unit(bounds.queue.by, inflow);
        let in_queue = match bounds.queue.overflow {
            Overflow::Refuse => (bounds.queue.size - self.filled).max(0.0) * per_unit,
            Overflow::Block => f64::INFINITY,
        };
        let in_memory = (bounds.room - self.spans()).max(0.0);
        let grown = net.min(in_queue).min(in_memory);
        self.filled += grown / per_unit;
        (grown, in_queue <= in_memory)
    }

    /// [`Self::step`] with clients that send again what was refused.
    fn step_again(&mut self, inflow: &Inflow, bounds: &Bounds, seconds: f64) -> Step {
        let all = inflow.work + std::mem::take(&mut self.at_clients);
        let coming = spans_of(all);
        let is_open = self.stall.is_none() && seconds > 0.0;
        let net = coming - if is_open { bounds.out * seconds } else { 0.0 };
        if net <= 0.0 {
            return self.shrink(all, -net);
        }
        let (grown, is_full) = self.grow(net, inflow, bounds);
        let room = if is_full && bounds.is_hidden {
            0.0
        } else {
            inflow.held_back
        };
        let waiting = (net - grown).min(room);
        self.at_clients = portion(all, waiting / coming);
        let lost = portion(all, (net - grown - waiting) / coming).min(all - self.at_clients);
        let kept = portion(all, grown / coming).min(all - self.at_clients - lost);
        self.held += kept;
        let come = inflow.rate * seconds;
        Step {
            left: all - self.at_clients - lost - kept,
            overflown: if is_full { lost } else { 0 },
            refused: if is_full { 0 } else { lost },
            lost_after: (lost > 0).then(|| seconds * (1.0 - spans_of(lost) / come).max(0.0)),
        }
    }

    /// All that flows in leaves, and up to `spans` more.
    fn shrink(&mut self, work: u128, spans: f64) -> Step {
        let held = self.spans();
        let kept = if spans >= held {
            0.0
        } else {
            1.0 - spans / held
        };
        let left = work + self.held;
        self.held = portion(self.held, kept);
        self.filled *= kept;
        Step {
            left: left - self.held,
            ..Step::default()
        }
    }

    /// The requests in hand are given up. Returns their work.
    fn give_up(&mut self, consumers: f64, requests: f64) -> u128 {
        let share = if requests > 0.0 {
            (consumers / requests).min(1.0)
        } else {
            0.0
        };
        let kept = self.held - portion(self.held, share);
        let given_up = self.held - kept;
        self.held = kept;
        self.filled *= 1.0 - share;
        given_up
    }

    /// Sends up to `spans` of what waits. Returns its work.
    pub(super) fn send(&mut self, spans: f64) -> u128 {
        self.shrink(0, spans).left
    }

    /// Loses everything that the queue holds. Returns its work.
    pub(super) fn lose(&mut self) -> u128 {
        self.filled = 0.0;
        std::mem::take(&mut self.held)
    }
}
