//! Goals or expectations, each with its rows.

use super::amount::{Amount, Form};
use super::case::CaseBrief;
use crate::experiment::requirement::{Kind, Requirement, Subject};
use crate::experiment::results::{RequirementRow, Results};
use crate::model::blueprint::Blueprint;
use crate::model::record::catalogue::Scope;
use crate::model::record::catalogue::Unit;
use crate::report::numbers::percent;
use crate::report::view::View;
use crate::stats::{Interval, Verdict};

/// All requirements of one kind.
#[derive(Clone, Debug)]
pub(in crate::report) struct Requirements {
    /// Number of rows that decide the exit code. Holm's correction is over these rows.
    pub(in crate::report) deciding: usize,
    /// The gravest verdict of the rows that decide.
    pub(in crate::report) gravest: Option<Verdict>,
    /// The requirements, in the order of the file.
    pub(in crate::report) list: Vec<Required>,
}

/// One requirement, in all cases that it is shown for.
#[derive(Clone, Debug)]
pub(in crate::report) struct Required {
    /// Name of the requirement.
    pub(in crate::report) name: String,
    /// The claim as written.
    pub(in crate::report) claim: String,
    /// The requirement itself.
    pub(in crate::report) requirement: Requirement,
    /// Why the requirement is stated; empty for a goal.
    pub(in crate::report) reason: String,
    /// One row per case.
    pub(in crate::report) rows: Vec<RequiredRow>,
}

/// One requirement in one case.
#[derive(Clone, Debug)]
pub(in crate::report) struct RequiredRow {
    /// Index of the case.
    pub(in crate::report) case: usize,
    /// Name of the case for readers.
    pub(in crate::report) label: String,
    /// Whether the row decides the exit code.
    pub(in crate::report) decides: bool,
    /// The verdict of the draws; `None` where the row does not count for the verdict of the case.
    pub(in crate::report) verdict: Option<Verdict>,
    /// The statistic with its two-sided interval, or why there is none.
    pub(in crate::report) value: Result<(Amount, Interval), &'static str>,
    /// Number of draws with a value, and of draws.
    pub(in crate::report) draws: (usize, usize),
    /// About how many more draws would settle the requirement.
    pub(in crate::report) more_draws: Option<u64>,
    /// Share of the draws in which a kill at the memory limit cut the value off.
    pub(in crate::report) cut_off: Option<f64>,
}

impl RequiredRow {
    /// That kills cut the value off, in words.
    pub(in crate::report) fn cut_off_in_words(&self) -> Option<String> {
        cut_off_in_words(self.cut_off)
    }
}

/// That kills cut a value off in a share of the draws, in words.
pub(super) fn cut_off_in_words(share: Option<f64>) -> Option<String> {
    let share = share.filter(|share| *share > 0.0)?;
    Some(format!("cut off by kills in {} of draws", percent(share)))
}

/// The requirements of a kind.
pub(super) fn of(results: &Results, kind: Kind, cases: &[CaseBrief]) -> Requirements {
    let rows = || {
        let rows = results.requirements.iter();
        rows.filter(move |row| row.requirement.kind == kind)
    };
    let requirements = results.study.requirements.iter();
    let list = requirements.filter(|requirement| requirement.kind == kind);
    let list = list.map(|requirement| {
        let own = rows().filter(|row| row.requirement.name == requirement.name);
        Required {
            name: requirement.name.clone(),
            claim: requirement.text.clone(),
            requirement: requirement.clone(),
            reason: requirement.reason.clone(),
            rows: own
                .map(|row| required(results, row, &cases[row.case]))
                .collect(),
        }
    });
    Requirements {
        deciding: rows().filter(|row| row.gates).count(),
        gravest: results.gravest(kind),
        list: list.collect(),
    }
}

fn required(results: &Results, row: &RequirementRow, case: &CaseBrief) -> RequiredRow {
    // Where goals name a case, other goals do not count in it.
    let counts = row.gates || (row.estimate.is_some() && !case.decides);
    RequiredRow {
        case: row.case,
        label: case.label.clone(),
        decides: row.gates,
        verdict: counts.then_some(row.verdict),
        value: row
            .estimate
            .map(|estimate| {
                let blueprint = &results.study.cases[row.case].blueprint;
                (amount(&row.requirement, blueprint, estimate), row.interval)
            })
            .ok_or(row.no_value.unwrap_or_default()),
        draws: (row.n, row.draws),
        more_draws: row.more_draws,
        cut_off: View::new(results, row.case).cut_off_of(&row.requirement.subject),
    }
}

/// Whether the limit of a claim ends in a binary unit: `16GiB`, `16Gi`.
fn is_binary(claim: &str) -> bool {
    claim.trim_end().trim_end_matches('B').ends_with('i')
}

/// A statistic in decimal or binary steps, as in the claim beside it.
/// Where kills leave only that it is more, it is the limit that collectors were killed at.
pub(super) fn amount(requirement: &Requirement, blueprint: &Blueprint, value: f64) -> Amount {
    let unit = requirement.unit();
    if let Some(limit) = limit_exceeded(requirement, blueprint, value) {
        return Amount::new(limit, unit, Form::Exceeded);
    }
    let is_decimal = unit == Unit::Bytes && !is_binary(&requirement.text);
    let is_endless = value.is_infinite() && requirement.text.contains("addresses_needed");
    let form = if is_endless {
        Form::Infinite
    } else if is_decimal {
        Form::Decimal
    } else {
        Form::Rounded
    };
    Amount::new(value, unit, form)
}

/// The limit that an infinite statistic of memory only shows to be exceeded: in bytes, or the whole of
/// it for a ratio.
fn limit_exceeded(requirement: &Requirement, blueprint: &Blueprint, value: f64) -> Option<f64> {
    let Subject::Metric { metric, scope, .. } = &requirement.subject else {
        return None;
    };
    if value < f64::INFINITY || !metric.is_cut_by_kills() {
        return None;
    }
    let mut scopes = Scope::all(blueprint).into_iter();
    let found = scopes.find(|one| one.name(blueprint) == *scope)?;
    let Scope::Fleet(id) = found else { return None };
    let limit = blueprint.fleets[id].resources.memory_limit?;
    match requirement.unit() {
        Unit::Bytes => Some(limit.as_f64()),
        _ => Some(1.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_binary_unit_counts_as_binary() {
        for unit in ["Ki", "Mi", "Gi", "Ti"] {
            for limit in [format!("4.1{unit}"), format!("4.1 {unit}B ")] {
                assert!(is_binary(&format!(
                    "p95(memory_peak_bytes in fleet.a) < {limit}"
                )));
            }
        }
        for limit in ["4.1G", "4.1GB", "4096", "4k"] {
            assert!(!is_binary(&format!(
                "p95(memory_peak_bytes in fleet.Mimir) < {limit}"
            )));
        }
    }
}
