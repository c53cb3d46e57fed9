//! Targets that move to another collector, and processes that end.

use alloy_sim::model::record::catalogue::{Failure, Metric};

use super::{assert_all_told, scene, text, value};
use crate::support::scene::{blueprint, play};

/// Three of five types of 300 pods.
const FIRST: f64 = 900.0;

#[track_caller]
fn close(value: f64, expected: f64) {
    assert!(
        (value - expected).abs() < 1e-3 * expected,
        "{value}, {expected}"
    );
}

/// Every process skips the first profile of three types of each of its targets, once.
#[test]
fn the_first_profiles_of_a_process_are_skipped() {
    let first = |changes: &str| {
        let scene = scene(changes);
        assert_all_told(&scene);
        value(&scene, Metric::ProfilesSkippedFirst)
    };
    close(first(""), FIRST);
    close(first("    fleet.all.replicas = 3\n"), FIRST);
    // Without a ring no target moves, and every process starts twice.
    let restarted = "    fleet.all.replicas = 3\n    fleet.all.share = \"hashmod\"\n    fleet.all.updates = { at = [\"1h\"], max_unavailable = 1, surge = 0 }\n";
    close(first(restarted), 2.0 * FIRST);
    let none = "    fleet.all.pyroscope.delta_share = \"0%\"\n";
    assert!(first(none).abs() < 1e-9);
}

/// Targets that move on the ring are new to their owner: each that goes and comes back skips twice.
#[test]
fn targets_that_move_skip_a_profile() {
    let scene = scene(
        "    fleet.all.replicas = 3\n    fleet.all.updates = { at = [\"1h\"], max_unavailable = 1, surge = 0 }\n",
    );
    assert_all_told(&scene);
    let moved = value(&scene, Metric::ProfilesSkippedFirst) - FIRST;
    assert!((0.5 * FIRST..=4.0 * FIRST).contains(&moved), "{moved}");
}

/// A process that ends in an outage loses what its loops have in hand: one profile each, and the tick
/// that each keeps.
#[test]
fn a_process_that_ends_loses_what_its_loops_hold() {
    let scene = scene(
        "    fleet.all.updates = { at = [\"63m\"], max_unavailable = 1, surge = 0 }\n    endpoint.pyroscope.outages = [{ at = \"1h\", for = \"10m\" }]\n",
    );
    assert_all_told(&scene);
    let lost = value(&scene, Metric::ProfilesLostRestart);
    assert!((1_500.0 - 1.0..=3_000.0 + 1.0).contains(&lost), "{lost}");
    assert!(value(&scene, Metric::ProfilesMissedDown) > 0.0);
}

/// Targets that stay take their memory to the survivors of a replica, so a limit that fits all of them
/// and no fewer leads from a kill to the next.
#[test]
fn memory_moves_with_the_targets() {
    let peak = |changes: &str| value(&scene(changes), Metric::LivePeak);
    let fixed = "    fleet.all.memory_per_profiled_target = \"34MiB\"\n    fleet.all.replicas = 2\n    fleet.all.share = \"clustering\"\n";
    let calm = peak(fixed);
    let update = "    fleet.all.updates = { at = [\"1h\"], max_unavailable = 1, surge = 0 }\n    fleet.all.restart_gap = \"5m\"\n";
    let moved = peak(&[fixed, update].concat());
    // From its share of about a half to all of it.
    assert!((1.5..=2.1).contains(&(moved / calm)), "{moved}, {calm}");
}

/// Everything goes wrong at once, and every profile has a fate.
#[test]
fn no_profile_is_unaccounted_for_in_a_storm() {
    let storm = r#"
    experiment.horizon = "3d"
    cluster.prod.pool = [{ name = "general", nodes = 10, node = { cpu = 4, memory = "16GiB" }, drains = "1d" }]
    cluster.prod.pool.general.node_failures = "20h"
    workload.apps.pods = { start = 300, season = { daily = "40%" } }
    fleet.all.runs_on = ["prod.general"]
    fleet.all.replicas = 3
    fleet.all.restarts = "7h"
    fleet.all.resources = { memory = { limit = "3GiB" }, cpu = { limit = 0.1 } }
    endpoint.pyroscope.errors = "5%"
    endpoint.pyroscope.rejects = "1%"
    endpoint.pyroscope.outages = [{ at = "3h", for = "20m" }, { at = "21h", for = "5h", answer = "timeout" }, { at = "71h", for = "2h" }]
    "#;
    let scene = play(blueprint(&text(storm)), 1, 1);
    assert_all_told(&scene);
    for metric in super::FATES {
        assert!(value(&scene, metric) > 0.0, "{metric:?}");
    }
    assert!(scene.fails("fleet.all", Failure::ProfilesLost));
}
