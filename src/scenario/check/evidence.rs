//! Whether the draws can settle the goals and expectations at all.

use super::super::fields::Sink;
use super::super::requirement::section;
use super::super::tree::Table;
use super::place;
use crate::experiment::plan::Study;
use crate::experiment::requirement::{Comparison, Requirement, Statistic};

/// One-sided level of a verdict.
const LEVEL: f64 = 0.05;

/// Warns of goals and expectations that stay open even if no draw has the event.
pub(super) fn warn(study: &Study, root: &Table, sink: &Sink) {
    for requirement in &study.requirements {
        let kind = requirement.kind;
        let family = study.requirements.iter();
        let family = family.filter(|other| other.kind == kind);
        let gates = family.map(|other| other.cases.len()).sum();
        let Some(needed) = draws_needed(requirement, gates) else {
            continue;
        };
        if f64::from(study.draws) < needed {
            let mut problems = sink.problems.borrow_mut();
            let message = format!(
                "{} draws cannot settle {} `{}`, even if none of them has the event",
                study.draws,
                kind.word(),
                requirement.name
            );
            let span = place(root, section(kind), &requirement.name, "require");
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
/// n ≥ ln(0.05 / m) / ln(1 - p) with m gating rows of its kind (Clopper-Pearson at zero events, Holm's first
/// step).
fn draws_needed(requirement: &Requirement, gates: usize) -> Option<f64> {
    if requirement.statistic != Statistic::Probability {
        return None;
    }
    let room = match requirement.comparison {
        Comparison::Less | Comparison::AtMost => requirement.limit,
        Comparison::Greater | Comparison::AtLeast => 1.0 - requirement.limit,
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
    use crate::experiment::requirement::{Kind, Subject};
    use crate::model::record::catalogue::Failure;

    #[test]
    fn one_goal_at_one_percent_needs_299_draws() {
        let mut goal = Requirement {
            kind: Kind::Goal,
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
            reason: String::new(),
        };
        assert_eq!(draws_needed(&goal, 1), Some(299.0));
        assert_eq!(draws_needed(&goal, 2), Some(368.0));
        goal.limit = 0.0;
        assert_eq!(draws_needed(&goal, 1), Some(f64::INFINITY));
    }
}
