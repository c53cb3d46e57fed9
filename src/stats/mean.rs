//! The mean of independent values: Student's t.
//!
//! Exact for normal values. For other values it holds once the sample is large against their
//! skewness.

use statrs::distribution::{ContinuousCDF, StudentsT};

use super::Interval;
use super::bisection::crossing;
use super::interval::tail_of;

/// The mean and spread of a sample.
///
/// With one value or none the spread is unknown, so every interval is unbounded. Equal values have
/// no spread, so every interval is that one value. With an infinite value the mean is infinite, and
/// every interval is unbounded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mean {
    count: usize,
    estimate: f64,
    sd: f64,
}

impl Mean {
    /// The mean of `values`, without NaN, and without both infinities.
    ///
    /// Source: one pass, B. P. Welford, Note on a method for calculating corrected sums of squares
    /// and products, Technometrics 4 (1962), 419-420. It leaves equal values exactly equal.
    pub fn of(values: &[f64]) -> Self {
        if let Some(&infinite) = values.iter().find(|value| value.is_infinite()) {
            debug_assert!(!values.contains(&-infinite), "both infinities have no mean");
            return Self {
                count: values.len(),
                estimate: infinite,
                sd: f64::INFINITY,
            };
        }
        let (mut mean, mut squares) = (0.0, 0.0);
        for (index, value) in values.iter().enumerate() {
            let step = value - mean;
            mean += step / (index as f64 + 1.0);
            squares += step * (value - mean);
        }
        debug_assert!(!mean.is_nan(), "values are numbers");
        let freedom = values.len().saturating_sub(1).max(1) as f64;
        Self {
            count: values.len(),
            estimate: mean,
            sd: (squares / freedom).sqrt(),
        }
    }

    /// The arithmetic mean; 0 without values.
    pub fn estimate(self) -> f64 {
        self.estimate
    }

    /// The standard deviation with n − 1 in the denominator; 0 below two values.
    pub fn sd(self) -> f64 {
        self.sd
    }

    /// The standard error of the mean; +∞ below two values.
    fn standard_error(self) -> f64 {
        if self.count < 2 {
            f64::INFINITY
        } else {
            self.sd / (self.count as f64).sqrt()
        }
    }

    /// The two-sided interval that holds the mean behind the sample with `confidence` (between 0
    /// and 1, exclusive).
    pub fn interval(self, confidence: f64) -> Interval {
        let around = |reach| Interval::new(self.estimate - reach, self.estimate + reach);
        let reach = self.reach(tail_of(confidence));
        reach.map_or(Interval::UNBOUNDED, around)
    }

    /// Distance from the estimate of a bound that misses with probability `miss`; `None` if
    /// infinite.
    fn reach(self, miss: f64) -> Option<f64> {
        let error = self.standard_error();
        error.is_finite().then(|| {
            if error > 0.0 {
                error * t_above(self.freedom(), miss)
            } else {
                0.0
            }
        })
    }

    fn freedom(self) -> f64 {
        self.count as f64 - 1.0
    }
}

/// The probability that Student's t with `freedom` degrees exceeds `t`.
fn t_survival(freedom: f64, t: f64) -> f64 {
    StudentsT::new(0.0, 1.0, freedom)
        .expect("at least one degree of freedom")
        .sf(t)
}

/// The t that is exceeded with probability `miss` (between 0 and 1, exclusive).
fn t_above(freedom: f64, miss: f64) -> f64 {
    if miss > 0.5 {
        return -t_above(freedom, 1.0 - miss);
    }
    let mut high = 2.0;
    while t_survival(freedom, high) > miss {
        high *= 2.0;
    }
    crossing(0.0, high, |t| t_survival(freedom, t) > miss)
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these values are exact in floats")]
mod tests {
    use super::*;
    use crate::stats::normal_cdf;

    fn check(value: f64, exact: f64) {
        assert!(
            (value - exact).abs() <= 1e-9 * exact.abs(),
            "{value} is not {exact}"
        );
    }

    #[test]
    fn t_equals_the_tables() {
        for (freedom, two_sided, one_sided, beyond_three) in [
            (
                1.0,
                12.706_204_736_174_7,
                6.313_751_514_675,
                0.102_416_382_349_567,
            ),
            (
                2.0,
                4.302_652_729_749_5,
                2.919_985_580_353_7,
                0.047_732_983_133_355,
            ),
            (
                9.0,
                2.262_157_162_798_2,
                1.833_112_932_656_2,
                0.007_478_181_955_207,
            ),
            (
                29.0,
                2.045_229_642_132_7,
                1.699_127_026_533_5,
                0.002_749_596_066_952,
            ),
            (
                999.0,
                1.962_341_461_133_4,
                1.646_380_345_427_5,
                0.001_383_388_230_070,
            ),
            (
                100_000.0,
                1.959_987_707_530_6,
                1.644_868_864_784_6,
                0.001_350_230_441_917,
            ),
        ] {
            check(t_above(freedom, 0.025), two_sided);
            check(t_above(freedom, 0.05), one_sided);
            check(t_survival(freedom, 3.0), beyond_three);
        }
        assert!(t_above(9.0, 0.5).abs() < 1e-12);
        check(t_above(9.0, 0.95), -1.833_112_932_656_2);
    }

    #[test]
    fn t_becomes_normal() {
        for t in [0.1, 1.0, 1.7, 3.0, 5.0] {
            let ratio = t_survival(1e7, t) / normal_cdf(-t);
            assert!((ratio - 1.0).abs() < 1e-4, "{t}: {ratio}");
        }
    }

    #[test]
    fn a_small_sample() {
        // Sum of squares 40 over 4 degrees of freedom.
        let mean = Mean::of(&[1.0, 3.0, 5.0, 7.0, 9.0]);
        check(mean.estimate(), 5.0);
        check(mean.sd(), 10.0_f64.sqrt());
        check(mean.standard_error(), 2.0_f64.sqrt());
        // t(0.975, 4) = 2.776445105, t(0.95, 4) = 2.131846786.
        let interval = mean.interval(0.95);
        check(interval.high, 5.0 + 2.776_445_105_197_8 * 2.0_f64.sqrt());
        check(interval.low, 5.0 - 2.776_445_105_197_8 * 2.0_f64.sqrt());
        let one_sided = mean.interval(0.90);
        check(one_sided.high, 5.0 + 2.131_846_786_326_7 * 2.0_f64.sqrt());
        check(one_sided.low, 5.0 - 2.131_846_786_326_7 * 2.0_f64.sqrt());
    }

    #[test]
    fn a_large_offset_does_not_drown_the_spread() {
        let mean = Mean::of(&[1e9 + 1.0, 1e9 + 2.0, 1e9 + 3.0]);
        check(mean.sd(), 1.0);
    }

    #[test]
    fn too_few_values_bound_nothing() {
        for values in [&[][..], &[4.0][..], &[4.0, f64::INFINITY][..]] {
            let mean = Mean::of(values);
            assert_eq!(mean.interval(0.95), Interval::UNBOUNDED);
            assert_eq!(mean.standard_error(), f64::INFINITY);
        }
    }

    #[test]
    fn equal_values_are_exact() {
        let mean = Mean::of(&[0.1; 10]);
        assert_eq!(mean.interval(0.95), Interval::new(0.1, 0.1));
    }
}
