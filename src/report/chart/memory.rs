//! The memory limit that is needed, beside the limit that is set.

use super::fan::PANELS_MAX;
use super::figure::{Figure, Limit};
use super::track::{AT_ANY_TIME, Standing, Tracks, from, marked, peak};
use crate::experiment::requirement::Subject;
use crate::experiment::results::TrackRow;
use crate::model::record::catalogue::{Failure, Metric, Track};
use crate::report::numbers::{bytes, percent_above};
use crate::report::view::View;

/// Share of draws from which a statement about 19 draws of 20 is false.
const TOO_MANY: f64 = 0.05;

pub(super) fn figure(view: &View<'_>) -> Option<Figure> {
    let rows = view.case.memory_needed.iter().cloned();
    let mut tracks = Tracks::of_rows(view, Track::Memory, rows, 0.0);
    let index = subject(view, &tracks.rows)?;
    // What the title is about is always drawn.
    let is_drawn = index < PANELS_MAX;
    let subject = tracks.rows.remove(index);
    let index = if is_drawn { index } else { 0 };
    tracks.rows.insert(index, subject);
    let subject = &tracks.rows[index];
    let finding = finding(view, subject, &tracks.of(subject.scope));
    let total = view.metric(subject.scope, Metric::MemorySum);
    let total = total.map_or(String::new(), |sum| {
        let name = view.scope(subject.scope);
        let cut = view.with_cut_off(subject.scope, Metric::MemorySum);
        let is_cut = cut.is_some_and(|[_, p95]| p95.is_infinite());
        let cut = if is_cut { ", cut off by kills" } else { "" };
        format!(
            "; anonymous memory of all of {name}: {} at p95{cut}",
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

/// The fleet that the answer is about: the one whose memory a goal asks for, else the one in the
/// table of the cases, else the largest.
fn subject(view: &View<'_>, rows: &[TrackRow]) -> Option<usize> {
    let mut goals = view.goals();
    goals.sort_by_key(|row| std::cmp::Reverse(row.verdict));
    let is_about_memory = |subject: &Subject| match subject {
        Subject::Failure { failure, .. } => matches!(failure, Failure::Oom | Failure::OomNode),
        Subject::Metric { metric, .. } => metric.is_cut_by_kills(),
    };
    let subjects = goals.iter().map(|row| &row.requirement.subject);
    let subjects = subjects.filter(|subject| is_about_memory(subject));
    let asked = subjects.filter_map(|subject| view.scope_named(subject.scope()));
    let needed = view.need().map(|need| need.scope);
    let index = |scope| rows.iter().position(|row| row.scope == scope);
    let first = asked.chain(needed).find_map(index);
    first.or((!rows.is_empty()).then_some(0))
}

/// What the bands show, and the kills that are marked.
fn finding(view: &View<'_>, subject: &TrackRow, of: &str) -> String {
    let killed = marked(view, subject.scope, Failure::Oom);
    let Some(limit) = view.memory_limit(subject.scope) else {
        let kills = view.failure(subject.scope, Failure::Oom);
        // Kills by nodes hide what would have been needed.
        if kills.is_some_and(|row| row.probability >= TOO_MANY) {
            return format!("No memory limit is set{of}{killed}, by their nodes");
        }
        let most = bytes(peak(subject));
        return format!("No memory limit is set{of}; {most} is enough {AT_ANY_TIME}{killed}");
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
            format!("Memory needed{of} stays below {below} of {text} {AT_ANY_TIME}{killed}")
        }
    }
}
