//! Source ports in use, beside the ports that exist.

use super::figure::{Figure, Limit};
use super::track::Tracks;
use crate::experiment::results::TrackRow;
use crate::model::record::catalogue::{Failure, Metric, Scope, Track};
use crate::report::numbers::{exact, percent, percent_above};
use crate::report::view::View;

pub(super) fn figure(view: &View<'_>) -> Option<Figure> {
    let tracks = Tracks::above(view, Track::Ports, 0.0);
    let ratio = |row: &TrackRow| {
        let summary = view.metric(row.scope, Metric::PortsPeakRatio);
        summary.map_or(0.0, |summary| summary.max)
    };
    let fullest = tracks.rows.iter();
    let fullest = fullest.max_by(|a, b| ratio(a).total_cmp(&ratio(b)))?.scope;
    let finding = finding(view, fullest, &tracks.of(fullest));
    let limit = |scope| {
        let value = view.port_capacity(scope)?;
        let name = format!("{} ports", exact(value));
        Some(Limit { value, name })
    };
    Some(tracks.figure(finding, "Source ports in use in the fullest set", limit))
}

fn finding(view: &View<'_>, scope: Scope, of: &str) -> String {
    if let Some(row) = view.failure(scope, Failure::PortsExhausted) {
        let binds = view.binds(Failure::PortsExhausted);
        let verb = if binds { "bind first" } else { "run out" };
        let (share, by) = (percent(row.probability), view.by(row));
        return format!("NAT ports{of} {verb}: {share} of draws run out of ports {by}");
    }
    let share = view.metric(scope, Metric::PortsPeakRatio);
    match (share, view.port_capacity(scope)) {
        (Some(share), Some(capacity)) => {
            let (share, capacity) = (percent_above(share.max), exact(capacity));
            format!("Ports{of} stay below {share} of {capacity} in every draw")
        }
        _ => format!("Ports{of} in use, without a known limit"),
    }
}
