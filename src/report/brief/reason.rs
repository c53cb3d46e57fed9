//! Why a case has its verdict: the goals that decide it, and what no goal asks for.

use super::requirements::amount;
use crate::experiment::requirement::{Requirement, Subject};
use crate::experiment::results::RequirementRow;
use crate::model::blueprint::Blueprint;
use crate::model::record::catalogue::Failure;
use crate::report::words;
use crate::stats::Verdict;

/// Why a case has its verdict.
#[derive(Clone, Debug)]
pub(in crate::report) struct Reasons {
    /// Goals that fail in the case.
    pub(in crate::report) failing: Vec<Reason>,
    /// Goals that the draws do not settle.
    pub(in crate::report) unsettled: Vec<Reason>,
    /// The bottleneck of the case, if no goal is about it.
    pub(in crate::report) unasked: Option<Failure>,
}

/// A goal, with what the draws say and what is asked for.
#[derive(Clone, Debug)]
pub(in crate::report) struct Reason {
    /// Name of the goal.
    pub(in crate::report) name: String,
    /// The statistic with its interval, or why there is none.
    pub(in crate::report) value: String,
    /// The limit as written, with the side that is asked for: `< 1%`.
    pub(in crate::report) asked: String,
}

impl Reason {
    fn of(row: &RequirementRow, blueprint: &Blueprint) -> Self {
        let requirement = &row.requirement;
        let value = match row.estimate {
            Some(estimate) => amount(requirement, blueprint, estimate).with_interval(row.interval),
            None => format!("no value: {}", row.no_value.unwrap_or_default()),
        };
        let asked = requirement
            .text
            .rsplit_once(')')
            .map_or("", |(_, asked)| asked);
        Self {
            name: requirement.name.clone(),
            value,
            asked: asked.trim().to_owned(),
        }
    }
}

/// The reasons for the verdict of a case with these goals and this bottleneck.
pub(super) fn of(
    goals: &[&RequirementRow],
    blueprint: &Blueprint,
    binding: Option<Failure>,
) -> Reasons {
    let named = |verdict: Verdict| {
        let rows = goals.iter().filter(|row| row.verdict == verdict);
        rows.map(|row| Reason::of(row, blueprint)).collect()
    };
    let is_asked = |failure: Failure| {
        let mut goals = goals.iter();
        goals.any(|row| is_about(&row.requirement, failure))
    };
    Reasons {
        failing: named(Verdict::Fails),
        unsettled: named(Verdict::Unsettled),
        unasked: binding.filter(|&failure| !goals.is_empty() && !is_asked(failure)),
    }
}

/// Whether a goal asks anything about a failure: it names the failure, or a metric of its family.
fn is_about(goal: &Requirement, failure: Failure) -> bool {
    match &goal.subject {
        Subject::Failure { failure: named, .. } => *named == failure || is_part(*named, failure),
        Subject::Metric { metric, .. } => {
            let column = metric.info().column;
            let mut family = words::family(failure).iter();
            family.any(|part| column.contains(part))
        }
    }
}

/// Whether a failure is one way in which another one happens.
fn is_part(named: Failure, failure: Failure) -> bool {
    match failure {
        Failure::OomNode => named == Failure::Oom,
        Failure::SpansLost => named == Failure::DataLost,
        _ => false,
    }
}
