//! How many draws settle a claim.

use super::Claim;
use super::bernstein::Bernstein;
use super::binomial;
use crate::units::nearest;

/// Most draws in all that advice goes up to.
const DRAWS_MAX: u64 = 10_000_000;

/// The 80th percentile of the standard normal distribution.
///
/// Source: Φ(0.841621) = 0.80, any table.
const Z_80: f64 = 0.841_621_233_572_914_3;

/// The smallest number of draws without any event that shows at level `alpha` that its probability
/// is below `p`. The number is n ≥ ln(α) / ln(1 − p): 299 for 1 % at 5 %.
///
/// With m goals that gate pass `alpha` / m, as Holm's first step does. `None` if no number of draws
/// can (`p` is 0) or it exceeds ten million. `p` is from 0 to 1, `alpha` between them.
pub fn draws_to_settle(p: f64, alpha: f64) -> Option<u64> {
    assert!((0.0..=1.0).contains(&p), "probability {p}");
    assert!(alpha > 0.0 && alpha < 1.0, "level {alpha}");
    let draws = (alpha.ln() / (-p).ln_1p()).ceil().max(1.0);
    (draws <= DRAWS_MAX as f64).then(|| nearest(draws))
}

impl Claim {
    /// About how many further draws would settle the claim at level `alpha`, as true or as false. 0
    /// if `draws` already do.
    ///
    /// The number supposes that the present estimate (and spread) is the truth. With so many draws
    /// the verdict comes with a probability of about 80 %. The exact test is applied to the outcome
    /// that one in five exceeds in favour of the limit. Near the limit the estimate is vague, and
    /// so is the advice. With m goals that gate pass `alpha` / m.
    ///
    /// `None` if the estimate lies on the limit, or if more than ten million draws in all would be
    /// needed. `None` also for a mean that nothing bounds.
    pub fn more_draws_needed(&self, draws: &[f64], alpha: f64) -> Option<u64> {
        assert!(alpha > 0.0 && alpha < 0.5, "level {alpha}");
        let evidence = self.evidence(draws);
        if evidence.p_holds.min(evidence.p_fails) <= alpha {
            return Some(0);
        }
        let present = draws.len() as u64;
        let needed = if let Some((share, boundary)) = self.share_and_boundary(draws) {
            first_settled(present, |count| {
                share_p_value(count, share, boundary) <= alpha
            })
        } else {
            let bernstein = Bernstein::of(draws, self.range);
            let is_settled = |count| bernstein.p_value(count, self.limit, Z_80) <= alpha;
            bernstein
                .is_bounded()
                .then(|| first_settled(present, is_settled))?
        };
        needed.map(|count| count - present)
    }
}

/// The p-value of `count` draws after bad luck. `share` of the draws were expected to count. The
/// number that did lies nearer to the `boundary`. The p-value is 1 on the boundary.
fn share_p_value(count: u64, share: f64, boundary: f64) -> f64 {
    let expected = count as f64 * share;
    let luck = Z_80 * (expected * (1.0 - share)).sqrt();
    if share < boundary {
        binomial::at_most(count, boundary, nearest(expected + luck))
    } else if share > boundary {
        binomial::at_least(count, boundary, nearest(expected - luck))
    } else {
        1.0
    }
}

/// The smallest count above `present` that `is_settled`; `None` if no count up to [`DRAWS_MAX`] is.
///
/// Simplified: whole events make the p-value fall in a saw-tooth. So this finds one of the first
/// few counts that settle, not always the very first.
fn first_settled(present: u64, is_settled: impl Fn(u64) -> bool) -> Option<u64> {
    let mut unsettled = present;
    let mut settled = present + 1;
    while !is_settled(settled) {
        if settled >= DRAWS_MAX {
            return None;
        }
        unsettled = settled;
        settled = (2 * settled).min(DRAWS_MAX);
    }
    while settled - unsettled > 1 {
        let middle = u64::midpoint(settled, unsettled);
        if is_settled(middle) {
            settled = middle;
        } else {
            unsettled = middle;
        }
    }
    Some(settled)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::{Comparison, Interval, Statistic};

    #[test]
    fn zero_events_settle_one_per_cent_with_299_draws() {
        assert_eq!(draws_to_settle(0.01, 0.05), Some(299));
        assert_eq!(draws_to_settle(0.01, 0.01), Some(459));
        assert_eq!(draws_to_settle(0.001, 0.05), Some(2_995));
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
        assert_eq!(
            needed(Statistic::Probability, 0.01, &ones(0, 20)),
            Some(279)
        );
        assert_eq!(needed(Statistic::Probability, 0.01, &ones(0, 298)), Some(1));
        assert_eq!(needed(Statistic::Probability, 0.01, &ones(0, 299)), Some(0));
        assert_eq!(
            needed(Statistic::Quantile(0.95), 2.0, &ones(0, 10)),
            Some(49)
        );
    }

    #[test]
    fn the_advice_follows_the_usual_formula() {
        // ((1.645 √(p₀q₀) + 0.842 √(pq)) / (p₀ − p))² with p₀ = 0.1: 300 for 0.06, 386 for 0.14.
        // Whole events need 1 / |p₀ − p| = 25 more, and in a saw-tooth a few per cent beyond.
        for (events, about) in [(6, 325.0), (14, 411.0)] {
            let more = needed(Statistic::Probability, 0.1, &ones(events, 100)).unwrap();
            let all = more as f64 + 100.0;
            assert!(
                (all / about - 1.0).abs() < 0.08,
                "{events}: {all}, not {about}"
            );
        }
    }

    #[test]
    fn the_advised_draws_bound_a_mean() {
        // 0.1 = 0.842 s + 2.716 s + 17.217 / (n − 1) with s = 1.005 / √n, for ln(2 / 0.05) = 3.689.
        let draws: Vec<f64> = ones(50, 100).iter().map(|draw| 2.0 * draw - 1.0).collect();
        let all = needed(Statistic::Mean, 0.1, &draws).unwrap() + 100;
        assert!((1_590..=1_620).contains(&all), "{all}");
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
        assert_eq!(needed(Statistic::Mean, 0.5, &[0.0]), None);
        assert_eq!(needed(Statistic::Mean, 2.0, &[0.0, 0.0]), Some(0));
        // Equal draws are no certainty: 17.217 / (n - 1) is at most 0.5 from 36 draws on.
        assert_eq!(needed(Statistic::Mean, 0.5, &[0.0, 0.0]), Some(34));
    }

    #[test]
    fn what_settles_a_failure_counts_too() {
        assert_eq!(needed(Statistic::Probability, 0.1, &[1.0]), Some(1));
        assert_eq!(needed(Statistic::Probability, 0.01, &[1.0]), Some(0));
    }
}
