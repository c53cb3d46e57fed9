//! `summary.csv`: statistics of every metric and failure over the draws.

use std::io::Write;

use super::column::{
    CASE, CI_HIGH, CI_LOW, CONFIDENCE, CUT_OFF, Column, SCENARIO, SCOPE, Table, columns,
};
use super::sheet::{Sheet, interval_cells, number};
use crate::experiment::results::{FailureRow, MetricRow, Results};
use crate::report::view::View;
use crate::report::words;
use crate::stats::Interval;

/// Description of the table.
pub(super) const TABLE: Table = Table {
    file: "summary.csv",
    grain: "One row per case, scope, metric and statistic, in that order; a metric without a value \
            in any draw has no rows. Failures follow the metrics of their case.",
    columns: columns! {
        SCENARIO;
        CASE;
        SCOPE;
        "metric", "text", "Name of the metric or of the failure.";
        "unit", "text", "Unit of value, ci_low and ci_high.";
        "statistic", "text",
            "Over the draws: mean, sd, min, p05, p50, p95, p99, max; for failures probability and \
             probability_first (share of the draws in which it is the first failure of all).";
        "value", "see unit", "The statistic.";
        CI_LOW;
        CI_HIGH;
        CONFIDENCE;
        "method", "text", "How the interval is made: student-t, order-statistics or clopper-pearson.";
        "n", "count", "Draws in which the metric has a meaning.";
        CUT_OFF;
    },
    fill,
};

/// A statistic, with its interval and the method of the interval.
type Line<'a> = (&'a str, f64, Option<(Interval, &'a str)>);

/// Writes the file.
fn fill(results: &Results, sink: &mut dyn Write) -> std::io::Result<()> {
    let mut sheet = Sheet::new(&TABLE, sink)?;
    for view in View::all(results) {
        for row in &view.case.metrics {
            add_metric(&mut sheet, &view, row)?;
        }
        for row in &view.case.failures {
            add_failure(&mut sheet, &view, row)?;
        }
    }
    sheet.end()
}

fn add_metric(sheet: &mut Sheet<'_>, view: &View<'_>, row: &MetricRow) -> std::io::Result<()> {
    let summary = &row.summary;
    let info = row.metric.info();
    let head = [
        &view.scope(row.scope),
        info.column,
        words::unit(info.unit),
        &summary.n.to_string(),
        &view
            .cut_off(row.scope, row.metric)
            .map(number)
            .unwrap_or_default(),
    ];
    let mean_interval = Some((summary.mean_interval, "student-t"));
    let order = |interval| Some((interval, "order-statistics"));
    let lines = [
        ("mean", summary.mean, mean_interval),
        ("sd", summary.sd, None),
        ("min", summary.min, None),
        ("p05", summary.p05, None),
        ("p50", summary.p50, order(summary.p50_interval)),
        ("p95", summary.p95, order(summary.p95_interval)),
        ("p99", summary.p99, None),
        ("max", summary.max, None),
    ];
    add(sheet, view, head, &lines)
}

fn add_failure(sheet: &mut Sheet<'_>, view: &View<'_>, row: &FailureRow) -> std::io::Result<()> {
    let draws = view.draws();
    let head = [
        &view.scope(row.scope),
        row.failure.info().word,
        "ratio",
        &draws.to_string(),
        "",
    ];
    let first = row.draws_first as f64 / draws.max(1) as f64;
    let interval = Some((row.interval, "clopper-pearson"));
    let lines = [
        ("probability", row.probability, interval),
        ("probability_first", first, None),
    ];
    add(sheet, view, head, &lines)
}

/// Adds a row per statistic. `head` has scope, metric, unit, number of draws and the share of them that
/// is cut off.
fn add(
    sheet: &mut Sheet<'_>,
    view: &View<'_>,
    head: [&str; 5],
    lines: &[Line<'_>],
) -> std::io::Result<()> {
    let [scope, metric, unit, n, cut_off] = head;
    for &(statistic, value, interval) in lines {
        let [low, high, confidence] = interval
            .map(|(interval, _)| interval_cells(interval))
            .unwrap_or_default();
        let method = interval.filter(|_| !confidence.is_empty());
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
            method.map_or("", |(_, method)| method),
            n,
            cut_off,
        ])?;
    }
    Ok(())
}
