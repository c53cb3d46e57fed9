//! Bytes of samples: in WALs, and on the wire.

use crate::model::blueprint::{self, SampleBytes};
use crate::model::load::draw::Draw;
use crate::units::{SimTime, Span};

use super::Fleet;
use super::settle::Most;

/// Bytes that the samples of one fleet take in one draw.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct BytePrices {
    /// Per scraped sample, from a target.
    pub received: f64,
    /// Per sent sample, to each endpoint.
    pub sent: f64,
    /// Per sample, in each WAL.
    pub logged: f64,
    wal_per_series: f64,
}

impl BytePrices {
    /// The bytes of `fleet`, with their unknowns drawn.
    pub(super) fn draw(fleet: &blueprint::Fleet, draw: &mut Draw) -> Self {
        let path = format!("fleet.{}", fleet.name);
        let SampleBytes {
            received,
            sent,
            logged,
            wal_per_new_series,
        } = &fleet.sample_bytes;
        let mut centre = |key: &str, quantity| draw.centre(&format!("{path}.{key}"), quantity);
        Self {
            received: centre("received_per_sample", received),
            sent: centre("wire_per_sample", sent),
            logged: centre("wal_per_sample", logged),
            wal_per_series: *wal_per_new_series,
        }
    }
}

impl Fleet<'_> {
    /// Bytes of the WALs of a collector at `at`.
    fn wal_bytes(&self, index: u32, at: SimTime) -> f64 {
        let feed = self.feed(index);
        let walks = self.pipelines.metrics.walks(&feed);
        let samples = walks.map(|mut walk| {
            walk.pass(at);
            walk.samples_at(at)
        });
        samples.sum::<f64>() * self.plan.bytes.logged + self.records(index, at)
    }

    /// Bytes that the records of all series take in the WALs of a collector at `at`.
    fn records(&self, index: u32, at: SimTime) -> f64 {
        let process = &self.collectors[index as usize].process;
        let weights = self.weights_of(index);
        let series = (self.plan.resident).units_at(process, weights, at.just_before());
        series * self.plan.bytes.wal_per_series * self.pipelines.metrics.log_count() as f64
    }

    /// What the volume of a collector keeps of its WALs if its process ends at `at`: since when they
    /// hold samples, their closed segments, and their bytes.
    pub(super) fn left_on_volume(&self, index: u32, at: SimTime) -> (SimTime, u32, f64) {
        if !self.plan.blueprint.wal.on_volume {
            return (at, 0, 0.0);
        }
        let feed = self.feed(index);
        let left = self.pipelines.metrics.walks(&feed).map(|mut walk| {
            walk.pass(at);
            walk.left_at(at)
        });
        let (from, closed) = left.min().expect("a fleet has a WAL");
        let closed = u32::try_from(closed).unwrap_or(u32::MAX);
        (from, closed, self.wal_bytes(index, at))
    }

    /// Notes the bytes of a collector's WALs if they are the most of the fleet.
    pub(super) fn look_at_wal(&mut self, (index, most): (u32, Most), span: Span) {
        if self.plan.resident.truncation().every.is_zero() {
            return;
        }
        let feed = self.feed(index);
        let metrics = &self.pipelines.metrics;
        // Dead series at most double the records, which are few bytes beside the samples.
        let records = 2.0 * most.series * self.plan.bytes.wal_per_series;
        let longest = metrics.longest_wal(feed.process).secs_f64();
        let bound = most.rate * longest * self.plan.bytes.logged + records;
        if bound * metrics.log_count() as f64 <= self.tally.wal_peak {
            return;
        }
        let busiest = self.plan.busiest_at;
        let samples: f64 = metrics
            .walks(&feed)
            .map(|mut walk| walk.most_samples(span, busiest))
            .sum();
        let bytes = samples * self.plan.bytes.logged + self.records(index, span.to);
        self.tally.wal_peak = self.tally.wal_peak.max(bytes);
    }
}
