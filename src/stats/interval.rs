//! A range that holds an unknown number with a stated confidence.

/// The two-sided confidence of every interval shown with an estimate.
pub const CONFIDENCE: f64 = 0.95;

/// A closed interval of numbers; an infinite side means that the data do not bound it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// The lower end, −∞ if unbounded below.
    pub low: f64,
    /// The upper end, +∞ if unbounded above.
    pub high: f64,
}

impl Interval {
    /// The whole line: nothing is known.
    pub const UNBOUNDED: Self = Self {
        low: f64::NEG_INFINITY,
        high: f64::INFINITY,
    };

    /// The interval from `low` to `high`. Neither is NaN, and `low` is not above `high`.
    pub fn new(low: f64, high: f64) -> Self {
        assert!(
            low <= high,
            "an interval needs two ordered ends, got {low} and {high}"
        );
        Self { low, high }
    }

    /// Whether both ends are finite.
    pub fn is_finite(self) -> bool {
        self.low.is_finite() && self.high.is_finite()
    }

    /// Whether `value` lies in the interval, ends included.
    #[cfg(test)]
    pub(super) fn contains(self, value: f64) -> bool {
        (self.low..=self.high).contains(&value)
    }
}

/// Probability that a two-sided interval of `confidence` misses on each side.
///
/// Every confidence passes through here, so one assertion guards all of them. A confidence lies
/// strictly between 0 and 1.
pub(super) fn tail_of(confidence: f64) -> f64 {
    miss_of(confidence) / 2.0
}

/// Probability that a one-sided bound of `confidence` misses; `confidence` is strictly between 0
/// and 1.
pub(super) fn miss_of(confidence: f64) -> f64 {
    assert!(
        confidence > 0.0 && confidence < 1.0,
        "confidence {confidence} is not in (0, 1)"
    );
    1.0 - confidence
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[should_panic(expected = "two ordered ends")]
    fn not_a_number_is_no_end() {
        let _ = Interval::new(0.0, f64::NAN);
    }
}
