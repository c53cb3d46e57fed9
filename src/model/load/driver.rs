//! The load of a fleet over time, as step functions that its collectors share.
//!
//! The load of a collector in steady state is the driver's level times the collector's weights.
//! Levels are constant within a segment, and churn is linear. So every level, peak and crossing
//! since the last touch follows in closed form.

use std::ops::RangeInclusive;

use crate::units::{SimDuration, SimTime, Span};

/// Binary places of a weight: a weight of 1 is `1 << WEIGHT_BITS`.
pub const WEIGHT_BITS: u32 = 24;
/// Binary places of a level in the exact count of samples.
const LEVEL_BITS: u32 = 8;

/// Greatest extent of a stream: its units in the whole fleet times nanoseconds, up to the end of the
/// simulation. Within the extent no sum of work wraps and no cast of a level saturates.
///
/// Work is a `u128`. Of its 128 bits a unit and nanosecond takes those of a weight and of a level,
/// 24 + 8. A weight is a `u32`, so weights may add up to 2^(32 - 24) times their mean. That leaves
/// 128 - 32 - 8 = 88 bits. A simulation takes at least a minute, 2^35 ns. So a level has at most 53
/// bits, and fits into a `u64` with its 8 places.
pub const EXTENT_MAX: f64 = (1_u128 << EXTENT_BITS) as f64;
const EXTENT_BITS: u32 = u128::BITS - (WEIGHT_BITS + LEVEL_BITS) - (u32::BITS - WEIGHT_BITS);
const _: () = assert!(EXTENT_BITS == 88);

/// Work of one unit in a nanosecond.
pub const WORK_PER_UNIT: f64 = (1_u64 << (WEIGHT_BITS + LEVEL_BITS)) as f64;

/// A share of a level, or a multiple of it, in binary fixed point; below 256. [`unit_for`] keeps
/// multiples there.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "asserted to be within the range"
)]
pub fn weight(value: f64) -> u32 {
    let fixed = (value * f64::from(1_u32 << WEIGHT_BITS)).round();
    assert!(fixed <= f64::from(u32::MAX), "a weight of {value}");
    fixed as u32
}

/// The least power of two, from 1 upwards, in whose multiples `most` means are a weight. So a
/// collector that carries very much more than the mean is counted exactly.
pub fn unit_for(most: f64) -> f64 {
    const MOST: f64 = 255.0;
    if most > MOST {
        (most / MOST).log2().ceil().exp2()
    } else {
        1.0
    }
}

/// The value of a weight.
pub fn weight_value(weight: u32) -> f64 {
    f64::from(weight) / f64::from(1_u32 << WEIGHT_BITS)
}

/// Samples in `work` with one scrape per interval. Work is series times nanoseconds, in fixed
/// point.
pub fn samples_of(work: u128, interval: SimDuration) -> u128 {
    (work >> (WEIGHT_BITS + LEVEL_BITS)) / u128::from(interval.nanos())
}

/// Samples in `work`, with the fraction of the last sample.
pub fn fractional_samples(work: u128, interval: SimDuration) -> f64 {
    work as f64 / (1_u64 << (WEIGHT_BITS + LEVEL_BITS)) as f64 / interval.nanos() as f64
}

/// One stream over time: its level, and the part of the level that is replaced.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StreamDriver {
    /// Units at weight 1, per segment.
    pub level: Vec<f64>,
    /// Units at weight 1 that have died since the start of the simulation, at the start of each
    /// segment.
    pub churned: Vec<f64>,
    /// Units at weight 1 that die per nanosecond, per segment.
    pub churn_rate: Vec<f64>,
    fixed: Vec<u64>,
    work: Vec<u128>,
}

impl StreamDriver {
    /// A stream from its level and the share of the level that is replaced per nanosecond, per
    /// segment. Where the level falls at an edge, the difference has died.
    pub fn new(starts: &[SimTime], end: SimTime, level: Vec<f64>, replaced: &[f64]) -> Self {
        let lengths: Vec<SimDuration> = lengths(starts, end).collect();
        let mut churned = Vec::with_capacity(level.len());
        let mut work = Vec::with_capacity(level.len());
        let (mut dead, mut done) = (0.0, 0_u128);
        let fixed: Vec<u64> = level.iter().map(|&level| fixed(level)).collect();
        for segment in 0..level.len() {
            if segment > 0 {
                dead += (level[segment - 1] - level[segment]).max(0.0);
            }
            churned.push(dead);
            work.push(done);
            dead += level[segment] * replaced[segment] * lengths[segment].nanos() as f64;
            done += u128::from(fixed[segment]) * u128::from(lengths[segment].nanos());
        }
        let churn_rate = level
            .iter()
            .zip(replaced)
            .map(|(level, rate)| level * rate)
            .collect();
        Self {
            level,
            churned,
            churn_rate,
            fixed,
            work,
        }
    }

