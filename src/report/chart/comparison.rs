//! Cases beside each other: how often each fails, or how near each comes to its limit.

use super::Chart;
use super::figure::{Body, Figure, Limit, Mark, Row};
use super::scale::Format;
use crate::experiment::results::{FailureRow, MetricRow, Results};
use crate::model::record::catalogue::{Failure, Metric, Unit};
use crate::report::numbers::{bounds, percent};
use crate::report::view::View;
use crate::report::words;

pub(super) const CHART: Chart = Chart {
    name: "comparison",
    meaning: "Probability of each failure by case with its 95 % interval, or, if nothing fails in \
              any case, the share of the nearest limit (median, p5 to p95).",
    all_cases: true,
    figure,
};

/// Cases that one chart holds.
pub(super) const ROWS_MAX: usize = 24;
/// Failures that one chart holds.
const KEYS_MAX: usize = 3;

fn figure(view: &View<'_>) -> Option<Figure> {
    let results = view.results;
    if results.cases.len() < 2 {
        return None;
    }
    match failures(results).as_slice() {
        [] => shares(view),
        failures => Some(probabilities(results, failures)),
    }
}

/// The failures that happen anywhere: what binds first in most draws of all cases leads.
fn failures(results: &Results) -> Vec<Failure> {
    let rows = |failure| {
        let rows = results.cases.iter().flat_map(|case| &case.failures);
        rows.filter(move |row: &&FailureRow| row.failure == failure)
    };
    let with = |failure| rows(failure).map(|row| row.draws_with).sum::<usize>();
    let first = |failure| rows(failure).map(|row| row.draws_first).sum::<usize>();
    let mut failures: Vec<_> = Failure::ALL
        .into_iter()
        .filter(|&each| with(each) > 0)
        .collect();
    failures.sort_by_key(|&failure| std::cmp::Reverse(first(failure)));
    failures.truncate(KEYS_MAX);
    failures
}

fn probabilities(results: &Results, failures: &[Failure]) -> Figure {
    let row = |view: View<'_>| Row {
        name: view.label(),
        marks: failures
            .iter()
            .map(|&failure| likeliest(&view, failure).map(mark_of))
            .collect(),
    };
    Figure {
        finding: contrast(results, failures[0]),
        measure: measure(
            "Share of draws with each failure by the horizon, 95 % interval",
            results,
        ),
        body: Body::Ranges {
            rows: View::all(results).take(ROWS_MAX).map(row).collect(),
            keys: failures
                .iter()
                .map(|&failure| words::happens(failure).to_owned())
                .collect(),
            format: Format::Unit(Unit::Ratio),
            limit: None,
        },
    }
}

/// The scope of a case in which a failure happens most often.
fn likeliest<'a>(view: &View<'a>, failure: Failure) -> Option<&'a FailureRow> {
    let rows = view
        .case
        .failures
        .iter()
        .filter(|row| row.failure == failure);
    rows.rev().max_by_key(|row| row.draws_with)
}

fn mark_of(row: &FailureRow) -> Mark {
    let (low, high) = bounds(row.interval);
    Mark {
        value: row.probability,
        low: low.unwrap_or(0.0),
        high: high.unwrap_or(1.0),
    }
}

/// The best and the worst case for a failure, in one sentence.
fn contrast(results: &Results, failure: Failure) -> String {
    let happens = words::happens(failure);
    let rows: Vec<_> = View::all(results)
        .filter_map(|view| Some((view.label(), likeliest(&view, failure)?)))
        .collect();
    let worst = rows.iter().rev().max_by_key(|row| row.1.draws_with);
    let best = rows.iter().rev().min_by_key(|row| row.1.draws_with);
    let (Some((worst_name, worst)), Some((best_name, best))) = (worst, best) else {
        return format!("{happens} by case");
    };
    let text = if best.interval.high >= worst.interval.low {
        let (low, high) = (percent(best.probability), percent(worst.probability));
        format!("{happens}: the cases do not differ clearly, {low} to {high} of draws")
    } else {
        let low = if best.draws_with == 0 {
            "none".to_owned()
        } else {
            percent(best.probability)
        };
        let high = percent(worst.probability);
        format!("{happens}: {high} of draws in case {worst_name}, {low} in case {best_name}")
    };
    super::first_failure::capitalised(&text)
}

/// Nothing fails anywhere: the share of the limit that the base comes nearest to.
fn shares(view: &View<'_>) -> Option<Figure> {
    let (_, metric, _) = view.case.nearest?;
    let name = words::ratio_of(metric);
    let rows: Vec<_> = View::all(view.results)
        .map(|view| (view.label(), highest(&view, metric).map(range_of)))
        .collect();
    let marks = rows
        .iter()
        .filter_map(|(name, mark)| Some((name, (*mark)?)));
    let worst = marks.max_by(|a, b| a.1.high.total_cmp(&b.1.high))?;
    let finding = format!(
        "Nothing breaks in any case; {name} comes nearest to its limit with {} in case {}",
        percent(worst.1.value),
        worst.0
    );
    let rows = rows.into_iter().take(ROWS_MAX);
    Some(Figure {
        finding,
        measure: measure(
            &format!("Peak of {name} over its limit: median, p5 to p95"),
            view.results,
        ),
        body: Body::Ranges {
            rows: rows
                .map(|(name, mark)| Row {
                    name,
                    marks: vec![mark],
                })
                .collect(),
            keys: vec![name.to_owned()],
            format: Format::Unit(Unit::Ratio),
            limit: Some(Limit {
                value: 1.0,
                name: "limit".to_owned(),
            }),
        },
    })
}

/// The scope of a case in which a metric is highest.
fn highest<'a>(view: &View<'a>, metric: Metric) -> Option<&'a MetricRow> {
    let rows = view.case.metrics.iter().filter(|row| row.metric == metric);
    rows.max_by(|a, b| a.summary.p95.total_cmp(&b.summary.p95))
}

/// The median of a metric, p5 to p95.
pub(super) fn range_of(row: &MetricRow) -> Mark {
    Mark {
        value: row.summary.p50,
        low: row.summary.p05,
        high: row.summary.p95,
    }
}

/// What is measured, and of how many of the cases.
pub(super) fn measure(text: &str, results: &Results) -> String {
    if results.cases.len() > ROWS_MAX {
        format!(
            "{text}; the first {ROWS_MAX} of {} cases",
            results.cases.len()
        )
    } else {
        text.to_owned()
    }
}
