//! Every goal and every expectation: statistic, interval, verdict.

use super::grid::{self, Cell};
use super::style::Page;
use crate::report::brief::{Required, RequiredRow, Requirements};
use crate::report::numbers::exact;
use crate::report::words;
use crate::stats::Verdict;

/// The goals, if there are any. With many cases only the rows that decide, or else the row of the
/// base.
pub(super) fn goals(page: &mut Page, goals: &Requirements, many: bool) {
    if goals.list.is_empty() {
        return;
    }
    head(page, "goals", goals.deciding);
    for goal in &goals.list {
        let decides = goal.rows.iter().any(|row| row.decides);
        let is_shown = |row: &&RequiredRow| !many || row.decides || (row.case == 0 && !decides);
        let rows = goal.rows.iter().filter(is_shown);
        let rows: Vec<_> = rows.map(|row| cells(row, words::verdict)).collect();
        claim(page, goal, &rows);
    }
    if many {
        page.line("  every goal in every case: goals.csv");
    }
    page.blank();
}

/// The expectations, if there are any, and whether the model meets them.
pub(super) fn expectations(page: &mut Page, expectations: &Requirements) {
    if expectations.list.is_empty() {
        return;
    }
    let title = "expectations: what the file states about the model";
    head(page, title, expectations.deciding);
    for expectation in &expectations.list {
        let rows = expectation.rows.iter();
        let rows: Vec<_> = rows.map(|row| cells(row, words::expectation)).collect();
        claim(page, expectation, &rows);
        if !expectation.reason.is_empty() {
            page.hanging("    reason: ", &expectation.reason, "            ");
        }
    }
    page.blank();
}

/// Whether the model does what the file states, and each statement that it does not meet.
pub(super) fn outcome(page: &mut Page, expectations: &Requirements) {
    let Some(gravest) = expectations.gravest else {
        return;
    };
    let word = page.painted(words::expectation(gravest), gravest);
    page.line(&format!("{word}: {}", outcome_of(gravest)));
    for expectation in &expectations.list {
        let is_missed = |row: &&RequiredRow| row.verdict.is_some_and(|it| it != Verdict::Holds);
        let rows = expectation.rows.iter().filter(is_missed);
        let rows: Vec<_> = rows.map(|row| cells(row, words::expectation)).collect();
        if !rows.is_empty() {
            claim(page, expectation, &rows);
        }
    }
}

/// The same in one sentence; `None` if the file states nothing.
pub(super) fn outcome_in_words(expectations: &Requirements) -> Option<String> {
    let gravest = expectations.gravest?;
    let word = words::expectation(gravest);
    Some(format!("{word}: {}", outcome_of(gravest)))
}

const fn outcome_of(gravest: Verdict) -> &'static str {
    match gravest {
        Verdict::Holds => "the file's statements about the model hold; they recommend nothing",
        Verdict::Unsettled => "the draws do not settle what the file states about the model",
        Verdict::Fails => "the model does not do what the file states",
    }
}

/// The heading, and the method of the verdicts.
fn head(page: &mut Page, title: &str, deciding: usize) {
    let holm = match deciding {
        0 => "none decides the exit code".to_owned(),
        1 => "one decides the exit code".to_owned(),
        count => format!("Holm over the {count} that decide the exit code"),
    };
    page.line(title);
    let text = format!("verdicts one-sided at 95 %, {holm}; intervals two-sided 95 %");
    page.wrapped(&text, "  ");
}

/// A goal or an expectation with the rows of its cases.
fn claim(page: &mut Page, required: &Required, rows: &[Vec<Cell>]) {
    page.wrapped(&format!("{}: {}", required.name, required.claim), "  ");
    grid::add(page, "    ", rows);
}

/// A row with its verdict in the words of its kind.
fn cells(row: &RequiredRow, word: fn(Verdict) -> &'static str) -> Vec<Cell> {
    let value = match row.value {
        Ok((amount, interval)) => amount.with_interval(interval),
        Err(reason) => format!("no value: {reason}"),
    };
    let (n, draws) = row.draws;
    let mut notes = Vec::new();
    if row.value.is_ok() && n < draws {
        let (n, draws) = (exact(n as f64), exact(draws as f64));
        notes.push(format!("{n} of {draws} draws have a value"));
    }
    notes.extend(row.cut_off_in_words());
    match (row.decides, row.more_draws) {
        (false, _) => notes.push("compared only".to_owned()),
        (true, Some(draws)) => {
            notes.push(format!(
                "settled by about {} more draws",
                exact(draws as f64)
            ));
        }
        (true, None) => {}
    }
    vec![
        Cell::verdict(row.verdict.map_or("", word), row.verdict),
        Cell::name(&row.label),
        Cell::text(value),
        Cell::text(notes.join("; ")),
    ]
}
