//! Source ports in use, beside the ports that exist.

use super::fan::PANELS_MAX;
use super::figure::{Figure, Limit};
use super::track::{AT_ANY_TIME, Standing, Tracks, from, marked, peak};
use crate::experiment::results::TrackRow;
use crate::model::record::catalogue::{Failure, Track};
use crate::report::numbers::{count, exact, percent_above};
use crate::report::view::View;

pub(super) fn figure(view: &View<'_>) -> Option<Figure> {
    let tracks = Tracks::above(view, Track::Ports, 0.0);
    let share = |row: &TrackRow| {
        let capacity = view.port_capacity(row.scope);
        capacity.map_or(0.0, |capacity| peak(row) / capacity)
    };
    let drawn = tracks.rows.iter().take(PANELS_MAX);
    let fullest = drawn.max_by(|a, b| share(a).total_cmp(&share(b)))?;
    let finding = finding(view, fullest, &tracks.of(fullest.scope));
    let limit = |scope| {
        let value = view.port_capacity(scope)?;
        let name = format!("{} ports", exact(value));
        Some(Limit { value, name })
    };
    let measure = "Source ports in use in the fullest set";
    Some(tracks.figure(finding, measure, limit, Some(Failure::PortsExhausted)))
}

/// What the bands show, and the draws that run out of ports, which are marked.
fn finding(view: &View<'_>, row: &TrackRow, of: &str) -> String {
    let exhausted = marked(view, row.scope, Failure::PortsExhausted);
    let Some(capacity) = view.port_capacity(row.scope) else {
        let most = count(peak(row));
        return format!("At most {most} ports{of} in use {AT_ANY_TIME}{exhausted}");
    };
    let all = exact(capacity);
    // Ports in use never exceed the ports that exist.
    match Standing::of(row, capacity * 0.999) {
        Standing::Half(seconds) => {
            let from = from(view, seconds);
            format!("All {all} ports{of} are in use in half of the draws{from}{exhausted}")
        }
        Standing::Twentieth(seconds) => {
            let from = from(view, seconds);
            format!("All {all} ports{of} are in use in 1 draw of 20{from}{exhausted}")
        }
        Standing::Below => {
            let share = percent_above(peak(row) / capacity);
            format!("Ports{of} in use stay below {share} of {all} {AT_ANY_TIME}{exhausted}")
        }
    }
}
