//! Goals against the evidence of the draws.

use super::goal::{Goal, Statistic, Subject};
use super::plan::{Case, Study};
use super::results::{CaseResults, GoalResult};
use crate::model::record::catalogue::Scope;
use crate::stats::{Claim, Evidence, Interval, Verdict, decide};

/// Every goal in every case. Rows that gate share one error rate (Holm); others stand alone.
pub(super) fn judge(study: &Study, cases: &[CaseResults]) -> Vec<GoalResult> {
    let mut rows = Vec::new();
    let mut evidence = Vec::new();
    for goal in &study.goals {
        for (index, (case, results)) in study.cases.iter().zip(cases).enumerate() {
            let draws = observations(goal, case, results);
            let found = draws.as_ref().map(|draws| claim(goal).evidence(draws));
            rows.push(GoalResult {
                goal: goal.clone(),
                case: index,
                gates: goal
                    .cases
                    .iter()
                    .any(|name| *name == case.name || name == "all"),
                estimate: found.map(|found| found.estimate),
                interval: found.map_or(Interval::UNBOUNDED, |found| found.interval),
                verdict: Verdict::NotEnoughEvidence,
                more_draws: None,
            });
            evidence.push((found, draws.unwrap_or_default()));
        }
    }
    let gating: Vec<usize> = (0..rows.len())
        .filter(|&row| rows[row].gates && evidence[row].0.is_some())
        .collect();
    let together: Vec<Evidence> = gating.iter().filter_map(|&row| evidence[row].0).collect();
    for (&row, verdict) in gating.iter().zip(decide(&together, Verdict::ALPHA)) {
        rows[row].verdict = verdict;
    }
    for (row, (found, draws)) in rows.iter_mut().zip(&evidence) {
        let Some(found) = *found else { continue };
        if !row.gates {
            row.verdict = decide(&[found], Verdict::ALPHA)[0];
        }
        if row.verdict == Verdict::NotEnoughEvidence {
            let alpha = Verdict::ALPHA / gating.len().max(1) as f64;
            row.more_draws = claim(&row.goal).more_draws_needed(draws, alpha);
        }
    }
    rows
}

fn claim(goal: &Goal) -> Claim {
    Claim {
        statistic: goal.statistic,
        comparison: goal.comparison,
        limit: goal.limit,
    }
}

/// What each draw says about the subject of a goal; `None` if the case has no such scope or no draw
/// has a value.
fn observations(goal: &Goal, case: &Case, results: &CaseResults) -> Option<Vec<f64>> {
    let scopes = Scope::all(&case.blueprint);
    let scope = scopes
        .into_iter()
        .find(|scope| scope.name(&case.blueprint) == goal.subject.scope())?;
    let yes = |happens: bool| if happens { 1.0 } else { 0.0 };
    let draws: Vec<f64> = match &goal.subject {
        Subject::Failure {
            failure, within, ..
        } => {
            let position = results.layout.failure(scope, *failure)?;
            let until = within.map_or(f64::INFINITY, |within| within.as_secs_f64());
            results
                .outcomes
                .iter()
                .map(|outcome| outcome.share(position, until))
                .collect()
        }
        Subject::Metric {
            metric, exceeds, ..
        } => {
            let column = results.layout.column(scope, *metric)?;
            let values = results
                .outcomes
                .iter()
                .map(|outcome| outcome.values[column]);
            let values = values.filter(|value| !value.is_nan());
            match (exceeds, goal.statistic) {
                (Some((comparison, limit)), Statistic::Probability) => values
                    .map(|value| yes(comparison.holds(value, *limit)))
                    .collect(),
                _ => values.collect(),
            }
        }
    };
    (!draws.is_empty()).then_some(draws)
}
