//! Live bytes of a collector over time in closed form: what it carries, and what has died since its
//! write-ahead log was last truncated.

use super::driver::{Driver, StreamDriver, weight_value};
use super::timeline::Episode;

/// Segments per block; a block is skipped when its bound cannot matter.
const BLOCK: usize = 24;

/// Share by which bounds exceed what they bound.
const HAIR: f64 = 1e-9;

/// Truncation of the write-ahead log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Truncation {
    /// Nanoseconds between two truncations; 0 = series leave memory when they die.
    pub every: u64,
    /// Nanoseconds for which dead series are kept at the least.
    pub keep_min: u64,
    /// Nanoseconds for which they are kept at the most while the endpoint does not advance.
    pub keep_max: u64,
}

/// What of a process decides which dead series it still holds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Process {
    /// Nanosecond of its start; truncations follow from there.
    pub started: u64,
    /// Series that died before this nanosecond are gone.
    pub kept_from: u64,
    /// Live bytes of series that moved away and are not yet collected.
    pub residue: f64,
    /// Nanosecond at which they are.
    pub residue_until: u64,
}

impl Process {
    /// Live bytes of series that moved away and are not yet collected right after `at`.
    pub fn residue_at(&self, at: u64) -> f64 {
        if at < self.residue_until {
            self.residue
        } else {
            0.0
        }
    }
}

/// Live bytes per unit of a stream.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Coefficient {
    /// Of a resident unit, dead or alive.
    pub resident: f64,
    /// Of a unit that is alive.
    pub active: f64,
}

/// Live bytes of the collectors of one fleet in one draw.
#[derive(Clone, Debug)]
pub struct Resident {
    /// What they carry.
    pub driver: Driver,
    /// Live bytes per unit of each stream.
    pub coefficients: Vec<Coefficient>,
    /// How their write-ahead logs are truncated.
    pub truncation: Truncation,
    /// Times at which the endpoint does not advance.
    stalls: Vec<Episode>,
    bounds: Vec<Bound>,
}

/// Upper bounds over one block of segments.
#[derive(Clone, Debug, PartialEq)]
struct Bound {
    common: f64,
    /// Live bytes at weight 1, per stream.
    streams: Vec<f64>,
}

/// Live bytes along a stretch of time on which they are linear.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Piece {
    from: u64,
    to: u64,
    at_from: f64,
    at_to: f64,
}

impl Resident {
    /// Collectors that carry `driver`, whose truncations pause during `stalls` (in order of time).
    pub fn new(
        driver: Driver,
        coefficients: Vec<Coefficient>,
        truncation: Truncation,
        stalls: Vec<Episode>,
    ) -> Self {
        let mut resident = Self {
            driver,
            coefficients,
            truncation,
            stalls,
            bounds: Vec::new(),
        };
        resident.bounds = resident.all_bounds();
        resident
    }

    /// Nanosecond since which a process holds dead series at `at`, before a truncation at `at`.
    pub fn kept_from(&self, process: &Process, at: u64) -> u64 {
        let Truncation {
            every,
            keep_min,
            keep_max,
        } = self.truncation;
        if every == 0 {
            return at;
        }
        let mut passed = at.saturating_sub(process.started).saturating_sub(1) / every;
        while passed > 0 {
            let truncated = process.started + passed * every;
            let previous = truncated - every;
            let kept = match self.stall_at(truncated) {
                None => Some(truncated - keep_min.min(truncated)),
                // The endpoint advanced between the two truncations, up to the start of the stall.
                Some(stall) if stall.from > previous => Some(stall.from - keep_min.min(stall.from)),
                Some(stall) if truncated - stall.from > keep_max => Some(truncated - keep_max),
                Some(_) => None,
            };
            if let Some(kept) = kept {
                return kept.max(process.kept_from);
            }
            passed -= 1;
        }
        process.kept_from
    }

    /// Live bytes at `at`, after a truncation and a change of levels at that instant.
    pub fn live_at(&self, process: &Process, weights: &[u32], at: u64) -> f64 {
        let segment = self.driver.segment(at);
        let kept = self.kept_from(process, at + 1);
        let residue = process.residue_at(at);
        self.value(weights, (segment, at), kept, residue)
    }

    /// Resident units of all streams at `at`, dead and active.
    pub fn units_at(&self, process: &Process, weights: &[u32], at: u64) -> f64 {
        let segment = self.driver.segment(at);
        let kept = self.kept_from(process, at + 1);
        let units = |(stream, &weight): (usize, &u32)| {
            if self.coefficients[stream].resident == 0.0 {
                return 0.0;
            }
            let driver = &self.driver.streams[stream];
            let dead = driver.churned_at(&self.driver.starts, segment, at)
                - self.driver.churned(stream, kept);
            weight_value(weight) * (driver.level[segment] + dead.max(0.0))
        };
        weights.iter().enumerate().map(units).sum()
    }

