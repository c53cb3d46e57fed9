//! Every goal in every case: statistic, interval, verdict.

use super::grid::{self, Cell};
use super::style::{Page, Status};
use crate::experiment::goal::Expect;
use crate::experiment::results::{GoalResult, Results};
use crate::report::numbers::{beside, exact, interval_of};
use crate::report::view::View;
use crate::report::words;
use crate::stats::Verdict;

/// The goals, if there are any; with many cases only the rows that gate, or else that of the base.
pub(super) fn section(page: &mut Page, results: &Results, many: bool) {
    if results.goals.is_empty() {
        return;
    }
    let gating = results.goals.iter().filter(|result| result.gates).count();
    let holm = match gating {
        0 => "none decides the exit code".to_owned(),
        1 => "one decides the exit code".to_owned(),
        count => format!("Holm over the {count} that decide the exit code"),
    };
    page.line("goals");
    page.wrapped(
        &format!("verdicts one-sided at 95 %, {holm}; intervals two-sided 95 %"),
        "  ",
    );
    for goal in &results.study.goals {
        page.wrapped(&format!("{}: {}", goal.name, goal.text), "  ");
        let rows = results
            .goals
            .iter()
            .filter(|result| result.goal.name == goal.name);
        let decides = rows.clone().any(|result| result.gates);
        let stands_alone = |result: &&GoalResult| result.case == 0 && !decides;
        let shown = rows.filter(|result| !many || result.gates || stands_alone(result));
        let rows: Vec<_> = shown.map(|result| row(results, result)).collect();
        grid::add(page, "    ", &rows);
        if let Expect::Fails { reason } = &goal.expect {
            page.hanging("    known miss: ", reason, "                ");
        }
    }
    if many {
        page.line("  every goal in every case: goals.csv");
    }
    page.blank();
}

fn row(results: &Results, result: &GoalResult) -> Vec<Cell> {
    let view = View::new(results, result.case);
    let unit = result.goal.unit();
    let text = |value: f64| beside(&result.goal.text, value, unit);
    let (value, interval) = match result.estimate {
        Some(estimate) => (text(estimate), interval_of(result.interval, text)),
        None => ("no value".to_owned(), String::new()),
    };
    // A verdict on a row that decides nothing reads as an alarm.
    let verdict = if result.gates {
        Cell::status(words::verdict(result.verdict), Some(status(result)))
    } else {
        Cell::text("")
    };
    vec![
        verdict,
        Cell::name(&view.label()),
        Cell::text(format!("{value} {interval}")),
        Cell::text(notes(result)),
    ]
}

/// Green for what the scenario expects to hold and does, yellow for a known miss.
fn status(result: &GoalResult) -> Status {
    match (words::as_expected(result), result.verdict) {
        (None, _) | (Some(true), Verdict::Fails) => Status::Unsure,
        (Some(true), _) => Status::Good,
        (Some(false), _) => Status::Bad,
    }
}

fn notes(result: &GoalResult) -> String {
    let mut notes = Vec::new();
    if !result.gates {
        return "shown only".to_owned();
    }
    if let (Expect::Fails { .. }, Verdict::Holds) = (&result.goal.expect, result.verdict) {
        notes.push("expected to fail".to_owned());
    }
    if let Some(draws) = result.more_draws {
        notes.push(format!(
            "settled by about {} more draws",
            exact(draws as f64)
        ));
    }
    notes.join(", ")
}
