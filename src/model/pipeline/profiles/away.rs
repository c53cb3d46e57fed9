//! Outages of endpoints, and ends and starts of processes, for loops that wait.

use crate::model::load::draw::Purpose;
use crate::model::load::driver::weight_value;
use crate::model::load::work::portion;
use crate::units::{SimDuration, SimTime, Span};

use super::super::logs::Luck;
use super::loops::{Away, Loops, Toll};
use super::{Feed, Profiles, Pyroscope};

impl Profiles {
    /// From `now` on an endpoint takes nothing of a collector.
    pub(in crate::model) fn block(&mut self, collector: u32, now: SimTime) {
        let loops = &mut self.loops[collector as usize];
        if !matches!(loops, Loops::Waiting { .. }) {
            *loops = Loops::Waiting { since: now };
        }
    }

    /// An endpoint answers a collector again. Its loops notice that one by one, if no other endpoint
    /// holds them up. Returns when the last of them goes on.
    pub(in crate::model) fn release(
        &mut self,
        feed: &Feed<'_>,
        now: SimTime,
        luck: Luck<'_>,
    ) -> Option<SimTime> {
        let is_held = self.routes.iter().any(|route| route.is_down);
        let Loops::Waiting { since } = self.loops[feed.index as usize] else {
            return None;
        };
        if is_held {
            return None;
        }
        if self.is_pushed() {
            self.loops[feed.index as usize] = Loops::Running;
            return None;
        }
        let toll = self.settle_wait(feed, Span::new(since, now), luck);
        let until = now + SimDuration::from_secs_f64(toll.last_wake());
        self.note_gap(until - since);
        self.loops[feed.index as usize] = Loops::Resuming(toll.resuming(now));
        Some(until)
    }

    /// Accounts for what the loops of a collector have given up and never asked for since an endpoint
    /// takes nothing of it.
    ///
    /// Simplified: of several endpoints that are away, the one whose attempts take longest decides for
    /// all until the last one is back.
    fn settle_wait(&mut self, feed: &Feed<'_>, span: Span, luck: Luck<'_>) -> Toll {
        let Some(plan) = self.plan else {
            return Toll::default();
        };
        let outages = self
            .routes
            .iter()
            .flat_map(|route| route.outages.within(span));
        let away = Away {
            seconds: span.length().secs_f64(),
            attempt_seconds: outages.map(|of| of.attempt_seconds).fold(0.0, f64::max),
            interval: plan.interval.secs_f64(),
        };
        let second = span.from.nanos() / 1_000_000_000;
        let occasion = u32::try_from(second).unwrap_or(u32::MAX);
        let stream = &mut luck
            .draw
            .stream(Purpose::ProfileRetry, luck.key, feed.index, occasion);
        let toll = away.toll(&plan.retries, self.loops_of(feed, span.from), stream);
        let all = self.in_hand[feed.index as usize];
        let given_up = portion(all, toll.given_up);
        let skipped = portion(all, toll.skipped).min(all - given_up);
        self.in_hand[feed.index as usize] = all - given_up - skipped;
        self.give_up(given_up, span);
        self.intake.skipped += skipped;
        if let Some(first) = toll.first.filter(|_| given_up > 0) {
            self.note_loss((span.from + SimDuration::from_secs_f64(first)).min(span.to));
        }
        if skipped > 0 && plan.delta_share < 1.0 {
            // The second profile that falls due has no loop that would ask for it.
            self.note_loss((span.from + plan.interval * 2).min(span.to));
        }
        toll
    }

    /// Work that loops gave up in a span is lost where the endpoint was away. The others have it.
    fn give_up(&mut self, work: u128, span: Span) {
        self.intake.taken += work;
        for (route, delivery) in self.routes.iter().zip(&mut self.deliveries) {
            if route.outages.within(span).next().is_some() {
                delivery.send_failed += work;
            } else {
                delivery.sent += work;
            }
        }
    }

    /// Loops of a collector at `at`: one per target and type.
    fn loops_of(&self, feed: &Feed<'_>, at: SimTime) -> f64 {
        let interval = self.plan.map_or(0.0, |plan| plan.interval.secs_f64());
        let driver = &feed.resident.driver;
        let segment = driver.segment(at);
        let rate = |&stream: &usize| {
            weight_value(feed.weights[stream]) * driver.streams[stream].level[segment]
        };
        interval * self.own.iter().map(rate).sum::<f64>()
    }

    /// Bytes of the profiles that the loops of a collector have in hand, one each.
    pub(in crate::model) fn bytes_in_hand(&self, feed: &Feed<'_>, at: SimTime) -> f64 {
        let bytes = self
            .own
            .iter()
            .map(|&stream| feed.streams[stream].profiles.bytes);
        self.loops_of(feed, at) * bytes.fold(0.0, f64::max)
    }

    /// Targets move to a collector at `now`, with these gains of weight in each stream. The first
    /// profile of a type has nothing that it could be the difference to.
    pub(in crate::model) fn take_over(
        &mut self,
        feed: &Feed<'_>,
        now: SimTime,
        gains: impl Fn(usize) -> u32,
    ) {
        let Some(plan) = self.plan else { return };
        for &stream in &self.own {
            let gain = gains(stream);
            if gain > 0 {
                let work = first_of(feed, (stream, now), &plan) * u128::from(gain);
                self.newcomers[feed.index as usize] += portion(work, plan.kept_share());
            }
        }
    }

    /// A process starts at `now`. All its targets are new to it.
    pub(in crate::model) fn start(&mut self, feed: &Feed<'_>, now: SimTime) {
        if self.own.is_empty() {
            return;
        }
        self.newcomers[feed.index as usize] = 0;
        self.take_over(feed, now, |stream| feed.weights[stream]);
        let is_held = self.routes.iter().any(|route| route.is_down);
        self.loops[feed.index as usize] = if is_held {
            Loops::Waiting { since: now }
        } else {
            Loops::Running
        };
    }

    /// A process ends at `now`. What its loops have in hand is lost.
    ///
    /// Simplified: it is lost for all endpoints, although some may have taken it.
    pub(in crate::model) fn stop(&mut self, feed: &Feed<'_>, now: SimTime, luck: Luck<'_>) {
        if self.own.is_empty() {
            return;
        }
        self.settle_until(feed, now, luck);
        let index = feed.index as usize;
        let lost = std::mem::take(&mut self.in_hand[index]);
        self.intake.taken += lost;
        for delivery in &mut self.deliveries {
            delivery.lost_restart += lost;
        }
        if lost > 0 {
            self.note_loss(now);
        }
        self.loops[index] = Loops::Running;
        self.newcomers[index] = 0;
    }

    /// The last instant, or the last of a process. Accounts for loops that still wait.
    pub(in crate::model) fn settle_until(&mut self, feed: &Feed<'_>, now: SimTime, luck: Luck<'_>) {
        if self.own.is_empty() {
            return;
        }
        if let Loops::Waiting { since } = self.loops[feed.index as usize]
            && since < now
            && !self.is_pushed()
        {
            self.note_gap(now - since);
            self.settle_wait(feed, Span::new(since, now), luck);
        }
    }

    fn note_gap(&mut self, gap: SimDuration) {
        self.tally.gap_peak = self.tally.gap_peak.max(gap);
    }
}

/// Work of one profile of each loop of a stream at weight 1.
fn first_of(feed: &Feed<'_>, (stream, now): (usize, SimTime), plan: &Pyroscope) -> u128 {
    let driver = &feed.resident.driver;
    driver.work(stream, Span::new(now, now + plan.interval))
}
