//! Replicas of autoscaled fleets over time.

use super::figure::{Figure, Limit};
use super::track::{Tracks, course};
use crate::model::record::catalogue::{Scope, Track};
use crate::report::numbers::count;
use crate::report::view::View;

pub(super) fn figure(view: &View<'_>) -> Option<Figure> {
    let mut tracks = Tracks::above(view, Track::Collectors, 0.0);
    tracks.rows.retain(|row| most(view, row.scope).is_some());
    let largest = tracks.rows.first()?;
    let of = tracks.of(largest.scope);
    let end = count(largest.bands.last()?.p50);
    let finding = match course(largest, 0.0) {
        Some(course) => format!("Collectors{of} {course} in the median"),
        None => format!("Collectors{of} stay at {end} in the median"),
    };
    let measure = "Collectors of the fleet";
    Some(tracks.figure(finding, measure, |scope| most(view, scope), None))
}

/// The most replicas that the autoscalers of a fleet may request in all its clusters.
fn most(view: &View<'_>, scope: Scope) -> Option<Limit> {
    let Scope::Fleet(fleet) = scope else {
        return None;
    };
    let value = view.blueprint().replicas_max(fleet)?;
    Some(Limit {
        value: f64::from(value),
        name: format!("max {value}"),
    })
}
