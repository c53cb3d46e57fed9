//! Bytes of samples: in WALs, and on the wire.

use crate::model::blueprint::{self, SampleBytes};
use crate::model::load::draw::Draw;
use crate::model::load::driver::samples_of;
use crate::model::pipeline::{Kind, Stream};
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
    logged: f64,
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
    /// Bytes of the WAL of a collector at `at`: its samples, and the records of all series that it
    /// holds.
    pub(super) fn wal_bytes(&self, index: u32, at: SimTime) -> f64 {
        let process = &self.collectors[index as usize].process;
        let began = self.plan.resident.wal_begins(process, at);
        let series = self
            .plan
            .resident
            .units_at(process, self.weights_of(index), at.just_before());
        let feed = self.feed(index);
        let samples = |(stream, plan): (usize, &Stream)| {
            if plan.kind == Kind::Metrics {
                samples_of(feed.work(stream, Span::new(began, at)), plan.interval) as f64
            } else {
                0.0
            }
        };
        let samples: f64 = self.plan.streams.iter().enumerate().map(samples).sum();
        samples * self.plan.bytes.logged + series * self.plan.bytes.wal_per_series
    }

    /// Notes the bytes of a collector's WAL if they are the most of the fleet.
    ///
    /// Simplified: only three instants of a span without events are examined. These instants are
    /// the end of the span, the last truncation in the span, and the first truncation after the
    /// fleet's busiest instant.
    pub(super) fn look_at_wal(&mut self, (index, most): (u32, Most), span: Span) {
        let process = self.collectors[index as usize].process;
        let brought = process.started - process.wal_from.min(process.started);
        let longest = (self.plan.resident.wal_longest() + brought).secs_f64();
        // Dead series at most double the records, which are few bytes beside the samples.
        let records = 2.0 * most.series * self.plan.bytes.wal_per_series;
        let bound = most.rate * longest * self.plan.bytes.logged + records;
        if bound <= self.tally.wal_peak || self.plan.resident.truncation().every.is_zero() {
            return;
        }
        let after_busiest = self
            .plan
            .resident
            .next_truncation(&process, self.plan.busiest_at);
        let last = self.plan.resident.last_truncation(&process, span.to);
        for at in [Some(span.to), last, Some(after_busiest)]
            .into_iter()
            .flatten()
        {
            if span.from < at && at <= span.to {
                let bytes = self.wal_bytes(index, at);
                self.tally.wal_peak = self.tally.wal_peak.max(bytes);
            }
        }
    }
}
