//! What a collector costs, as users reported it.

use alloy_sim::model::record::catalogue::Metric;

use crate::support::platform::of_pods;
use crate::support::scene::{Scene, blueprint, changed, play, variant};

const QUIET: &str = include_str!("quiet-daemon.toml");
const AWAY: &str = include_str!("receiver-away.toml");
const GROWTH: &str = include_str!("slow-growth.toml");
const LINES: &str = include_str!("lines-and-streams.toml");

/// A quantile of a metric over draws.
fn at(scene: &Scene, scope: &str, metric: Metric, share: f64) -> f64 {
    let mut values = scene.values(scope, metric);
    values.sort_unstable_by(f64::total_cmp);
    let last = (values.len() - 1) as f64;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "an index"
    )]
    let index = (share * last).round() as usize;
    values[index]
}

/// 80 MB and 10 to 30 millicores were reported of a daemon that tails next to nothing.
#[test]
fn a_quiet_daemon_takes_what_was_reported() {
    let scene = play(blueprint(QUIET), 1, 300);
    let memory = |share| at(&scene, "fleet.logs", Metric::MemoryPeak, share) / 1e6;
    assert!((60.0..=160.0).contains(&memory(0.5)), "{}", memory(0.5));
    assert!(memory(0.05) < 80.0 && memory(0.95) > 80.0);
    let cores = |share| at(&scene, "fleet.logs", Metric::CpuMean, share) / 5.0;
    assert!(
        cores(0.95) >= 0.010 && cores(0.05) <= 0.030,
        "{}",
        cores(0.95)
    );
}

/// 6.0 us per sample, 0.44 core here, and 39 % less while nothing is sent.
#[test]
fn a_collector_whose_receiver_is_away_does_not_pay_for_sending() {
    let base = play(blueprint(AWAY), 1, 100);
    let away = play(variant(AWAY, "away"), 1, 100);
    let median = at(&base, "fleet.agent", Metric::CpuMean, 0.5);
    assert!((0.35..=0.6).contains(&median), "{median} cores");
    let cores = |scene: &Scene| scene.values("fleet.agent", Metric::CpuMean);
    for (base, away) in cores(&base).into_iter().zip(cores(&away)) {
        assert!(away <= 0.7 * base, "{away} of {base}");
    }
    // Truncations are skipped for six hours, so a third of the series are dead and still there.
    let memory = |scene: &Scene| at(scene, "fleet.agent", Metric::MemoryPeak, 0.5);
    assert!(memory(&away) < 1.35 * memory(&base));
}

