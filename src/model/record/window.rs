//! The window over which a peak is meant.

use crate::units::SimDuration;

/// Length of the window. A peak of CPU, requests, bytes or samples is the highest mean over so much
/// time.
pub const PEAK_WINDOW: SimDuration = SimDuration::from_mins(1);

/// Per second, of an amount that comes evenly over `length`: the mean over the window that begins
/// with it.
pub(in crate::model) fn per_second(amount: f64, length: SimDuration) -> f64 {
    amount / length.max(PEAK_WINDOW).secs_f64()
}
