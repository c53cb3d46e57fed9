//! Real Alloy that tails a file while its endpoint is away or it is stopped, measured (not published) on
//! two virtual cores in November 2026: 2,000 lines of 200 B a second, rows A4.8 to A4.11.

use alloy_sim::model::record::catalogue::{Failure, Metric};

use crate::support::platform::platform;
use crate::support::scene::{Scene, blueprint, play};

/// Bytes per second that are written.
const RATE: f64 = 400e3;

/// Draws, each with waits of its own.
const DRAWS: u32 = 200;

/// One collector with all that was known. Its file is rotated by nobody.
const KNOWN: &str = r#"
    experiment = { horizon = "2h", draws = 1, start = "cold", grid = "1m" }
    cluster.prod.pool = [{ name = "general", nodes = 1, node = { cpu = 2, memory = "23GiB" }, drains = "never" }]
    workload.hosts.logs_per_pod = "400kB/s"
    workload.hosts.bytes_per_line = "200B"
    workload.hosts.log_rotated_at = "1TB"
    fleet.all.collects = { logs = ["hosts"] }
    fleet.all.discovery = "node"
    fleet.all.memory_per_watched_pod = "0B"
    fleet.all.base_memory = "22MB"
    fleet.all.components_memory = "2MB"
    fleet.all.log_stages = 0
    fleet.all.idle_cpu = 0.0015
    fleet.all.memory_factor = 1
    fleet.all.cpu_factor = 1
    endpoint = [{ name = "backend", signal = "logs", latency = "2ms" }]
"#;

fn known(changes: &str, draws: u32) -> Scene {
    play(blueprint(&platform(&[KNOWN, changes].concat())), 1, draws)
}

const OUTAGE: &str = r#"
    endpoint.backend.outages = [{ at = "60m", for = "180s", answer = "refused" }]
"#;

/// A4.8: nothing was lost, the sender came back 120 s after the endpoint, and 490,000 lines left within
/// 5 s. The live heap grew by 25 MB.
#[test]
fn a_refused_endpoint_makes_lines_late_and_loses_none() {
    let scene = known(OUTAGE, DRAWS);
    let values = |metric| scene.values("fleet.all", metric);
    assert!(values(Metric::LogsLost).iter().all(|&lost| lost == 0.0));
    assert!(
        values(Metric::LogsDoubled)
            .iter()
            .all(|&twice| twice == 0.0)
    );
    let mut late = values(Metric::LogsLag);
    late.sort_by(f64::total_cmp);
    // A random wait: the measured one lies within the range of its law.
    let (first, last) = (late[0] - 180.0, late[late.len() - 1] - 180.0);
    assert!(first < 120.0 && last > 120.0, "{first} to {last} s");
    let calm = known("", 1).value("fleet.all", Metric::LivePeak);
    let grown = scene.value("fleet.all", Metric::LivePeak) - calm;
    assert!((grown / 25e6 - 1.0).abs() < 0.2, "{grown} bytes");
    // It reads 100,000 lines a second on its one core: 20 MB/s, so less than ten seconds.
    assert!(values(Metric::LogsPending).iter().all(|&waits| waits < 1.0));
}

/// A4.9: one rotation within a stall lost nothing: the reader keeps the file that it has open.
#[test]
fn one_rotation_in_a_stall_loses_nothing() {
    // 72 to 180 MB are written meanwhile, of which the queue takes 12 MiB.
    let rotated = known(
        &[OUTAGE, "workload.hosts.log_rotated_at = \"180MB\""].concat(),
        DRAWS,
    );
    let lost = rotated.values("fleet.all", Metric::LogsLost);
    assert!(lost.iter().all(|&lost| lost == 0.0), "{lost:?}");
}

/// A4.10: a stop loses nothing and repeats nothing while the endpoint answers. A4.11: in an outage the
/// 60,000 lines of the queue are lost, since the positions are already past them.
#[test]
fn a_stop_loses_the_queue_in_an_outage_only() {
    let stop = r#"
        fleet.all.volume = true
        fleet.all.updates = { at = ["62m"] }
    "#;
    let calm = known(stop, 1);
    // The chance that its file of a terabyte is rotated just then is a few bytes.
    for metric in [Metric::LogsLost, Metric::LogsDoubled] {
        assert!(calm.value("fleet.all", metric) < 200.0, "{metric:?}");
    }
    let scene = known(&[OUTAGE, stop].concat(), 1);
    let lost = scene.value("fleet.all", Metric::LogsLostLines);
    assert!((lost / 60_000.0 - 1.0).abs() < 0.2, "{lost} lines");
    let by_cause = scene.value("fleet.all", Metric::LogsLostRestart) / 200.0;
    // The chance of a rotation while it is away is three lines of the file of a terabyte.
    assert!((by_cause - lost).abs() < 10.0);
}

/// A4.10: a kill loses nothing and repeats 18,000 lines, since positions are saved every ten seconds.
/// The model's collector dies of its memory; it repeats ten seconds, the mean of up to twenty.
#[test]
fn a_kill_repeats_what_was_read_since_positions_were_saved() {
    let killed = known(
        r#"
        fleet.all.volume = true
        fleet.all.memory_growth_per_day = "2GB"
        fleet.all.resources = { memory = { limit = "110MB" } }
        "#,
        1,
    );
    let kills = killed.value("fleet.all", Metric::OomCount);
    assert!(kills >= 1.0 && killed.fails("fleet.all", Failure::Oom));
    let twice = killed.value("fleet.all", Metric::LogsDoubled) / kills / 200.0;
    assert!((twice - 10.0 * RATE / 200.0).abs() < 1.0, "{twice} lines");
    assert!((twice / 18_000.0 - 1.0).abs() < 0.2, "{twice} lines");
    assert!(killed.value("fleet.all", Metric::LogsLostRestart) == 0.0);
}

/// A4.10: a stop while shards sleep after an outage waits until they wake up, and loses nothing. It took 61 s.
/// Without the time for that it loses what they hold.
#[test]
fn a_stop_after_an_outage_waits_for_its_shards() {
    let stop = r#"
        fleet.all.volume = true
        fleet.all.updates = { at = ["3786s"] }
    "#;
    let patient = known(
        &[OUTAGE, stop, "    fleet.all.grace = \"300s\"\n"].concat(),
        DRAWS,
    );
    let values = |scene: &Scene, metric| scene.values("fleet.all", metric);
    let lost = values(&patient, Metric::LogsLostRestart);
    assert!(lost.iter().all(|&lost| lost == 0.0));
    let took = values(&patient, Metric::StopSeconds);
    let longest = took.iter().copied().fold(0.0, f64::max);
    // The wait in which the endpoint returned is the eighth or the ninth: it ends up to 256 s later.
    assert!((61.0..=256.0).contains(&longest), "{longest} s");
    let hasty = known(
        &[OUTAGE, stop, "    fleet.all.grace = \"0s\"\n"].concat(),
        DRAWS,
    );
    let lost = values(&hasty, Metric::LogsLostRestart);
    let with_loss = lost.iter().filter(|&&lost| lost > 0.0).count();
    let asleep = took.iter().filter(|&&took| took > 0.0).count();
    assert!(
        with_loss > 0 && with_loss == asleep,
        "{with_loss}, {asleep}"
    );
}
