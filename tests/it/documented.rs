//! What Alloy's documents and issues say comes out of the simulated fleet. The first and the last case
//! are calibration (a coefficient was taken from there), the others follow from mechanisms.

use alloy_sim::model::record::catalogue::Metric;

use crate::support::platform::CALM;
use crate::support::scene::{Estimate, SEEDS, blueprint, changed, play};

/// A million series on one collector.
const ONE: &str =
    r#""cluster.prod.pool.general.nodes" = 1, "workload.hosts.series_per_target" = 1000000"#;

/// The calm platform with the constants of Alloy's documents.
fn documented() -> String {
    CALM.replacen("format = 1", "format = 1\npreset = \"alloy-docs\"", 1)
}

/// Alloy's page on resource usage: 0.4 cores and 11 GiB per million series at 60 s; its page on
/// `prometheus.remote_write`: the shards of a million series suffice by far. Calibration.
#[test]
fn a_million_series_cost_what_the_documents_say() {
    let measured = r#""fleet.all.memory_per_series" = "11811B", "fleet.all.base_memory" = "0B",
        "fleet.all.outside_heap" = "0B", "fleet.all.memory_per_watched_pod" = "0B",
        "fleet.all.cpu_per_sample" = "24us", "fleet.all.wire_per_sample" = "30.2B""#;
    let scene = play(
        changed(
            &documented(),
            &format!("{ONE}, {}", measured.replace('\n', " ")),
        ),
        1,
        1,
    );
    let value = |metric| scene.value("fleet.all", metric);
    // 11 GiB are 11,811 bytes per series.
    assert!((value(Metric::MemoryPeak) / (11.0 * (1_u64 << 30) as f64) - 1.0).abs() < 1e-4);
    // One scrape a minute costs 0.42 ms besides.
    let cores = 0.4 + 0.000_42 / 60.0;
    let peak = value(Metric::CpuPeak);
    assert!((peak / cores - 1.0).abs() < 1e-6, "{peak} cores");
    // 1.5 MiB/s in both directions; the part that is sent is stated, as its median.
    let network = value(Metric::NetworkMean) / 1_048_576.0;
    assert!((network / 1.5 - 1.0).abs() < 0.01, "{network} MiB/s");
    assert!((value(Metric::ShardsPeak) - 1.0).abs() < 1e-12);
}

/// Alloy's page on `prometheus.remote_write`: 50 shards of 2,000 samples at 0.5 s take 200,000 samples
/// per second. Of 250,000 a fifth is lost, or waits for the next truncation that takes it.
#[test]
fn fifty_shards_take_200_000_samples_per_second() {
    let slow = r#", "endpoint.backend.latency" = "500ms", "experiment.start" = "cold""#;
    let set = ONE.replace("1000000", "15000000") + slow;
    let scene = play(changed(CALM, &set), 1, 1);
    let value = |metric| scene.value("fleet.all", metric);
    let seconds = 3.0 * 86_400.0;
    assert!((value(Metric::SamplesScraped) / seconds / 250_000.0 - 1.0).abs() < 1e-6);
    assert!((value(Metric::SamplesSent) / seconds / 200_000.0 - 1.0).abs() < 1e-6);
    let (lost, left) = (value(Metric::LostOverload), value(Metric::SamplesPending));
    assert!(((lost + left) / seconds / 50_000.0 - 1.0).abs() < 1e-6);
    // A backlog older than 40 min goes with a truncation: at the latest after two of them.
    assert!(lost > 0.9 * 50_000.0 * seconds && left < 4.0 * 3_600.0 * 50_000.0);
}

/// The rule for shards: after two hours without their endpoint collectors of 5,000 series, which need
/// one shard, all reach 50, and a thousand of them 50,000 ports behind one address.
#[test]
fn a_long_outage_multiplies_connections_by_fifty() {
    let outage = |length: &str| {
        let set = format!(r#""endpoint.backend.outages" = [{{ at = "1d", for = "{length}" }}]"#);
        play(changed(CALM, &set), 1, 1)
    };
    let long = outage("2h");
    assert!((long.value("fleet.all", Metric::ShardsPeak) - 50.0).abs() < 1e-12);
    let ports = long.value("egress.nat", Metric::PortsPeak);
    // "About 50,000", that is 5 %: not every phase of tick and retry leads to the last shard.
    assert!((47_500.0..=50_000.0).contains(&ports), "{ports} ports");
    let connections = long.value("fleet.all", Metric::ConnectionsPeak);
    assert!((connections - ports).abs() < 1e-9);
    // A minute is worked off before the rule may change anything.
    let short = outage("1m");
    assert!((short.value("egress.nat", Metric::PortsPeak) - 1_000.0).abs() < 1e-9);
}

/// A process that ends during an outage loses its whole backlog, volume or not (prometheus issue
/// 8809, alloy issue 4469): with restarts at a rate r, a collector loses of an outage of length D what
/// it took in before the last one, in the mean `D - (1 - exp(-r D)) / r` of its inflow.
#[test]
fn a_restart_in_an_outage_loses_the_backlog_even_with_a_volume() {
    // Restarts have no memory, so a few hours before the outage are as good as a day.
    let restarts = r#""experiment.horizon" = "8h", "experiment.start" = "cold",
        "endpoint.backend.outages" = [{ at = "6h", for = "100m" }],
        "fleet.all.restarts" = "2h", "fleet.all.restart_gap" = "0s", "fleet.all.replay_rate" = 1e12,
        "fleet.all.wal" = { truncate_every = "12h" }, "fleet.all.volume" ="#;
    let set = |volume: bool| format!("{} {volume}", restarts.replace('\n', " "));
    let (hours, length) = (2.0 * 3_600.0, 6_000.0);
    let seconds = length - (1.0 - f64::exp(-length / hours)) * hours;
    let expected = 1_000.0 * 5_000.0 / 60.0 * seconds;
    for volume in [true, false] {
        for seed in SEEDS {
            let scene = play(changed(CALM, &set(volume)), seed, 60);
            let lost = scene.values("fleet.all", Metric::LostRestart);
            Estimate::of(&lost).assert_agrees(expected, 0.005);
        }
    }
    let calm = play(blueprint(CALM), 1, 1);
    assert!(calm.value("fleet.all", Metric::LostRestart).abs() < 1e-9);
}

/// grafana/alloy issue 3641: 1.75 million series take 12 GB at the start and 6 to 7 GB minutes later, 1.7
/// to 2 times as much. Calibration: the preset's replay peak was taken from there, and the bytes per
/// series are stated; what comes out of the process is the restart.
#[test]
fn replay_doubles_the_memory_of_a_reported_process() {
    let reported = r#""cluster.prod.pool.general.nodes" = 1, "workload.hosts.pods" = 1750,
        "workload.hosts.series_per_target" = 1000, "fleet.all.memory_per_series" = "3.6KB",
        "fleet.all.volume" = true, "fleet.all.base_memory" = "50MB", "fleet.all.restarts" = "3d""#;
    let scene = play(changed(&documented(), &reported.replace('\n', " ")), 1, 100);
    let mean = |metric| scene.value("fleet.all", metric);
    let (rest, restarted) = (
        mean(Metric::MemoryRest),
        mean(Metric::MemoryRestartResident),
    );
    assert!((6e9..=7e9).contains(&rest), "{rest} at rest");
    assert!(
        (restarted / 12e9 - 1.0).abs() < 0.05,
        "{restarted} at the start"
    );
    assert!((1.7..=2.0).contains(&(restarted / rest)));
}
