//! Conclusions from the evidence on several claims.

use super::{Evidence, holm_rejected};

/// The conclusion on one claim, declared from the best to the gravest, so that `max` picks the gravest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// The draws show that the claim is true.
    Holds,
    /// The draws allow either.
    Unsettled,
    /// The draws show that the claim is false.
    Fails,
}

impl Verdict {
    /// The level of the verdicts in a report: greatest probability of any false verdict.
    pub const ALPHA: f64 = 0.05;
}

/// The verdicts on several claims, in the order given, at level `alpha` (above 0, below 0.5).
///
/// Holm's correction is applied in each direction. With probability 1 − `alpha` or more no false
/// claim is said to hold. With the same probability no true claim is said to fail. Claims may
/// depend on each other. Pass exactly the claims that are judged together.
pub fn decide(evidence: &[Evidence], alpha: f64) -> Vec<Verdict> {
    assert!(alpha > 0.0 && alpha < 0.5, "level {alpha}");
    let p_holds: Vec<f64> = evidence.iter().map(|each| each.p_holds).collect();
    let p_fails: Vec<f64> = evidence.iter().map(|each| each.p_fails).collect();
    let both = holm_rejected(&p_holds, alpha)
        .into_iter()
        .zip(holm_rejected(&p_fails, alpha));
    both.map(|outcome| match outcome {
        (true, false) => Verdict::Holds,
        (false, true) => Verdict::Fails,
        (false, false) => Verdict::Unsettled,
        (true, true) => unreachable!("the two p-values of a claim add up to one or more"),
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::Interval;

    fn evidence(p_holds: f64, p_fails: f64) -> Evidence {
        Evidence {
            p_holds,
            p_fails,
            estimate: 0.0,
            interval: Interval::UNBOUNDED,
        }
    }

    #[test]
    fn each_side_may_win_or_neither() {
        let all = [
            evidence(0.001, 0.999),
            evidence(0.999, 0.001),
            evidence(0.4, 0.7),
        ];
        let verdicts = decide(&all, Verdict::ALPHA);
        assert_eq!(
            verdicts,
            [Verdict::Holds, Verdict::Fails, Verdict::Unsettled]
        );
        assert!(decide(&[], Verdict::ALPHA).is_empty());
    }

    #[test]
    fn company_makes_a_verdict_harder() {
        let weak = evidence(0.04, 0.96);
        assert_eq!(decide(&[weak], 0.05), [Verdict::Holds]);
        assert_eq!(
            decide(&[weak, evidence(0.5, 0.5)], 0.05)[0],
            Verdict::Unsettled
        );
        assert_eq!(
            decide(&[weak, evidence(0.01, 0.99)], 0.05)[0],
            Verdict::Holds
        );
    }
}
