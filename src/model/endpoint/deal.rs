//! How an endpoint deals its capacity among the collectors that send to it: weighted max-min
//! fairness over time, in closed form.
//!
//! An endpoint that takes less than it is offered answers 429, and every shard waits and sends again.
//! So all shards that have something to send get on at one rate. That is the *level* of the water: a
//! collector sends what it has, or `level · weight`. Its weight is what all its shards could send.
//! The level changes when a backlog ends, and when an inflow changes.

use crate::model::node::waterfill::{Contender, level};
use crate::units::{SimDuration, SimTime, Span};

/// Parts of a time to catch up. Backlogs that end within one part share their level.
const PARTS: f64 = 64.0;

/// The shortest time in seconds that is dealt at once.
const SHORTEST: f64 = 1e-3;

/// What one collector asks of an endpoint. Rates are in samples per second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::model) struct Claim {
    /// Unsent samples.
    pub backlog: f64,
    pub inflow: f64,
    /// Most that the collector can send.
    pub most: f64,
    /// What all shards of the collector could send to an idle endpoint.
    pub weight: f64,
    /// When the backlog ends for the first time.
    pub ends: Option<SimTime>,
}

/// The level of an endpoint over time. It is infinite where nothing binds.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::model) struct Levels(Vec<(SimTime, f64)>);

/// A deal in progress.
#[derive(Clone, Debug)]
pub(in crate::model) struct Deal {
    capacity: f64,
    pub claims: Vec<Claim>,
    pub levels: Levels,
}

impl Levels {
    /// Whether the level is infinite at all times.
    pub(in crate::model) fn is_free(&self) -> bool {
        self.0.iter().all(|&(_, level)| level.is_infinite())
    }

    /// The level at an instant.
    pub(in crate::model) fn at(&self, at: SimTime) -> f64 {
        let before = self.0.partition_point(|&(from, _)| from <= at);
        before
            .checked_sub(1)
            .map_or(f64::INFINITY, |place| self.0[place].1)
    }

    /// The first change after an instant.
    pub(in crate::model) fn next_after(&self, at: SimTime) -> SimTime {
        let before = self.0.partition_point(|&(from, _)| from <= at);
        self.0.get(before).map_or(SimTime::NEVER, |&(from, _)| from)
    }

    /// The lowest level in a span.
    pub(in crate::model) fn lowest(&self, span: Span) -> f64 {
        let first = self.0.partition_point(|&(from, _)| from <= span.from);
        let later = self.0[first..].iter();
        let later = later.take_while(|&&(from, _)| from < span.to);
        later.fold(self.at(span.from), |lowest, &(_, level)| lowest.min(level))
    }

    /// The level is `level` from `at` on.
    fn set(&mut self, at: SimTime, level: f64) {
        if self.at(at).to_bits() != level.to_bits() {
            self.0.push((at, level));
        }
    }
}

impl Claim {
    /// Samples that the collector would send within some seconds if nothing else bound it.
    fn wanted(&self, seconds: f64) -> f64 {
        let held = self.backlog + self.inflow * seconds;
        (self.most * seconds).min(held)
    }

    /// Samples per second that the collector wants to send now.
    fn rate(&self) -> f64 {
        if self.backlog > 0.0 {
            self.most
        } else {
            self.most.min(self.inflow)
        }
    }

    /// Seconds until the backlog ends at a level; infinite without a backlog, or if it grows.
    fn seconds_left(&self, level: f64) -> f64 {
        let spare = self.most.min(level * self.weight) - self.inflow;
        if self.backlog > 0.0 && spare > 0.0 {
            self.backlog / spare
        } else {
            f64::INFINITY
        }
    }

    /// Some seconds pass at a level, from `at` on.
    fn pass(&mut self, at: SimTime, seconds: f64, level: f64) {
        let held = self.backlog + self.inflow * seconds;
        let sent = held.min(self.most.min(level * self.weight) * seconds);
        let ends = self.seconds_left(level);
        // What rounding leaves is nothing.
        let left = held - sent;
        let left = if left > 1e-9 * held { left } else { 0.0 };
        if self.backlog > 0.0 && left <= 0.0 && self.ends.is_none() {
            self.ends = Some(at + SimDuration::from_secs_f64(ends.min(seconds)));
        }
        self.backlog = left;
    }
}

