//! How pushed spans find a replica: by request, or by a connection for life.

use alloy_sim::model::record::catalogue::Metric;

use super::{fates, text, value};
use crate::support::scene::{Scene, blueprint, play};

/// Four replicas and forty clients, with a protocol.
fn balanced(protocol: &str, more: &str) -> Scene {
    let changes = format!(
        r#"
    fleet.all.replicas = 4
    workload.apps.pods = 40
    workload.apps.restarts_per_day = "0%"
    fleet.all.otlp.protocol = "{protocol}"
    {more}
    "#
    );
    play(blueprint(&text(&changes)), 1, 1)
}

/// Requests of HTTP are spread evenly. Forty connections fall on four replicas at random.
#[test]
fn requests_are_even_and_connections_are_not() {
    let even = value(&balanced("http", ""), Metric::SpansBusiestRatio);
    assert!((even - 1.0).abs() < 1e-6, "{even}");
    let pinned = value(&balanced("grpc", ""), Metric::SpansBusiestRatio);
    assert!((1.05..2.5).contains(&pinned), "{pinned}");
}

/// When a replica is away its clients connect to the others, and stay there when it is back.
#[test]
fn a_client_stays_where_it_is() {
    let rollout = "fleet.all.updates = { at = [\"30m\"], max_unavailable = 1, surge = 0, min_ready = \"5m\" }";
    for protocol in ["http", "grpc"] {
        let scene = balanced(protocol, rollout);
        let (sum, offered) = (fates(&scene), value(&scene, Metric::SpansOffered));
        assert!((sum - offered).abs() < 1.0, "{protocol}");
    }
    // The last replica to restart has no client afterwards; the first has got back some of its own.
    let calm = value(&balanced("grpc", ""), Metric::SpansBusiestRatio);
    let moved = value(&balanced("grpc", rollout), Metric::SpansBusiestRatio);
    assert!((moved - calm).abs() > 1e-3, "{moved} and {calm}");
}
