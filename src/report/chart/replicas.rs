//! Replicas of autoscaled fleets over time.

use super::figure::{Figure, Limit};
use super::track::Tracks;
use crate::model::record::catalogue::{Metric, Scope, Track};
use crate::report::numbers::count;
use crate::report::view::View;

pub(super) fn figure(view: &View<'_>) -> Option<Figure> {
    let mut tracks = Tracks::above(view, Track::Collectors, 0.0);
    tracks.rows.retain(|row| most(view, row.scope).is_some());
    let largest = tracks.rows.first()?.scope;
    let of = tracks.of(largest);
    let median = |metric| Some(view.metric(largest, metric)?.p50);
    let start = median(Metric::CollectorsStart)?;
    let peak = median(Metric::CollectorsPeak)?;
    let end = median(Metric::CollectorsEnd)?;
    let [from, highest, to] = [start, peak, end].map(count);
    let finding = if peak <= start && end >= start {
        format!("Collectors{of} stay at {from} in half of the draws")
    } else {
        format!("Collectors{of} go from {from} to {highest} at most and end at {to}, in the median")
    };
    Some(tracks.figure(finding, "Collectors of the fleet", |scope| {
        most(view, scope)
    }))
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
