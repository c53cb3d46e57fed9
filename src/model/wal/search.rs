//! Walks over the live bytes of one process along a span.

use super::bounds::{Bounds, CHUNK, HAIR};
use super::{Process, Resident};
use crate::units::{SimDuration, SimTime, Span};

/// Live bytes along a span on which they grow linearly.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Piece {
    from: SimTime,
    to: SimTime,
    at_from: f64,
    at_to: f64,
}

/// A process and its weights.
#[derive(Clone, Copy)]
struct Carrier<'a> {
    process: &'a Process,
    weights: &'a [u32],
    /// The class of the process among the bounds.
    phase: usize,
}

/// A span without truncations of a WAL.
#[derive(Clone, Copy)]
struct Stretch {
    /// When the span ends.
    cut: SimTime,
    /// Live bytes of the dead series that the WAL has let go; `None` if nothing has died yet.
    gone: Option<f64>,
}

impl Resident {
    /// Highest live bytes in a span, or `least` if they never exceed it.
    pub fn peak(&self, process: &Process, weights: &[u32], span: Span, least: f64) -> f64 {
        let carrier = self.carrier(process, weights);
        let mut best = least;
        let visit = |piece: Piece, best: &mut f64| {
            *best = best.max(piece.at_to);
            false
        };
        // The chunk with the highest bound comes first, so that most others can be skipped.
        if let Some(promising) = self.promising(carrier, span, least) {
            self.search(carrier, promising, &mut best, visit);
        }
        self.search(carrier, span, &mut best, visit);
        best
    }

    /// First instant of a span, its end included, at which live bytes exceed `limit`.
    pub fn first_above(
        &self,
        process: &Process,
        weights: &[u32],
        span: Span,
        limit: f64,
    ) -> Option<SimTime> {
        let mut first = None;
        let mut bound = limit;
        let carrier = self.carrier(process, weights);
        self.search(carrier, span, &mut bound, |piece, _| {
            first = crossing(piece, limit);
            first.is_some()
        });
        first
    }

    fn carrier<'a>(&self, process: &'a Process, weights: &'a [u32]) -> Carrier<'a> {
        Carrier {
            process,
            weights,
            phase: self.bounds.phase(process),
        }
    }

    /// The part of a long span that lies in the chunk with the highest bound.
    fn promising(&self, carrier: Carrier<'_>, Span { from, to }: Span, least: f64) -> Option<Span> {
        let low = self.driver.segment(from) / CHUNK;
        let high = self.driver.segment(to.just_before()) / CHUNK;
        if high < low + 2 {
            return None;
        }
        let mut highest = (least, None);
        for chunk in low..=high {
            let bound = self.bound(carrier, chunk, from);
            if bound > highest.0 {
                highest = (bound, Some(chunk));
            }
        }
        let chunk = highest.1?;
        let start = self.driver.starts[chunk * CHUNK].max(from);
        Some(Span::new(start, self.chunk_end(chunk).min(to)))
    }

    /// First instant after a chunk; [`SimTime::NEVER`] for the last one.
    fn chunk_end(&self, chunk: usize) -> SimTime {
        let past = (chunk + 1) * CHUNK;
        self.driver
            .starts
            .get(past)
            .copied()
            .unwrap_or(SimTime::NEVER)
    }

    /// Bound of the live bytes of a process in a chunk from `at` on.
    fn bound(&self, carrier: Carrier<'_>, chunk: usize, at: SimTime) -> f64 {
        let Carrier {
            process,
            weights,
            phase,
        } = carrier;
        // A negative residue may end before the chunk does.
        let end = self.chunk_end(chunk).min(self.driver.end);
        self.bounds.bound(weights, phase, chunk) + process.extra_most(at) + self.grown(process, end)
    }

