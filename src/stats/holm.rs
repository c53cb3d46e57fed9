//! Holm's step-down correction: many hypotheses, one chance of a false rejection.
//!
//! The probability that any true hypothesis is rejected is at most the level. That holds for any
//! hypotheses, however they depend on each other.
//!
//! Source: S. Holm, A simple sequentially rejective multiple test procedure, Scandinavian Journal
//! of Statistics 6 (1979), 65-70.

/// Holm's adjusted p-values, in the order given, from 0 to 1. Each is the smallest level at which
/// the hypothesis would be rejected among all of them.
fn holm_adjusted(p_values: &[f64]) -> Vec<f64> {
    debug_assert!(
        p_values.iter().all(|p| (0.0..=1.0).contains(p)),
        "p-values lie in 0..=1"
    );
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_by(|&a, &b| p_values[a].total_cmp(&p_values[b]));

    let mut adjusted = vec![1.0; p_values.len()];
    let mut largest = 0.0_f64;
    for (rank, &index) in order.iter().enumerate() {
        let left = (p_values.len() - rank) as f64;
        largest = largest.max((left * p_values[index]).min(1.0));
        adjusted[index] = largest;
    }
    adjusted
}

/// Which hypotheses Holm's procedure rejects at the family-wise level `alpha`, in the order given.
pub fn holm_rejected(p_values: &[f64], alpha: f64) -> Vec<bool> {
    holm_adjusted(p_values)
        .into_iter()
        .map(|p| p <= alpha)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_textbook_example() {
        // Sorted: 4 × 0.005, 3 × 0.01, 2 × 0.03, then 1 × 0.04, which may not fall below 0.06.
        let p_values = [0.01, 0.04, 0.03, 0.005];
        let adjusted = holm_adjusted(&p_values);
        for (value, expected) in adjusted.iter().zip([0.03, 0.06, 0.06, 0.02]) {
            assert!((value - expected).abs() < 1e-15, "{adjusted:?}");
        }
        assert_eq!(holm_rejected(&p_values, 0.05), [true, false, false, true]);
    }

    #[test]
    fn the_first_failure_stops_the_descent() {
        // 0.02 alone would pass at 0.05 / 2, but the smaller 0.019 fails at 0.05 / 3.
        assert_eq!(
            holm_rejected(&[0.019, 0.02, 0.9], 0.05),
            [false, false, false]
        );
        assert_eq!(
            holm_rejected(&[0.016, 0.02, 0.9], 0.05),
            [true, true, false]
        );
    }

    #[test]
    fn one_hypothesis_or_none_needs_no_correction() {
        assert_eq!(holm_rejected(&[0.05], 0.05), [true]);
        assert!(holm_adjusted(&[]).is_empty());
        assert_eq!(holm_adjusted(&[1.0, 0.0]), [1.0, 0.0]);
    }
}
