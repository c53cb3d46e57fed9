//! The part of a page about one case: when it breaks, what it needs, what the deployment guide says.

use minijinja::{Value, context};

use super::{drawing, verdict};
use crate::report::brief::{Amount, Brief, FailureBrief, NumberRow, Reason};
use crate::report::chart::Drawing;
use crate::report::numbers::exact;
use crate::report::view::View;
use crate::report::words;

/// The chart of when a case breaks.
const WHEN: &str = "first-failure";

/// The values of a case.
pub(super) fn section(view: &View<'_>, brief: &Brief, drawings: &[Drawing]) -> Value {
    let case = &brief.cases[view.index()];
    let own = drawings.iter().filter(|drawing| !drawing.all_cases);
    let (when, needs): (Vec<_>, Vec<_>) = own.partition(|drawing| drawing.name == WHEN);
    let inline =
        |drawings: Vec<&Drawing>| -> Vec<Value> { drawings.into_iter().map(drawing).collect() };
    let failures = case.binding.iter().chain(&case.others);
    let mut findings: Vec<_> = case.findings.iter().collect();
    findings.sort_by_key(|finding| finding.tone);
    let finding = |finding: &&crate::experiment::results::Finding| {
        context! {
            tone => words::tone(finding.tone),
            fleet => finding.fleet.as_str(),
            text => finding.text.as_str(),
            section => finding.section,
        }
    };
    context! {
        index => view.index(),
        label => case.label.as_str(),
        verdict => verdict(case.verdict),
        reasons => reasons(&case.reasons.failing, &case.reasons.unsettled),
        draws => exact(case.draws as f64),
        failures => failures.map(|row| failure(row, brief)).collect::<Vec<_>>(),
        nearest => case.nearest_in_words(),
        when => inline(when),
        needs => inline(needs),
        numbers => numbers(brief, view.index()),
        has_cut_off => case.has_cut_off(),
        findings => findings.iter().map(finding).collect::<Vec<_>>(),
    }
}

/// The goals that the case misses, in words.
fn reasons(failing: &[Reason], unsettled: &[Reason]) -> Vec<String> {
    let of = |word: &'static str, reasons: &[Reason]| -> Vec<String> {
        let reasons = reasons.iter();
        let text = |one: &Reason| {
            format!(
                "{word}: {}, {}, asked for {}",
                one.name, one.value, one.asked
            )
        };
        reasons.map(text).collect()
    };
    [of("fails", failing), of("not settled", unsettled)].concat()
}

fn failure(row: &FailureBrief, brief: &Brief) -> Value {
    context! {
        colour => crate::report::chart::colour_of(row.failure),
        happens => words::happens(row.failure),
        scope => row.scope.as_str(),
        odds => row.odds(),
        when => row.when(brief.timeline).trim_start_matches("when: "),
        meaning => row.failure.info().meaning,
    }
}

/// The numbers of a review that tell a reader something, scope by scope.
fn numbers(brief: &Brief, case: usize) -> Vec<Value> {
    let row = |row: &NumberRow| {
        context! {
            label => row.label,
            median => row.median.text(),
            p95 => row.p95.text(),
            limit => row.limit.map(Amount::text).unwrap_or_default(),
            metric => row.metric.info().column,
        }
    };
    let scopes = brief.cases[case].numbers.iter();
    let scopes = scopes.map(|scope| {
        let rows = scope.rows.iter().filter(|row| row.is_news);
        context! {
            scope => scope.scope.as_str(),
            topology => scope.topology,
            rows => rows.map(row).collect::<Vec<_>>(),
        }
    });
    scopes.collect()
}
