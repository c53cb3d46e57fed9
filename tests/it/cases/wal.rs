//! WALs in long outages, and behind senders that never recover.

use alloy_sim::model::record::catalogue::Metric;

use crate::support::platform::platform;
use crate::support::scene::{blueprint, play, play_all, variant};

/// The same draws in every case, so the order holds draw by draw, but for the records of a few series.
#[test]
fn a_longer_outage_never_needs_a_smaller_wal() {
    let cases = play_all(include_str!("wal-peak-long-outage.toml"), 8);
    let peaks = |name: &str| {
        let case = cases.iter().find(|(case, _)| case == name);
        let (_, scene) = case.unwrap_or_else(|| panic!("{name}"));
        scene.values("fleet.m", Metric::WalPeak)
    };
    let lengths = [
        "30m", "1h", "2h", "4h", "7h", "8h", "10h", "12h", "24h", "48h",
    ];
    let names = lengths.map(|length| match length {
        "30m" => "base".to_owned(),
        _ => format!("outage {length}"),
    });
    for pair in names.windows(2) {
        let [shorter, longer] = [peaks(&pair[0]), peaks(&pair[1])];
        for (shorter, longer) in shorter.iter().zip(longer) {
            assert!(
                longer >= shorter * (1.0 - 1e-5),
                "{pair:?}: {shorter} {longer}"
            );
        }
    }
    // Truncations go on once an outage is older than `keep_max`.
    let [most, least] = [peaks("24h keep 24h"), peaks("24h keep 1h")];
    assert!(
        least
            .iter()
            .zip(peaks("outage 24h"))
            .all(|(least, usual)| *least <= usual)
    );
    assert!(
        most.iter()
            .zip(peaks("outage 24h"))
            .all(|(most, usual)| *most > usual)
    );
}

#[test]
fn what_never_connects_is_lost_by_truncation() {
    for (name, scene) in play_all(include_str!("starved-senders.toml"), 1) {
        let value = |metric| scene.value("fleet.d", metric);
        let due = value(Metric::SamplesDue);
        let lost = value(Metric::LostTruncation) / due;
        let hours = value(Metric::SamplesPending) / due * 240.0;
        let by_name = match name.as_str() {
            // A truncation takes from a reader whose own segment holds up to two hours.
            "base" => (0.45..0.55).contains(&lost) && hours < 1.1,
            // Nine days and 22 hours of ten days, but for the first segment.
            "outage 10d" => (0.97..0.992).contains(&lost) && hours < 14.0,
            // Its sender comes back, and what is lost is what it could not hold.
            "outage 9d" => (0.88..0.90).contains(&lost) && hours < 0.1,
            _ => false,
        };
        assert!(by_name, "{name}: {lost} lost, {hours} h wait");
    }
}

/// A sender of the same kind: an endpoint of half the load. What it does not take is lost in the end.
#[test]
fn what_an_endpoint_never_takes_is_lost_in_the_end() {
    let half = platform(
        r#"
        experiment = { horizon = "10d", draws = 1 }
        cluster.prod.pool = [{ name = "general", nodes = 20, node = { cpu = 64, memory = "512GiB" }, drains = "never" }]
        workload.hosts.series_per_target = 20000
        endpoint.backend.capacity = 3333
        "#,
    );
    let scene = play(blueprint(&half), 1, 1);
    let value = |metric| scene.value("fleet.all", metric);
    let due = value(Metric::SamplesDue);
    let lost = (value(Metric::LostOverload) + value(Metric::LostTruncation)) / due;
    let hours = value(Metric::SamplesPending) / due * 240.0;
    assert!(lost > 0.45 && lost < 0.5, "{lost} lost");
    assert!(hours < 8.0, "{hours} h wait");
}

/// The shipped scenario: after an hour every collector still has its place in the WAL.
#[test]
fn an_hour_loses_nothing_by_truncation() {
    let text = include_str!("../../../scenarios/backend-outage.toml");
    let scene = play(variant(text, "1 hour"), 10, 60);
    let lost = scene.values("fleet.metrics", Metric::LostTruncation);
    assert!(lost.iter().all(|&lost| lost == 0.0), "{lost:?}");
}
