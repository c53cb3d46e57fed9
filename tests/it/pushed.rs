//! Samples that clients push to a receiver.

use alloy_sim::model::record::catalogue::Metric;

use crate::support::platform::{of_jobs, of_pods};
use crate::support::scene::{Scene, blueprint, changed, play};

/// Two central collectors of a thousand pods with a thousand series each, whose numbers are round.
const TWO: &str = r#"
    preset = "alloy-1.18"
    fleet.all.replicas = 2
    fleet.all.own_series = 0
    fleet.all.compressed_pages = false
    fleet.all.memory_per_watched_pod = "0B"
    fleet.all.restarts = "never"
    fleet.all.cpu_factor = 1
    fleet.all.memory_factor = 1
    fleet.all.label_bytes = "200B"
    fleet.all.relabel_stages = 0
    fleet.all.memory_per_target = "14KB"
    fleet.all.cpu_per_scrape = "600us"
    workload.apps.restarts_per_day = "0%"
"#;

const PUSH: &str = r#""fleet.all.metric_source" = "push""#;

fn both() -> [Scene; 2] {
    let text = of_pods(TWO);
    let [scraped, pushed] = [blueprint(&text), changed(&text, PUSH)];
    [scraped, pushed].map(|blueprint| play(blueprint, 1, 1))
}

fn value(scene: &Scene, metric: Metric) -> f64 {
    scene.value("fleet.all", metric)
}

#[test]
fn nobody_scrapes_what_is_pushed() {
    let [scraped, pushed] = both();
    assert!(value(&scraped, Metric::ScrapePeak) > 0.0);
    assert!(value(&pushed, Metric::ScrapePeak).is_nan());
    // A thousand scrapes a minute cost 0.6 ms each.
    let cores = value(&scraped, Metric::CpuMean) - value(&pushed, Metric::CpuMean);
    assert!((cores - 1000.0 / 60.0 * 0.6e-3).abs() < 1e-5, "{cores}");
    for metric in [Metric::SamplesOffered, Metric::SamplesSent] {
        let (here, there) = (value(&scraped, metric), value(&pushed, metric));
        assert!((here - there).abs() < 1e-9 * here, "{metric:?}");
    }
}

/// Without a scrape there is no cache of scrapes: 150 B and 1.1 B per byte of labels. Nor is there
/// anything per target.
#[test]
fn a_pushed_series_takes_no_cache_of_scrapes() {
    let [scraped, pushed] = both();
    let live = |scene| value(scene, Metric::LivePeak);
    let series = value(&pushed, Metric::SeriesPerCollectorPeak);
    assert!((series - 500_000.0).abs() < 1.0, "{series}");
    let most = value(&scraped, Metric::SeriesPerCollectorPeak);
    let per_series = 150.0 + 1.1 * 200.0;
    let expected = live(&scraped) - live(&pushed);
    // The ring deals the scraped targets, so its largest member has more series than half of them.
    let other = 480.0 + 3.5 * 200.0 - per_series;
    let target = 14e3 / 1_000.0;
    let wanted = most * (per_series + target) + (most - series) * other;
    assert!(
        (expected / wanted - 1.0).abs() < 0.02,
        "{expected} {wanted}"
    );
}

/// The ring serves scrapes only. A load balancer spreads what is pushed.
#[test]
fn a_load_balancer_spreads_what_is_pushed() {
    let [scraped, pushed] = both();
    let largest = |scene| value(scene, Metric::SeriesPerCollectorPeak);
    assert!(largest(&scraped) > 500_100.0);
    assert!((largest(&pushed) - 500_000.0).abs() < 1.0);
}

/// A job of 30 s ends before its first scrape in three of four cases. A push loses none.
#[test]
fn a_central_receiver_sees_every_job_that_pushes() {
    let central = r#"
        fleet = [{ name = "all", topology = "centralized", replicas = 1, collects = { metrics = ["batch"] }, sends_to = ["backend"] }]
    "#;
    let text = of_jobs(central);
    let scraped = play(blueprint(&text), 1, 1);
    let pushed = play(changed(&text, PUSH), 1, 1);
    assert!(value(&scraped, Metric::MissedPull) > 0.0);
    assert!(value(&pushed, Metric::MissedPull).abs() < 1e-12);
    assert!(value(&pushed, Metric::JobsUnseen).abs() < 1e-12);
}

/// Samples that are pushed while nobody is there are missed, as are those that nobody scrapes.
#[test]
fn a_receiver_that_is_away_misses_what_is_pushed() {
    let one = r#"
        fleet.all.replicas = 1
        fleet.all.updates = { at = ["12h"] }
    "#;
    let text = of_pods(&[TWO, one].concat());
    let scene = play(changed(&text, PUSH), 1, 1);
    let missed = value(&scene, Metric::MissedDown);
    assert!(missed > 0.0, "{missed}");
}
