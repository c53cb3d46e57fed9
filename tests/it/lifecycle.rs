//! How collectors are stopped, started and replaced: numbers out of the simulated fleet against closed
//! forms, everything drawn being fixed.

#![expect(clippy::float_cmp, reason = "whole seconds and samples are exact")]

use alloy_sim::model::record::catalogue::{Failure, Metric, Track};

use crate::support::platform::of_pods;
use crate::support::scene::{Scene, blueprint, changed, play};

/// Collectors that nothing happens to but what a test adds: 30,000 series at 60 s, without churn.
const CALM: &str = r#"
    preset = "alloy-docs"
    cluster.prod.pool = [{ name = "general", nodes = 100, zones = 2, drains = "never", node = { cpu = 64, memory = "512GiB" } }]
    workload.apps.pods = 3000
    workload.apps.series_per_pod = 10
    workload.apps.restarts_per_day = "0%"
    fleet.all.replicas = 4
    fleet.all.runs_on = ["prod.general"]
    fleet.all.share = "load-balancer"
    fleet.all.volume = false
    fleet.all.restarts = "never"
    fleet.all.restart_gap = "20s"
    fleet.all.own_series = 0
    fleet.all.base_memory = "0B"
    fleet.all.outside_heap = "0B"
    fleet.all.memory_per_watched_pod = "0B"
    fleet.all.memory_per_series = "8KB"
    fleet.all.leave_takeover = "4s"
    fleet.all.crash_takeover = "40s"
    fleet.all.replay_peak = 1
    fleet.all.replay_per_mib = "0s"
    endpoint.backend.latency = "100ms"
"#;

/// The calm fleet as host daemons.
const DAEMONS: &str = r#""fleet.all" = { topology = "host-daemon", runs_on = ["prod.general"], collects = { metrics = ["apps"] }, sends_to = ["backend"], restarts = "never", restart_gap = "10s""#;

fn calm(set: &str) -> Scene {
    play(changed(&of_pods(CALM), set), 1, 1)
}

fn value(scene: &Scene, metric: Metric) -> f64 {
    scene.value("fleet.all", metric)
}

/// A daemon that is away for ten seconds and available ten seconds later takes twenty: 100 of them one
/// at a time, or 1,000 of them a hundred at a time.
#[test]
fn daemons_are_replaced_so_many_at_a_time() {
    for (nodes, at_a_time, seconds) in [
        (100, "1", 2_000.0),
        (1_000, "100", 200.0),
        (1_000, "\"10%\"", 200.0),
        (1_000, "1", 20_000.0),
        (99, "10", 200.0),
    ] {
        let set = format!(
            r#""cluster.prod.pool.general.nodes" = {nodes}, {DAEMONS}, updates = {{ at = ["1h"], max_unavailable = {at_a_time} }} }}"#
        );
        let scene = calm(&set);
        assert_eq!(value(&scene, Metric::RolloutPeakSeconds), seconds, "{set}");
        assert_eq!(value(&scene, Metric::RestartCount), f64::from(nodes));
        assert_eq!(value(&scene, Metric::DownSeconds), f64::from(nodes) * 10.0);
        assert_eq!(value(&scene, Metric::RolloutBlockedCount), 0.0);
        assert_eq!(value(&scene, Metric::LostRestart), 0.0, "steady senders");
    }
}

/// Twenty replicas with a volume, one at a time: each is away for 65 s (it stops, its volume moves, it
/// starts, it is ready), and replays its log for 30 s.
#[test]
fn replicas_with_a_volume_take_turns() {
    let set = |cpu: &str| {
        format!(
            r#""fleet.all.replicas" = 20, "fleet.all.volume" = true, "fleet.all.restart_gap" = "65s", "fleet.all.replay_rate" = 50, {cpu} "fleet.all.updates" = {{ at = ["1h"], min_ready = "0s" }}"#
        )
    };
    let scene = calm(&set(""));
    assert!((value(&scene, Metric::RolloutPeakSeconds) - 1_900.0).abs() < 0.01);
    // With half a core the replay takes twice as long.
    let scene = calm(&set(
        r#""fleet.all.resources" = { cpu = { limit = 0.5 } },"#,
    ));
    assert!((value(&scene, Metric::RolloutPeakSeconds) - 2_500.0).abs() < 0.01);
}

