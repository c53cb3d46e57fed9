//! The memory limit that is needed, beside the limit that is set.

use super::fan::PANELS_MAX;
use super::figure::{Figure, Limit};
use super::track::{Standing, Tracks, from, marked, peak};
use crate::experiment::results::TrackRow;
use crate::model::record::catalogue::{Failure, Metric, Track};
use crate::report::numbers::{bytes, percent_above};
use crate::report::view::View;

pub(super) fn figure(view: &View<'_>) -> Option<Figure> {
    let tracks = Tracks::above(view, Track::Memory, 0.0);
    let subject = tightest(view, &tracks.rows)?;
    let finding = finding(view, subject, &tracks.of(subject.scope));
    let total = view.metric(subject.scope, Metric::MemorySum);
    let total = total.map_or(String::new(), |sum| {
        let name = view.scope(subject.scope);
        let cut = view.with_cut_off(subject.scope, Metric::MemorySum);
        let is_cut = cut.is_some_and(|[_, p95]| p95.is_infinite());
        let cut = if is_cut { ", cut off by kills" } else { "" };
        format!(
            "; resident memory of all of {name}: {} at p95{cut}",
            bytes(sum.p95)
        )
    });
    let measure = format!("Memory limit needed by the busiest collector{total}");
    let limit = |scope| Some(memory_limit(view.memory_limit(scope)?));
    Some(tracks.figure(finding, &measure, limit, Some(Failure::Oom)))
}

/// A memory limit with its name.
pub(super) fn memory_limit(value: f64) -> Limit {
    let name = format!("limit {}", bytes(value));
    Limit { value, name }
}

/// The fleet whose bands come nearest to their limit, else the largest.
fn tightest<'a>(view: &View<'_>, rows: &'a [TrackRow]) -> Option<&'a TrackRow> {
    let share = |row: &TrackRow| {
        view.memory_limit(row.scope)
            .map_or(0.0, |limit| peak(row) / limit)
    };
    // The first of equal rows, which is the largest. Only the first rows are drawn.
    let drawn = rows.iter().take(PANELS_MAX).rev();
    drawn.max_by(|a, b| share(a).total_cmp(&share(b)))
}

/// What the bands show, and the kills that are marked.
fn finding(view: &View<'_>, subject: &TrackRow, of: &str) -> String {
    let killed = marked(view, subject.scope, Failure::Oom);
    let Some(limit) = view.memory_limit(subject.scope) else {
        let most = bytes(peak(subject));
        return format!("No memory limit is set{of}; {most} is enough in 19 draws of 20{killed}");
    };
    let text = bytes(limit);
    match Standing::of(subject, limit) {
        Standing::Half(seconds) => {
            let from = from(view, seconds);
            format!("Memory needed{of} is above {text} in half of the draws{from}{killed}")
        }
        Standing::Twentieth(seconds) => {
            let from = from(view, seconds);
            format!("Memory needed{of} is above {text} in 1 draw of 20{from}{killed}")
        }
        Standing::Below => {
            let below = percent_above(peak(subject) / limit);
            format!("Memory needed{of} stays below {below} of {text} in 19 draws of 20{killed}")
        }
    }
}
