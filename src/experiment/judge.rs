//! Goals and expectations against the evidence of the draws.

use std::sync::Arc;

use super::gauge::{Gauge, claim};
use super::outcomes::{Outcomes, Reader};
use super::requirement::{Kind, Requirement};
use super::results::RequirementRow;
use super::store::StoreError;
use super::study::{Case, Study};
use crate::model::record::outcome::Layout;
use crate::stats::{Evidence, Interval, Verdict, decide};

/// The draws of a case: their layout, and their outcomes.
type Draws<'a> = (Layout, Reader<'a>);

/// Opens the draws of all cases.
fn open<'a>(study: &Study, outcomes: &'a [Outcomes]) -> Result<Vec<Draws<'a>>, StoreError> {
    let cases = study.cases.iter().zip(outcomes);
    let open = |(case, outcomes): (&Case, &'a Outcomes)| {
        Ok((Layout::of(&case.blueprint), outcomes.open()?))
    };
    cases.map(open).collect()
}

/// A row with the evidence for its verdict.
struct Judged {
    row: RequirementRow,
    evidence: Option<Evidence>,
    draws: Vec<f64>,
}

/// Every goal in every case, and every expectation in the cases that it names. The goals that gate
/// share one error rate (Holm), and the expectations another one. So what a file states about the
/// model weakens no evidence on what a reviewer needs. Goals that do not gate stand alone.
///
/// # Errors
///
/// If draws cannot be read.
pub(super) fn judge(
    study: &Study,
    outcomes: &[Outcomes],
) -> Result<Vec<RequirementRow>, StoreError> {
    let cases = open(study, outcomes)?;
    let of_kind = |kind| rows_of(kind, study, &cases, Which::All).map(decided);
    let mut rows = of_kind(Kind::Goal)?;
    rows.extend(of_kind(Kind::Expectation)?);
    Ok(rows)
}

/// Whether the draws settle every verdict that decides the exit code. What no number of draws settles
/// is not waited for: a mean without a known range. Nor is a goal of a case that fails another one.
///
/// # Errors
///
/// If draws cannot be read.
pub(super) fn is_settled(study: &Study, outcomes: &[Outcomes]) -> Result<bool, StoreError> {
    let cases = open(study, outcomes)?;
    let rows_of = |kind| rows_of(kind, study, &cases, Which::Gating).map(decided);
    let is_open = |row: &RequirementRow| {
        row.verdict == Verdict::Unsettled && claim(&row.requirement).can_be_settled()
    };
    let goals = rows_of(Kind::Goal)?;
    let fails = |case: usize| {
        let mut rows = goals.iter();
        rows.any(|row| row.case == case && row.verdict == Verdict::Fails)
    };
    let mut awaited = goals.iter().filter(|row| !fails(row.case));
    Ok(!awaited.any(is_open) && !rows_of(Kind::Expectation)?.iter().any(is_open))
}

/// The rows that are asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Which {
    All,
    /// Those that decide the exit code.
    Gating,
}

/// The rows of all requirements of a kind, not yet decided.
fn rows_of(
    kind: Kind,
    study: &Study,
    cases: &[Draws<'_>],
    which: Which,
) -> Result<Vec<Judged>, StoreError> {
    let requirements = study.requirements.iter();
    let requirements = requirements.filter(|requirement| requirement.kind == kind);
    let mut all = Vec::new();
    for requirement in requirements {
        all.extend(rows(requirement, study, cases, which)?);
    }
    Ok(all)
}

/// A requirement in each case that it is shown for, not yet decided.
fn rows(
    requirement: &Requirement,
    study: &Study,
    cases: &[Draws<'_>],
    which: Which,
) -> Result<Vec<Judged>, StoreError> {
    let mut rows = Vec::new();
    // Many rows share a requirement, which names as many cases.
    let shared = Arc::new(requirement.clone());
    for (index, (case, draws)) in study.cases.iter().zip(cases).enumerate() {
        let gates = requirement.names(&case.name);
        if !gates && (requirement.kind == Kind::Expectation || which == Which::Gating) {
            continue;
        }
        let observed = observations(requirement, case, draws)?;
        let no_value = observed.as_ref().err().copied();
        let observed = observed.unwrap_or_default();
        let numbers = observed.draws;
        let evidence = (!numbers.is_empty()).then(|| claim(requirement).evidence(&numbers));
        let row = RequirementRow {
            requirement: Arc::clone(&shared),
            case: index,
            gates,
            n: observed.n,
            draws: draws.1.count(),
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
            draws: numbers,
        });
    }
    Ok(rows)
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
    (layout, outcomes): &Draws<'_>,
) -> Result<Result<Observed, &'static str>, StoreError> {
    let gauge = match Gauge::of(requirement, case, layout) {
        Ok(gauge) => gauge,
        Err(absence) => return Ok(Err(absence)),
    };
    let read = outcomes.collect(|draw| (gauge.has_value(&draw), gauge.number(&draw)))?;
    let draws: Vec<f64> = read.iter().filter_map(|(_, number)| *number).collect();
    if draws.is_empty() {
        return Ok(Err(gauge.absence()));
    }
    let n = read.iter().filter(|(has_value, _)| *has_value).count();
    Ok(Ok(Observed { n, draws }))
}
