//! What draws show for and against a claim.

use super::bernstein::Bernstein;
use super::binomial;
use super::events::Events;
use super::{CONFIDENCE, Claim, Comparison, Interval, Proportion, Statistic};
use super::{quantile, quantile_interval};

/// What draws show about a claim.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Evidence {
    /// Greatest probability of draws this favourable if the claim were false, 0 to 1. A small value
    /// shows that the claim holds.
    pub p_holds: f64,
    /// Greatest probability of draws this unfavourable if the claim were true, 0 to 1. A small
    /// value shows that the claim fails.
    pub p_fails: f64,
    /// The estimate of the number from the draws.
    pub estimate: f64,
    /// The two-sided interval of the number at [`CONFIDENCE`], shown beside the estimate.
    pub interval: Interval,
}

impl Claim {
    /// What `draws` show: independent, in any order, at least one, none of them NaN.
    ///
    /// Probabilities use exact binomial tails. Quantiles use the same tails on the count of draws
    /// on the claimed side of the limit. Both are right for any sample size. Means use the
    /// empirical Bernstein bound, which needs the range of the draws. Without a finite range, draws
    /// say nothing about a mean: something rare and huge may not have been seen yet.
    ///
    /// Certainty beyond sampling is used. One event refutes a probability of 0. Equal draws on the
    /// limit decide by the strictness of the comparison. An infinite draw makes the mean infinite.
    pub fn evidence(&self, draws: &[f64]) -> Evidence {
        assert!(
            self.limit.is_finite(),
            "a limit is finite, got {}",
            self.limit
        );
        assert!(!draws.is_empty(), "evidence needs a draw");
        assert!(!draws.iter().any(|draw| draw.is_nan()), "draws are numbers");
        let (estimate, interval) = self.estimate(draws);
        // A claim upwards is the contrary of a claim downwards, so the two p-values change places.
        let (p_holds, p_fails) = match self.comparison {
            Comparison::Less => self.tails(draws, true),
            Comparison::AtMost => self.tails(draws, false),
            Comparison::Greater => swapped(self.tails(draws, false)),
            Comparison::AtLeast => swapped(self.tails(draws, true)),
        };
        Evidence {
            p_holds,
            p_fails,
            estimate,
            interval,
        }
    }

    fn estimate(&self, draws: &[f64]) -> (f64, Interval) {
        match self.statistic {
            Statistic::Probability => {
                let events = Events::among(draws);
                let around = |count| Proportion::new(count, events.draws).interval(CONFIDENCE);
                let (low, high) = (around(events.at_least).low, around(events.at_most).high);
                (events.share, Interval::new(low, high))
            }
            Statistic::Quantile(p) => {
                let mut sorted = draws.to_vec();
                sorted.sort_by(f64::total_cmp);
                let interval = quantile_interval(&sorted, p, CONFIDENCE);
                (quantile(&sorted, p), interval)
            }
            Statistic::Mean => {
                let bernstein = Bernstein::of(draws, self.range);
                (bernstein.mean().estimate(), bernstein.interval(CONFIDENCE))
            }
        }
    }

    /// The p-values for and against "the number is below the limit" (`strict`) or "at most the
    /// limit".
    fn tails(&self, draws: &[f64], strict: bool) -> (f64, f64) {
        match self.statistic {
            Statistic::Probability => probability_tails(Events::among(draws), self.limit, strict),
            Statistic::Quantile(p) => {
                // The quantile is at most the limit if a draw is at most the limit with probability
                // p or more.
                let count = draws.len() as u64;
                let within = count_within(draws, self.limit, strict);
                (
                    binomial::at_least(count, p, within),
                    binomial::at_most(count, p, within),
                )
            }
            Statistic::Mean => Bernstein::of(draws, self.range).tails(self.limit, strict),
        }
    }

    /// The share of draws that count, and the boundary that it is compared with. `None` for the
    /// mean, whose test counts no draws.
    pub(super) fn share_and_boundary(&self, draws: &[f64]) -> Option<(f64, f64)> {
        match self.statistic {
            Statistic::Probability => Some((Events::among(draws).share, self.limit)),
            Statistic::Quantile(p) => {
                let strict = matches!(self.comparison, Comparison::Less | Comparison::AtLeast);
                let within = count_within(draws, self.limit, strict);
                Some((within as f64 / draws.len() as f64, p))
            }
            Statistic::Mean => None,
        }
    }
}

