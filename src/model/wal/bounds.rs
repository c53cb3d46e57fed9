//! Upper bounds of live bytes over chunks of segments, with which a search skips most of a long
//! span.

use std::ops::Range;

use super::terms::{KeptPlaces, Place, Terms};
use super::{Log, Process};
use crate::model::load::driver::{Driver, weight_value};
use crate::units::{SimDuration, SimTime, Span};

/// Segments per chunk.
pub(super) const CHUNK: usize = 24;

/// Share that a bound adds, so that rounding never makes a search skip a chunk that matters.
pub(in crate::model) const HAIR: f64 = 1e-9;

/// Number of classes of processes by the phase of their truncations. Bounds per class are narrower,
/// which pays where many collectors ask. So the number grows with `collectors`, the size of the
/// fleet.
fn phase_count(collectors: usize) -> u64 {
    (collectors as u64 / 50).clamp(1, 24)
}

/// Upper bounds for processes that have truncated their WAL, or began with an empty WAL.
#[derive(Clone, Debug)]
pub(super) struct Bounds {
    streams: usize,
    phases: u64,
    every: SimDuration,
    /// Live bytes that are the same for all collectors, per chunk.
    common: Vec<f64>,
    /// Live bytes at weight 1: chunk by chunk, phase by phase, stream by stream.
    carried: Vec<f64>,
}

impl Bounds {
    /// The bounds for a fleet of `collectors`.
    pub(super) fn new(driver: &Driver, terms: &Terms, log: &Log, collectors: usize) -> Self {
        let segments = driver.starts.len();
        let every = log.truncation.every;
        let mut bounds = Self {
            streams: driver.streams.len(),
            phases: if every.is_zero() {
                1
            } else {
                phase_count(collectors)
            },
            every,
            common: Vec::new(),
            carried: Vec::new(),
        };
        for first in (0..segments).step_by(CHUNK) {
            let chunk = first..(first + CHUNK).min(segments);
            let common = driver.common_live[chunk.clone()].iter().copied();
            bounds.common.push(common.fold(0.0, f64::max));
            for phase in 0..bounds.phases {
                bounds.add(driver, terms, log, (chunk.clone(), phase));
            }
        }
        bounds
    }

    /// Adds the bounds of one chunk and phase.
    fn add(
        &mut self,
        driver: &Driver,
        terms: &Terms,
        log: &Log,
        (chunk, phase): (Range<usize>, u64),
    ) {
        let first = self.carried.len();
        self.carried.resize(first + self.streams, 0.0);
        let bounds = &mut self.carried[first..];
        let end = (self.every * (phase + 1)).nanos().div_ceil(self.phases);
        let class = self.every * phase / self.phases..SimDuration::from_nanos(end);
        for segment in chunk {
            let span = Span::new(driver.starts[segment], driver.end_of(segment));
            each_stretch(span, &class, self.every, |end, truncated| {
                let mut kept = log.kept_by_old(truncated);
                kept.in_wal = kept.in_wal.min(end);
                kept.in_queues = kept.in_queues.min(kept.in_wal);
                let place = Place {
                    segment,
                    past: end - span.from,
                };
                let kept = KeptPlaces::new(driver, segment, kept);
                for (stream, bound) in bounds.iter_mut().enumerate() {
                    *bound = bound.max(terms.held(stream, place, kept));
                }
            });
        }
    }

    /// Whether the bounds hold for a process before its first truncation.
    pub(super) fn hold_from_start(process: &Process, log: &Log) -> bool {
        process.kept_from + log.truncation.keep_min >= process.started
    }

    /// The class of a process, by the phase of its truncations.
    pub(super) fn phase(&self, process: &Process) -> usize {
        if self.every.is_zero() {
            return 0;
        }
        let phase = (process.started - SimTime::ZERO) % self.every;
        let phase = u128::from(phase.nanos()) * u128::from(self.phases);
        usize::try_from(phase / u128::from(self.every.nanos())).expect("phases are few")
    }

    /// Bound of the live bytes of a collector of a class within a chunk, without its residue.
    pub(super) fn bound(&self, weights: &[u32], phase: usize, chunk: usize) -> f64 {
        let phases = usize::try_from(self.phases).expect("phases are few");
        let bounds = &self.carried[(chunk * phases + phase) * self.streams..][..self.streams];
        let carried: f64 = bounds
            .iter()
            .zip(weights)
            .map(|(bound, &weight)| bound * weight_value(weight))
            .sum();
        (self.common[chunk] + carried) * (1.0 + HAIR)
    }
}

/// Cuts a span at the instants between which processes of a class may truncate their WAL. The
/// truncations of the class come at the phases in `class`. `visit` gets the end of each stretch and
/// the earliest possible last truncation, `None` if that is before the simulation.
fn each_stretch(
    span: Span,
    class: &Range<SimDuration>,
    every: SimDuration,
    mut visit: impl FnMut(SimTime, Option<SimTime>),
) {
    if every.is_zero() {
        return visit(span.to, None);
    }
    let mut at = span.from;
    while at < span.to {
        let phase = (at - SimTime::ZERO) % every;
        let (length, truncated) = if class.contains(&phase) {
            // Some processes of the class have not yet truncated in this round.
            (class.end - phase, at.checked_before(every))
        } else {
            let since = (phase + every - class.start) % every;
            (every - since, at.checked_before(since))
        };
        at = (at + length).min(span.to);
        visit(at, truncated);
    }
}
