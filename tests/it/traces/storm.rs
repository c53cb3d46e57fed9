//! Every span has a fate, whatever fails. The world proves it in every draw; here the columns agree, too.

use alloy_sim::model::record::catalogue::Metric;

use super::{FATES, PUSHED};
use crate::support::platform::platform;
use crate::support::scene::{Scene, play_all};

/// Everything that can go wrong goes wrong, often.
const STORM: &str = r#"
    experiment = { horizon = "3d", draws = 1 }
    cluster.prod.pool = [{ name = "general", nodes = { start = 20, growth_per_30d = "60%", season = { daily = "20%" } }, zones = 3, node = { cpu = 4, memory = "8GiB" }, drains = "1d", node_failures = "2d" }]
    workload.apps.pods = { start = 60, growth_per_30d = "80%", season = { daily = "40%", weekly = "30%" }, steps = [{ at = "30h", factor = 2 }] }
    workload.apps.spans_per_pod = { p5 = 20, p95 = 200 }
    workload.apps.rollouts = { per_day = 6, share = "50%", over = "20m" }
    workload.apps.restarts_per_day = "30%"
    workload.apps.series_per_pod = 300
    fleet.all.replicas = 4
    fleet.all.runs_on = ["prod.general"]
    fleet.all.collects = { traces = ["apps"], metrics = ["apps"] }
    fleet.all.sends_to = ["tempo", "second", "mimir"]
    fleet.all.resources = { memory = { request = "300MiB", limit = "400MiB" }, cpu = { request = 0.1, limit = 0.3 } }
    fleet.all.restarts = "6h"
    fleet.all.otlp.batch = true
    endpoint = [{ name = "mimir", signal = "metrics" }]
    endpoint.tempo.signal = "traces"
    endpoint.tempo.latency = "200ms"
    endpoint.tempo.errors = "2%"
    endpoint.tempo.rejects = "1%"
    endpoint.tempo.outages = [{ at = "3h", for = "2m" }, { at = "9h", for = "20m", answer = "timeout" }, { at = "30h", for = "7h", answer = "refused" }, { at = "71h", for = "4h" }]
    endpoint.second.signal = "traces"
    endpoint.second.capacity = 3000
    endpoint.second.outages = [{ at = "10m", for = "9h" }]
"#;

const VARIANTS: &str = r#"
[[variant]]
name = "no batch by items over HTTP"
set = { "fleet.all.otlp" = { protocol = "http", batch = false, queue_by = "items", queue_size = 30000 } }
[[variant]]
name = "by bytes on a disk"
set = { "fleet.all.otlp" = { queue_by = "bytes", queue_size = 20000000, storage = true, consumers = 2 }, "fleet.all.updates" = { every = "5h" } }
[[variant]]
name = "a limiter"
set = { "fleet.all.otlp.memory_limiter" = { limit = "150MiB" }, "fleet.all.controller" = "statefulset" }
[[variant]]
name = "it blocks"
set = { "fleet.all.otlp.block_on_overflow" = true, "fleet.all.otlp.queue_size" = 100 }
[[variant]]
name = "tail sampling"
set = { "fleet.all.tail_sampling" = { kept = { p50 = "10%", p95 = "30%" }, num_traces = 5000 } }
[[variant]]
name = "tail sampling without a batch from a cold start"
set = { "fleet.all.tail_sampling" = { kept = "50%", decision_wait = "5s", num_traces = 1000 }, "fleet.all.otlp.batch" = false, "fleet.all.share" = "clustering", "experiment.start" = "cold" }
[[variant]]
name = "autoscaled"
unset = ["fleet.all.replicas"]
set = { "fleet.all.autoscaling" = { min = 2, max = 12, memory = "80%", cpu = "70%" }, "fleet.all.resources" = { memory = { limit = "1GiB" }, cpu = { limit = 0.5 } } }
[[variant]]
name = "host daemon"
unset = ["fleet.all.replicas", "fleet.all.controller", "fleet.all.share"]
set = { "fleet.all.topology" = "host-daemon", "fleet.all.updates" = { every = "9h", max_unavailable = "7%" } }
[[variant]]
name = "sidecar"
unset = ["fleet.all.replicas", "fleet.all.runs_on", "fleet.all.controller", "fleet.all.share"]
set = { "fleet.all.topology" = "sidecar" }
[[variant]]
name = "behind routers that ask DNS"
set = { "fleet.all.collects" = { traces = ["apps"] }, "fleet.all.share" = "load-balancer", "fleet.all.otlp.balancer" = { kind = "load-balancing-exporter", dns_cache = "10s", routers = 3, ring_change = { to = "1.19", at = "20h", over = "1h" } }, "fleet.all.tail_sampling" = { kept = "20%", num_traces = 5000 } }
[[variant]]
name = "behind routers that watch the pods of three clusters"
set = { "cluster.prod.count" = 3, "fleet.all.collects" = { traces = ["apps"] }, "fleet.all.share" = "load-balancer", "fleet.all.controller" = "deployment", "fleet.all.updates" = { every = "5h" }, "fleet.all.otlp.balancer" = { kind = "load-balancing-exporter", ring = "1.19", key = "service", resolver = "kubernetes", routers = 1 }, "fleet.all.otlp.batch" = false, "workload.apps.services" = 9 }
[[variant]]
name = "autoscaled behind routers"
unset = ["fleet.all.replicas"]
set = { "fleet.all.collects" = { traces = ["apps"] }, "fleet.all.share" = "load-balancer", "fleet.all.otlp.balancer" = { kind = "load-balancing-exporter", resolver = "kubernetes" }, "fleet.all.autoscaling" = { min = 2, max = 12, memory = "80%", cpu = "70%" }, "fleet.all.resources" = { memory = { limit = "1GiB" }, cpu = { limit = 0.5 } } }
[[variant]]
name = "a round robin and clients that send again"
set = { "fleet.all.share" = "load-balancer", "fleet.all.otlp" = { balancer = { kind = "round-robin" }, client = "retry", batch = false, queue_size = 300, memory_limiter = { limit = "150MiB" } }, "workload.apps.requests_per_trace" = 3 }
[[variant]]
name = "connectors and clients that send again"
set = { "fleet.all.otlp.client" = "retry", "fleet.all.spanmetrics" = { keys_per_service = 9, cpu = "300us" }, "fleet.all.servicegraph" = { edges = 50 } }
[[variant]]
name = "many clusters and two fleets"
set = { "cluster.prod.count" = 3, "fleet.more" = { topology = "host-daemon", runs_on = ["prod.general"], collects = { traces = ["apps"] }, sends_to = ["tempo"], resources = { memory = { limit = "300MiB" } } } }
"#;

