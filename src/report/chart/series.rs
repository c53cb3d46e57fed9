//! Active series over time.

use super::figure::Figure;
use super::track::Tracks;
use crate::model::record::catalogue::Track;
use crate::report::numbers::count;
use crate::report::view::View;

/// Relative change below which the number of series counts as steady.
const STEADY: f64 = 0.02;

pub(super) fn figure(view: &View<'_>) -> Option<Figure> {
    let tracks = Tracks::above(view, Track::Series, 0.0);
    let largest = tracks.rows.first()?;
    let (first, last) = (largest.bands.first()?, largest.bands.last()?);
    let of = tracks.of(largest.scope);
    let (from, to) = (count(first.p50), count(last.p50));
    let change = last.p50 / first.p50 - 1.0;
    let finding = if change.abs() < STEADY {
        format!("Active series{of} stay at {to}")
    } else {
        let verb = if change > 0.0 { "grow" } else { "shrink" };
        let high = count(last.p95);
        format!("Active series{of} {verb} from {from} to {to}, above {high} in 1 draw of 20")
    };
    Some(tracks.figure(finding, "Active series of the fleet", |_| None, None))
}