    /// Visits the pieces of the chunks whose bound exceeds `best` until `visit` returns true.
    fn search(
        &self,
        carrier: Carrier<'_>,
        Span { from, to }: Span,
        best: &mut f64,
        mut visit: impl FnMut(Piece, &mut f64) -> bool,
    ) {
        let process = carrier.process;
        let mut segment = self.driver.segment(from);
        let mut at = from;
        let bounded = Bounds::hold_from_start(process, &self.log);
        // The queues are the last to forget what a replay has restored.
        let has_forgotten = |at| self.log.queued_from(process, at) > process.kept_from;
        while at < to {
            let chunk = segment / CHUNK;
            let chunk_end = self.chunk_end(chunk).min(to);
            let free = bounded || has_forgotten(at);
            let skipped = free && self.bound(carrier, chunk, at) <= *best * (1.0 + HAIR);
            if !skipped
                && self.walk(carrier, segment, Span::new(at, chunk_end), |piece| {
                    visit(piece, best)
                })
            {
                return;
            }
            at = chunk_end;
            segment = (chunk + 1) * CHUNK;
        }
    }

    /// Visits the pieces of a span that begins in `segment` until `visit` returns true. Returns
    /// whether `visit` did. A piece ends with its segment, at a truncation, or when extra bytes
    /// end.
    fn walk(
        &self,
        carrier: Carrier<'_>,
        mut segment: usize,
        Span { from, to }: Span,
        mut visit: impl FnMut(Piece) -> bool,
    ) -> bool {
        let Carrier {
            process, weights, ..
        } = carrier;
        let starts = &self.driver.starts;
        let mut at = from;
        let Stretch { mut cut, mut gone } = self.stretch(carrier, segment, at);
        while at < to {
            let start = starts[segment];
            let end = starts.get(segment + 1).copied().unwrap_or(SimTime::NEVER);
            let line = self.terms.line(weights, segment);
            let common = self.driver.common_live[segment] - self.excess(weights, segment);
            let stop = end.min(to);
            while at < stop {
                let until = stop.min(cut).min(process.extra_ends(at));
                // A truncation collects the residue.
                let base = common + process.extra_at(at);
                let held = |at: SimTime| match gone {
                    Some(gone) => line.at_start - gone + line.slope * (at - start).nanos() as f64,
                    None => self.terms.alive(weights, segment),
                };
                let piece = Piece {
                    from: at,
                    to: until,
                    at_from: base + self.changing(process, at) + held(at),
                    at_to: base + self.changing(process, until) + held(until),
                };
                if visit(piece) {
                    return true;
                }
                at = until;
                if at == cut {
                    let here = segment + usize::from(at == end);
                    Stretch { cut, gone } = self.stretch(carrier, here, at);
                }
            }
            segment += 1;
        }
        false
    }

    /// Live bytes at `at` that change along a piece, whatever the load is.
    fn changing(&self, process: &Process, at: SimTime) -> f64 {
        self.grown(process, at) + process.spans.at(at) + process.remembered.at(at)
    }

    /// The stretch that begins at `at`, which lies in `segment`.
    fn stretch(
        &self,
        Carrier {
            process, weights, ..
        }: Carrier<'_>,
        segment: usize,
        at: SimTime,
    ) -> Stretch {
        if process.is_yet_to_start(at) {
            return Stretch {
                cut: process.kept_from,
                gone: None,
            };
        }
        let segment = segment.min(self.driver.starts.len() - 1);
        let gone = self.gone(process, weights, segment, at);
        Stretch {
            cut: self.log.next_truncation(process, at),
            gone: Some(gone),
        }
    }
}

/// First instant of a piece at which it exceeds `limit`.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share of the length of the piece"
)]
fn crossing(piece: Piece, limit: f64) -> Option<SimTime> {
    if piece.at_from > limit {
        return Some(piece.from);
    }
    (piece.at_to > limit).then(|| {
        let share = (limit - piece.at_from) / (piece.at_to - piece.at_from);
        let past = (share * (piece.to - piece.from).nanos() as f64).floor() as u64;
        (piece.from + SimDuration::from_nanos(past + 1)).min(piece.to)
    })
}
