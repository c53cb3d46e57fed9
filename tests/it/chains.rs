//! Fleets that send to fleets: what clients send is what arrives, and what travels back.

use alloy_sim::model::record::catalogue::Metric;

use crate::support::platform::platform;
use crate::support::scene::{Scene, blueprint, play, play_all};

/// Twenty daemons that send to two replicas. Nothing happens to them but what a test adds.
const CHAIN: &str = r#"
    experiment.horizon = "2h"
    experiment.start = "cold"
    experiment.grid = "1m"
    cluster.prod.pool = [{ name = "general", nodes = 20, node = { cpu = 64, memory = "512GiB" }, drains = "never" }]
    workload = [{ name = "apps", runs_on = ["prod.general"], pods = 200, spans_per_pod = 10, series_per_pod = 100 }]
    workload.apps.restarts_per_day = "0%"
    workload.apps.bytes_per_span = "447B"
    workload.apps.spans_per_request = 10
    fleet = [{ name = "edge", topology = "host-daemon", runs_on = ["prod.general"] }]
    fleet.edge.collects = { metrics = ["apps"], traces = ["apps"] }
    fleet.edge.sends_to = ["to-metrics", "to-traces"]
    fleet.edge.restarts = "never"
    fleet.edge.own_series = 50
    fleet.all.topology = "centralized"
    fleet.all.share = "load-balancer"
    fleet.all.replicas = 2
    fleet.all.sends_to = ["mimir", "tempo"]
    fleet.all.restarts = "never"
    fleet.all.own_series = 0
    endpoint = [{ name = "mimir", signal = "metrics" }]
    endpoint.tempo.signal = "traces"
    endpoint.to-metrics.signal = "metrics"
    endpoint.to-metrics.fleet = "all"
    endpoint.to-traces.signal = "traces"
    endpoint.to-traces.fleet = "all"
    egress = []
"#;

/// The same with lines of the pods.
const LINES: &str = r#"
    workload.apps.logs_per_pod = "10KiB/s"
    workload.apps.bytes_per_line = "200B"
    fleet.edge.collects = { metrics = ["apps"], traces = ["apps"], logs = ["apps"] }
    fleet.edge.sends_to = ["to-metrics", "to-traces", "to-logs"]
    fleet.all.sends_to = ["mimir", "tempo", "loki"]
    endpoint.loki.signal = "logs"
    endpoint.to-logs.signal = "logs"
    endpoint.to-logs.fleet = "all"
"#;

const NO_BATCH: &str = "    fleet.all.otlp.batch = false\n";

fn text(changes: &str) -> String {
    platform(&[CHAIN, changes].concat())
}

fn scene(changes: &str) -> Scene {
    play(blueprint(&text(changes)), 1, 1)
}

fn edge(scene: &Scene, metric: Metric) -> f64 {
    scene.value("fleet.edge", metric)
}

fn gateway(scene: &Scene, metric: Metric) -> f64 {
    scene.value("fleet.all", metric)
}

/// Spans that workloads emitted are at their endpoint, wait somewhere, or are lost at one of both.
fn assert_spans_add_up(scene: &Scene) {
    let lost = |of: fn(&Scene, Metric) -> f64| {
        let lost = |metric: &Metric| of(scene, *metric);
        [
            Metric::SpansEnqueueFailed,
            Metric::SpansSendFailed,
            Metric::SpansRejected,
            Metric::SpansLostRestart,
        ]
        .iter()
        .map(lost)
        .sum::<f64>()
    };
    let (emitted, sent) = (
        edge(scene, Metric::SpansOffered),
        gateway(scene, Metric::SpansSent),
    );
    let waits = edge(scene, Metric::SpansPending) + gateway(scene, Metric::SpansPending);
    let turned_away = [
        Metric::SpansMissedDown,
        Metric::SpansRefusedCpu,
        Metric::SpansRefusedReceiver,
        Metric::SpansRefusedProcessor,
    ];
    let at_edge: f64 = turned_away.iter().map(|&metric| edge(scene, metric)).sum();
    let fates = sent + waits + lost(edge) + lost(gateway) + at_edge;
    // Whole spans, of a handful of counters.
    assert!((emitted - fates).abs() < 10.0, "{emitted} {fates}");
}

