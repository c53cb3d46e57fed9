//! Where the whole model reduces to one formula, the simulated number is the formula's.

use alloy_sim::model::record::catalogue::{Failure, Metric, Track};

use crate::support::platform::{of_jobs, of_pods, platform};
use crate::support::scene::{Estimate, SEEDS, blueprint, changed, play};

/// Jobs with a sidecar each: an M/G/∞ system. The flush is none, so a job is in the system for its
/// life.
const LIFE: &str = r#"workload.batch.jobs.lifetime = { p50 = "90s", p95 = "20m" }"#;

/// Mean life of such a job in seconds: a lognormal's is exp(mu + sigma²/2).
fn mean_life() -> f64 {
    let sigma = (1_200.0_f64 / 90.0).ln() / 1.644_853_626_951_472_2;
    90.0 * (sigma * sigma / 2.0).exp()
}

/// M/G/∞: the number in the system is Poisson with mean λ E[S], whatever the law of S.
#[test]
fn jobs_that_run_are_poisson() {
    const DRAWS: u32 = 600;
    let expected = 1_200.0 / 3_600.0 * mean_life();
    for seed in SEEDS {
        let scene = play(blueprint(&of_jobs(LIFE)), seed, DRAWS);
        let running = scene.values("fleet.all", Metric::CollectorsEnd);
        assert_poisson(&running, expected);
    }
}

