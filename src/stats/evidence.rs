//! What draws show for and against a claim.

use super::betting::{Betting, Side};
use super::events::Events;
use super::{CONFIDENCE, Claim, Comparison, Interval, Mean, Proportion, Statistic};
use super::{quantile, quantile_interval};

/// What draws show about a claim.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Evidence {
    /// If the claim were false, this would ever be so small with at most that probability, 0 to 1. A
    /// small value shows that the claim holds, however often one has looked.
    pub p_holds: f64,
    /// The same if the claim were true. A small value shows that the claim fails.
    pub p_fails: f64,
    /// The estimate of the number from the draws.
    pub estimate: f64,
    /// The two-sided interval of the number at [`CONFIDENCE`], shown beside the estimate.
    pub interval: Interval,
}

impl Claim {
    /// What `draws` show: independent, in any order, at least one, none of them NaN.
    ///
    /// All statistics are tested by betting, as means of draws of a known range. A quantile is tested
    /// by the share of draws on the claimed side of the limit. The evidence is right for any sample
    /// size and law. It stays right for who looks, adds draws and looks again, without end. Without
    /// a finite range, draws say nothing about a mean: something rare and huge may be unseen.
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
        let (p_holds, p_fails) = self.p_values(draws);
        Evidence {
            p_holds,
            p_fails,
            estimate,
            interval,
        }
    }

    /// The p-values for and against the claim.
    pub(super) fn p_values(&self, draws: &[f64]) -> (f64, f64) {
        // A claim upwards is the contrary of a claim downwards, so the two p-values change places.
        match self.comparison {
            Comparison::Less => self.tails(draws, true),
            Comparison::AtMost => self.tails(draws, false),
            Comparison::Greater => swapped(self.tails(draws, false)),
            Comparison::AtLeast => swapped(self.tails(draws, true)),
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
                let mean = Mean::of(draws).estimate();
                let betting = Betting::of(draws, self.range);
                let interval = betting.map(|betting| betting.interval(mean, CONFIDENCE));
                (mean, interval.unwrap_or(Interval::UNBOUNDED))
            }
        }
    }

    /// The p-values for and against "the number is below the limit" (`strict`) or "at most the
    /// limit".
    fn tails(&self, draws: &[f64], strict: bool) -> (f64, f64) {
        let infinite = draws.iter().find(|draw| draw.is_infinite());
        if let (Statistic::Mean, Some(&infinite)) = (self.statistic, infinite) {
            return if infinite < self.limit {
                (0.0, 1.0)
            } else {
                (1.0, 0.0)
            };
        }
        let Some((betting, boundary)) = self.test(draws) else {
            return (1.0, 1.0);
        };
        match self.statistic {
            Statistic::Probability | Statistic::Mean => betting.tails(boundary, strict),
            // The quantile is at most the limit if a draw is at most the limit with probability p
            // or more.
            Statistic::Quantile(_) => (
                betting.p_value(Side::Above, boundary),
                betting.p_value(Side::Below, boundary),
            ),
        }
    }

    /// What the bets are on, and the boundary between true and false. `None` if the range of the
    /// draws is not known.
    pub(super) fn test(&self, draws: &[f64]) -> Option<(Betting, f64)> {
        match self.statistic {
            Statistic::Probability => {
                let betting = Betting::of(draws, Interval::new(0.0, 1.0));
                Some((betting.expect("a share is from 0 to 1"), self.limit))
            }
            Statistic::Quantile(p) => {
                let strict = matches!(self.comparison, Comparison::Less | Comparison::AtLeast);
                let within = count_within(draws, self.limit, strict);
                Some((Betting::of_hits(within, draws.len() as u64), p))
            }
            Statistic::Mean => Betting::of(draws, self.range).map(|betting| (betting, self.limit)),
        }
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
    fn a_probability_is_tested_by_bets() {
        // Nothing shows without a difference. 299 draws without an event would do for one look.
        near(p_values(P, Less, 0.1, &ones(4, 40)), (1.0, 1.0));
        let p = (0.078_713_018_1, 1.0);
        near(p_values(P, Less, 0.01, &ones(0, 299)), p);
        near(p_values(P, AtMost, 0.01, &ones(0, 299)), p);
        near(p_values(P, Greater, 0.01, &ones(0, 299)), swapped(p));
        near(p_values(P, AtLeast, 0.01, &ones(0, 299)), swapped(p));
        near(p_values(P, Less, 0.01, &[1.0]), (1.0, 0.370_024_992_1));
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
    fn a_share_of_replications_varies_less_than_a_draw() {
        let shares = p_values(P, Less, 0.5, &[0.3; 30]);
        let draws = p_values(P, Less, 0.5, &ones(9, 30));
        assert!(
            shares.0 < draws.0 && shares.0 < 0.05,
            "{shares:?} {draws:?}"
        );
    }

    #[test]
    fn a_quantile_is_tested_by_the_count_within_its_limit() {
        let draws: Vec<f64> = (1..=100).map(f64::from).collect();
        let all = (0.010_644_368_9, 1.0);
        near(p_values(P95, Less, 101.0, &draws), all);
        near(p_values(P95, AtMost, 100.0, &draws), all);
        // The draw on the limit is not below it.
        near(p_values(P95, Less, 100.0, &draws), (0.247_643_845_5, 1.0));
        // The two p-values of the contrary claim change places.
        let below = p_values(P95, Less, 80.5, &draws);
        assert!(below.1 < 0.05, "{below:?}");
        assert_eq!(p_values(P95, AtLeast, 80.5, &draws), swapped(below));
        assert_eq!(p_values(P95, Greater, 80.5, &draws), swapped(below));
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
        let mean = |count| p_values(Statistic::Mean, Less, 9.0, &vec![1.0; count]);
        near(mean(1), (0.485_692_528_1, 1.0));
        assert!(mean(30).0 < 1e-3);
        let few = p_values(Statistic::Mean, Less, 1.01, &[1.0; 30]);
        assert!(
            few.0 > 0.9 && few.1 > 0.9,
            "equal draws are no certainty: {few:?}"
        );
        assert!(p_values(Statistic::Mean, Greater, 9.0, &[1.0; 30]).1 < 1e-3);
        near(p_values(P95, Less, 9.0, &[1.0]), (0.972_194_291_8, 1.0));
        near(p_values(P95, Less, 0.5, &[1.0]), (1.0, 0.425_252_588_2));
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
