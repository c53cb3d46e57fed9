//! An endpoint of limited capacity, and those who share it.

use alloy_sim::model::record::catalogue::{Failure, Metric};

use crate::support::platform::of_pods;
use crate::support::scene::{Scene, blueprint, play, play_all};

/// A million series once a minute; half an hour without the endpoint leaves 30 million samples.
const SHARED: &str = r#"
    preset = "alloy-docs"
    workload.apps.restarts_per_day = "0%"
    fleet.all.share = "load-balancer"
    fleet.all.restarts = "never"
    fleet.all.own_series = 0
    fleet.all.resources = "none"
    fleet.all.wal = { truncate_every = "0s" }
    endpoint.backend.latency = "100ms"
    endpoint.backend.capacity = 20000
    endpoint.backend.outages = [{ at = "3h", for = "30m" }]
"#;

const INFLOW: f64 = 1e6 / 60.0;
const BACKLOG: f64 = INFLOW * 1_800.0;

/// The fleet `all` with a second one, `other`, which collects the same once more.
const TWO: &str = r#"
    fleet = [{ name = "all", topology = "centralized", replicas = 1 }, { name = "other", topology = "centralized", replicas = 1, share = "load-balancer", restarts = "never", own_series = 0, resources = "none", wal = { truncate_every = "0s" } }]
    fleet.all.collects = { metrics = ["apps"] }
    fleet.all.sends_to = ["backend"]
    fleet.other.collects = { metrics = ["apps"] }
    fleet.other.sends_to = ["backend"]
"#;

fn two(lines: &str) -> Scene {
    let lines = [
        TWO,
        SHARED,
        "    endpoint.backend.capacity = 40000\n",
        lines,
    ]
    .concat();
    play(blueprint(&of_pods(&lines)), 1, 1)
}

fn shared(lines: &str) -> Scene {
    play(blueprint(&of_pods(&[SHARED, lines].concat())), 1, 1)
}

fn took(scene: &Scene, fleet: &str) -> f64 {
    scene.value(fleet, Metric::DrainSeconds)
}

/// A batch is 2,000 samples, and one shard sends it in 100 ms: nothing here depends on less than seconds.
#[track_caller]
fn near(found: f64, expected: f64, within: f64) {
    assert!(
        (found / expected - 1.0).abs() < within,
        "{found} is not {expected}"
    );
}

/// 97.8 million samples, over what 54,333 a second leave of the capacity.
#[test]
fn the_time_to_catch_up_does_not_depend_on_the_number_of_replicas() {
    let cases = play_all(include_str!("shared-capacity.toml"), 3);
    let (load, backlog) = (3_260_000.0 / 60.0, 3_260_000.0 * 30.0);
    for (name, scene) in &cases[1..] {
        let capacity = if name.contains("60k") { 6e4 } else { 8e4 };
        let drains = scene.values("fleet.m", Metric::DrainSeconds);
        for drain in drains {
            near(drain, backlog / (capacity - load), 0.01);
        }
        assert!(!scene.fails("fleet.m", Failure::DataLost), "{name}");
    }
    assert_eq!(cases.len(), 7);
}

#[test]
fn replicas_and_daemons_catch_up_together() {
    let whole = BACKLOG / (20_000.0 - INFLOW);
    for replicas in [1, 3, 12, 100] {
        for share in ["load-balancer", "clustering"] {
            let scene = shared(&format!(
                "fleet.all.replicas = {replicas}\nfleet.all.share = \"{share}\"\n"
            ));
            near(took(&scene, "fleet.all"), whole, 0.01);
            assert!(scene.value("fleet.all", Metric::LossRatio) <= 0.0);
        }
    }
    let central = "fleet.all.share = \"load-balancer\"\n";
    let daemons = r#"
    cluster.prod.pool.general.nodes = 500
    fleet = [{ name = "all", topology = "host-daemon", runs_on = ["prod.general"] }]
    fleet.all.collects = { metrics = ["apps"] }
    fleet.all.sends_to = ["backend"]
"#;
    let text = [daemons, &SHARED.replace(central, "\n")].concat();
    let scene = play(blueprint(&of_pods(&text)), 1, 1);
    near(took(&scene, "fleet.all"), whole, 0.01);
}

/// 15 collectors get 2,667 samples a second each. The twelve small ones need 1,389 of them, and are done
/// first.
#[test]
fn a_fleet_of_small_collectors_is_done_first() {
    let scene = two("fleet.all.replicas = 3\nfleet.other.replicas = 12\n");
    let spare = 40_000.0 / 15.0 - INFLOW / 12.0;
    near(took(&scene, "fleet.other"), BACKLOG / 12.0 / spare, 0.01);
    let whole = 2.0 * BACKLOG / (40_000.0 - 2.0 * INFLOW);
    near(took(&scene, "fleet.all"), whole, 0.01);
}

