//! The root of a monotone condition by halving, which is slow but cannot diverge or loop.

/// Halvings after which an interval is as narrow as floats allow for any root above 1e-30.
const HALVINGS_MAX: u32 = 150;

/// The point from `low` to `high` where `is_below` turns from true to false, to 1e-15 of its value.
///
/// `is_below` must be true to the left of one point and false to its right.
pub fn crossing(mut low: f64, mut high: f64, is_below: impl Fn(f64) -> bool) -> f64 {
    for _ in 0..HALVINGS_MAX {
        if high - low <= 1e-15 * high.abs() {
            break;
        }
        let middle = f64::midpoint(low, high);
        if is_below(middle) {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_of_two_and_a_tiny_root() {
        assert!((crossing(0.0, 2.0, |x| x * x < 2.0) - 2.0_f64.sqrt()).abs() < 1e-14);
        let tiny = crossing(0.0, 1.0, |x| x < 3e-12);
        assert!((tiny / 3e-12 - 1.0).abs() < 1e-12);
    }
}
