//! The memory that the queues of a collector will take, as far as its present load tells.

use crate::model::wal::Ramp;
use crate::units::{SimDuration, SimTime, Span};

use super::flow::Reach;
use super::queue::{Bounds, Inflow, Passed, SpanQueue};
use super::{Feed, SpanPlan, Traces, spans_of};

/// What a queue will hold.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Course {
    /// When it begins to fill.
    from: SimTime,
    /// Spans that it holds then.
    at_from: f64,
    /// When it holds the most.
    full: SimTime,
    /// Spans that it holds then.
    most: f64,
    /// When it begins to empty.
    until: SimTime,
    /// When it is empty.
    gone: SimTime,
}

impl Traces {
    /// The memory of the spans that a collector will hold from `now` on with its present weights;
    /// none if its queues lie on a disk.
    ///
    /// Simplified: memory grows evenly until a queue holds the most, and falls evenly to zero from
    /// the first answer on. Of several queues the last to begin to empty counts.
    pub(in crate::model) fn forecast(&self, feed: &Feed<'_>, now: SimTime, reach: &Reach) -> Ramp {
        let mut ramp = Ramp::default();
        let Some(plan) = self.plan.filter(|_| self.is_in_memory()) else {
            return ramp;
        };
        for route in 0..self.routes.len() {
            let Some(course) = self.course((feed, route), now, (&plan, reach)) else {
                continue;
            };
            let segment = feed
                .resident
                .driver
                .segment(course.full.min(feed.resident.driver.end));
            let per_span = self.live_per_span(feed, segment);
            let more = Ramp {
                from: course.from,
                at_from: course.at_from * per_span,
                full: course.full,
                live: course.most * per_span,
                until: course.until,
                gone: course.gone,
            };
            ramp = ramp.beside(more);
        }
        ramp
    }

    /// The course of a queue; `None` if it stays empty.
    fn course(
        &self,
        (feed, route): (&Feed<'_>, usize),
        now: SimTime,
        (plan, reach): (&SpanPlan, &Reach),
    ) -> Option<Course> {
        let mut queue = self.queues[self.place(feed.index, route)].clone();
        let most = self.highest(feed);
        let per_request = plan.per_request(most.spans, &most);
        let is_idle = queue.stall.is_none() && queue.held == 0;
        if is_idle && most.spans <= self.out((route, &queue), per_request, (plan, reach)) {
            return None;
        }
        let driver = &feed.resident.driver;
        let mut watch = Watch::new(now, queue.spans());
        for segment in driver.segment(now)..driver.starts.len() {
            let span = Span::new(driver.starts[segment].max(now), driver.end_of(segment));
            if span.is_empty() {
                continue;
            }
            let rates = self.rates(feed, segment);
            let passes = plan.sampler.map_or(1.0, |sampler| {
                (1.0 - sampler.evicted(rates.traces)) * sampler.kept
            });
            let rate = rates.spans * passes;
            let inflow = Inflow {
                work: super::work_of(rate * span.length().secs_f64()),
                rate,
                per_request: plan.per_request(rate, &rates),
                bytes: rates.bytes / rates.spans.max(f64::MIN_POSITIVE),
                held_back: self.held_back(feed, (segment, &rates)),
                goes_back: false,
            };
            let bounds = |queue: &SpanQueue| Bounds {
                queue: plan.otlp.queue,
                room: reach.room,
                out: self.out((route, queue), inflow.per_request, (plan, reach)),
                is_hidden: plan.hides_a_full_queue(),
            };
            queue.advance(span, &inflow, bounds, |queue, passed| {
                watch.see(queue, passed);
            });
            if watch.gone.is_some() {
                break;
            }
        }
        watch.course(driver.end)
    }
}

/// Follows a queue.
struct Watch {
    from: SimTime,
    at_from: f64,
    full: SimTime,
    most: f64,
    until: SimTime,
    gone: Option<SimTime>,
    held: f64,
}

impl Watch {
    fn new(now: SimTime, held: f64) -> Self {
        Self {
            from: now,
            at_from: held,
            full: now,
            most: held,
            until: now,
            gone: None,
            held,
        }
    }

    fn see(&mut self, queue: &SpanQueue, passed: Passed) {
        const HAIR: f64 = 1e-9;
        let held = queue.spans();
        let Span { from, to } = passed.span;
        if self.gone.is_some() {
            return;
        }
        if self.most <= 0.0 && held > 0.0 {
            self.from = from;
        }
        if held > self.most * (1.0 + HAIR) {
            let after = passed.step.lost_after.map(SimDuration::from_secs_f64);
            self.full = after.map_or(to, |after| (from + after).min(to));
            self.most = held;
            self.until = to;
        } else if queue.stall.is_some() || held >= self.held {
            self.until = to;
        }
        if held <= 0.0 && self.most > 0.0 && queue.stall.is_none() {
            let left = spans_of(passed.step.left);
            // The part of the stretch in which the queue emptied.
            let share = if left > 0.0 {
                (self.held / left).min(1.0)
            } else {
                1.0
            };
            let length = passed.span.length().secs_f64() * share;
            self.gone = Some((from + SimDuration::from_secs_f64(length)).min(to));
        }
        self.held = held;
    }

    fn course(self, end: SimTime) -> Option<Course> {
        (self.most > 0.0).then(|| Course {
            from: self.from,
            at_from: self.at_from,
            full: self.full,
            most: self.most,
            until: self.until,
            gone: self.gone.unwrap_or(end).max(self.until),
        })
    }
}
