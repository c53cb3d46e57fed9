//! The difference of two samples, with an interval that covers.

use crate::stats::{CONFIDENCE, Claim, Comparison, Interval, Mean, Statistic, Verdict, decide};

/// The numbers of two sides, one per draw.
#[derive(Clone, Debug)]
pub(super) struct Sides {
    pub(super) a: Vec<f64>,
    pub(super) b: Vec<f64>,
    pub(super) kind: Kind,
    /// Whether both sides are one case, so that equal draws are no accident.
    pub(super) is_one_case: bool,
}

/// What is known of the numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Shares, from 0 to 1.
    Share,
    /// Anything.
    Amount,
}

impl Sides {
    /// The means of both sides.
    pub(super) fn means(&self) -> [f64; 2] {
        [&self.a, &self.b].map(|side| side.iter().sum::<f64>() / side.len().max(1) as f64)
    }

    /// The mean of the second less the first, draw by draw.
    pub(super) fn difference(&self) -> f64 {
        let differences = self.differences();
        differences.iter().sum::<f64>() / differences.len().max(1) as f64
    }

    /// Two-sided interval of the difference at 95 %. Of shares it covers whatever their law is, by
    /// bets on the differences. Of other numbers it is Student's.
    pub(super) fn interval(&self) -> Interval {
        if self.is_one_case {
            return Interval::new(0.0, 0.0);
        }
        match self.kind {
            Kind::Share => claim(0.0).evidence(&self.differences()).interval,
            Kind::Amount => Mean::of(&self.differences()).interval(CONFIDENCE),
        }
    }

    /// Whether the second side is at most `most` above the first, one-sided at 95 %.
    pub(super) fn is_at_most(&self, most: f64) -> Verdict {
        let interval = match self.kind {
            _ if self.is_one_case => Interval::new(0.0, 0.0),
            Kind::Share if most.abs() < 1.0 => {
                return decide(&[claim(most).evidence(&self.differences())], Verdict::ALPHA)[0];
            }
            // No two shares differ by more than one.
            Kind::Share => Interval::new(-1.0, 1.0),
            Kind::Amount => Mean::of(&self.differences()).interval(2.0 * CONFIDENCE - 1.0),
        };
        if interval.high <= most {
            Verdict::Holds
        } else if interval.low > most {
            Verdict::Fails
        } else {
            Verdict::Unsettled
        }
    }

    /// The differences of draws with the same number. They are independent of each other, whether or
    /// not both draws of a pair share their luck. Luck that is shared makes them smaller.
    fn differences(&self) -> Vec<f64> {
        let pairs = self.a.iter().zip(&self.b);
        pairs.map(|(a, b)| b - a).collect()
    }
}

/// The claim that a mean of differences of shares is at most a limit.
const fn claim(limit: f64) -> Claim {
    Claim {
        statistic: Statistic::Mean,
        comparison: Comparison::AtMost,
        limit,
        range: Interval {
            low: -1.0,
            high: 1.0,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sides(a: &[f64], b: &[f64], kind: Kind) -> Sides {
        Sides {
            a: a.to_vec(),
            b: b.to_vec(),
            kind,
            is_one_case: false,
        }
    }

    #[test]
    fn a_side_against_itself_differs_by_nothing() {
        let same = Sides {
            is_one_case: true,
            ..sides(&[0.0, 1.0, 0.0], &[0.0, 1.0, 0.0], Kind::Share)
        };
        assert_eq!(same.interval(), Interval::new(0.0, 0.0));
        assert_eq!(same.is_at_most(0.0), Verdict::Holds);
        assert_eq!(same.is_at_most(-0.1), Verdict::Fails);
        // Two cases that fail in no draw may differ in draws that nobody made.
        let unseen = sides(&[0.0; 50], &[0.0; 50], Kind::Share);
        assert!(unseen.interval().low < 0.0 && unseen.interval().high > 0.0);
        assert_eq!(unseen.is_at_most(0.0), Verdict::Unsettled);
    }

    #[test]
    fn luck_that_is_shared_says_more() {
        let ones = |first: usize, count: usize| -> Vec<f64> {
            let is_one = |draw: usize| (first..first + count).contains(&draw);
            (0..400)
                .map(|draw| f64::from(u8::from(is_one(draw))))
                .collect()
        };
        let shared = sides(&ones(0, 40), &ones(0, 60), Kind::Share);
        let apart = sides(&ones(100, 40), &ones(0, 60), Kind::Share);
        let width = |Interval { low, high }: Interval| high - low;
        for sides in [&shared, &apart] {
            let Interval { low, high } = sides.interval();
            assert!((sides.difference() - 0.05).abs() < 1e-12 && low < 0.05 && 0.05 < high);
        }
        assert!(shared.interval().low > 0.0 && apart.interval().low < 0.0);
        assert!(width(shared.interval()) < width(apart.interval()));
        assert_eq!(shared.is_at_most(0.01), Verdict::Fails);
        assert_eq!(shared.is_at_most(0.1), Verdict::Holds);
        assert_eq!(apart.is_at_most(0.01), Verdict::Unsettled);
        assert_eq!(apart.is_at_most(1.0), Verdict::Holds);
    }

    #[test]
    fn amounts_are_judged_by_the_mean_of_their_differences() {
        let numbers: Vec<f64> = (0..50).map(|draw| f64::from(draw % 5)).collect();
        let more: Vec<f64> = (0..50)
            .map(|draw| f64::from(draw % 5 + 1 + draw % 2))
            .collect();
        let sides = sides(&numbers, &more, Kind::Amount);
        assert!((sides.difference() - 1.5).abs() < 1e-12);
        assert_eq!(sides.is_at_most(1.0), Verdict::Fails);
        assert_eq!(sides.is_at_most(1.5), Verdict::Unsettled);
        assert_eq!(sides.is_at_most(2.0), Verdict::Holds);
    }
}
