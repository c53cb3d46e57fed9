//! Log lines through ends and starts of processes, slow readers, and endpoints that refuse.

use alloy_sim::model::record::catalogue::{Failure, Metric};

use super::oracle::MIB;
use super::tailed;

const HOUR: f64 = 3_600.0;

/// A stop of each collector at three hours.
const STOP: &str = r#"fleet.all.updates = { at = ["3h"], max_unavailable = 100 }"#;

/// Each new process without positions reads half a file of every file again, less what had come while
/// it was away. With a volume it goes on where the last one was.
#[test]
fn a_start_without_positions_reads_files_again() {
    let busy = r#"
        workload.hosts.logs_per_pod = "100kB/s"
        workload.hosts.log_files_per_pod = 4
        workload.hosts.log_rotated_at = "20MB"
        fleet.all.restart_gap = "20s"
    "#;
    let scene = tailed(&[busy, STOP].concat());
    let value = |metric| scene.value("fleet.all", metric) / 100.0;
    // Half of four files of 20 MB, of which 20 s of lines had not been read before.
    let doubled = value(Metric::LogsDoubled);
    assert!((doubled / (40e6 - 2e6) - 1.0).abs() < 0.01, "{doubled}");
    // x²/2 of a file of 20 MB for x = 0.025, four times.
    let lost = value(Metric::LogsLostRotation);
    assert!(
        (lost / (4.0 * 20e6 * 0.025 * 0.025 / 2.0) - 1.0).abs() < 0.05,
        "{lost}"
    );
    assert!(
        !scene.fails("fleet.all", Failure::LogsLost),
        "25 kB of a collector are no failure"
    );
    let kept = tailed(&[busy, STOP, "\nfleet.all.volume = true"].concat());
    assert!(kept.value("fleet.all", Metric::LogsDoubled) == 0.0);
    assert!(kept.value("fleet.all", Metric::LogsLag) < 60.0);
}

/// A4.11 of the measurements: a stop in an outage loses the queue, if positions survive.
#[test]
fn a_stop_in_an_outage_loses_the_queue_or_reads_it_again() {
    let outage = r#"
        workload.hosts.logs_per_pod = "100kB/s"
        workload.hosts.log_files_per_pod = 100
        endpoint.backend.outages = [{ at = "176m", for = "8m" }]
    "#;
    let kept = tailed(&[outage, STOP, "\nfleet.all.volume = true"].concat());
    let lost = kept.value("fleet.all", Metric::LogsLostRestart) / 100.0;
    assert!((lost / (12.0 * MIB) - 1.0).abs() < 1e-6, "{lost}");
    assert!(
        kept.fails("fleet.all", Failure::LogsLost),
        "a minute of the fleet is lost"
    );
    let again = tailed(&[outage, STOP].concat());
    assert!(again.value("fleet.all", Metric::LogsLostRestart) == 0.0);
    // Its lines waited since the start of the outage, through the stop.
    let written = again.value("fleet.all", Metric::LogsWritten);
    let sent = again.value("fleet.all", Metric::LogsSent);
    assert!(sent > 0.999 * written, "{sent} of {written}");
}

/// Nodes that go take the files of their collectors with them.
#[test]
fn files_go_with_their_node() {
    let scene = tailed(
        r#"
        workload.hosts.logs_per_pod = "10kB/s"
        workload.hosts.log_files_per_pod = 10
        cluster.prod.pool.general.nodes = { start = 100, steps = [{ at = "3h", factor = 0.5 }] }
        endpoint.backend.outages = [{ at = "175m", for = "4m" }, { at = "179m30s", for = "10m" }]
        "#,
    );
    let lost = scene.value("fleet.all", Metric::LogsLostExit) / 50.0;
    // At least half a minute of the second outage, at most since the start of the first.
    assert!(
        (10e3 * 30.0 - 1.0..=10e3 * 300.0 + 1.0).contains(&lost),
        "{lost}"
    );
}

/// An endpoint that takes ten seconds for a batch takes 1 MiB in ten seconds of each shard.
#[test]
fn a_slow_endpoint_bounds_each_shard() {
    let slow = r#"
        workload.hosts.logs_per_pod = "200kB/s"
        workload.hosts.log_files_per_pod = 5
        workload.hosts.log_rotated_at = "2MB"
        endpoint.backend.latency = "10s"
    "#;
    let scene = tailed(slow);
    let value = |metric| scene.value("fleet.all", metric) / 100.0;
    let sent = value(Metric::LogsSent) / (6.0 * HOUR);
    assert!(
        (sent / (MIB / 10.0) - 1.0).abs() < 0.01,
        "{sent} bytes per second"
    );
    // The rest goes with rotated files, but for one of each.
    let rest = value(Metric::LogsWritten) - value(Metric::LogsSent);
    let lost = value(Metric::LogsLostRotation);
    assert!((lost / rest - 1.0).abs() < 0.01, "{lost} of {rest}");
    assert!((value(Metric::LogsPending) / 10e6 - 1.0).abs() < 0.01);
    assert!(scene.fails("fleet.all", Failure::LogsLost));
    let lines = value(Metric::LogsLostLines);
    assert!((lines * 200.0 / value(Metric::LogsLost) - 1.0).abs() < 1e-9);
    let ratio = scene.value("fleet.all", Metric::LogsLossRatio);
    assert!((ratio * value(Metric::LogsWritten) / value(Metric::LogsLost) - 1.0).abs() < 1e-9);
    // Two shards take twice as much, which is more than what is written.
    let two = tailed(&[slow, "\nfleet.all.loki_write.min_shards = 2"].concat());
    assert!(two.value("fleet.all", Metric::LogsLost) == 0.0);
    assert!(two.value("fleet.all", Metric::LogsPending) < 1.0);
}

