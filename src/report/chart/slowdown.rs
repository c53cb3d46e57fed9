//! Slowdown of applications next to collectors.

use super::figure::{Figure, Limit};
use super::track::{Tracks, peak};
use crate::model::record::catalogue::{Failure, Track};
use crate::report::numbers::{percent, percent_above};
use crate::report::view::View;

/// Slowdown below which collectors and applications share no nodes in a visible way.
const NOTICEABLE: f64 = 1.001;

/// Slowdown of the failure `neighbour_slowed`.
const SLOWED: f64 = 1.5;

pub(super) fn figure(view: &View<'_>) -> Option<Figure> {
    let tracks = Tracks::above(view, Track::Slowdown, NOTICEABLE);
    let worst = *tracks.rows.first()?;
    let of = tracks.of(worst.scope);
    let finding = if let Some(row) = view.failure(worst.scope, Failure::NeighbourSlowed) {
        let (share, end) = (percent(row.probability), view.timeline.end());
        format!("Neighbours{of} respond half as slow again in {share} of draws by {end}")
    } else {
        let more = percent_above(peak(worst) - 1.0);
        format!("Neighbours{of} on the worst node respond at most {more} slower in 19 draws of 20")
    };
    let slowed = |_| {
        Some(Limit {
            value: SLOWED,
            name: "slowed by half".to_owned(),
        })
    };
    let measure = "Response time with collectors over without, worst node";
    Some(tracks.figure(finding, measure, slowed))
}