#[test]
fn what_clients_send_is_what_arrives() {
    let scene = scene("");
    let seconds = 7_200.0;
    let spans = edge(&scene, Metric::SpansSent);
    assert!((spans - 2_000.0 * seconds).abs() < 1.0, "{spans}");
    assert!((gateway(&scene, Metric::SpansOffered) - spans).abs() < 1.0);
    assert!((gateway(&scene, Metric::SpansSent) - spans).abs() < 1.0);
    // 20,000 series of pods, and 50 of each of twenty daemons.
    let samples = edge(&scene, Metric::SamplesSent);
    assert!(
        (samples - 21_000.0 * seconds / 60.0).abs() < 5.0,
        "{samples}"
    );
    assert!((gateway(&scene, Metric::SamplesOffered) - samples).abs() < 5.0);
    assert!((gateway(&scene, Metric::SamplesSent) - samples).abs() < 5.0);
    assert!((gateway(&scene, Metric::SeriesPerCollectorPeak) - 10_500.0).abs() < 1.0);
    assert_spans_add_up(&scene);
}

/// `prometheus.receive_http` answers from the WAL, and a batch processor before the queue: clients see
/// nothing of what happens behind.
#[test]
fn a_batch_and_a_wal_hide_an_outage_from_clients() {
    let outages = r#"
        endpoint.tempo.outages = [{ at = "30m", for = "12m" }]
        endpoint.mimir.outages = [{ at = "30m", for = "12m" }]
    "#;
    let scene = scene(outages);
    assert!(edge(&scene, Metric::SpansLossRatio).abs() < 1e-12);
    assert!(edge(&scene, Metric::OtlpQueuePeakRatio).abs() < 1e-12);
    assert!(edge(&scene, Metric::BacklogPeak).abs() < 1e-12);
    assert!(gateway(&scene, Metric::BacklogPeak) > 100_000.0);
    assert!(gateway(&scene, Metric::SpansEnqueueFailed) > 0.0);
    assert!(gateway(&scene, Metric::SpansRefusedReceiver).abs() < 1e-12);
    assert_spans_add_up(&scene);
}

/// Without a batch processor a full queue refuses, so clients hold what the gateway cannot. Each daemon
/// sends five requests a second, which its own queue holds for 200 s.
#[test]
fn without_a_batch_a_full_queue_is_seen_by_clients() {
    let outage = "    endpoint.tempo.outages = [{ at = \"30m\", for = \"2m\" }]\n";
    let held = scene(&[NO_BATCH, outage].concat());
    // A hundred requests a second fill two queues of a thousand in twenty seconds.
    assert!(gateway(&held, Metric::OtlpQueuePeakRatio) > 0.999);
    assert!(gateway(&held, Metric::SpansRefusedReceiver) > 0.0);
    assert!(edge(&held, Metric::OtlpQueuePeakRatio) > 0.3);
    for of in [edge, gateway] {
        assert!(of(&held, Metric::SpansLossRatio).abs() < 1e-3);
    }
    assert!(edge(&held, Metric::SpansEnqueueFailed).abs() < 1.0);
    assert_spans_add_up(&held);
    let longer = "    endpoint.tempo.outages = [{ at = \"30m\", for = \"12m\" }]\n";
    let full = scene(&[NO_BATCH, longer].concat());
    assert!(edge(&full, Metric::SpansEnqueueFailed) > 100_000.0);
    assert_spans_add_up(&full);
}

/// While no replica is there, clients hold samples in their logs and spans in their queues.
#[test]
fn clients_bridge_the_restart_of_an_only_replica() {
    let restart = r#"
        fleet.all.replicas = 1
        fleet.all.updates = { at = ["30m"] }
        fleet.all.restart_gap = "90s"
    "#;
    let scene = scene(restart);
    let away = scene.value("endpoint.to-traces", Metric::OutageSeconds);
    assert!((away - 90.0).abs() < 1.0, "{away}");
    assert!(edge(&scene, Metric::OtlpQueuePeakRatio) > 0.4);
    assert!(edge(&scene, Metric::BacklogPeak) > 0.0);
    for of in [edge, gateway] {
        assert!(of(&scene, Metric::SpansMissedDown).abs() < 1e-9);
        assert!(of(&scene, Metric::SpansEnqueueFailed).abs() < 1.0);
        assert!(of(&scene, Metric::MissedDown).abs() < 1e-9);
        assert!(of(&scene, Metric::LossRatio).abs() < 1e-9);
    }
    assert_spans_add_up(&scene);
}