/// Half of the CPU that lines ask for: half of them are read, and the rest is rotated away.
#[test]
fn lines_without_cpu_wait_and_then_are_gone() {
    let short = tailed(
        r#"
        workload.hosts.logs_per_pod = "4MB/s"
        workload.hosts.log_rotated_at = "50MB"
        fleet.all.resources = { cpu = { limit = "100m" } }
        "#,
    );
    let value = |metric| short.value("fleet.all", metric);
    let late = value(Metric::LogsLate);
    assert!((0.3..0.7).contains(&late), "{late}");
    let lost = value(Metric::LogsLost) / value(Metric::LogsWritten);
    // All that was late is lost, but for a file of each.
    assert!((lost - late).abs() < 0.01, "{lost} of {late}");
    assert!(short.fails("fleet.all", Failure::LogsLost));
    assert!(short.fails("fleet.all", Failure::CpuShort));
}

/// Whoever drops what a full queue cannot hold loses it at once, and never waits for its files.
#[test]
fn a_full_queue_drops_what_may_not_wait() {
    let scene = tailed(
        r#"
        workload.hosts.logs_per_pod = "400kB/s"
        fleet.all.loki_write.block_on_overflow = false
        endpoint.backend.outages = [{ at = "2h", for = "4m" }]
        "#,
    );
    let value = |metric| scene.value("fleet.all", metric) / 100.0;
    let lost = value(Metric::LogsLostOverflow);
    // All but 12 MiB of four minutes, and of up to 256 s more.
    let least = 400e3 * 240.0 - 12.0 * MIB;
    assert!((least..least + 400e3 * 256.0).contains(&lost), "{lost}");
    assert!(value(Metric::LogsLostRotation) == 0.0);
    assert!((value(Metric::LogsLost) - lost).abs() < 1.0);
}

/// Of two endpoints one rejects a tenth. The ratio is the mean of both.
#[test]
fn endpoints_count_apart() {
    let scene = tailed(
        r#"
        workload.hosts.logs_per_pod = "10kB/s"
        endpoint.strict.signal = "logs"
        endpoint.strict.rejects = "10%"
        fleet.all.sends_to = ["backend", "strict"]
        "#,
    );
    let value = |metric| scene.value("fleet.all", metric);
    let written = value(Metric::LogsWritten);
    assert!((value(Metric::LogsLostRejected) / written - 0.1).abs() < 1e-6);
    assert!((value(Metric::LogsSent) / written - 1.9).abs() < 1e-6);
    assert!((value(Metric::LogsLossRatio) - 0.05).abs() < 1e-6);
}

/// An endpoint that is down holds up the other one: both get everything late, and at once.
#[test]
fn one_endpoint_holds_up_the_other() {
    let scene = tailed(
        r#"
        workload.hosts.logs_per_pod = "40kB/s"
        workload.hosts.log_files_per_pod = 100
        endpoint.other.signal = "logs"
        endpoint.other.outages = [{ at = "2h", for = "30m" }]
        fleet.all.sends_to = ["backend", "other"]
        "#,
    );
    let value = |metric| scene.value("fleet.all", metric);
    let (written, given_up) = (value(Metric::LogsWritten), value(Metric::LogsLostRetries));
    assert!(given_up > 0.0 && value(Metric::LogsPending) < 1.0);
    // What one endpoint lost the other one has.
    assert!((value(Metric::LogsSent) / (2.0 * written - given_up) - 1.0).abs() < 1e-9);
    assert!(value(Metric::LogsLag) > 1_800.0);
}

/// Replicas that wait for others tail nothing, and nobody else does.
#[test]
fn lines_without_a_collector_are_missed() {
    let scene = tailed(
        r#"
        experiment = { horizon = "6h", draws = 1, grid = "10m", start = "cold" }
        workload.hosts.logs_per_pod = "10kB/s"
        fleet = [{ name = "all", topology = "centralized", replicas = 3, wait_for_size = 3, wait_timeout = "0s", pod_management = "ordered", collects = { logs = ["hosts"] }, sends_to = ["backend"], restarts = "never", own_series = 0 }]
        "#,
    );
    let missed = scene.value("fleet.all", Metric::LogsMissed);
    let written = scene.value("fleet.all", Metric::LogsWritten);
    assert!(
        missed > 0.0 && missed < 0.05 * written,
        "{missed} of {written}"
    );
}