impl Deal {
    /// A deal of `capacity` samples per second.
    pub(super) fn of(capacity: f64) -> Self {
        Self {
            capacity,
            claims: Vec::new(),
            levels: Levels::default(),
        }
    }

    /// Whether the endpoint takes less than this inflow.
    pub(in crate::model) fn is_exceeded(&self, inflow: f64) -> bool {
        inflow > self.capacity
    }

    /// Whether any collector has a backlog.
    pub(in crate::model) fn has_backlog(&self) -> bool {
        self.claims.iter().any(|claim| claim.backlog > 0.0)
    }

    /// Deals over a span in which no inflow changes.
    ///
    /// Simplified: backlogs that end within the same 64th of the time to catch up share one level in
    /// that part. What one of them leaves goes to the others from its start on.
    pub(in crate::model) fn run(&mut self, span: Span) {
        let whole = self.seconds_to_catch_up();
        let part = whole.min(span.length().secs_f64()) / PARTS;
        let mut at = span.from;
        while at < span.to {
            let left = (span.to - at).secs_f64();
            let now = self.level(1.0, Claim::rate);
            let (seconds, level) = if now.is_infinite() {
                (left, now)
            } else {
                let seconds = self.step(now, part).min(left);
                let level = self.level(seconds, |claim| claim.wanted(seconds));
                (seconds, level.min(self.highest(seconds)))
            };
            self.levels.set(at, level);
            for claim in &mut self.claims {
                claim.pass(at, seconds, level);
            }
            let length = SimDuration::from_secs_f64(seconds).max(SimDuration::NANO);
            at = (at + length).min(span.to);
        }
    }

    /// Nothing binds from `at` on.
    pub(in crate::model) fn end(&mut self, at: SimTime) {
        self.levels.set(at, f64::INFINITY);
    }

    /// Seconds until all backlogs end if the whole capacity is used; infinite if they grow.
    pub(in crate::model) fn seconds_to_catch_up(&self) -> f64 {
        let inflow: f64 = self.claims.iter().map(|claim| claim.inflow).sum();
        let backlog: f64 = self.claims.iter().map(|claim| claim.backlog).sum();
        let spare = self.capacity - inflow;
        if spare > 0.0 {
            backlog / spare
        } else {
            f64::INFINITY
        }
    }

    /// Seconds from now on that are dealt at once: to the end of the first backlog, or a `part`.
    fn step(&self, now: f64, part: f64) -> f64 {
        let ends = self.claims.iter().map(|claim| claim.seconds_left(now));
        let first = ends.fold(f64::INFINITY, f64::min);
        first
            .max(part)
            .min(self.seconds_to_catch_up())
            .max(SHORTEST)
    }

    /// The level at which all that is wanted over some seconds uses up the capacity; infinite if it
    /// fits.
    fn level(&self, seconds: f64, wanted: impl Fn(&Claim) -> f64 + Clone) -> f64 {
        let contenders: Vec<Contender> = self
            .claims
            .iter()
            .map(|claim| Contender {
                weight: claim.weight * seconds,
                demand: wanted(claim),
                cap: f64::INFINITY,
            })
            .collect();
        level(self.capacity * seconds, &contenders.iter())
    }