/// An endpoint refuses the same share of what jobs send as of anything else.
#[test]
fn samples_of_jobs_are_refused_for_good() {
    let refusing = changed(&of_jobs(LIFE), r#""endpoint.backend.rejects" = "10%""#);
    let scene = play(refusing, 1, 1);
    let due = scene.value("fleet.all", Metric::SamplesDue);
    let share = scene.value("fleet.all", Metric::LostRejected) / due;
    assert!((share - 0.1).abs() < 1e-4, "{share} of {due}");
}

/// Jobs whose connections were evicted for newer ones have no port to give back at their end.
#[test]
fn evicted_jobs_give_no_port_back() {
    let set = r#""endpoint.backend.via" = "nat", "egress.nat" = { provider = "custom", ports_per_address = 20, sharing = "shared", hold = "0s", admission = "evict-oldest" }"#;
    let scene = play(changed(&of_jobs(LIFE), set), 1, 1);
    assert!(scene.value("fleet.all", Metric::CollectorsPeak) > 40.0);
    let ports = scene.value("egress.nat", Metric::PortsPeak);
    assert!((ports - 20.0).abs() < 1e-9, "{ports}");
}

/// A preset without a write-ahead log has nothing else to warm up; jobs run all the same.
#[test]
fn jobs_run_from_the_first_instant() {
    const DRAWS: u32 = 600;
    for seed in SEEDS {
        let guide = changed(&of_jobs(LIFE), r#""preset" = "deployment-guide""#);
        let scene = play(guide, seed, DRAWS);
        let tracks = scene.tracks("fleet.all", Track::Collectors);
        let first: Vec<f64> = tracks.iter().map(|points| points[0]).collect();
        Estimate::of(&first).assert_agrees(1_200.0 / 3_600.0 * mean_life(), 0.005);
    }
}

/// Weekends without any job end, and few jobs per hour do not stay behind a rate that has changed:
/// the number of two weeks is Poisson with the mean of the season, which is 1.
#[test]
fn jobs_arrive_again_after_hours_without_any() {
    let season = r#"{ start = 1, season = { daily = "90%", weekly = "100%" } }"#;
    for (per_hour, draws) in [(0.5, 300), (30.0, 100)] {
        let text = of_jobs(&format!(
            r#"
            experiment.horizon = "14d"
            workload.batch.pods = {season}
            workload.batch.jobs = {{ per_hour = {per_hour}, lifetime = "60s", flush = "0s" }}"#
        ));
        for seed in SEEDS {
            let scene = play(blueprint(&text), seed, draws);
            let counts = scene.values("fleet.all", Metric::JobCount);
            assert_poisson(&counts, per_hour * 24.0 * 14.0);
        }
    }
}

/// Growth is piecewise constant on the grid with its value in the middle of a cell, so memory passes
/// the limit at the start of the first cell whose middle lies past the crossing.
#[test]
fn compound_growth_crosses_the_limit_on_the_day_it_should() {
    const HOUR: f64 = 3_600.0;
    for (growth, limit) in [(4.0_f64, 6.0_f64), (1.0, 5.3), (7.5, 9.0)] {
        let growing = of_pods(&format!(
            r#"
            experiment.horizon = "360d"
            workload.apps.pods = {{ start = 500, growth_per_30d = "{growth}%" }}
            fleet.all.resources = {{ memory = {{ limit = "{limit}GB" }} }}"#
        ));
        let scene = play(blueprint(&growing), 1, 1);
        let crossing = 30.0 * 24.0 * (limit / 5.0).ln() / (growth / 100.0).ln_1p();
        let cell = (crossing - 0.5).floor() + 1.0;
        let first = scene.first("fleet.all", Failure::Oom);
        assert_eq!(first, [Some(cell * HOUR)], "{growth} % to {limit} GB");
    }
}

/// A fleet that only restarts.
const RESTARTING: &str = r#"
    preset = "deployment-guide"
    experiment.horizon = "30d"
    cluster.prod.pool.general.nodes = 100
    fleet.all.restart_gap = "10s"
    fleet.all.restarts = "1d"
"#;

/// Asserts that a count over draws is Poisson: its mean, and its variance.
///
/// The squared standard error of a sample variance is (μ₄ − σ⁴)/n; a Poisson count with mean m has
/// the fourth central moment μ₄ = m + 3m².
fn assert_poisson(counts: &[f64], expected: f64) {
    let mean = Estimate::of(counts);
    mean.assert_agrees(expected, 0.005);
    let draws = counts.len() as f64;
    let variance = mean.error * mean.error * draws;
    let error = ((expected + 2.0 * expected * expected) / draws).sqrt();
    let z = (variance - expected) / error;
    assert!(
        z.abs() <= 4.0,
        "variance {variance} is not {expected}: z {z}"
    );
}

/// Each of 100 collectors restarts after an exponential day in service and ten seconds out of it: a
/// renewal process whose mean interval is the sum, and whose counts are as good as Poisson: the ten
/// seconds are 1.2e-4 of the day.
#[test]
fn restarts_are_poisson() {
    for seed in SEEDS {
        let scene = play(blueprint(&platform(RESTARTING)), seed, 40);
        let counts = scene.values("fleet.all", Metric::RestartCount);
        assert_poisson(&counts, 3_000.0 / (1.0 + 10.0 / 86_400.0));
        let down = Estimate::of(&scene.values("fleet.all", Metric::DownSeconds));
        down.assert_agrees(30_000.0 / (1.0 + 10.0 / 86_400.0), 0.005);
    }
}

/// Nodes fail at their rate even if one fails again within a cell of the grid.
#[test]
fn node_failures_are_poisson() {
    let set = r#""cluster.prod.pool.general.node_failures" = "6h", "fleet.all.restarts" = "never""#;
    for seed in SEEDS {
        let scene = play(changed(&platform(RESTARTING), set), seed, 10);
        let counts = scene.values("pool.prod.general", Metric::NodeFailureCount);
        assert_poisson(&counts, 12_000.0);
    }
}

/// Two fleets whose endpoint takes half of what they send. All 13 collectors get on at one rate, and each
/// has more to send. So a fleet's part is that of its collectors: ten daemons, three replicas.
#[test]
fn an_endpoint_takes_what_it_can() {
    const OVERLOAD: &str = r#"
    experiment.horizon = "6h"
    workload.apps.pods = 1200
    fleet = [{ name = "daemons", topology = "host-daemon" }, { name = "replicas", topology = "centralized", replicas = 3 }]
    fleet.daemons.runs_on = ["prod.general"]
    fleet.daemons.collects = { metrics = ["apps"] }
    fleet.daemons.sends_to = ["backend"]
    fleet.replicas.runs_on = ["prod.general"]
    fleet.replicas.collects = { metrics = ["apps"] }
    fleet.replicas.sends_to = ["backend"]
    endpoint.backend.capacity = 20000
"#;
    // Each fleet sends 1,200,000 series / 60 s = 20,000 samples/s; the endpoint takes half of 40,000.
    for (fleet, part) in [
        ("fleet.daemons", 10.0 / 13.0),
        ("fleet.replicas", 3.0 / 13.0),
    ] {
        let scene = play(blueprint(&of_pods(OVERLOAD)), 1, 1);
        let lost = scene.values(fleet, Metric::LossRatio)[0];
        // Shares are counted in parts per billion.
        assert!((lost + part - 1.0).abs() < 1e-6, "{fleet} lost {lost}");
        let set = r#""endpoint.backend.capacity" = 40001"#;
        let roomy = play(changed(&of_pods(OVERLOAD), set), 1, 1);
        assert!(roomy.values(fleet, Metric::LossRatio)[0].abs() < 1e-12);
    }
}