/// A replica that ends while others serve costs clients one more attempt.
#[test]
fn clients_find_another_replica() {
    let scene = scene("    fleet.all.updates = { at = [\"30m\"] }\n");
    assert!(
        scene
            .value("endpoint.to-traces", Metric::OutageSeconds)
            .abs()
            < 1e-9
    );
    for of in [edge, gateway] {
        assert!(of(&scene, Metric::SpansLossRatio) < 1e-6);
        assert!(of(&scene, Metric::LossRatio).abs() < 1e-9);
    }
    assert_spans_add_up(&scene);
}

/// A gateway that its limiter protects refuses spans, and its clients hold them.
#[test]
fn a_limiter_pushes_back() {
    let limited = r#"
        fleet.all.replicas = 1
        fleet.all.otlp.memory_limiter = { limit = "300MiB" }
        endpoint.tempo.outages = [{ at = "30m", for = "5m" }]
    "#;
    let scene = scene(limited);
    assert!(gateway(&scene, Metric::SpansRefusedProcessor) > 0.0);
    assert!(edge(&scene, Metric::OtlpQueuePeakRatio) > 0.1);
    assert_spans_add_up(&scene);
}

#[test]
fn lines_that_clients_send_are_lines_that_arrive() {
    let scene = scene(LINES);
    let written = 200.0 * 10_240.0 * 7_200.0;
    for metric in [Metric::LogsWritten, Metric::LogsSent] {
        for of in [edge, gateway] {
            let bytes = of(&scene, metric);
            assert!((bytes / written - 1.0).abs() < 1e-6, "{metric:?}: {bytes}");
        }
    }
}

/// A gateway that cannot send its lines takes none in. So the files of the edges hold them.
#[test]
fn blocked_readers_pass_an_outage_on_to_files() {
    let outage = "    endpoint.loki.outages = [{ at = \"30m\", for = \"3m\" }]\n";
    let scene = scene(&[LINES, outage].concat());
    let away = scene.value("endpoint.to-logs", Metric::OutageSeconds);
    assert!((away - 180.0).abs() < 1.0, "{away}");
    assert!(edge(&scene, Metric::LogsLag) >= 180.0);
    for of in [edge, gateway] {
        assert!(of(&scene, Metric::LogsLost).abs() < 1.0);
    }
    let (sent, arrived) = (
        edge(&scene, Metric::LogsSent),
        gateway(&scene, Metric::LogsWritten),
    );
    assert!((sent / arrived - 1.0).abs() < 1e-6, "{sent} {arrived}");
}

/// A gateway that drops what its queue does not hold takes lines in, whatever its endpoint does.
#[test]
fn a_gateway_that_drops_lines_hides_the_outage() {
    let drops = r#"
        endpoint.loki.outages = [{ at = "30m", for = "3m" }]
        fleet.all.loki_write.block_on_overflow = false
    "#;
    let scene = scene(&[LINES, drops].concat());
    assert!(scene.value("endpoint.to-logs", Metric::OutageSeconds).abs() < 1e-9);
    assert!(edge(&scene, Metric::LogsLost).abs() < 1.0);
    assert!(gateway(&scene, Metric::LogsLost) > 1e6);
}

/// What a gateway in the middle gets back waits in requests as large as those that it got. So a chain
/// without any batch processor recovers, and nothing is lost.
#[test]
fn three_levels_without_a_batch_recover() {
    let middle = r#"
        fleet.edge.sends_to = ["to-metrics", "to-middle"]
        fleet.middle.topology = "centralized"
        fleet.middle.share = "load-balancer"
        fleet.middle.replicas = 2
        fleet.middle.restarts = "never"
        fleet.middle.sends_to = ["to-traces"]
        fleet.middle.otlp.batch = false
        endpoint.to-middle.signal = "traces"
        endpoint.to-middle.fleet = "middle"
        endpoint.tempo.latency = "50ms"
        endpoint.to-middle.latency = "50ms"
        endpoint.to-traces.latency = "50ms"
        endpoint.tempo.outages = [{ at = "30m", for = "2m" }]
    "#;
    let scene = scene(&[NO_BATCH, middle].concat());
    let (emitted, sent) = (
        edge(&scene, Metric::SpansOffered),
        gateway(&scene, Metric::SpansSent),
    );
    assert!(scene.value("fleet.middle", Metric::SpansRefusedReceiver) > 0.0);
    assert!(sent > 0.999 * emitted, "{sent} of {emitted}");
}