    /// The level that lets everything out that is wanted over some seconds, and no earlier.
    fn highest(&self, seconds: f64) -> f64 {
        let levels = self
            .claims
            .iter()
            .map(|claim| claim.wanted(seconds) / (claim.weight * seconds));
        levels.fold(0.0, f64::max)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::properties::properties;

    fn second(seconds: f64) -> SimTime {
        SimTime::from_secs_f64(seconds)
    }

    fn claim(backlog: f64, inflow: f64, most: f64) -> Claim {
        Claim {
            backlog,
            inflow,
            most,
            weight: 1e6,
            ends: None,
        }
    }

    fn dealt(capacity: f64, claims: &[Claim], seconds: f64) -> Deal {
        let mut deal = Deal::of(capacity);
        deal.claims = claims.to_vec();
        deal.run(Span::new(SimTime::ZERO, second(seconds)));
        deal
    }

    fn ends(deal: &Deal) -> Vec<f64> {
        let ends = deal.claims.iter().map(|claim| claim.ends);
        ends.map(|ends| ends.map_or(f64::INFINITY, SimTime::secs_f64))
            .collect()
    }

    #[track_caller]
    fn same(found: f64, expected: f64) {
        assert!(
            (found / expected - 1.0).abs() < 1e-9,
            "{found} is not {expected}"
        );
    }

    /// Of 900 a second, 300 each. The first one has 200 to spare and 20,000 samples behind. Then the
    /// second one has 400 of the others' 800, and the third one gets what it leaves.
    #[test]
    fn what_one_leaves_goes_to_the_others() {
        let claims = [
            claim(2e4, 100.0, 1e5),
            claim(3e4, 250.0, 1e5),
            claim(1e5, 350.0, 1e5),
        ];
        let deal = dealt(900.0, &claims, 1e5);
        let found = ends(&deal);
        same(found[0], 100.0);
        // 25,000 left at 400 - 250.
        same(found[1], 100.0 + 25_000.0 / 150.0);
        // All that is behind over all that is left.
        same(found[2], 150_000.0 / 200.0);
        let level = |at| deal.levels.at(second(at)) * 1e6;
        same(level(0.0), 300.0);
        same(level(150.0), 400.0);
        same(level(300.0), 550.0);
        assert!(level(751.0).is_infinite());
        same(
            deal.levels.lowest(Span::new(second(200.0), second(500.0))) * 1e6,
            400.0,
        );
        assert!(!deal.has_backlog());
    }

    #[test]
    fn who_has_no_backlog_and_little_to_send_waits_for_nobody() {
        let claims = [claim(0.0, 100.0, 1e5), claim(6e5, 700.0, 1e5)];
        same(ends(&dealt(900.0, &claims, 1e5))[1], 6_000.0);
        // Who sends more than its part falls behind.
        let claims = [claim(0.0, 500.0, 1e5), claim(6e4, 300.0, 1e5)];
        let deal = dealt(900.0, &claims, 100.0);
        same(deal.claims[0].backlog, 5_000.0);
        same(deal.claims[1].backlog, 45_000.0);
    }

    #[test]
    fn an_endpoint_with_room_for_all_binds_nobody() {
        let claims = [claim(1e4, 100.0, 300.0), claim(0.0, 500.0, 1e5)];
        let deal = dealt(900.0, &claims, 1e4);
        assert!(deal.levels.is_free());
        same(ends(&deal)[0], 50.0);
    }

    #[test]
    fn below_the_load_backlogs_grow() {
        let claims = [claim(0.0, 500.0, 1e5), claim(0.0, 700.0, 1e5)];
        let deal = dealt(1_000.0, &claims, 100.0);
        same(deal.claims[1].backlog, 20_000.0);
        assert!(deal.claims[0].backlog.abs() < 1e-9);
    }

    /// As many as there may be end at one time, which is one step.
    #[test]
    fn equal_backlogs_end_together() {
        let claims = vec![claim(1e5, 100.0, 1e5); 5_000];
        let deal = dealt(600_000.0, &claims, 1e6);
        assert_eq!(deal.levels.0.len(), 2, "{:?}", deal.levels);
        for found in ends(&deal) {
            same(found, 5_000.0);
        }
    }

    proptest! {
        #![proptest_config(properties(64))]

        /// All of the capacity is used until the last backlog ends.
        #[test]
        fn the_last_backlog_ends_after_backlog_over_spare(
            asks in prop::collection::vec((1.0..1e7_f64, 1.0..1e3_f64), 1..400),
            spare in 0.01..2.0_f64,
        ) {
            let claims: Vec<Claim> = asks.iter().map(|&(backlog, inflow)| claim(backlog, inflow, 1e6)).collect();
            let inflow: f64 = claims.iter().map(|claim| claim.inflow).sum();
            let backlog: f64 = claims.iter().map(|claim| claim.backlog).sum();
            let whole = backlog / (inflow * spare);
            let capacity = inflow * (1.0 + spare);
            prop_assume!(capacity < 1e6);
            let deal = dealt(capacity, &claims, 2.0 * whole + 1.0);
            let last = ends(&deal).into_iter().fold(0.0, f64::max);
            prop_assert!((last - whole).abs() < 1e-6 * whole + 2e-3, "{last} is not {whole}");
            let half = dealt(capacity, &claims, whole / 2.0);
            let left: f64 = half.claims.iter().map(|claim| claim.backlog).sum();
            prop_assert!((left / (backlog / 2.0) - 1.0).abs() < 1e-6, "{left} of {backlog}");
        }
    }
}
