//! No sample and no port is unaccounted for, whatever fails. The world proves it in every draw; here
//! it has to prove it under every kind of fault, and the reported columns have to agree.

#![expect(clippy::float_cmp, reason = "whole samples are counted exactly")]

use alloy_sim::model::pipeline::ledger::{Intake, Ledger};
use alloy_sim::model::record::catalogue::{Failure, Metric};
use alloy_sim::units::SimDuration;

use crate::support::platform::of_pods;
use crate::support::scene::{Scene, changed, play, play_all};

/// Everything that can go wrong goes wrong, often.
const STORM: &str = r#"
format = 1
meta = { name = "storm" }
experiment = { horizon = "6d", draws = 1 }
[[cluster]]
name = "prod"
[[cluster.pool]]
name = "general"
nodes = { start = 30, growth_per_30d = "60%", season = { daily = "20%" } }
zones = 3
node = { cpu = 4, memory = "16GiB" }
drains = "2d"
node_failures = "3d"
zone_failures = [{ at = "50h", for = "2h", zone = 1 }]
[[workload]]
name = "apps"
runs_on = ["prod.general"]
pods = { start = 200, growth_per_30d = "80%", season = { daily = "40%", weekly = "30%" }, steps = [{ at = "70h", factor = 1.7 }] }
series_per_pod = { p5 = 200, p95 = 9000 }
scrape_interval = "30s"
rollouts = { per_day = 6, share = "50%", over = "20m" }
restarts_per_day = "30%"
incidents = { per_30d = 30, factor = { p5 = 1.5, p95 = 5 }, time_to_fix = { p5 = "20m", p95 = "9h" } }
logs_per_pod = "20KiB/s"
cpu_per_pod = { p5 = 0.05, p95 = 0.8 }
memory_per_pod = "300MiB"
[[workload]]
name = "batch"
kind = "job"
runs_on = ["prod.general"]
series_per_pod = { p5 = 100, p95 = 30000 }
jobs = { per_hour = 300, lifetime = { p5 = "10s", p95 = "30m" } }
[[fleet]]
name = "all"
topology = "centralized"
replicas = 4
runs_on = ["prod.general"]
collects = { metrics = ["apps"] }
sends_to = ["metrics"]
resources = { memory = { limit = "2GiB" }, cpu = { limit = 0.3 } }
restarts = "1d"
remote_write = { shards_max = 2 }
[[endpoint]]
name = "metrics"
signal = "metrics"
via = "nat"
latency = { p50 = "300ms", p95 = "2s" }
outages = [{ at = "3h", for = "20m" }, { at = "30h", for = "7h" }, { at = "60h", for = "40h" }]
[[endpoint]]
name = "logs"
signal = "logs"
via = "nat"
[[egress]]
name = "nat"
provider = "custom"
ports_per_address = 300
sharing = "shared"
hold = "1m"
[[variant]]
name = "no volume and little memory"
set = { "fleet.all.controller" = "deployment", "fleet.all.remote_write.http2" = true, "fleet.all.resources" = { memory = { limit = "512MiB" } } }
[[variant]]
name = "hashmod"
set = { "fleet.all.share" = "hashmod" }
[[variant]]
name = "load balancer from a cold start"
set = { "fleet.all.share" = "load-balancer", "experiment.start" = "cold" }
[[variant]]
name = "rollouts in order that wait for their size"
set = { "fleet.all.pod_management" = "ordered", "fleet.all.wait_for_size" = 3, "fleet.all.wait_timeout" = "20m", "fleet.all.updates" = { every = "17h" }, "fleet.all.grace" = "90s" }
[[variant]]
name = "a cold start in order"
set = { "experiment.start" = "cold", "fleet.all.pod_management" = "ordered", "fleet.all.wait_for_size" = 4, "fleet.all.updates" = { at = ["10m", "31h", "3d"], max_unavailable = 2 } }
[[variant]]
name = "a Deployment that surges"
set = { "fleet.all.controller" = "deployment", "fleet.all.updates" = { every = "5h" } }
[[variant]]
name = "host daemon"
unset = ["fleet.all.replicas"]
set = { "fleet.all.topology" = "host-daemon", "fleet.all.sends_to" = ["metrics", "logs"], "fleet.all.collects" = { metrics = ["apps"], logs = ["apps"] }, "egress.nat.ports_per_address" = 50, "fleet.all.updates" = { every = "9h", max_unavailable = "7%" } }
[[variant]]
name = "sidecar"
unset = ["fleet.all.replicas", "fleet.all.runs_on"]
set = { "fleet.all.topology" = "sidecar", "fleet.all.collects" = { metrics = ["apps", "batch"] } }
[[variant]]
name = "two fleets on the same nodes"
set = { "fleet.more" = { topology = "host-daemon", runs_on = ["prod.general"], collects = { metrics = ["batch"] }, sends_to = ["metrics"], resources = { memory = { limit = "300MiB" } } } }
[[variant]]
name = "many clusters"
set = { "cluster.prod.count" = 3, "egress.nat.sharing" = "per-destination" }
"#;

