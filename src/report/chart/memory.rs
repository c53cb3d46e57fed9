//! The memory limit that is needed, beside the limit that is set.

use super::figure::{Figure, Limit};
use super::track::Tracks;
use crate::experiment::results::TrackRow;
use crate::model::record::catalogue::{Failure, Metric, Track};
use crate::report::numbers::{bytes, percent, percent_above};
use crate::report::view::View;

pub(super) fn figure(view: &View<'_>) -> Option<Figure> {
    let tracks = Tracks::above(view, Track::Memory, 0.0);
    let subject = tightest(view, &tracks.rows)?;
    let finding = finding(view, subject, &tracks.of(subject.scope));
    let measure = "Memory limit needed by the busiest collector";
    Some(tracks.figure(finding, measure, |scope| {
        Some(memory_limit(view.memory_limit(scope)?))
    }))
}

/// A memory limit with its name.
pub(super) fn memory_limit(value: f64) -> Limit {
    let name = format!("limit {}", bytes(value));
    Limit { value, name }
}

/// The fleet with the most frequent OOM kills, else the fleet nearest to its limit, else the
/// largest.
fn tightest<'a>(view: &View<'_>, rows: &[&'a TrackRow]) -> Option<&'a TrackRow> {
    let key = |row: &TrackRow| {
        let oom = view.failure(row.scope, Failure::Oom);
        let ratio = view.metric(row.scope, Metric::MemoryPeakRatio);
        let oom = oom.map_or(0, |row| row.draws_with);
        (oom, ratio.map_or(0.0, |summary| summary.p95))
    };
    let order = |a: &&&TrackRow, b: &&&TrackRow| {
        let ((oom_a, ratio_a), (oom_b, ratio_b)) = (key(a), key(b));
        oom_a.cmp(&oom_b).then(ratio_a.total_cmp(&ratio_b))
    };
    // The first of equal rows, which is the largest.
    rows.iter().rev().max_by(order).copied()
}

fn finding(view: &View<'_>, subject: &TrackRow, of: &str) -> String {
    let scope = subject.scope;
    if let Some(oom) = view.failure(scope, Failure::Oom) {
        let binds = view.binds(Failure::Oom) || view.binds(Failure::OomNode);
        let verb = if binds { "binds first" } else { "runs out" };
        let (share, by) = (percent(oom.probability), view.by(oom));
        return format!("Memory{of} {verb}: {share} of draws are out of memory {by}");
    }
    let Some(service) = view.metric(scope, Metric::MemoryPeakRatio) else {
        let end = bytes(subject.bands.last().map_or(0.0, |band| band.p95));
        return format!("No memory limit is set{of}; {end} is enough in 19 draws of 20");
    };
    let below = percent_above(service.max);
    let restart = view.metric(scope, Metric::MemoryRestartRatio);
    let restart = restart.filter(|restart| restart.max > service.max);
    let rest = restart.map_or_else(String::new, |restart| {
        let below = percent_above(restart.max);
        format!(", and a restart at the horizon below {below}")
    });
    format!("Memory{of} stays below {below} of its limit in every draw{rest}")
}
