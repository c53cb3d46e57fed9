//! `draws.csv`: everything that each draw left behind, wide.

use super::column::{CASE, Column, SCENARIO, Table};
use super::sheet::{Sheet, number};
use crate::experiment::results::Results;
use crate::model::record::outcome::Outcome;
use crate::report::view::View;

/// The table.
pub(super) const TABLE: Table = Table {
    file: "draws.csv",
    grain: "One row per case and draw, in that order. Cases share the columns of all of them; a cell \
            is empty where its case has no such scope, or the metric has no meaning in the draw. \
            Draws with the same number share their luck over the cases, so they can be paired.",
    columns: &[
        SCENARIO,
        CASE,
        Column::new("draw", "count", "Number of the draw, from 0."),
        Column::new(
            "<scope>.<metric>",
            "see metrics",
            "Value of the metric of that scope, such as `fleet.metrics.memory_peak_bytes`.",
        ),
        Column::new(
            "<scope>.<failure>_first_seconds",
            "seconds",
            "Time from the start to the first such failure; empty if it does not happen by the \
             horizon.",
        ),
        Column::new(
            "unknown.<path>",
            "as in the scenario, base units",
            "Value that the draw gave to an unknown quantity.",
        ),
    ],
};

/// The file.
pub(super) fn fill(results: &Results) -> Vec<u8> {
    let cases: Vec<_> = View::all(results).collect();
    let columns = all_columns(&cases);
    let fixed = TABLE.columns.iter().filter(|column| !column.is_pattern());
    let fixed = fixed.map(|column| column.name.to_owned());
    let mut sheet = Sheet::with_header(fixed.chain(columns.iter().cloned()));
    for view in &cases {
        let own = columns_of(view);
        let place = |column| own.iter().position(|own| own == column);
        let places: Vec<Option<usize>> = columns.iter().map(place).collect();
        for (draw, outcome) in view.case.outcomes.iter().enumerate() {
            let cells = cells_of(view, outcome);
            let cell = |place: &Option<usize>| place.map_or("", |place| cells[place].as_str());
            let draw = draw.to_string();
            let head = [view.scenario(), view.name(), draw.as_str()];
            sheet.row(head.into_iter().chain(places.iter().map(cell)));
        }
    }
    sheet.into_bytes()
}

/// The columns of all cases: metrics, then failures, then unknowns, each by first appearance.
fn all_columns(cases: &[View<'_>]) -> Vec<String> {
    let groups: [fn(&View<'_>) -> Vec<String>; 3] = [metric_columns, failure_columns, unknowns];
    let mut columns: Vec<String> = Vec::new();
    let mut seen = std::collections::BTreeSet::new();
    for group in groups {
        for column in cases.iter().flat_map(group) {
            if seen.insert(column.clone()) {
                columns.push(column);
            }
        }
    }
    columns
}

/// The columns of one case, in the order of [`cells_of`].
fn columns_of(view: &View<'_>) -> Vec<String> {
    [metric_columns(view), failure_columns(view), unknowns(view)].concat()
}

fn metric_columns(view: &View<'_>) -> Vec<String> {
    let columns = view.case.layout.columns.iter();
    columns
        .map(|&(scope, metric)| format!("{}.{}", view.scope(scope), metric.info().column))
        .collect()
}

fn failure_columns(view: &View<'_>) -> Vec<String> {
    let name = |scope, word| format!("{}.{word}_first_seconds", view.scope(scope));
    let failures = view.case.layout.failures.iter();
    failures
        .map(|&(scope, failure)| name(scope, failure.info().word))
        .collect()
}

fn unknowns(view: &View<'_>) -> Vec<String> {
    view.case
        .unknowns
        .iter()
        .map(|path| format!("unknown.{path}"))
        .collect()
}

/// What one draw left behind.
fn cells_of(view: &View<'_>, outcome: &Outcome) -> Vec<String> {
    let layout = &view.case.layout;
    assert_eq!(
        outcome.values.len(),
        layout.columns.len(),
        "a draw is laid out as its case"
    );
    assert_eq!(
        outcome.first.len(),
        layout.failures.len(),
        "a draw is laid out as its case"
    );
    assert_eq!(
        outcome.unknowns.len(),
        view.case.unknowns.len(),
        "unknowns are those of the case"
    );
    let values = outcome.values.iter().map(|&value| number(value));
    let first = outcome
        .first
        .iter()
        .map(|first| first.map(number).unwrap_or_default());
    let unknowns = outcome.unknowns.iter().map(|&value| number(value));
    values.chain(first).chain(unknowns).collect()
}
