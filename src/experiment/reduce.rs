//! From the outcomes of a case to the rows that the report shows.

use super::finding;
use super::results::{Band, CaseResults, FailureRow, MetricRow, TrackRow};
use super::study::Case;
use crate::model::record::catalogue::{Failure, Metric, Scope, Track};
use crate::model::record::cut::Cut;
use crate::model::record::outcome::{Layout, Outcome, TRACK_POINTS};
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

/// All rows of a case, without its worst draw.
pub(super) fn reduce(case: &Case, outcomes: Vec<Outcome>) -> CaseResults {
    let layout = Layout::of(&case.blueprint);
    let metrics = metric_rows(&layout, &outcomes);
    let failures = failure_rows(&layout, &outcomes);
    let tracks = track_rows(case, &layout, &outcomes);
    let binding = binding(&failures);
    let nearest = nearest(&layout, &outcomes.iter()).map(|(column, median)| {
        let (scope, metric) = layout.columns[column];
        (scope, metric, median)
    });
    let uncut = |scope, metric: Metric| {
        let cut = Cut::of(scope, &case.blueprint, &layout).filter(|_| metric.is_cut_by_kills())?;
        with_kills(&outcomes, layout.column(scope, metric)?, cut)
    };
    let findings = finding::findings(case, &metrics, &failures, &uncut);
    CaseResults {
        unknowns: unknowns(&case.blueprint),
        layout,
        metrics,
        failures,
        tracks,
        binding,
        nearest,
        findings,
        worst: None,
        outcomes,
    }
}

fn metric_rows(layout: &Layout, outcomes: &[Outcome]) -> Vec<MetricRow> {
    let row = |(column, &(scope, metric)): (usize, &(Scope, Metric))| {
        Some(MetricRow {
            scope,
            metric,
            summary: Summary::of(&finite(
                outcomes.iter().map(|outcome| outcome.values[column]),
            ))?,
        })
    };
    layout.columns.iter().enumerate().filter_map(row).collect()
}

/// Median and 95th percentile of a column, in which a draw is infinite if a kill cut it off.
fn with_kills(outcomes: &[Outcome], column: usize, cut: Cut) -> Option<[f64; 2]> {
    let value = |outcome: &Outcome| {
        if cut.is_in(outcome) {
            f64::INFINITY
        } else {
            outcome.values[column]
        }
    };
    let mut values: Vec<f64> = outcomes.iter().map(value).collect();
    values.retain(|value| !value.is_nan());
    values.sort_unstable_by(f64::total_cmp);
    (!values.is_empty()).then(|| [0.5, 0.95].map(|share| quantile(&values, share)))
}

fn failure_rows(layout: &Layout, outcomes: &[Outcome]) -> Vec<FailureRow> {
    let firsts = outcomes.iter().map(|outcome| first_of_all(layout, outcome));
    let firsts: Vec<Option<usize>> = firsts.collect();
    let row = |(position, &(scope, failure)): (usize, &(Scope, Failure))| {
        let first = |outcome: &Outcome| outcome.first[position];
        let mut first_seconds: Vec<f64> = outcomes.iter().filter_map(first).collect();
        first_seconds.sort_unstable_by(f64::total_cmp);
        let is_this = |first: &&Option<usize>| **first == Some(position);
        let happens = |outcome: &Outcome| outcome.share(position, f64::INFINITY);
        let shares: Vec<f64> = outcomes.iter().map(happens).collect();
        // The comparison does not matter: only the estimate and its interval are read.
        let claim = Claim {
            statistic: Statistic::Probability,
            comparison: Comparison::Less,
            limit: 0.5,
            range: Interval::new(0.0, 1.0),
        };
        let evidence = claim.evidence(&shares);
        FailureRow {
            scope,
            failure,
            draws_with: first_seconds.len(),
            probability: evidence.estimate,
            interval: evidence.interval,
            draws_first: firsts.iter().filter(is_this).count(),
            first_seconds,
        }
    };
    layout.failures.iter().enumerate().map(row).collect()
}

