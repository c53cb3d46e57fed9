//! Log lines in outages: the model against a simulation of every batch and every file.

mod findings;
mod life;
mod limits;
mod oracle;
mod sources;
mod wal;

use alloy_sim::model::record::catalogue::{Failure, Metric};

use crate::support::platform::platform;
use crate::support::scene::{Estimate, SEEDS, Scene, blueprint, play};
use oracle::{Fate, MIB};

/// Daemons that only tail logs, one on each of a hundred nodes, with an endpoint of logs.
const TAILED: &str = r#"
    experiment = { horizon = "6h", draws = 1, grid = "10m" }
    cluster.prod.pool = [{ name = "general", nodes = 100, node = { cpu = 64, memory = "512GiB" }, drains = "never" }]
    workload.hosts.bytes_per_line = "200B"
    fleet.all.collects = { logs = ["hosts"] }
    fleet.all.log_stages = 0
    fleet.all.cpu_factor = 1
    endpoint = [{ name = "backend", signal = "logs", latency = "100ms" }]
"#;

fn tailed(changes: &str) -> Scene {
    let text = platform(&[TAILED, changes].concat());
    play(blueprint(&text), 1, 1)
}

/// The same in the model, and the same in the oracle, per collector.
fn both(scene: &oracle::Scene) -> (Scene, Vec<Fate>) {
    const RUNS: u64 = 300;
    let played = tailed(&format!(
        r#"
        workload.hosts.logs_per_pod = "{}B/s"
        workload.hosts.log_files_per_pod = {}
        workload.hosts.log_rotated_at = "{}B"
        endpoint.backend.outages = [{{ at = "2h", for = "{}s", answer = "refused" }}]
        "#,
        scene.rate, scene.files, scene.rotated_at, scene.outage,
    ));
    (played, (0..RUNS).map(|seed| scene.run(seed)).collect())
}

/// The mean of one fate over the runs of the oracle.
fn mean(fates: &[Fate], of: impl Fn(&Fate) -> f64) -> Estimate {
    let values: Vec<f64> = fates.iter().map(of).collect();
    Estimate::of(&values)
}

/// A slow and a busy daemon, outages of 5 to 60 minutes, files that hold little or much. The model
/// knows the mean over phases; its own retries are drawn for a hundred collectors.
#[test]
fn outages_cost_what_every_batch_and_file_says() {
    for (files, rate, rotated_at, outage) in [
        (10, 40e3, 10.0 * MIB, 300.0),
        (10, 400e3, 10.0 * MIB, 1_800.0),
        (20, 400e3, 1.0 * MIB, 1_800.0),
        (5, 60e3, 2.0 * MIB, 3_600.0),
        (3, 1e3, 0.5 * MIB, 3_600.0),
    ] {
        let scene = oracle::Scene {
            files,
            rate,
            rotated_at,
            outage,
            after: 1_200.0,
        };
        let (played, fates) = both(&scene);
        let value = |metric| played.value("fleet.all", metric) / 100.0;
        let name = format!("{files} files, {rate} B/s, {rotated_at} B, {outage} s");
        let given_up = mean(&fates, |fate| fate.lost_retries);
        let found = value(Metric::LogsLostRetries);
        // Three times as many runs as collectors: the difference has twice the error of the oracle.
        let error = 4.0 * 2.0 * given_up.error + 0.01 * given_up.mean;
        assert!(
            (found - given_up.mean).abs() <= error,
            "{name}: given up {found}, {given_up:?}"
        );
        let rotated = mean(&fates, |fate| fate.lost_rotation);
        let found = value(Metric::LogsLostRotation);
        // A full queue is 12 or 22 MiB in the model, and in between in truth.
        let error = 8.0 * rotated.error + 5.5 * MIB;
        assert!(
            (found - rotated.mean).abs() <= error,
            "{name}: rotated {found}, {rotated:?}"
        );
        if rotated.mean > 50.0 * MIB {
            assert!(
                (found / rotated.mean - 1.0).abs() < 0.1,
                "{name}: {found}, {rotated:?}"
            );
        }
        assert_eq!(rotated.mean > 0.0, found > 0.0, "{name}");
        let latest = fates.iter().map(|fate| fate.resumed_in).fold(0.0, f64::max);
        let lag = played.value("fleet.all", Metric::LogsLag) - outage;
        // The latest of a hundred and the latest of three hundred waits below 256 s.
        assert!(
            lag > 0.5 * latest && lag <= 256.0,
            "{name}: back after {lag}, {latest}"
        );
        let pending = value(Metric::LogsPending);
        let written = value(Metric::LogsWritten);
        assert!(
            pending < 1e-3 * written,
            "{name}: {pending} of {written} wait at the end"
        );
        assert_eq!(
            played.fails("fleet.all", Failure::LogsLost),
            value(Metric::LogsLost) > 0.0,
            "{name}"
        );
    }
}

/// Five minutes cost nothing but a wait; half an hour costs batches of every collector.
#[test]
fn a_short_outage_loses_no_line() {
    for seed in SEEDS {
        let text = platform(
            &[
                TAILED,
                r#"
                workload.hosts.logs_per_pod = "100kB/s"
                workload.hosts.log_files_per_pod = 10
                endpoint.backend.outages = [{ at = "2h", for = "4m" }]
                "#,
            ]
            .concat(),
        );
        let scene = play(blueprint(&text), seed, 4);
        assert!(
            scene
                .values("fleet.all", Metric::LogsLost)
                .iter()
                .all(|&lost| lost == 0.0)
        );
        assert!(!scene.fails("fleet.all", Failure::LogsLost));
        let lags = scene.values("fleet.all", Metric::LogsLag);
        assert!(
            lags.iter().all(|lag| (240.0..240.0 + 256.0).contains(lag)),
            "{lags:?}"
        );
    }
}
