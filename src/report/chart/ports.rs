//! Source ports against the ports that exist.

use super::Chart;
use super::figure::{Body, Figure, Limit};
use super::scale::Format;
use super::track::{measure, of_scope, panels, rows_above};
use crate::experiment::results::TrackRow;
use crate::model::record::catalogue::{Failure, Metric, Scope, Track, Unit};
use crate::report::numbers::{exact, percent, percent_above};
use crate::report::view::View;

pub(super) const CHART: Chart = Chart {
    name: "ports",
    meaning: "Source ports in use in the fullest set of each egress, over time, against the ports \
              that exist.",
    all_cases: false,
    figure,
};

fn figure(view: &View<'_>) -> Option<Figure> {
    let rows = rows_above(view, Track::Ports, 0.0);
    let ratio = |row: &TrackRow| {
        let row = view.metric(row.scope, Metric::PortsPeakRatio);
        row.map_or(0.0, |row| row.summary.max)
    };
    let fullest = *rows.iter().max_by(|a, b| ratio(a).total_cmp(&ratio(b)))?;
    Some(Figure {
        finding: finding(view, &rows, fullest.scope),
        measure: measure(view, "Source ports in use in the fullest set", &rows),
        body: Body::Fans {
            panels: panels(view, &rows, |scope| limit(view, scope)),
            format: Format::Unit(Unit::Count),
            floor: 0.0,
            timeline: view.timeline,
        },
    })
}

fn limit(view: &View<'_>, scope: Scope) -> Option<Limit> {
    let value = view.port_capacity(scope)?;
    Some(Limit {
        value,
        name: format!("{} ports", exact(value)),
    })
}

fn finding(view: &View<'_>, rows: &[&TrackRow], scope: Scope) -> String {
    let of = of_scope(view, rows, scope);
    let exhausted = view.failure(scope, Failure::PortsExhausted);
    if let Some(row) = exhausted.filter(|row| row.draws_with > 0) {
        let binds = view
            .binding()
            .is_some_and(|row| row.failure == Failure::PortsExhausted);
        let verb = if binds { "bind first" } else { "run out" };
        let (share, end) = (percent(row.probability), view.timeline.end());
        let half = view.timeline.day(view.half_time(row));
        return format!(
            "NAT ports{of} {verb}: {share} of draws run out of ports by {end}, half of those by {half}"
        );
    }
    let share = view.metric(scope, Metric::PortsPeakRatio);
    match (share, view.port_capacity(scope)) {
        (Some(share), Some(capacity)) => format!(
            "Ports{of} stay below {} of {} in every draw",
            percent_above(share.summary.max),
            exact(capacity)
        ),
        _ => format!("Ports{of} in use, without a known limit"),
    }
}
