//! Collectors with less CPU than they demand: who waits, who misses, and since when.

use alloy_sim::model::record::catalogue::{Failure, Metric};

use crate::support::platform::of_pods;
use crate::support::scene::{Scene, blueprint, changed, play, play_all};

const SHARED: &str = include_str!("logs-and-metrics-share-cpu.toml");
const LATE: &str = include_str!("late-cpu.toml");

/// Tailing asks for 0.996 core and scraping for some millicores. Whatever the limit, scrapes go on, and
/// lines wait for what is left of it.
#[test]
fn scrapes_are_not_starved_by_tailing() {
    for (name, scene) in play_all(SHARED, 10).into_iter().skip(1) {
        let limit: f64 = name.rsplit('=').next().unwrap().parse().unwrap();
        let values = |metric| scene.values("fleet.m", metric);
        let missed = values(Metric::MissedCpu);
        assert!(missed.iter().all(|&missed| missed <= 0.0), "{name}");
        let durations = values(Metric::ScrapePeak);
        assert!(
            durations.iter().all(|&seconds| seconds < 0.2),
            "{name}: {durations:?}"
        );
        for (late, demand) in values(Metric::LogsLate)
            .into_iter()
            .zip(values(Metric::CpuPeak))
        {
            // 1020 KiB/s at a core second per MiB.
            let lines = 1_020.0 / 1_024.0;
            let read = (limit / lines).min(1.0);
            let others = (demand - lines) / lines;
            assert!(late >= 1.0 - read - 1e-9, "{name}: {late}");
            assert!(
                late <= (1.0 - read + others) + 1e-9,
                "{name}: {late}, others {others}"
            );
        }
        assert_eq!(
            scene.fails("fleet.m", Failure::CpuShort),
            limit < 1.0,
            "{name}"
        );
    }
}

/// Five times too little from the first second on: short at the start, or never where a draw fits.
#[test]
fn a_shortage_is_dated_to_its_beginning() {
    let base = play(blueprint(LATE), 1, 50);
    let first = base.first("fleet.f", Failure::CpuShort);
    assert!(
        first.iter().flatten().all(|&first| first <= 0.0),
        "{first:?}"
    );
    assert!(first.iter().flatten().count() > 40);
    let tight = r#""fleet.f.resources" = { cpu = { request = "4m", limit = "8m" } }"#;
    let tight = play(changed(LATE, tight), 1, 50);
    let first = tight.first("fleet.f", Failure::CpuShort);
    assert!(first.iter().all(|&first| first == Some(0.0)), "{first:?}");
}

/// One central collector: 120,000 series once a minute at 100 us per sample ask for a fifth of a core.
const KNOWN: &str = r#"
    preset = "alloy-docs"
    workload.apps.pods = 120
    workload.apps.restarts_per_day = "0%"
    workload.apps.scrape_timeout = "60s"
    fleet.all.own_series = 0
    fleet.all.restarts = "never"
    fleet.all.runs_on = ["prod.general"]
    fleet.all.wal.truncate_every = "0s"
    fleet.all.cpu_factor = 1
    fleet.all.idle_cpu = 0
    fleet.all.cpu_per_sample = "100us"
    fleet.all.cpu_per_scrape = "0s"
    fleet.all.cpu_per_new_series = "0s"
    fleet.all.cpu_per_log_mib = "1s"
"#;

/// Logs that ask for so many cores beside the metrics.
fn logs(cores: f64) -> String {
    format!(
        r#"
    endpoint.files.signal = "logs"
    fleet.all.collects = {{ metrics = ["apps"], logs = ["apps"] }}
    fleet.all.sends_to = ["backend", "files"]
    workload.apps.logs_per_pod = "{}B/s"
"#,
        cores * 1_048_576.0 / 120.0
    )
}

fn known(text: &str, set: &str) -> Scene {
    play(changed(&of_pods(&[KNOWN, text].concat()), set), 1, 1)
}

