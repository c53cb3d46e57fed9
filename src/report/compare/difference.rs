//! The difference of two samples, with an interval that covers.

use crate::stats::{CONFIDENCE, Claim, Comparison, Interval, Mean, Statistic, Verdict, decide};

/// The numbers of two sides, one per draw.
#[derive(Clone, Debug)]
pub(super) struct Sides {
    pub(super) a: Vec<f64>,
    pub(super) b: Vec<f64>,
    pub(super) pairing: Pairing,
    pub(super) kind: Kind,
}

/// Whether draws with the same number share their luck.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pairing {
    /// They do.
    Paired,
    /// They do not.
    Unpaired,
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

    /// The second mean less the first.
    pub(super) fn difference(&self) -> f64 {
        let [a, b] = self.means();
        b - a
    }

    /// Whether every draw is the same on both sides.
    pub(super) fn are_same(&self) -> bool {
        self.pairing == Pairing::Paired && self.differences().iter().all(|one| *one == 0.0)
    }

    /// Two-sided interval of the difference at 95 %. Of shares it covers whatever their law is, by
    /// bets on the differences or on each side alone. Of other numbers it is Student's.
    pub(super) fn interval(&self) -> Interval {
        if self.are_same() {
            return Interval::new(0.0, 0.0);
        }
        match (self.pairing, self.kind) {
            (Pairing::Paired, Kind::Share) => bets(&self.differences(), -1.0),
            (Pairing::Paired, Kind::Amount) => Mean::of(&self.differences()).interval(CONFIDENCE),
            (Pairing::Unpaired, kind) => {
                // Both sides hold at once with the confidence asked for.
                let each = f64::midpoint(1.0, CONFIDENCE);
                let of = |side: &Vec<f64>| match kind {
                    Kind::Share => bets(side, 0.0),
                    Kind::Amount => Mean::of(side).interval(each),
                };
                let (a, b) = (of(&self.a), of(&self.b));
                Interval::new(b.low - a.high, b.high - a.low)
            }
        }
    }

    /// Whether the second side is at most `most` above the first, one-sided at 95 %.
    pub(super) fn is_at_most(&self, most: f64) -> Verdict {
        if self.are_same() {
            return if most >= 0.0 {
                Verdict::Holds
            } else {
                Verdict::Fails
            };
        }
        if self.pairing == Pairing::Paired && self.kind == Kind::Share && most.abs() < 1.0 {
            let evidence = claim(most, -1.0).evidence(&self.differences());
            return decide(&[evidence], Verdict::ALPHA)[0];
        }
        let interval = self.interval();
        if interval.high <= most {
            Verdict::Holds
        } else if interval.low > most {
            Verdict::Fails
        } else {
            Verdict::Unsettled
        }
    }

    fn differences(&self) -> Vec<f64> {
        let pairs = self.a.iter().zip(&self.b);
        pairs.map(|(a, b)| b - a).collect()
    }
}

/// The claim that a mean of numbers from `low` to 1 is at most a limit.
const fn claim(limit: f64, low: f64) -> Claim {
    Claim {
        statistic: Statistic::Mean,
        comparison: Comparison::AtMost,
        limit,
        range: Interval { low, high: 1.0 },
    }
}

fn bets(numbers: &[f64], low: f64) -> Interval {
    claim(0.0, low).evidence(numbers).interval
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sides(a: &[f64], b: &[f64], pairing: Pairing) -> Sides {
        Sides {
            a: a.to_vec(),
            b: b.to_vec(),
            pairing,
            kind: Kind::Share,
        }
    }

    #[test]
    fn a_side_against_itself_differs_by_nothing() {
        let same = sides(&[0.0, 1.0, 0.0], &[0.0, 1.0, 0.0], Pairing::Paired);
        assert_eq!(same.interval(), Interval::new(0.0, 0.0));
        assert_eq!(same.is_at_most(0.0), Verdict::Holds);
        assert_eq!(same.is_at_most(-0.1), Verdict::Fails);
    }

    #[test]
    fn pairs_say_more_than_two_samples() {
        let ones = |count: usize| -> Vec<f64> {
            (0..400)
                .map(|draw| f64::from(u8::from(draw < count)))
                .collect()
        };
        let paired = sides(&ones(40), &ones(60), Pairing::Paired);
        let apart = sides(&ones(40), &ones(60), Pairing::Unpaired);
        assert!((paired.difference() - 0.05).abs() < 1e-12);
        let within = |Interval { low, high }: Interval| low < 0.05 && 0.05 < high;
        assert!(paired.interval().low > 0.0 && within(paired.interval()));
        assert!(apart.interval().low < 0.0 && within(apart.interval()));
        assert_eq!(paired.is_at_most(0.01), Verdict::Fails);
        assert_eq!(paired.is_at_most(0.1), Verdict::Holds);
        assert_eq!(apart.is_at_most(0.01), Verdict::Unsettled);
    }
}
