//! `goals.csv`: every goal in every case, every expectation in the cases that it names.

use super::column::{CASE, CI_HIGH, CI_LOW, CONFIDENCE, Column, SCENARIO, SCOPE, Table};
use super::sheet::{Sheet, interval_cells, number};
use crate::experiment::results::Results;
use crate::report::view::View;
use crate::report::words;

/// The table.
pub(super) const TABLE: Table = Table {
    file: "goals.csv",
    grain: "One row per goal and case, then one per expectation and case that it names.",
    columns: &[
        SCENARIO,
        Column::new(
            "kind",
            "text",
            "goal: what a reviewer needs; expectation: what the file states about the model.",
        ),
        Column::new("name", "text", "Name of the goal or of the expectation."),
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
            "Sign between value and limit that is required.",
        ),
        Column::new("limit", "see unit", "The limit."),
        Column::new(
            "verdict",
            "text",
            "holds, fails, or unsettled: one-sided at 95 %, with Holm's correction over \
             the rows of the same kind that gate.",
        ),
        Column::new(
            "reason",
            "text",
            "Why the file states an expectation; empty where it does not say.",
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
    for row in &results.requirements {
        let view = View::new(results, row.case);
        let requirement = &row.requirement;
        let [low, high, confidence] = match row.estimate {
            Some(_) => interval_cells(row.interval),
            None => [const { String::new() }; 3],
        };
        let more_draws = row.more_draws.map(|draws| draws.to_string());
        sheet.row([
            view.scenario(),
            requirement.kind.word(),
            &requirement.name,
            &requirement.text,
            view.name(),
            &row.gates.to_string(),
            requirement.subject.scope(),
            words::subject(&requirement.subject),
            &words::statistic(requirement.statistic),
            words::unit(requirement.unit()),
            &row.estimate.map(number).unwrap_or_default(),
            &low,
            &high,
            &confidence,
            requirement.comparison.sign(),
            &number(requirement.limit),
            words::verdict(row.verdict),
            &requirement.reason,
            &more_draws.unwrap_or_default(),
        ]);
    }
    sheet.into_bytes()
}
