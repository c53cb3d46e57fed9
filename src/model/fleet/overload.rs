//! Senders that cannot keep up with their scrapes: too few shards, or an endpoint that takes no more. It
//! answers 429 and asks again later, so what it does not take waits in the log, until a truncation comes.

use crate::model::load::driver::fractional_samples;
use crate::model::pipeline::ledger::Delivery;
use crate::model::pipeline::remote_write::{LAG_SHARE, pause_loses};
use crate::model::process::collector::Sending;
use crate::model::wal::stall_at;

use super::Fleet;
use crate::model::load::work::portion;

impl Fleet<'_> {
    /// Whether a collector that sends without a break has or gets a backlog on a route.
    pub(super) fn may_fall_behind(
        &self,
        (index, route): (u32, usize),
        rate_max: f64,
        span: (u64, u64),
    ) -> bool {
        let lags = || self.backlog_of(index, route).iter().any(|&work| work > 0);
        let exceeds = |segment: usize| self.exceeds((index, route), segment);
        lags() || !self.is_ample(route, rate_max) && self.any_segment(span, exceeds)
    }

    /// The end of a drain within a span, on a route on which a collector may fall behind.
    pub(super) fn end_of_drain(
        &self,
        index: u32,
        rate_max: f64,
        (from, to): (u64, u64),
    ) -> Option<u64> {
        let ends = (0..self.routes.len()).filter(|&route| !self.is_ample(route, rate_max));
        let ends = ends.filter_map(|route| match self.sending_of(index, route) {
            Sending::Draining(drain) => {
                Some(drain.cut.map_or(drain.until, |cut| cut.min(drain.until)))
            }
            _ => None,
        });
        ends.filter(|end| (from + 1..to).contains(end)).min()
    }

    /// Whether a route takes what any collector has that takes in at most `rate_max` samples per second.
    fn is_ample(&self, route: usize, rate_max: f64) -> bool {
        let way = &self.routes[route];
        way.accepted_max.is_infinite() && rate_max <= way.sender.capacity()
    }

    /// Whether a collector takes in more than it can send in a segment.
    fn exceeds(&self, (index, route): (u32, usize), segment: usize) -> bool {
        let inflow = self.carried_by(index, segment).1;
        inflow > self.send_max(route, inflow, segment)
    }

    /// Samples per second that a collector with this inflow can send on a route: by its shards, and by its part of
    /// what the endpoint takes of its fleet.
    pub(super) fn send_max(&self, route: usize, inflow: f64, segment: usize) -> f64 {
        let way = &self.routes[route];
        let by_shards = way.sender.capacity();
        if way.accepted_max.is_infinite() {
            return by_shards;
        }
        let all = self.total_in(segment).1.max(f64::MIN_POSITIVE);
        by_shards.min(inflow * way.accepted_max / all)
    }

    /// Sends what a collector can over a span, and keeps the rest; a truncation takes what is behind by
    /// more than a third of its period, as the reader of the log then begins anew.
    ///
    /// Simplified: the age of a backlog is what the present inflow would have taken to make it; while it
    /// is worked off, all streams leave in the same proportion.
    pub(super) fn keep_up(&mut self, queue: (u32, usize), (from, to): (u64, u64)) {
        let (index, route) = queue;
        let every = self.plan.resident.truncation().every;
        let process = self.collectors[index as usize].process;
        let mut rest = self.taken.clone();
        let mut at = from;
        while at < to {
            let segment = self.plan.resident.driver.segment(at);
            let truncated = self.plan.resident.next_truncation(&process, at);
            let until = self
                .plan
                .resident
                .driver
                .end_of(segment)
                .min(truncated)
                .min(to);
            self.fill(queue, (at, until, to), &mut rest);
            let inflow = self.carried_by(index, segment).1;
            let sendable = self.send_max(route, inflow, segment) * (until - at) as f64 / 1e9;
            let left = self.send_some(queue, sendable);
            let age = left / inflow.max(f64::MIN_POSITIVE) * 1e9;
            let longest = (every / LAG_SHARE) as f64;
            if left > 0.0 {
                self.note_lag(age);
                let overtaken = until == truncated && age > longest;
                if every == 0 || (overtaken && self.plan.resident.removes(truncated)) {
                    self.lose_on(index, route, |delivery: &mut Delivery| {
                        &mut delivery.lost_overload
                    });
                    self.note_data_lost(until, index);
                }
            }
            at = until;
        }
    }

    /// Adds to a backlog what was taken in up to `until`, on a stretch of a span that ends at `to`.
    fn fill(&mut self, queue: (u32, usize), (at, until, to): (u64, u64, u64), rest: &mut [u128]) {
        let (index, route) = queue;
        let slot = self.queue(index, route) * self.plan.streams.len();
        for (stream, rest) in rest.iter_mut().enumerate() {
            let part = if until == to {
                *rest
            } else {
                self.work(index, stream, (at, until)).min(*rest)
            };
            *rest -= part;
            self.backlog[slot + stream] += part;
        }
    }

    /// Sends so many samples of a backlog; returns those that are left.
    fn send_some(&mut self, (index, route): (u32, usize), sendable: f64) -> f64 {
        let held = self.backlog_of(index, route).iter().zip(&self.plan.streams);
        let held: f64 = held
            .map(|(&work, stream)| fractional_samples(work, stream.interval))
            .sum();
        let share = if held > sendable {
            sendable / held
        } else {
            1.0
        };
        let slot = self.queue(index, route) * self.plan.streams.len();
        for stream in 0..self.plan.streams.len() {
            let work = self.backlog[slot + stream];
            let sent = if share < 1.0 {
                portion(work, share)
            } else {
                work
            };
            self.backlog[slot + stream] -= sent;
            self.accept(route, stream, sent);
        }
        (held - sendable).max(0.0)
    }

    /// Whether a truncation has taken what a process could not send on a route during a pause.
    pub(super) fn is_overtaken(&self, route: usize, started: u64, pause: (u64, u64)) -> bool {
        let truncation = self.plan.resident.truncation();
        let rules = (truncation.every, truncation.keep_max);
        let others = || {
            self.routes
                .iter()
                .enumerate()
                .filter(|(other, _)| *other != route)
        };
        let frozen = |at: u64| {
            let stalled = others().filter_map(|(_, other)| stall_at(&other.stalls, at));
            stalled.map(|stall| stall.from.max(started)).min()
        };
        truncation.every > 0 && pause_loses(started, rules, pause, frozen)
    }

    fn note_lag(&mut self, nanos: f64) {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "an age within the simulated time; casts saturate"
        )]
        let nanos = nanos as u64;
        let horizon = self.plan.resident.driver.end;
        let peak = &mut self.tally.backlog_peak_nanos;
        *peak = (*peak).max(nanos.min(horizon));
    }
}
