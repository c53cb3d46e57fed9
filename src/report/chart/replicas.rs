//! Replicas of autoscaled fleets over time.

use super::Chart;
use super::figure::{Body, Figure, Limit};
use super::scale::Format;
use super::track::{measure, of_scope, panels, rows_above};
use crate::experiment::results::TrackRow;
use crate::model::record::catalogue::{Metric, Scope, Track, Unit};
use crate::report::numbers::count;
use crate::report::view::View;

pub(super) const CHART: Chart = Chart {
    name: "replicas",
    meaning: "Collectors of each autoscaled fleet over time, against the most that its autoscalers \
              may ask for.",
    all_cases: false,
    figure,
};

fn figure(view: &View<'_>) -> Option<Figure> {
    let mut rows = rows_above(view, Track::Collectors, 0.0);
    rows.retain(|row| most(view, row.scope).is_some());
    let largest = *rows.first()?;
    Some(Figure {
        finding: finding(view, &rows, largest)?,
        measure: measure(view, "Collectors of the fleet", &rows),
        body: Body::Fans {
            panels: panels(view, &rows, |scope| most(view, scope)),
            format: Format::Unit(Unit::Count),
            floor: 0.0,
            timeline: view.timeline,
        },
    })
}

/// The most replicas that the autoscalers of a fleet may ask for in all its clusters.
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

fn finding(view: &View<'_>, rows: &[&TrackRow], largest: &TrackRow) -> Option<String> {
    let of = of_scope(view, rows, largest.scope);
    let median = |metric| Some(view.metric(largest.scope, metric)?.summary.p50);
    let start = median(Metric::CollectorsStart)?;
    let peak = median(Metric::CollectorsPeak)?;
    let end = median(Metric::CollectorsEnd)?;
    let counts = [start, peak, end].map(count);
    let [from, highest, to] = &counts;
    Some(if peak <= start && end >= start {
        format!("Collectors{of} stay at {from} in half of the draws")
    } else {
        format!("Collectors{of} go from {from} to {highest} at most and end at {to}, in the median")
    })
}
