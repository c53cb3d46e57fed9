//! A quantity that stays constant between changes, weighted by how long it stays.

use std::time::Duration;

use crate::units::SimTime;

/// A piecewise constant quantity over simulated time, with its running integral and maximum.
///
/// Instants passed to one level must not go back. A value that lasts no time adds nothing to the
/// integral but does count for the maximum: it was reached.
#[derive(Clone, Debug)]
pub struct Level {
    value: f64,
    start_at: SimTime,
    changed_at: SimTime,
    integral: f64,
    maximum: f64,
    maximum_at: SimTime,
    threshold: f64,
    time_above: Duration,
}

impl Level {
    /// A level of `value` from `start_at` on, observed from then on, with no threshold.
    pub fn new(start_at: SimTime, value: f64) -> Self {
        debug_assert!(!value.is_nan(), "a level is a number");
        Self {
            value,
            start_at,
            changed_at: start_at,
            integral: 0.0,
            maximum: value,
            maximum_at: start_at,
            threshold: f64::INFINITY,
            time_above: Duration::ZERO,
        }
    }

    /// The same level, which also adds up the time strictly above `threshold`; for a new level,
    /// since what has passed is not looked at again.
    #[must_use]
    pub fn with_threshold(mut self, threshold: f64) -> Self {
        debug_assert!(
            self.changed_at == self.start_at,
            "the threshold is part of the start"
        );
        self.threshold = threshold;
        self
    }

    /// Makes it `value` from `at` on.
    pub fn set(&mut self, at: SimTime, value: f64) {
        debug_assert!(at >= self.changed_at, "a level does not change in its past");
        debug_assert!(!value.is_nan(), "a level is a number");
        self.integral = self.integral(at);
        self.time_above = self.time_above(at);
        self.changed_at = at;
        self.value = value;
        if value > self.maximum {
            self.maximum = value;
            self.maximum_at = at;
        }
    }

    /// Raises it by `amount` (which may be negative) from `at` on.
    pub fn add(&mut self, at: SimTime, amount: f64) {
        self.set(at, self.value + amount);
    }

    /// Its present value.
    pub fn value(&self) -> f64 {
        self.value
    }

    /// When the observation began.
    pub fn start_at(&self) -> SimTime {
        self.start_at
    }

    /// Its integral from the start to `until`, in its own unit times seconds; `until` is not
    /// before the last change.
    pub fn integral(&self, until: SimTime) -> f64 {
        self.integral + self.value * until.since(self.changed_at).as_secs_f64()
    }

    /// Its time-weighted mean from the start to `until`; its present value if no time has passed.
    pub fn mean(&self, until: SimTime) -> f64 {
        let length = until.since(self.start_at).as_secs_f64();
        if length > 0.0 {
            self.integral(until) / length
        } else {
            self.value
        }
    }

    /// Its largest value so far.
    pub fn maximum(&self) -> f64 {
        self.maximum
    }

    /// When it first reached its largest value.
    pub fn maximum_at(&self) -> SimTime {
        self.maximum_at
    }

    /// How long it was strictly above the threshold, from the start to `until`; zero without one.
    pub fn time_above(&self, until: SimTime) -> Duration {
        let now = if self.value > self.threshold {
            until.since(self.changed_at)
        } else {
            Duration::ZERO
        };
        self.time_above + now
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these values are exact in floats")]
mod tests {
    use super::*;

    fn at(seconds: f64) -> SimTime {
        SimTime::from_secs_f64(seconds)
    }

    #[test]
    fn a_staircase_is_weighted_by_time() {
        let mut level = Level::new(at(10.0), 1.0).with_threshold(2.0);
        level.add(at(12.0), 2.0); // 3 until 15
        level.set(at(15.0), 2.0); // 2 until 19: at the threshold, not above it
        level.add(at(19.0), 1.0); // 3 again: not a new maximum
        assert_eq!(level.value(), 3.0);
        assert_eq!(level.integral(at(20.0)), 2.0 + 9.0 + 8.0 + 3.0);
        assert_eq!(level.mean(at(20.0)), 2.2);
        assert_eq!((level.maximum(), level.maximum_at()), (3.0, at(12.0)));
        assert_eq!(level.time_above(at(20.0)), Duration::from_secs(4));
        assert_eq!(level.start_at(), at(10.0));
    }

    #[test]
    fn a_value_without_duration_counts_for_the_maximum_only() {
        let mut level = Level::new(SimTime::ZERO, 0.0).with_threshold(1.0);
        level.set(at(1.0), 5.0);
        level.set(at(1.0), 0.0);
        assert_eq!(level.integral(at(2.0)), 0.0);
        assert_eq!(level.time_above(at(2.0)), Duration::ZERO);
        assert_eq!((level.maximum(), level.maximum_at()), (5.0, at(1.0)));
    }

    #[test]
    fn before_time_passes_the_mean_is_the_value() {
        let level = Level::new(at(3.0), -7.5);
        assert_eq!(level.mean(at(3.0)), -7.5);
        assert_eq!(level.mean(at(9.0)), -7.5);
        assert_eq!(level.maximum(), -7.5);
        assert_eq!(level.time_above(at(9.0)), Duration::ZERO);
    }
}
