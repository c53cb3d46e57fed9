//! From the outcomes of a case to the rows that the report shows.

use super::finding;
use super::needs;
use super::outcomes::{Outcomes, Reader};
use super::results::{Band, CaseResults, FailureRow, MetricRow, TrackRow};
use super::store::StoreError;
use super::study::Case;
use super::tally::first_of_all;
use crate::model::record::catalogue::{Failure, Metric, Scope};
use crate::model::record::outcome::{Figures, Layout, TRACK_POINTS};
use crate::model::world::unknowns;
use crate::stats::{Claim, Comparison, Interval, Statistic, Summary, quantile};

/// Metrics that are a share of a limit.
const RATIOS: [Metric; 5] = [
    Metric::MemoryPeakRatio,
    Metric::MemoryRestartRatio,
    Metric::CpuPeakRatio,
    Metric::NodeMemoryPeakRatio,
    Metric::PortsPeakRatio,
];

/// All rows of a case, without its worst draw, and the number of that draw.
///
/// # Errors
///
/// If draws cannot be read.
pub(super) fn reduce(case: &Case, outcomes: &Outcomes) -> Result<(CaseResults, u32), StoreError> {
    let layout = Layout::of(&case.blueprint);
    let draws = outcomes.open()?;
    let metrics = metric_rows(&layout, &draws)?;
    let failures = failure_rows(&layout, &draws)?;
    let tracks = track_rows(case, &layout, &draws)?;
    let binding = binding(&failures);
    let nearest = nearest(&layout, &draws)?;
    let worst = worst(&layout, &draws, nearest)?;
    let needs = needs::need_rows(case, &layout, &draws)?;
    let uncut = |scope, metric: Metric| {
        let mut rows = needs.iter().filter(|_| metric.is_cut_by_kills());
        let row = rows.find(|row| (row.scope, row.metric) == (scope, metric))?;
        Some([row.p50, row.p95])
    };
    let findings = finding::findings(case, &metrics, &failures, &uncut);
    let events = draws.collect(|draw| draw.events_handled())?;
    let days = draws.collect(|draw| draw.collector_days())?;
    let results = CaseResults {
        unknowns: unknowns(&case.blueprint),
        events_handled: events.into_iter().sum(),
        collector_days: days.into_iter().sum(),
        draws_killed: needs::draws_killed(&layout, &draws)?,
        cuts: needs::cut_rows(case, &layout, &draws)?,
        needs,
        memory_needed: needs::memory_needed(case, &layout, &draws, &tracks)?,
        nearest: nearest.map(|(column, median)| {
            let (scope, metric) = layout.columns[column];
            (scope, metric, median)
        }),
        layout,
        metrics,
        failures,
        tracks,
        binding,
        findings,
        worst: None,
        outcomes: outcomes.clone(),
    };
    Ok((results, worst))
}

fn metric_rows(layout: &Layout, draws: &Reader<'_>) -> Result<Vec<MetricRow>, StoreError> {
    let mut rows = Vec::new();
    for (column, &(scope, metric)) in layout.columns.iter().enumerate() {
        let values = finite(draws.collect(|draw| draw.value(column))?);
        rows.extend(Summary::of(&values).map(|summary| MetricRow {
            scope,
            metric,
            summary,
        }));
    }
    Ok(rows)
}

fn failure_rows(layout: &Layout, draws: &Reader<'_>) -> Result<Vec<FailureRow>, StoreError> {
    let firsts = draws.collect(|draw| first_of_all(layout, &draw))?;
    let row = |(position, &(scope, failure)): (usize, &(Scope, Failure))| {
        let first_seconds = draws.collect(|draw| draw.first(position))?;
        let mut first_seconds: Vec<f64> = first_seconds.into_iter().flatten().collect();
        first_seconds.sort_unstable_by(f64::total_cmp);
        let is_this = |first: &&Option<usize>| **first == Some(position);
        let shares = draws.collect(|draw| draw.share(position, f64::INFINITY))?;
        // The comparison does not matter: only the estimate and its interval are read.
        let claim = Claim {
            statistic: Statistic::Probability,
            comparison: Comparison::Less,
            limit: 0.5,
            range: Interval::new(0.0, 1.0),
        };
        let evidence = claim.evidence(&shares);
        Ok(FailureRow {
            scope,
            failure,
            draws_with: first_seconds.len(),
            probability: evidence.estimate,
            interval: evidence.interval,
            draws_first: firsts.iter().filter(is_this).count(),
            first_seconds,
        })
    };
    layout.failures.iter().enumerate().map(row).collect()
}

fn binding(failures: &[FailureRow]) -> Option<usize> {
    let most =
        (0..failures.len()).max_by_key(|&row| (failures[row].draws_first, usize::MAX - row))?;
    (failures[most].draws_first > 0).then_some(most)
}

/// The column of the ratio with the highest median over the draws, and that median.
fn nearest(layout: &Layout, draws: &Reader<'_>) -> Result<Option<(usize, f64)>, StoreError> {
    let columns = layout.columns.iter().enumerate();
    let mut medians = Vec::new();
    for (column, _) in columns.filter(|(_, (_, metric))| RATIOS.contains(metric)) {
        let values = finite(draws.collect(|draw| draw.value(column))?);
        if !values.is_empty() {
            medians.push((column, quantile(&values, 0.5)));
        }
    }
    let highest = medians.into_iter();
    Ok(highest.max_by(|left, right| left.1.total_cmp(&right.1)))
}

/// The values that have a meaning, sorted.
fn finite(mut values: Vec<f64>) -> Vec<f64> {
    values.retain(|value| value.is_finite());
    values.sort_unstable_by(f64::total_cmp);
    values
}

fn track_rows(
    case: &Case,
    layout: &Layout,
    draws: &Reader<'_>,
) -> Result<Vec<TrackRow>, StoreError> {
    let mut rows = Vec::new();
    for (position, &(scope, track)) in layout.tracks.iter().enumerate() {
        let mut bands = Vec::new();
        for point in 0..TRACK_POINTS {
            let mut values = draws.collect(|draw| f64::from(draw.point(position, point)))?;
            values.retain(|value| value.is_finite());
            bands.extend(Band::of(seconds(case, point), values));
        }
        rows.push(TrackRow {
            scope,
            track,
            bands,
        });
    }
    Ok(rows)
}

/// Seconds from the start to a point of a track.
pub(super) fn seconds(case: &Case, point: usize) -> f64 {
    case.blueprint.horizon.secs_f64() * point as f64 / (TRACK_POINTS as f64 - 1.0)
}

/// The draw with the earliest failure, or else the draw nearest to a limit. The first of equal draws
/// is the worst.
fn worst(
    layout: &Layout,
    draws: &Reader<'_>,
    nearest: Option<(usize, f64)>,
) -> Result<u32, StoreError> {
    let first = draws.collect(|draw| {
        let position = first_of_all(layout, &draw)?;
        draw.first(position)
    })?;
    let failing = (0..)
        .zip(first)
        .filter_map(|(draw, first)| Some((first?, draw)));
    if let Some((_, draw)) = failing.min_by(|left, right| left.0.total_cmp(&right.0)) {
        return Ok(draw);
    }
    let Some((column, _)) = nearest else {
        return Ok(0);
    };
    let values = draws.collect(|draw| draw.value(column))?;
    let mut best: (f64, u32) = (values[0], 0);
    for (draw, &value) in (0..).zip(&values) {
        if value > best.0 {
            best = (value, draw);
        }
    }
    Ok(best.1)
}
