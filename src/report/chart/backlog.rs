//! Unsent samples over time.

use super::Chart;
use super::figure::{Body, Figure};
use super::scale::Format;
use super::track::{measure, of_scope, panels, peak, rows_above};
use crate::experiment::results::TrackRow;
use crate::model::record::catalogue::{Failure, Metric, Track, Unit};
use crate::report::numbers::{count, percent, seconds};
use crate::report::view::View;

pub(super) const CHART: Chart = Chart {
    name: "backlog",
    meaning: "Unsent samples of each fleet, over time.",
    all_cases: false,
    figure,
};

fn figure(view: &View<'_>) -> Option<Figure> {
    let rows = rows_above(view, Track::Backlog, 0.0);
    let largest = *rows.first()?;
    Some(Figure {
        finding: finding(view, &rows, largest),
        measure: measure(view, "Unsent samples of the fleet", &rows),
        body: Body::Fans {
            panels: panels(view, &rows, |_| None),
            format: Format::Unit(Unit::Samples),
            floor: 0.0,
            timeline: view.timeline,
        },
    })
}

fn finding(view: &View<'_>, rows: &[&TrackRow], largest: &TrackRow) -> String {
    let of = of_scope(view, rows, largest.scope);
    let height = format!("The backlog{of} reaches {} samples", count(peak(largest)));
    let lost = view.failure(largest.scope, Failure::DataLost);
    if let Some(row) = lost.filter(|row| row.draws_with > 0) {
        return format!(
            "{height}, and {} of draws lose samples",
            percent(row.probability)
        );
    }
    let lost = view.metric(largest.scope, Metric::LostRestart);
    if let Some(row) = lost.filter(|row| row.summary.p95 > 0.0) {
        return format!(
            "{height}, of which {} are lost with collectors that end",
            count(row.summary.p95)
        );
    }
    let drain = view.metric(largest.scope, Metric::DrainSeconds);
    match drain
        .map(|row| row.summary.p95)
        .filter(|&drain| drain > 0.0)
    {
        Some(drain) => format!(
            "{height} and drains within {}, nothing is lost",
            seconds(drain)
        ),
        None => format!("{height}, nothing is lost"),
    }
}
