//! `goals.csv`: every goal in every case, and every expectation in the cases that it names.

use std::io::Write;

use super::column::{
    CASE, CI_HIGH, CI_LOW, CONFIDENCE, CUT_OFF, Column, SCENARIO, SCOPE, Table, columns,
};
use super::sheet::{Sheet, interval_cells, number};
use crate::experiment::results::Results;
use crate::report::view::View;
use crate::report::words;

/// Description of the table.
pub(super) const TABLE: Table = Table {
    file: "goals.csv",
    grain: "One row per goal and case, then one per expectation and case that it names.",
    columns: columns! {
        SCENARIO;
        "kind", "text", "goal: what a reviewer needs; expectation: what the file states about the model.";
        "name", "text", "Name of the goal or of the expectation.";
        "claim", "text", "The claim as written.";
        CASE;
        "gates", "true or false", "Whether this row decides the exit code.";
        SCOPE;
        "metric", "text", "Name of the metric or of the failure.";
        "statistic", "text", "Statistic of the draws: probability, mean, p99.";
        "n", "count", "Draws with a value. Where no collector was in service, a draw without one counts as beyond any limit.";
        "unit", "text", "Unit of value, ci_low, ci_high and limit.";
        "value", "see unit", "The statistic; empty where it cannot be formed or is infinite.";
        CI_LOW;
        CI_HIGH;
        CONFIDENCE;
        "comparison", "text", "Sign between value and limit that is required.";
        "limit", "see unit", "The limit.";
        "verdict", "text",
            "holds, fails, or unsettled: one-sided at 95 %, with Holm's correction over the rows of the \
             same kind that gate.";
        "reason", "text",
            "Why no draw has a value, so that the row does not hold; else why the file states an expectation.";
        "more_draws", "count", "About how many more draws would settle it; empty if settled or not known.";
        CUT_OFF;
    },
    fill,
};

/// Writes the file.
fn fill(results: &Results, sink: &mut dyn Write) -> std::io::Result<()> {
    let mut sheet = Sheet::new(&TABLE, sink)?;
    for row in &results.requirements {
        let view = View::new(results, row.case);
        let requirement = &row.requirement;
        let interval = row.estimate.map(|_| interval_cells(row.interval));
        let [low, high, confidence] = interval.unwrap_or_default();
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
            &row.n.to_string(),
            words::unit(requirement.unit()),
            &row.estimate.map(number).unwrap_or_default(),
            &low,
            &high,
            &confidence,
            requirement.comparison.sign(),
            &number(requirement.limit),
            words::verdict(row.verdict),
            row.no_value.unwrap_or(&requirement.reason),
            &more_draws.unwrap_or_default(),
            &view
                .cut_off_of(&requirement.subject)
                .map(number)
                .unwrap_or_default(),
        ])?;
    }
    sheet.end()
}