/// 90 MiB a day: kills days apart, neither none nor one every four hours.
#[test]
fn a_process_that_grows_is_killed_every_few_days() {
    let grown = play(blueprint(GROWTH), 1, 100);
    let often = grown.values("fleet.metrics", Metric::OomCount);
    let some = often.iter().filter(|&&kills| kills >= 3.0).count();
    let many = often.iter().filter(|&&kills| kills > 15.0).count();
    assert!(some > 50 && many < 25, "{some} of 100, {many}");
    let calm = play(
        changed(GROWTH, r#""fleet.metrics.memory_growth_per_day" = "0B""#),
        1,
        100,
    );
    // A collector that fits never dies. One that does not, where the terms leave out six times what they
    // name, is one draw in 200: three of 100 have a probability of 1 %.
    let kills = calm.values("fleet.metrics", Metric::OomCount);
    assert!(kills.iter().filter(|&&kills| kills > 0.0).count() <= 2);
}

/// A thousand streams instead of ten: a third more CPU, and twice the memory. The reported CPU contains the
/// store on the same machine, which does not grow, so the collector's own ratio is larger. The reported
/// memory is of a process with nothing else, so the ratio of a process with other components is smaller.
#[test]
fn lines_and_streams_cost_apart() {
    let few = play(blueprint(LINES), 1, 200);
    let many = play(variant(LINES, "1000 streams"), 1, 200);
    let median = |scene: &Scene, metric| at(scene, "fleet.logs", metric, 0.5);
    assert!(median(&few, Metric::CpuMean) < 0.975);
    let cores = median(&many, Metric::CpuMean) / median(&few, Metric::CpuMean);
    let memory = median(&many, Metric::MemoryPeak) / median(&few, Metric::MemoryPeak);
    assert!(cores > 4.0 / 3.0 && cores < 2.0, "{cores}");
    assert!(memory > 4.0 / 3.0 && memory < 2.0, "{memory}");
    // Bytes cost too: the same lines, five times as long.
    let long = r#""workload.writers.logs_per_pod" = "750KB/s", "workload.writers.bytes_per_line" = "750B""#;
    let long = play(changed(LINES, long), 1, 200);
    assert!(median(&long, Metric::CpuMean) > median(&few, Metric::CpuMean));
}

/// One collector with everything known: 100,000 series in 100 targets, 400 bytes of labels.
const KNOWN: &str = r#"
    preset = "alloy-1.18"
    workload.apps.pods = 100
    workload.apps.restarts_per_day = "0%"
    fleet.all.own_series = 0
    fleet.all.restarts = "never"
    fleet.all.label_bytes = "400B"
    fleet.all.relabel_stages = 0
    fleet.all.memory_factor = 1
    fleet.all.memory_per_watched_pod = "0B"
    fleet.all.base_memory = "22MB"
    fleet.all.components_memory = "0B"
    fleet.all.memory_per_target = "0B"
    fleet.all.compressed_pages = false
    fleet.all.stack_per_target = "0B"
    fleet.all.binary_pages = "200MB"
"#;

fn known(set: &str) -> Scene {
    play(changed(&of_pods(KNOWN), set), 1, 1)
}

/// Live bytes of the collector beyond its base.
fn live(set: &str) -> f64 {
    known(set).value("fleet.all", Metric::LivePeak) - 22e6
}

/// Every holder of a series, in bytes: the sum was measured as 480 + 3.5 L.
#[test]
fn each_holder_adds_its_bytes() {
    let series = 100_000.0;
    let plain = 480.0 + 3.5 * 400.0;
    let second = r#""endpoint.second" = { signal = "metrics" }, "fleet.all.sends_to" = ["backend", "second"]"#;
    for (set, bytes) in [
        (r#""fleet.all.log_stages" = 1"#, plain),
        (r#""fleet.all.label_bytes" = "100B""#, 480.0 + 350.0),
        (r#""fleet.all.relabel_stages" = 1"#, plain + 140.0 + 480.0),
        (
            r#""fleet.all.relabel_stages" = 3"#,
            plain + 620.0 + 2.0 * 740.0,
        ),
        (
            r#""fleet.all.relabel_stages" = 3, "fleet.all.relabel_cache" = 50000"#,
            plain + 620.0 + 740.0,
        ),
        // Half of what is scraped is dropped: one dropped series for each that is kept.
        (r#""workload.apps.kept" = "50%""#, plain + 170.0 + 880.0),
        (second, plain + 150.0 + 580.0),
        (
            &format!(r#"{second}, "fleet.all.destinations" = "blocks""#),
            plain + 580.0,
        ),
    ] {
        let live = live(set);
        assert!(
            (live / (series * bytes) - 1.0).abs() < 1e-9,
            "{set}: {live}"
        );
    }
}

/// Anonymous memory, the working set and resident memory differ by pages of files alone.
#[test]
fn three_sizes_of_memory_differ_by_pages() {
    let scene = known(r#""fleet.all.active_pages" = "25%""#);
    let value = |metric| scene.value("fleet.all", metric);
    let (anonymous, log) = (value(Metric::MemoryPeak), value(Metric::WalPeak));
    let working = value(Metric::WorkingSetPeak);
    assert!((working - anonymous - 0.25 * (200e6 + log)).abs() < 1.0);
    assert!((value(Metric::ResidentPeak) - anonymous - 200e6).abs() < 1.0);
}

/// The soft limit is a share, bytes, or off: the smallest limit that suffices follows.
#[test]
fn a_soft_limit_lets_a_collector_live_in_less() {
    let needed = |limit: &str| {
        let set = format!(
            r#""fleet.all.gomemlimit" = {limit}, "fleet.all.resources" = {{ memory = {{ limit = "8GiB" }} }}"#
        );
        known(&set).value("fleet.all", Metric::MemoryLimitNeeded)
    };
    let (share, off) = (needed(r#""90%""#), needed(r#""off""#));
    // 1.05 times what is live, or 1.7 times; a minute's garbage is less.
    assert!(share < off, "{share} {off}");
    let between = needed(r#""250MiB""#);
    assert!(share < between && between < off, "{share} {between} {off}");
}

/// A copy of the labels for each active series and log, for as long as the process lives.
#[test]
fn a_replay_leaves_a_copy_of_the_labels() {
    let with = |volume: bool, stages: u32| {
        let set = format!(
            r#""fleet.all.volume" = {volume}, "fleet.all.relabel_stages" = {stages}, "fleet.all.log_stages" = 1"#
        );
        known(&set).value("fleet.all", Metric::MemoryRestartPeak)
    };
    let copies = 100_000.0 * 1.1 * 400.0;
    let added = with(true, 0) - with(false, 0);
    // The least limit that holds them: 5 % of room and the overhead of the heap.
    assert!(
        (added / (copies * 1.05 * 1.13) - 1.0).abs() < 1e-6,
        "{added}"
    );
    assert!((with(true, 1) - with(false, 1)).abs() < 1.0);
}
