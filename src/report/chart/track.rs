//! Tracks of a case as panels.

use super::fan::PANELS_MAX;
use super::figure::{Limit, Panel};
use crate::experiment::results::TrackRow;
use crate::model::record::catalogue::{Scope, Track};
use crate::report::view::View;

/// The rows of a track whose 95th percentile rises above `level` at some point, highest first.
pub(super) fn rows_above<'a>(view: &View<'a>, track: Track, level: f64) -> Vec<&'a TrackRow> {
    let mut rows: Vec<_> = view
        .case
        .tracks
        .iter()
        .filter(|row| row.track == track)
        .collect();
    rows.retain(|row| peak(row) > level);
    rows.sort_by(|a, b| peak(b).total_cmp(&peak(a)));
    rows
}

/// Highest 95th percentile of a row.
pub(super) fn peak(row: &TrackRow) -> f64 {
    row.bands.iter().map(|band| band.p95).fold(0.0, f64::max)
}

/// One panel per row.
pub(super) fn panels(
    view: &View<'_>,
    rows: &[&TrackRow],
    limit: impl Fn(Scope) -> Option<Limit>,
) -> Vec<Panel> {
    let panel = |row: &&TrackRow| Panel {
        name: view.scope(row.scope),
        bands: row.bands.clone(),
        limit: limit(row.scope),
    };
    rows.iter().take(PANELS_MAX).map(panel).collect()
}

/// The measure with the scope if there is one, or with how many of them are shown.
pub(super) fn measure(view: &View<'_>, text: &str, rows: &[&TrackRow]) -> String {
    match rows {
        [row] => format!("{text}, {}", view.scope(row.scope)),
        _ if rows.len() > PANELS_MAX => {
            format!(
                "{text}; {PANELS_MAX} of {} shown, highest first",
                rows.len()
            )
        }
        _ => text.to_owned(),
    }
}

/// ` of fleet.metrics` where a chart has several scopes, nothing where it has one.
pub(super) fn of_scope(view: &View<'_>, rows: &[&TrackRow], scope: Scope) -> String {
    if rows.len() > 1 {
        format!(" of {}", view.scope(scope))
    } else {
        String::new()
    }
}
