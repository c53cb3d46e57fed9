//! Accounts for one collector since it was last touched, in closed form: its samples, its memory
//! and its load.

use crate::model::load::driver::weight_value;
use crate::model::pipeline::{Feed, Total};
use crate::model::process::collector::Life;
use crate::model::process::demand::Demand;

use super::Fleet;
use crate::units::{SimTime, Span};

impl Fleet<'_> {
    /// The load of one collector.
    pub(super) fn feed(&self, index: u32) -> Feed<'_> {
        self.plan
            .feed(index, (&self.collectors, &self.weights), &self.inlet)
    }

    /// The load of the whole fleet.
    pub(super) fn total(&self) -> Total<'_> {
        self.plan.total(&self.carried, &self.inlet)
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
        let feed = self
            .plan
            .feed(index, (&self.collectors, &self.weights), &self.inlet);
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
        self.note_derived(index, span.to);
        let short = self.cpu_shortfall((index, most), span);
        let paces = self.paces(index, span, &short);
        let feed = self
            .plan
            .feed(index, (&self.collectors, &self.weights), &self.inlet);
        self.pipelines.serve(&feed, span, (&short, &paces));
        self.serve_spans(index, span, &short);
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
        let highest = &self.plan.highest;
        let level = |stream: usize| highest[stream].level;
        most.demand = self.demand_of(index, level, |stream| highest[stream].cores);
        most
    }

    /// Notes the series and the CPU demand of a collector if they are the highest of the fleet.
    fn look_at_load(&mut self, (index, most): (u32, Most), span: Span, live_peak: f64) {
        let gc_factor = self.plan.memory.gc_factor(live_peak);
        let load = self.scrape_load(most.demand.times(gc_factor), most.series);
        if most.series <= self.tally.series_per_collector_peak
            && most.cores * gc_factor + self.plan.truncation_cores(most.series)
                <= self.tally.cpu_peak
            && load <= self.tally.scrape_load
        {
            return;
        }
        let driver = &self.plan.resident.driver;
        for segment in driver.segments_in(span) {
            let series = self.feed(index).volume(segment).series;
            let cores = self.cores(index, segment) * gc_factor + self.plan.truncation_cores(series);
            let demand = self.demand_in(index, segment).times(gc_factor);
            let load = self.scrape_load(demand, series);
            let tally = &mut self.tally;
            tally.series_per_collector_peak = tally.series_per_collector_peak.max(series);
            tally.cpu_peak = tally.cpu_peak.max(cores);
            tally.scrape_load = tally.scrape_load.max(load);
        }
    }

    /// Demand of the scrapes of a collector with so many series over what they can get, while its
    /// WAL is truncated.
    fn scrape_load(&self, demand: Demand, series: f64) -> f64 {
        let scraping = demand.scraping + self.plan.truncation_cores(series);
        Demand { scraping, ..demand }.scrape_load(self.plan.cpu_cap)
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
    /// Cores by signal, without garbage collection.
    pub demand: Demand,
}
