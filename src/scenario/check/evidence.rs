//! Whether the draws can settle the goals at all.

use super::super::fields::Sink;
use super::super::tree::Table;
use super::place;
use crate::experiment::goal::{Comparison, Goal, Statistic};
use crate::experiment::plan::Study;

/// One-sided level of a verdict.
const LEVEL: f64 = 0.05;

/// Warns of goals that stay open even if no draw has the event.
pub(super) fn warn(study: &Study, root: &Table, sink: &Sink) {
    let gates: usize = study.goals.iter().map(|goal| goal.cases.len()).sum();
    for goal in &study.goals {
        let Some(needed) = draws_needed(goal, gates) else {
            continue;
        };
        if f64::from(study.draws) < needed {
            let mut problems = sink.problems.borrow_mut();
            let message = format!(
                "{} draws cannot settle goal `{}`, even if none of them has the event",
                study.draws, goal.name
            );
            let span = place(root, "goal", &goal.name, "require");
            let help = if needed.is_finite() {
                format!("set draws to {needed:.0} or more, or loosen the limit")
            } else {
                "no number of draws shows that something never happens; allow some".to_owned()
            };
            let problem = problems.warning(message, span).help(help);
            problems.push(problem);
        }
    }
}

/// Least number of draws that could show a probability on the wanted side of its limit:
/// n ≥ ln(0.05 / m) / ln(1 - p) with m gating rows (Clopper-Pearson at zero events, Holm's first
/// step).
fn draws_needed(goal: &Goal, gates: usize) -> Option<f64> {
    if goal.statistic != Statistic::Probability {
        return None;
    }
    let room = match goal.comparison {
        Comparison::Less | Comparison::AtMost => goal.limit,
        Comparison::Greater | Comparison::AtLeast => 1.0 - goal.limit,
    };
    if room >= 1.0 {
        return None;
    }
    let level = LEVEL / gates.max(1) as f64;
    Some((level.ln() / (-room).ln_1p()).ceil())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::goal::{Expect, Subject};
    use crate::model::record::catalogue::Failure;

    #[test]
    fn one_goal_at_one_percent_needs_299_draws() {
        let mut goal = Goal {
            name: String::new(),
            text: String::new(),
            statistic: Statistic::Probability,
            subject: Subject::Failure {
                failure: Failure::Oom,
                scope: String::new(),
                within: None,
            },
            comparison: Comparison::Less,
            limit: 0.01,
            cases: Vec::new(),
            expect: Expect::Holds,
        };
        assert_eq!(draws_needed(&goal, 1), Some(299.0));
        assert_eq!(draws_needed(&goal, 2), Some(368.0));
        goal.limit = 0.0;
        assert_eq!(draws_needed(&goal, 1), Some(f64::INFINITY));
    }
}
