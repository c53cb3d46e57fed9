//! Public reports of tail sampling and of queues under load: outcomes that one rule fixes.

use alloy_sim::model::record::catalogue::{Failure, Metric};

use super::{scene, value};

/// 500 traces with an error and 8,000 without come within one wait, and 2,000 are remembered: 6,500 are
/// dropped too early. With 200,000 none is.
///
/// Source: akisonlyforu.github.io, benchmarks/otel-tail-sampling (read 2026-11).
#[test]
fn a_burst_beyond_the_traces_that_are_remembered() {
    let burst = |num_traces: u32| {
        let changes = format!(
            r#"
    experiment.horizon = "10m"
    experiment.grid = "1m"
    workload.apps.pods = {{ start = 10, steps = [{{ at = "10s", factor = 0.000001 }}] }}
    workload.apps.spans_per_pod = 85
    workload.apps.spans_per_trace = 1
    fleet.all.tail_sampling = {{ kept = "10%", num_traces = {num_traces} }}
    "#
        );
        value(&scene(&changes), Metric::TracesDroppedEarly)
    };
    let dropped = burst(2_000);
    assert!((dropped - 6_500.0).abs() < 20.0, "{dropped}");
    assert!(burst(200_000).abs() < 1e-9);
}

/// A container of 400 MB with 3,000 traces of 6 kB per second and a wait of 90 s is killed.
///
/// Source: akisonlyforu.github.io, benchmarks/otel-tail-sampling (read 2026-11).
#[test]
fn a_wait_that_is_too_long_for_its_memory_kills() {
    let changes = |wait: u32| {
        format!(
            r#"
    workload.apps.spans_per_pod = 300
    workload.apps.spans_per_trace = 1
    workload.apps.bytes_per_span = "6KB"
    fleet.all.tail_sampling = {{ kept = "10%", decision_wait = "{wait}s", num_traces = 400000 }}
    fleet.all.resources = {{ memory = {{ limit = "400MB" }} }}
    "#
        )
    };
    assert!(scene(&changes(90)).fails("fleet.all", Failure::Oom));
    let short = changes(1).replace("num_traces = 400000", "num_traces = 10000");
    assert!(!scene(&short).fails("fleet.all", Failure::Oom));
}

/// A process of 512 MB with a limiter of 80 % and a spike of 20 %, before a backend that takes next to
/// nothing. Large batches and a queue of 1,000 meet the limiter; smaller ones and a queue of 50 fill the
/// queue, and the limiter refuses none.
///
/// Source: github.com/shima8823/otel-memory, batch-queue report (read 2026-11).
#[test]
fn the_limiter_or_the_queue_whichever_is_first() {
    let changes = |size: u32, queue: u32| {
        format!(
            r#"
    workload.apps.spans_per_pod = 5000
    workload.apps.bytes_per_span = "580B"
    endpoint.tempo.capacity = 100
    fleet.all.resources = {{ memory = {{ limit = "512MB" }} }}
    fleet.all.otlp.batch = true
    fleet.all.otlp.batch_size = {size}
    fleet.all.otlp.batch_size_max = {size}
    fleet.all.otlp.queue_size = {queue}
    fleet.all.otlp.memory_limiter = {{ limit = "410MB", spike = "102MB" }}
    "#
        )
    };
    let large = scene(&changes(8_192, 1_000));
    assert!(value(&large, Metric::SpansRefusedProcessor) > 0.0);
    assert!(value(&large, Metric::SpansEnqueueFailed).abs() < 1e-9);
    let small = scene(&changes(2_048, 50));
    assert!(value(&small, Metric::SpansRefusedProcessor).abs() < 1e-9);
    assert!(value(&small, Metric::SpansEnqueueFailed) > 0.0);
    assert!((value(&small, Metric::OtlpQueuePeakRatio) - 1.0).abs() < 1e-6);
    for scene in [large, small] {
        assert!(value(&scene, Metric::OomCount).abs() < 1e-9);
    }
}

/// One long connection: one replica has all the work, and three more relieve it of nothing.
///
/// Source: SREGym/SREGym issue 830 (read 2026-11).
#[test]
fn one_client_of_grpc_and_four_replicas() {
    let busiest = |protocol: &str| {
        let changes = format!(
            r#"
    workload.apps.pods = 1
    workload.apps.spans_per_pod = 1000
    workload.apps.restarts_per_day = "0%"
    fleet.all.replicas = 4
    fleet.all.otlp.protocol = "{protocol}"
    "#
        );
        value(&scene(&changes), Metric::SpansBusiestRatio)
    };
    assert!((busiest("grpc") - 4.0).abs() < 1e-6);
    assert!((busiest("http") - 1.0).abs() < 1e-6);
}

/// A message of more than 4 MiB is refused for good: full batches of large spans never arrive.
#[test]
fn a_batch_of_large_spans_is_too_large_a_message() {
    let rejected = |bytes: u32| {
        let changes = format!(
            r#"
    workload.apps.spans_per_pod = 2000
    workload.apps.bytes_per_span = "{bytes}B"
    fleet.all.otlp.batch = true
    "#
        );
        let scene = scene(&changes);
        let rejected = value(&scene, Metric::SpansRejected);
        assert_eq!(scene.fails("fleet.all", Failure::SpansLost), rejected > 0.0);
        rejected / value(&scene, Metric::SpansOffered)
    };
    assert!(rejected(2_000).abs() < 1e-9);
    assert!((rejected(2_200) - 1.0).abs() < 1e-9);
}
