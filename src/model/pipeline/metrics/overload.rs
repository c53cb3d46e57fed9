//! Senders that cannot keep up with their scrapes: too few shards, or an endpoint at its capacity.
//! An endpoint at its capacity answers 429. What it does not take waits in the WAL until a
//! truncation.

use crate::model::endpoint::Claim;
use crate::model::load::driver::fractional_samples;
use crate::model::load::work::portion;
use crate::model::wal::Walk;
use crate::units::{SimDuration, SimTime, Span};

use super::super::queue::{Queue, QueueId};
use super::super::remote_write::Cut;
use super::backlog::Counter;
use super::{Feed, Metrics};

impl Metrics {
    /// Whether a collector that sends without a pause has or gets a backlog on a route.
    pub(super) fn may_fall_behind(&self, feed: &Feed<'_>, queue: QueueId, span: Span) -> bool {
        let is_behind = self.backlog_of(queue).iter().any(|&work| work > 0);
        if is_behind || matches!(self.queue(queue), Queue::Sharing(_)) {
            return true;
        }
        if self.is_ample(queue.route, feed) {
            return false;
        }
        let driver = &feed.resident.driver;
        let way = &self.routes[queue.route];
        let least = way.capacity() * way.levels.lowest(span).min(1.0);
        let exceeds = |segment: usize| feed.volume(segment).rate > least;
        driver.segments_in(span).any(exceeds)
    }

    /// The end of a drain within a span, on a route on which a collector may fall behind.
    pub(in crate::model) fn end_of_drain(&self, feed: &Feed<'_>, span: Span) -> Option<SimTime> {
        let collector = feed.index;
        let ends = (0..self.routes.len()).filter_map(|route| {
            let end = self.queue(QueueId { collector, route }).end_of_drain();
            end.filter(|_| !self.is_ample(route, feed))
        });
        ends.filter(|&end| span.from < end && end < span.to).min()
    }

    /// Whether a route takes the greatest inflow of a collector.
    fn is_ample(&self, route: usize, feed: &Feed<'_>) -> bool {
        let way = &self.routes[route];
        way.levels.is_free() && feed.rate_max <= way.capacity()
    }

    /// Samples per second that a collector can send on a route at an instant. The shards of the
    /// collector limit that, and the level of the endpoint.
    pub(super) fn send_max(&self, queue: QueueId, at: SimTime) -> f64 {
        let way = &self.routes[queue.route];
        let by_shards = way.capacity();
        let most = match self.queue(queue) {
            Queue::Sharing(share) => share.most as f64,
            Queue::Steady | Queue::Stalled { .. } | Queue::Draining(_) => by_shards,
        };
        most.min(by_shards * way.levels.at(at))
    }

    /// What a collector that is not stalled asks of the endpoint of a route, with this inflow.
    pub(in crate::model) fn claim(
        &self,
        queue: QueueId,
        inflow: f64,
        now: SimTime,
    ) -> Option<Claim> {
        let weight = self.routes[queue.route].capacity();
        let held = self.held(queue);
        // A part of a sample is no backlog.
        let backlog = if held < 1.0 { 0.0 } else { held };
        let most = match self.queue(queue) {
            Queue::Stalled { .. } => return None,
            Queue::Steady => weight,
            Queue::Sharing(share) => share.most as f64,
            Queue::Draining(drain) => {
                (inflow + backlog / drain.until.since(now).secs_f64().max(1e-9)).ceil()
            }
        };
        let ends = None;
        Some(Claim {
            backlog,
            inflow,
            most,
            weight,
            ends,
        })
    }

    /// Sends what a collector can send over a span, and keeps the rest. A truncation that overtakes
    /// the reader of the WAL takes what follows its segment.
    ///
    /// Simplified: the age of a backlog is the time in which the present inflow would make it.
    /// While a backlog is worked off, all streams leave in the same proportion.
    pub(super) fn keep_up(&mut self, feed: &Feed<'_>, queue: QueueId, Span { from, to }: Span) {
        let resident = feed.resident;
        let log = self.log_of(queue.route).clone();
        let mut walk = Walk::new(&log, feed.process, None, feed.written());
        walk.pass(from.just_after());
        let mut rest = self.taken.clone();
        let mut at = from;
        while at < to {
            let segment = resident.driver.segment(at);
            let dealt = self.routes[queue.route].levels.next_after(at);
            let until = resident.driver.end_of(segment).min(walk.next()).min(to);
            let until = until.min(dealt);
            let last = until == to;
            let inflow = feed.volume(segment).rate;
            let rate = self.send_max(queue, at);
            let behind = self.held(queue) / (rate - inflow);
            self.fill((feed, queue), Span::new(at, until), last, &mut rest);
            let left = self.send_some(queue, rate * (until - at).nanos() as f64 / 1e9);
            let age = left / inflow.max(f64::MIN_POSITIVE);
            if left > 0.0 {
                self.note_lag(age * 1e9, resident.driver.end);
            }
            if until == walk.next() && walk.truncate() && left > 0.0 {
                let position = until.before(SimDuration::from_secs_f64(age));
                if let Some(first) = walk.lost_from(position) {
                    self.lose_behind(queue, Cut::new(until, position, first));
                }
            } else if log.truncation.every.is_zero()
                && left > 0.0
                && self.queue(queue) == Queue::Steady
            {
                self.lose_behind(queue, Cut::new(until, at, at));
            }
            if left < 1.0 {
                self.end_share(queue, (at + SimDuration::from_secs_f64(behind)).min(until));
            }
            at = until;
        }
    }