/// Faults that the storm must contain in some case, or it proves nothing.
const FAULTS: [Metric; 9] = [
    Metric::OomCount,
    Metric::RestartCount,
    Metric::DownSeconds,
    Metric::MissedDown,
    Metric::MissedCpu,
    Metric::LostRestart,
    Metric::LostTruncation,
    Metric::LostOverload,
    Metric::LostExit,
];

#[test]
fn every_sample_is_accounted_for_in_a_storm() {
    let cases = play_all(STORM, 20);
    for (name, scene) in &cases {
        for fleet in &scene.blueprint.fleets {
            assert_columns_balance(scene, &format!("fleet.{}", fleet.name), name);
        }
    }
    for fault in FAULTS {
        let most = |(_, scene): &(String, Scene)| scene.value("fleet.all", fault);
        let most = cases.iter().map(most).fold(0.0, f64::max);
        assert!(most > 0.0, "no case has any {fault:?}");
    }
    let has = |scope: &str, failure| cases.iter().any(|(_, scene)| scene.fails(scope, failure));
    assert!(has("egress.nat", Failure::PortsExhausted));
    assert!(has("pool.prod.general", Failure::NodeOom));
}

/// The columns are whole samples, rounded down stream by stream: each of the parts of a sum may lack
/// up to one sample per stream.
fn assert_columns_balance(scene: &Scene, fleet: &str, case: &str) {
    const STREAMS: f64 = 4.0;
    let sum = |metrics: &[Metric], draw: usize| -> f64 {
        metrics
            .iter()
            .map(|&metric| scene.values(fleet, metric)[draw])
            .sum()
    };
    let taken = [
        Metric::SamplesScraped,
        Metric::MissedDown,
        Metric::MissedCpu,
        Metric::MissedPull,
    ];
    let fates = [
        Metric::SamplesSent,
        Metric::SamplesPending,
        Metric::LostRestart,
        Metric::LostTruncation,
        Metric::LostOverload,
        Metric::LostRejected,
        Metric::LostExit,
    ];
    for draw in 0..scene.outcomes.len() {
        let offered = sum(&[Metric::SamplesOffered], draw);
        let lacking = offered - sum(&taken, draw);
        let allowed = 0.0..=STREAMS * taken.len() as f64;
        assert!(
            allowed.contains(&lacking),
            "{case}, draw {draw}: {lacking} of {offered}"
        );
        let scraped = sum(&[Metric::SamplesDue], draw);
        let lacking = scraped - sum(&fates, draw);
        let allowed = 0.0..=STREAMS * fates.len() as f64;
        assert!(
            allowed.contains(&lacking),
            "{case}, draw {draw}: {lacking} of {scraped}"
        );
        let lost = offered - sum(&[Metric::SamplesSent, Metric::SamplesPending], draw);
        let ratio = sum(&[Metric::LossRatio], draw);
        assert!(
            (ratio * offered - lost).abs() <= 30.0,
            "{case}, draw {draw}: {ratio}"
        );
    }
}

