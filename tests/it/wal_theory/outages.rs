//! Whole runs against the oracle: one machine at an even rate, and an endpoint that goes away.

use alloy_sim::model::record::catalogue::Metric;

use super::oracle::{HOUR, MINUTE, Oracle, Rule};
use crate::support::platform::platform;
use crate::support::scene::{blueprint, play};

/// One collector of so many series at 60 s, from a cold start, whose endpoint goes away.
fn one(series: u64, (from, length): (u64, u64), changes: &str) -> String {
    let outage = format!(
        r#"
        experiment = {{ horizon = "10d", draws = 1, start = "cold" }}
        cluster.prod.pool = [{{ name = "general", nodes = 1, node = {{ cpu = 64, memory = "512GiB" }}, drains = "never" }}]
        workload.hosts.series_per_target = {series}
        fleet.all.wal_per_sample = "5.5B"
        fleet.all.wal_per_new_series = "0B"
        endpoint.backend.outages = [{{ at = "{from}s", for = "{length}s" }}]
        "#
    );
    platform(&[&outage, changes].concat())
}

/// Samples that truncations take and the largest WAL, by the model and by the oracle.
fn both(series: u64, (from, length): (u64, u64), end: u64) -> ([f64; 2], [f64; 2]) {
    let scene = play(blueprint(&one(series, (from, length), "")), 1, 1);
    let value = |metric| scene.value("fleet.all", metric);
    let model = [value(Metric::LostTruncation), value(Metric::WalPeak)];
    let mut oracle = Oracle::new(Rule::alloy(series));
    let second = MINUTE / 60;
    oracle.run(from * second);
    oracle.wait();
    oracle.run(((from + length) * second).min(end));
    oracle.resume(0);
    oracle.run(end);
    let samples = oracle.lost as f64 / MINUTE as f64 * series as f64;
    (model, [samples, oracle.bytes_peak()])
}

#[test]
fn outages_of_any_length_lose_what_the_rule_says() {
    let mut losses = 0;
    for series in [20_000, 150_000, 1_000_000, 3_000_000] {
        for (hours, offset) in [
            (1, 61),
            (2, 1_201),
            (2, 5_003),
            (7, 301),
            (9, 4_007),
            (30, 1_777),
        ] {
            let outage = (48 * 3_600 + offset, hours * 3_600);
            let (model, oracle) = both(series, outage, 240 * HOUR);
            let name = format!("{series} series, {hours} h from {offset} s");
            // To the sample, but for the sample in flight at either end.
            assert!(
                (model[0] - oracle[0]).abs() <= 2.0,
                "{name}: {model:?} {oracle:?}"
            );
            assert!(
                (model[1] / oracle[1] - 1.0).abs() < 1e-6,
                "{name}: {model:?} {oracle:?}"
            );
            losses += u32::from(oracle[0] > 0.0);
        }
    }
    assert!(
        (6..20).contains(&losses),
        "{losses} of 24 outages lose something"
    );
}

/// One that never ends: what the log cannot hold is lost, not pending.
#[test]
fn an_outage_without_an_end_loses_what_the_log_cannot_hold() {
    for series in [20_000, 1_000_000] {
        let from = 24 * 3_600 + 1_000;
        let scene = play(blueprint(&one(series, (from, 20 * 86_400), "")), 1, 1);
        let value = |metric| scene.value("fleet.all", metric);
        let pending = value(Metric::SamplesPending) / series as f64 / 60.0;
        let lost = value(Metric::LostTruncation) / series as f64 / 60.0;
        // The rest of the segment that the reader has open.
        assert!(pending <= 2.0, "{series}: {pending} h wait");
        assert!((pending + lost + from as f64 / 3_600.0 - 240.0).abs() < 0.02);
    }
}
