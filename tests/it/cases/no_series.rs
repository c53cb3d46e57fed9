//! Workloads whose targets expose no series.

use alloy_sim::model::record::catalogue::{Failure, Metric};

use crate::support::scene::{Scene, blueprint, changed, play};

const AT_ALL: &str = include_str!("no-series-at-all.toml");
const IN_ONE: &str = include_str!("no-series-in-one-workload.toml");

fn values(scene: &Scene, scope: &str, metric: Metric) -> Vec<f64> {
    scene.values(scope, metric)
}

/// Asserts that a draw in which nothing is offered has no other samples, and that whatever is
/// offered is scraped or missed. Returns the number of draws without samples.
fn empty_draws(scene: &Scene, scope: &str) -> usize {
    let of = |metric| values(scene, scope, metric);
    let offered = of(Metric::SamplesOffered);
    let fates = [
        of(Metric::SamplesScraped),
        of(Metric::MissedDown),
        of(Metric::MissedCpu),
        of(Metric::MissedPull),
    ];
    let lost = [
        of(Metric::LostRestart),
        of(Metric::LostTruncation),
        of(Metric::LostOverload),
    ];
    let cores = of(Metric::CpuPeak);
    let bytes = of(Metric::MemoryPeak);
    for draw in 0..offered.len() {
        let taken: f64 = fates.iter().map(|fate| fate[draw]).sum();
        assert!((offered[draw] - taken).abs() <= 4.0, "draw {draw}: {taken}");
        let lost: f64 = lost.iter().map(|lost| lost[draw]).sum();
        assert!(offered[draw] > 0.0 || lost == 0.0, "draw {draw}");
        assert!(cores[draw].is_finite() && bytes[draw] > 0.0, "draw {draw}");
    }
    offered.iter().filter(|&&samples| samples == 0.0).count()
}

#[test]
fn draws_without_any_series_collect_nothing() {
    let bare = r#""fleet.f.own_series" = 0"#;
    for (changes, is_ever_empty) in [
        (String::new(), true),
        (r#""workload.w.pods" = 1"#.to_owned(), true),
        (r#""workload.w.pods" = 30"#.to_owned(), false),
        (r#""workload.w.scrape_interval" = "15s""#.to_owned(), true),
        (
            r#""workload.w.rollouts" = { per_day = 24 }, "workload.w.incidents" = { per_30d = 900, factor = 8, time_to_fix = "10m" }"#.to_owned(),
            true,
        ),
        (
            r#""workload.w.placement" = "random""#.to_owned(),
            true,
        ),
    ] {
        let mut set = bare.to_owned();
        if !changes.is_empty() {
            set = format!("{set}, {changes}");
        }
        let scene = play(changed(AT_ALL, &set), 1, 20);
        let empty = empty_draws(&scene, "fleet.f");
        assert_eq!(empty > 0, is_ever_empty, "{set}: {empty}");
    }
    let daemons = AT_ALL.replace("autoscaling = { max = 2, cpu = \"50%\" }", "own_series = 0");
    let daemons = daemons.replace("\"centralized\"", "\"host-daemon\"\nruns_on = [\"c.p\"]");
    assert!(empty_draws(&play(blueprint(&daemons), 1, 20), "fleet.f") < 20);
    // The series of the collectors themselves go on.
    assert_eq!(empty_draws(&play(blueprint(AT_ALL), 1, 20), "fleet.f"), 0);
}

#[test]
fn a_workload_without_series_adds_nothing() {
    for kind in ["", "kind = \"serverless\""] {
        let mut text = IN_ONE.replace(
            "
series_per_pod = 0",
            &format!(
                "
series_per_pod = 0
{kind}"
            ),
        );
        if kind.contains("serverless") {
            let (head, tail) = text
                .split_once("name = \"silent\"\nruns_on = [\"k.nodes\"]")
                .unwrap();
            text = format!("{head}name = \"silent\"{tail}");
        }
        let scene = play(blueprint(&text), 1, 5);
        let one = play(
            changed(&text, r#""workload.silent.series_per_pod" = 1e-3"#),
            1,
            5,
        );
        let without = changed(&text, r#""fleet.m.collects" = { metrics = ["apps"] }"#);
        let without = play(without, 1, 5);
        for metric in [Metric::SamplesOffered, Metric::OomCount] {
            let [here, there] = [&scene, &without].map(|scene| values(scene, "fleet.m", metric));
            assert_eq!(here, there, "{kind}: {metric:?}");
            assert!(here.iter().all(|&value| value > 0.0), "{kind}: {metric:?}");
        }
        for metric in [Metric::MemoryPeak, Metric::MemoryPeakRatio] {
            let pairs = values(&scene, "fleet.m", metric);
            let pairs = pairs.into_iter().zip(values(&one, "fleet.m", metric));
            for (zero, few) in pairs {
                assert!(
                    (zero / few - 1.0).abs() < 0.02,
                    "{kind}: {metric:?} {zero} {few}"
                );
            }
        }
        let first = scene.first("fleet.m", Failure::Oom);
        assert!(first.iter().all(Option::is_some), "{kind}");
    }
}

#[test]
fn fleets_that_collect_only_silent_workloads_run() {
    let text = IN_ONE.replace("series_per_pod = 5000", "series_per_pod = 0");
    for set in [
        r#""fleet.m.own_series" = 0"#,
        r#""fleet.m.own_series" = 0, "fleet.m.replicas" = 3"#,
    ] {
        let scene = play(changed(&text, set), 1, 5);
        assert_eq!(empty_draws(&scene, "fleet.m"), 5, "{set}");
        assert!(!scene.fails("fleet.m", Failure::Oom), "{set}");
    }
}
