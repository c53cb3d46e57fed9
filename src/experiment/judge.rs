//! Goals and expectations against the evidence of the draws.

use super::requirement::{Comparison, Kind, Requirement, Subject};
use super::results::{CaseResults, RequirementRow};
use super::study::{Case, Study};
use crate::model::record::catalogue::{Failure, Metric, Scope};
use crate::model::record::outcome::Outcome;
use crate::stats::{Claim, Evidence, Interval, Verdict, decide};
use crate::units::SimDuration;

/// A row with the evidence for its verdict.
struct Judged {
    row: RequirementRow,
    evidence: Option<Evidence>,
    draws: Vec<f64>,
}

/// Every goal in every case, and every expectation in the cases that it names. The goals that gate
/// share one error rate (Holm), and the expectations another one. So what a file states about the
/// model weakens no evidence on what a reviewer needs. Goals that do not gate stand alone.
pub(super) fn judge(study: &Study, cases: &[CaseResults]) -> Vec<RequirementRow> {
    let of_kind = |kind| {
        let requirements = study.requirements.iter();
        let requirements = requirements.filter(move |requirement| requirement.kind == kind);
        let rows = requirements.flat_map(|requirement| rows(requirement, study, cases));
        decided(rows.collect())
    };
    let mut rows = of_kind(Kind::Goal);
    rows.extend(of_kind(Kind::Expectation));
    rows
}

/// A requirement in each case that it is shown for, not yet decided.
fn rows(requirement: &Requirement, study: &Study, cases: &[CaseResults]) -> Vec<Judged> {
    let mut rows = Vec::new();
    for (index, (case, results)) in study.cases.iter().zip(cases).enumerate() {
        let gates = requirement.names(&case.name);
        if !gates && requirement.kind == Kind::Expectation {
            continue;
        }
        let observed = observations(requirement, case, results);
        let no_value = observed.as_ref().err().copied();
        let observed = observed.unwrap_or_default();
        let draws = observed.draws;
        let evidence = (!draws.is_empty()).then(|| claim(requirement).evidence(&draws));
        let row = RequirementRow {
            requirement: requirement.clone(),
            case: index,
            gates,
            n: observed.n,
            draws: results.outcomes.len(),
            estimate: evidence.map(|evidence| evidence.estimate),
            interval: evidence.map_or(Interval::UNBOUNDED, |evidence| evidence.interval),
            // What cannot be formed does not hold.
            verdict: Verdict::Fails,
            no_value,
            more_draws: None,
        };
        rows.push(Judged {
            row,
            evidence,
            draws,
        });
    }
    rows
}

/// The rows of one kind with their verdicts.
fn decided(mut rows: Vec<Judged>) -> Vec<RequirementRow> {
    let together = rows.iter().filter(|each| each.row.gates);
    let evidence: Vec<Evidence> = together.filter_map(|each| each.evidence).collect();
    let alpha = Verdict::ALPHA / evidence.len().max(1) as f64;
    let mut verdicts = decide(&evidence, Verdict::ALPHA).into_iter();
    for each in &mut rows {
        let Some(evidence) = each.evidence else {
            continue;
        };
        let verdict = if each.row.gates {
            verdicts.next().expect("one verdict per row that gates")
        } else {
            decide(&[evidence], Verdict::ALPHA)[0]
        };
        each.row.verdict = verdict;
        if verdict == Verdict::Unsettled {
            let claim = claim(&each.row.requirement);
            each.row.more_draws = claim.more_draws_needed(&each.draws, alpha);
        }
    }
    rows.into_iter().map(|each| each.row).collect()
}

fn claim(requirement: &Requirement) -> Claim {
    Claim {
        statistic: requirement.statistic,
        comparison: requirement.comparison,
        limit: requirement.limit,
        range: requirement.range,
    }
}

/// What the draws show of the subject of a requirement.
#[derive(Default)]
struct Observed {
    /// Number of draws with a value.
    n: usize,
    /// One number per draw with a value, and per draw in which no collector was in service.
    draws: Vec<f64>,
}

/// The draws for the subject of a requirement, at least one, or the reason why no draw has a value.
fn observations(
    requirement: &Requirement,
    case: &Case,
    results: &CaseResults,
) -> Result<Observed, &'static str> {
    let is_meant = |scope: &Scope| scope.name(&case.blueprint) == requirement.subject.scope();
    let scope = Scope::all(&case.blueprint).into_iter().find(is_meant);
    let scope = scope.ok_or("the case has no such scope")?;
    let outcomes = results.outcomes.iter();
    match &requirement.subject {
        Subject::Failure {
            failure, within, ..
        } => {
            let position = results.layout.failure(scope, *failure);
            let position = position.ok_or("the scope has no such failure")?;
            if let Some(absence) = failure.absence(scope, &case.blueprint) {
                return Err(absence);
            }
            let until = within.map_or(f64::INFINITY, SimDuration::secs_f64);
            let wants_much = is_upwards(requirement.comparison);
            // A fleet that is short of room shows nothing but that.
            let collectors = results.layout.column(scope, Metric::CollectorsEnd);
            let collectors = collectors.filter(|_| *failure != Failure::Pending);
            let share = |outcome: &Outcome| {
                let is_unserved = collectors.is_some_and(|of| outcome.unserved.contains(&of));
                match (is_unserved && requirement.kind == Kind::Goal, wants_much) {
                    (false, _) => outcome.share(position, until),
                    (true, true) => 0.0,
                    (true, false) => 1.0,
                }
            };
            let draws: Vec<f64> = outcomes.map(share).collect();
            let n = draws.len();
            Ok(Observed { n, draws })
        }
        Subject::Metric { metric, .. } => {
            let column = results.layout.column(scope, *metric);
            let column = column.ok_or("the scope has no such metric")?;
            let n = outcomes
                .clone()
                .filter(|outcome| !outcome.values[column].is_nan())
                .filter(|outcome| !outcome.unserved.contains(&column));
            let n = n.count();
            let draws = outcomes.filter_map(|outcome| number(requirement, outcome, column));
            let draws: Vec<f64> = draws.collect();
            if draws.is_empty() {
                return Err(metric.absence());
            }
            Ok(Observed { n, draws })
        }
    }
}

/// What a draw counts as. A draw in which no collector was in service lies beyond any limit: above
/// each in an expectation, and on the wrong side in a goal. `None` for a draw in which the metric has
/// no meaning.
fn number(requirement: &Requirement, outcome: &Outcome, column: usize) -> Option<f64> {
    let value = outcome.values[column];
    let is_unserved = outcome.unserved.contains(&column);
    if value.is_nan() && !is_unserved {
        return None;
    }
    let wants_much = requirement.kind == Kind::Goal && is_upwards(requirement.comparison);
    let yes = |happens: bool| if happens { 1.0 } else { 0.0 };
    let Subject::Metric {
        exceeds: Some((comparison, limit)),
        ..
    } = requirement.subject
    else {
        return Some(match (is_unserved, wants_much) {
            (false, _) => value,
            (true, false) => f64::INFINITY,
            (true, true) => f64::NEG_INFINITY,
        });
    };
    Some(match (is_unserved, requirement.kind) {
        (false, _) => yes(comparison.holds(value, limit)),
        (true, Kind::Goal) => yes(!wants_much),
        (true, Kind::Expectation) => yes(is_upwards(comparison)),
    })
}

const fn is_upwards(comparison: Comparison) -> bool {
    matches!(comparison, Comparison::Greater | Comparison::AtLeast)
}