/// Each fleet has 3,333 a second to spare. After half an hour of that the other one loses its backlog with
/// its process, so that 6,667 are left.
#[test]
fn who_loses_its_backlog_leaves_its_part_to_the_others() {
    let scene = two("fleet.other.restart_gap = \"5s\"\nfleet.other.updates = { at = [\"4h\"] }\n");
    let spare = 20_000.0 - INFLOW;
    let left = BACKLOG - 1_800.0 * spare;
    // The other one is away for up to a minute, in which it leaves all to the first.
    near(
        took(&scene, "fleet.all"),
        1_800.0 + left / (2.0 * spare),
        0.03,
    );
    near(scene.value("fleet.other", Metric::LostRestart), left, 0.05);
    near(took(&scene, "fleet.other"), 1_800.0, 0.01);
}

/// The second outage finds 24 million samples of the first one.
#[test]
fn a_second_outage_adds_to_the_first() {
    for replicas in [1, 5] {
        let scene = shared(&format!(
            r#"fleet.all.replicas = {replicas}
            endpoint.backend.outages = [{{ at = "3h", for = "30m" }}, {{ at = "4h", for = "30m" }}]"#
        ));
        let spare = 20_000.0 - INFLOW;
        let behind = 2.0 * BACKLOG - 1_800.0 * spare;
        near(took(&scene, "fleet.all"), behind / spare, 0.01);
        near(scene.value("fleet.all", Metric::BacklogPeak), behind, 0.01);
    }
}

/// What does not fit is lost in the end, by one collector or by many, after an outage or without one.
#[test]
fn below_the_load_nobody_is_safe() {
    let days = 72.0 * 3_600.0;
    for replicas in [1, 12] {
        for outages in ["[]", r#"[{ at = "3h", for = "30m" }]"#] {
            let scene = shared(&format!(
                r#"experiment.horizon = "3d"
                fleet.all.wal = {{ truncate_every = "2h" }}
                fleet.all.replicas = {replicas}
                endpoint.backend.capacity = 10000
                endpoint.backend.outages = {outages}"#
            ));
            assert!(scene.fails("fleet.all", Failure::DataLost));
            let of_endpoint = |metric| scene.value("endpoint.backend", metric);
            let most = 10_000.0 * (days - of_endpoint(Metric::OutageSeconds));
            near(of_endpoint(Metric::EndpointSent), most, 0.01);
            assert!(of_endpoint(Metric::EndpointSent) <= most * (1.0 + 1e-6));
            let lost = of_endpoint(Metric::EndpointLost);
            assert!(lost > 0.35 * INFLOW * days, "{lost}");
        }
    }
}

/// For three hours 1,667 samples a second do not fit: 18 million in all, of 1,080 s.
#[test]
fn a_load_that_falls_lets_backlogs_out() {
    for replicas in [1, 4] {
        let scene = shared(&format!(
            r#"fleet.all.replicas = {replicas}
            fleet.all.wal = {{ truncate_every = "1d" }}
            endpoint.backend.outages = []
            endpoint.backend.capacity = 15000
            workload.apps.pods = {{ start = 500, steps = [{{ at = "3h", factor = 2 }}, {{ at = "6h", factor = 0.5 }}] }}"#
        ));
        let age = scene.value("fleet.all", Metric::BacklogPeakSeconds);
        let behind = (INFLOW - 15_000.0) * 3.0 * 3_600.0;
        // Just after six o'clock the same backlog is that of half the inflow.
        let ages = 0.99 * behind / INFLOW..2.01 * behind / INFLOW;
        assert!(ages.contains(&age), "{age}");
        assert!(scene.value("fleet.all", Metric::SamplesPending) < 1.0);
        assert!(scene.value("fleet.all", Metric::LossRatio) <= 0.0);
    }
}

/// One shard sends what it gets in 5 s. During the outage it sends its batch at 0, 0.03, 0.09, … 7.65 s,
/// and then every 5 s; with a time-out of 30 s each attempt takes that much longer.
#[test]
fn what_is_sent_again_in_an_outage_are_requests() {
    let steady = (86_400.0 - 1_800.0) / 5.0;
    let full = 10_000.0 / 60.0 * 1_800.0 / 2_000.0;
    for (answer, errors, tries) in [
        ("errors", 0, 367.0),
        ("errors", 20, 367.0),
        ("timeout", 0, 53.0),
    ] {
        for replicas in [1, 3] {
            let scene = shared(&format!(
                r#"workload.apps.series_per_pod = 10
                fleet.all.replicas = {replicas}
                endpoint.backend.errors = "{errors}%"
                endpoint.backend.outages = [{{ at = "3h", for = "30m", answer = "{answer}" }}]"#
            ));
            let replicas = f64::from(replicas);
            let batches = steady * replicas + full;
            let expected = batches / (1.0 - f64::from(errors) / 100.0) + tries * replicas;
            let found = scene.value("endpoint.backend", Metric::Requests);
            // A batch more or less per collector.
            assert!(
                (found - expected).abs() < 2.0 * replicas,
                "{found}, not {expected}"
            );
        }
    }
}
