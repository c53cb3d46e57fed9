//! Exact probabilities of the binomial distribution, by summation.
//!
//! Not by the incomplete beta function: its continued fraction stops after a fixed number of terms,
//! which is silently wrong for many trials. Terms fall faster than geometrically away from the
//! mean. So a tail costs in the order of √trials steps.

use statrs::function::factorial::ln_binomial;

/// A further term this small against the sum no longer changes it.
const NEGLIGIBLE: f64 = 1e-18;

/// P(X = `events`) for `trials` independent trials of probability `p` (0 to 1).
fn exactly(trials: u64, p: f64, events: u64) -> f64 {
    debug_assert!((0.0..=1.0).contains(&p), "probability {p}");
    if events > trials {
        0.0
    } else if p <= 0.0 {
        f64::from(u8::from(events == 0))
    } else if p >= 1.0 {
        f64::from(u8::from(events == trials))
    } else {
        let misses = (trials - events) as f64;
        (ln_binomial(trials, events) + events as f64 * p.ln() + misses * (-p).ln_1p()).exp()
    }
}

/// P(X ≤ `events`) for `trials` independent trials of probability `p` (0 to 1).
pub(super) fn at_most(trials: u64, p: f64, events: u64) -> f64 {
    if events >= trials {
        1.0
    } else if events as f64 <= trials as f64 * p {
        lower_sum(trials, p, events)
    } else {
        1.0 - upper_sum(trials, p, events + 1)
    }
}

/// P(X ≥ `events`) for `trials` independent trials of probability `p` (0 to 1).
pub(super) fn at_least(trials: u64, p: f64, events: u64) -> f64 {
    if events == 0 {
        1.0
    } else if events > trials {
        0.0
    } else if events as f64 > trials as f64 * p {
        upper_sum(trials, p, events)
    } else {
        1.0 - lower_sum(trials, p, events - 1)
    }
}

/// P(X ≤ `events`), summed downwards; `events` is not above the mean, so the terms fall.
fn lower_sum(trials: u64, p: f64, events: u64) -> f64 {
    let mut term = exactly(trials, p, events);
    let mut sum = term;
    let mut count = events;
    while count > 0 && term > sum * NEGLIGIBLE {
        term *= count as f64 / (trials - count + 1) as f64 * ((1.0 - p) / p);
        sum += term;
        count -= 1;
    }
    sum.min(1.0)
}

/// P(X ≥ `events`), summed upwards; `events` is above the mean, so the terms fall.
fn upper_sum(trials: u64, p: f64, events: u64) -> f64 {
    let mut term = exactly(trials, p, events);
    let mut sum = term;
    let mut count = events;
    while count < trials && term > sum * NEGLIGIBLE {
        term *= (trials - count) as f64 / (count + 1) as f64 * (p / (1.0 - p));
        sum += term;
        count += 1;
    }
    sum.min(1.0)
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these values are exact in floats")]
mod tests {
    use super::*;

    fn check(value: f64, exact: f64) {
        assert!(
            (value - exact).abs() <= 1e-11 * exact,
            "{value} is not {exact}"
        );
    }

    #[test]
    fn tails_equal_sums_of_exact_fractions() {
        check(at_least(40, 0.1, 8), 0.041_901_942_673_363_69);
        check(at_least(40, 0.1, 3), 0.777_191_875_660_600_5);
        check(at_least(1_000, 0.01, 30), 2.059_988_850_971_957_6e-7);
        check(at_most(1_000, 0.01, 1), 4.792_444_535_789_234e-4);
    }

    #[test]
    fn certain_trials_leave_no_doubt() {
        assert_eq!((at_most(10, 0.0, 0), at_least(10, 0.0, 1)), (1.0, 0.0));
        assert_eq!((at_most(10, 1.0, 9), at_least(10, 1.0, 10)), (0.0, 1.0));
        assert_eq!((at_most(0, 0.3, 0), at_least(0, 0.3, 0)), (1.0, 1.0));
        assert_eq!(at_least(10, 0.3, 11), 0.0);
    }

    #[test]
    fn tails_are_complements_and_stay_right_for_many_trials() {
        for trials in [7_u64, 1_000, 10_000_000] {
            let middle = trials * 3 / 10;
            for events in [middle.saturating_sub(1_000), middle, middle + 1] {
                let both = at_most(trials, 0.3, events) + at_least(trials, 0.3, events + 1);
                assert!((both - 1.0).abs() < 1e-7, "{trials} {events} {both}");
            }
        }
        // The median of a binomial is its mean: half the mass lies on either side.
        let half = at_most(10_000_000, 0.3, 3_000_000);
        assert!((half - 0.5).abs() < 2e-4, "{half}");
    }
}
