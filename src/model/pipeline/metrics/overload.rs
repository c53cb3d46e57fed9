//! Senders that cannot keep up with their scrapes: too few shards, or an endpoint at its capacity.
//! An endpoint at its capacity answers 429. What it does not take waits in the WAL until a
//! truncation.

use crate::model::load::driver::fractional_samples;
use crate::model::load::work::portion;
use crate::model::wal::stall_at;
use crate::units::{SimDuration, SimTime, Span};

use super::super::queue::QueueId;
use super::super::remote_write::{LAG_SHARE, pause_loses};
use super::{Feed, Metrics, Total};

impl Metrics {
    /// Whether a collector that sends without a pause has or gets a backlog on a route.
    pub(super) fn may_fall_behind(
        &self,
        feeds: (&Feed<'_>, &Total<'_>),
        queue: QueueId,
        span: Span,
    ) -> bool {
        if self.backlog_of(queue).iter().any(|&work| work > 0) {
            return true;
        }
        let driver = &feeds.0.resident.driver;
        let exceeds = |segment: usize| {
            let inflow = feeds.0.volume(segment).rate;
            inflow > self.send_max(feeds.1, queue.route, inflow, segment)
        };
        !self.is_ample(queue.route, feeds.0) && (driver.segments_in(span)).any(exceeds)
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
        way.accepted_max.is_infinite() && feed.rate_max <= way.capacity()
    }

    /// Samples per second that a collector with this inflow can send on a route in a segment. The
    /// shards of the collector limit that, and its share of the endpoint's capacity for its fleet.
    pub(super) fn send_max(
        &self,
        total: &Total<'_>,
        route: usize,
        inflow: f64,
        segment: usize,
    ) -> f64 {
        let way = &self.routes[route];
        let by_shards = way.capacity();
        if way.accepted_max.is_infinite() {
            return by_shards;
        }
        let all = total.volume(segment).rate.max(f64::MIN_POSITIVE);
        by_shards.min(inflow * way.accepted_max / all)
    }

    /// Sends what a collector can send over a span, and keeps the rest. A truncation takes a
    /// backlog of more than a third of its period, since the reader of the WAL then begins anew.
    ///
    /// Simplified: the age of a backlog is the time in which the present inflow would make it.
    /// While a backlog is worked off, all streams leave in the same proportion.
    pub(super) fn keep_up(
        &mut self,
        (feed, total): (&Feed<'_>, &Total<'_>),
        queue: QueueId,
        Span { from, to }: Span,
    ) {
        let resident = feed.resident;
        let every = resident.truncation().every;
        let mut rest = self.taken.clone();
        let mut at = from;
        while at < to {
            let segment = resident.driver.segment(at);
            let truncated = resident.next_truncation(feed.process, at);
            let until = resident.driver.end_of(segment).min(truncated).min(to);
            let last = until == to;
            self.fill((feed, queue), Span::new(at, until), last, &mut rest);
            let inflow = feed.volume(segment).rate;
            let rate = self.send_max(total, queue.route, inflow, segment);
            let left = self.send_some(queue, rate * (until - at).nanos() as f64 / 1e9);
            let age = left / inflow.max(f64::MIN_POSITIVE) * 1e9;
            let longest = (every / LAG_SHARE).nanos() as f64;
            if left > 0.0 {
                self.note_lag(age, resident.driver.end);
                let overtaken = until == truncated && age > longest;
                if every.is_zero() || (overtaken && resident.removes(truncated)) {
                    self.lose_on(queue, |delivery| &mut delivery.lost_overload);
                    self.note_loss(until, queue.collector);
                }
            }
            at = until;
        }
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
        let held = self.backlog_of(queue).iter().zip(&self.ledger.intervals);
        let held: f64 = held
            .map(|(&work, &interval)| fractional_samples(work, interval))
            .sum();
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

    /// Whether a truncation overtook a process on a route during a pause.
    pub(super) fn is_overtaken(&self, feed: &Feed<'_>, route: usize, pause: Span) -> bool {
        let started = feed.process.started;
        let truncation = feed.resident.truncation();
        let frozen = |at: SimTime| {
            let others = self.routes.iter().enumerate();
            let others = others.filter(|(other, _)| *other != route);
            let stalled = others.filter_map(|(_, other)| stall_at(&other.stalls, at));
            stalled.map(|stall| stall.from.max(started)).min()
        };
        !truncation.every.is_zero() && pause_loses(started, truncation, pause, frozen)
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
