//! What reaches an endpoint: rates, bytes, losses.

use alloy_sim::model::record::catalogue::{Metric, Track};

use super::assert_all;
use crate::support::platform::of_pods;
use crate::support::scene::{Scene, blueprint, changed, play};

/// 512,000 series once a minute, to an endpoint that takes 20,000 samples per second and is away for two
/// hours of a day.
const AWAY: &str = r#"
    workload.apps.pods = 512
    fleet.all.replicas = 2
    fleet.all.share = "load-balancer"
    fleet.all.wire_per_sample = "40B"
    endpoint.backend.capacity = 20000
    endpoint.backend.errors = "20%"
    endpoint.backend.outages = [{ at = "10h", for = "2h" }]
"#;

const BACKEND: &str = "endpoint.backend";

fn away(set: &str) -> Scene {
    play(changed(&of_pods(AWAY), set), 1, 1)
}

/// All that is scraped arrives within the day; a fifth of the requests fail and are sent again, so that a
/// batch takes 1/0.8 of them.
#[test]
fn rates_are_samples_over_time() {
    let mean = 512_000.0 / 60.0;
    let scene = play(blueprint(&of_pods(AWAY)), 1, 1);
    // 5 % more targets, capacity and bytes.
    let sibling = away(r#""workload.apps.pods" = 538, "endpoint.backend.capacity" = 21000"#);
    // The backlog leaves at the capacity, but for some seconds until all shards are at work.
    let peak = scene.value(BACKEND, Metric::IngestPeak);
    let drain = scene.value("fleet.all", Metric::DrainSeconds);
    let least = mean + mean * 7_200.0 / drain;
    assert!(
        least > 19_000.0 && (least - 1e-3..=20_000.0).contains(&peak),
        "{peak}, {least}"
    );
    let expected = [
        (BACKEND, Metric::IngestMean, mean),
        (BACKEND, Metric::IngestPeak, peak),
        (BACKEND, Metric::WireMean, mean * 40.0 / 0.8),
        (BACKEND, Metric::WirePeak, peak * 40.0 / 0.8),
        (BACKEND, Metric::CatchUpRatio, peak / mean),
    ];
    assert_all(&scene, &sibling, &expected[..4]);
    assert!(super::agrees(&scene, &expected[4]));
    // What two hours leave in the logs.
    let points = scene.tracks("fleet.all", Track::Backlog).remove(0);
    let highest = points.into_iter().fold(0.0, f64::max);
    assert!(
        (highest - mean * 7_200.0).abs() < 1e-6 * highest,
        "{highest}"
    );
}

/// Without an outage the highest rate is the mean.
#[test]
fn a_steady_fleet_has_no_peak() {
    let scene = away(r#""endpoint.backend.outages" = []"#);
    let mean = 512_000.0 / 60.0;
    assert!(super::agrees(&scene, &(BACKEND, Metric::IngestPeak, mean)));
    assert!(super::agrees(
        &scene,
        &(BACKEND, Metric::WirePeak, mean * 50.0)
    ));
}

#[test]
fn an_outage_counts_up_to_the_horizon() {
    let outages = |last: &str| {
        let open = format!(r#"{{ at = "{last}", for = "4h" }}"#);
        away(&format!(
            r#""endpoint.backend.outages" = [{{ at = "10h", for = "2h" }}, {open}]"#
        ))
    };
    let expected = [(BACKEND, Metric::OutageSeconds, 3.0 * 3_600.0)];
    // Nine minutes are 5 % of three hours.
    assert_all(&outages("23h"), &outages("1371m"), &expected);
}

/// Of what is refused for good, each endpoint knows its own part.
#[test]
fn an_endpoint_loses_what_it_refuses() {
    let refusing = |share: &str| {
        away(&format!(
            r#""endpoint.backend.rejects" = "{share}", "endpoint.other" = {{ signal = "metrics" }}, "fleet.all.sends_to" = ["backend", "other"]"#
        ))
    };
    let scene = refusing("10%");
    let refused = 512_000.0 * 1_440.0 * 0.1;
    let lost = |scene: &Scene| scene.value(BACKEND, Metric::EndpointLost);
    // A share of a sample is none.
    assert!((lost(&scene) - refused).abs() <= 1.0, "{}", lost(&scene));
    assert!((lost(&refusing("10.5%")) - 1.05 * refused).abs() <= 1.0);
    assert!(scene.value("endpoint.other", Metric::EndpointLost) <= 0.0);
    let of_fleet = scene.value("fleet.all", Metric::LostRejected);
    assert!((lost(&scene) - of_fleet).abs() < 1e-9);
}
