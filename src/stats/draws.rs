//! How many draws settle a claim.

use super::Claim;
use super::betting::{Betting, Side, first_settled};

/// Most draws in all that advice goes up to.
const DRAWS_MAX: u64 = 10_000_000;

/// The 80th percentile of the standard normal distribution.
///
/// Source: Φ(0.841621) = 0.80, any table.
const Z_80: f64 = 0.841_621_233_572_914_3;

/// The smallest number of draws without any event that shows at level `alpha` that its probability
/// is below `p`: 348 for 1 % at 5 %. One look alone would need ln(α) / ln(1 − p), which is 299.
///
/// With m goals that gate pass `alpha` / m, as Holm's first step does. `None` if no number of draws
/// can (`p` is 0) or it exceeds ten million. `p` is from 0 to 1, `alpha` between them.
pub fn draws_to_settle(p: f64, alpha: f64) -> Option<u64> {
    assert!((0.0..=1.0).contains(&p), "probability {p}");
    assert!(alpha > 0.0 && alpha < 1.0, "level {alpha}");
    first_settled(DRAWS_MAX, |draws| {
        Betting::of_hits(0, draws).p_value(Side::Below, p) <= alpha
    })
}

impl Claim {
    /// About how many further draws would settle the claim at level `alpha`, as true or as false. 0
    /// if `draws` already do.
    ///
    /// The number supposes that further draws are like the present ones. With so many draws the
    /// verdict comes with a probability of about 80 %, since one in five has worse luck. Near the
    /// limit the estimate is vague, and so is the advice. With m goals that gate pass `alpha` / m.
    ///
    /// `None` if the estimate lies on the limit, or if more than ten million draws in all would be
    /// needed. `None` also for a mean that nothing bounds.
    pub fn more_draws_needed(&self, draws: &[f64], alpha: f64) -> Option<u64> {
        assert!(alpha > 0.0 && alpha < 0.5, "level {alpha}");
        let (p_holds, p_fails) = self.p_values(draws);
        if p_holds.min(p_fails) <= alpha {
            return Some(0);
        }
        let (betting, boundary) = self.test(draws)?;
        let most = DRAWS_MAX.saturating_sub(draws.len() as u64);
        betting.further(boundary, alpha, Z_80, most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::{Comparison, Interval, Statistic};

    #[test]
    fn zero_events_settle_one_per_cent_with_348_draws() {
        assert_eq!(draws_to_settle(0.01, 0.05), Some(348));
        assert_eq!(draws_to_settle(0.01, 0.01), Some(518));
        assert_eq!(draws_to_settle(0.001, 0.05), Some(3_495));
        assert_eq!(draws_to_settle(0.5, 0.05), Some(5));
        assert_eq!(draws_to_settle(1.0, 0.05), Some(1));
        assert_eq!(draws_to_settle(0.0, 0.05), None);
        assert_eq!(draws_to_settle(1e-9, 0.05), None);
    }

    fn needed(statistic: Statistic, limit: f64, draws: &[f64]) -> Option<u64> {
        Claim {
            statistic,
            comparison: Comparison::Less,
            limit,
            range: Interval::new(-1.0, 1.0),
        }
        .more_draws_needed(draws, 0.05)
    }

    fn ones(events: usize, count: usize) -> Vec<f64> {
        (0..count)
            .map(|index| f64::from(u8::from(index < events)))
            .collect()
    }

    #[test]
    fn without_events_the_advice_is_the_exact_rule() {
        let rare = |count| needed(Statistic::Probability, 0.01, &ones(0, count));
        assert_eq!([20, 347, 348].map(rare), [Some(328), Some(1), Some(0)]);
        let within = needed(Statistic::Quantile(0.95), 2.0, &ones(0, 10));
        assert_eq!(within, Some(59));
    }

    /// The numbers come from a separate program in another language, written from the documentation.
    #[test]
    fn the_advice_supposes_that_draws_go_on_as_they_began() {
        let advice = |events| needed(Statistic::Probability, 0.1, &ones(events, 100));
        assert_eq!([5, 6, 14].map(advice), [Some(337), Some(696), Some(931)]);
        let draws: Vec<f64> = ones(50, 100).iter().map(|draw| 2.0 * draw - 1.0).collect();
        assert_eq!(needed(Statistic::Mean, 0.1, &draws), Some(1_940));
    }

    #[test]
    fn on_the_limit_nothing_helps() {
        assert_eq!(needed(Statistic::Probability, 0.1, &ones(10, 100)), None);
        assert_eq!(
            needed(Statistic::Probability, 0.1, &ones(10_001, 100_000)),
            None
        );
        assert_eq!(needed(Statistic::Quantile(0.5), 0.5, &ones(5, 10)), None);
        assert_eq!(needed(Statistic::Mean, 0.5, &ones(5, 10)), None);
        assert_eq!(needed(Statistic::Mean, 2.0, &[0.0, 0.0]), Some(0));
        // Equal draws are no certainty: at these odds it takes eight of them.
        assert_eq!(needed(Statistic::Mean, 0.5, &[0.0]), Some(7));
        assert_eq!(needed(Statistic::Mean, 0.5, &[0.0, 0.0]), Some(6));
    }

    #[test]
    fn what_settles_a_failure_counts_too() {
        assert_eq!(needed(Statistic::Probability, 0.1, &[1.0]), Some(2));
        assert_eq!(needed(Statistic::Probability, 0.01, &[1.0]), Some(1));
    }
}
