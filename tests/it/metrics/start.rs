//! The first values are those of the measured horizon, not of the warm-up before it.

use alloy_sim::model::record::catalogue::{Metric, Track};

use crate::support::scene::{Scene, blueprint, play};

/// A daemon on every node of a pool, with what the nodes are and how many pods there are.
fn daemons(nodes: &str, pods: &str) -> Scene {
    let text = format!(
        r#"
format = 1
[meta]
name = "start"
[experiment]
horizon = "2h"
[[cluster]]
name = "c"
[[cluster.pool]]
name = "p"
nodes = {nodes}
node = {{ cpu = 4, memory = "16GiB" }}
[[workload]]
name = "w"
runs_on = ["c.p"]
pods = {pods}
series_per_pod = 2000
cpu_per_pod = 0.36
[[fleet]]
name = "f"
topology = "host-daemon"
runs_on = ["c.p"]
collects = {{ metrics = ["w"] }}
"#
    );
    play(blueprint(&text), 1, 1)
}

/// The points of a track of the only draw.
fn track(scene: &Scene, scope: &str, track: Track) -> Vec<f64> {
    scene.tracks(scope, track).remove(0)
}

/// The season is lower in the first hour of the horizon than in every hour of the warm-up: the sine
/// of 00:30 with its peak at 14:00 leaves 5.4 of 10 nodes, that of 01:30 leaves 5.04.
#[test]
fn the_first_collectors_are_those_of_the_horizon() {
    for (nodes, count) in [
        (r#"{ start = 10, season = { daily = "50%" } }"#, 5.0),
        (r#"{ start = 20, season = { daily = "50%" } }"#, 11.0),
        (
            r#"{ start = 10, steps = [{ at = "0s", factor = 0.4 }] }"#,
            4.0,
        ),
        (
            r#"{ start = 10, steps = [{ at = "0s", factor = 1.7 }] }"#,
            17.0,
        ),
    ] {
        let scene = daemons(nodes, "20");
        let of = |metric| scene.value("fleet.f", metric);
        let first = track(&scene, "fleet.f", Track::Collectors)[0];
        let seen = [of(Metric::CollectorsStart), of(Metric::CollectorsPeak)];
        assert_eq!((seen, first), ([count; 2], count), "{nodes}");
    }
}

/// Series and slowdown have their first point after a step at the first instant.
#[test]
fn the_first_points_of_tracks_are_those_of_the_horizon() {
    let stepped = r#"{ start = 100, steps = [{ at = "0s", factor = 0.2 }] }"#;
    let (scene, crowded) = (daemons("10", stepped), daemons("10", "100"));
    let series = track(&scene, "fleet.f", Track::Series);
    // Each of the ten daemons exposes 1,000 series of its own.
    assert!((series[0] - 50_000.0).abs() < 1.0, "{series:?}");
    assert_eq!(series[0].to_bits(), series[1].to_bits(), "{series:?}");
    // The nodes are nearly full before the step, and nearly idle after it.
    let [slowdown, before] =
        [&scene, &crowded].map(|scene| track(scene, "pool.c.p", Track::Slowdown)[0]);
    assert!(slowdown < 1.0001, "{slowdown}");
    assert!(before > 1.001, "{before}");
}

/// Running jobs count as collectors at the start, as they do later.
#[test]
fn the_first_collectors_of_jobs_are_those_of_the_track() {
    let scene = play(
        blueprint(include_str!("../../../scenarios/batch-sidecars.toml")),
        1,
        3,
    );
    let first = scene.tracks("fleet.sidecars", Track::Collectors);
    let first: Vec<f64> = first.iter().map(|points| points[0]).collect();
    assert_eq!(
        scene.values("fleet.sidecars", Metric::CollectorsStart),
        first
    );
    assert!(first.iter().all(|&count| count > 0.0), "{first:?}");
}
