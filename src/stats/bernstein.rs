//! The mean behind draws of a known range: the empirical Bernstein bound.
//!
//! Right for every distribution within the range and for any sample size. Draws without any spread
//! are no certainty: something rare may not have been seen yet.

use super::interval::tail_of;
use super::{Interval, Mean};

/// The mean of draws of a known range.
///
/// Source: A. Maurer and M. Pontil, Empirical Bernstein bounds and sample variance penalization,
/// COLT 2009, theorem 4. With probability 1 − δ the mean is less than √(2 V ln(2/δ) / n) +
/// 7 ln(2/δ) / (3 (n − 1)) above the mean of n draws from 0 to 1 with the sample variance V. The
/// mirrored draws give the bound below.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bernstein {
    mean: Mean,
    /// `None` if nothing bounds the mean.
    spread: Option<Spread>,
    range: Interval,
}

/// The two terms of the bound at ln(2/δ) = 1.
#[derive(Clone, Copy, Debug)]
struct Spread {
    root: f64,
    linear: f64,
}

impl Bernstein {
    /// The mean of `draws`, each of them in `range`. Nothing is known if the range is infinite, if a
    /// draw lies outside, or below two draws.
    pub(super) fn of(draws: &[f64], range: Interval) -> Self {
        let mean = Mean::of(draws);
        let is_inside = |draw: &f64| (range.low..=range.high).contains(draw);
        let width = range.high - range.low;
        let known = range.is_finite() && draws.len() > 1 && draws.iter().all(is_inside);
        let spread = known.then(|| Spread::new(draws.len() as f64, mean.sd(), width));
        Self {
            mean,
            spread,
            range,
        }
    }

    /// The arithmetic mean of the draws.
    pub(super) fn mean(self) -> Mean {
        self.mean
    }

    /// The two-sided interval of the mean behind the draws, within the range.
    pub(super) fn interval(self, confidence: f64) -> Interval {
        let Some(spread) = self.spread else {
            return Interval::UNBOUNDED;
        };
        let (estimate, reach) = (self.mean.estimate(), spread.reach(tail_of(confidence)));
        let low = (estimate - reach).max(self.range.low).min(estimate);
        let high = (estimate + reach).min(self.range.high).max(estimate);
        Interval::new(low, high)
    }

    /// The p-values for and against "the mean is below the limit" (`strict`) or "at most the limit".
    pub(super) fn tails(self, limit: f64, strict: bool) -> (f64, f64) {
        let estimate = self.mean.estimate();
        if estimate.is_infinite() {
            return if estimate < limit {
                (0.0, 1.0)
            } else {
                (1.0, 0.0)
            };
        }
        let Some(spread) = self.spread else {
            return (1.0, 1.0);
        };
        let Interval { low, high } = self.range;
        let always = if strict { limit > high } else { limit >= high };
        let never = if strict { limit <= low } else { limit < low };
        if always {
            (0.0, 1.0)
        } else if never {
            (1.0, 0.0)
        } else {
            (spread.miss(limit - estimate), spread.miss(estimate - limit))
        }
    }

    /// The p-value of `count` draws with this spread, for a mean that bad luck of `z` standard errors
    /// brings nearer to its limit.
    pub(super) fn p_value(self, count: u64, limit: f64, z: f64) -> f64 {
        let (count, sd) = (count as f64, self.mean.sd());
        let width = self.range.high - self.range.low;
        let distance = (limit - self.mean.estimate()).abs() - z * sd / count.sqrt();
        Spread::new(count, sd, width).miss(distance)
    }

    /// Whether draws can bound the mean.
    pub(super) fn is_bounded(self) -> bool {
        self.spread.is_some()
    }
}

impl Spread {
    fn new(count: f64, sd: f64, width: f64) -> Self {
        Self {
            root: sd * (2.0 / count).sqrt(),
            linear: 7.0 * width / (3.0 * (count - 1.0)),
        }
    }

    /// Distance from the estimate of a one-sided bound that misses with probability `miss`.
    fn reach(self, miss: f64) -> f64 {
        let log = (2.0 / miss).ln();
        self.root * log.sqrt() + self.linear * log
    }

    /// The smallest probability to miss, of all bounds that are at most `distance` away.
    fn miss(self, distance: f64) -> f64 {
        if distance <= 0.0 {
            return 1.0;
        }
        // The root of linear x² + root x = distance, without cancellation.
        let both = self.root.hypot(2.0 * (self.linear * distance).sqrt());
        let x = 2.0 * distance / (self.root + both);
        (2.0 * (-x * x).exp()).min(1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const UNIT: Interval = Interval {
        low: 0.0,
        high: 1.0,
    };

    fn halves(count: u32) -> Vec<f64> {
        (0..count).map(|draw| f64::from(draw % 2)).collect()
    }

    #[test]
    fn the_bound_is_that_of_the_paper() {
        // V = 25 / 99, ln(2 / 0.025) = 4.382027: 0.148766 + 0.103280.
        let interval = Bernstein::of(&halves(100), UNIT).interval(0.95);
        assert!((interval.high - 0.752_046).abs() < 1e-5, "{interval:?}");
        assert!((interval.low - 0.247_954).abs() < 1e-5, "{interval:?}");
        // Draws of another range are moved and stretched.
        let wide: Vec<f64> = halves(100).iter().map(|draw| 10.0 + 4.0 * draw).collect();
        let interval = Bernstein::of(&wide, Interval::new(10.0, 14.0)).interval(0.95);
        assert!((interval.high - 13.008_19).abs() < 1e-4, "{interval:?}");
    }

    #[test]
    fn a_p_value_is_the_miss_of_the_bound_on_the_limit() {
        let bernstein = Bernstein::of(&halves(100), UNIT);
        let spread = bernstein.spread.unwrap();
        for miss in [0.5, 0.05, 0.001] {
            let (holds, fails) = bernstein.tails(0.5 + spread.reach(miss), true);
            assert!((holds / miss - 1.0).abs() < 1e-9, "{holds}");
            assert!((fails - 1.0).abs() < 1e-12, "{fails}");
        }
    }

    #[test]
    fn equal_draws_are_no_certainty() {
        let (holds, fails) = Bernstein::of(&[0.0; 30], UNIT).tails(0.01, true);
        assert!(holds > 0.05 && fails > 0.05, "{holds} {fails}");
        let (holds, _) = Bernstein::of(&[0.0; 2_000], UNIT).tails(0.01, true);
        assert!(holds < 0.001, "{holds}");
        let outside = Bernstein::of(&[0.0, 2.0], UNIT);
        assert!(outside.interval(0.95) == Interval::UNBOUNDED && !outside.is_bounded());
    }
}
