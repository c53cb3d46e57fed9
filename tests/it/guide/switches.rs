//! Each switch of the preset alone changes what it switches.

#![expect(clippy::float_cmp, reason = "the numbers of the guide are exact")]

use alloy_sim::model::blueprint::Blueprint;
use alloy_sim::model::record::catalogue::Metric;

use super::{DAEMONS, MILLION};
use crate::support::scene::{blueprint, changed, play};

/// What one draw of a scenario reports for a metric.
fn measured(blueprint: Blueprint, scope: &str, metric: Metric) -> f64 {
    play(blueprint, 1, 1).value(scope, metric)
}

/// Asserts that a setting, and nothing else changed, raises a metric.
fn raises(text: &str, set: &str, scope: &str, metric: Metric) {
    let before = measured(blueprint(text), scope, metric);
    let after = measured(changed(text, set), scope, metric);
    assert!(
        after > before,
        "{set}: {metric:?} went from {before} to {after}"
    );
}

#[test]
fn memory_switches_change_memory() {
    let needed = Metric::MemoryLimitNeeded;
    for set in [
        r#""fleet.all.memory_per_series" = "10001B""#,
        r#""fleet.all.base_memory" = "1MB""#,
        r#""fleet.all.outside_heap" = "1MB""#,
        r#""fleet.all.memory_per_watched_pod" = "1KB""#,
        r#""fleet.all.own_series" = 1000"#,
    ] {
        raises(MILLION, set, "fleet.all", needed);
    }
    let logs = r#""fleet.all.memory_per_log_mib_per_second" = "120MiB""#;
    raises(DAEMONS, logs, "fleet.all", needed);
    // The other test of memory leaves Go 5 % of room instead of as much again.
    let direct = measured(blueprint(MILLION), "fleet.all", needed);
    let collected = r#""fleet.all.memory_test" = "garbage-collected""#;
    assert_eq!(
        measured(changed(MILLION, collected), "fleet.all", needed),
        direct * 0.525
    );
}

#[test]
fn dead_series_need_truncation_and_churn_together() {
    let churn = MILLION.replace(
        "series_per_pod = 1000",
        "series_per_pod = 1000\nrestarts_per_day = \"50%\"",
    );
    let dead = MILLION.replace(
        "[[endpoint]]",
        "wal = { truncate_every = \"2h\" }\n[[endpoint]]",
    );
    let needed = |text: &str| measured(blueprint(text), "fleet.all", Metric::MemoryLimitNeeded);
    assert_eq!(needed(&churn), 10e9);
    assert_eq!(needed(&dead), 10e9);
    raises(
        &churn,
        r#""fleet.all.wal.truncate_every" = "2h""#,
        "fleet.all",
        Metric::MemoryLimitNeeded,
    );
    raises(
        &dead,
        r#""workload.apps.restarts_per_day" = "50%""#,
        "fleet.all",
        Metric::MemoryLimitNeeded,
    );
    let rollouts = r#""workload.apps.rollouts" = { per_day = 12 }"#;
    raises(&dead, rollouts, "fleet.all", Metric::MemoryLimitNeeded);
}

#[test]
fn restarts_change_restarts() {
    let restarts = r#""fleet.all.restarts" = "1h""#;
    raises(MILLION, restarts, "fleet.all", Metric::RestartCount);
    raises(MILLION, restarts, "fleet.all", Metric::DownSeconds);
    let drains = r#""cluster.prod.pool.general.drains" = "2h""#;
    raises(DAEMONS, drains, "fleet.all", Metric::RestartCount);
    let failures = r#""cluster.prod.pool.general.node_failures" = "2d""#;
    raises(DAEMONS, failures, "fleet.all", Metric::RestartCount);
}

#[test]
fn connection_switches_change_ports() {
    // Busy enough for two shards: 100,000 samples a minute and collector, a second per request.
    let busy = DAEMONS
        .replace("series_per_target = 1000", "series_per_target = 150000")
        .replacen("latency = \"100ms\"", "latency = \"1s\"", 1);
    let peak = |text: &str| measured(blueprint(text), "egress.nat", Metric::PortsPeak);
    assert_eq!(peak(&busy), 200.0);
    raises(
        &busy,
        r#""fleet.all.remote_write.http2" = false"#,
        "egress.nat",
        Metric::PortsPeak,
    );
    raises(
        &busy,
        r#""egress.nat.background_connections" = 5"#,
        "egress.nat",
        Metric::PortsPeak,
    );
    let closes = busy.replace(
        "signal = \"metrics\"",
        "signal = \"metrics\"\nconnection_lifetime = \"1h\"",
    );
    assert_eq!(peak(&closes), 200.0);
    raises(
        &closes,
        r#""egress.nat.hold" = "2m""#,
        "egress.nat",
        Metric::PortsPeak,
    );
    let held = busy.replace("[[egress]]", "[[egress]]\nhold = \"2m\"");
    raises(
        &held,
        r#""endpoint.metrics.connection_lifetime" = "1h""#,
        "egress.nat",
        Metric::PortsPeak,
    );
    let sharing = changed(&busy, r#""egress.nat.sharing" = "per-destination""#);
    assert_eq!(measured(sharing, "egress.nat", Metric::PortsPeak), 100.0);
    // Azure counts per destination; its hold adds next to nothing to connections that last.
    let azure = changed(DAEMONS, r#""egress.nat.provider" = "azure""#);
    assert_eq!(
        measured(azure, "egress.nat", Metric::PortsPeak).round(),
        100.0
    );
}