/// An endpoint that takes nothing for two hours of a day, and a log that keeps everything: what is
/// offered in a known time at a known rate is what arrives, to the sample.
const QUIET: &str = r#"
    workload.apps.pods = 512
    fleet.all.replicas = 2
    fleet.all.share = "load-balancer"
    endpoint.backend.outages = [{ at = "10h", for = "2h" }]
    variant = [{ name = "open end", set = { "endpoint.backend.outages" = [{ at = "22h", for = "4h" }] } }]
"#;

#[test]
fn what_is_offered_is_rate_times_time() {
    let all = 512_000.0 * 1_440.0;
    let cases = play_all(&of_pods(QUIET), 1);
    let value = |case: usize, metric| cases[case].1.value("fleet.all", metric);
    for case in [0, 1] {
        assert_eq!(value(case, Metric::SamplesOffered), all);
        assert_eq!(value(case, Metric::SamplesScraped), all);
        assert_eq!(value(case, Metric::LossRatio), 0.0);
        assert_eq!(value(case, Metric::BacklogPeak), all / 12.0);
    }
    assert_eq!(value(0, Metric::SamplesSent), all);
    assert_eq!(value(1, Metric::SamplesSent), all / 12.0 * 11.0);
    assert_eq!(value(1, Metric::SamplesPending), all / 12.0);
}

/// What one endpoint is behind at the start of the recorded time does not count for another one.
#[test]
fn an_endpoint_gets_what_is_due_in_the_recorded_time() {
    let changes = r#"preset = "alloy-docs", "fleet.all.restarts" = "never", "fleet.all.own_series" = 0, "workload.apps.restarts_per_day" = "0%", "fleet.all.sends_to" = ["backend", "slow"], "endpoint.slow" = { signal = "metrics", capacity = 1 }, "endpoint.backend.outages" = []"#;
    let scene = play(changed(&of_pods(QUIET), changes), 1, 1);
    let sent = scene.value("endpoint.backend", Metric::EndpointSent);
    assert!((sent - 512_000.0 * 1_440.0).abs() < 2.0, "{sent}");
    let slow = scene.value("endpoint.slow", Metric::EndpointSent);
    assert!(slow <= 86_400.0, "{slow}");
}

/// The assertion that ends every draw, fed with a real draw's columns, sees one batch go missing.
#[test]
fn a_lost_batch_is_noticed() {
    let (_, scene) = play_all(&of_pods(QUIET), 1).remove(1);
    // Work of one sample at an interval of a nanosecond is 2³² in fixed point; whole samples do.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "whole samples"
    )]
    let column = |metric| (scene.value("fleet.all", metric) as u128) << 32;
    let mut ledger = Ledger::new(vec![SimDuration::from_nanos(1)], 1);
    ledger.intakes[0] = Intake {
        offered: column(Metric::SamplesOffered),
        scraped: column(Metric::SamplesScraped),
        ..Intake::default()
    };
    ledger.deliveries[0].sent = column(Metric::SamplesSent);
    let pending = [column(Metric::SamplesPending)];
    assert_eq!(ledger.taken(|intake| intake.offered), 512_000.0 * 1_440.0);
    ledger.assert_balanced("all", &pending);
    let batch: u128 = 2_000 << 32;
    for (of_sent, of_pending) in [(batch, 0), (0, batch)] {
        let mut less = ledger.clone();
        less.deliveries[0].sent -= of_sent;
        let pending = [pending[0] - of_pending];
        let checked = std::panic::catch_unwind(|| less.assert_balanced("all", &pending));
        let message = checked.unwrap_err().downcast::<String>().unwrap();
        assert!(message.contains("not conserved"), "{message}");
    }
}
