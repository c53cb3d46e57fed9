//! Nodes that applications or collectors overload.

use alloy_sim::model::record::catalogue::{Failure, Metric};

use crate::support::scene::{Scene, changed, play, variant};

const OVERLOADED: &str = include_str!("overloaded-nodes.toml");
const POOL: &str = "pool.c.apps";

/// Percent of node time in overload with and without collectors.
fn overload(scene: &Scene) -> [u32; 2] {
    let percent = |of| format!("{:.0}", scene.value(POOL, of) * 100.0);
    let metrics = [Metric::OverloadedShare, Metric::OverloadedAloneShare];
    metrics.map(|of| percent(of).parse().unwrap())
}

/// Ten pods demand 2, 3, 3.8 and 4.5 of four cores, and their collector 1.07 cores.
#[test]
fn a_slowdown_never_improves_with_load() {
    let scenes = ["apps 200m", "base", "apps 380m", "apps 450m"];
    let scenes = scenes.map(|name| play(variant(OVERLOADED, name), 3, 4));
    for metric in [
        Metric::SlowdownMean,
        Metric::SlowdownPeak,
        Metric::OverloadedShare,
    ] {
        let values: Vec<f64> = scenes
            .iter()
            .map(|scene| scene.value(POOL, metric))
            .collect();
        assert!(values.is_sorted(), "{metric:?}: {values:?}");
    }
    let [_, calm, crowded, full] = &scenes;
    assert_eq!(overload(calm), [0, 0]);
    assert_eq!(overload(crowded), [100, 0]);
    assert_eq!(overload(full), [100, 100]);
    assert!(calm.value(POOL, Metric::SlowdownPeak) < 2.0);
    assert!((full.value(POOL, Metric::SlowdownMean) - 100.0).abs() < 1e-9);
    for (scene, alone) in [(calm, false), (crowded, false), (full, true)] {
        assert_eq!(scene.fails(POOL, Failure::NodeOverloaded), alone);
        assert!(scene.fails(POOL, Failure::NeighbourSlowed));
    }
}

/// Without any collector nobody is a noisy neighbour, and the node is overloaded all the same.
#[test]
fn applications_alone_overload_a_node() {
    let alone = |cpu: &str| {
        let set = format!(
            r#""workload.apps.cpu_per_pod" = "{cpu}", "cluster.c.pool.tel" = {{ nodes = 20, node = {{ cpu = 8, memory = "64GiB" }} }}, "fleet.m.runs_on" = ["c.tel"]"#
        );
        play(changed(OVERLOADED, &set), 3, 2)
    };
    let (fits, full) = (alone("390m"), alone("410m"));
    assert_eq!(overload(&fits), [0, 0]);
    assert_eq!(overload(&full), [100, 100]);
    for scene in [&fits, &full] {
        assert!((scene.value(POOL, Metric::SlowdownPeak) - 1.0).abs() < 1e-9);
        assert!(!scene.fails(POOL, Failure::NeighbourSlowed));
    }
    assert!(full.fails(POOL, Failure::NodeOverloaded));
    assert!(!fits.fails(POOL, Failure::NodeOverloaded));
}
