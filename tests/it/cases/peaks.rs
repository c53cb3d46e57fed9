//! Peaks are means over one minute, and those of several senders are summed within it.

use alloy_sim::model::record::catalogue::{Metric, Track};
use alloy_sim::model::record::outcome::TRACK_POINTS;

use crate::support::platform::of_pods;
use crate::support::scene::{Scene, blueprint, changed, play, play_all};

const PEAKS: &str = include_str!("catch-up-peaks.toml");

/// Each of 1,500 daemons has 630,000 samples to send after half an hour, and does so within some 20
/// seconds. That minute brings 31 minutes' worth, however many daemons there are. Some of them restart
/// within the outage and lose their backlogs: one in 1,500 per outage.
#[test]
fn a_minute_brings_the_backlog_and_a_minute() {
    for (name, scene) in play_all(PEAKS, 3) {
        let minutes = match name.as_str() {
            "outage 2m" => 2.0,
            "outage 5m" => 5.0,
            _ => 30.0,
        };
        let values = |metric| scene.values("endpoint.b", metric);
        let (ratios, peaks) = (values(Metric::CatchUpRatio), values(Metric::IngestPeak));
        let drains = scene.values("fleet.d", Metric::DrainSeconds);
        let inflow = if name == "3000 nodes" {
            3_000.0
        } else {
            1_500.0
        } * 350.0;
        for ((ratio, peak), drain) in ratios.into_iter().zip(peaks).zip(drains) {
            assert!(ratio <= minutes + 1.0 + 1e-9, "{name}: {ratio}");
            if drain <= 60.0 {
                assert!(
                    (ratio / (minutes + 1.0) - 1.0).abs() < 0.01,
                    "{name}: {ratio}"
                );
                assert!((peak / inflow / ratio - 1.0).abs() < 1e-6, "{name}: {peak}");
            }
        }
    }
}

/// 630,000 samples at 2 to 3 us each are about 0.03 core over a minute, on top of the steady demand.
#[test]
fn catching_up_takes_cores_for_a_minute() {
    // Truncations, which take a minute's peak of their own, cost nothing here.
    let calm = r#""fleet.d.cpu_per_truncated_series" = "0s""#;
    let none = r#""endpoint.b.outages" = []"#;
    let away = play(changed(PEAKS, calm), 7, 40);
    let steady = play(changed(PEAKS, &format!("{calm}, {none}")), 7, 40);
    let peaks = |scene: &Scene| scene.values("fleet.d", Metric::CpuPeak);
    let pairs = peaks(&away).into_iter().zip(peaks(&steady));
    let mut more: Vec<f64> = pairs.map(|(away, steady)| away - steady).collect();
    more.sort_by(f64::total_cmp);
    assert!(more[0] > 0.003 && more[39] < 0.08, "{more:?}");
    assert!((0.01..0.035).contains(&more[20]), "{more:?}");
}

