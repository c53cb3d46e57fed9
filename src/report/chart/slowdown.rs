//! Slowdown of applications next to collectors.

use super::figure::{Figure, Limit};
use super::track::{Standing, Tracks, from, marked, peak};
use crate::model::record::catalogue::{Failure, Track};
use crate::report::numbers::percent_above;
use crate::report::view::View;

/// Slowdown below which collectors and applications share no nodes in a visible way.
const NOTICEABLE: f64 = 1.001;

/// Slowdown of the failure `neighbour_slowed`.
const SLOWED: f64 = 1.5;

pub(super) fn figure(view: &View<'_>) -> Option<Figure> {
    let tracks = Tracks::above(view, Track::Slowdown, NOTICEABLE);
    let worst = tracks.rows.first()?;
    let of = tracks.of(worst.scope);
    let slowed = marked(view, worst.scope, Failure::NeighbourSlowed);
    let finding = match Standing::of(worst, SLOWED) {
        Standing::Half(seconds) => {
            let from = from(view, seconds);
            format!("Neighbours{of} respond half as slow again in half of the draws{from}{slowed}")
        }
        Standing::Twentieth(seconds) => {
            let from = from(view, seconds);
            format!("Neighbours{of} respond half as slow again in 1 draw of 20{from}{slowed}")
        }
        Standing::Below => {
            let more = percent_above(peak(worst) - 1.0);
            format!("Neighbours{of} respond at most {more} slower in 19 draws of 20{slowed}")
        }
    };
    let limit = |_| {
        Some(Limit {
            value: SLOWED,
            name: "slowed by half".to_owned(),
        })
    };
    let measure = "Response time with collectors over without, worst node";
    Some(tracks.figure(finding, measure, limit, Some(Failure::NeighbourSlowed)))
}
