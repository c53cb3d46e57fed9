//! Slowdown of applications next to collectors.

use super::figure::{Figure, Limit};
use super::track::{AT_ANY_TIME, Standing, Tracks, from, marked, peak};
use crate::model::record::catalogue::{Failure, Track, Unit};
use crate::report::numbers::{human, percent_above};
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
    let longer = |seconds, most| {
        let (from, most) = (from(view, seconds), human(most, Unit::Factor));
        format!("Neighbours{of} take half as long again{from}, {most} as long at the peak,")
    };
    let finding = match Standing::of(worst, SLOWED) {
        Standing::Half(seconds) => {
            let medians = worst.bands.iter().map(|band| band.p50);
            let start = longer(seconds, medians.fold(0.0, f64::max));
            format!("{start} in half of the draws{slowed}")
        }
        Standing::Twentieth(seconds) => {
            let start = longer(seconds, peak(worst));
            format!("{start} in 1 draw of 20{slowed}")
        }
        Standing::Below => {
            let more = percent_above(peak(worst) - 1.0);
            format!("Neighbours{of} respond at most {more} slower {AT_ANY_TIME}{slowed}")
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
