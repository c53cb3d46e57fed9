//! What a collector misses for want of CPU: samples, and lines that wait.

use crate::model::load::driver::weight_value;
use crate::model::load::work::portion;
use crate::model::pipeline::remote_write::CATCH_UP_CPU;
use crate::model::pipeline::{Kind, Stream};
use crate::model::process::demand::{Demand, Granted};
use crate::stats::crossing;

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

    /// CPU demand of a collector in a segment by signal, without garbage collection.
    pub(super) fn demand_in(&self, index: u32, segment: usize) -> Demand {
        let level = |stream: usize| self.plan.resident.driver.streams[stream].level[segment];
        self.demand_of(index, level, |stream| self.stream_cores(stream, segment))
    }

    /// CPU demand of a collector by signal, without garbage collection. The streams have so many
    /// units and demand so many cores at weight 1.
    pub(super) fn demand_of(
        &self,
        index: u32,
        level: impl Fn(usize) -> f64,
        cores: impl Fn(usize) -> f64,
    ) -> Demand {
        let mut demand = Demand {
            idle: self.plan.prices.idle_cores,
            ..Demand::default()
        };
        let streams = self.plan.streams.iter().zip(self.weights_of(index));
        for (stream, (plan, &weight)) in streams.enumerate() {
            let weight = weight_value(weight);
            let units = weight * level(stream);
            let (all, sending) = (weight * cores(stream), units * plan.sending);
            match plan.kind {
                Kind::Logs => demand.tailing += all,
                Kind::Traces => {
                    demand.spans += all;
                    demand.connections += units / plan.spans.per_second.max(f64::MIN_POSITIVE);
                }
                Kind::Profiles => {
                    demand.profiles += all;
                    let interval = self.plan.blueprint.pyroscope.interval;
                    demand.loops += units * interval.secs_f64();
                }
                Kind::Metrics => {
                    demand.scraping += all - sending;
                    demand.sending += sending;
                    demand.targets += units * plan.targets_per_series;
                }
                #[cfg(test)]
                Kind::Toy => {}
            }
        }
        demand
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
        let demand = self.demand_in(index, segment).times(gc_factor);
        let spare = demand.spare(self.plan.cpu_cap * grant);
        let per_sent = self.plan.prices.per_sent * CATCH_UP_CPU * gc_factor;
        if per_sent > 0.0 {
            self.feed(index).volume(segment).rate + spare / per_sent
        } else {
            f64::INFINITY
        }
    }

    /// Notes the CPU demand of a collector that sends `rate` samples per second of its backlog, as a
    /// mean over the window of a peak.
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
        let shortages = self.shortages(index, span);
        for shortage in &shortages {
            let metrics = shortage.granted.metrics;
            if metrics < 1.0 {
                self.tally.scrape_load = self.tally.scrape_load.max(1.0 / metrics.max(1e-3));
            }
        }
        if let Some(&Shortage { span, cores, .. }) = shortages.first()
            && self.cpu_short.is_none_or(|(seen, ..)| span.from < seen)
        {
            self.cpu_short = Some((span.from, index, cores));
        }
        self.missed_work(index, &shortages)
    }

    /// Whether a test holds in any segment of a span.
    fn any_segment(&self, span: Span, test: impl Fn(usize) -> bool) -> bool {
        self.plan.resident.driver.segments_in(span).any(test)
    }

    /// The stretches of a span in which a collector gets less CPU than it demands. Each lies in one
    /// segment.
    fn shortages(&self, index: u32, span: Span) -> Vec<Shortage> {
        let driver = &self.plan.resident.driver;
        let stretch = |segment: usize| {
            let from = driver.starts[segment].max(span.from);
            let to = driver.end_of(segment).max(span.from.just_after());
            (segment, Span::new(from, to.min(span.to)))
        };
        let shortage = |(segment, stretch)| self.shortage(index, segment, stretch);
        let segments = driver.segments_in(span);
        segments.map(stretch).filter_map(shortage).collect()
    }

    /// CPU demand of a collector by signal in a segment or at `at`, with garbage collection, and the
    /// cores that it can have.
    pub(super) fn demand_and_cores(
        &self,
        index: u32,
        segment: usize,
        at: SimTime,
    ) -> (Demand, f64) {
        let grant = f64::from(self.collectors[index as usize].cpu_grant);
        let cap = self.plan.cpu_cap;
        let cores = self.cores_at(index, segment, at);
        let demand = self.demand_in(index, segment);
        let gc_factor = cores / demand.total().max(f64::MIN_POSITIVE);
        let granted = if grant < 1.0 {
            grant * cores.min(cap)
        } else {
            cap
        };
        (demand.times(gc_factor), granted)
    }

    /// The part of a stretch from the first instant on at which a collector is short of CPU.
    ///
    /// Simplified: what it lacks at the end of the stretch counts for all of that part.
    fn shortage(&self, index: u32, segment: usize, stretch: Span) -> Option<Shortage> {
        let grant = f64::from(self.collectors[index as usize].cpu_grant);
        let cap = self.plan.cpu_cap;
        let last = stretch.to.just_before().max(stretch.from);
        let cores = self.cores_at(index, segment, last);
        if grant >= 1.0 && cores <= cap {
            return None;
        }
        let demand = self.demand_in(index, segment);
        let gc_factor = cores / demand.total().max(f64::MIN_POSITIVE);
        let from = if grant < 1.0 {
            stretch.from
        } else {
            self.short_from(index, segment, Span::new(stretch.from, last))
        };
        Some(Shortage {
            span: Span::new(from, stretch.to),
            granted: demand.times(gc_factor).granted(grant * cores.min(cap)),
            cores,
        })
    }

    /// First instant of a stretch in one segment at which the demand of a collector exceeds its
    /// limit, as it does at the end. Within a segment only the price of garbage collection changes.
    fn short_from(&self, index: u32, segment: usize, stretch: Span) -> SimTime {
        let cap = self.plan.cpu_cap;
        if self.cores_at(index, segment, stretch.from) > cap {
            return stretch.from;
        }
        let process = &self.collectors[index as usize].process;
        let (resident, weights) = (&self.plan.resident, self.weights_of(index));
        let live = |at| resident.live_at(process, weights, at);
        let cores = self.cores(index, segment);
        let fits = |live: f64| cores * self.plan.memory.gc_factor(live) <= cap;
        let limit = crossing(live(stretch.from), live(stretch.to), fits);
        let first = resident.first_above(process, weights, stretch, limit);
        first.unwrap_or(stretch.to)
    }

    /// Work per stream that is missed for want of CPU.
    fn missed_work(&self, index: u32, shortages: &[Shortage]) -> Vec<u128> {
        let feed = self.feed(index);
        let part = |(stream, plan): (usize, &Stream)| {
            let missed = |granted: Granted| match plan.kind {
                Kind::Logs => 1.0 - granted.lines,
                Kind::Traces => 1.0 - granted.spans,
                Kind::Profiles => 1.0 - granted.profiles,
                Kind::Metrics => plan.scrapes.missed(granted.metrics),
                #[cfg(test)]
                Kind::Toy => 0.0,
            };
            let stretch =
                |short: &Shortage| portion(feed.work(stream, short.span), missed(short.granted));
            shortages.iter().map(stretch).sum()
        };
        self.plan.streams.iter().enumerate().map(part).collect()
    }
}

/// A time in which a collector gets less CPU than it demands.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Shortage {
    span: Span,
    granted: Granted,
    /// Cores that it demands at the end.
    cores: f64,
}
