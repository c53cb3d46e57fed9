//! The WAL of `loki.write`: an outage no longer holds up the reader, and old segments go.

use alloy_sim::engine::RandomStreams;
use alloy_sim::model::record::catalogue::Metric;

use super::tailed;
use crate::support::scene::Scene;

const SEGMENT: f64 = 134_217_728.0;

/// Daemons with files so small that any wait of a reader loses lines.
const BUSY: &str = r#"
    workload.hosts.logs_per_pod = "1MB/s"
    workload.hosts.log_rotated_at = "1MB"
    fleet.all.loki_write.max_backoff_retries = 1000
    fleet.all.loki_write.max_backoff_period = "10s"
"#;

fn with_wal(changes: &str) -> Scene {
    tailed(&[BUSY, "\nfleet.all.loki_write.wal = true\n", changes].concat())
}

fn each(scene: &Scene, metric: Metric) -> f64 {
    scene.value("fleet.all", metric) / 100.0
}

/// An hour fits, whatever the files are.
#[test]
fn an_hour_of_outage_loses_nothing() {
    let hour = "\nendpoint.backend.outages = [{ at = \"2h\", for = \"1h\" }]";
    let scene = with_wal(hour);
    assert!(each(&scene, Metric::LogsLost).abs() < 1e-9);
    assert!(each(&scene, Metric::LogsPending) < 1.0);
    let without = tailed(&[BUSY, hour].concat());
    assert!(each(&without, Metric::LogsLostRotation) > 3e9);
}

/// Segments of 128 MiB at any point of their filling, looked at every six minutes: bytes that are gone
/// after `seconds`, in the mean.
fn expired(seconds: f64, rate: f64, keep: f64) -> f64 {
    const RUNS: u32 = 4_000;
    let luck = &mut RandomStreams::new(5, 0).stream(1, 2, 3);
    let one = |luck: &mut alloy_sim::engine::RandomStream| {
        let length = SEGMENT / rate;
        let look = luck.unit() * 360.0;
        let mut closed = luck.unit() * length;
        let mut gone = 0.0;
        // The last look before the end decides.
        let last = seconds - (seconds - look).rem_euclid(360.0);
        while closed + keep <= last {
            gone = closed;
            closed += length;
        }
        gone * rate
    };
    (0..RUNS).map(|_| one(luck)).sum::<f64>() / f64::from(RUNS)
}

/// Longer outages lose the oldest segments.
#[test]
fn old_segments_are_deleted_whole() {
    for (minutes, rate) in [(70_u32, 1e6), (150, 1e6), (150, 0.2e6)] {
        let changes = format!(
            "\nworkload.hosts.logs_per_pod = \"{rate}B/s\"\nendpoint.backend.outages = [{{ at = \"2h\", for = \"{minutes}m\" }}]"
        );
        let found = each(&with_wal(&changes), Metric::LogsLostWal);
        let seconds = f64::from(minutes) * 60.0 + 5.0;
        let expected = expired(seconds, rate, 3_600.0);
        // Looks every six minutes count with their mean; waits of up to ten seconds come on top.
        let error = 0.03 * expected + 12.0 * rate;
        assert!(
            (found - expected).abs() < error,
            "{minutes} min at {rate} B/s: {found}, {expected}"
        );
    }
}

/// Only the endpoint that is away has to wait.
#[test]
fn one_endpoint_does_not_hold_up_another() {
    let two = r#"
        fleet.all.sends_to = ["backend", "other"]
        endpoint = [{ name = "backend", signal = "logs" }, { name = "other", signal = "logs" }]
        endpoint.backend.outages = [{ at = "5h30m", for = "1h" }]
        "#;
    let scene = with_wal(two);
    let written = each(&scene, Metric::LogsWritten);
    let sent = each(&scene, Metric::LogsSent);
    // The other one has everything, and the first one lacks the last half hour.
    assert!(
        (sent / (2.0 * written - 1.8e9) - 1.0).abs() < 1e-3,
        "{sent}"
    );
    assert!(each(&scene, Metric::LogsLost).abs() < 1e-9);
}

/// A process that ends in an outage leaves its WAL to the next on a volume, which sends part of a segment
/// again. Without a volume it is gone.
#[test]
fn the_wal_outlives_its_process_on_a_volume_only() {
    let stop = r#"
        fleet.all.updates = { at = ["150m"], max_unavailable = 100 }
        endpoint.backend.outages = [{ at = "2h", for = "1h" }]
        "#;
    let kept = with_wal(&[stop, "\nfleet.all.volume = true"].concat());
    assert!(each(&kept, Metric::LogsLostRestart).abs() < 1e-9);
    let doubled = each(&kept, Metric::LogsDoubled);
    assert!((doubled / (SEGMENT / 2.0) - 1.0).abs() < 0.01, "{doubled}");
    let lost = each(&with_wal(stop), Metric::LogsLostRestart);
    assert!((lost / 1.8e9 - 1.0).abs() < 0.02, "{lost}");
}

/// Each line is written once more.
#[test]
fn the_wal_costs_a_write_per_line() {
    let cores = |scene: &Scene| each(scene, Metric::CpuMean);
    let more = cores(&with_wal("")) - cores(&tailed(BUSY));
    assert!((more / (5_000.0 * 5e-6) - 1.0).abs() < 0.02, "{more}");
}
