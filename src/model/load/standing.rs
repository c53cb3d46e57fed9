//! What is in progress at the start of a draw, if it has always been arriving.

use rand_distr::{Distribution, Exp1};

use crate::engine::RandomStream;
use crate::stats::{normal_cdf, normal_quantile};

/// Share of arrivals, by length, that is too rare to be drawn.
const NEGLIGIBLE: f64 = 1e-12;

/// Score beyond which no length is drawn.
const SCORE_MAX: f64 = 9.0;

/// An episode in progress: its age, and the standard normal score of its length.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Standing {
    /// Seconds since the episode began.
    pub age: f64,
    /// Score that gives the length of the episode.
    pub score: f64,
}

/// Episodes in progress at an instant, in the stationary state of a Poisson process (M/G/∞). An
/// episode lasts `length(score)` seconds, which never decreases in the standard normal score.
///
/// Arrivals before the instant are drawn in shells of doubling age. A shell draws only lengths that
/// reach its younger edge, so rare long episodes cost no more than others.
pub fn standing(
    per_second: f64,
    length: impl Fn(f64) -> f64,
    stream: &mut RandomStream,
) -> Vec<Standing> {
    let mut found = Vec::new();
    let (mut from, mut to) = (0.0, length(0.0).max(1.0));
    let mut tail = share_longer(&length, from);
    while tail > NEGLIGIBLE && per_second > 0.0 {
        let mut age = from;
        loop {
            let gap: f64 = Exp1.sample(stream);
            age += gap / (per_second * tail);
            if age >= to {
                break;
            }
            let score = -normal_quantile(stream.unit() * tail);
            if length(score) > age {
                found.push(Standing { age, score });
            }
        }
        (from, to) = (to, 2.0 * to);
        tail = share_longer(&length, from);
    }
    found
}

/// Share of lengths above `least`.
fn share_longer(length: &impl Fn(f64) -> f64, least: f64) -> f64 {
    if length(-SCORE_MAX) > least {
        return 1.0;
    }
    let (mut low, mut high) = (-SCORE_MAX, SCORE_MAX);
    if length(high) <= least {
        return 0.0;
    }
    // Fifty halvings leave less than the last bit of a score.
    for _ in 0..50 {
        let middle = f64::midpoint(low, high);
        if length(middle) > least {
            high = middle;
        } else {
            low = middle;
        }
    }
    normal_cdf(-low)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{RandomStreams, key_of};

    #[derive(Default)]
    struct Totals {
        count: f64,
        ages: f64,
    }

    /// Totals over 4,000 systems with two arrivals per second.
    fn totals(length: impl Fn(f64) -> f64) -> Totals {
        let mut totals = Totals::default();
        for seed in 0..4_000 {
            let mut stream = RandomStreams::new(1, seed).stream(key_of("standing"), 0, 0);
            let found = standing(2.0, &length, &mut stream);
            totals.count += found.len() as f64;
            totals.ages += found.iter().map(|standing| standing.age).sum::<f64>();
        }
        totals
    }

    /// M/G/∞: the mean number is λ E[S], the mean sum of ages λ E[S²]/2.
    #[test]
    fn as_many_are_under_way_as_littles_law_says() {
        let Totals { count, ages } = totals(|_| 3.0);
        assert!((count / 4_000.0 - 6.0).abs() < 4.0 * (6.0_f64 / 4_000.0).sqrt());
        // Ages are uniform: the variance of their sum is λ E[S³]/3 = 18.
        assert!((ages / 4_000.0 - 9.0).abs() < 4.0 * (18.0_f64 / 4_000.0).sqrt());
        let wide = totals(|score| (2.0 * score).exp());
        let mean = 2.0 * 2.0_f64.exp();
        assert!((wide.count / 4_000.0 - mean).abs() < 4.0 * (mean / 4_000.0).sqrt());
    }

    #[test]
    fn nothing_arrives_without_a_rate() {
        let mut stream = RandomStreams::new(1, 1).stream(key_of("standing"), 0, 0);
        assert_eq!(standing(0.0, |_| 10.0, &mut stream), []);
    }
}
