//! The simulated clock.

use std::ops::{Add, AddAssign, Sub};
use std::time::Duration;

use super::nearest;

/// An instant of simulated time, in whole nanoseconds since the simulation began.
///
/// An instant is not a length: the difference of two instants is a [`Duration`], and two instants
/// cannot be added. Whole nanoseconds make ties exact. The range is 584 years.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SimTime(u64);

impl SimTime {
    /// The first instant of a simulation.
    pub const ZERO: Self = Self(0);
    /// Later than any event; means "never".
    pub const NEVER: Self = Self(u64::MAX);

    /// The instant `nanos` nanoseconds after [`SimTime::ZERO`].
    pub const fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    /// The instant `seconds` after [`SimTime::ZERO`], rounded to the nanosecond. Negative values
    /// and NaN become zero. Values past the range become [`SimTime::NEVER`].
    #[inline]
    pub fn from_secs_f64(seconds: f64) -> Self {
        Self(nearest(seconds * 1e9))
    }

    /// Nanoseconds since [`SimTime::ZERO`].
    pub const fn nanos(self) -> u64 {
        self.0
    }

    /// Seconds since [`SimTime::ZERO`].
    pub fn secs_f64(self) -> f64 {
        self.0 as f64 / 1e9
    }

    /// The time from `earlier` to `self`, zero if `earlier` is later.
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }
}

/// Whole nanoseconds of a length; lengths past 584 years saturate.
#[expect(clippy::cast_possible_truncation, reason = "guarded by the comparison")]
const fn nanos_of(length: Duration) -> u64 {
    let nanos = length.as_nanos();
    if nanos > u64::MAX as u128 {
        u64::MAX
    } else {
        nanos as u64
    }
}

impl Add<Duration> for SimTime {
    type Output = Self;

    /// Saturates at [`SimTime::NEVER`], so that "never" stays "never".
    fn add(self, length: Duration) -> Self {
        Self(self.0.saturating_add(nanos_of(length)))
    }
}

impl AddAssign<Duration> for SimTime {
    fn add_assign(&mut self, length: Duration) {
        *self = *self + length;
    }
}

impl Sub for SimTime {
    type Output = Duration;

    /// The time between two instants, zero if `earlier` is later.
    fn sub(self, earlier: Self) -> Duration {
        self.since(earlier)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_and_lengths_do_not_mix_up() {
        let noon = SimTime::from_secs_f64(12.0);
        assert_eq!(
            noon + Duration::from_secs(3),
            SimTime::from_nanos(15_000_000_000)
        );
        assert_eq!(
            noon - SimTime::from_secs_f64(2.5),
            Duration::from_millis(9_500)
        );
        assert_eq!(SimTime::ZERO - noon, Duration::ZERO);
        assert_eq!(SimTime::NEVER + Duration::from_secs(1), SimTime::NEVER);
    }
}
