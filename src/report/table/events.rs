//! `events.csv`: first failures of every draw, and all that happened in the worst one.

use super::column::{CASE, Column, DATE, SCENARIO, SCOPE, SECONDS, Table};
use super::sheet::{Sheet, number};
use crate::experiment::results::Results;
use crate::model::record::outcome::EventRecord;
use crate::report::view::View;

/// Rows per case at most, the last one included.
const ROWS_MAX: usize = 100_000;

/// The table.
pub(super) const TABLE: Table = Table {
    file: "events.csv",
    grain: "One row per event. For each case first the first failures of every draw, by draw and \
            layout; then all that happened in the worst draw (earliest first failure, or nearest to \
            it), by time. At most 100,000 rows per case; a last row counts the rest.",
    columns: &[
        SCENARIO,
        CASE,
        Column::new("draw", "count", "Number of the draw, from 0."),
        Column::new(
            "record",
            "text",
            "first_failure (every draw), event (worst draw), or omitted (counts the rest).",
        ),
        SECONDS,
        DATE,
        SCOPE,
        Column::new(
            "member",
            "count",
            "Number of the collector or node in its scope, from 0; empty for the scope as a whole.",
        ),
        Column::new(
            "event",
            "text",
            "A failure's word, or what happened, as listed below.",
        ),
        Column::new(
            "value",
            "see event",
            "Number that belongs to the event; rows left out for omitted; else empty.",
        ),
    ],
};

/// The file.
pub(super) fn fill(results: &Results) -> Vec<u8> {
    let mut sheet = Sheet::new(&TABLE);
    for view in View::all(results) {
        let used = add_first_failures(&mut sheet, &view);
        add_worst_draw(&mut sheet, &view, ROWS_MAX.saturating_sub(used));
    }
    sheet.into_bytes()
}

/// Adds the first failures of every draw and returns how many there are.
fn add_first_failures(sheet: &mut Sheet, view: &View<'_>) -> usize {
    let mut rows = 0;
    for (draw, outcome) in view.case.outcomes.iter().enumerate() {
        for (&(scope, failure), first) in view.case.layout.failures.iter().zip(&outcome.first) {
            let Some(seconds) = *first else { continue };
            rows += 1;
            sheet.row([
                view.scenario(),
                view.name(),
                &draw.to_string(),
                "first_failure",
                &number(seconds),
                &view.timeline.stamp(seconds),
                &view.scope(scope),
                "",
                failure.info().word,
                "",
            ]);
        }
    }
    rows
}

/// Adds what happened in the worst draw, with a last row for what does not fit into `room`.
fn add_worst_draw(sheet: &mut Sheet, view: &View<'_>, room: usize) {
    let Some(worst) = &view.case.worst else {
        return;
    };
    let draw = worst.draw.to_string();
    let fits = worst.records.len() <= room && worst.omitted == 0;
    let shown = if fits {
        worst.records.len()
    } else {
        room.saturating_sub(1)
    };
    let shown = shown.min(worst.records.len());
    for record in &worst.records[..shown] {
        add_record(sheet, view, &draw, record);
    }
    let omitted = worst.omitted + (worst.records.len() - shown) as u64;
    if omitted > 0 {
        let count = omitted.to_string();
        sheet.row([
            view.scenario(),
            view.name(),
            &draw,
            "omitted",
            "",
            "",
            "",
            "",
            "",
            &count,
        ]);
    }
}

fn add_record(sheet: &mut Sheet, view: &View<'_>, draw: &str, record: &EventRecord) {
    let seconds = record.at.secs_f64();
    sheet.row([
        view.scenario(),
        view.name(),
        draw,
        "event",
        &number(seconds),
        &view.timeline.stamp(seconds),
        &view.scope(record.scope),
        &record
            .member
            .map(|member| member.to_string())
            .unwrap_or_default(),
        record.what.word(),
        &number(record.value),
    ]);
}
