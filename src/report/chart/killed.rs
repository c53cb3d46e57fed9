//! Memory that collectors need, with the draws in which they are dead.

use crate::experiment::results::{Band, TrackRow};
use crate::model::record::catalogue::{Failure, Scope, Track};
use crate::model::record::outcome::{Outcome, TRACK_POINTS};
use crate::report::view::View;

/// The memory that each fleet needs. A draw counts as above every limit from its first kill on, if a
/// kill at the limit cut it off. What it needs is unknown, and a dead collector takes nothing. A draw
/// with kills by nodes alone counts with the most that it had needed.
pub(super) fn needed(view: &View<'_>) -> Vec<TrackRow> {
    let rows = view.case.tracks.iter();
    let rows = rows.filter(|row| row.track == Track::Memory);
    let row = |row: &TrackRow| TrackRow {
        scope: row.scope,
        track: row.track,
        bands: bands(view, row.scope).unwrap_or_else(|| row.bands.clone()),
    };
    rows.map(row).collect()
}

fn bands(view: &View<'_>, scope: Scope) -> Option<Vec<Band>> {
    let layout = &view.case.layout;
    let track = layout.track(scope, Track::Memory)?;
    let kill = layout.failure(scope, Failure::Oom)?;
    let step = view.timeline.horizon_seconds / (TRACK_POINTS as f64 - 1.0);
    let course = |draw: &Outcome| {
        let killed = draw.first[kill].unwrap_or(f64::INFINITY);
        let is_cut = view.is_cut_off(scope, draw) == Some(true);
        let mut most = f64::NAN;
        let points = 0..TRACK_POINTS;
        let points = points.map(move |point| {
            let value = f64::from(draw.tracks[track * TRACK_POINTS + point]);
            most = most.max(value);
            match (killed <= point as f64 * step, is_cut) {
                (false, _) => value,
                (true, true) => f64::INFINITY,
                (true, false) => most,
            }
        });
        points.collect::<Vec<f64>>()
    };
    let courses: Vec<Vec<f64>> = view.case.outcomes.iter().map(course).collect();
    let band = |point: usize| {
        let values = courses.iter().map(|course| course[point]);
        Band::of(point as f64 * step, values.collect())
    };
    Some((0..TRACK_POINTS).filter_map(band).collect())
}
