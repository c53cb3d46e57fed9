//! Outages of an endpoint of profiles, against a simulation of every loop.

use alloy_sim::model::record::catalogue::{Failure, Metric};

use super::{OFFERED, assert_all_told, oracle, scene, value};
use crate::support::platform::platform;
use crate::support::scene::{Estimate, blueprint, play};

/// A thousand daemons with five loops each, so every loop is followed.
const DAEMONS: &str = r#"
    experiment = { horizon = "3h", draws = 1, grid = "10m", start = "cold" }
    workload.hosts.profiles_per_pod = { value = 0.33333333333333, source = "five types each 15 s" }
    fleet.all.collects = { profiles = ["hosts"] }
    fleet.all.cpu_factor = 1
    endpoint = [{ name = "backend", signal = "profiles", latency = "10ms" }]
"#;

const LOOPS: f64 = 5_000.0;

/// Five minutes, half an hour, and half an hour without an answer.
#[test]
fn outages_cost_what_every_loop_says() {
    for (outage, answer, attempt) in [
        (300.0, "refused", 0.0),
        (1_800.0, "refused", 0.0),
        (1_800.0, "timeout", 10.0),
    ] {
        let played = play(
            blueprint(&platform(&format!(
                "{DAEMONS}    endpoint.backend.outages = [{{ at = \"1h\", for = \"{outage}s\", answer = \"{answer}\" }}]\n"
            ))),
            1,
            1,
        );
        assert_all_told(&played);
        let scene = oracle::Scene {
            outage,
            attempt,
            end: 7_200.0,
        };
        let loops = scene.run(10_000);
        let name = format!("{outage} s, {answer}");
        let mean = |of: fn(&oracle::Fate) -> f64| {
            Estimate::of(&loops.iter().map(of).collect::<Vec<f64>>())
        };
        for (metric, expected) in [
            (Metric::ProfilesSendFailed, mean(|fate| fate.given_up)),
            (Metric::ProfilesSkipped, mean(|fate| fate.skipped)),
        ] {
            let found = value(&played, metric) / LOOPS;
            // Half as many loops as in the oracle: the difference has 1.7 times its error. The share of
            // a fate is the same for all profiles of a collector, which costs a hundredth.
            let error = 4.0 * 1.8 * expected.error + 0.01 * expected.mean;
            assert!(
                (found - expected.mean).abs() <= error,
                "{name}: {metric:?} {found}, {expected:?}"
            );
        }
        let latest = loops.iter().map(|fate| fate.late).fold(0.0, f64::max);
        let late = value(&played, Metric::ProfilesGapPeak) - outage;
        assert!(
            late > 0.9 * latest && late <= 256.0 + attempt + 1.0,
            "{name}: late by {late}, {latest}"
        );
        assert!(played.fails("fleet.all", Failure::ProfilesLost));
        assert!(value(&played, Metric::ProfilesPending).abs() < 1e-9);
    }
}

/// An outage that ends before any loop gives up costs the profiles that nobody asked for. Sums catch up,
/// so two fifths of them are lost.
#[test]
fn sums_catch_up() {
    let scene = scene("    endpoint.pyroscope.outages = [{ at = \"1h\", for = \"4m\" }]\n");
    assert_all_told(&scene);
    let offered = value(&scene, Metric::ProfilesOffered);
    assert!((offered - OFFERED).abs() < 1.0, "{offered}");
    let skipped = value(&scene, Metric::ProfilesSkipped);
    assert!(value(&scene, Metric::ProfilesSendFailed).abs() < 1e-9);
    assert!((20_000.0..60_000.0).contains(&skipped), "{skipped}");
    let first = value(&scene, Metric::ProfilesSkippedFirst);
    let lost = (0.4 * skipped + first) / offered;
    let found = value(&scene, Metric::ProfilesLossRatio);
    assert!((found - lost).abs() < 1e-9, "{found}, {lost}");
    let at = scene.first("fleet.all", Failure::ProfilesLost)[0];
    assert!(at.is_some_and(|at| (at - 3_630.0).abs() < 1.0), "{at:?}");
}

/// Clients that push do not wait: what they push in an outage is lost, and nothing else.
#[test]
fn pushed_profiles_are_lost_in_an_outage() {
    let pushed = r#"
    fleet.all.profile_source = "push"
    fleet.all.share = "load-balancer"
    endpoint.pyroscope.outages = [{ at = "1h", for = "4m" }]
    "#;
    let scene = scene(pushed);
    assert_all_told(&scene);
    let failed = value(&scene, Metric::ProfilesSendFailed);
    assert!((failed - 24_000.0).abs() < 1.0, "{failed}");
    assert!(value(&scene, Metric::ProfilesSkipped).abs() < 1e-9);
    assert!(value(&scene, Metric::ProfilesSkippedFirst).abs() < 1e-9);
}

/// What an endpoint rejects or fails to take outside outages.
#[test]
fn errors_and_rejects() {
    let rejects = scene("    endpoint.pyroscope.rejects = \"2%\"\n");
    let taken = OFFERED - value(&rejects, Metric::ProfilesSkippedFirst);
    let found = value(&rejects, Metric::ProfilesRejected);
    assert!((found - 0.02 * taken).abs() < 1.0, "{found}");
    // Nine in ten attempts fail: ten do with 0.35, and each costs about 130 s of waits.
    let errors = scene("    endpoint.pyroscope.errors = \"90%\"\n");
    assert_all_told(&errors);
    let failed = value(&errors, Metric::ProfilesSendFailed);
    let sent = value(&errors, Metric::ProfilesSent);
    assert!((failed / (failed + sent) - 0.9_f64.powi(10)).abs() < 1e-6);
    assert!(value(&errors, Metric::ProfilesSkipped) > 0.8 * OFFERED);
}
