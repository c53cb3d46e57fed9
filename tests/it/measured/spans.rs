//! Real Alloy with spans, measured: the rows come out of the preset of its version.
//!
//! The rows are a measurement of ours (not published) of Alloy's main branch of 2026-08-21, with spans by
//! OTLP over HTTP, a batch processor, requests of 100 spans and an endpoint without latency.

use alloy_sim::model::record::catalogue::Metric;

use crate::support::scene::{Scene, blueprint, play};
use crate::traces::text;

/// Spans per second, bytes of a span, settings of sampling, and what was measured: live MB, anonymous MB in
/// the mean and at its highest, cores.
type Row = (&'static str, f64, f64, &'static str, [f64; 4]);

const ROWS: [Row; 5] = [
    ("A5.1", 1_000.0, 447.0, "", [23.7, 56.0, 58.0, 0.031]),
    ("A5.2", 5_000.0, 447.0, "", [24.0, 61.0, 62.0, 0.132]),
    ("A5.3", 5_000.0, 966.0, "", [27.6, 63.0, 70.0, 0.248]),
    (
        "A5.4",
        5_000.0,
        447.0,
        "{ kept = \"10%\" }",
        [208.0, 427.0, 437.0, 0.10],
    ),
    (
        "A5.5",
        5_000.0,
        447.0,
        "{ kept = \"10%\", num_traces = 10000 }",
        [141.0, 290.0, 293.0, 0.086],
    ),
];

/// The collector of a row.
fn collector(&(_, rate, bytes, sampling, _): &Row) -> Scene {
    let sampling = if sampling.is_empty() {
        String::new()
    } else {
        format!("    fleet.all.tail_sampling = {sampling}\n")
    };
    let changes = format!(
        r#"
    workload.apps.pods = 1
    workload.apps.spans_per_pod = {rate}
    workload.apps.bytes_per_span = "{bytes}B"
    workload.apps.spans_per_request = 100
    workload.apps.spans_per_trace = 10
    fleet.all.otlp.batch = true
    {sampling}"#
    );
    play(blueprint(&text(&changes)), 1, 1)
}

#[test]
fn every_row_of_spans() {
    for row in &ROWS {
        let scene = collector(row);
        let (id, .., [live, least, most, cores]) = row;
        let value = |metric| scene.value("fleet.all", metric);
        let near = |value: f64, measured: f64| (value / measured - 1.0).abs() < 0.2;
        let has_live = value(Metric::LivePeak) / 1e6;
        assert!(near(has_live, *live), "{id}: {has_live} MB live");
        let has_cores = value(Metric::CpuMean);
        assert!(near(has_cores, *cores), "{id}: {has_cores} cores");
        let anonymous = value(Metric::MemoryPeak) / 1e6;
        let range = least * 0.8..=most * 1.2;
        assert!(range.contains(&anonymous), "{id}: {anonymous} MB");
        // A5.5 exports nothing: every trace is evicted before its decision.
        let sent = value(Metric::SpansSent);
        assert_eq!(sent > 0.0, *id != "A5.5", "{id}: {sent} spans sent");
    }
}
