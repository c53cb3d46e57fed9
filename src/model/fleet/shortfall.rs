//! Samples that a collector misses for want of CPU.

use crate::model::load::driver::weight_value;
use crate::model::load::work::portion;
use crate::model::pipeline::Stream;
use crate::model::pipeline::remote_write::CATCH_UP_CPU;

use super::Fleet;
use super::settle::Most;
use crate::units::{SimTime, Span};

impl Fleet<'_> {
    /// CPU demand of a collector in a segment, without garbage collection.
    pub(super) fn cores(&self, index: u32, segment: usize) -> f64 {
        let weights = self.weights_of(index).iter().enumerate();
        let cores = |(stream, &weight): (usize, &u32)| {
            weight_value(weight) * self.stream_cores(stream, segment)
        };
        self.plan.prices.idle_cores + weights.map(cores).sum::<f64>()
    }

    /// CPU demand of a collector at the end of a segment or at `at`, with garbage collection.
    fn cores_at(&self, index: u32, segment: usize, at: SimTime) -> f64 {
        let collector = &self.collectors[index as usize];
        let live = self
            .plan
            .resident
            .live_at(&collector.process, self.weights_of(index), at);
        self.cores(index, segment) * self.plan.memory.gc_factor(live)
    }

    /// Samples per second that a collector has the CPU to send at its present inflow.
    pub(super) fn send_rate_max(&self, index: u32, now: SimTime) -> f64 {
        let segment = self.plan.resident.driver.segment(now);
        let grant = f64::from(self.collectors[index as usize].cpu_grant);
        let cores = self.cores(index, segment);
        let gc_factor = if cores > 0.0 {
            self.cores_at(index, segment, now) / cores
        } else {
            1.0
        };
        let spare = (self.plan.cpu_cap * grant - cores * gc_factor).max(0.0);
        let per_sent = self.plan.prices.per_sent * CATCH_UP_CPU * gc_factor;
        if per_sent > 0.0 {
            self.feed(index).volume(segment).rate + spare / per_sent
        } else {
            f64::INFINITY
        }
    }

    /// Notes the CPU demand of a collector that sends `rate` samples per second of its backlog.
    pub(super) fn note_catch_up(&mut self, index: u32, now: SimTime, rate: f64) {
        let segment = self.plan.resident.driver.segment(now);
        let demand = self.cores_at(index, segment, now);
        let gc_factor = demand / self.cores(index, segment).max(1e-12);
        let extra = rate.max(0.0) * self.plan.prices.per_sent * CATCH_UP_CPU * gc_factor;
        let cores = demand + extra;
        self.tally.catch_up_cores = self.tally.catch_up_cores.max(cores);
    }

    /// Work missed per stream for want of CPU; empty if none was missed.
    pub(super) fn cpu_shortfall(&mut self, (index, most): (u32, Most), span: Span) -> Vec<u128> {
        let grant = f64::from(self.collectors[index as usize].cpu_grant);
        let cap = self.plan.cpu_cap;
        // Garbage collection at most doubles the demand.
        let calm = |cores: f64| cores * 2.0 <= cap;
        if grant >= 1.0
            && (calm(most.cores)
                || !self.any_segment(span, |segment| !calm(self.cores(index, segment))))
        {
            return Vec::new();
        }
        let mut first = None;
        let shares = self.segment_shares(span, |segment, at| {
            let demand = self.cores_at(index, segment, at);
            let granted = grant.min(if demand > cap { cap / demand } else { 1.0 });
            if granted < 1.0 && first.is_none() {
                first = Some((at, index, demand));
            }
            granted
        });
        for &(_, granted) in &shares {
            self.tally.cpu_withheld = self.tally.cpu_withheld.max(1.0 - granted);
        }
        if let Some((at, ..)) = first
            && self.cpu_short.is_none_or(|(seen, ..)| at < seen)
        {
            self.cpu_short = first;
        }
        self.missed_work(index, &shares)
    }

    /// Whether a test holds in any segment of a span.
    fn any_segment(&self, span: Span, test: impl Fn(usize) -> bool) -> bool {
        self.plan.resident.driver.segments_in(span).any(test)
    }

    /// A share for each stretch of a span that lies in one segment.
    fn segment_shares(
        &self,
        span: Span,
        mut share: impl FnMut(usize, SimTime) -> f64,
    ) -> Vec<(Span, f64)> {
        let driver = &self.plan.resident.driver;
        let stretch = |segment: usize| {
            Span::new(
                driver.starts[segment].max(span.from),
                driver
                    .end_of(segment)
                    .max(span.from.just_after())
                    .min(span.to),
            )
        };
        driver
            .segments_in(span)
            .map(|segment| (stretch(segment), share(segment, stretch(segment).to)))
            .collect()
    }

    /// Work per stream that is missed with the CPU granted on each stretch of time.
    fn missed_work(&self, index: u32, shares: &[(Span, f64)]) -> Vec<u128> {
        let feed = self.feed(index);
        let part = |(stream, plan): (usize, &Stream)| {
            let stretch = |&(span, granted): &(Span, f64)| {
                portion(feed.work(stream, span), plan.scrapes.missed(granted))
            };
            shares.iter().map(stretch).sum()
        };
        self.plan.streams.iter().enumerate().map(part).collect()
    }
}
