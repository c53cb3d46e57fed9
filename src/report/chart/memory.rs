//! Memory needed against the limit.

use super::Chart;
use super::figure::{Body, Figure, Limit};
use super::scale::Format;
use super::track::{measure, of_scope, panels, rows_above};
use crate::experiment::results::{FailureRow, TrackRow};
use crate::model::record::catalogue::{Failure, Metric, Scope, Track, Unit};
use crate::report::numbers::{bytes, percent, percent_above};
use crate::report::view::View;

pub(super) const CHART: Chart = Chart {
    name: "memory",
    meaning: "Smallest memory limit that the busiest collector of each fleet survives, over time, \
              against the limit it has.",
    all_cases: false,
    figure,
};

fn figure(view: &View<'_>) -> Option<Figure> {
    let rows = rows_above(view, Track::Memory, 0.0);
    let subject = tightest(view, &rows)?;
    Some(Figure {
        finding: finding(view, &rows, subject),
        measure: measure(view, "Memory limit needed by the busiest collector", &rows),
        body: Body::Fans {
            panels: panels(view, &rows, |scope| limit(view, scope)),
            format: Format::Unit(Unit::Bytes),
            floor: 0.0,
            timeline: view.timeline,
        },
    })
}

fn limit(view: &View<'_>, scope: Scope) -> Option<Limit> {
    let value = view.memory_limit(scope)?;
    Some(Limit {
        value,
        name: format!("limit {}", bytes(value)),
    })
}

/// The fleet that is out of memory most often, else the one nearest to its limit, else the largest.
fn tightest<'a>(view: &View<'a>, rows: &[&'a TrackRow]) -> Option<&'a TrackRow> {
    let ratio = |scope| {
        let row = view.metric(scope, Metric::MemoryPeakRatio);
        row.map_or(0.0, |row| row.summary.p95)
    };
    let key = |row: &TrackRow| {
        let oom = view
            .failure(row.scope, Failure::Oom)
            .map_or(0, |row| row.draws_with);
        (oom, ratio(row.scope))
    };
    let order = |a: &&&TrackRow, b: &&&TrackRow| {
        let ((oom_a, ratio_a), (oom_b, ratio_b)) = (key(a), key(b));
        oom_a.cmp(&oom_b).then(ratio_a.total_cmp(&ratio_b))
    };
    // The first of equals, which is the largest.
    rows.iter().rev().max_by(order).copied()
}

fn finding(view: &View<'_>, rows: &[&TrackRow], subject: &TrackRow) -> String {
    let scope = subject.scope;
    let of = of_scope(view, rows, scope);
    let oom = view
        .failure(scope, Failure::Oom)
        .filter(|row| row.draws_with > 0);
    if let Some(oom) = oom {
        return runs_out(view, oom, &of);
    }
    let Some(row) = view.metric(scope, Metric::MemoryPeakRatio) else {
        let end = subject.bands.last().map_or(0.0, |band| band.p95);
        return format!(
            "No memory limit is set{of}; {} is enough in 19 draws of 20",
            bytes(end)
        );
    };
    let service = percent_above(row.summary.max);
    match view.metric(scope, Metric::MemoryRestartRatio) {
        Some(restart) if restart.summary.max > row.summary.max => format!(
            "Memory{of} stays below {service} of its limit in every draw, and a restart at the \
             horizon below {}",
            percent_above(restart.summary.max)
        ),
        _ => format!("Memory{of} stays below {service} of its limit in every draw"),
    }
}

fn runs_out(view: &View<'_>, oom: &FailureRow, of: &str) -> String {
    let share = percent(oom.probability);
    let end = view.timeline.end();
    let binds = view
        .binding()
        .is_some_and(|row| row.failure == Failure::Oom);
    let verb = if binds { "binds first" } else { "runs out" };
    let half = view.timeline.day(view.half_time(oom));
    format!(
        "Memory{of} {verb}: {share} of draws are out of memory by {end}, half of those by {half}"
    )
}