/// Rollouts repeat, and a cluster does not wait for another one.
#[test]
fn rollouts_repeat_in_every_cluster() {
    let set = r#""cluster.prod.count" = 3, "experiment.horizon" = "10d", "fleet.all.updates" = { every = "2d", at = ["1h"] }"#;
    let scene = calm(set);
    assert_eq!(value(&scene, Metric::RolloutCount), 6.0);
    assert_eq!(value(&scene, Metric::RestartCount), 6.0 * 12.0);
    // Four replicas per cluster, 20 s away and 10 s until the next one.
    assert_eq!(value(&scene, Metric::RolloutPeakSeconds), 120.0);
    let never = play(blueprint(&of_pods(CALM)), 1, 1);
    assert_eq!(value(&never, Metric::RolloutCount), 0.0);
    assert!(value(&never, Metric::RolloutPeakSeconds).is_nan());
}

/// Four pods of a Deployment, one away and one on top: two at a time, 30 s each. With none away nothing
/// is missed: each new pod serves before its old one stops.
#[test]
fn a_deployment_starts_new_pods_first() {
    for share in ["load-balancer", "clustering", "hashmod"] {
        let set = |rest: &str| {
            let scene = calm(&format!(
                r#""fleet.all.share" = "{share}", "fleet.all.controller" = "deployment", "fleet.all.updates" = {{ at = ["1h"]{rest} }}"#
            ));
            assert_eq!(value(&scene, Metric::RestartCount), 4.0);
            let missed = value(&scene, Metric::MissedDown);
            (value(&scene, Metric::RolloutPeakSeconds), missed > 0.0)
        };
        assert_eq!(set(""), (60.0, true), "{share}");
        assert_eq!(set(", max_unavailable = 0"), (120.0, false), "{share}");
        assert_eq!(set(", surge = 0"), (120.0, true), "{share}");
        assert_eq!(set(r#", surge = "100%""#), (30.0, true), "{share}");
    }
}

/// Share of a series' bytes that stays when its target goes: without the cache of its scrape.
const STAYS: f64 = (680.0 + 510.0) / 1_655.0;

/// Every replica that is restarted later leaves its series with those restarted before: the first one
/// ends with the WAL and the queue of twice its own, until its next truncation. Of an absence shorter than an interval only the
/// targets stay that their new owners came to scrape.
#[test]
fn a_rolling_restart_leaves_series_behind() {
    let set = |share: &str, replicas: u32, updates: &str| {
        calm(&format!(
            r#""fleet.all.share" = "{share}", "fleet.all.replicas" = {replicas}, "fleet.all.updates" = {{ at = [{updates}] }}"#
        ))
    };
    let needed = |scene: &Scene| value(scene, Metric::MemoryLimitNeeded);
    for replicas in [5, 8] {
        let others = f64::from(replicas - 1);
        // Peers own the targets of one that leaves after 4 s.
        for gap in [3.0_f64, 16.0, 28.0, 40.0, 52.0, 90.0] {
            let with = |share: &str, updates: &str| {
                calm(&format!(
                    r#""fleet.all.share" = "{share}", "fleet.all.replicas" = {replicas}, "fleet.all.restart_gap" = "{gap}s", "fleet.all.updates" = {{ at = [{updates}] }}"#
                ))
            };
            let ratio = |share| needed(&with(share, r#""10h""#)) / needed(&with(share, ""));
            let scraped = ((gap - 4.0) / 60.0).clamp(0.0, 1.0);
            let expected = if gap > 34.0 {
                // From half an interval on they carry the load of all that moves, too.
                1.0 + (STAYS * scraped * (others - 1.0) + 1.0) / others
            } else {
                1.0 + STAYS * scraped
            };
            let even = ratio("load-balancer");
            assert!(
                (even - expected).abs() < 1e-3,
                "{replicas}, {gap} s: {even} is not {expected}"
            );
            // On the ring it depends on who restarts when, and on whose tokens lie where.
            let ring = ratio("clustering") - 1.0;
            let about = expected - 1.0;
            assert!(
                (0.4 * about..1.3 * about + 0.01).contains(&ring),
                "{replicas}, {gap} s: {ring}"
            );
        }
    }
    let scene = set("load-balancer", 8, r#""10h""#);
    let memory = &scene.tracks("fleet.all", Track::Memory)[0];
    // A point every 24 minutes: before, during and long after.
    assert!((memory[20] - memory[50]).abs() < 1e-3 * memory[20]);
    assert!(memory[26] > 1.15 * memory[20]);
}

/// A replica that dies of its own replay holds up the rollout, until somebody deletes its log after
/// four hours; so does the next one.
#[test]
fn a_crash_looping_replica_blocks_the_rollout() {
    let set = |limit: &str| {
        calm(&format!(
            r#""fleet.all.volume" = true, "fleet.all.replay_peak" = 3, "fleet.all.resources" = {{ memory = {{ limit = "{limit}" }} }}, "fleet.all.updates" = {{ at = ["1h"] }}"#
        ))
    };
    // 7,500 series at 4 KB live are 30 MB: three times as much is more than 64 MB.
    let scene = set("61MiB");
    assert_eq!(value(&scene, Metric::RolloutBlockedCount), 1.0);
    assert!(value(&scene, Metric::OomCount) > 4.0 * 40.0);
    let seconds = value(&scene, Metric::RolloutPeakSeconds);
    assert!(
        (4.0 * 14_400.0..4.5 * 14_400.0).contains(&seconds),
        "{seconds}"
    );
    // What the others left behind is in the WAL, too, and replayed with it.
    let scene = set("256MiB");
    assert_eq!(value(&scene, Metric::RolloutBlockedCount), 0.0);
    assert!(!scene.fails("fleet.all", Failure::Oom));
}

/// One collector with 500 samples per second and a sender for 1,000, an hour of outage, and a rollout
/// while it works off 1.8 million samples, or during the outage.
///
/// Its one shard sends 1,000 samples per second in any case, and holds seven batches.
fn stopped(at: &str, grace: u32, batch: u32) -> Scene {
    let latency = f64::from(batch) / 1_000.0;
    calm(&format!(
        r#""fleet.all.replicas" = 1, "fleet.all.grace" = "{grace}s", "fleet.all.wal" = {{ truncate_every = "0s" }}, "fleet.all.remote_write" = {{ shards_max = 1, samples_per_send = {batch} }}, "endpoint.backend.latency" = "{latency}s", "endpoint.backend.outages" = [{{ at = "3h", for = "1h" }}], "fleet.all.updates" = {{ at = ["{at}"] }}"#
    ))
}

#[test]
fn a_sender_that_catches_up_flushes_what_it_can() {
    let lost = |grace, batch| value(&stopped("4h10m", grace, batch), Metric::LostRestart);
    for (grace, batch, seconds) in [
        (10, 10_000, 10.0),
        (30, 10_000, 30.0),
        (60, 10_000, 60.0),
        (600, 10_000, 60.0),
        (30, 2_000, 14.0),
        (30, 100, 0.7),
    ] {
        let none = lost(0, batch);
        assert!(none > 1.2e6, "{none} wait for an hour's half rate");
        let flushed = none - lost(grace, batch);
        let expected = seconds * 1_000.0;
        let off = (flushed / expected - 1.0).abs();
        assert!(off < 0.01, "{flushed} in {seconds} s");
        let scene = stopped("4h10m", grace, batch);
        let took = value(&scene, Metric::StopSeconds);
        assert!((took / seconds - 1.0).abs() < 0.01, "{took} s");
        assert!((value(&scene, Metric::DownSeconds) - took - 20.0).abs() < 1e-6);
    }
    // Long before and long after the outage there is nothing to flush.
    for at in ["2h", "9h"] {
        let scene = stopped(at, 30, 100);
        assert_eq!(value(&scene, Metric::StopSeconds), 0.0);
        assert_eq!(value(&scene, Metric::LostRestart), 0.0);
        assert_eq!(value(&scene, Metric::DownSeconds), 20.0);
    }
}

#[test]
fn a_stop_during_an_outage_takes_its_time_in_vain() {
    let lost = value(&stopped("3h30m", 0, 100), Metric::LostRestart);
    assert!(
        (lost - 900_000.0).abs() <= 1.0,
        "{lost}: half an hour of it"
    );
    let scene = stopped("3h30m", 45, 100);
    assert_eq!(value(&scene, Metric::LostRestart), lost);
    assert_eq!(value(&scene, Metric::StopSeconds), 45.0);
    assert_eq!(value(&scene, Metric::DownSeconds), 65.0);
}

/// Half of four replicas are away for an hour: with fewer than three the others take no targets, from
/// when they notice until the zone is back, or until they no longer wait.
#[test]
fn a_cluster_that_is_too_small_takes_no_targets() {
    let set = |wait: &str| {
        calm(&format!(
            r#""cluster.prod.pool.general.zone_failures" = [{{ at = "10h", for = "1h", zone = 1 }}], "fleet.all.share" = "clustering"{wait}"#
        ))
    };
    // They notice after 40 s and half an interval, and the zone's pods start within 20 s.
    let without = set("");
    assert!(value(&without, Metric::NotReadySeconds).is_nan());
    let waits = set(r#", "fleet.all.wait_for_size" = 3"#);
    let seconds = 3_600.0 + 20.0 - 70.0;
    assert_eq!(value(&waits, Metric::NotReadySeconds), seconds);
    // Everything is missed while nobody owns it: 500 samples per second.
    let missed = |scene: &Scene| value(scene, Metric::MissedDown);
    let extra = missed(&waits) - missed(&without);
    assert!((extra / (seconds * 500.0) - 1.0).abs() < 1e-3, "{extra}");
    let timed = set(r#", "fleet.all.wait_for_size" = 3, "fleet.all.wait_timeout" = "10m""#);
    assert_eq!(value(&timed, Metric::NotReadySeconds), 600.0);
    let extra = missed(&timed) - missed(&without);
    assert!((extra / (600.0 * 500.0) - 1.0).abs() < 1e-2, "{extra}");
    let small = set(r#", "fleet.all.wait_for_size" = 2"#);
    assert_eq!(value(&small, Metric::NotReadySeconds), 0.0);
    // What they no longer own and own again counts once.
    let needed = |scene: &Scene| value(scene, Metric::MemoryLimitNeeded);
    assert!(needed(&waits) <= needed(&without) * 1.001);
}

/// Four replicas start in order, each 20 s after the one before it has been in service for 10 s; with
/// all targets the first one dies of it, until somebody starts all at once.
#[test]
fn a_cold_start_in_order_may_get_stuck() {
    let set = |management: &str, limit: &str| {
        calm(&format!(
            r#""experiment.start" = "cold", "fleet.all.share" = "clustering", "fleet.all.pod_management" = "{management}", "fleet.all.resources" = {{ memory = {{ limit = "{limit}" }} }}"#
        ))
    };
    // 30,000 series need 126 MB at once, a quarter of them not.
    let roomy = set("ordered", "256MiB");
    assert_eq!(value(&roomy, Metric::DownSeconds), 30.0 + 60.0 + 90.0);
    assert_eq!(value(&roomy, Metric::RestartCount), 0.0);
    assert_eq!(value(&roomy, Metric::OomCount), 0.0);
    let at_once = set("parallel", "90MiB");
    assert_eq!(value(&at_once, Metric::OomCount), 0.0);
    assert_eq!(value(&at_once, Metric::DownSeconds), 0.0);
    let stuck = set("ordered", "90MiB");
    assert!(
        value(&stuck, Metric::OomCount) > 40.0,
        "back-offs of 5 minutes"
    );
    // Nobody takes a target before three can share them.
    let waits = calm(
        r#""experiment.start" = "cold", "fleet.all.share" = "clustering", "fleet.all.pod_management" = "ordered", "fleet.all.wait_for_size" = 3, "fleet.all.resources" = { memory = { limit = "90MiB" } }"#,
    );
    assert_eq!(value(&waits, Metric::OomCount), 0.0);
    assert_eq!(value(&waits, Metric::NotReadySeconds), 60.0);
    let hours = value(&stuck, Metric::DownSeconds) / 3_600.0;
    assert!((4.0 * 4.0..4.0 * 4.4).contains(&hours), "{hours}");
}

/// A zone with three of six replicas is away for an hour. Pods that are created in order come back one
/// after the other, 30 s apart; otherwise at once.
#[test]
fn pods_of_a_lost_zone_come_back_in_order() {
    let down = |management: &str| {
        let scene = calm(&format!(
            r#""cluster.prod.pool.general.zone_failures" = [{{ at = "10h", for = "1h" }}], "fleet.all.replicas" = 6, "fleet.all.pod_management" = "{management}""#
        ));
        assert_eq!(value(&scene, Metric::RestartCount), 3.0);
        value(&scene, Metric::DownSeconds)
    };
    assert_eq!(down("parallel"), 3.0 * 3_620.0);
    assert_eq!(down("ordered"), 3.0 * 3_620.0 + 30.0 + 60.0);
}

/// While a replica replays its log, its peers own its targets: only what falls between its stop and
/// the takeover is missed, however long the replay.
#[test]
fn a_replica_owns_nothing_until_it_has_replayed() {
    let set = r#""fleet.all.volume" = true, "fleet.all.replay_rate" = 10, "fleet.all.updates" = { at = ["1h"], min_ready = "1m" }"#;
    let scene = calm(set);
    // 7,500 series at 10 per second.
    let seconds = value(&scene, Metric::DownSeconds) / 4.0;
    assert!((seconds - 770.0).abs() < 1e-3, "{seconds}");
    let missed = value(&scene, Metric::MissedDown);
    assert!((missed - 4.0 * 125.0 * 34.0).abs() <= 4.0, "{missed}");
    let carried = value(&scene, Metric::SeriesPerCollectorPeak);
    assert!((carried - 10_000.0).abs() < 1.0, "{carried}");
}

/// New pods have new names: with only pods on top nobody is ever away, and yet targets move twice, and
/// leave their series behind.
#[test]
fn new_names_move_targets() {
    let needed = |share: &str, set: &str| {
        let scene = calm(&format!(r#""fleet.all.share" = "{share}"{set}"#));
        assert_eq!(value(&scene, Metric::MissedDown), 0.0);
        value(&scene, Metric::MemoryLimitNeeded)
    };
    let surges = r#", "fleet.all.controller" = "deployment", "fleet.all.updates" = { at = ["10h"], max_unavailable = 0 }"#;
    let calm = r#", "fleet.all.controller" = "deployment""#;
    let ratio = needed("clustering", surges) / needed("clustering", calm);
    assert!((1.2..2.5).contains(&ratio), "{ratio}");
    let ratio = needed("load-balancer", surges) / needed("load-balancer", calm);
    assert!((ratio - 1.0).abs() < 1e-9, "{ratio}");
}

/// Without one of four the others need a third more; with a limit in between they fall one by one.
#[test]
fn a_cascade_shows() {
    let set = |limit: &str| {
        calm(&format!(
            r#""fleet.all.restart_gap" = "60s", "fleet.all.updates" = {{ at = ["10h"], max_unavailable = 2 }}, "fleet.all.resources" = {{ memory = {{ limit = "{limit}MB" }} }}"#
        ))
    };
    // 7,500 series need 31.5 MB, twice as many 63 MB.
    let cascade = |scene: &Scene| value(scene, Metric::CascadePeak);
    assert_eq!(cascade(&set("100")), 0.0);
    assert!(cascade(&set("50")) >= 2.0, "{}", cascade(&set("50")));
    let daemons = calm(&format!("{DAEMONS} }}"));
    assert!(cascade(&daemons).is_nan());
}

/// Pods that are available at once do not wait for each other at a cold start.
#[test]
fn a_cold_start_in_order_need_not_wait() {
    let set = |management: &str| {
        calm(&format!(
            r#""experiment.start" = "cold", "fleet.all.pod_management" = "{management}", "fleet.all.updates" = {{ min_ready = "0s", at = ["2h"] }}"#
        ))
    };
    assert_eq!(
        value(&set("ordered"), Metric::DownSeconds),
        20.0 + 40.0 + 60.0 + 80.0
    );
}

/// An endpoint that takes a fifth of what a collector has to send takes no more of one that stops.
#[test]
fn a_stop_sends_no_more_than_the_endpoint_takes() {
    let scene = calm(
        r#""endpoint.backend.capacity" = 100, "fleet.all.updates" = { every = "30m" }, "fleet.all.volume" = true"#,
    );
    assert!(value(&scene, Metric::StopSeconds) > 0.0);
    let sent = scene.value("endpoint.backend", Metric::EndpointSent);
    assert!((8.0e6..=100.0 * 86_400.0).contains(&sent), "{sent}");
}

/// An hour of 500 samples per second, worked off with the 100 that the endpoint takes besides what comes
/// in, by however many collectors, shards and requests: five hours.
#[test]
fn a_fleet_catches_up_as_fast_as_its_endpoint_takes_it() {
    for (replicas, latency) in [(1, "100ms"), (4, "100ms"), (4, "1ms"), (20, "5s")] {
        let scene = calm(&format!(
            r#""fleet.all.replicas" = {replicas}, "endpoint.backend.latency" = "{latency}", "fleet.all.wal" = {{ truncate_every = "0s" }}, "endpoint.backend.capacity" = 600, "endpoint.backend.outages" = [{{ at = "3h", for = "1h" }}]"#
        ));
        let took = value(&scene, Metric::DrainSeconds);
        assert!(
            (took / 18_000.0 - 1.0).abs() < 0.01,
            "{replicas}, {latency}: {took}"
        );
    }
}

/// An endpoint takes what it can of a fleet that shrinks, while it is large and while it is small.
#[test]
fn a_fleet_that_shrinks_sends_no_more_than_its_endpoint_takes() {
    let changes = format!(
        r#""cluster.prod.pool.general.nodes" = {{ start = 50, steps = [{{ at = "12h", factor = 0.1 }}] }}, {DAEMONS}, own_series = 1000, wal = {{ truncate_every = "0s" }} }}, "endpoint.backend.capacity" = 80"#
    );
    let sent = calm(&changes).value("endpoint.backend", Metric::EndpointSent);
    let all = 80.0 * 86_400.0;
    assert!((sent / all - 1.0).abs() < 1e-3, "{sent} of {all}");
}
