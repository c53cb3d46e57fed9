//! The probability of an event: Clopper and Pearson's exact intervals.
//!
//! Source: C. J. Clopper and E. S. Pearson, The use of confidence or fiducial limits illustrated
//! in the case of the binomial, Biometrika 26 (1934), 404-413.

use super::Interval;
use super::binomial;
use super::bisection::crossing;
use super::interval::tail_of;

/// `events` among `trials` independent trials of one unknown probability.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proportion {
    events: u64,
    trials: u64,
}

impl Proportion {
    /// `events` among `trials`, with no more events than trials.
    pub fn new(events: u64, trials: u64) -> Self {
        assert!(events <= trials, "{events} events in {trials} trials");
        Self { events, trials }
    }

    /// The share of trials with an event, 0 to 1; 0 without trials.
    pub fn estimate(self) -> f64 {
        if self.trials == 0 {
            0.0
        } else {
            self.events as f64 / self.trials as f64
        }
    }

    /// The two-sided interval that holds the probability with at least `confidence` (between 0 and
    /// 1, exclusive). The miss is split evenly. 0 to 1 without trials.
    pub fn interval(self, confidence: f64) -> Interval {
        let tail = tail_of(confidence);
        Interval::new(self.low(tail), self.high(tail))
    }

    /// The p at which this many events or more have probability `miss`.
    fn low(self, miss: f64) -> f64 {
        if self.events == 0 {
            0.0
        } else if self.events == self.trials {
            (miss.ln() / self.trials as f64).exp()
        } else {
            crossing(0.0, self.estimate(), |p| {
                binomial::at_least(self.trials, p, self.events) < miss
            })
        }
    }

    /// The p at which this many events or fewer have probability `miss`.
    fn high(self, miss: f64) -> f64 {
        if self.events == self.trials {
            1.0
        } else if self.events == 0 {
            -(miss.ln() / self.trials as f64).exp_m1()
        } else {
            crossing(self.estimate(), 1.0, |p| {
                binomial::at_most(self.trials, p, self.events) > miss
            })
        }
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these values are exact in floats")]
mod tests {
    use super::*;

    fn check(interval: Interval, low: f64, high: f64) {
        assert!(
            (interval.low - low).abs() < 1e-12,
            "{interval:?}, not {low}"
        );
        assert!(
            (interval.high - high).abs() < 1e-12,
            "{interval:?}, not {high}"
        );
    }

    #[test]
    fn intervals_equal_those_from_exact_fractions() {
        check(
            Proportion::new(5, 100).interval(0.95),
            0.016_431_879_182_052_16,
            0.112_834_911_105_462_76,
        );
        check(
            Proportion::new(3, 10).interval(0.95),
            0.066_739_511_177_734_47,
            0.652_452_850_059_997_3,
        );
        check(
            Proportion::new(1, 20).interval(0.95),
            0.001_265_089_497_949_803_4,
            0.248_732_762_772_027_75,
        );
    }

    #[test]
    fn no_events_and_nothing_but_events() {
        check(
            Proportion::new(0, 1_024).interval(0.95),
            0.0,
            0.003_595_940_406_834_53,
        );
        check(
            Proportion::new(50, 50).interval(0.95),
            0.928_878_263_535_802_4,
            1.0,
        );
        check(Proportion::new(0, 0).interval(0.95), 0.0, 1.0);
        // Zero events in n trials give 1 − miss^(1/n), the "rule of three".
        let none = Proportion::new(0, 1_024).interval(0.90);
        assert!((none.high - 0.002_921_244_635_388_01).abs() < 1e-12);
        assert_eq!(Proportion::new(0, 0).estimate(), 0.0);
        // One trial in ten million, where a relative error would show.
        let rare = Proportion::new(1, 10_000_000).interval(0.90).low;
        assert!(
            (rare / (-(0.95_f64.ln()) / 1e7) - 1.0).abs() < 1e-6,
            "{rare}"
        );
    }
}