    /// Units times nanoseconds up to `end`, for `parts` parts with a mean weight of 1. It is infinite
    /// if any level is no number.
    pub fn extent(&self, starts: &[SimTime], end: SimTime, parts: f64) -> f64 {
        let area = |(level, length): (&f64, SimDuration)| level * length.nanos() as f64;
        let whole: f64 = self.level.iter().zip(lengths(starts, end)).map(area).sum();
        if whole.is_nan() {
            return f64::INFINITY;
        }
        whole * parts.max(1.0)
    }

    /// Units at weight 1 that have died up to `at`, which lies in `segment`.
    pub fn churned_at(&self, starts: &[SimTime], segment: usize, at: SimTime) -> f64 {
        self.churned[segment] + self.churn_rate[segment] * (at - starts[segment]).nanos() as f64
    }

    /// Level times time at weight 1 up to `at`, exact.
    fn work_at(&self, starts: &[SimTime], segment: usize, at: SimTime) -> u128 {
        let past = at - starts[segment];
        self.work[segment] + u128::from(self.fixed[segment]) * u128::from(past.nanos())
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "levels are never negative, and a level beyond the range is refused as an extent"
)]
fn fixed(level: f64) -> u64 {
    (level * f64::from(1_u32 << LEVEL_BITS)).round() as u64
}

fn lengths(starts: &[SimTime], end: SimTime) -> impl Iterator<Item = SimDuration> + '_ {
    let ends = starts.iter().skip(1).copied().chain([end]);
    starts.iter().zip(ends).map(|(&start, end)| end - start)
}

/// The load of a fleet over time.
#[derive(Clone, Debug, PartialEq)]
pub struct Driver {
    /// First instant of each segment, ascending from [`SimTime::ZERO`].
    pub starts: Vec<SimTime>,
    /// First instant after the last segment.
    pub end: SimTime,
    /// One per stream of the fleet.
    pub streams: Vec<StreamDriver>,
    /// Live bytes that every collector has whatever its weights are, per segment.
    pub common_live: Vec<f64>,
}

impl Driver {
    /// The segment that holds `at`; the last one from the end on.
    pub fn segment(&self, at: SimTime) -> usize {
        self.starts
            .partition_point(|&start| start <= at)
            .saturating_sub(1)
    }

    /// The segment that holds `at`, not after the segment `last`. Fast if it is near `last`.
    pub fn segment_up_to(&self, last: usize, at: SimTime) -> usize {
        const NEAR: usize = 8;
        let near = last.saturating_sub(NEAR);
        if self.starts[near] > at {
            return self.segment(at);
        }
        let later = self.starts[near + 1..=last].iter().rev();
        last - later.take_while(|&&start| start > at).count()
    }

    /// The segments that a non-empty span touches.
    #[inline]
    pub fn segments_in(&self, span: Span) -> RangeInclusive<usize> {
        self.segment(span.from)..=self.segment(span.to.just_before())
    }

    /// First instant after a segment.
    pub fn end_of(&self, segment: usize) -> SimTime {
        self.starts.get(segment + 1).copied().unwrap_or(self.end)
    }

    /// Units of a stream at weight 1 that have died up to `at`.
    pub fn churned(&self, stream: usize, at: SimTime) -> f64 {
        self.streams[stream].churned_at(&self.starts, self.segment(at), at)
    }

    /// Work of a stream at weight 1 over a span, exact.
    pub fn work(&self, stream: usize, span: Span) -> u128 {
        let up_to = |at| self.streams[stream].work_at(&self.starts, self.segment(at), at);
        up_to(span.to) - up_to(span.from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn driver() -> Driver {
        let starts = [0, 100, 300].map(SimTime::from_nanos).to_vec();
        let end = SimTime::from_nanos(400);
        let stream = StreamDriver::new(&starts, end, vec![10.0, 30.0, 20.0], &[0.0, 0.001, 0.0]);
        Driver {
            starts,
            end,
            streams: vec![stream],
            common_live: vec![0.0; 3],
        }
    }

    #[test]
    fn no_multiple_of_the_mean_is_too_large_for_a_weight() {
        for most in [0.0, 1.0, 255.0, 256.0, 1e3, 1e6, 1e12] {
            let unit = unit_for(most);
            assert!(weight(most / unit) < u32::MAX, "{most}");
            assert!(unit <= f64::max(1.0, most / 127.0), "{most}: {unit}");
        }
    }

    #[test]
    fn work_is_the_integral_of_the_level() {
        let driver = driver();
        let unit = u128::from(1_u32 << LEVEL_BITS);
        let at = SimTime::from_nanos;
        let work = |from, to| driver.work(0, Span::new(at(from), at(to)));
        assert_eq!(work(0, 400), (10 * 100 + 30 * 200 + 20 * 100) * unit);
        assert_eq!(work(50, 150), (10 * 50 + 30 * 50) * unit);
    }

    #[test]
    fn what_is_replaced_or_falls_away_has_died() {
        let driver = driver();
        let churned = |at| driver.churned(0, SimTime::from_nanos(at));
        assert!(churned(100).abs() < 1e-12);
        assert!((churned(200) - 3.0).abs() < 1e-12);
        assert!((churned(299) - 5.97).abs() < 1e-12);
        assert!((churned(300) - 16.0).abs() < 1e-12);
    }
}
