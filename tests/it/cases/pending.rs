//! Collectors whose requests find no room.

use alloy_sim::model::record::catalogue::{Failure, Metric};
use alloy_sim::stats::Verdict;

use crate::scenario::checked;
use crate::support::platform::of_pods;
use crate::support::scene::{Scene, changed, play, results, variant};

/// Three replicas, or daemons, on three nodes of 64 GiB of which applications request 10 GiB each.
const TIGHT: &str = r#"
    preset = "alloy"
    cluster.prod.pool = [{ name = "general", nodes = 3, drains = "never", node = { cpu = 16, memory = "64GiB" } }]
    workload.apps.pods = 30
    workload.apps.memory_request_per_pod = "1GiB"
    fleet.all.replicas = 3
    fleet.all.runs_on = ["prod.general"]
    fleet.all.restarts = "never"
"#;

const DAY: f64 = 86_400.0;

fn requesting(memory: &str, more: &str) -> Scene {
    let set = format!(r#""fleet.all.resources" = {{ memory = {{ request = "{memory}" }} }}{more}"#);
    play(changed(&of_pods(TIGHT), &set), 1, 2)
}

fn value(scene: &Scene, metric: Metric) -> f64 {
    scene.value("fleet.all", metric)
}

#[test]
fn replicas_wait_for_room() {
    let six = r#", "fleet.all.replicas" = 6"#;
    for (memory, more, pending) in [
        ("54GiB", "", 0.0),
        ("55GiB", "", 3.0),
        ("27GiB", six, 0.0),
        ("28GiB", six, 3.0),
        ("65GiB", "", 3.0),
    ] {
        let scene = requesting(memory, more);
        assert!(
            (value(&scene, Metric::PendingSeconds) - pending * DAY).abs() < 1e-6,
            "{memory}"
        );
        assert_eq!(
            scene.fails("fleet.all", Failure::Pending),
            pending > 0.0,
            "{memory}"
        );
        let served = value(&scene, Metric::SamplesScraped) > 0.0;
        assert_eq!(served, memory != "55GiB" && memory != "65GiB", "{memory}");
    }
}

#[test]
fn daemons_wait_for_room() {
    let daemons = [TIGHT, "    fleet.all.topology = \"host-daemon\"\n"].concat();
    let text = of_pods(&daemons).replace("replicas = 3\n", "");
    for (memory, pending) in [("54GiB", 0.0), ("55GiB", 3.0)] {
        let set = format!(r#""fleet.all.resources" = {{ memory = {{ request = "{memory}" }} }}"#);
        let scene = play(changed(&text, &set), 1, 2);
        assert!(
            (value(&scene, Metric::PendingSeconds) - pending * DAY).abs() < 1e-6,
            "{memory}"
        );
        assert_eq!(scene.fails("fleet.all", Failure::Pending), pending > 0.0);
    }
    // Ten pods of 0.3 cores and a daemon of two on four cores.
    let text = include_str!("overloaded-nodes.toml");
    for (name, pending) in [("request 1", false), ("request 2", true)] {
        let scene = play(variant(text, name), 3, 1);
        assert_eq!(scene.fails("fleet.m", Failure::Pending), pending, "{name}");
    }
}

/// An autoscaler gets the nodes that it asks for, unless no node is large enough.
#[test]
fn who_is_scaled_waits_only_for_a_larger_node() {
    let scaled = r#", "fleet.all.autoscaling" = { min = 3, max = 5, memory = "80%" }"#;
    for (memory, pending) in [("60GiB", false), ("65GiB", true)] {
        let scene = requesting(memory, scaled);
        assert_eq!(
            scene.fails("fleet.all", Failure::Pending),
            pending,
            "{memory}"
        );
        assert_eq!(value(&scene, Metric::SamplesScraped) > 0.0, !pending);
    }
}

#[test]
fn no_goal_about_a_pending_fleet_holds() {
    let verdict = |memory: &str, require: &str| {
        let set = format!(
            "\n[[goal]]\nname = \"g\"\nrequire = \"{require}\"\n[[variant]]\nname = \"v\"\nset = {{ \"fleet.all.resources\" = {{ memory = {{ request = \"{memory}\" }} }} }}\n"
        );
        let text = [of_pods(TIGHT), set]
            .concat()
            .replace("draws = 1\n", "draws = 60\n");
        let mut study = checked(&text).study;
        study.cases.retain(|case| case.variant == "v");
        let rows = results(study, 1).requirements;
        rows[0].verdict
    };
    for require in [
        "probability(any oom in fleet.all) < 20%",
        "p90(memory_peak_bytes in fleet.all) < 1TB",
        "p90(collectors_end in fleet.all) < 5",
        "p10(collectors_end in fleet.all) > 2",
        "p90(oom_count in fleet.all) < 5",
    ] {
        assert_eq!(verdict("1GiB", require), Verdict::Holds, "{require}");
        assert_eq!(verdict("65GiB", require), Verdict::Fails, "{require}");
    }
}
