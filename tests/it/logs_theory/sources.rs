//! Lines that do not come from files: the API server, the journal, clients that push.

use alloy_sim::model::record::catalogue::{Failure, Metric};

use super::oracle::MIB;
use super::tailed;
use crate::support::platform::platform;
use crate::support::scene::{Scene, blueprint, play};

/// Three clustered collectors that read 3,000 containers through the API server.
const STREAMS: &str = r#"
    experiment = { horizon = "6h", draws = 1, grid = "10m", start = "cold" }
    cluster.prod.pool = [{ name = "general", nodes = 10, node = { cpu = 64, memory = "512GiB" }, drains = "never" }]
    workload = [{ name = "apps", runs_on = ["prod.general"], pods = 3000, logs_per_pod = "1kB/s" }]
    workload.apps.bytes_per_line = "200B"
    workload.apps.restarts_per_day = "0%"
    fleet = [{ name = "all", topology = "centralized", controller = "deployment", replicas = 3, collects = { logs = ["apps"] } }]
    fleet.all.sends_to = ["backend"]
    fleet.all.log_source = "kubernetes-api"
    fleet.all.memory_per_log_stream = "125KB"
    fleet.all.restarts = "never"
    fleet.all.log_stages = 0
    fleet.all.cpu_factor = 1
    endpoint = [{ name = "backend", signal = "logs", latency = "100ms" }]
    egress = []
"#;

fn streams(changes: &str) -> Scene {
    play(blueprint(&platform(&[STREAMS, changes].concat())), 1, 1)
}

/// Five calls a second after ten at once: a single collector takes 598 s for 3,000 streams, and the last
/// lines are as late.
#[test]
fn streams_open_five_a_second() {
    let one = streams("    fleet.all.replicas = 1\n");
    let value = |metric| one.value("fleet.all", metric);
    assert!((value(Metric::LogStreamsPeak) - 3_000.0).abs() < 1.0);
    assert!((value(Metric::LogOpeningPeak) - 598.0).abs() < 1.0);
    assert!((value(Metric::LogsLag) - 598.0).abs() < 1.0);
    assert!(value(Metric::LogsLost).abs() < 1e-9 && value(Metric::LogsPending) < 1.0);
    assert!(value(Metric::LogsDoubled).abs() < 1e-9);
    // The time that a thousand streams take: about 200 s, by the size of each share.
    let three = streams("");
    let opening = three.value("fleet.all", Metric::LogOpeningPeak);
    assert!((150.0..260.0).contains(&opening), "{opening}");
    assert!((three.value("fleet.all", Metric::LogStreamsPeak) - 3_000.0).abs() < 1.0);
}

/// A stream takes 125 kB where a file takes 14.5 kB and a stack.
#[test]
fn a_stream_takes_more_memory_than_a_file() {
    let live = |changes: &str| streams(changes).value("fleet.all", Metric::LivePeak);
    let alone = "    fleet.all.replicas = 1\n";
    let files = [alone, "    fleet.all.log_source = \"files\"\n"].concat();
    let more = live(alone) - live(&files);
    assert!((more / (3_000.0 * 110.5e3) - 1.0).abs() < 0.01, "{more}");
}

/// Each restart moves targets to others and back. Who gets a container begins with its current file, half
/// full in the mean.
#[test]
fn who_gets_a_container_reads_its_file_again() {
    let calm = streams("").value("fleet.all", Metric::LogsDoubled);
    assert!(calm.abs() < 1e-9, "{calm}");
    let update = "    fleet.all.updates = { at = [\"3h\"], max_unavailable = 1, surge = 0 }\n    workload.apps.log_rotated_at = \"2MB\"\n";
    let scene = streams(update);
    let doubled = scene.value("fleet.all", Metric::LogsDoubled) / 1e6;
    // At least each container once, by a process without positions, and at most thrice.
    assert!((3_000.0..=9_000.0).contains(&doubled), "{doubled} MB");
    let opening = scene.value("fleet.all", Metric::LogOpeningPeak);
    assert!(opening > 150.0, "{opening}");
}