    /// Highest live bytes from `from` to `to`, or `least` if they never exceed it.
    pub fn peak(&self, process: &Process, weights: &[u32], span: (u64, u64), least: f64) -> f64 {
        let mut best = least;
        let visit = |piece: Piece, best: &mut f64| {
            *best = best.max(piece.at_from).max(piece.at_to);
            false
        };
        // The most promising block first: then the others need hardly be looked at.
        if let Some(promising) = self.promising(process, weights, span, least) {
            self.search((process, weights), promising, &mut best, visit);
        }
        self.search((process, weights), span, &mut best, visit);
        best
    }

    /// The part of a long span that lies in the block with the highest bound.
    fn promising(
        &self,
        process: &Process,
        weights: &[u32],
        (from, to): (u64, u64),
        least: f64,
    ) -> Option<(u64, u64)> {
        let (low, high) = (
            self.driver.segment(from) / BLOCK,
            self.driver.segment(to.saturating_sub(1)) / BLOCK,
        );
        if high < low + 2 {
            return None;
        }
        let mut highest = (least, None);
        for block in low..=high {
            let bound = self.bound(process, weights, block, from);
            if bound > highest.0 {
                highest = (bound, Some(block));
            }
        }
        let block = highest.1?;
        let start = self.driver.starts[block * BLOCK].max(from);
        Some((start, self.block_end(block).min(to)))
    }

    /// Nanosecond after the last of a block.
    fn block_end(&self, block: usize) -> u64 {
        let past = (block + 1) * BLOCK;
        self.driver.starts.get(past).copied().unwrap_or(u64::MAX)
    }

    /// First nanosecond from `from` on, up to `to`, at which live bytes exceed `limit`.
    pub fn first_above(
        &self,
        process: &Process,
        weights: &[u32],
        span: (u64, u64),
        limit: f64,
    ) -> Option<u64> {
        let mut first = None;
        let mut bound = limit;
        self.search((process, weights), span, &mut bound, |piece, _| {
            first = crossing(piece, limit);
            first.is_some()
        });
        first
    }

    /// Highest live bytes of `count` new processes without dead series, one every `cycle` nanoseconds
    /// after `from`.
    pub fn fresh_peak(&self, weights: &[u32], (from, cycle): (u64, u64), count: u64) -> f64 {
        let last = from + count * cycle;
        // Starts up to an instant.
        let starts = |at: u64| at.saturating_sub(from) / cycle;
        let meets_one = |&segment: &usize| {
            let before = self.driver.starts[segment].saturating_sub(1);
            let until = self.driver.end_of(segment).saturating_sub(1).min(last);
            starts(until) > starts(before)
        };
        (self.driver.segment(from)..=self.driver.segment(last))
            .filter(meets_one)
            .map(|segment| self.fresh_in(weights, segment))
            .fold(0.0, f64::max)
    }

    fn fresh_in(&self, weights: &[u32], segment: usize) -> f64 {
        let streams = self
            .driver
            .streams
            .iter()
            .zip(&self.coefficients)
            .zip(weights);
        let live = |((stream, coefficient), &weight): ((&StreamDriver, &Coefficient), &u32)| {
            let per_unit = coefficient.resident + coefficient.active;
            weight_value(weight) * per_unit * stream.level[segment]
        };
        self.driver.common_live[segment] + streams.map(live).sum::<f64>()
    }

    /// First nanosecond from `from` on at which a new process without dead series stays within
    /// `limit` live bytes; the end if none does.
    pub fn first_bearable(&self, weights: &[u32], from: u64, limit: f64) -> u64 {
        let fresh = |&segment: &usize| self.fresh_in(weights, segment) <= limit;
        let here = self.driver.segment(from);
        let bearable = (here..self.driver.starts.len()).find(fresh);
        bearable.map_or(self.driver.end, |segment| {
            self.driver.starts[segment].max(from)
        })
    }

    /// Visits the pieces of the blocks whose bound exceeds `best` until `visit` returns true.
    fn search(
        &self,
        carrier: (&Process, &[u32]),
        (from, to): (u64, u64),
        best: &mut f64,
        mut visit: impl FnMut(Piece, &mut f64) -> bool,
    ) {
        let (process, weights) = carrier;
        let mut segment = self.driver.segment(from);
        let mut at = from;
        let bounded = self.is_bounded(process);
        let has_forgotten = |at| self.kept_from(process, at) > process.kept_from;
        while at < to {
            let block = segment / BLOCK;
            let past = (block + 1) * BLOCK;
            let block_end = self.block_end(block).min(to);
            let free = bounded || has_forgotten(at);
            if free && self.bound(process, weights, block, at) <= *best * (1.0 + HAIR) {
                at = block_end;
                segment = past;
                continue;
            }
            while at < block_end {
                let piece_end = self.piece_end(process, segment, at).min(block_end);
                let piece = self.piece(process, weights, segment, (at, piece_end));
                if visit(piece, best) {
                    return;
                }
                at = piece_end;
                segment += usize::from(at >= self.driver.end_of(segment));
            }
        }
    }

