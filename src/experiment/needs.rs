//! What collectors need, where kills at a memory limit show only that it is more.

use super::outcomes::Reader;
use super::reduce::seconds;
use super::results::{Band, CutRow, NeedRow, TrackRow};
use super::store::StoreError;
use super::study::Case;
use crate::model::record::catalogue::{Failure, Metric, Scope, Track};
use crate::model::record::cut::Cut;
use crate::model::record::outcome::{Figures, Layout, TRACK_POINTS};
use crate::stats::quantile;

/// Number of draws in which a collector of any fleet is killed.
pub(super) fn draws_killed(layout: &Layout, draws: &Reader<'_>) -> Result<u64, StoreError> {
    let kills = layout.failures.iter().enumerate();
    let kills = kills.filter(|(_, (_, failure))| *failure == Failure::Oom);
    let kills: Vec<usize> = kills.map(|(position, _)| position).collect();
    let killed = draws.collect(|draw| kills.iter().any(|&kill| draw.first(kill).is_some()))?;
    Ok(killed.into_iter().filter(|is_killed| *is_killed).count() as u64)
}

/// One row per fleet with a memory limit.
pub(super) fn cut_rows(
    case: &Case,
    layout: &Layout,
    draws: &Reader<'_>,
) -> Result<Vec<CutRow>, StoreError> {
    let mut rows = Vec::new();
    for scope in Scope::all(&case.blueprint) {
        let kill = layout.failure(scope, Failure::Oom);
        let cut = Cut::of(scope, &case.blueprint, layout);
        let Some((cut, kill)) = cut.zip(kill) else {
            continue;
        };
        let first = draws.collect(|draw| cut.is_in(&draw).then(|| draw.first(kill)))?;
        let share = first.iter().flatten().count() as f64 / first.len() as f64;
        let mut first_seconds: Vec<f64> = first.into_iter().flatten().flatten().collect();
        first_seconds.sort_unstable_by(f64::total_cmp);
        rows.push(CutRow {
            scope,
            share,
            first_seconds,
        });
    }
    Ok(rows)
}

/// One row per metric that a kill at the memory limit cuts off, of fleets with a limit. One per egress
/// for the addresses that it needs.
pub(super) fn need_rows(
    case: &Case,
    layout: &Layout,
    draws: &Reader<'_>,
) -> Result<Vec<NeedRow>, StoreError> {
    let mut rows = Vec::new();
    for (column, &(scope, metric)) in layout.columns.iter().enumerate() {
        let cut = Cut::of(scope, &case.blueprint, layout);
        let cut = cut.filter(|_| metric.is_cut_by_kills());
        if cut.is_none() && metric != Metric::AddressesNeeded {
            continue;
        }
        let mut values = draws.collect(|draw| match cut {
            Some(cut) if cut.is_in(&draw) => f64::INFINITY,
            _ => draw.value(column),
        })?;
        values.retain(|value| !value.is_nan());
        values.sort_unstable_by(f64::total_cmp);
        if !values.is_empty() {
            rows.push(NeedRow {
                scope,
                metric,
                p50: quantile(&values, 0.5),
                p95: quantile(&values, 0.95),
            });
        }
    }
    Ok(rows)
}

/// The memory that each fleet needs. A draw counts as above every limit from its first kill on, if a
/// kill at the limit cut it off. What it needs is unknown, and a dead collector takes nothing. A draw
/// with kills by nodes alone counts with the most that it had needed.
pub(super) fn memory_needed(
    case: &Case,
    layout: &Layout,
    draws: &Reader<'_>,
    tracks: &[TrackRow],
) -> Result<Vec<TrackRow>, StoreError> {
    let mut rows = Vec::new();
    for (track, row) in tracks.iter().enumerate() {
        if row.track != Track::Memory {
            continue;
        }
        let bands = match layout.failure(row.scope, Failure::Oom) {
            Some(kill) => {
                let cut = Cut::of(row.scope, &case.blueprint, layout);
                needed(case, draws, track, (kill, cut))?
            }
            None => row.bands.clone(),
        };
        rows.push(TrackRow {
            bands,
            ..row.clone()
        });
    }
    Ok(rows)
}

fn needed(
    case: &Case,
    draws: &Reader<'_>,
    track: usize,
    (kill, cut): (usize, Option<Cut>),
) -> Result<Vec<Band>, StoreError> {
    let mut most = vec![f64::NAN; draws.count()];
    let mut bands = Vec::new();
    for point in 0..TRACK_POINTS {
        let now = seconds(case, point);
        let mut most = most.iter_mut();
        let values = draws.collect(|draw| {
            let value = f64::from(draw.point(track, point));
            let most = most.next().expect("one per draw");
            *most = most.max(value);
            let is_cut = cut.is_some_and(|cut| cut.is_in(&draw));
            match (draw.first(kill).is_some_and(|at| at <= now), is_cut) {
                (false, _) => value,
                (true, true) => f64::INFINITY,
                (true, false) => *most,
            }
        })?;
        bands.extend(Band::of(now, values));
    }
    Ok(bands)
}
