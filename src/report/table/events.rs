//! `events.csv`: first failures of every draw, and all event records of the worst draw.

use std::io::Write;

use super::column::{CASE, Column, DATE, SCENARIO, SCOPE, SECONDS, Table, columns};
use super::sheet::{Sheet, number};
use crate::experiment::results::Results;
use crate::model::record::catalogue::Scope;
use crate::model::record::outcome::Figures as _;
use crate::report::view::View;

/// Most rows per case, with the last one.
const ROWS_MAX: usize = 100_000;

/// Description of the table.
pub(super) const TABLE: Table = Table {
    file: "events.csv",
    grain: "One row per event. For each case first the first failures of every draw, by draw and \
            layout; then all that happened in the worst draw (earliest first failure, or nearest to \
            it), by time. At most 100,000 rows per case; a last row counts the rest.",
    columns: columns! {
        SCENARIO;
        CASE;
        "draw", "count", "Number of the draw, from 0.";
        "record", "text", "first_failure (every draw), event (worst draw), or omitted (counts the rest).";
        SECONDS;
        DATE;
        SCOPE;
        "member", "count",
            "Number of the collector or node in its scope, from 0; empty for the scope as a whole.";
        "event", "text", "A failure's word, or what happened, as listed below.";
        "value", "see event", "Number that belongs to the event; rows left out for omitted; else empty.";
    },
    fill,
};

/// Writes the file.
fn fill(results: &Results, sink: &mut dyn Write) -> std::io::Result<()> {
    let mut sheet = Sheet::new(&TABLE, sink)?;
    for view in View::all(results) {
        let firsts = add_first_failures(&mut sheet, &view)?;
        add_worst_draw(&mut sheet, &view, firsts)?;
    }
    sheet.end()
}

/// Adds the first failures of every draw, as far as they leave a row for the number of the rest.
/// Returns how many there are.
fn add_first_failures(sheet: &mut Sheet<'_>, view: &View<'_>) -> std::io::Result<usize> {
    let mut rows = 0;
    view.case.outcomes.open()?.each(|draw, row| {
        for (position, &(scope, failure)) in view.case.layout.failures.iter().enumerate() {
            let Some(seconds) = row.first(position) else {
                continue;
            };
            rows += 1;
            if rows >= ROWS_MAX {
                continue;
            }
            let word = failure.info().word;
            let cells = ["first_failure", "", word, ""];
            add(sheet, view, draw as usize, Some((seconds, scope)), cells)?;
        }
        Ok::<_, std::io::Error>(())
    })?;
    Ok(rows)
}

/// Adds the event records of the worst draw, as far as `firsts` first failures leave room. A last row
/// counts what does not fit.
fn add_worst_draw(sheet: &mut Sheet<'_>, view: &View<'_>, firsts: usize) -> std::io::Result<()> {
    let room = ROWS_MAX.saturating_sub(firsts);
    let left_out = (firsts + 1).saturating_sub(ROWS_MAX);
    let Some(worst) = &view.case.worst else {
        return Ok(());
    };
    let draw = worst.draw as usize;
    let records = worst.records.len();
    let fits = records <= room && worst.omitted == 0 && left_out == 0;
    let room = if fits { room } else { room.saturating_sub(1) };
    let shown = records.min(room);
    for record in &worst.records[..shown] {
        let member = record.member.map(|member| member.to_string());
        let (member, value) = (member.unwrap_or_default(), number(record.value));
        let cells = ["event", &member, record.what.word(), &value];
        let place = (record.at.secs_f64(), record.scope);
        add(sheet, view, draw, Some(place), cells)?;
    }
    let omitted = worst.omitted + (records - shown + left_out) as u64;
    if omitted > 0 {
        let cells = ["omitted", "", "", &omitted.to_string()];
        add(sheet, view, draw, None, cells)?;
    }
    Ok(())
}

/// Adds a row: instant and scope, then `record`, `member`, `event` and `value`.
fn add(
    sheet: &mut Sheet<'_>,
    view: &View<'_>,
    draw: usize,
    place: Option<(f64, Scope)>,
    [record, member, event, value]: [&str; 4],
) -> std::io::Result<()> {
    let place = place.map(|(seconds, scope)| {
        let date = view.timeline.stamp(seconds);
        [number(seconds), date, view.scope(scope)]
    });
    let [seconds, date, scope] = place.unwrap_or_default();
    sheet.row([
        view.scenario(),
        view.name(),
        &draw.to_string(),
        record,
        &seconds,
        &date,
        &scope,
        member,
        event,
        value,
    ])
}