    /// End of the piece that starts at `at`: of its segment, or the next truncation.
    fn piece_end(&self, process: &Process, segment: usize, at: u64) -> u64 {
        let segment_end = if segment + 1 < self.driver.starts.len() {
            self.driver.starts[segment + 1]
        } else {
            u64::MAX
        };
        if self.truncation.every == 0 {
            return segment_end;
        }
        let passed = at.saturating_sub(process.started) / self.truncation.every;
        let truncated = process
            .started
            .saturating_add((passed + 1) * self.truncation.every);
        segment_end.min(truncated)
    }

    fn piece(&self, process: &Process, weights: &[u32], segment: usize, span: (u64, u64)) -> Piece {
        let (from, to) = span;
        let kept = self.kept_from(process, to);
        // A piece ends where the residue does.
        let residue = process.residue_at(from);
        Piece {
            from,
            to,
            at_from: self.value(weights, (segment, from), kept, residue),
            at_to: self.value(weights, (segment, to), kept, residue),
        }
    }

    fn value(&self, weights: &[u32], (segment, at): (usize, u64), kept: u64, residue: f64) -> f64 {
        let kept_segment = if self.truncation.every == 0 {
            segment
        } else {
            self.driver.segment(kept)
        };
        let starts = &self.driver.starts;
        let mut live = self.driver.common_live[segment] + residue;
        for ((stream, coefficient), &weight) in self
            .driver
            .streams
            .iter()
            .zip(&self.coefficients)
            .zip(weights)
        {
            let dead = if self.truncation.every == 0 {
                0.0
            } else {
                let gone = stream.churned_at(starts, kept_segment, kept);
                (stream.churned_at(starts, segment, at) - gone).max(0.0)
            };
            let level = stream.level[segment];
            live += weight_value(weight)
                * (coefficient.resident * (level + dead) + coefficient.active * level);
        }
        live
    }

    /// Since when the endpoint has not advanced at `at`, if it does not.
    pub fn stalled_since(&self, at: u64) -> Option<u64> {
        self.stall_at(at).map(|stall| stall.from)
    }

    fn stall_at(&self, at: u64) -> Option<&Episode> {
        let next = self.stalls.partition_point(|stall| stall.to < at);
        self.stalls.get(next).filter(|stall| stall.from < at)
    }

    /// Whether the block bounds hold for a process before its first truncation.
    fn is_bounded(&self, process: &Process) -> bool {
        process.kept_from + self.truncation.keep_min >= process.started
    }

    fn bound(&self, process: &Process, weights: &[u32], block: usize, at: u64) -> f64 {
        let bound = &self.bounds[block];
        let residue = process.residue_at(at);
        let streams = bound.streams.iter().zip(weights);
        let carried: f64 = streams
            .map(|(bound, &weight)| bound * weight_value(weight))
            .sum();
        bound.common + residue + carried
    }

    fn all_bounds(&self) -> Vec<Bound> {
        let segments = self.driver.starts.len();
        (0..segments.div_ceil(BLOCK))
            .map(|block| self.block_bound(block * BLOCK..((block + 1) * BLOCK).min(segments)))
            .collect()
    }

    fn block_bound(&self, segments: std::ops::Range<usize>) -> Bound {
        let common = segments
            .clone()
            .map(|segment| self.driver.common_live[segment]);
        let stream = |stream: usize| {
            segments
                .clone()
                .map(|segment| self.segment_bound(stream, segment))
                .fold(0.0, f64::max)
        };
        Bound {
            common: common.fold(0.0, f64::max) * (1.0 + HAIR),
            streams: (0..self.driver.streams.len()).map(stream).collect(),
        }
    }

