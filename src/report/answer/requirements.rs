//! Every goal and every expectation: statistic, interval, verdict.

use super::grid::{self, Cell};
use super::style::{Page, Status};
use crate::report::brief::{RequiredRow, Requirements};
use crate::report::numbers::exact;
use crate::report::words;
use crate::stats::Verdict;

/// The goals, if there are any; with many cases only the rows that decide, or else that of the base.
pub(super) fn goals(page: &mut Page, goals: &Requirements, many: bool) {
    if goals.list.is_empty() {
        return;
    }
    page.line("goals");
    page.wrapped(&statistics(goals.deciding), "  ");
    for goal in &goals.list {
        page.wrapped(&format!("{}: {}", goal.name, goal.claim), "  ");
        let decides = goal.rows.iter().any(|row| row.decides);
        let stands_for_all = |row: &RequiredRow| row.case == 0 && !decides;
        let rows = goal.rows.iter();
        let rows = rows.filter(|row| !many || row.decides || stands_for_all(row));
        let rows: Vec<_> = rows.map(|row| cells(row, words::verdict)).collect();
        grid::add(page, "    ", &rows);
    }
    if many {
        page.line("  every goal in every case: goals.csv");
    }
    page.blank();
}

/// The expectations, if there are any, and whether the model does as the file states.
pub(super) fn expectations(page: &mut Page, expectations: &Requirements) {
    if expectations.list.is_empty() {
        return;
    }
    page.line("expectations: what the file states about the model");
    page.wrapped(&statistics(expectations.deciding), "  ");
    for expectation in &expectations.list {
        page.wrapped(
            &format!("{}: {}", expectation.name, expectation.claim),
            "  ",
        );
        let rows = expectation.rows.iter();
        let rows: Vec<_> = rows.map(|row| cells(row, words::expectation)).collect();
        grid::add(page, "    ", &rows);
        if !expectation.reason.is_empty() {
            page.hanging("    reason: ", &expectation.reason, "            ");
        }
    }
    if let Some(gravest) = expectations.gravest {
        let text = match gravest {
            Verdict::Holds => "these statements describe the model, they recommend nothing",
            Verdict::Unsettled => "the draws do not settle what the file states",
            Verdict::Fails => "the model does not do what the file states",
        };
        let word = page.painted(words::expectation(gravest), Status::of(gravest));
        page.line(&format!("  {word}: {text}"));
    }
    page.blank();
}

/// How the verdicts are made.
fn statistics(deciding: usize) -> String {
    let holm = match deciding {
        0 => "none decides the exit code".to_owned(),
        1 => "one decides the exit code".to_owned(),
        count => format!("Holm over the {count} that decide the exit code"),
    };
    format!("verdicts one-sided at 95 %, {holm}; intervals two-sided 95 %")
}

/// A row with its verdict in the words of its kind.
fn cells(row: &RequiredRow, word: fn(Verdict) -> &'static str) -> Vec<Cell> {
    let value = match row.value {
        Some((amount, interval)) => {
            format!("{} {}", amount.text(), amount.interval_text(interval))
        }
        None => "no value".to_owned(),
    };
    let verdict = match row.verdict {
        Some(verdict) => Cell::status(word(verdict), Some(Status::of(verdict))),
        None => Cell::text(""),
    };
    let note = match (row.decides, row.more_draws) {
        (false, _) => "compared only".to_owned(),
        (true, Some(draws)) => format!("settled by about {} more draws", exact(draws as f64)),
        (true, None) => String::new(),
    };
    vec![
        verdict,
        Cell::name(&row.label),
        Cell::text(value),
        Cell::text(note),
    ]
}
