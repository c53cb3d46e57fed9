//! A load-balancing exporter before a fleet: who gets which spans, and what is lost on the way.

use alloy_sim::model::record::catalogue::{Failure, Metric};

use super::{FATES, text, value};
use crate::support::scene::{Estimate, Scene, blueprint, play};

/// A number of replicas behind routers with these settings.
fn routed(replicas: u32, balancer: &str, more: &str) -> String {
    let changes = format!(
        r#"
    fleet.all.replicas = {replicas}
    workload.apps.restarts_per_day = "0%"
    fleet.all.otlp.balancer = {{ kind = "load-balancing-exporter"{balancer} }}
    {more}
    "#
    );
    text(&changes)
}

fn draws(text: &str, count: u32) -> Scene {
    play(blueprint(text), 1, count)
}

/// Every span has one fate, in every draw.
fn assert_conserved(scene: &Scene) {
    let offered = scene.values("fleet.all", Metric::SpansOffered);
    let fates = FATES.map(|metric| scene.values("fleet.all", metric));
    for (draw, offered) in offered.into_iter().enumerate() {
        let all = fates.iter().map(|values| values[draw]);
        let sum: f64 = all.filter(|value| !value.is_nan()).sum();
        assert!((sum - offered).abs() < 1.0, "{sum} of {offered}");
    }
}

const STOPS: &str = r#"
    fleet.all.updates = { at = ["30m"], max_unavailable = 1, surge = 0, min_ready = "5m" }
    fleet.all.restart_gap = "20s"
"#;

/// The busiest replica takes what the rings of random pods give it: medians as in the table of the
/// documents. The median of 200 rings has a standard error of 0.006, and the table one of its own.
#[test]
fn the_ring_leaves_one_replica_hot() {
    for (ring, replicas, median) in [("1.18", 3, 1.08), ("1.18", 10, 1.15), ("1.19", 5, 1.16)] {
        let text = routed(replicas, &format!(", ring = \"{ring}\""), "");
        let mut busiest = draws(&text, 200).values("fleet.all", Metric::SpansBusiestRatio);
        busiest.sort_by(f64::total_cmp);
        assert!(
            (busiest[100] - median).abs() < 0.03,
            "{ring}: {}",
            busiest[100]
        );
    }
}

/// Without an answer for 2.5 s in the mean, a router sends the spans of a pod that has stopped to
/// nowhere. Each of four pods has a quarter of 1,000 spans per second in the mean over draws. Pods
/// that start beside their predecessors lose as much.
#[test]
fn spans_go_astray_until_dns_is_asked_again() {
    let beside = r#"
    fleet.all.updates = { at = ["30m"], max_unavailable = 0, surge = 1, min_ready = "5m" }
    "#;
    for updates in [STOPS, beside] {
        let scene = draws(&routed(4, "", updates), 60);
        assert_conserved(&scene);
        let lost = Estimate::of(&scene.values("fleet.all", Metric::SpansLostRerouting));
        // The shares of four pods deviate by 12 %, so those of a draw sum to 1 within a tenth.
        assert!((lost.mean - 2_500.0).abs() < 100.0, "{}", lost.mean);
        assert!(scene.fails("fleet.all", Failure::SpansLost));
    }
    let cached = draws(&routed(4, ", dns_cache = \"30s\"", beside), 60);
    let lost = Estimate::of(&cached.values("fleet.all", Metric::SpansLostRerouting));
    // The mean of 35 s is 17.5 s.
    assert!((lost.mean / 17_500.0 - 1.0).abs() < 0.04, "{}", lost.mean);
}

/// A watch of the pods loses nothing while the queue of each router has room. One pod that is away
/// for 300 s is sent 100 requests of ten spans per second, and three routers hold 1,000 each.
#[test]
fn routers_hold_what_their_queues_have_room_for() {
    let watch = ", resolver = \"kubernetes\", routers = 3";
    let short = draws(&routed(4, watch, STOPS), 20);
    assert_conserved(&short);
    let lost = value(&short, Metric::SpansLostRerouting);
    assert!(lost.abs() < 1e-9, "{lost}");
    let long = STOPS.replace("20s", "300s");
    let alone = draws(&routed(1, watch, &long), 1);
    assert_conserved(&alone);
    let lost = value(&alone, Metric::SpansLostRerouting);
    assert!((lost - (300_000.0 - 30_000.0)).abs() < 1.0, "{lost}");
    // DNS has no pod to offer either, and the routers keep the one that they know.
    let asked = draws(&routed(1, ", routers = 3", &long), 1);
    assert_conserved(&asked);
    let lost = value(&asked, Metric::SpansLostRerouting);
    assert!(lost > 269_000.0, "{lost}");
}

/// A killed container stays in its pod. A watch goes on sending to it, and what waited for it comes
/// when it is back.
#[test]
fn a_killed_container_gets_what_waited_for_it() {
    let outage = r#"
    fleet.all.otlp.queue_size = 100000
    fleet.all.resources = { memory = { request = "60MiB", limit = "60MiB" } }
    endpoint.tempo.outages = [{ at = "1h", for = "3m" }]
    "#;
    for resolver in ["kubernetes", "dns"] {
        let balancer = format!(", resolver = \"{resolver}\", routers = 1");
        let scene = draws(&routed(2, &balancer, outage), 10);
        assert_conserved(&scene);
        assert!(value(&scene, Metric::OomCount) > 0.0);
    }
}

/// A service stays on one collector whatever it emits. Of many services each collector gets its part.
#[test]
fn a_service_cannot_be_divided() {
    let by_service = ", key = \"service\"";
    let one = value(
        &draws(&routed(4, by_service, ""), 1),
        Metric::SpansBusiestRatio,
    );
    assert!((one - 4.0).abs() < 1e-6, "{one}");
    let many = "workload.apps.services = 2000";
    let scene = draws(&routed(4, by_service, many), 1);
    let busiest = value(&scene, Metric::SpansBusiestRatio);
    assert!((1.0..1.7).contains(&busiest), "{busiest}");
    assert_conserved(&scene);
}

/// Autoscaled replicas come and go, and every span has a fate.
#[test]
fn replicas_that_are_scaled_away_leave_nothing_behind() {
    let scaled = r#"
    fleet.all.resources = { memory = { request = "1GiB", limit = "1GiB" }, cpu = { request = 0.02, limit = 1 } }
    fleet.all.autoscaling = { min = 2, max = 8, cpu = "70%" }
    workload.apps.pods = { start = 10, season = { daily = "60%", peak_at = "1h" } }
    experiment.horizon = "12h"
    "#;
    for resolver in ["kubernetes", "dns"] {
        let scene = draws(
            &routed(2, &format!(", resolver = \"{resolver}\""), scaled),
            3,
        );
        assert_conserved(&scene);
        assert!(value(&scene, Metric::ScaleUpCount) > 0.0);
        assert!(value(&scene, Metric::ScaleDownCount) > 0.0);
    }
}
