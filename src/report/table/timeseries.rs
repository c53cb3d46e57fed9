//! `timeseries.csv`: bands of every track over the draws.

use super::column::{CASE, Column, DATE, SCENARIO, SCOPE, SECONDS, Table, columns};
use super::sheet::{Sheet, number};
use crate::experiment::results::Results;
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
    },
    fill,
};

/// Makes the bytes of the file.
fn fill(results: &Results) -> Vec<u8> {
    let mut sheet = Sheet::new(&TABLE);
    for view in View::all(results) {
        for row in &view.case.tracks {
            let info = row.track.info();
            let scope = view.scope(row.scope);
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
                ]);
            }
        }
    }
    sheet.into_bytes()
}
