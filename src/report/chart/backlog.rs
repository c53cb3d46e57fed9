//! Unsent samples over time.

use super::figure::Figure;
use super::track::{Tracks, peak};
use crate::model::record::catalogue::{Failure, Metric, Scope, Track};
use crate::report::numbers::{count, percent, seconds};
use crate::report::view::View;

pub(super) fn figure(view: &View<'_>) -> Option<Figure> {
    let tracks = Tracks::above(view, Track::Backlog, 0.0);
    let largest = *tracks.rows.first()?;
    let (of, height) = (tracks.of(largest.scope), count(peak(largest)));
    let finding = format!(
        "The backlog{of} reaches {height} samples{}",
        end(view, largest.scope)
    );
    Some(tracks.figure(finding, "Unsent samples of the fleet", |_| None))
}

/// What becomes of the backlog until the end, in words.
fn end(view: &View<'_>, scope: Scope) -> String {
    // A fleet with traces loses data with its spans, too.
    let of_spans = view.failure(scope, Failure::SpansLost).is_some();
    if let Some(row) = view.failure(scope, Failure::DataLost).filter(|_| !of_spans) {
        return format!(", and {} of draws lose samples", percent(row.probability));
    }
    let p95 = |metric| {
        let summary = view.metric(scope, metric);
        summary.map(|summary| summary.p95).filter(|&p95| p95 > 0.0)
    };
    let backlog = [
        Metric::LostTruncation,
        Metric::LostOverload,
        Metric::LostExit,
    ];
    if backlog.into_iter().any(|metric| p95(metric).is_some()) {
        return ", and draws lose samples of it".to_owned();
    }
    if let Some(lost) = p95(Metric::LostRestart) {
        return format!(
            ", of which {} are lost with collectors that end",
            count(lost)
        );
    }
    match p95(Metric::DrainSeconds) {
        Some(drain) => format!(" and drains within {}, nothing is lost", seconds(drain)),
        None => ", nothing is lost".to_owned(),
    }
}