    /// No process that has truncated its log holds more dead series than died within the time from
    /// one truncation to the next and what a truncation keeps; longer around stalls.
    fn segment_bound(&self, stream: usize, segment: usize) -> f64 {
        let Truncation {
            every,
            keep_min,
            keep_max,
        } = self.truncation;
        let (start, end) = (self.driver.starts[segment], self.driver.end_of(segment));
        let mut window = every + keep_min;
        let reach = 2 * every + keep_min + keep_max;
        let near = |stall: &Episode| stall.from < end && stall.to + reach > start;
        if self.stalls.iter().any(near) {
            window = reach;
        }
        let coefficient = self.coefficients[stream];
        let level = self.driver.streams[stream].level[segment];
        let dead = if every == 0 {
            0.0
        } else {
            self.dead_within(stream, segment, window)
        };
        // A hair above, so that rounding never lets a block be skipped that matters.
        (coefficient.resident * (level + dead) + coefficient.active * level) * (1.0 + HAIR)
    }

    /// Most units of a stream that died within any `window` that ends in a segment: piecewise linear
    /// in the end of the window, with corners where either end meets an edge.
    fn dead_within(&self, stream: usize, segment: usize, window: u64) -> f64 {
        let driver = &self.driver.streams[stream];
        let starts = &self.driver.starts;
        let (start, end) = (starts[segment], self.driver.end_of(segment));
        let until = |at: u64| driver.churned_at(starts, segment, at);
        // What an edge itself kills has not died before it.
        let before = |edge: usize| match edge {
            0 => 0.0,
            _ => driver.churned_at(starts, edge - 1, starts[edge]),
        };
        let from = |at: u64| {
            let since = at.saturating_sub(window);
            let edge = self.driver.segment(since);
            if starts[edge] == since {
                before(edge)
            } else {
                driver.churned_at(starts, edge, since)
            }
        };
        let at_ends = (until(start) - from(start)).max(until(end) - from(end));
        let first = starts.partition_point(|&edge| edge <= start.saturating_sub(window));
        let corners = (first..starts.len()).take_while(|&edge| starts[edge] + window < end);
        let at_corners = corners.map(|edge| until(starts[edge] + window) - before(edge));
        at_corners.fold(at_ends, f64::max)
    }
}

/// First nanosecond of a piece at which it exceeds `limit`.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share of the length of the piece"
)]
fn crossing(piece: Piece, limit: f64) -> Option<u64> {
    if piece.at_from > limit {
        return Some(piece.from);
    }
    (piece.at_to > limit).then(|| {
        let share = (limit - piece.at_from) / (piece.at_to - piece.at_from);
        let past = (share * (piece.to - piece.from) as f64).floor() as u64;
        (piece.from + past + 1).min(piece.to)
    })
}

#[cfg(test)]
mod tests {
    use super::super::driver::{StreamDriver, WEIGHT_BITS};
    use super::*;

    const ONE: [u32; 1] = [1 << WEIGHT_BITS];

    /// 100 units that take a byte each, one of which dies every 100 ns; truncations every 1,000 ns.
    fn resident(stalls: Vec<Episode>) -> Resident {
        let starts: Vec<u64> = (0..40).map(|segment| segment * 500).collect();
        let stream = StreamDriver::new(&starts, 20_000, vec![100.0; 40], &[0.000_1; 40]);
        let driver = Driver {
            starts,
            end: 20_000,
            streams: vec![stream],
            common_live: vec![0.0; 40],
        };
        let coefficient = Coefficient {
            resident: 1.0,
            active: 0.0,
        };
        let truncation = Truncation {
            every: 1_000,
            keep_min: 0,
            keep_max: 5_000,
        };
        Resident::new(driver, vec![coefficient], truncation, stalls)
    }

    #[test]
    fn what_moved_away_is_gone_after_its_truncation() {
        let process = Process {
            residue: 50.0,
            residue_until: 1_000,
            ..Process::default()
        };
        let resident = resident(Vec::new());
        let above = |span, limit| resident.first_above(&process, &ONE, span, limit);
        assert!(above((0, 1_000), 155.0).is_some_and(|at| at.abs_diff(500) <= 1));
        assert!(above((1_000, 3_000), 105.0).is_some_and(|at| at.abs_diff(1_500) <= 1));
        assert!((resident.live_at(&process, &ONE, 999) - 159.99).abs() < 1e-6);
        assert!((resident.live_at(&process, &ONE, 1_000) - 100.0).abs() < 1e-6);
    }

    #[test]
    fn an_old_log_that_an_outage_keeps_is_seen() {
        let stall = Episode {
            from: 9_000,
            to: 12_500,
            size: 1.0,
        };
        // It has brought back what died since 0, and its first truncation comes in the outage.
        let process = Process {
            started: 10_000,
            ..Process::default()
        };
        let resident = resident(vec![stall]);
        let first = resident.first_above(&process, &ONE, (11_001, 13_000), 200.0);
        assert_eq!(first, Some(11_001));
        assert!((resident.peak(&process, &ONE, (11_001, 20_000), 0.0) - 230.0).abs() < 1e-6);
    }
}
