//! The usual statistics of a sample.

use super::{CONFIDENCE, Interval, Mean, quantile, quantile_interval};

/// The usual statistics of a sample. Intervals are two-sided at [`CONFIDENCE`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Summary {
    /// Number of values.
    pub n: usize,
    /// The arithmetic mean; infinite if any value is.
    pub mean: f64,
    /// The standard deviation with n − 1 in the denominator; 0 for a single value.
    pub sd: f64,
    /// The smallest value.
    pub min: f64,
    /// The 5th percentile.
    pub p05: f64,
    /// The median.
    pub p50: f64,
    /// The 95th percentile.
    pub p95: f64,
    /// The 99th percentile.
    pub p99: f64,
    /// The largest value.
    pub max: f64,
    /// Interval of the mean behind the sample, by Student's t.
    pub mean_interval: Interval,
    /// Interval of the median behind the sample, by order statistics.
    pub p50_interval: Interval,
    /// Interval of the 95th percentile behind the sample, by order statistics.
    pub p95_interval: Interval,
}

impl Summary {
    /// The summary of `values` in any order, none of them NaN. `None` without values.
    pub fn of(values: &[f64]) -> Option<Self> {
        assert!(
            !values.iter().any(|value| value.is_nan()),
            "a sample holds numbers"
        );
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let (&min, &max) = (sorted.first()?, sorted.last()?);
        // From the sorted values, so that the order of `values` cannot change the last digit.
        let mean = Mean::of(&sorted);
        Some(Self {
            n: sorted.len(),
            mean: mean.estimate(),
            sd: mean.sd(),
            min,
            p05: quantile(&sorted, 0.05),
            p50: quantile(&sorted, 0.50),
            p95: quantile(&sorted, 0.95),
            p99: quantile(&sorted, 0.99),
            max,
            mean_interval: mean.interval(CONFIDENCE),
            p50_interval: quantile_interval(&sorted, 0.50, CONFIDENCE),
            p95_interval: quantile_interval(&sorted, 0.95, CONFIDENCE),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_bounded_around(interval: Interval, value: f64) -> bool {
        interval.contains(value) && interval.low.is_finite() && interval.high.is_finite()
    }

    #[test]
    fn a_hundred_and_one_values() {
        let values: Vec<f64> = (0..=100).rev().map(f64::from).collect();
        let summary = Summary::of(&values).expect("there are values");
        assert_eq!((summary.n, summary.min, summary.max), (101, 0.0, 100.0));
        assert_eq!((summary.p05, summary.p50), (5.0, 50.0));
        assert_eq!((summary.p95, summary.p99), (95.0, 99.0));
        assert!((summary.mean - 50.0).abs() < 1e-12);
        assert!((summary.sd - 858.5_f64.sqrt()).abs() < 1e-12);
        assert!(is_bounded_around(summary.mean_interval, 50.0));
        assert!(is_bounded_around(summary.p50_interval, 50.0));
        assert!(is_bounded_around(summary.p95_interval, 95.0));
    }

    #[test]
    fn one_value_and_none() {
        let summary = Summary::of(&[2.5]).expect("there is a value");
        assert_eq!(
            (summary.mean, summary.sd, summary.p05, summary.p99),
            (2.5, 0.0, 2.5, 2.5)
        );
        assert_eq!(summary.mean_interval, Interval::UNBOUNDED);
        assert_eq!(Summary::of(&[]), None);
    }

    #[test]
    fn an_infinite_value_spoils_the_mean_alone() {
        let values: Vec<f64> = (0..99).map(f64::from).chain([f64::INFINITY]).collect();
        let summary = Summary::of(&values).expect("there are values");
        assert_eq!((summary.mean, summary.max), (f64::INFINITY, f64::INFINITY));
        assert_eq!(summary.mean_interval, Interval::UNBOUNDED);
        assert!(summary.p95.is_finite() && is_bounded_around(summary.p50_interval, 49.5));
    }
}
