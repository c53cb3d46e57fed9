//! The standard normal distribution.

use std::f64::consts::SQRT_2;

use statrs::function::erf::{erfc, erfc_inv};

/// Φ(`z`): the probability of a value up to `z`, accurate in the lower tail too.
pub fn normal_cdf(z: f64) -> f64 {
    0.5 * erfc(-z / SQRT_2)
}

/// Φ⁻¹(`p`): the value that is not exceeded with probability `p` (0 to 1); ∓∞ at 0 and 1.
pub fn normal_quantile(p: f64) -> f64 {
    assert!((0.0..=1.0).contains(&p), "probability {p}");
    -SQRT_2 * erfc_inv(2.0 * p)
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these values are exact in floats")]
mod tests {
    use super::*;

    fn check(value: f64, exact: f64) {
        assert!(
            (value - exact).abs() <= 1e-10 * exact.abs(),
            "{value} is not {exact}"
        );
    }

    #[test]
    fn known_values() {
        assert_eq!(normal_cdf(0.0), 0.5);
        check(normal_cdf(-1.0), 0.158_655_253_931_457_07);
        check(normal_cdf(-6.0), 9.865_876_450_377_012e-10);
        check(normal_quantile(0.975), 1.959_963_984_540_054);
        let z_95 = 1.644_853_626_951_472_2;
        check(normal_quantile(0.95), z_95);
        check(normal_quantile(0.05), -z_95);
        check(normal_cdf(z_95), 0.95);
        assert_eq!(
            (normal_quantile(0.0), normal_quantile(1.0)),
            (f64::NEG_INFINITY, f64::INFINITY)
        );
    }

    #[test]
    fn quantile_undoes_cdf() {
        for tenth in -60..=40 {
            let z = f64::from(tenth) / 10.0;
            assert!((normal_quantile(normal_cdf(z)) - z).abs() < 1e-9, "{z}");
        }
    }
}