/// Position of the first failure of a draw. An unsafe restart is a risk, not a failure that
/// happened.
fn first_of_all(layout: &Layout, outcome: &Outcome) -> Option<usize> {
    let broke = |&(position, _): &(usize, &Option<f64>)| {
        layout.failures[position].1 != Failure::RestartUnsafe
    };
    let instants = outcome.first.iter().enumerate().filter(broke);
    let occurred = instants.filter_map(|(position, first)| Some((position, (*first)?)));
    let earliest = occurred.min_by(|left, right| left.1.total_cmp(&right.1));
    earliest.map(|(position, _)| position)
}

fn binding(failures: &[FailureRow]) -> Option<usize> {
    let most =
        (0..failures.len()).max_by_key(|&row| (failures[row].draws_first, usize::MAX - row))?;
    (failures[most].draws_first > 0).then_some(most)
}

/// The column of the ratio with the highest median over the draws, and that median.
fn nearest<'a>(
    layout: &Layout,
    outcomes: &(impl Iterator<Item = &'a Outcome> + Clone),
) -> Option<(usize, f64)> {
    let columns = layout.columns.iter().enumerate();
    let ratios = columns.filter(|(_, (_, metric))| RATIOS.contains(metric));
    let medians = ratios.filter_map(|(column, _)| {
        let values = finite(outcomes.clone().map(|outcome| outcome.values[column]));
        (!values.is_empty()).then(|| (column, quantile(&values, 0.5)))
    });
    medians.max_by(|left, right| left.1.total_cmp(&right.1))
}

/// The values that have a meaning, sorted.
fn finite(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut finite: Vec<f64> = values.filter(|value| value.is_finite()).collect();
    finite.sort_unstable_by(f64::total_cmp);
    finite
}

fn track_rows(case: &Case, layout: &Layout, outcomes: &[Outcome]) -> Vec<TrackRow> {
    let horizon = case.blueprint.horizon.secs_f64();
    let band = |position: usize, point: usize| {
        let slot = position * TRACK_POINTS + point;
        let values = outcomes
            .iter()
            .map(|outcome| f64::from(outcome.tracks[slot]))
            .filter(|value| value.is_finite());
        let seconds = horizon * point as f64 / (TRACK_POINTS as f64 - 1.0);
        Band::of(seconds, values.collect())
    };
    let row = |(position, &(scope, track)): (usize, &(Scope, Track))| TrackRow {
        scope,
        track,
        bands: (0..TRACK_POINTS)
            .filter_map(|point| band(position, point))
            .collect(),
    };
    layout.tracks.iter().enumerate().map(row).collect()
}

/// The draw with the earliest failure, or else the draw nearest to a limit. Draws are given in
/// their order, and the first of equal draws is the worst.
pub(super) fn worst<'a>(
    layout: &Layout,
    draws: impl Iterator<Item = (u32, &'a Outcome)> + Clone,
) -> Option<u32> {
    let first = |outcome: &Outcome| {
        first_of_all(layout, outcome).and_then(|position| outcome.first[position])
    };
    let failing = draws.clone();
    let failing = failing.filter_map(|(draw, outcome)| Some((first(outcome)?, draw)));
    if let Some((_, draw)) = failing.min_by(|left, right| left.0.total_cmp(&right.0)) {
        return Some(draw);
    }
    let nearest = nearest(layout, &draws.clone().map(|(_, outcome)| outcome));
    let value = |outcome: &Outcome| nearest.map_or(0.0, |(column, _)| outcome.values[column]);
    let mut best: Option<(f64, u32)> = None;
    for (draw, outcome) in draws {
        if best.is_none_or(|(highest, _)| value(outcome) > highest) {
            best = Some((value(outcome), draw));
        }
    }
    best.map(|(_, draw)| draw)
}
