//! What belongs to a cluster: its pods, its pools, its replicas.

use alloy_sim::model::record::catalogue::Metric;

use crate::support::scene::{Scene, changed, play};

const WATCH: &str = include_str!("watch-without-metrics.toml");
const POOLS: &str = include_str!("pools-of-two-clusters.toml");

/// Live bytes of one watched pod in these tests.
const PER_POD: f64 = 20e3;

/// Pods that a collector watches, by what its memory needs more than without any.
fn watched(text: &str, set: &str) -> f64 {
    let text = &text.replacen("format = 1", "format = 1\npreset = \"alloy-docs\"", 1);
    let needed = |per_pod: &str| {
        let set = format!(r#"{set}, "fleet.logs.memory_per_watched_pod" = "{per_pod}""#);
        let scene = play(changed(text, &set), 1, 1);
        scene.value("fleet.logs", Metric::MemoryLimitNeeded)
    };
    // A limit is 5 % above the live bytes at the least.
    (needed("20KB") - needed("0B")) / (1.05 * PER_POD)
}

fn near(found: f64, expected: f64) {
    assert!(
        (found - expected).abs() < 1e-6 * expected.max(1.0),
        "{found} is not {expected}"
    );
}

#[test]
fn who_tails_logs_watches_the_cluster_too() {
    near(
        watched(WATCH, r#""fleet.logs.discovery" = "everything""#),
        6_000.0,
    );
    near(watched(WATCH, r#""fleet.logs.discovery" = "node""#), 200.0);
}

#[test]
fn pods_that_nobody_collects_are_watched_in_their_cluster_only() {
    let other = r#"
[[workload]]
name = "quiet"
runs_on = ["POOL"]
pods = { start = 900, steps = [{ at = "12h", factor = 2 }] }
series_per_pod = 1
[[cluster]]
name = "d"
[[cluster.pool]]
name = "p"
nodes = 3
node = { cpu = 8, memory = "32GiB" }
"#;
    let quiet = |pool: &str| [WATCH, &other.replace("POOL", pool)].concat();
    near(
        watched(&quiet("c.p"), r#""fleet.logs.discovery" = "everything""#),
        7_800.0,
    );
    near(
        watched(&quiet("c.p"), r#""fleet.logs.discovery" = "node""#),
        260.0,
    );
    near(
        watched(&quiet("d.p"), r#""fleet.logs.discovery" = "everything""#),
        6_000.0,
    );
    near(
        watched(&quiet("d.p"), r#""fleet.logs.discovery" = "node""#),
        200.0,
    );
}

/// The case of two clusters, with nothing that happens by itself.
fn calm(text: &str, set: &str) -> Scene {
    let calm = r#""fleet.f.own_series" = 0, "fleet.f.restarts" = "never""#;
    play(changed(text, &[calm, set].concat()), 1, 1)
}

#[test]
fn each_cluster_counts_once_whatever_its_name() {
    let renamed = POOLS.replace("\"a", "\"z");
    for text in [POOLS, &renamed] {
        let scene = calm(text, "");
        near(scene.value("fleet.f", Metric::CollectorsEnd), 12.0);
        near(scene.value("fleet.f", Metric::SeriesActiveEnd), 6_000.0);
    }
    let one = calm(
        POOLS,
        r#", "workload.w.runs_on" = ["b.p"], "fleet.f.runs_on" = ["b.p"]"#,
    );
    near(one.value("fleet.f", Metric::CollectorsEnd), 10.0);
    near(one.value("fleet.f", Metric::SeriesActiveEnd), 5_000.0);
}

#[test]
fn two_pools_of_one_cluster_are_one_cluster() {
    let text = POOLS.replacen(
        "[[workload]]",
        "[[cluster.pool]]\nname = \"q\"\nnodes = 2\nnode = { cpu = 4, memory = \"16GiB\" }\n[[workload]]",
        1,
    );
    let pools = r#", "workload.w.runs_on" = ["b.p", "b.q"], "fleet.f.runs_on" = ["b.p", "b.q"]"#;
    let scene = calm(&text, pools);
    near(scene.value("fleet.f", Metric::CollectorsEnd), 10.0);
    near(scene.value("fleet.f", Metric::SeriesActiveEnd), 5_000.0);
}

/// Replicas of a cluster run on its nodes, so they go with these.
#[test]
fn replicas_fail_with_their_own_cluster() {
    let failure = r#"zone_failures = [{ at = "10m", for = "10m" }]"#;
    let renamed = POOLS.replace("\"a", "\"z");
    for (text, first) in [(POOLS, "a"), (renamed.as_str(), "z")] {
        for (cluster, nodes, replicas) in [(first, 3, 2.0), ("b", 3, 10.0)] {
            let set = format!(
                r#", "cluster.{cluster}.pool.p" = {{ nodes = {nodes}, drains = "never", node = {{ cpu = 4, memory = "16GiB" }}, {failure} }}"#
            );
            let scene = calm(text, &set);
            near(scene.value("fleet.f", Metric::RestartCount), replicas);
        }
    }
}
