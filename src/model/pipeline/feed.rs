//! What pipelines are fed with: the load of one collector, and the load of its whole fleet.

use crate::model::load::driver::{WEIGHT_BITS, fractional_samples, weight_value};
use crate::model::load::work::multiple;
use crate::model::wal::{Process, Resident, Written};
use crate::units::{SimDuration, Span};

use super::kind::Kind;
use super::stream::{Highest, Stream, Volume};

/// The load of one collector.
#[derive(Clone, Copy, Debug)]
pub(in crate::model) struct Feed<'f> {
    /// Index of the collector in its fleet.
    pub index: u32,
    pub streams: &'f [Stream],
    /// The shared drivers, and the WAL of every process.
    pub resident: &'f Resident,
    pub process: &'f Process,
    /// Weight of the collector in each stream.
    pub weights: &'f [u32],
    /// Greatest inflow of the collector, in samples per second.
    pub rate_max: f64,
    /// What arrives of each stream, as a multiple of what its workload emits. Empty for a fleet that
    /// no other fleet sends to: all of it arrives.
    pub arrivals: &'f [f64],
}

impl Feed<'_> {
    /// Work of one stream that the collector was offered.
    pub(in crate::model) fn work(&self, stream: usize, span: Span) -> u128 {
        let weight = self.weights[stream];
        if weight == 0 {
            return 0;
        }
        let work = self.resident.driver.work(stream, span) * u128::from(weight);
        arrived(work, self.arrivals.get(stream))
    }

    /// What arrives of a stream, as a multiple of what its workload emits.
    pub(in crate::model) fn arrival(&self, stream: usize) -> f64 {
        self.arrivals.get(stream).copied().unwrap_or(1.0)
    }

    /// Whether other fleets send what the collector takes in. Then collectors count what is offered.
    pub(in crate::model) fn is_relayed(&self) -> bool {
        !self.arrivals.is_empty()
    }

    /// The same, as if all that workloads emit arrived.
    pub(in crate::model) fn nominal(&self) -> Self {
        Self {
            arrivals: &[],
            ..*self
        }
    }

    /// Metrics of the collector in a segment.
    pub(in crate::model) fn volume(&self, segment: usize) -> Volume {
        let mut volume = Volume::default();
        let drivers = &self.resident.driver.streams;
        for ((stream, driver), &weight) in self.streams.iter().zip(drivers).zip(self.weights) {
            let units = weight_value(weight) * driver.level[segment];
            volume.add(stream.kind.volume(stream, units));
        }
        volume
    }
}

impl Feed<'_> {
    /// What the collector writes to each of its WALs.
    pub(in crate::model) fn written(&self) -> Scraped<'_> {
        Scraped(self)
    }
}

/// The samples that a collector scrapes.
#[derive(Clone, Copy, Debug)]
pub(in crate::model) struct Scraped<'f>(&'f Feed<'f>);

impl Written for Scraped<'_> {
    fn samples(&self, span: Span) -> f64 {
        // The first process of a running fleet may begin a little later.
        if span.is_empty() {
            return 0.0;
        }
        let streams = self.0.streams.iter().enumerate();
        let metrics = streams.filter(|(_, stream)| stream.kind == Kind::Metrics);
        let samples = |(index, stream): (usize, &Stream)| {
            fractional_samples(self.0.nominal().work(index, span), stream.interval)
        };
        metrics.map(samples).sum()
    }

    fn most(&self, length: SimDuration) -> f64 {
        // So that rounding never hides a full segment.
        const MARGIN: f64 = 1.0 + 1e-6;
        self.0.rate_max * length.secs_f64() * MARGIN
    }
}

/// The load of a whole fleet.
#[derive(Clone, Copy, Debug)]
pub(in crate::model) struct Total<'f> {
    pub streams: &'f [Stream],
    pub resident: &'f Resident,
    /// Sum of all weights, per stream.
    pub carried: &'f [u64],
    /// The part of `carried` that no collector owns.
    pub unowned: &'f [u64],
    /// As in [`Feed`].
    pub arrivals: &'f [f64],
}

/// What arrives of some work, of which `factor` arrives where other fleets send it.
fn arrived(work: u128, factor: Option<&f64>) -> u128 {
    factor.map_or(work, |&factor| multiple(work, factor))
}

impl Total<'_> {
    /// Work of one stream over a span: what workloads emit, what counts as offered here, and the part
    /// that no collector owns. Where other fleets send it, each collector counts its own part.
    pub(in crate::model) fn work(&self, stream: usize, span: Span) -> [u128; 3] {
        let each = self.resident.driver.work(stream, span);
        let emitted = each * u128::from(self.carried[stream]);
        let unowned = each * u128::from(self.unowned[stream]);
        match self.arrivals.get(stream) {
            None => [emitted, emitted, unowned],
            factor => {
                let unowned = arrived(unowned, factor);
                [emitted, unowned, unowned]
            }
        }
    }

    /// Samples per second that the whole fleet exceeds in no segment, with the highest values of
    /// its streams.
    pub(in crate::model) fn rate_at_most(&self, highest: &[Highest]) -> f64 {
        let mut volume = Volume::default();
        let streams = self.streams.iter().zip(highest);
        for ((stream, highest), &carried) in streams.zip(self.carried) {
            let units = carried as f64 / f64::from(1_u32 << WEIGHT_BITS) * highest.level;
            volume.add(stream.kind.volume(stream, units));
        }
        volume.rate
    }

    /// Metrics of the whole fleet in a segment.
    pub(in crate::model) fn volume(&self, segment: usize) -> Volume {
        let unit = f64::from(1_u32 << WEIGHT_BITS);
        let mut volume = Volume::default();
        let drivers = &self.resident.driver.streams;
        for ((stream, driver), &carried) in self.streams.iter().zip(drivers).zip(self.carried) {
            let units = driver.level[segment] * carried as f64 / unit;
            volume.add(stream.kind.volume(stream, units));
        }
        volume
    }
}
