//! How strongly two numbers rise together, by their ranks.

/// Spearman's rank correlation of two samples of equal length, −1 to 1; equal values share the mean
/// of their ranks. Infinite values are the greatest. `None` if one of the samples is constant, or has
/// a NaN.
///
/// Source: C. Spearman, The proof and measurement of association between two things, American
/// Journal of Psychology 15 (1904), 72-101.
pub fn rank_correlation(left: &[f64], right: &[f64]) -> Option<f64> {
    assert_eq!(left.len(), right.len(), "pairs of observations");
    if left.iter().chain(right).any(|value| value.is_nan()) {
        return None;
    }
    let (left, right) = (ranks(left), ranks(right));
    let middle = (left.len() as f64 - 1.0) / 2.0;
    let product = |a: &[f64], b: &[f64]| -> f64 {
        let terms = a.iter().zip(b);
        terms.map(|(a, b)| (a - middle) * (b - middle)).sum()
    };
    let spread = (product(&left, &left) * product(&right, &right)).sqrt();
    (spread > 0.0).then(|| (product(&left, &right) / spread).clamp(-1.0, 1.0))
}

/// The rank of each value from 0 on; equal values share their mean rank.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&left, &right| values[left].total_cmp(&values[right]));
    let mut ranks = vec![0.0; values.len()];
    let mut below = 0;
    for equal in order.chunk_by(|&left, &right| values[left].total_cmp(&values[right]).is_eq()) {
        let shared = below as f64 + (equal.len() as f64 - 1.0) / 2.0;
        for &index in equal {
            ranks[index] = shared;
        }
        below += equal.len();
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::rank_correlation;

    #[test]
    fn a_textbook_example() {
        // Intelligence and hours of television of ten people: ρ = −29/165.
        let left = [
            106.0, 100.0, 86.0, 101.0, 99.0, 103.0, 97.0, 113.0, 112.0, 110.0,
        ];
        let right = [7.0, 27.0, 2.0, 50.0, 28.0, 29.0, 20.0, 12.0, 6.0, 17.0];
        let rho = rank_correlation(&left, &right).unwrap();
        assert!((rho + 29.0 / 165.0).abs() < 1e-12, "{rho}");
    }

    #[test]
    fn any_rising_function_is_one() {
        let left = [3.0, 1.0, 2.0];
        assert_eq!(
            rank_correlation(&left, &[9.0, 1.0, f64::INFINITY.min(4.0)]),
            Some(1.0)
        );
        assert_eq!(
            rank_correlation(&left, &[f64::INFINITY, 1.0, 4.0]),
            Some(1.0)
        );
        assert_eq!(rank_correlation(&left, &[-3.0, -1.0, -2.0]), Some(-1.0));
    }

    #[test]
    fn ties_share_their_rank() {
        // Ranks 0.5, 0.5, 2 against 0, 1, 2: 3 / (2 × √3).
        let rho = rank_correlation(&[5.0, 5.0, 9.0], &[1.0, 2.0, 3.0]).unwrap();
        assert!((rho - 1.5 / 3.0_f64.sqrt()).abs() < 1e-12, "{rho}");
    }

    #[test]
    fn a_constant_or_a_missing_value_says_nothing() {
        assert_eq!(rank_correlation(&[1.0, 1.0], &[1.0, 2.0]), None);
        assert_eq!(rank_correlation(&[1.0, f64::NAN], &[1.0, 2.0]), None);
        assert_eq!(rank_correlation(&[], &[]), None);
    }
}
