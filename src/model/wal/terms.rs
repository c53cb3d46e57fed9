//! What each stream adds to live bytes, segment by segment, next to each other in memory.

use super::log::Kept;
use super::{Coefficient, Log};
use crate::model::load::driver::{Driver, WEIGHT_BITS};
use crate::units::{SimDuration, SimTime};

/// What one stream adds to live bytes in one segment, at weight 1.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Term {
    /// Live bytes of active units.
    alive: f64,
    /// Live bytes that have died since the simulation began, at the start of the segment.
    dead: f64,
    /// Live bytes that die per nanosecond.
    death_rate: f64,
}

/// Live bytes of a collector in one segment, as if its WAL let nothing go.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line {
    /// At the start of the segment.
    pub(super) at_start: f64,
    /// Per nanosecond, never negative.
    pub(super) slope: f64,
}

/// An instant within a segment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    /// Which segment.
    pub(super) segment: usize,
    /// Time since the segment began.
    pub(super) past: SimDuration,
}

impl Place {
    /// The place of an instant in the segment that holds it.
    pub(super) fn new(driver: &Driver, segment: usize, at: SimTime) -> Self {
        Self {
            segment,
            past: at - driver.starts[segment],
        }
    }
}

/// Since when a process holds dead series, as places.
#[derive(Clone, Copy, Debug)]
pub(super) struct KeptPlaces {
    pub(super) in_wal: Place,
    pub(super) in_queues: Place,
}

impl KeptPlaces {
    /// The places of `kept`, none of which is after the segment `last`.
    pub(super) fn new(driver: &Driver, last: usize, kept: Kept) -> Self {
        let place = |last, at| Place::new(driver, driver.segment_up_to(last, at), at);
        let in_wal = place(last, kept.in_wal);
        Self {
            in_wal,
            in_queues: place(in_wal.segment, kept.in_queues),
        }
    }
}

/// What every stream adds to live bytes in every segment.
#[derive(Clone, Debug)]
pub(super) struct Terms {
    streams: usize,
    /// Share of the bytes of dead series that queues hold.
    in_queues: f64,
    /// Segment by segment, and within it stream by stream.
    by_segment: Vec<Term>,
}

/// The value of a weight of 1 in fixed point.
const UNIT: f64 = 1.0 / (1_u32 << WEIGHT_BITS) as f64;

impl Terms {
    /// The terms of `driver`. Dead series count for nothing where series leave memory as they die.
    pub(super) fn new(driver: &Driver, coefficients: &[Coefficient], log: &Log) -> Self {
        let keeps_dead = f64::from(u8::from(!log.truncation.every.is_zero()));
        let term = |segment: usize, stream: usize| {
            let Coefficient { resident, active } = coefficients[stream];
            let driver = &driver.streams[stream];
            Term {
                alive: (resident + active) * driver.level[segment],
                dead: resident * keeps_dead * driver.churned[segment],
                death_rate: resident * keeps_dead * driver.churn_rate[segment],
            }
        };
        let (segments, streams) = (0..driver.starts.len(), driver.streams.len());
        let in_segment = |segment| (0..streams).map(move |stream| term(segment, stream));
        Self {
            streams,
            in_queues: log.truncation.in_queues,
            by_segment: segments.flat_map(in_segment).collect(),
        }
    }

    fn of(&self, segment: usize) -> &[Term] {
        &self.by_segment[segment * self.streams..][..self.streams]
    }

    /// Live bytes of a collector in a segment, without those that are the same for all collectors.
    pub(super) fn line(&self, weights: &[u32], segment: usize) -> Line {
        let (mut at_start, mut slope) = (0.0, 0.0);
        for (term, &weight) in self.of(segment).iter().zip(weights) {
            let weight = f64::from(weight);
            at_start += weight * (term.alive + term.dead);
            slope += weight * term.death_rate;
        }
        Line {
            at_start: at_start * UNIT,
            slope: slope * UNIT,
        }
    }

    /// Live bytes of the active units of one stream at weight 1 in a segment.
    pub(super) fn alive_of(&self, stream: usize, segment: usize) -> f64 {
        self.of(segment)[stream].alive
    }

    /// Live bytes of the active units of a collector in a segment, without those that are the same
    /// for all.
    pub(super) fn alive(&self, weights: &[u32], segment: usize) -> f64 {
        let alive = |(term, &weight): (&Term, &u32)| f64::from(weight) * term.alive;
        self.of(segment).iter().zip(weights).map(alive).sum::<f64>() * UNIT
    }

    /// Live bytes of dead units that a collector has let go. WAL and queues keep what has died
    /// since `kept`.
    pub(super) fn gone(&self, weights: &[u32], kept: KeptPlaces) -> f64 {
        let in_wal = self.died(weights, kept.in_wal);
        if self.in_queues == 0.0 {
            return in_wal;
        }
        in_wal + self.in_queues * (self.died(weights, kept.in_queues) - in_wal)
    }

    /// Live bytes that have died at a collector from the start of the simulation up to a place.
    fn died(&self, weights: &[u32], Place { segment, past }: Place) -> f64 {
        let past = past.nanos() as f64;
        let died = |(term, &weight): (&Term, &u32)| {
            f64::from(weight) * (term.dead + term.death_rate * past)
        };
        self.of(segment).iter().zip(weights).map(died).sum::<f64>() * UNIT
    }

    /// Live bytes of one stream at weight 1 that have died between two places.
    pub(super) fn died_since(&self, stream: usize, place: Place, kept: Place) -> f64 {
        let died = |Place { segment, past }: Place| {
            let term = self.of(segment)[stream];
            term.dead + term.death_rate * past.nanos() as f64
        };
        (died(place) - died(kept)).max(0.0)
    }

    /// Live bytes of one stream at weight 1 at a place. WAL and queues keep what has died since
    /// `kept`.
    pub(super) fn held(&self, stream: usize, place: Place, kept: KeptPlaces) -> f64 {
        let in_wal = self.died_since(stream, place, kept.in_wal);
        let in_queues = self.died_since(stream, place, kept.in_queues);
        self.of(place.segment)[stream].alive + in_wal + self.in_queues * (in_queues - in_wal)
    }
}
