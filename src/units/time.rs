//! The simulated clock: instants, lengths and spans in whole nanoseconds.

use std::iter::Sum;
use std::ops::{Add, AddAssign, Div, Mul, Rem, Sub, SubAssign};

use super::nearest;

const NANOS_PER_SECOND: u64 = 1_000_000_000;

/// An instant of simulated time, in whole nanoseconds since the simulation began.
///
/// An instant is not a length: the difference of two instants is a [`SimDuration`], and two instants
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
    #[inline]
    pub const fn since(self, earlier: Self) -> SimDuration {
        SimDuration(self.0.saturating_sub(earlier.0))
    }

    /// The instant a `length` before this one; at least [`SimTime::ZERO`].
    #[inline]
    #[must_use]
    pub const fn before(self, length: SimDuration) -> Self {
        Self(self.0.saturating_sub(length.0))
    }

    /// The instant a `length` before this one; `None` if the simulation had not begun.
    #[inline]
    pub fn checked_before(self, length: SimDuration) -> Option<Self> {
        self.0.checked_sub(length.0).map(Self)
    }

    /// The last instant before this one; [`SimTime::ZERO`] has none and stays.
    #[inline]
    #[must_use]
    pub const fn just_before(self) -> Self {
        Self(self.0.saturating_sub(1))
    }

    /// The first instant after this one; [`SimTime::NEVER`] has none and stays.
    #[inline]
    #[must_use]
    pub const fn just_after(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl Add<SimDuration> for SimTime {
    type Output = Self;

    /// Saturates at [`SimTime::NEVER`], so that "never" stays "never".
    #[inline]
    fn add(self, length: SimDuration) -> Self {
        Self(self.0.saturating_add(length.0))
    }
}

impl AddAssign<SimDuration> for SimTime {
    #[inline]
    fn add_assign(&mut self, length: SimDuration) {
        *self = *self + length;
    }
}

impl Sub for SimTime {
    type Output = SimDuration;

    /// The time between two instants.
    ///
    /// # Panics
    ///
    /// In debug builds, if `earlier` is later. Use [`SimTime::since`] where that can happen.
    #[inline]
    fn sub(self, earlier: Self) -> SimDuration {
        SimDuration(self.0 - earlier.0)
    }
}

/// A length of simulated time, in whole nanoseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SimDuration(u64);

impl SimDuration {
    /// No time.
    pub const ZERO: Self = Self(0);
    /// The shortest length there is: a nanosecond.
    pub const NANO: Self = Self(1);
    /// Longer than any simulation.
    pub const MAX: Self = Self(u64::MAX);

    /// `nanos` nanoseconds.
    pub const fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    /// `seconds` whole seconds.
    pub const fn from_secs(seconds: u64) -> Self {
        Self(seconds * NANOS_PER_SECOND)
    }

    /// `minutes` whole minutes.
    pub const fn from_mins(minutes: u64) -> Self {
        Self::from_secs(60 * minutes)
    }

    /// `hours` whole hours.
    pub const fn from_hours(hours: u64) -> Self {
        Self::from_secs(3_600 * hours)
    }

    /// `seconds` seconds, rounded to the nanosecond. Negative values and NaN become zero. Values
    /// past the range become [`SimDuration::MAX`].
    #[inline]
    pub fn from_secs_f64(seconds: f64) -> Self {
        Self(nearest(seconds * 1e9))
    }

    /// The number of nanoseconds.
    pub const fn nanos(self) -> u64 {
        self.0
    }

    /// The number of seconds.
    pub fn secs_f64(self) -> f64 {
        self.0 as f64 / 1e9
    }

    /// How many times `other` is needed to cover this length.
    pub const fn div_ceil(self, other: Self) -> u64 {
        self.0.div_ceil(other.0)
    }

    /// Whether this length is zero.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// This length less `other`, zero if `other` is longer.
    #[inline]
    #[must_use]
    pub const fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl Add for SimDuration {
    type Output = Self;

    /// Saturates at [`SimDuration::MAX`].
    #[inline]
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl AddAssign for SimDuration {
    #[inline]
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sub for SimDuration {
    type Output = Self;

    /// This length less `other`.
    ///
    /// # Panics
    ///
    /// In debug builds, if `other` is longer.
    #[inline]
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl SubAssign for SimDuration {
    #[inline]
    fn sub_assign(&mut self, other: Self) {
        *self = *self - other;
    }
}

impl Mul<u64> for SimDuration {
    type Output = Self;

    /// `count` times this length; saturates at [`SimDuration::MAX`].
    #[inline]
    fn mul(self, count: u64) -> Self {
        Self(self.0.saturating_mul(count))
    }
}

impl Div<u64> for SimDuration {
    type Output = Self;

    /// One of `count` equal parts, rounded down.
    #[inline]
    fn div(self, count: u64) -> Self {
        Self(self.0 / count)
    }
}

impl Div for SimDuration {
    type Output = u64;

    /// How many times `other` fits into this length.
    #[inline]
    fn div(self, other: Self) -> u64 {
        self.0 / other.0
    }
}

impl Rem for SimDuration {
    type Output = Self;

    /// What is left when `other` is taken away as often as it fits.
    #[inline]
    fn rem(self, other: Self) -> Self {
        Self(self.0 % other.0)
    }
}

impl Sum for SimDuration {
    fn sum<I: Iterator<Item = Self>>(lengths: I) -> Self {
        lengths.fold(Self::ZERO, Add::add)
    }
}

/// The time from one instant, inclusive, to another, exclusive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Span {
    /// First instant of the span.
    pub from: SimTime,
    /// First instant after the span; not before `from`.
    pub to: SimTime,
}

impl Span {
    /// The span between two instants.
    #[inline]
    pub const fn new(from: SimTime, to: SimTime) -> Self {
        Self { from, to }
    }

    /// Length of the span; zero if it is empty.
    #[inline]
    pub const fn length(self) -> SimDuration {
        self.to.since(self.from)
    }

    /// Whether the span is empty.
    #[inline]
    pub fn is_empty(self) -> bool {
        self.to <= self.from
    }

    /// Whether an instant lies within the span.
    #[inline]
    pub fn contains(self, at: SimTime) -> bool {
        self.from <= at && at < self.to
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_and_lengths_do_not_mix_up() {
        let noon = SimTime::from_secs_f64(12.0);
        assert_eq!(
            noon + SimDuration::from_secs(3),
            SimTime::from_nanos(15_000_000_000)
        );
        assert_eq!(
            noon - SimTime::from_secs_f64(2.5),
            SimDuration::from_secs_f64(9.5)
        );
        assert_eq!(SimTime::ZERO.since(noon), SimDuration::ZERO);
        assert_eq!(SimTime::ZERO, noon.before(SimDuration::from_mins(1)));
        assert_eq!(SimTime::NEVER + SimDuration::from_secs(1), SimTime::NEVER);
        assert_eq!(noon.checked_before(SimDuration::from_mins(1)), None);
        assert_eq!(noon.just_after().just_before(), noon);
        assert_eq!(SimTime::ZERO.just_before(), SimTime::ZERO);
        let left = SimDuration::NANO.saturating_sub(SimDuration::from_secs(1));
        assert!(left.is_zero());
    }

    #[test]
    fn a_span_ends_before_its_last_instant() {
        let at = |nanos| SimTime::from_nanos(nanos);
        let span = Span::new(at(3), at(7));
        assert_eq!(span.length().nanos(), 4);
        assert!(span.contains(at(3)) && span.contains(at(6)) && !span.contains(at(7)));
        assert!(Span::new(at(7), at(3)).length().is_zero());
    }
}