/// One collector or fifty: the busiest minute is the same multiple of the steady rate.
#[test]
fn the_number_of_collectors_moves_no_ratio() {
    for nodes in [1, 50] {
        let scene = play(
            changed(PEAKS, &format!(r#""cluster.c.pool.n.nodes" = {nodes}"#)),
            1,
            2,
        );
        let ratio = scene.value("endpoint.b", Metric::CatchUpRatio);
        assert!((ratio - 31.0).abs() < 1e-6, "{nodes}: {ratio}");
    }
}

/// Where a drain takes a quarter of an hour, its busiest minute brings no more than the endpoint takes.
#[test]
fn a_long_drain_counts_by_its_rate() {
    let inflow = 50.0 * 350.0;
    let set = format!(
        r#""cluster.c.pool.n.nodes" = 50, "endpoint.b.capacity" = {}"#,
        3.0 * inflow
    );
    let scene = play(changed(PEAKS, &set), 1, 1);
    let drain = scene.value("fleet.d", Metric::DrainSeconds);
    assert!((900.0..960.0).contains(&drain), "{drain} s");
    let ratio = scene.value("endpoint.b", Metric::CatchUpRatio);
    assert!(
        ratio <= 3.0 + 1e-9 && ratio >= 1.0 + 1_800.0 / drain - 1e-6,
        "{ratio}"
    );
}

/// Two fleets of 1,000 and 2,000 samples a second; one doubles in the morning, the other triples at noon.
#[test]
fn fleets_that_peak_at_different_times_do_not_add_up() {
    let text = of_pods(
        r#"
    workload.morning.runs_on = ["prod.general"]
    workload.morning.series_per_pod = 1000
    workload.morning.pods = { start = 60, steps = [{ at = "6h", factor = 2 }, { at = "8h", factor = 0.5 }] }
    workload.noon.runs_on = ["prod.general"]
    workload.noon.series_per_pod = 1000
    workload.noon.pods = { start = 120, steps = [{ at = "12h", factor = 3 }, { at = "14h", factor = 0.3333333333333333 }] }
    fleet = [{ name = "one", topology = "centralized", replicas = 1 }, { name = "two", topology = "centralized", replicas = 3 }]
    fleet.one.collects = { metrics = ["morning"] }
    fleet.two.collects = { metrics = ["noon"] }
    fleet.one.sends_to = ["backend"]
    fleet.two.sends_to = ["backend"]
    fleet.one.wire_per_sample = "40B"
    fleet.two.wire_per_sample = "100B"
    fleet.one.own_series = 0
    fleet.two.own_series = 0
    endpoint.backend.errors = "0%"
"#,
    );
    let scene = play(blueprint(&text), 1, 1);
    let value = |metric| scene.value("endpoint.backend", metric);
    let expected = [
        (Metric::IngestPeak, 1_000.0 + 6_000.0),
        (Metric::WirePeak, 1_000.0 * 40.0 + 6_000.0 * 100.0),
    ];
    for (metric, expected) in expected {
        assert!(
            (value(metric) / expected - 1.0).abs() < 1e-6,
            "{metric:?}: {}",
            value(metric)
        );
    }
}

/// The track of the backlog of 1,000 samples a second, in the only draw.
fn backlog(set: &str) -> Vec<(f64, f64)> {
    let pods = r#"
    workload.apps.pods = 60
    fleet.all.own_series = 0
    fleet.all.restarts = "never"
    fleet.all.wal.truncate_every = "12h"
"#;
    let scene = play(changed(&of_pods(pods), set), 1, 1);
    let points = scene.tracks("fleet.all", Track::Backlog).remove(0);
    let seconds = |point: usize| point as f64 * 86_400.0 / (TRACK_POINTS as f64 - 1.0);
    let points = points.into_iter().enumerate();
    points
        .map(|(point, samples)| (seconds(point), samples))
        .collect()
}

/// The backlog grows point by point while the endpoint is away, and is gone afterwards.
#[test]
fn the_track_of_the_backlog_shows_it() {
    let (from, to) = (36_000.0, 51_000.0);
    for (at, samples) in backlog(r#""endpoint.backend.outages" = [{ at = "10h", for = "250m" }]"#) {
        let before = at - 86_400.0 / 60.0;
        let expected = if before < to {
            1_000.0 * (at.min(to) - from).max(0.0)
        } else {
            0.0
        };
        assert!(
            (samples - expected).abs() <= 1e-6 * expected + 60.0,
            "{at}: {samples} {expected}"
        );
    }
}

/// An endpoint that takes nine tenths leaves a backlog that grows from the first point on.
#[test]
fn the_track_shows_the_backlog_of_an_overload() {
    let points = backlog(r#""endpoint.backend.capacity" = 900, "experiment.start" = "cold""#);
    for &(at, samples) in &points[..10] {
        let expected = 100.0 * at;
        assert!(
            (samples - expected).abs() <= 0.01 * expected + 60.0,
            "{at}: {samples} {expected}"
        );
    }
}
