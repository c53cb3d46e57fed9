//! Tracks of a case as panels.

use super::crossing::first_above;
use super::fan::PANELS_MAX;
use super::figure::{Body, Failures, Fans, Figure, Limit, Panel};
use super::theme;
use crate::experiment::results::TrackRow;
use crate::model::record::catalogue::{Failure, Scope, Track};
use crate::report::numbers::{count, percent};
use crate::report::view::View;
use crate::report::words;

/// One track of a case, in every scope that a chart shows.
pub(super) struct Tracks<'a> {
    view: &'a View<'a>,
    track: Track,
    /// The rows, highest first.
    pub(super) rows: Vec<TrackRow>,
}

impl<'a> Tracks<'a> {
    /// The rows of a track whose 95th percentile rises above `level` at some point.
    pub(super) fn above(view: &'a View<'_>, track: Track, level: f64) -> Self {
        let rows = view.case.tracks.iter().filter(|row| row.track == track);
        Self::of_rows(view, track, rows.cloned(), level)
    }

    /// The same of rows that a chart has made.
    pub(super) fn of_rows(
        view: &'a View<'_>,
        track: Track,
        rows: impl Iterator<Item = TrackRow>,
        level: f64,
    ) -> Self {
        let rows = rows.filter(|row| peak(row) > level);
        let mut rows: Vec<_> = rows.map(|row| placed(view, &row)).collect();
        rows.sort_by(|a, b| peak(b).total_cmp(&peak(a)));
        Self { view, track, rows }
    }

    /// ` of fleet.metrics` where a chart has several scopes; empty where it has one.
    pub(super) fn of(&self, scope: Scope) -> String {
        if self.rows.len() > 1 {
            format!(" of {}", self.view.scope(scope))
        } else {
            String::new()
        }
    }

    /// The figure with one panel per row. The measure names the scope if there is one, or states
    /// how many scopes are shown.
    pub(super) fn figure(
        &self,
        finding: String,
        measure: &str,
        limit: impl Fn(Scope) -> Option<Limit>,
        failure: Option<Failure>,
    ) -> Figure {
        let measure = match self.rows.as_slice() {
            [row] => format!("{measure}, {}", self.view.scope(row.scope)),
            rows if rows.len() > PANELS_MAX => {
                let all = rows.len();
                format!("{measure}; {PANELS_MAX} of {all} shown")
            }
            _ => measure.to_owned(),
        };
        let panel = |row: &TrackRow| Panel {
            name: self.view.scope(row.scope),
            bands: row.bands.clone(),
            limit: limit(row.scope),
            failures: failure.and_then(|failure| failures(self.view, row.scope, failure)),
        };
        let body = Body::Fans(Fans {
            panels: self.rows.iter().take(PANELS_MAX).map(panel).collect(),
            unit: self.track.info().unit,
            timeline: self.view.timeline,
        });
        Figure {
            finding,
            measure,
            body,
        }
    }
}

/// A row whose points stand where their values come from. A point has the highest value since the
/// point before it; of a time with an outage that is the outage.
fn placed(view: &View<'_>, row: &TrackRow) -> TrackRow {
    let endpoints = view.blueprint().endpoints.iter();
    let outages = endpoints.flat_map(|endpoint| &endpoint.outages);
    let outages: Vec<f64> = outages.map(|outage| outage.at.secs_f64()).collect();
    let mut placed = row.clone();
    for (index, band) in placed.bands.iter_mut().enumerate().skip(1) {
        let since = row.bands[index - 1].seconds;
        // What begins at the instant of a point is seen after it.
        let within = outages
            .iter()
            .filter(|&&at| since <= at && at < band.seconds);
        band.seconds = within.copied().reduce(f64::min).unwrap_or(band.seconds);
    }
    placed
}

/// The first failures of draws in a scope.
fn failures(view: &View<'_>, scope: Scope, failure: Failure) -> Option<Failures> {
    let row = view.failure(scope, failure)?;
    Some(Failures {
        name: format!("{} {}", words::short(failure), percent(row.probability)),
        seconds: row.first_seconds.clone(),
        colour: theme::failure(failure),
    })
}

/// The failures of a scope as the end of a title, which the marks of the chart show.
pub(super) fn marked(view: &View<'_>, scope: Scope, failure: Failure) -> String {
    view.failure(scope, failure).map_or(String::new(), |row| {
        let share = percent(row.probability);
        format!("; {} in {share} of draws", words::happens(failure))
    })
}

/// Where the bands of a row stand to a level, from the points that are drawn.
pub(super) enum Standing {
    /// Half of the draws are above the level from an instant on.
    Half(f64),
    /// One draw in twenty is above the level from an instant on.
    Twentieth(f64),
    /// Nineteen draws in twenty stay below the level.
    Below,
}

impl Standing {
    /// The standing of a row.
    pub(super) fn of(row: &TrackRow, level: f64) -> Self {
        let first = |percentile| first_above(&row.bands, percentile, level);
        match (first(|band| band.p50), first(|band| band.p95)) {
            (Some(seconds), _) => Self::Half(seconds),
            (None, Some(seconds)) => Self::Twentieth(seconds),
            (None, None) => Self::Below,
        }
    }
}

/// The end of a sentence about when something is first so: ` from 3 Mar 2027`.
pub(super) fn from(view: &View<'_>, seconds: f64) -> String {
    if seconds < 1.0 {
        return " from the start".to_owned();
    }
    format!(" from {}", view.timeline.day(seconds))
}

/// The words for a statement that holds at each instant for other draws.
pub(super) const AT_ANY_TIME: &str = "at any one time in 19 draws of 20";

/// The course of the median from its start to its end: `grow from 7 to 9`. It names the peak or the
/// trough between them. `None` if it is steady.
pub(super) fn course(row: &TrackRow, steady: f64) -> Option<String> {
    let medians = || row.bands.iter().map(|band| band.p50);
    let (start, end) = (medians().next()?, medians().next_back()?);
    let peak = medians().fold(start, f64::max);
    let trough = medians().fold(start, f64::min);
    let is_near = |one: f64, other: f64| (one - other).abs() <= steady * other.abs();
    let [from, to] = [start, end].map(count);
    let has_peak = !is_near(peak, start.max(end));
    let has_trough = !is_near(trough, start.min(end));
    let [peak, trough] = [peak, trough].map(count);
    if has_peak && has_trough {
        return Some(format!("stay between {trough} and {peak}"));
    }
    if has_peak {
        return Some(format!(
            "go from {from} to {peak} at the peak and end at {to}"
        ));
    }
    if has_trough {
        return Some(format!("go from {from} down to {trough} and end at {to}"));
    }
    let verb = if end > start { "grow" } else { "shrink" };
    (!is_near(end, start)).then(|| format!("{verb} from {from} to {to}"))
}

/// Highest 95th percentile of a row.
pub(super) fn peak(row: &TrackRow) -> f64 {
    row.bands.iter().map(|band| band.p95).fold(0.0, f64::max)
}
