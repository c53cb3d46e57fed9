//! Whole numbers nearest to floats.

/// The largest number below one half. Adding half itself would round two kinds of numbers up: those
/// just below a half, and odd numbers without binary places left.
const BELOW_HALF: f64 = 0.5 - f64::EPSILON / 4.0;

/// The whole number nearest to `value`, the upper one of two. 0 for negative values and NaN, the
/// largest number for values past the range.
///
/// The result is that of `round`. Calling `round` is slow where a processor may lack the instruction.
#[inline]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "float to integer casts saturate, which is what the doc promises"
)]
pub fn nearest(value: f64) -> u64 {
    (value + BELOW_HALF) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "float to integer casts saturate"
    )]
    fn it_is_what_round_gives() {
        let check = |value: f64| assert_eq!(nearest(value), value.round() as u64, "{value}");
        for value in [
            f64::NAN,
            f64::INFINITY,
            f64::NEG_INFINITY,
            -0.0,
            -0.5,
            -0.7,
            -1e30,
            1e30,
        ] {
            check(value);
        }
        for power in -3..66_i32 {
            let power = 2_f64.powi(power);
            for offset in [-1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5] {
                let value = power + offset;
                for value in [value.next_down(), value, value.next_up()] {
                    check(value);
                }
            }
        }
    }
}
