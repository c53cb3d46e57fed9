//! A claim about the distribution behind the draws, such as "the 95th percentile is below 4".

use super::Interval;

/// The number that a claim is about.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Statistic {
    /// The probability of an event. A draw is 1 with the event and 0 without it. With several
    /// replications per draw, a draw is the share of replications with the event.
    Probability,
    /// The quantile of this share (between 0 and 1, exclusive).
    Quantile(f64),
    /// The arithmetic mean.
    Mean,
}

/// The side of the limit on which the number is claimed to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    Greater,
    /// `>=`
    AtLeast,
}

impl Comparison {
    /// Whether `value` is on the claimed side of `limit`.
    pub fn holds(self, value: f64, limit: f64) -> bool {
        match self {
            Self::Less => value < limit,
            Self::AtMost => value <= limit,
            Self::Greater => value > limit,
            Self::AtLeast => value >= limit,
        }
    }

    /// The sign as written.
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::Greater => ">",
            Self::AtLeast => ">=",
        }
    }
}

/// A statement about the distribution behind the draws, true or false.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Claim {
    /// The number.
    pub statistic: Statistic,
    /// Its side of the limit.
    pub comparison: Comparison,
    /// The limit: finite, in the unit of the draws. The limit of a probability is from 0 to 1.
    pub limit: f64,
    /// Where every draw lies. Only a mean needs to know: without a finite range no draws show where
    /// it lies.
    pub range: Interval,
}

impl Claim {
    /// Whether draws can show on which side of the limit the number lies. A mean that nothing bounds
    /// stays unknown, however many draws there are.
    pub fn can_be_settled(&self) -> bool {
        self.statistic != Statistic::Mean || self.range.is_finite()
    }
}
