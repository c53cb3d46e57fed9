//! Shares and probabilities.

/// A number from 0 to 1: a share, a probability, a utilisation.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct Fraction(f64);

impl Fraction {
    /// Nothing.
    pub const ZERO: Self = Self(0.0);

    /// The fraction nearest to `value`; NaN becomes zero.
    pub fn clamped(value: f64) -> Self {
        if value.is_nan() {
            Self::ZERO
        } else {
            Self(value.clamp(0.0, 1.0))
        }
    }

    /// The value, from 0 to 1.
    pub const fn get(self) -> f64 {
        self.0
    }

    /// One minus this fraction.
    #[must_use]
    pub fn rest(self) -> Self {
        Self(1.0 - self.0)
    }
}