/// Faults that the storm must contain in some case, or it proves nothing.
const FAULTS: [Metric; 15] = [
    Metric::OomCount,
    Metric::SpansLostRerouting,
    Metric::TracesSplit,
    Metric::EdgesDropped,
    Metric::SpansMissedDown,
    Metric::SpansRefusedCpu,
    Metric::SpansRefusedReceiver,
    Metric::SpansRefusedProcessor,
    Metric::SpansEnqueueFailed,
    Metric::SpansSendFailed,
    Metric::SpansRejected,
    Metric::SpansLostRestart,
    Metric::SpansDroppedEarly,
    Metric::SpansNotSampled,
    Metric::SpansPending,
];

#[test]
fn every_span_is_accounted_for_in_a_storm() {
    let text = platform(&[PUSHED, STORM].concat());
    let cases = play_all(&[text.as_str(), VARIANTS].concat(), 6);
    for (name, scene) in &cases {
        for fleet in &scene.blueprint.fleets {
            assert_columns_balance(scene, &format!("fleet.{}", fleet.name), name);
        }
    }
    for fault in FAULTS {
        let worst = cases
            .iter()
            .map(|(_, scene)| scene.value("fleet.all", fault));
        assert!(worst.fold(0.0, f64::max) > 0.0, "no case has any {fault:?}");
    }
}

/// Most spans that wait for a decision, or in routers: they have one fate so far, and one per endpoint
/// later.
const WAITING: f64 = 6e6;

/// Spans before the queues have one fate each, and those in the queues one for each endpoint.
fn assert_columns_balance(scene: &Scene, fleet: &str, case: &str) {
    let routes = if fleet == "fleet.all" { 2.0 } else { 1.0 };
    for draw in 0..scene.outcomes.len() {
        let of = |metric| scene.values(fleet, metric)[draw];
        let before = [
            Metric::SpansMissedDown,
            Metric::SpansLostRerouting,
            Metric::SpansRefusedCpu,
            Metric::SpansDroppedEarly,
            Metric::SpansNotSampled,
        ];
        let all: f64 = FATES
            .iter()
            .map(|&fate| of(fate))
            .filter(|of| !of.is_nan())
            .sum();
        let before: f64 = before
            .iter()
            .map(|&fate| of(fate))
            .filter(|of| !of.is_nan())
            .sum();
        // What happens before the queues happens once, not once per endpoint.
        let due = routes * of(Metric::SpansOffered);
        let most = all + (routes - 1.0) * (before + of(Metric::SpansRefusedProcessor));
        let standing = routes * 1e6;
        assert!(all <= due + standing, "{case}, draw {draw}: {all} of {due}");
        assert!(
            due <= most + (routes - 1.0) * WAITING + 1.0,
            "{case}, draw {draw}: {most} of {due}"
        );
        let ratio = of(Metric::SpansLossRatio);
        assert!(
            (0.0..=1.0 + 1e-9).contains(&ratio),
            "{case}, draw {draw}: {ratio}"
        );
    }
}
