//! Tracks of a case as panels.

use super::fan::PANELS_MAX;
use super::figure::{Body, Fans, Figure, Limit, Panel};
use crate::experiment::results::TrackRow;
use crate::model::record::catalogue::{Scope, Track};
use crate::report::view::View;

/// One track of a case, in every scope that a chart shows.
pub(super) struct Tracks<'a> {
    view: &'a View<'a>,
    track: Track,
    /// The rows, highest first.
    pub(super) rows: Vec<&'a TrackRow>,
}

impl<'a> Tracks<'a> {
    /// The rows of a track whose 95th percentile rises above `level` at some point.
    pub(super) fn above(view: &'a View<'_>, track: Track, level: f64) -> Self {
        let rows = view.case.tracks.iter();
        let rows = rows.filter(|row| row.track == track && peak(row) > level);
        let mut rows: Vec<_> = rows.collect();
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
    ) -> Figure {
        let measure = match self.rows.as_slice() {
            [row] => format!("{measure}, {}", self.view.scope(row.scope)),
            rows if rows.len() > PANELS_MAX => {
                let all = rows.len();
                format!("{measure}; {PANELS_MAX} of {all} shown, highest first")
            }
            _ => measure.to_owned(),
        };
        let panel = |row: &&TrackRow| Panel {
            name: self.view.scope(row.scope),
            bands: row.bands.clone(),
            limit: limit(row.scope),
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

/// Highest 95th percentile of a row.
pub(super) fn peak(row: &TrackRow) -> f64 {
    row.bands.iter().map(|band| band.p95).fold(0.0, f64::max)
}
