//! Unsent samples over time.

use super::figure::Figure;
use super::track::{Tracks, marked, peak};
use crate::model::record::catalogue::{Failure, Track};
use crate::report::numbers::count;
use crate::report::view::View;

pub(super) fn figure(view: &View<'_>) -> Option<Figure> {
    let tracks = Tracks::above(view, Track::Backlog, 0.0);
    let largest = tracks.rows.first()?;
    let of = tracks.of(largest.scope);
    let half = largest
        .bands
        .iter()
        .map(|band| band.p50)
        .fold(0.0, f64::max);
    let [half, most] = [half, peak(largest)].map(count);
    let lost = marked(view, largest.scope, Failure::DataLost);
    let finding = if half == "0" {
        format!(
            "The backlog{of} reaches {most} samples in 1 draw of 20, its median stays at 0{lost}"
        )
    } else if half == most {
        format!("The backlog{of} reaches {most} samples{lost}")
    } else {
        format!(
            "The backlog{of} reaches {half} samples in half of the draws, {most} in 1 of 20{lost}"
        )
    };
    let measure = "Unsent samples of the fleet";
    Some(tracks.figure(finding, measure, |_| None, Some(Failure::DataLost)))
}
