//! How collectors end, and what is said of it.

use alloy_sim::model::blueprint::Blueprint;
use alloy_sim::model::record::catalogue::{Failure, Metric};
use alloy_sim::model::record::outcome::RecordKind;
use alloy_sim::model::world::{Recording, Replication, simulate};

use crate::support::platform::of_pods;
use crate::support::scene::{Scene, blueprint, changed, play, study};

/// One collector of 30,000 series at 4,000 live bytes each, in 64 MiB.
const ALONE: &str = r#"
    preset = "alloy-docs"
    cluster.prod.pool = [{ name = "general", nodes = 100, drains = "never", node = { cpu = 64, memory = "512GiB" } }]
    workload.apps.pods = 3000
    workload.apps.series_per_pod = 10
    workload.apps.restarts_per_day = "0%"
    fleet.all.replicas = 1
    fleet.all.runs_on = ["prod.general"]
    fleet.all.volume = false
    fleet.all.restarts = "never"
    fleet.all.restart_gap = "5s"
    fleet.all.own_series = 0
    fleet.all.base_memory = "0B"
    fleet.all.outside_heap = "0B"
    fleet.all.memory_per_watched_pod = "0B"
    fleet.all.memory_per_series = "8KB"
    fleet.all.replay_peak = 1
    fleet.all.replay_per_mib = "0s"
    fleet.all.resources = { memory = { limit = "64MiB" } }
"#;

/// Bytes that it needs: 1.05 times what is live.
const NEED: f64 = 1.05 * 120e6;

fn alone(set: &str) -> Scene {
    play(changed(&of_pods(ALONE), set), 1, 1)
}

#[test]
fn a_fleet_of_the_dead_is_unsafe_to_restart() {
    let text = include_str!("restart-of-the-dead.toml");
    let with_volume = changed(text, r#""fleet.metrics.volume" = true"#);
    for case in [blueprint(text), with_volume] {
        let scene = play(case, 1, 20);
        let unsafe_from = scene.first("fleet.metrics", Failure::RestartUnsafe);
        assert!(
            unsafe_from.iter().flatten().count() >= 18,
            "{unsafe_from:?}"
        );
        let ratios = scene.values("fleet.metrics", Metric::MemoryRestartRatio);
        let above = ratios.iter().filter(|&&ratio| ratio > 1.0).count();
        assert!(above >= 18, "{ratios:?}");
    }
}

/// Two kills in, or days later, when the starts in vain are no events any more.
#[test]
fn a_crash_loop_at_the_horizon_needs_what_it_needed() {
    for (horizon, volume) in [("2m", false), ("2m", true), ("3d", false), ("3h", true)] {
        let scene = alone(&format!(
            r#""experiment.horizon" = "{horizon}", "fleet.all.volume" = {volume}"#
        ));
        let needed = scene.value("fleet.all", Metric::MemoryRestartPeak);
        assert!(
            (needed / NEED - 1.0).abs() < 1e-9,
            "{horizon}, {volume}: {needed}"
        );
        let ratio = scene.value("fleet.all", Metric::MemoryRestartRatio);
        assert!((ratio * f64::from(64 << 20) / NEED - 1.0).abs() < 1e-9);
        assert_eq!(
            scene.first("fleet.all", Failure::RestartUnsafe),
            [Some(0.0)]
        );
    }
}

/// A replay takes three times what is live: the collector dies of its first restart.
#[test]
fn a_loop_of_replays_at_the_horizon_needs_the_replay() {
    let set = |horizon: &str, limit: &str| {
        alone(&format!(
            r#""experiment.horizon" = "{horizon}", "fleet.all.volume" = true, "fleet.all.replay_peak" = 3, "fleet.all.resources" = {{ memory = {{ limit = "{limit}" }} }}, "fleet.all.updates" = {{ at = ["1h"] }}"#
        ))
    };
    for horizon in ["61m", "4h"] {
        let scene = set(horizon, "256MiB");
        let needed = scene.value("fleet.all", Metric::MemoryRestartPeak);
        assert!(
            (needed / (3.0 * NEED) - 1.0).abs() < 1e-3,
            "{horizon}: {needed}"
        );
        assert!(scene.fails("fleet.all", Failure::RestartUnsafe));
    }
    let scene = set("4h", "512MiB");
    assert!(!scene.fails("fleet.all", Failure::RestartUnsafe));
}

#[test]
fn who_serves_at_the_horizon_is_safe() {
    let fits = r#""fleet.all.resources" = { memory = { limit = "128MiB" } }"#;
    let scene = alone(fits);
    assert!(scene.value("fleet.all", Metric::MemoryRestartRatio) < 1.0);
    assert!(!scene.fails("fleet.all", Failure::RestartUnsafe));
    let unlimited = r#""fleet.all.resources" = "none""#;
    assert!(!alone(unlimited).fails("fleet.all", Failure::RestartUnsafe));
    assert!(play(blueprint(&of_pods(ALONE)), 1, 1).fails("fleet.all", Failure::RestartUnsafe));
}

/// Kills at the own limit and kills by the node, in `events.csv` of one draw.
fn kills(blueprint: &Blueprint, draw: u32) -> [usize; 2] {
    let (_, records) = simulate(blueprint, 3, Replication::first_of(draw), Recording::On);
    [RecordKind::OomKilled, RecordKind::NodeOomKilled].map(|kind| {
        let rows = records.rows.iter();
        rows.filter(|row| row.what == kind).count()
    })
}

#[test]
fn who_has_no_limit_is_killed_by_the_node() {
    let mut by_node = 0;
    for case in study(include_str!("kills-without-a-limit.toml")).cases {
        let is_limited = case.name.contains("limit");
        for draw in 0..4 {
            let [own, node] = kills(&case.blueprint, draw);
            assert!(is_limited || own == 0, "{}: {own} at a limit", case.name);
            by_node += node;
        }
    }
    assert!(by_node > 0);
}
