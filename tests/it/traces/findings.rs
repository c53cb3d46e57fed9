//! What the deployment guide and its code say about a fleet of traces.

use super::text;
use crate::support::scene::{results, study};

/// Whether the base case of a platform says something.
fn says(changes: &str, what: &str) -> bool {
    let results = results(study(&text(changes)), 1);
    let mut findings = results.cases[0].findings.iter();
    findings.any(|finding| finding.text.contains(what))
}

const OUTAGE: &str = "    endpoint.tempo.outages = [{ at = \"1h\", for = \"12m\" }]\n";

#[test]
fn the_three_metrics_of_the_guide_and_the_fourth() {
    let slow = "    endpoint.tempo.capacity = 600\n";
    assert!(says(slow, "scale when receivers refuse spans"));
    assert!(!says("", "scale when receivers refuse spans"));
    // Where the endpoint is away, more collectors do not help.
    assert!(says(OUTAGE, "do not scale"));
    assert!(!says(OUTAGE, "scale when receivers refuse spans"));
    let batch = [OUTAGE, "    fleet.all.otlp.batch = true\n"].concat();
    assert!(says(&batch, "watch enqueue_failed"));
    assert!(!says(
        "    fleet.all.otlp.batch = true\n",
        "watch enqueue_failed"
    ));
    let limiter = "    fleet.all.otlp.memory_limiter = { limit = \"30MB\", spike = \"10MB\" }\n";
    assert!(says(limiter, "scale when processors refuse spans"));
    let rejects = "    endpoint.tempo.rejects = \"1%\"\n";
    assert!(says(rejects, "rejects") && !says("", "rejects"));
    let short = "    endpoint.tempo.outages = [{ at = \"1h\", for = \"2s\" }]\n    fleet.all.otlp.queue_size = 5000\n";
    assert!(!says(short, "is where to scale"));
    let longer = "    endpoint.tempo.outages = [{ at = \"1h\", for = \"2m\" }]\n    fleet.all.otlp.queue_size = 17000\n";
    assert!(says(longer, "is where to scale"));
}

#[test]
fn components_with_state() {
    assert!(says(
        "",
        "a pipeline without state scales behind any load balancer"
    ));
    let sampled = "    fleet.all.tail_sampling = { kept = \"10%\", num_traces = 1000 }\n    fleet.all.replicas = 2\n";
    assert!(says(sampled, "raise num_traces"));
    assert!(says(sampled, "all spans of a trace on one instance"));
}

#[test]
fn a_hot_replica_behind_grpc() {
    let pinned = "    fleet.all.replicas = 8\n    workload.apps.restarts_per_day = \"0%\"\n";
    assert!(says(pinned, "balance before scaling"));
    let spread = [pinned, "    fleet.all.otlp.protocol = \"http\"\n"].concat();
    assert!(!says(&spread, "balance before scaling"));
}