fn limited(text: &str, limit: f64) -> Scene {
    known(
        text,
        &format!(r#""fleet.all.resources" = {{ cpu = {{ limit = {limit} }} }}"#),
    )
}

/// Shares of samples missed and of log bytes that waited.
fn shortage(scene: &Scene) -> [f64; 2] {
    let value = |metric| scene.value("fleet.all", metric);
    let missed = value(Metric::MissedCpu) / value(Metric::SamplesOffered);
    [missed, value(Metric::LogsLate)]
}

#[track_caller]
fn assert_near(got: f64, expected: f64) {
    assert!((got - expected).abs() < 1e-6, "{got} is not {expected}");
}

/// Metrics alone miss what they lack.
#[test]
fn metrics_alone_miss_their_shortage() {
    for (limit, missed) in [(0.25, 0.0), (0.2, 0.0), (0.15, 0.25), (0.08, 0.6)] {
        let scene = limited("", limit);
        let [got, late] = shortage(&scene);
        assert_near(got, missed);
        assert!(late.is_nan(), "no logs are tailed");
        assert_eq!(scene.fails("fleet.all", Failure::CpuShort), missed > 0.0);
    }
}

/// Logs alone wait for what they lack, and nothing is missed.
#[test]
fn logs_alone_wait() {
    let alone = [&logs(0.4), "fleet.all.collects = { logs = [\"apps\"] }\n"].concat();
    for (limit, late) in [(0.5, 0.0), (0.3, 0.25), (0.1, 0.75)] {
        let scene = limited(&alone, limit);
        assert_near(scene.value("fleet.all", Metric::LogsLate), late);
        assert!(scene.value("fleet.all", Metric::MissedCpu).is_nan());
        assert_eq!(scene.fails("fleet.all", Failure::CpuShort), late > 0.0);
    }
}

/// Logs of 0.4 core pay first and almost alone. Where the metrics ask for more than 94 % of the limit,
/// lines keep 6 % of it, and samples are missed.
#[test]
fn logs_pay_before_metrics() {
    for (limit, missed, late) in [
        (0.6, 0.0, 0.0),
        (0.5, 0.0, 0.25),
        (0.3, 0.0, 0.75),
        (0.15, 1.0 - 0.15 * 0.94 / 0.2, 1.0 - 0.15 * 0.06 / 0.4),
    ] {
        let got = shortage(&limited(&logs(0.4), limit));
        assert_near(got[0], missed);
        assert_near(got[1], late);
    }
}

/// Logs that ask for less than what they keep lose nothing to a flood of samples.
#[test]
fn few_lines_are_read_in_time() {
    let [missed, late] = shortage(&limited(&logs(0.005), 0.1));
    assert_near(late, 0.0);
    assert_near(missed, 1.0 - 0.095 / 0.2);
}

/// A node without room for its collectors grants less than a limit would, and lines pay first as well.
#[test]
fn a_shared_node_starves_lines_first() {
    // 120 pods want 6 of 4 cores. By weight the collector gets some 0.22 of the 0.6 that it asks for.
    let crowd = r#"
    cluster.prod.pool = [{ name = "general", nodes = 1, node = { cpu = 4, memory = "64GiB" }, drains = "never" }]
    workload.apps.cpu_per_pod = "50m"
    workload.apps.cpu_request_per_pod = "30m"
    fleet = [{ name = "all", topology = "host-daemon", runs_on = ["prod.general"] }]
"#;
    let text = [crowd, KNOWN, &logs(0.4)].concat();
    let set = r#""fleet.all.resources" = { cpu = { request = "400m" } }"#;
    let scene = play(changed(&of_pods(&text), set), 1, 1);
    let [missed, late] = shortage(&scene);
    assert!(late > 0.1 && missed <= 1e-9, "{late} {missed}");
}

/// A step of the load within a cell of a day is the beginning.
#[test]
fn a_shortage_begins_with_a_step() {
    let step = r#"
    experiment.horizon = "3d"
    experiment.grid = "1d"
    workload.apps.pods = { start = 120, steps = [{ at = "30h", factor = 2 }] }
"#;
    let scene = limited(step, 0.3);
    let first = scene.first("fleet.all", Failure::CpuShort);
    assert_eq!(first, [Some(30.0 * 3_600.0)]);
    // 42 of 72 hours at twice the load, of which a quarter has no CPU.
    let expected = 42.0 * 2.0 * 0.25 / (30.0 + 42.0 * 2.0);
    assert_near(shortage(&scene)[0], expected);
}

/// A process that grows leaves less room for garbage, until collecting it takes more CPU than there is.
#[test]
fn a_shortage_by_garbage_begins_within_a_segment() {
    const HORIZON: f64 = 3.0 * 86_400.0;
    let growing = |limit: f64| {
        let text = r#"
    experiment.horizon = "3d"
    experiment.grid = "1d"
    fleet.all.memory_per_series = "10KB"
    fleet.all.base_memory = "0B"
    fleet.all.memory_growth_per_day = "200MB"
    fleet.all.gc_share = "20%"
    fleet.all.resources.memory.limit = "1.7GiB"
"#;
        known(
            text,
            &format!(r#""fleet.all.resources.cpu.limit" = {limit}"#),
        )
    };
    // Half of all CPU instead of a fifth, in the end.
    let most = 0.2 * 0.8 / 0.5;
    assert_near(growing(4.0).value("fleet.all", Metric::CpuPeak), most);
    let mut latest = 0.0;
    for limit in [0.22, 0.25, 0.28] {
        let scene = growing(limit);
        let first = scene.first("fleet.all", Failure::CpuShort)[0].unwrap();
        assert!(first > latest && first < HORIZON, "{limit}: {first}");
        assert!(first % 86_400.0 > 1.0, "no edge of a segment: {first}");
        // Nothing is missed before, and no more than at the end.
        let bound = (1.0 - first / HORIZON) * (1.0 - limit / most);
        let [missed, _] = shortage(&scene);
        assert!(
            missed > 0.0 && missed <= bound + 1e-6,
            "{limit}: {missed} {bound}"
        );
        latest = first;
    }
}

/// Two threads spend the quota of a limit below two cores before the period ends: a scrape waits for the
/// next period, though the mean suffices. A limit of two or four whole cores is never spent early.
#[test]
fn a_quota_delays_scrapes_where_the_mean_suffices() {
    let seconds = |limit: f64| limited(&logs(0.2), limit).value("fleet.all", Metric::ScrapePeak);
    // 1,000 series at 100 us: a tenth of a core second, alone on its thread.
    let alone = |limit: f64| 0.1 / (1.0 - 0.2 / (limit - 0.06 * limit.min(0.2 / 0.06)));
    for limit in [2.0, 4.0] {
        assert_near(seconds(limit), alone(limit));
    }
    assert_near(seconds(1.0), alone(1.0) + 0.4 * 0.05);
    // Half a core: 50 ms of each period, two periods for one scrape, and three quarters of a period lost.
    let expected = (0.1 + 0.05) / (1.0 - 0.2 / 0.47) + 0.8 * 0.075;
    assert_near(seconds(0.5), expected);
}
