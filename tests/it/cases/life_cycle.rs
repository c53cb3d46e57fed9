//! How collectors end, and what is said of it.

use alloy_sim::model::blueprint::Blueprint;
use alloy_sim::model::record::catalogue::{Failure, Metric};
use alloy_sim::model::record::outcome::RecordKind;
use alloy_sim::model::world::{Recording, Replication, simulate};
use alloy_sim::report::{self, Style};

use crate::support::platform::of_pods;
use crate::support::scene::{Scene, blueprint, changed, play, results, study};

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

/// What the details say of the memory that is needed.
fn said_of_need(changes: &str) -> String {
    let study = study(&of_pods(&[ALONE, changes].concat()));
    let style = Style {
        colour: false,
        width: 100,
    };
    let said = report::details(&report::brief(&results(study, 1)).unwrap(), style);
    let line = said
        .lines()
        .find(|line| line.contains("memory limit needed"));
    let words = line.expect("the need has a line").split_whitespace();
    words.collect::<Vec<_>>().join(" ")
}

/// In service the collector needs half of its limit. A need that only replays have is not one in
/// service.
#[test]
fn a_need_that_a_replay_cut_off_is_the_need_of_restarts() {
    let replayed = |limit: &str| {
        said_of_need(&format!(
            "    experiment.horizon = \"4h\"\n    experiment.draws = 20\n    fleet.all.volume = true\n    \
             fleet.all.replay_peak = 3\n    fleet.all.updates = {{ at = [\"1h\"] }}\n    \
             fleet.all.resources = {{ memory = {{ limit = \"{limit}\" }} }}\n"
        ))
    };
    assert_eq!(
        replayed("256MiB"),
        "memory limit needed, restarts included > 256 MiB > 256 MiB 256 MiB"
    );
    assert!(replayed("512MiB").starts_with("memory limit needed in service 1"));
    let cold = "    experiment.draws = 20\n    experiment.start = \"cold\"\n";
    assert_eq!(
        said_of_need(cold),
        "memory limit needed in service > 64 MiB > 64 MiB 64 MiB"
    );
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

#[track_caller]
fn same(found: f64, expected: f64) {
    assert!((found - expected).abs() < 1e-9, "{found} is not {expected}");
}

/// Two kills 5 s apart, then back-offs of 10, 20, 40, 80 and 160 s, then a kill every 305 s. The collector
/// takes 5 s to start.
fn kills_of_a_loop(seconds: f64) -> f64 {
    7.0 + ((seconds - 340.0) / 305.0).floor()
}

#[test]
fn the_first_restart_is_at_once_and_then_they_back_off() {
    let kills = |horizon: &str| {
        let set = format!(r#""experiment.start" = "cold", "experiment.horizon" = "{horizon}""#);
        alone(&set).value("fleet.all", Metric::OomCount)
    };
    // At 0, 5, 20, 45 and 90 s.
    same(kills("1m"), 4.0);
    same(kills("2m"), 5.0);
    same(kills("1d"), kills_of_a_loop(86_400.0));
}

/// The load falls after 12 h of a crash loop, and comes back an hour later, or after three minutes of
/// service.
#[test]
fn ten_minutes_without_a_crash_are_forgiven() {
    let kills = |back: &str| {
        let set = format!(
            r#""experiment.start" = "cold", "experiment.horizon" = "14h", "workload.apps.pods" = {{ start = 3000, steps = [{{ at = "12h", factor = 0.1 }}, {{ at = "{back}", factor = 10 }}] }}"#
        );
        alone(&set).value("fleet.all", Metric::OomCount)
    };
    let before = kills_of_a_loop(43_200.0);
    same(kills("13h"), before + kills_of_a_loop(3_600.0));
    // It goes on with a back-off of 300 s.
    same(kills("725m"), before + 1.0 + (6_900.0_f64 / 305.0).floor());
}

/// Without a limit of its own a collector needs twice its live bytes of its node.
#[test]
fn kills_are_counted_by_who_kills() {
    let cold = r#""experiment.start" = "cold", "experiment.horizon" = "1d""#;
    let small = format!(
        r#"{cold}, "fleet.all.resources" = "none", "cluster.prod.pool.general.node" = {{ cpu = 64, memory = "200MB" }}"#
    );
    for (set, by_node) in [(cold.to_owned(), 0.0), (small, 1.0)] {
        let scene = alone(&set);
        let value = |metric| scene.value("fleet.all", metric);
        same(value(Metric::OomCount), kills_of_a_loop(86_400.0));
        same(
            value(Metric::OomNodeCount),
            by_node * kills_of_a_loop(86_400.0),
        );
        same(value(Metric::OomCollectorRatio), 1.0);
        same(value(Metric::OomNodeCollectorRatio), by_node);
        assert!(scene.fails("fleet.all", Failure::Oom));
        assert_eq!(scene.fails("fleet.all", Failure::OomNode), by_node > 0.0);
    }
}

/// Kills that are counted in one step have one row with their number.
#[test]
fn every_kill_is_in_the_event_records() {
    let set = r#""experiment.start" = "cold", "experiment.horizon" = "1d""#;
    let case = changed(&of_pods(ALONE), set);
    let (_, records) = simulate(&case, 1, Replication::first_of(0), Recording::On);
    let rows = |kind| records.rows.iter().filter(move |row| row.what == kind);
    let looped: f64 = rows(RecordKind::CrashLooped).map(|row| row.value).sum();
    let killed = rows(RecordKind::OomKilled).count();
    assert!(killed < 20 && looped > 200.0, "{killed} and {looped}");
    same(killed as f64 + looped, kills_of_a_loop(86_400.0));
    assert_eq!(rows(RecordKind::Stopped).count(), 0, "nobody stopped it");
}

/// From the first instant on, with nothing that a process before has left.
#[test]
fn a_cold_start_is_cold() {
    let scene = |horizon: &str, start: &str| {
        alone(&format!(
            r#""experiment.start" = "{start}", "experiment.horizon" = "{horizon}", "fleet.all.resources" = "none", "workload.apps.restarts_per_day" = "400%", "fleet.all.volume" = true"#
        ))
    };
    let (cold, running) = (scene("1h", "cold"), scene("1h", "running"));
    let value = |scene: &Scene, metric| scene.value("fleet.all", metric);
    // 30,000 series and a sixth of them replaced in an hour, of which 72 % of the bytes stay.
    let dead = 30_000.0 * 4.0 / 24.0;
    let live = value(&cold, Metric::MemoryLimitNeeded) / 1.05;
    assert!(
        (live / (4_000.0 * (30_000.0 + 0.72 * dead)) - 1.0).abs() < 2e-3,
        "{live}"
    );
    assert!(value(&running, Metric::MemoryLimitNeeded) / 1.05 > live + 4_000.0 * 0.72 * dead);
    // 24 hours' worth of samples are in no log that is an hour old.
    assert!(value(&cold, Metric::WalPeak) < value(&running, Metric::WalPeak));
    for scene in [&cold, &running] {
        assert!(value(scene, Metric::MissedDown) < 1.0);
        assert!(value(scene, Metric::RestartCount) < 1.0);
    }
    let sent = value(&cold, Metric::SamplesOffered);
    assert!((sent - 30_000.0 * 60.0).abs() < 1.0, "{sent}");
}

#[test]
fn who_has_no_limit_is_counted_as_killed_by_the_node() {
    let mut by_node = 0.0;
    for case in study(include_str!("kills-without-a-limit.toml")).cases {
        let is_limited = case.name.contains("limit");
        let scene = play(case.blueprint, 3, 2);
        let all = scene.values("fleet.m", Metric::OomCount);
        let node = scene.values("fleet.m", Metric::OomNodeCount);
        assert!(
            is_limited || all == node,
            "{}: {all:?}, {node:?}",
            case.name
        );
        let alike =
            scene.first("fleet.m", Failure::Oom) == scene.first("fleet.m", Failure::OomNode);
        assert!(is_limited || alike, "{}", case.name);
        by_node += node.iter().sum::<f64>();
    }
    assert!(by_node > 0.0);
}