/// A journal keeps what it has room for: an hour of outage fits, and a restart loses nothing of it. Files
/// lose what is rotated while nobody reads.
#[test]
fn the_journal_is_the_buffer() {
    let outage = r#"
        workload.hosts.logs_per_pod = "100kB/s"
        workload.hosts.log_rotated_at = "400MB"
        endpoint.backend.outages = [{ at = "2h", for = "1h" }]
        fleet.all.loki_write.max_backoff_retries = 100
        "#;
    let journal = "\nfleet.all.log_source = \"journald\"";
    let kept = tailed(&[outage, journal].concat());
    assert!(kept.value("fleet.all", Metric::LogsLost).abs() < 1e-9);
    let small = ["\nworkload.hosts.log_rotated_at = \"40MB\"", journal].concat();
    let lost = tailed(&[outage, &small].concat());
    let lost = lost.value("fleet.all", Metric::LogsLostRotation) / 100.0;
    // An hour and a sleep of up to 300 s, but for 40 MB and the queue.
    let least = 360e6 - 40e6 - 24.0 * MIB;
    assert!((least..=least + 42e6).contains(&lost), "{lost}");
}

/// While a collector is away its files are rotated, and a journal is not.
#[test]
fn a_restart_loses_nothing_of_a_journal_and_reads_all_of_it_again() {
    let stop = r#"
        workload.hosts.logs_per_pod = "100kB/s"
        workload.hosts.log_rotated_at = "20MB"
        fleet.all.restart_gap = "20s"
        fleet.all.updates = { at = ["3h"], max_unavailable = 100 }
        "#;
    let of = |source: &str| {
        let source = format!("\nfleet.all.log_source = \"{source}\"");
        let scene = tailed(&[stop, &source].concat());
        let value = |metric| scene.value("fleet.all", metric) / 100.0;
        (value(Metric::LogsLostRotation), value(Metric::LogsDoubled))
    };
    let (lost, doubled) = of("files");
    // Of two megabytes that came meanwhile a twentieth is rotated away.
    assert!((lost / 0.1e6 - 1.0).abs() < 0.01, "{lost}");
    assert!((doubled / (10e6 - 1.9e6) - 1.0).abs() < 0.01, "{doubled}");
    let (lost, doubled) = of("journald");
    assert!(lost.abs() < 1e-9 && (doubled / (20e6 - 2e6) - 1.0).abs() < 0.01);
    let (lost, doubled) = of("push");
    assert!(lost.abs() < 1e-9 && doubled.abs() < 1e-9);
}

/// Clients that push hold their lines for as long as the fleet would: 383 s in the mean. Half a minute of
/// requests waits on the heap besides the queue.
#[test]
fn clients_that_push_give_up_in_the_end() {
    let pushed = |changes: &str| {
        let text = r#"
        workload.hosts.logs_per_pod = "1MB/s"
        fleet.all.log_source = "push"
        "#;
        tailed(&[text, changes].concat())
    };
    let short = pushed("\nendpoint.backend.outages = [{ at = \"2h\", for = \"2m\" }]");
    assert!(short.value("fleet.all", Metric::LogsLost).abs() < 1e-9);
    let long = pushed("\nendpoint.backend.outages = [{ at = \"2h\", for = \"30m\" }]");
    let lost = long.value("fleet.all", Metric::LogsLostClient) / 100.0;
    // Half an hour, but for what clients hold, the queue, and what was given up; a sleep of up to 256 s.
    let least = 1e6 * (1_800.0 - 383.25) - 30.0 * MIB;
    assert!((least..=least + 290e6).contains(&lost), "{lost}");
    assert!(long.value("fleet.all", Metric::LogsLostRotation).abs() < 1e-9);
    assert!(long.fails("fleet.all", Failure::LogsLost));
    let live = |scene: &Scene| scene.value("fleet.all", Metric::LivePeak);
    let grown = live(&long) - live(&pushed(""));
    // Twice the bytes of the queue, and of thirty seconds.
    let expected = 2.0 * (12.0 * MIB + 30e6);
    assert!((grown / expected - 1.0).abs() < 0.05, "{grown}, {expected}");
}
