//! Whole numbers as other whole numbers.

/// An index or a count in 32 bits.
///
/// # Panics
///
/// If the count does not fit, which checked scenarios rule out.
pub fn small(count: usize) -> u32 {
    u32::try_from(count).expect("counts fit 32 bits")
}

/// The greatest whole number up to `value`. 0 for negative values, the largest number for values
/// past the range.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "float to integer casts saturate"
)]
pub fn floor(value: f64) -> u32 {
    value.floor() as u32
}
