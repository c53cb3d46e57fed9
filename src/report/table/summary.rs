//! `summary.csv`: statistics of every metric and failure over the draws.

use super::column::{CASE, CI_HIGH, CI_LOW, CONFIDENCE, Column, SCENARIO, SCOPE, Table};
use super::sheet::{Sheet, interval_cells, number};
use crate::experiment::results::{FailureRow, MetricRow, Results};
use crate::report::view::View;
use crate::report::words;
use crate::stats::Interval;

/// The table.
pub(super) const TABLE: Table = Table {
    file: "summary.csv",
    grain: "One row per case, scope, metric and statistic, in that order; a metric without a value \
            in any draw has no rows. Failures follow the metrics of their case.",
    columns: &[
        SCENARIO,
        CASE,
        SCOPE,
        Column::new("metric", "text", "Name of the metric or of the failure."),
        Column::new("unit", "text", "Unit of value, ci_low and ci_high."),
        Column::new(
            "statistic",
            "text",
            "Over the draws: mean, sd, min, p05, p50, p95, p99, max; for failures probability and \
             probability_first (share of the draws in which it is the first failure of all).",
        ),
        Column::new("value", "see unit", "The statistic."),
        CI_LOW,
        CI_HIGH,
        CONFIDENCE,
        Column::new(
            "method",
            "text",
            "How the interval is made: student-t, order-statistics or clopper-pearson.",
        ),
        Column::new("n", "count", "Draws in which the metric has a meaning."),
    ],
};

/// A statistic with its interval and the method behind that.
type Line<'a> = (&'a str, f64, Option<(Interval, &'a str)>);

/// The file.
pub(super) fn fill(results: &Results) -> Vec<u8> {
    let mut sheet = Sheet::new(&TABLE);
    for view in View::all(results) {
        for row in &view.case.metrics {
            add_metric(&mut sheet, &view, row);
        }
        for row in &view.case.failures {
            add_failure(&mut sheet, &view, row);
        }
    }
    sheet.into_bytes()
}

fn add_metric(sheet: &mut Sheet, view: &View<'_>, row: &MetricRow) {
    let summary = &row.summary;
    let info = row.metric.info();
    let head = [
        view.scope(row.scope),
        info.column.to_owned(),
        words::unit(info.unit).to_owned(),
    ];
    let order = |interval| Some((interval, "order-statistics"));
    let lines: [Line<'_>; 8] = [
        (
            "mean",
            summary.mean,
            Some((summary.mean_interval, "student-t")),
        ),
        ("sd", summary.sd, None),
        ("min", summary.min, None),
        ("p05", summary.p05, None),
        ("p50", summary.p50, order(summary.p50_interval)),
        ("p95", summary.p95, order(summary.p95_interval)),
        ("p99", summary.p99, None),
        ("max", summary.max, None),
    ];
    for line in lines {
        add_line(sheet, view, &head, line, summary.n);
    }
}

fn add_failure(sheet: &mut Sheet, view: &View<'_>, row: &FailureRow) {
    let word = row.failure.info().word.to_owned();
    let head = [view.scope(row.scope), word, "ratio".to_owned()];
    let draws = view.draws();
    let first = row.draws_first as f64 / draws.max(1) as f64;
    let lines: [Line<'_>; 2] = [
        (
            "probability",
            row.probability,
            Some((row.interval, "clopper-pearson")),
        ),
        ("probability_first", first, None),
    ];
    for line in lines {
        add_line(sheet, view, &head, line, draws);
    }
}

fn add_line(sheet: &mut Sheet, view: &View<'_>, head: &[String; 3], line: Line<'_>, n: usize) {
    let (statistic, value, interval) = line;
    let [low, high, confidence] = interval
        .map(|entry| interval_cells(entry.0))
        .unwrap_or_default();
    let method = match interval {
        Some((_, method)) if !confidence.is_empty() => method,
        _ => "",
    };
    let [scope, metric, unit] = head.each_ref().map(String::as_str);
    sheet.row([
        view.scenario(),
        view.name(),
        scope,
        metric,
        unit,
        statistic,
        &number(value),
        &low,
        &high,
        &confidence,
        method,
        &n.to_string(),
    ]);
}
