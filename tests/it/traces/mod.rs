//! Traces: pushed spans through a sending queue, and their fates.

mod balance;
mod clients;
mod connectors;
mod findings;
mod memory;
mod outage;
mod queue_theory;
mod reported;
mod requests;
mod routing;
mod sampling;
mod shared;
mod split;
mod storm;

use alloy_sim::model::record::catalogue::Metric;

use crate::support::platform::platform;
use crate::support::scene::{Scene, blueprint, changed, play};

/// One collector that ten pods push 100 spans each to, ten times a second, in requests of ten spans.
/// Nothing happens to it but what a test adds.
const PUSHED: &str = r#"
    experiment.horizon = "2h"
    experiment.start = "cold"
    experiment.grid = "1m"
    cluster.prod.pool = [{ name = "general", nodes = 10, node = { cpu = 64, memory = "512GiB" }, drains = "never" }]
    workload = [{ name = "apps", runs_on = ["prod.general"], pods = 10, spans_per_pod = 100 }]
    workload.apps.spans_per_request = 10
    workload.apps.bytes_per_span = "447B"
    fleet = [{ name = "all", topology = "centralized", controller = "deployment", share = "load-balancer", replicas = 1 }]
    fleet.all.collects = { traces = ["apps"] }
    fleet.all.sends_to = ["tempo"]
    fleet.all.restarts = "never"
    fleet.all.cpu_factor = 1
    fleet.all.memory_factor = 1
    fleet.all.base_memory = "22MB"
    fleet.all.components_memory = "2MB"
    fleet.all.idle_cpu = 0.0015
    fleet.all.memory_per_watched_pod = "0B"
    fleet.all.otlp.batch = false
    endpoint = [{ name = "tempo", signal = "traces", latency = "10ms" }]
    egress = []
"#;

/// The text of the platform of spans, changed.
pub(crate) fn text(changes: &str) -> String {
    platform(&[PUSHED, changes].concat())
}

/// One draw of the platform, changed.
fn scene(changes: &str) -> Scene {
    play(blueprint(&text(changes)), 1, 1)
}

/// One draw of the platform, changed, with some paths set to something else.
fn scene_with(changes: &str, set: &str) -> Scene {
    play(changed(&text(changes), set), 1, 1)
}

fn value(scene: &Scene, metric: Metric) -> f64 {
    scene.value("fleet.all", metric)
}

/// The fates of spans, which add up to what was offered.
const FATES: [Metric; 13] = [
    Metric::SpansSent,
    Metric::SpansPending,
    Metric::SpansRefusedReceiver,
    Metric::SpansRefusedProcessor,
    Metric::SpansEnqueueFailed,
    Metric::SpansSendFailed,
    Metric::SpansRejected,
    Metric::SpansLostRestart,
    Metric::SpansRefusedCpu,
    Metric::SpansLostRerouting,
    Metric::SpansMissedDown,
    Metric::SpansDroppedEarly,
    Metric::SpansNotSampled,
];

/// Sum of all fates but for those that have no meaning.
fn fates(scene: &Scene) -> f64 {
    let values = FATES.map(|metric| value(scene, metric));
    values.into_iter().filter(|value| !value.is_nan()).sum()
}
