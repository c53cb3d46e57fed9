//! Parts of work (series × nanoseconds, fixed point), exact to the last unit.

use crate::units::SimDuration;

/// A share of some work, in parts per billion.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share of 1e9"
)]
pub(in crate::model) fn portion(work: u128, share: f64) -> u128 {
    let parts = (share.clamp(0.0, 1.0) * 1e9).round() as u128;
    work / 1_000_000_000 * parts + work % 1_000_000_000 * parts / 1_000_000_000
}

/// Some work times a factor that may exceed 1, rounded to parts per billion of the work.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a factor is not negative, and a cast saturates"
)]
pub(in crate::model) fn multiple(work: u128, factor: f64) -> u128 {
    let parts = (factor.max(0.0) * 1e9).round() as u128;
    work / 1_000_000_000 * parts + work % 1_000_000_000 * parts / 1_000_000_000
}

/// `backlog · left / of`, rounded down, without overflow.
pub(in crate::model) fn left_over(backlog: u128, left: SimDuration, of: SimDuration) -> u128 {
    if left.is_zero() {
        return 0;
    }
    let (left, of) = (u128::from(left.nanos()), u128::from(of.nanos()));
    backlog / of * left + backlog % of * left / of
}