/// Whatever is sent to a gateway that takes nothing comes back, so nothing counts as sent.
#[test]
fn a_gateway_in_a_crash_loop_takes_nothing() {
    let small = r#"
        fleet.all.resources = { memory = { limit = "40MiB" } }
        fleet.all.components_memory = "40MB"
    "#;
    let scene = scene(small);
    assert!(gateway(&scene, Metric::OomCount) > 0.0);
    let (emitted, sent) = (
        edge(&scene, Metric::SpansOffered),
        edge(&scene, Metric::SpansSent),
    );
    assert!((0.0..0.2 * emitted).contains(&sent), "{sent} of {emitted}");
}

/// A gateway sleeps its wait out after an outage, and edges wait as long as it does.
#[test]
fn a_gateway_gives_up_no_lines_of_edges() {
    let outage = r#"
        endpoint.loki.outages = [{ at = "30m", for = "4m" }]
        workload.apps.logs_per_pod = "40KiB/s"
    "#;
    let scene = play(blueprint(&text(&[LINES, outage].concat())), 1, 5);
    assert!(gateway(&scene, Metric::LogsLostClient).abs() < 1.0);
}

/// Everything that can go wrong goes wrong, in a chain of three fleets. The world proves in each draw
/// that what a fleet sends is what arrives at the next one.
#[test]
fn nothing_gets_lost_between_fleets_in_a_storm() {
    let storm = r#"
        experiment.horizon = "2d"
        experiment.start = "running"
        experiment.grid = "1h"
        cluster.prod.pool = [{ name = "general", nodes = { start = 20, growth_per_30d = "60%", season = { daily = "20%" } }, zones = 3, node = { cpu = 4, memory = "8GiB" }, drains = "1d", node_failures = "2d" }]
        workload.apps.pods = { start = 200, growth_per_30d = "80%", season = { daily = "40%" }, steps = [{ at = "20h", factor = 2 }] }
        workload.apps.rollouts = { per_day = 6, share = "50%", over = "20m" }
        workload.apps.restarts_per_day = "30%"
        fleet.edge.restarts = "1d"
        fleet.edge.resources = { memory = { limit = "300MiB" } }
        fleet.edge.sends_to = ["to-metrics", "to-middle", "to-logs"]
        fleet.middle.topology = "centralized"
        fleet.middle.share = "load-balancer"
        fleet.middle.replicas = 2
        fleet.middle.sends_to = ["to-traces"]
        fleet.middle.restarts = "6h"
        fleet.middle.otlp = { batch = false, queue_size = 300 }
        endpoint.to-middle.signal = "traces"
        endpoint.to-middle.fleet = "middle"
        fleet.all.runs_on = ["prod.general"]
        fleet.all.restarts = "6h"
        fleet.all.updates = { every = "9h" }
        fleet.all.resources = { memory = { request = "300MiB", limit = "500MiB" }, cpu = { request = 0.1, limit = 0.3 } }
        endpoint.tempo.latency = "200ms"
        endpoint.tempo.outages = [{ at = "3h", for = "2m" }, { at = "9h", for = "20m", answer = "timeout" }, { at = "30h", for = "7h", answer = "refused" }]
        endpoint.mimir.outages = [{ at = "10h", for = "1h" }, { at = "47h", for = "4h" }]
        endpoint.loki.outages = [{ at = "12h", for = "20m" }, { at = "46h", for = "3h" }]
    "#;
    let variants = r#"
[[variant]]
name = "one replica without a batch"
set = { "fleet.all.replicas" = 1, "fleet.all.otlp" = { batch = false } }
[[variant]]
name = "a limiter"
set = { "fleet.all.otlp.memory_limiter" = { limit = "200MiB" } }
[[variant]]
name = "tail sampling"
set = { "fleet.all.tail_sampling" = { kept = "10%", num_traces = 5000 } }
[[variant]]
name = "autoscaled"
unset = ["fleet.all.replicas"]
set = { "fleet.all.autoscaling" = { min = 1, max = 6, memory = "80%" } }
[[variant]]
name = "http"
set = { "fleet.all.otlp.protocol" = "http", "fleet.middle.otlp.protocol" = "http" }
"#;
    let text = text(&[LINES, storm].concat());
    let scenes = play_all(&[text, variants.to_owned()].concat(), 2);
    let any = |metric: Metric| scenes.iter().any(|(_, scene)| gateway(scene, metric) > 0.0);
    for fault in [
        Metric::OomCount,
        Metric::SpansRefusedReceiver,
        Metric::SpansRefusedProcessor,
    ] {
        assert!(any(fault), "{fault:?} never happened");
    }
}
