//! Cases side by side: the probability of each failure, or the share of the limit that each case
//! reaches.

use super::figure::{Body, Figure, Limit, Mark, Ranges, Row};
use super::theme;
use crate::experiment::results::{FailureRow, Results};
use crate::model::record::catalogue::{Failure, Metric, Unit};
use crate::report::case_names;
use crate::report::numbers::{bounds, percent};
use crate::report::view::View;
use crate::report::words;
use crate::stats::Summary;

/// Most cases of one chart.
pub(super) const ROWS_MAX: usize = 24;
/// Most failures of one chart.
const KEYS_MAX: usize = 3;

pub(super) fn figure(view: &View<'_>) -> Option<Figure> {
    let results = view.results;
    if results.cases.len() < 2 {
        return None;
    }
    match failures(view).as_slice() {
        [] => shares(view),
        failures => Some(probabilities(view, failures)),
    }
}

/// The failures that happen in a case that is drawn. What a goal that decides asks for comes first,
/// then the bottleneck of most draws.
fn failures(view: &View<'_>) -> Vec<Failure> {
    let results = view.results;
    let asked = view.asked();
    let rows = |failure| {
        let drawn = results.cases.iter().take(ROWS_MAX);
        let rows = drawn.flat_map(|case| &case.failures);
        rows.filter(move |row: &&FailureRow| row.failure == failure)
    };
    let with = |failure| rows(failure).map(|row| row.draws_with).sum::<usize>();
    let first = |failure| rows(failure).map(|row| row.draws_first).sum::<usize>();
    let mut failures = Failure::ALL.to_vec();
    failures.retain(|&failure| with(failure) > 0);
    failures.sort_by_key(|&failure| (!asked.contains(&failure), std::cmp::Reverse(first(failure))));
    failures.truncate(KEYS_MAX);
    failures
}

fn probabilities(view: &View<'_>, failures: &[Failure]) -> Figure {
    let names = short_names(view.results);
    let row = |view: View<'_>| {
        let marks = failures.iter();
        let marks = marks.map(|&failure| likeliest(&view, failure).map(mark_of));
        Row {
            name: names[view.index()].clone(),
            limit: None,
            marks: marks.collect(),
        }
    };
    let keys = failures.iter();
    let keys = keys.map(|&failure| (words::happens(failure), theme::failure(failure)));
    let ranges = Ranges {
        rows: View::all(view.results).take(ROWS_MAX).map(row).collect(),
        keys: keys.collect(),
        unit: Unit::Ratio,
        limit: None,
    };
    let finding = contrast(view.results, failures[0]);
    let measure = "Share of draws with each failure by the horizon, 95 % interval";
    by_case(view, finding, measure, ranges)
}

/// The scope of a case in which a failure happens most often.
fn likeliest<'a>(view: &View<'a>, failure: Failure) -> Option<&'a FailureRow> {
    let rows = view.case.failures.iter();
    let rows = rows.filter(|row| row.failure == failure);
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
    let rows = View::all(results).take(ROWS_MAX);
    let names = short_names(results);
    let name = |view: &View<'_>| names[view.index()].clone();
    let rows = rows.filter_map(|view| Some((name(&view), likeliest(&view, failure)?)));
    let rows: Vec<_> = rows.collect();
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

/// For cases without failures: the share of the limit that the base comes nearest to.
fn shares(view: &View<'_>) -> Option<Figure> {
    let (_, metric, _) = view.case.nearest?;
    let subject = words::ratio_of(metric);
    let names = short_names(view.results);
    let row = |view: View<'_>| Row {
        name: names[view.index()].clone(),
        limit: None,
        marks: vec![highest(&view, metric).map(range_of)],
    };
    let drawn = View::all(view.results).take(ROWS_MAX);
    let rows: Vec<_> = drawn.map(row).collect();
    let marks = rows
        .iter()
        .filter_map(|row| Some((&row.name, row.marks[0]?)));
    let (case, mark) = marks.max_by(|a, b| a.1.high.total_cmp(&b.1.high))?;
    let share = percent(mark.high);
    let finding = format!(
        "Nothing breaks; {subject} comes nearest to its limit in case {case}, with {share} in 1 draw of 20"
    );
    let measure = format!("Peak of {subject} over its limit: median, p5 to p95");
    let ranges = Ranges {
        rows,
        keys: vec![(subject, theme::data(0))],
        unit: Unit::Ratio,
        limit: Some(Limit {
            value: 1.0,
            name: "limit".to_owned(),
        }),
    };
    Some(by_case(view, finding, &measure, ranges))
}

/// The statistics of a metric in the scope of a case with its highest value.
fn highest<'a>(view: &View<'a>, metric: Metric) -> Option<&'a Summary> {
    let rows = view.case.metrics.iter().filter(|row| row.metric == metric);
    let summaries = rows.map(|row| &row.summary);
    summaries.max_by(|a, b| a.p95.total_cmp(&b.p95))
}

/// The short names of all cases.
pub(super) fn short_names(results: &Results) -> Vec<String> {
    let views: Vec<View<'_>> = View::all(results).collect();
    case_names::short(&views.iter().map(View::name).collect::<Vec<_>>())
}

/// The median of a metric, p5 to p95.
pub(super) fn range_of(summary: &Summary) -> Mark {
    Mark {
        value: summary.p50,
        low: summary.p05,
        high: summary.p95,
    }
}

/// The figure with a row per case. If not all cases are shown, its measure says how many are.
pub(super) fn by_case(view: &View<'_>, finding: String, measure: &str, ranges: Ranges) -> Figure {
    let cases = view.results.cases.len();
    Figure {
        finding,
        measure: if cases > ROWS_MAX {
            format!("{measure}; the first {ROWS_MAX} of {cases} cases")
        } else {
            measure.to_owned()
        },
        body: Body::Ranges(ranges),
    }
}
