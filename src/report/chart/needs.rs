//! Needs and losses of cases, side by side.

use super::comparison::{ROWS_MAX, by_case, range_of, short_names};
use super::figure::{Figure, Mark, Ranges, Row};
use super::memory::memory_limit;
use super::theme;
use crate::model::record::catalogue::{Failure, Metric, Scope, Unit};
use crate::report::numbers::human;
use crate::report::view::View;

/// Share of lost samples below which no chart is made.
const LOSS_MIN: f64 = 0.001;

/// Factor between cases below which no chart is made.
const CONTRAST_MIN: f64 = 1.2;

pub(super) fn memory(view: &View<'_>) -> Option<Figure> {
    let fleet = greatest(view, Metric::MemoryLimitNeeded)?.0;
    let metrics = [
        Metric::MemoryLimitNeeded,
        Metric::MemoryReplayPeak,
        Metric::MemoryRestartPeak,
    ];
    let marks = |case: &View<'_>, scope| {
        let is_cut = |metric| {
            let cut = case.with_cut_off(scope, metric);
            cut.is_some_and(|[_, p95]| p95.is_infinite())
        };
        let mark = |metric| case.metric(scope, metric).map(range_of);
        metrics
            .map(|metric| mark(metric).filter(|_| !is_cut(metric)))
            .to_vec()
    };
    let mut rows = rows(view, &fleet, marks);
    let limit = |case: View<'_>| case.memory_limit(case.scope_named(&fleet)?);
    let has_fleet = |case: &View<'_>| case.scope_named(&fleet).is_some();
    let own: Vec<_> = View::all(view.results)
        .filter(has_fleet)
        .map(limit)
        .collect();
    let mut limits = own.clone();
    limits.dedup();
    let limit = if let [Some(value)] = limits[..] {
        Some(memory_limit(value))
    } else {
        for (row, limit) in rows.iter_mut().zip(own) {
            row.limit = limit;
        }
        None
    };
    let finding = contrast("Memory needed", &rows, Unit::Bytes)?;
    let killed = rows
        .iter()
        .filter(|row| row.marks.iter().all(Option::is_none));
    let finding = match killed.count() {
        0 => finding,
        1 => format!("{finding}; unknown in 1 case with kills"),
        count => format!("{finding}; unknown in {count} cases with kills"),
    };
    let measure = format!(
        "Memory limit needed by the busiest collector of {fleet}: median, p5 to p95; – if killed"
    );
    let ranges = Ranges {
        rows,
        keys: vec![
            ("in service", theme::data(0)),
            ("at the worst replay", theme::data(1)),
            ("if restarted at the horizon", theme::data(2)),
        ],
        unit: Unit::Bytes,
        limit,
    };
    Some(by_case(view, finding, &measure, ranges))
}

pub(super) fn loss(view: &View<'_>) -> Option<Figure> {
    let (fleet, most) = greatest(view, Metric::LossRatio)?;
    if most < LOSS_MIN {
        return None;
    }
    let marks = |case: &View<'_>, scope| {
        let lost = case.metric(scope, Metric::LossRatio);
        vec![lost.map(range_of)]
    };
    let rows = rows(view, &fleet, marks);
    let finding = contrast("Samples missed or lost", &rows, Unit::Ratio)?;
    let measure = format!("Share of the samples of {fleet}: median, p5 to p95");
    let ranges = Ranges {
        rows,
        keys: vec![("missed or lost", theme::failure(Failure::DataLost))],
        unit: Unit::Ratio,
        limit: None,
    };
    Some(by_case(view, finding, &measure, ranges))
}

/// The fleet with the highest 95th percentile of a metric in any case, and that percentile.
fn greatest(view: &View<'_>, metric: Metric) -> Option<(String, f64)> {
    let results = view.results;
    if results.cases.len() < 2 {
        return None;
    }
    let all = View::all(results).flat_map(|case| {
        let rows = case.case.metrics.iter();
        let rows = rows.filter(move |row| row.metric == metric);
        rows.map(move |row| (case.scope(row.scope), row.summary.p95))
    });
    all.max_by(|a, b| a.1.total_cmp(&b.1))
}

/// A row per case that has the fleet.
fn rows(
    view: &View<'_>,
    fleet: &str,
    marks: impl Fn(&View<'_>, Scope) -> Vec<Option<Mark>>,
) -> Vec<Row> {
    let names = short_names(view.results);
    let row = |case: View<'_>| {
        let marks = marks(&case, case.scope_named(fleet)?);
        Some(Row {
            name: names[case.index()].clone(),
            limit: None,
            marks,
        })
    };
    let rows = View::all(view.results).filter_map(row);
    rows.take(ROWS_MAX).collect()
}

/// The least and the greatest need in 19 draws of 20, in one sentence. `None` if cases are much
/// alike.
fn contrast(what: &str, rows: &[Row], unit: Unit) -> Option<String> {
    let ends = rows.iter().filter_map(|row| {
        let marks = row.marks.iter().flatten().map(|mark| mark.high);
        Some((row.name.as_str(), marks.max_by(f64::total_cmp)?))
    });
    let least = ends.clone().min_by(|a, b| a.1.total_cmp(&b.1))?;
    let most = ends.max_by(|a, b| a.1.total_cmp(&b.1))?;
    if most.1 < CONTRAST_MIN * least.1 {
        return None;
    }
    let [low, high] = [least.1, most.1].map(|value| human(value, unit));
    Some(format!(
        "{what}: at most {low} in case {}, {high} in case {}, in 19 draws of 20",
        least.0, most.0
    ))
}
