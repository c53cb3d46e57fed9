//! `timeseries.csv`: bands of every track over the draws.

use std::io::Write;

use super::column::{CASE, Column, DATE, SCENARIO, SCOPE, SECONDS, Table, columns};
use super::sheet::{Sheet, number};
use crate::experiment::results::Results;
use crate::model::record::catalogue::Track;
use crate::report::view::View;
use crate::report::words;

/// Description of the table.
pub(super) const TABLE: Table = Table {
    file: "timeseries.csv",
    grain: "One row per case, scope, track and point in time, in that order.",
    columns: columns! {
        SCENARIO;
        CASE;
        SCOPE;
        "track", "text", "Name of the quantity that is followed over time.";
        "unit", "text", "Unit of the four values.";
        SECONDS;
        DATE;
        "p05", "see unit", "5th percentile over the draws at this point.";
        "p50", "see unit", "Median over the draws at this point.";
        "p95", "see unit", "95th percentile over the draws at this point.";
        "mean", "see unit", "Mean over the draws at this point.";
        "cut_off", "ratio", "Share of the draws in which a kill at the memory limit has cut the memory of the fleet off by this point. Empty where no such kill is possible.";
    },
    fill,
};

/// Writes the file.
fn fill(results: &Results, sink: &mut dyn Write) -> std::io::Result<()> {
    let mut sheet = Sheet::new(&TABLE, sink)?;
    for view in View::all(results) {
        for row in &view.case.tracks {
            let info = row.track.info();
            let scope = view.scope(row.scope);
            let cut_off = |seconds| {
                let is_memory = row.track == Track::Memory;
                let share = is_memory.then(|| view.cut_off_by(row.scope, seconds));
                share.flatten().map(number).unwrap_or_default()
            };
            for band in &row.bands {
                sheet.row([
                    view.scenario(),
                    view.name(),
                    &scope,
                    info.name,
                    words::unit(info.unit),
                    &number(band.seconds),
                    &view.timeline.stamp(band.seconds),
                    &number(band.p05),
                    &number(band.p50),
                    &number(band.p95),
                    &number(band.mean),
                    &cut_off(band.seconds),
                ])?;
            }
        }
    }
    sheet.end()
}
