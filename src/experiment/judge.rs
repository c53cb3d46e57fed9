//! Goals and expectations against the evidence of the draws.

use super::requirement::{Kind, Requirement, Statistic, Subject};
use super::results::{CaseResults, RequirementRow};
use super::study::{Case, Study};
use crate::model::record::catalogue::Scope;
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
        let draws = observations(requirement, case, results);
        let evidence = draws
            .as_deref()
            .map(|draws| claim(requirement).evidence(draws));
        let row = RequirementRow {
            requirement: requirement.clone(),
            case: index,
            gates,
            estimate: evidence.map(|evidence| evidence.estimate),
            interval: evidence.map_or(Interval::UNBOUNDED, |evidence| evidence.interval),
            verdict: Verdict::Unsettled,
            more_draws: None,
        };
        rows.push(Judged {
            row,
            evidence,
            draws: draws.unwrap_or_default(),
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
    }
}

/// The value of each draw for the subject of a requirement. `None` if the case has no such scope or
/// no draw has a value.
fn observations(requirement: &Requirement, case: &Case, results: &CaseResults) -> Option<Vec<f64>> {
    let is_meant = |scope: &Scope| scope.name(&case.blueprint) == requirement.subject.scope();
    let scope = Scope::all(&case.blueprint).into_iter().find(is_meant)?;
    let outcomes = results.outcomes.iter();
    let yes = |happens: bool| if happens { 1.0 } else { 0.0 };
    let draws: Vec<f64> = match &requirement.subject {
        Subject::Failure {
            failure, within, ..
        } => {
            let position = results.layout.failure(scope, *failure)?;
            let until = within.map_or(f64::INFINITY, SimDuration::secs_f64);
            let shares = outcomes.map(|outcome| outcome.share(position, until));
            shares.collect()
        }
        Subject::Metric {
            metric, exceeds, ..
        } => {
            let column = results.layout.column(scope, *metric)?;
            let values = outcomes.map(|outcome| outcome.values[column]);
            let values = values.filter(|value| !value.is_nan());
            match (exceeds, requirement.statistic) {
                (Some((comparison, limit)), Statistic::Probability) => values
                    .map(|value| yes(comparison.holds(value, *limit)))
                    .collect(),
                _ => values.collect(),
            }
        }
    };
    (!draws.is_empty()).then_some(draws)
}
