//! Order statistics: quantiles of a sample, and intervals of the quantiles behind it.

use super::Interval;
use super::binomial;
use super::interval::miss_of;
use crate::units::floor;

/// The `p`-quantile (0 to 1) of an ascending sample: linear between the order statistics around
/// rank 1 + (n − 1)·p. The sample is not empty and holds no NaN. Infinities are values like others.
///
/// Source: type 7 of R. J. Hyndman and Y. Fan, Sample quantiles in statistical packages, The
/// American Statistician 50 (1996), 361-365; the default of R and `NumPy`.
pub fn quantile(sorted: &[f64], p: f64) -> f64 {
    assert!((0.0..=1.0).contains(&p), "a quantile's share is {p}");
    debug_assert!(sorted.is_sorted(), "an ascending sample without NaN");
    let last = sorted
        .len()
        .checked_sub(1)
        .expect("a quantile needs a sample");
    let position = last as f64 * p;
    let below = whole(position).min(last);
    let (low, high) = (sorted[below], sorted[(below + 1).min(last)]);
    let weight = position - below as f64;
    // Infinite neighbours must not be subtracted from each other.
    if weight <= 0.0 || low.total_cmp(&high).is_eq() || low.is_infinite() {
        low
    } else {
        (low * (1.0 - weight) + high * weight).clamp(low, high)
    }
}

/// The interval that holds the `p`-quantile (between 0 and 1, exclusive) behind an ascending sample
/// with at least `confidence`. The ends are order statistics, so the interval holds for every
/// distribution.
///
/// A side is infinite where the sample is too small to bound it. Two-sided at 95 %, p95 is bounded
/// above from about 90 values on, and the median from 6. The interval contains the estimate of
/// [`quantile`].
pub fn quantile_interval(sorted: &[f64], p: f64, confidence: f64) -> Interval {
    debug_assert!(sorted.is_sorted(), "an ascending sample without NaN");
    let ranks = RankPair::tightest(sorted.len(), p, confidence);
    let low = ranks.low.map_or(f64::NEG_INFINITY, |rank| sorted[rank - 1]);
    let high = ranks.high.map_or(f64::INFINITY, |rank| sorted[rank - 1]);
    Interval::new(low, high)
}

/// Two ranks (1 is the smallest value) whose order statistics bound a quantile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct RankPair {
    /// Rank of the lower bound; `None` if it is unbounded.
    low: Option<usize>,
    /// Rank of the upper bound; `None` if it is unbounded.
    high: Option<usize>,
}

impl RankPair {
    /// The tightest pair around the rank of the `p`-quantile that covers it with at least
    /// `confidence` among `count` values. The search starts at the ranks around p(n + 1), and adds
    /// the nearest further rank until the coverage suffices. Of two equally near ranks both are
    /// added. So the ranks of a median are mirror images, and a higher confidence never gives a
    /// narrower pair.
    ///
    /// Source: H. A. David and H. N. Nagaraja, Order Statistics (3rd edition, 2003), section 7.1.
    fn tightest(count: usize, p: f64, confidence: f64) -> Self {
        assert!(
            p > 0.0 && p < 1.0,
            "a quantile's share {p} is not in (0, 1)"
        );
        let miss = miss_of(confidence);
        let centre = p * (count as f64 + 1.0);
        let estimate = 1.0 + (count as f64 - 1.0) * p;

        // Ranks 0 and count + 1 stand for the unbounded sides.
        let mut low = whole(centre.min(estimate)).min(count);
        let mut high = (whole(centre.max(estimate)) + 1).min(count + 1);
        while Self::between(count, low, high).miss(count, p) > miss {
            let (to_low, to_high) = (centre - (low as f64 - 1.0), (high as f64 + 1.0) - centre);
            let lower = low > 0 && (to_low <= to_high || high > count);
            let higher = high <= count && (to_high <= to_low || low == 0);
            low -= usize::from(lower);
            high += usize::from(higher);
        }
        Self::between(count, low, high)
    }

    fn between(count: usize, low: usize, high: usize) -> Self {
        Self {
            low: (low > 0).then_some(low),
            high: (high <= count).then_some(high),
        }
    }

    /// The quantile is missed when fewer than `low` values lie below it, or at least `high` values
    /// do.
    fn miss(self, count: usize, p: f64) -> f64 {
        let below = self.low.map_or(0.0, |rank| {
            binomial::at_most(count as u64, p, rank as u64 - 1)
        });
        let above = self
            .high
            .map_or(0.0, |rank| binomial::at_least(count as u64, p, rank as u64));
        (below + above).min(1.0)
    }
}

/// The whole part of a rank; zero for ranks below zero.
fn whole(rank: f64) -> usize {
    floor(rank) as usize
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these values are exact in floats")]
mod tests {
    use super::*;

    const INFINITE: f64 = f64::INFINITY;

    #[test]
    fn type_seven_quantiles() {
        let sample = [1.0, 2.0, 4.0, 8.0, 16.0];
        assert_eq!(quantile(&sample, 0.0), 1.0);
        assert_eq!(quantile(&sample, 0.5), 4.0);
        assert_eq!(quantile(&sample, 0.375), 3.0);
        assert_eq!(quantile(&sample, 0.875), 12.0);
        assert_eq!(quantile(&sample, 1.0), 16.0);
        assert_eq!(quantile(&[7.0], 0.95), 7.0);
    }

    #[test]
    fn infinite_values_are_values() {
        let sample = [-INFINITE, -INFINITE, 0.0, INFINITE, INFINITE];
        assert_eq!(quantile(&sample, 0.1), -INFINITE);
        assert_eq!(quantile(&sample, 0.3), -INFINITE);
        assert_eq!(quantile(&sample, 0.5), 0.0);
        assert_eq!(quantile(&sample, 0.6), INFINITE);
        assert_eq!(quantile(&sample, 0.9), INFINITE);
    }

    fn check(count: usize, p: f64, low: Option<usize>, high: Option<usize>, coverage: f64) {
        let pair = RankPair::tightest(count, p, 0.95);
        assert_eq!(pair, RankPair { low, high }, "n = {count}, p = {p}");
        assert!(
            (1.0 - pair.miss(count, p) - coverage).abs() < 1e-11,
            "n = {count}, p = {p}"
        );
    }

    #[test]
    fn ranks_and_coverage_equal_those_from_exact_fractions() {
        check(10, 0.5, Some(2), Some(9), 0.978_515_625);
        check(100, 0.95, Some(91), Some(100), 0.965_891_176_624_917_6);
        check(100, 0.5, Some(40), Some(61), 0.964_799_799_782_295_1);
    }

    #[test]
    fn small_samples_leave_a_side_unbounded() {
        check(5, 0.5, None, None, 1.0);
        check(6, 0.5, Some(1), Some(6), 0.968_75);
        let one = quantile_interval(&[3.0], 0.5, 0.95);
        assert_eq!(one, Interval::UNBOUNDED);

        let thirty: Vec<f64> = (1..=30).map(f64::from).collect();
        let interval = quantile_interval(&thirty, 0.95, 0.95);
        assert!(
            interval.low > -INFINITE && interval.high == INFINITE,
            "{interval:?}"
        );
        let mirrored = quantile_interval(&thirty, 0.05, 0.95);
        assert!(
            mirrored.low == -INFINITE && mirrored.high < INFINITE,
            "{mirrored:?}"
        );
        assert_eq!(quantile_interval(&[], 0.5, 0.95), Interval::UNBOUNDED);
    }
}
