//! A walk along the truncations of one process.

use crate::units::{SimDuration, SimTime, Span};

use super::segments::Segments;
use super::{Log, Process, next_truncation};

/// Truncations in a row after which a WAL is the same after each second one, if it is written at an
/// even rate: each leaves a third.
const SETTLED_AFTER: u64 = 12;

/// What a process writes to a WAL: samples over a span.
///
/// Simplified: a process has always written with its present weights.
pub trait Written: Copy {
    /// Samples over a span.
    fn samples(&self, span: Span) -> f64;

    /// Most samples over any span of a length.
    fn most(&self, length: SimDuration) -> f64;
}

/// The segments of the WAL of one process, truncation by truncation.
#[derive(Clone, Debug)]
pub struct Walk<'a, W> {
    log: &'a Log,
    process: &'a Process,
    /// Since when a reader waits besides those that outages hold up.
    waiting: Option<SimTime>,
    written: W,
    segments: Segments,
    /// The last truncation that the walk has passed, skipped or not.
    passed: SimTime,
    /// Truncations since the last one that was skipped.
    in_a_row: u64,
}

impl<'a, W: Written> Walk<'a, W> {
    /// A walk from the start of a process. One of its readers has been `waiting` for so long.
    pub fn new(log: &'a Log, process: &'a Process, waiting: Option<SimTime>, written: W) -> Self {
        let from = process.wal_from.min(process.started);
        let old = (from, u64::from(process.brought));
        Self {
            segments: Segments::new(old, process.started, log.truncation.full),
            log,
            process,
            waiting,
            written,
            passed: process.started,
            in_a_row: 0,
        }
    }

    /// The next truncation, skipped or not; [`SimTime::NEVER`] without truncations.
    pub fn next(&self) -> SimTime {
        let every = self.log.truncation.every;
        if every.is_zero() {
            return SimTime::NEVER;
        }
        self.passed + every
    }

    /// The first truncation of a span that takes samples from a reader, and the first of these
    /// samples. At a truncation the reader is to go on at `position`. The walk begins before the span.
    pub fn first_loss(
        &mut self,
        span: Span,
        position: impl Fn(SimTime) -> SimTime,
    ) -> Option<(SimTime, SimTime)> {
        let (started, every) = (self.process.started, self.log.truncation.every);
        if next_truncation(started, every, span.from.just_before()) >= span.to {
            return None;
        }
        self.pass(span.from);
        while self.next() < span.to {
            let at = self.next();
            if self.truncate()
                && let Some(first) = self.lost_from(position(at))
            {
                return Some((at, first));
            }
        }
        None
    }

    /// Passes all truncations before `until`.
    pub fn pass(&mut self, until: SimTime) {
        while self.next() < until {
            self.hurry(until);
            self.truncate();
        }
    }

    /// Passes the next truncation. Returns whether it was not skipped.
    pub fn truncate(&mut self) -> bool {
        self.passed = self.next();
        let is_performed = self
            .log
            .is_performed(self.process, self.waiting, self.passed);
        if is_performed {
            let (written, full) = (self.written, self.log.truncation.full);
            self.segments.truncate(self.passed, counted(written, full));
        }
        self.in_a_row = if is_performed { self.in_a_row + 1 } else { 0 };
        is_performed
    }

    /// Passes many truncations at once after many that were not skipped, none of which is the last
    /// before `until`.
    ///
    /// Simplified: exact at an even rate. At an uneven one the segments of the load before are known
    /// to one segment.
    fn hurry(&mut self, until: SimTime) {
        const CYCLE: u64 = 2;
        let every = self.log.truncation.every;
        if every.is_zero() || self.in_a_row < SETTLED_AFTER {
            return;
        }
        let calm = self.log.calm_until(self.passed, self.waiting);
        let rounds = calm.min(until).since(self.passed) / every;
        let cycles = rounds.saturating_sub(SETTLED_AFTER) / CYCLE;
        let length = every * CYCLE * cycles;
        self.passed += length;
        self.segments.shift(length);
    }

    /// First sample that a reader has lost to the last truncation, if it lost any. The next sample
    /// that it is to read was written at `position`.
    pub fn lost_from(&self, position: SimTime) -> Option<SimTime> {
        let samples = counted(self.written, self.log.truncation.full);
        self.segments.lost_from(position, self.passed, samples)
    }

    /// The lag with which a reader keeps its place at the last truncation; `None` if it took nothing.
    pub(super) fn lag_that_survives(&self) -> Option<SimDuration> {
        let samples = |span| self.written.samples(span);
        let from = self.segments.last_taken(self.passed, samples)?;
        Some(self.passed - from)
    }

    /// First instant that the samples of the WAL reach back to, and its closed segments, if its
    /// process ends at `now`.
    pub fn left_at(&self, now: SimTime) -> (SimTime, u64) {
        let samples = |span| self.written.samples(span);
        let begins = self.segments.begins(now, samples).min(now);
        (begins, self.segments.closed_by_end(now, samples))
    }

    /// Samples in the WAL at `now`.
    pub fn samples_at(&self, now: SimTime) -> f64 {
        self.segments
            .samples(now, |span| self.written.samples(span))
    }

    /// Most samples in the WAL within a span. A WAL is largest before a truncation that takes
    /// segments.
    ///
    /// Simplified: of many truncations in a row only those are examined that come first, about
    /// `busiest`, and last.
    pub fn most_samples(&mut self, span: Span, busiest: SimTime) -> f64 {
        self.pass(span.from);
        let mut most = 0.0_f64;
        loop {
            let next = self.next();
            most = most.max(self.samples_at(next.min(span.to)));
            if next >= span.to {
                return most;
            }
            let is_before = next < busiest;
            self.hurry(if is_before {
                busiest.min(span.to)
            } else {
                span.to
            });
            self.truncate();
        }
    }
}

/// What was written over a span, as far as it counts for segments of `full` samples: what cannot fill
/// one counts as nothing.
fn counted<W: Written>(written: W, full: f64) -> impl Fn(Span) -> f64 + Copy {
    move |span| {
        if written.most(span.length()) < full {
            0.0
        } else {
            written.samples(span)
        }
    }
}
