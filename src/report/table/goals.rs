//! `goals.csv`: every goal in every case.

use super::column::{CASE, CI_HIGH, CI_LOW, CONFIDENCE, Column, SCENARIO, SCOPE, Table};
use super::sheet::{Sheet, interval_cells, number};
use crate::experiment::goal::Expect;
use crate::experiment::results::Results;
use crate::report::view::View;
use crate::report::words;

/// The table.
pub(super) const TABLE: Table = Table {
    file: "goals.csv",
    grain: "One row per goal and case, in that order.",
    columns: &[
        SCENARIO,
        Column::new("goal", "text", "Name of the goal."),
        Column::new("claim", "text", "The claim as written."),
        CASE,
        Column::new(
            "gates",
            "true or false",
            "Whether this row decides the exit code.",
        ),
        SCOPE,
        Column::new("metric", "text", "Name of the metric or of the failure."),
        Column::new(
            "statistic",
            "text",
            "Statistic of the draws: probability, mean, p99.",
        ),
        Column::new("unit", "text", "Unit of value, ci_low, ci_high and limit."),
        Column::new(
            "value",
            "see unit",
            "The statistic; empty if the case has no such scope.",
        ),
        CI_LOW,
        CI_HIGH,
        CONFIDENCE,
        Column::new(
            "comparison",
            "text",
            "Sign between value and limit that is wanted.",
        ),
        Column::new("limit", "see unit", "The limit."),
        Column::new(
            "verdict",
            "text",
            "holds, fails, or not enough evidence: one-sided at 95 %, with Holm's correction over \
             the rows that gate.",
        ),
        Column::new(
            "expect",
            "text",
            "What the scenario expects: holds, or fails (a known miss).",
        ),
        Column::new(
            "reason",
            "text",
            "Why a known miss is expected; else empty.",
        ),
        Column::new(
            "as_expected",
            "true or false",
            "Whether verdict and expect agree; empty without enough evidence.",
        ),
        Column::new(
            "more_draws",
            "count",
            "About how many more draws would settle it; empty if settled or not known.",
        ),
    ],
};

/// The file.
pub(super) fn fill(results: &Results) -> Vec<u8> {
    let mut sheet = Sheet::new(&TABLE);
    for result in &results.goals {
        let view = View::new(results, result.case);
        let goal = &result.goal;
        let [low, high, confidence] = match result.estimate {
            Some(_) => interval_cells(result.interval),
            None => [const { String::new() }; 3],
        };
        let reason = match &goal.expect {
            Expect::Holds => "",
            Expect::Fails { reason } => reason,
        };
        sheet.row([
            view.scenario(),
            &goal.name,
            &goal.text,
            view.name(),
            &result.gates.to_string(),
            goal.subject.scope(),
            words::subject(&goal.subject),
            &words::statistic(goal.statistic),
            words::unit(goal.unit()),
            &result.estimate.map(number).unwrap_or_default(),
            &low,
            &high,
            &confidence,
            goal.comparison.sign(),
            &number(goal.limit),
            words::verdict(result.verdict),
            words::expectation(goal),
            reason,
            &words::as_expected(result)
                .map(|as_expected| as_expected.to_string())
                .unwrap_or_default(),
            &result
                .more_draws
                .map(|draws| draws.to_string())
                .unwrap_or_default(),
        ]);
    }
    sheet.into_bytes()
}
