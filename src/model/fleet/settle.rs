//! Accounts for one collector since it was last touched, in closed form: its samples, its memory
//! and its load.

use crate::model::load::driver::weight_value;
use crate::model::pipeline::{Feed, Total};
use crate::model::process::collector::Life;

use super::Fleet;
use crate::units::{SimTime, Span};

impl Fleet<'_> {
    /// The load of one collector.
    pub(super) fn feed(&self, index: u32) -> Feed<'_> {
        self.plan.feed(index, &self.collectors, &self.weights)
    }

    /// The load of the whole fleet.
    pub(super) fn total(&self) -> Total<'_> {
        self.plan.total(&self.carried)
    }

    /// Accounts for one collector up to `now`: its samples, its memory and its load.
    pub(super) fn settle(&mut self, index: u32, now: SimTime) {
        let collector = self.collectors[index as usize];
        let span = Span::new(collector.settled, now);
        if span.is_empty() {
            return;
        }
        match collector.life {
            Life::Absent => {}
            Life::Down => self.miss(index, span),
            Life::Up => self.serve(index, span),
        }
        self.collectors[index as usize].settled = now;
    }

    fn miss(&mut self, index: u32, span: Span) {
        self.tally.down_nanos += u128::from(span.length().nanos());
        self.tally.collector_nanos += u128::from(span.length().nanos());
        if self.is_pending(index) {
            self.tally.pending_nanos += u128::from(span.length().nanos());
        }
        let feed = self.plan.feed(index, &self.collectors, &self.weights);
        self.pipelines.miss(&feed, span);
    }

    fn serve(&mut self, index: u32, span: Span) {
        let most = self.most(index);
        if let Some(end) = self.pipelines.metrics.end_of_drain(&self.feed(index), span) {
            // After the drain the collector may fall behind.
            self.serve(index, Span::new(span.from, end));
            return self.serve(index, Span::new(end, span.to));
        }
        self.tally.collector_nanos += u128::from(span.length().nanos());
        self.hold(index, span.to);
        let collector = &self.collectors[index as usize];
        let (process, weights) = (&collector.process, self.weights_of(index));
        let resident = &self.plan.resident;
        let peak = resident.peak(process, weights, span, collector.live_peak);
        self.collectors[index as usize].live_peak = peak;
        self.look_at_load((index, most), span, peak);
        self.look_at_wal((index, most), span);
        let short = self.cpu_shortfall((index, most), span);
        let feed = self.plan.feed(index, &self.collectors, &self.weights);
        self.pipelines.serve(&feed, span, &short);
    }

    /// The greatest load of a collector with its present weights at any time.
    fn most(&self, index: u32) -> Most {
        let mut most = Most {
            cores: self.plan.prices.idle_cores,
            ..Most::default()
        };
        let weights = self.weights_of(index).iter().zip(&self.plan.highest);
        for ((&weight, highest), stream) in weights.zip(&self.plan.streams) {
            let units = weight_value(weight) * highest.level;
            most.cores += weight_value(weight) * highest.cores;
            let volume = stream.kind.volume(stream, units);
            most.series += volume.series;
            most.rate += volume.rate;
        }
        most
    }

    /// Notes the series and the CPU demand of a collector if they are the highest of the fleet.
    fn look_at_load(&mut self, (index, most): (u32, Most), span: Span, live_peak: f64) {
        let gc_factor = self.plan.memory.gc_factor(live_peak);
        if most.series <= self.tally.series_per_collector_peak
            && most.cores * gc_factor + self.plan.truncation_cores(most.series)
                <= self.tally.cpu_peak
        {
            return;
        }
        let driver = &self.plan.resident.driver;
        for segment in driver.segments_in(span) {
            let series = self.feed(index).volume(segment).series;
            let cores = self.cores(index, segment) * gc_factor + self.plan.truncation_cores(series);
            self.tally.series_per_collector_peak = self.tally.series_per_collector_peak.max(series);
            self.tally.cpu_peak = self.tally.cpu_peak.max(cores);
        }
    }
}

/// The greatest load of a collector.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Most {
    /// Active series.
    pub series: f64,
    /// Samples per second.
    pub rate: f64,
    /// Cores, without garbage collection.
    pub cores: f64,
}
