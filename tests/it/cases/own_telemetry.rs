//! The collectors' own series, whoever they collect from.

use alloy_sim::model::record::catalogue::Metric;

use crate::scenario::checked;
use crate::support::scene::{Estimate, changed, play, results, variant};

const JOBS: &str = include_str!("own-series-of-jobs.toml");
const LOGS: &str = include_str!("watch-without-metrics.toml");

/// What samples a fleet may have: taken in, and on their way to endpoints.
const FATES: [Metric; 5] = [
    Metric::SamplesOffered,
    Metric::SamplesScraped,
    Metric::SamplesDue,
    Metric::SamplesSent,
    Metric::LostExit,
];

/// A thousand series of a collector beside the 500 of its pod, both each minute: three times the samples.
#[test]
fn own_series_of_a_sidecar_share_the_fate_of_its_pod() {
    let of_pods = r#""workload.jobs" = { kind = "application", runs_on = ["c.apps"], pods = 50, series_per_pod = 500, restarts_per_day = "0%" }, "fleet.m.restarts" = "never", "endpoint.b.outages" = []"#;
    let of_jobs = r#""workload.jobs.series_per_pod" = 500"#;
    for set in [of_jobs, of_pods] {
        let scene = |own: u32| {
            let set = format!(r#"{set}, "fleet.m.own_series" = {own}"#);
            play(changed(JOBS, &set), 3, 2)
        };
        let (without, with) = (scene(0), scene(1_000));
        for fate in FATES {
            let [less, more] = [&without, &with].map(|scene| scene.value("fleet.m", fate));
            assert!(
                (more - 3.0 * less).abs() <= 1e-6 * more + 4.0,
                "{fate:?}: {less}, {more}"
            );
        }
        for metric in [Metric::SeriesActivePeak, Metric::SeriesActiveEnd] {
            let [less, more] = [&without, &with].map(|scene| scene.value("fleet.m", metric));
            assert!(
                less > 0.0 && (more / less - 3.0).abs() < 1e-6,
                "{metric:?}: {less}, {more}"
            );
        }
    }
}

/// 1,000 jobs an hour live 600 s · exp(σ²/2) on average, with σ = ln 4 / 1.645, and so do their sidecars.
#[test]
fn sidecars_of_jobs_emit_what_they_pay_for() {
    let offered = |name: &str| {
        let scene = play(variant(JOBS, name), 3, 20);
        scene.values("fleet.m", Metric::SamplesOffered)
    };
    let pairs = offered("own 0").into_iter().zip(offered("own 100000"));
    let seconds: Vec<f64> = pairs
        .map(|(less, more)| (more - less) / 1e5 * 60.0)
        .collect();
    let sigma = 4_f64.ln() / 1.644_853_626_951_472_7;
    let expected = 1_000.0 * 48.0 * 600.0 * (sigma * sigma / 2.0).exp();
    Estimate::of(&seconds).assert_agrees(expected, 0.005);
}

#[test]
fn who_only_tails_logs_says_nothing_of_samples() {
    let scene = play(changed(LOGS, r#""fleet.logs.own_series" = 2000"#), 1, 1);
    for metric in FATES
        .into_iter()
        .chain([Metric::LossRatio, Metric::BacklogPeak])
    {
        assert!(scene.value("fleet.logs", metric).is_nan(), "{metric:?}");
    }
    assert!(scene.value("fleet.logs", Metric::SeriesActivePeak).is_nan());
    let both = r#""fleet.logs.collects" = { logs = ["apps"], metrics = ["apps"] }, "fleet.logs.own_series" = 2000"#;
    let scene = play(changed(LOGS, both), 1, 1);
    assert!(scene.value("fleet.logs", Metric::SamplesOffered) > 0.0);
    // 200 pods on each of 30 nodes with one series each, and those of the collectors.
    assert!((scene.value("fleet.logs", Metric::SeriesActivePeak) - 66_000.0).abs() < 1.0);
}

#[test]
fn a_goal_about_samples_of_logs_has_no_value() {
    let goal = |require: &str| {
        let text = format!("{LOGS}\n[[goal]]\nname = \"g\"\nrequire = \"{require}\"\n");
        let mut study = checked(&text.replace("draws = 100", "draws = 2")).study;
        study.cases.truncate(1);
        results(study, 1).requirements.remove(0)
    };
    for require in [
        "p95(loss_ratio in fleet.logs) < 1%",
        "probability(any data_lost in fleet.logs) < 99%",
    ] {
        assert_eq!(goal(require).no_value, Some("the fleet scrapes no metrics"));
    }
    assert_eq!(
        goal("p95(memory_peak_bytes in fleet.logs) < 1TB").no_value,
        None
    );
}
