//! Real Alloy whose endpoint goes away, measured (not published) on two virtual cores in November
//! 2026: what was lost, how long it took, and what it needed.

use alloy_sim::model::record::catalogue::Metric;
use alloy_sim::model::wal::Process;
use alloy_sim::units::SimTime;

use crate::support::platform::platform;
use crate::support::scene::{Scene, blueprint, play};
use crate::wal_theory::{self, HOUR, MINUTE, Rule};

/// 100,000 series of 201 bytes of labels in pages of a thousand, every 5 s, with all that was known.
const KNOWN: &str = r#"
    experiment = { horizon = "2h", draws = 1, start = "cold", grid = "1m" }
    cluster.prod.pool = [{ name = "general", nodes = 1, node = { cpu = 2, memory = "23GiB" }, drains = "never" }]
    workload.hosts.pods = 100
    workload.hosts.series_per_target = 1000
    workload.hosts.scrape_interval = "5s"
    fleet.all.discovery = "node"
    fleet.all.memory_per_watched_pod = "0B"
    fleet.all.label_bytes = "201B"
    fleet.all.relabel_stages = 0
    fleet.all.compressed_pages = false
    fleet.all.base_memory = "22MB"
    fleet.all.components_memory = "2MB"
    fleet.all.idle_cpu = 0.004
    fleet.all.memory_factor = 1
    fleet.all.cpu_factor = 1
    fleet.all.cpu_per_truncated_series = "0s"
    fleet.all.wal_per_sample = "10.7B"
    endpoint.backend.latency = "2ms"
"#;

fn known(changes: &str) -> Scene {
    play(blueprint(&platform(&[KNOWN, changes].concat())), 1, 1)
}

/// A3.1: connections refused for three minutes. 3.7 million samples left within 14 s.
#[test]
fn a_short_outage_loses_nothing_and_is_over_soon() {
    let scene =
        known(r#"endpoint.backend.outages = [{ at = "61m", for = "180s", answer = "refused" }]"#);
    let value = |metric| scene.value("fleet.all", metric);
    let lost = [
        Metric::LostTruncation,
        Metric::LostRestart,
        Metric::LostOverload,
    ];
    assert!(lost.map(value).iter().all(|&lost| lost == 0.0));
    let drained = value(Metric::DrainSeconds);
    assert!((drained - 14.0).abs() <= 5.0, "{drained} s");
    let backlog = value(Metric::BacklogPeak);
    assert!((backlog / 3.7e6 - 1.0).abs() < 0.15, "{backlog} samples");
    // 282 MB before; shards that read the last of the backlog took up to 75 MB more.
    let memory = value(Metric::MemoryPeak);
    assert!(
        memory > 0.85 * 282e6 && memory < 1.15 * 357e6,
        "{memory} bytes"
    );
}

/// A3.3: truncations every minute, and outages of 2, 4 and 7 minutes at 43 kB/s.
#[test]
fn outages_of_several_truncations_lose_nothing() {
    for seconds in [120, 240, 420] {
        for offset in [0, 17, 31, 47] {
            let scene = known(&format!(
                r#"
                workload.hosts.pods = 20
                fleet.all.wal = {{ truncate_every = "1m", keep_min = "10s" }}
                endpoint.backend.outages = [{{ at = "{}s", for = "{seconds}s" }}]
                "#,
                3_600 + offset
            ));
            let lost = scene.value("fleet.all", Metric::LostTruncation);
            assert!(lost == 0.0, "{seconds} s from {offset} s: {lost}");
        }
    }
}

/// A3.8: a process that is asked to stop within an outage takes a minute.
#[test]
fn a_stop_within_an_outage_takes_a_minute() {
    let scene = known(
        r#"
        endpoint.backend.outages = [{ at = "30m", for = "1h" }]
        fleet.all.restarts = "40m"
        fleet.all.grace = "90s"
        "#,
    );
    let stop = scene.value("fleet.all", Metric::StopSeconds);
    assert!((stop - 60.0).abs() <= 5.0, "{stop} s");
}

/// Seconds lost to an outage of `length` that starts so long after a truncation, with segments of
/// 512 KiB, five per minute. The WAL starts with some old segments.
pub(crate) fn lost(after: u64, length: u64, old: u32) -> f64 {
    const SECOND: u64 = MINUTE / 60;
    let rule = Rule {
        rate: (43_000, 1),
        every: MINUTE,
        keep_min: 10 * SECOND,
        keep_max: 8 * HOUR,
        skips: true,
    };
    let mut log = wal_theory::log(rule, &[]);
    log.truncation.full = 524_288.0;
    let mut process = Process::new(SimTime::ZERO, SimTime::ZERO);
    process.brought = old;
    let from = 20 * MINUTE + after * SECOND;
    let outage = (from, from + length * SECOND);
    wal_theory::lost(&log, &process, rule, outage) as f64 / 1e9
}

/// A3.4 and A3.5. Three or four old segments stay for ever, if they once were there. The run of 120 s
/// lost nothing, as with one old segment; without any the rule takes 116 s.
#[test]
fn the_segment_rule_holds_to_the_second() {
    assert!((lost(5, 90, 0) - 97.0).abs() <= 15.0, "{}", lost(5, 90, 0));
    for (after, length) in [(28, 90), (14, 54), (48, 240)] {
        assert!(lost(after, length, 0) == 0.0, "{after} s: {length} s");
    }
    assert!(lost(8, 120, 4) == 0.0);
}
