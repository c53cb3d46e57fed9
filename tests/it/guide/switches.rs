//! Each switch of the preset alone changes what it switches.

#![expect(clippy::float_cmp, reason = "the numbers of the guide are exact")]

use alloy_sim::model::blueprint::Blueprint;
use alloy_sim::model::record::catalogue::Metric;

use super::DAEMONS;
use crate::support::platform::{of_pods, platform};
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
    let (needed, million) = (Metric::MemoryLimitNeeded, of_pods(""));
    for set in [
        r#""fleet.all.memory_per_series" = "10001B""#,
        r#""fleet.all.base_memory" = "1MB""#,
        r#""fleet.all.outside_heap" = "1MB""#,
        r#""fleet.all.memory_per_watched_pod" = "1KB""#,
        r#""fleet.all.own_series" = 1000"#,
    ] {
        raises(&million, set, "fleet.all", needed);
    }
    let logs = r#""fleet.all.memory_per_log_mib_per_second" = "120MiB""#;
    raises(&platform(DAEMONS), logs, "fleet.all", needed);
    // The other test of memory leaves Go 5 % of room instead of as much again.
    let direct = measured(blueprint(&million), "fleet.all", needed);
    let collected = r#""fleet.all.memory_test" = "garbage-collected""#;
    assert_eq!(
        measured(changed(&million, collected), "fleet.all", needed),
        direct * 0.525
    );
}

#[test]
fn dead_series_need_truncation_and_churn_together() {
    let churn = of_pods("workload.apps.restarts_per_day = \"50%\"");
    let dead = of_pods("fleet.all.wal.truncate_every = \"2h\"");
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
    let (million, daemons) = (of_pods(""), platform(DAEMONS));
    let restarts = r#""fleet.all.restarts" = "1h""#;
    raises(&million, restarts, "fleet.all", Metric::RestartCount);
    raises(&million, restarts, "fleet.all", Metric::DownSeconds);
    let drains = r#""cluster.prod.pool.general.drains" = "2h""#;
    raises(&daemons, drains, "fleet.all", Metric::RestartCount);
    let failures = r#""cluster.prod.pool.general.node_failures" = "2d""#;
    raises(&daemons, failures, "fleet.all", Metric::RestartCount);
}

#[test]
fn connection_switches_change_ports() {
    // Busy enough for two shards: 100,000 samples a minute and collector, a second per request.
    let busy = |set: &str| {
        let load = "workload.hosts.series_per_target = 150000\nendpoint.metrics.latency = \"1s\"\n";
        platform(&[DAEMONS, load, set].concat())
    };
    let raises = |text: &str, set| raises(text, set, "egress.nat", Metric::PortsPeak);
    let peak = |text: &str| measured(blueprint(text), "egress.nat", Metric::PortsPeak);
    let closes = busy("endpoint.metrics.connection_lifetime = \"1h\"");
    let held = busy("egress.nat.hold = \"2m\"");
    let busy = busy("");
    assert_eq!(peak(&busy), 200.0);
    raises(&busy, r#""fleet.all.remote_write.http2" = false"#);
    raises(&busy, r#""egress.nat.background_connections" = 5"#);
    assert_eq!(peak(&closes), 200.0);
    raises(&closes, r#""egress.nat.hold" = "2m""#);
    raises(&held, r#""endpoint.metrics.connection_lifetime" = "1h""#);
    let sharing = changed(&busy, r#""egress.nat.sharing" = "per-destination""#);
    assert_eq!(measured(sharing, "egress.nat", Metric::PortsPeak), 100.0);
    // Azure counts per destination; its hold adds next to nothing to connections that last.
    let azure = changed(&platform(DAEMONS), r#""egress.nat.provider" = "azure""#);
    assert_eq!(
        measured(azure, "egress.nat", Metric::PortsPeak).round(),
        100.0
    );
}
