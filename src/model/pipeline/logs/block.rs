//! Endpoints that take nothing: readers that wait, and batches that shards give up.

use crate::model::load::draw::Purpose;
use crate::units::{SimDuration, SimTime, Span};

use super::shards::Toll;
use super::{Feed, Logs, Luck, Tail};

impl Logs {
    /// From `now` on an endpoint takes nothing of a collector.
    pub(in crate::model) fn block(&mut self, collector: u32, now: SimTime) {
        if self.block_wal(collector, now) {
            return;
        }
        let tail = &mut self.tails[collector as usize];
        if !matches!(tail, Tail::Blocked { .. }) {
            *tail = Tail::Blocked { since: now };
        }
    }

    /// An endpoint answers a collector again. Returns when its shards wake up, if no other endpoint
    /// holds it up.
    pub(in crate::model) fn release(
        &mut self,
        feed: &Feed<'_>,
        now: SimTime,
        luck: Luck<'_>,
    ) -> Option<SimTime> {
        if self.write.wal.is_some() {
            return self.release_wal(feed, now, luck);
        }
        let is_held = self.routes.iter().any(|route| route.is_down);
        let Tail::Blocked { since } = self.tails[feed.index as usize] else {
            return None;
        };
        if is_held {
            return None;
        }
        let toll = self.settle_block(feed, Span::new(since, now), luck);
        let until = now + SimDuration::from_secs_f64(toll.resumes_in);
        self.note_lag(until - since);
        self.tails[feed.index as usize] = Tail::Asleep {
            until,
            held: toll.held,
        };
        Some(until)
    }

    /// Accounts for the batches that the shards of a collector have given up since an endpoint takes
    /// nothing of it.
    pub(super) fn settle_block(&mut self, feed: &Feed<'_>, span: Span, luck: Luck<'_>) -> Toll {
        let bytes = self.waiting_bytes(feed.index);
        let rate = bytes / span.length().secs_f64().max(1e-9);
        let mut worst = Toll::default();
        for route in 0..self.routes.len() {
            let toll = self.toll_of((feed.index, route), span, (rate, luck));
            self.take(feed.index, toll.given_up, |of, slot, work| {
                of.shipped(route, slot).lost_retries += work;
                (0..of.routes.len())
                    .filter(|&other| other != route)
                    .for_each(|other| {
                        of.shipped(other, slot).sent += work;
                    });
            });
            worst.given_up += toll.given_up;
            worst.held = worst.held.max(toll.held);
            worst.resumes_in = worst.resumes_in.max(toll.resumes_in);
        }
        worst
    }

    /// What the shards of a collector made of the outages of an endpoint within a span.
    pub(super) fn toll_of(
        &mut self,
        (collector, route): (u32, usize),
        span: Span,
        (rate, luck): (f64, Luck<'_>),
    ) -> Toll {
        let mut toll = Toll::default();
        let parts: Vec<_> = self.routes[route].outages.within(span).collect();
        for part in parts {
            let second = part.span.from.nanos() / 1_000_000_000;
            let occasion = u32::try_from(second).expect("a horizon has few seconds");
            let key = luck.key ^ route as u64;
            let stream = |shard: u32| {
                let key = key ^ u64::from(shard) << 32;
                luck.draw
                    .stream(Purpose::LogRetry, key, collector, occasion)
            };
            let length = part.span.length().secs_f64();
            let of = self
                .write
                .toll((length, part.attempt_seconds), rate, stream);
            toll.given_up += of.given_up;
            toll.held = toll.held.max(of.held);
            toll.resumes_in = if part.span.to == span.to {
                of.resumes_in
            } else {
                0.0
            };
            if let Some(first) = of.first.filter(|_| rate > 0.0) {
                let at = part.span.from + SimDuration::from_secs_f64(first);
                self.note_loss(at.min(span.to), collector);
            }
        }
        toll
    }
}
