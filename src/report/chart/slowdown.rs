//! How much slower applications respond next to collectors.

use super::Chart;
use super::figure::{Body, Figure, Limit};
use super::scale::Format;
use super::track::{measure, of_scope, panels, peak, rows_above};
use crate::experiment::results::TrackRow;
use crate::model::record::catalogue::{Failure, Track};
use crate::report::numbers::{percent, percent_above};
use crate::report::view::View;

pub(super) const CHART: Chart = Chart {
    name: "slowdown",
    meaning: "Response time of applications with collectors over without, on the worst node of each \
              pool, over time.",
    all_cases: false,
    figure,
};

/// Below this much, collectors and applications do not share nodes in any way that shows.
const NOTICEABLE: f64 = 1.001;

/// What the failure `neighbour_slowed` means.
const SLOWED: f64 = 1.5;

fn figure(view: &View<'_>) -> Option<Figure> {
    let rows = rows_above(view, Track::Slowdown, NOTICEABLE);
    let worst = *rows.first()?;
    let slowed = Limit {
        value: SLOWED,
        name: "slowed by half".to_owned(),
    };
    Some(Figure {
        finding: finding(view, &rows, worst),
        measure: measure(
            view,
            "Response time with collectors over without, worst node",
            &rows,
        ),
        body: Body::Fans {
            panels: panels(view, &rows, |_| Some(slowed.clone())),
            format: Format::Factor,
            floor: 1.0,
            timeline: view.timeline,
        },
    })
}

fn finding(view: &View<'_>, rows: &[&TrackRow], worst: &TrackRow) -> String {
    let of = of_scope(view, rows, worst.scope);
    let failure = view.failure(worst.scope, Failure::NeighbourSlowed);
    if let Some(row) = failure.filter(|row| row.draws_with > 0) {
        let (share, end) = (percent(row.probability), view.timeline.end());
        return format!("Neighbours{of} respond half as slow again in {share} of draws by {end}");
    }
    let more = percent_above(peak(worst) - 1.0);
    format!("Neighbours{of} on the worst node respond at most {more} slower in 19 draws of 20")
}