fn probability_tails(events: Events, limit: f64, strict: bool) -> (f64, f64) {
    let always = if strict { limit > 1.0 } else { limit >= 1.0 };
    let never = if strict { limit <= 0.0 } else { limit < 0.0 };
    if always {
        (0.0, 1.0)
    } else if never {
        (1.0, 0.0)
    } else {
        (
            binomial::at_most(events.draws, limit, events.at_most),
            binomial::at_least(events.draws, limit, events.at_least),
        )
    }
}

fn count_within(draws: &[f64], limit: f64, strict: bool) -> u64 {
    let is_within = |&&draw: &&f64| if strict { draw < limit } else { draw <= limit };
    draws.iter().filter(is_within).count() as u64
}

fn swapped((holds, fails): (f64, f64)) -> (f64, f64) {
    (fails, holds)
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these values are exact in floats")]
mod tests {
    use super::super::Comparison::{AtLeast, AtMost, Greater, Less};
    use super::*;

    const P: Statistic = Statistic::Probability;
    const P95: Statistic = Statistic::Quantile(0.95);

    fn p_values(
        statistic: Statistic,
        comparison: Comparison,
        limit: f64,
        draws: &[f64],
    ) -> (f64, f64) {
        let evidence = Claim {
            statistic,
            comparison,
            limit,
            range: Interval::new(0.0, 10.0),
        }
        .evidence(draws);
        assert!(
            evidence.interval.contains(evidence.estimate),
            "{evidence:?}"
        );
        (evidence.p_holds, evidence.p_fails)
    }

    /// `events` ones among `count` draws.
    fn ones(events: usize, count: usize) -> Vec<f64> {
        (0..count)
            .map(|index| f64::from(u8::from(index < events)))
            .collect()
    }

    fn near((holds, fails): (f64, f64), expected: (f64, f64)) {
        assert!(
            (holds - expected.0).abs() < 1e-9,
            "holds: {holds}, not {}",
            expected.0
        );
        assert!(
            (fails - expected.1).abs() < 1e-9,
            "fails: {fails}, not {}",
            expected.1
        );
    }

    #[test]
    fn a_probability_is_tested_by_binomial_tails() {
        // P(X ≤ 8) and P(X ≥ 8) for 40 trials at 0.1.
        let p = (0.984_504_694_6, 0.041_901_942_7);
        near(p_values(P, Less, 0.1, &ones(8, 40)), p);
        near(p_values(P, AtMost, 0.1, &ones(8, 40)), p);
        near(p_values(P, Greater, 0.1, &ones(8, 40)), swapped(p));
        near(p_values(P, AtLeast, 0.1, &ones(8, 40)), swapped(p));
        near(
            p_values(P, Less, 0.01, &ones(0, 299)),
            (0.99_f64.powi(299), 1.0),
        );
        near(p_values(P, Less, 0.01, &[1.0]), (1.0, 0.01));
    }

    #[test]
    fn probability_limits_zero_and_one_are_logic_where_they_can_be() {
        assert_eq!(p_values(P, Less, 0.0, &ones(0, 9)), (1.0, 0.0), "never");
        assert_eq!(p_values(P, AtLeast, 0.0, &ones(0, 9)), (0.0, 1.0), "always");
        assert_eq!(p_values(P, AtMost, 1.0, &ones(9, 9)), (0.0, 1.0), "always");
        assert_eq!(p_values(P, Greater, 1.0, &ones(9, 9)), (1.0, 0.0), "never");

        assert_eq!(
            p_values(P, AtMost, 0.0, &ones(0, 9)),
            (1.0, 1.0),
            "none seen proves nothing"
        );
        assert_eq!(
            p_values(P, AtMost, 0.0, &ones(1, 9)),
            (1.0, 0.0),
            "one refutes"
        );
        assert_eq!(
            p_values(P, Greater, 0.0, &ones(1, 9)),
            (0.0, 1.0),
            "one proves"
        );
        assert_eq!(
            p_values(P, Less, 1.0, &ones(8, 9)),
            (0.0, 1.0),
            "a miss proves"
        );
        assert_eq!(
            p_values(P, AtLeast, 1.0, &ones(8, 9)),
            (1.0, 0.0),
            "a miss refutes"
        );
        assert_eq!(
            p_values(P, AtLeast, 1.0, &ones(9, 9)),
            (1.0, 1.0),
            "all seen proves nothing"
        );
    }

    #[test]
    fn shares_of_replications_are_rounded_against_the_conclusion() {
        let thirds = [1.0 / 3.0, 1.0 / 3.0, 1.0 / 3.0, 0.0];
        assert_eq!(
            p_values(P, Less, 0.5, &thirds),
            p_values(P, Less, 0.5, &ones(1, 4))
        );
        let half = p_values(P, Less, 0.5, &[0.5, 0.0, 0.0, 0.0]);
        assert_eq!(half.0, p_values(P, Less, 0.5, &ones(1, 4)).0);
        assert_eq!(half.1, p_values(P, Less, 0.5, &ones(0, 4)).1);
    }

    #[test]
    fn a_quantile_is_tested_by_the_count_within_its_limit() {
        let draws: Vec<f64> = (1..=100).map(f64::from).collect();
        // All 100 within: 0.95^100. 99 or more of 100 at 0.95: 0.0370812.
        near(
            p_values(P95, Less, 101.0, &draws),
            (0.95_f64.powi(100), 1.0),
        );
        near(
            p_values(P95, AtMost, 100.0, &draws),
            (0.95_f64.powi(100), 1.0),
        );
        let (holds, _) = p_values(P95, Less, 100.0, &draws);
        assert!(
            (holds - 0.037_081_2).abs() < 1e-7,
            "the draw on the limit is not below it"
        );
        // The two p-values of the contrary claim change places.
        let below = p_values(P95, Less, 93.5, &draws);
        assert_eq!(p_values(P95, AtLeast, 93.5, &draws), swapped(below));
        assert_eq!(p_values(P95, Greater, 93.5, &draws), swapped(below));
    }

    #[test]
    fn equal_draws_on_the_limit_decide_a_quantile_by_strictness() {
        let equal = [4.0; 200];
        for (comparison, is_true) in [
            (Less, false),
            (AtMost, true),
            (Greater, false),
            (AtLeast, true),
        ] {
            let (holds, fails) = p_values(P95, comparison, 4.0, &equal);
            assert_eq!(holds < 0.001, is_true, "{comparison:?}");
            assert_eq!(fails < 0.001, !is_true, "{comparison:?}");
            let mean = p_values(Statistic::Mean, comparison, 4.0, &equal);
            assert_eq!(mean, (1.0, 1.0), "{comparison:?}");
        }
    }

    #[test]
    fn one_draw_and_equal_draws() {
        assert_eq!(p_values(Statistic::Mean, Less, 9.0, &[1.0]), (1.0, 1.0));
        assert_eq!(
            p_values(Statistic::Mean, Less, 9.0, &[1.0; 3]),
            (1.0, 1.0),
            "equal draws are no certainty"
        );
        assert!(p_values(Statistic::Mean, Less, 9.0, &[1.0; 30]).0 < 1e-3);
        assert!(p_values(Statistic::Mean, Greater, 9.0, &[1.0; 30]).1 < 1e-3);
        near(p_values(P95, Less, 9.0, &[1.0]), (0.95, 1.0));
        near(p_values(P95, Less, 0.5, &[1.0]), (1.0, 0.05));
    }

    #[test]
    fn a_mean_beyond_its_range_is_logic() {
        let draws = [1.0, 2.0];
        assert_eq!(p_values(Statistic::Mean, AtMost, 10.0, &draws), (0.0, 1.0));
        assert_eq!(p_values(Statistic::Mean, Less, 0.0, &draws), (1.0, 0.0));
        assert_eq!(p_values(Statistic::Mean, AtLeast, 0.0, &draws), (0.0, 1.0));
    }

    #[test]
    fn an_infinite_draw_makes_the_mean_infinite() {
        let draws = [1.0, f64::INFINITY, 2.0];
        assert_eq!(p_values(Statistic::Mean, AtMost, 9.0, &draws), (1.0, 0.0));
        assert_eq!(p_values(Statistic::Mean, Greater, 9.0, &draws), (0.0, 1.0));
    }
}
