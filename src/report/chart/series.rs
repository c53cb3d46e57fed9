//! Active series over time.

use super::figure::Figure;
use super::track::{Tracks, course};
use crate::model::record::catalogue::Track;
use crate::report::numbers::count;
use crate::report::view::View;

/// Relative change below which the number of series counts as steady.
const STEADY: f64 = 0.02;

pub(super) fn figure(view: &View<'_>) -> Option<Figure> {
    let tracks = Tracks::above(view, Track::Series, 0.0);
    let largest = tracks.rows.first()?;
    let last = largest.bands.last()?;
    let of = tracks.of(largest.scope);
    let [end, high] = [last.p50, last.p95].map(count);
    let high = if high == end {
        String::new()
    } else {
        format!(", above {high} at the end in 1 draw of 20")
    };
    let finding = match course(largest, STEADY) {
        Some(course) => format!("Active series{of} {course} in the median{high}"),
        None => format!("Active series{of} stay at {end} in the median{high}"),
    };
    Some(tracks.figure(finding, "Active series of the fleet", |_| None, None))
}