    /// A truncation takes a share of a backlog. Its collector keeps up with its scrapes, or works off
    /// what an outage has left.
    fn lose_behind(&mut self, queue: QueueId, cut: Cut) {
        let fate: Counter = match self.queue(queue) {
            Queue::Sharing(_) => |delivery| &mut delivery.lost_truncation,
            _ => |delivery| &mut delivery.lost_overload,
        };
        let first = self.place(queue) * self.own.len();
        for slot in 0..self.own.len() {
            let lost = portion(self.backlog[first + slot], cut.share());
            self.backlog[first + slot] -= lost;
            *fate(self.delivery(queue.route, slot)) += lost;
        }
        self.note_loss(cut.at, queue.collector);
    }

    /// A collector that shared the capacity of its endpoint has no backlog from `at` on.
    fn end_share(&mut self, queue: QueueId, at: SimTime) {
        if let Queue::Sharing(share) = self.queue(queue) {
            self.note_drain(at.since(share.since));
            *self.queue_mut(queue) = Queue::Steady;
        }
    }

    /// Notes how long a collector takes to work off a backlog.
    pub(in crate::model) fn note_drain(&mut self, takes: SimDuration) {
        let peak = &mut self.tally.drain_peak;
        *peak = (*peak).max(takes);
    }

    /// Unsent samples of a queue, with the fraction of the last one.
    fn held(&self, queue: QueueId) -> f64 {
        let held = self.backlog_of(queue).iter().zip(&self.ledger.intervals);
        held.map(|(&work, &interval)| fractional_samples(work, interval))
            .sum()
    }

    /// Adds to a backlog what was scraped on a stretch of a span. The `last` stretch gets all the
    /// rest.
    fn fill(
        &mut self,
        (feed, queue): (&Feed<'_>, QueueId),
        stretch: Span,
        last: bool,
        rest: &mut [u128],
    ) {
        let first = self.place(queue) * self.own.len();
        for (slot, rest) in rest.iter_mut().enumerate() {
            let part = if last {
                *rest
            } else {
                feed.work(self.own[slot], stretch).min(*rest)
            };
            *rest -= part;
            self.backlog[first + slot] += part;
        }
    }

    /// Sends up to `sendable` samples of a backlog. Returns the samples left.
    fn send_some(&mut self, queue: QueueId, sendable: f64) -> f64 {
        let held = self.held(queue);
        let share = if held > sendable {
            sendable / held
        } else {
            1.0
        };
        self.send_part(queue, share);
        (held - sendable).max(0.0)
    }

    /// Sends a share of a backlog.
    pub(super) fn send_part(&mut self, queue: QueueId, share: f64) {
        let first = self.place(queue) * self.own.len();
        for slot in 0..self.own.len() {
            let work = self.backlog[first + slot];
            let sent = if share < 1.0 {
                portion(work, share)
            } else {
                work
            };
            self.backlog[first + slot] -= sent;
            self.accept(queue.route, slot, sent);
        }
    }

    /// Whether a collector may have unsent samples on any route.
    pub(in crate::model) fn may_hold_backlog(&self, feed: &Feed<'_>) -> bool {
        let collector = feed.index;
        (0..self.routes.len()).any(|route| {
            let queue = QueueId { collector, route };
            self.queue(queue) != Queue::Steady
                || self.backlog_of(queue).iter().any(|&work| work > 0)
                || !self.is_ample(route, feed)
        })
    }

    fn note_lag(&mut self, nanos: f64, horizon: SimTime) {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "an age within the simulated time; casts saturate"
        )]
        let age = SimDuration::from_nanos(nanos as u64);
        let peak = &mut self.tally.backlog_peak_age;
        *peak = (*peak).max(age.min(horizon - SimTime::ZERO));
    }
}
