//! One collector of the whole engine through an outage against a simulation of its samples one by one:
//! the shards they are dealt to, the batches they fill, every attempt to send one.

use alloy_sim::model::record::catalogue::Metric;

use super::sender::Naive;
use crate::support::platform::CALM;
use crate::support::scene::{Scene, changed, play};

/// One collector of a million series that starts empty, with all the CPU it wants.
const ONE: &str = r#""experiment.start" = "cold", "cluster.prod.pool.general.nodes" = 1,
    "workload.hosts.series_per_target" = 1000000, "fleet.all.cpu_per_sample" = "1us",
    "fleet.all.wal_per_sample" = "5.5B", "fleet.all.remote_write.samples_read_per_second" = 4000000000"#;

/// Seconds in which such a collector fills a segment of its WAL.
const SEGMENT: f64 = 134_217_728.0 / 5.5 / RATE;

const RATE: f64 = 1e6 / 60.0;

fn simulate(latency: f64, (from, to): (f64, f64)) -> Scene {
    let set = format!(
        r#"{}, "endpoint.backend.latency" = "{latency}s", "endpoint.backend.outages" = [{{ at = "{from}s", for = "{}s" }}]"#,
        ONE.replace('\n', " "),
        to - from
    );
    play(changed(CALM, &set), 1, 1)
}

fn assert_near(found: f64, naive: f64, what: &str) {
    assert!(
        (found / naive - 1.0).abs() < 0.01,
        "{what}: {found}, one by one {naive}"
    );
}

/// What is always unsent, batches that fill and are on their way, is not in the engine's backlog: at
/// most 15 s of the inflow, which an hour and a half make 0.3 %.
#[test]
fn backlog_and_drain_agree_within_one_percent() {
    for (latency, outage) in [
        (0.5, (600.0, 6_000.0)),
        (0.1, (600.0, 6_600.0)),
        (0.8, (1_200.0, 6_600.0)),
    ] {
        let mut naive = Naive::new(RATE, latency, outage, 10.0);
        let (backlog, drained) = naive.run(RATE * (15.0 + latency) + 1.0);
        let scene = simulate(latency, outage);
        let value = |metric| scene.value("fleet.all", metric);
        assert_near(value(Metric::BacklogPeak), backlog, "backlog");
        assert!(value(Metric::LossRatio).abs() < 1e-12);
        // Where between two retries the outage ends is drawn: up to 5 s of a drain.
        let seconds = value(Metric::DrainSeconds);
        assert!(
            (seconds - drained).abs() < 0.01 * drained + 5.0,
            "{latency} s: {seconds} s, one by one {drained} s"
        );
    }
}

/// The truncation after two hours comes 90 min into the outage. It takes what waits, all but the batches
/// in hand and the segment that the reader has open, the second one.
#[test]
fn loss_agrees_within_one_percent() {
    let outage = (1_800.0, 9_000.0);
    let mut naive = Naive::new(RATE, 0.5, outage, 10.0);
    naive.overtaken = true;
    naive.run(RATE * 15.5 + 1.0);
    let scene = simulate(0.5, outage);
    let value = |metric| scene.value("fleet.all", metric);
    let own = RATE * (2.0 * SEGMENT - outage.0);
    assert_near(
        value(Metric::LostTruncation),
        naive.lost as f64 - own,
        "lost",
    );
    // All shards are wanted all the same.
    assert!((value(Metric::ShardsPeak) - 50.0).abs() < 1e-9);
}
