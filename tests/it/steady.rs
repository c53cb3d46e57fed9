//! A fleet that has been running shows no trend under a constant workload, and the grid on which load
//! is constant is fine enough.

use alloy_sim::model::record::catalogue::{Failure, Metric, Track};

use crate::support::scene::{Estimate, SEEDS, Scene, blueprint, changed, play};

/// Eight hours of a constant workload: churn, restarts, incidents and jobs, but no trend.
const CONSTANT: &str = r#"
format = 1
meta = { name = "constant" }
experiment = { horizon = "8h", draws = 1 }
[[cluster]]
name = "prod"
pool = [{ name = "general", nodes = 20, node = { cpu = 64, memory = "512GiB" } }]
[[workload]]
name = "apps"
runs_on = ["prod.general"]
pods = 400
series_per_pod = 1000
restarts_per_day = "200%"
rollouts = { per_day = 24, share = "30%", over = "20m" }
[[workload]]
name = "batch"
kind = "job"
runs_on = ["prod.general"]
series_per_pod = 100
jobs = { per_hour = 100, lifetime = { p50 = "20m", p95 = "6h" } }
[[workload]]
name = "wild"
runs_on = ["prod.general"]
pods = 100
series_per_pod = 1000
incidents = { per_30d = 60, factor = 5, time_to_fix = "12h" }
[[fleet]]
name = "apps"
topology = "host-daemon"
runs_on = ["prod.general"]
collects = { metrics = ["apps"] }
sends_to = ["backend"]
restarts = "1d"
[[fleet]]
name = "batch"
topology = "sidecar"
collects = { metrics = ["batch"] }
sends_to = ["backend"]
[[fleet]]
name = "wild"
topology = "centralized"
replicas = 3
collects = { metrics = ["wild"] }
sends_to = ["backend"]
[[endpoint]]
name = "backend"
signal = "metrics"
"#;

const DRAWS: u32 = 400;

/// Least-squares slope of each draw's track over the windows after the first point: a constant
/// workload makes draws exchangeable in time, so the mean slope over draws is zero.
fn slope(scene: &Scene, scope: &str, track: Track) -> Estimate {
    let of_draw = |points: Vec<f64>| {
        let points = &points[1..];
        let middle = (points.len() as f64 - 1.0) / 2.0;
        let mean = points.iter().sum::<f64>() / points.len() as f64;
        let steps = (0..points.len()).map(|index| index as f64 - middle);
        let product: f64 = steps.clone().zip(points).map(|(x, y)| x * (y - mean)).sum();
        product / steps.map(|x| x * x).sum::<f64>()
    };
    let slopes: Vec<f64> = scene
        .tracks(scope, track)
        .into_iter()
        .map(of_draw)
        .collect();
    Estimate::of(&slopes)
}

const TRACKS: [(&str, Track); 3] = [
    ("fleet.apps", Track::Memory),
    ("fleet.batch", Track::Collectors),
    ("fleet.wild", Track::Series),
];

#[test]
fn a_running_fleet_has_no_trend() {
    let scene = play(blueprint(CONSTANT), 1, DRAWS);
    for (scope, track) in TRACKS {
        let slope = slope(&scene, scope, track);
        assert!(
            slope.z(0.0).abs() <= 4.0,
            "{scope} {track:?}: {slope:?}, z {}",
            slope.z(0.0)
        );
    }
}

#[test]
fn a_cold_start_has_one() {
    let cold = changed(CONSTANT, r#""experiment.start" = "cold""#);
    let scene = play(cold, 1, DRAWS);
    for (scope, track) in TRACKS {
        let slope = slope(&scene, scope, track);
        assert!(
            slope.z(0.0) > 4.0,
            "{scope} {track:?}: {slope:?}, z {}",
            slope.z(0.0)
        );
    }
}

/// Little's law: mean running = arrivals times mean life, over time and draws. Points of the track
/// are thirty minutes apart and depend on each other; draws do not.
#[test]
fn jobs_obey_littles_law() {
    let jobs = r#"{ per_hour = 600, lifetime = { p50 = "5m", p95 = "20m" }, flush = "30s" }"#;
    let set = format!(r#""experiment.horizon" = "30h", "workload.batch.jobs" = {jobs}"#);
    let mean = |points: Vec<f64>| points.iter().sum::<f64>() / points.len() as f64;
    // The flush comes on top of the life but is never longer than it.
    let sigma = 4.0_f64.ln() / 1.644_853_626_951_472_2;
    let life = 300.0 * (sigma * sigma / 2.0).exp();
    let flush = mean_of_the_smaller(300.0, sigma, 30.0);
    for seed in SEEDS {
        let scene = play(changed(CONSTANT, &set), seed, 120);
        let started = scene.values("fleet.batch", Metric::JobCount);
        Estimate::of(&started).assert_agrees(600.0 * 30.0, 0.005);
        let tracks = scene.tracks("fleet.batch", Track::Collectors);
        let means: Vec<f64> = tracks.into_iter().map(mean).collect();
        Estimate::of(&means).assert_agrees(600.0 / 3_600.0 * (life + flush), 0.005);
    }
}

/// Mean of min(S, bound) for a lognormal S: its quantiles, integrated in 10,000 steps.
fn mean_of_the_smaller(median: f64, sigma: f64, bound: f64) -> f64 {
    const STEPS: u32 = 10_000;
    let value = |step: u32| {
        let p = (f64::from(step) + 0.5) / f64::from(STEPS);
        let score = alloy_sim::stats::normal_quantile(p);
        (median * (sigma * score).exp()).min(bound)
    };
    (0..STEPS).map(value).sum::<f64>() / f64::from(STEPS)
}

/// A seasonal, growing platform near its limits.
const SEASONAL: &str = r#"
format = 1
meta = { name = "seasonal" }
experiment = { horizon = "90d", draws = 1 }
[[cluster]]
name = "prod"
[[cluster.pool]]
name = "general"
nodes = { start = 30, growth_per_30d = "5%" }
node = { cpu = 16, memory = "64GiB" }
[[workload]]
name = "apps"
runs_on = ["prod.general"]
pods = { start = 900, growth_per_30d = { p5 = "2%", p95 = "15%" }, season = { daily = "25%", weekly = "30%" } }
series_per_pod = { p5 = 400, p95 = 9000 }
rollouts = { per_day = 3, share = "20%" }
cpu_per_pod = "150m"
[[fleet]]
name = "central"
topology = "centralized"
replicas = 5
collects = { metrics = ["apps"] }
sends_to = ["backend"]
resources = { memory = { limit = "9GiB" } }
[[fleet]]
name = "daemon"
topology = "host-daemon"
runs_on = ["prod.general"]
collects = { metrics = ["apps"] }
sends_to = ["backend"]
resources = { memory = { limit = "2GiB" }, cpu = { request = 0.2 } }
[[endpoint]]
name = "backend"
signal = "metrics"
via = "nat"
[[egress]]
name = "nat"
provider = "aws"
"#;

const PEAKS: [(&str, Metric); 7] = [
    ("fleet.central", Metric::SeriesActivePeak),
    ("fleet.central", Metric::MemoryLimitNeeded),
    ("fleet.central", Metric::CpuPeak),
    ("fleet.daemon", Metric::SeriesPerCollectorPeak),
    ("fleet.daemon", Metric::MemoryLimitNeeded),
    ("pool.prod.general", Metric::NodeCpuPeakRatio),
    ("egress.nat", Metric::PortsPeak),
];

/// The scenario on two grids, one half as wide as the other, with some more paths set.
fn on_two_grids(set: &str) -> [Scene; 2] {
    ["1h", "30m"].map(|grid| {
        let set = format!(r#""experiment.grid" = "{grid}", {set}"#);
        play(changed(SEASONAL, &set), 1, 20)
    })
}

/// Halving the grid moves no peak that the report shows, mean and highest over draws, by more than
/// 1 %, or by one node's connection and the port it still holds where nodes are counted. In a single draw a peak may come from a chance on the
/// steepest slope of the day, where a quarter of an hour is 0.25 · 2π · 0.25 h / 24 h of the mean.
///
/// Without limits: a kill moves load to other collectors, and then it is who dies first that decides
/// how high the others get.
#[test]
fn a_finer_grid_moves_no_peak() {
    const SLOPE: f64 = 0.25 * std::f64::consts::TAU * 0.25 / 24.0;
    let [coarse, fine] = on_two_grids(
        r#""fleet.central.resources" = "none", "fleet.daemon.resources" = { cpu = { request = 0.2 } }"#,
    );
    for (scope, metric) in PEAKS {
        let one = if metric == Metric::PortsPeak {
            2.0
        } else {
            0.0
        };
        let check = |what: &str, (coarse, fine): (f64, f64), allowed: f64| {
            let moved = (fine - coarse).abs();
            let allowed = (coarse * allowed).max(one);
            assert!(
                moved <= allowed,
                "{scope} {metric:?}, {what}: {coarse} to {fine}"
            );
        };
        let (coarse, fine) = (coarse.values(scope, metric), fine.values(scope, metric));
        let mean = |values: &[f64]| Estimate::of(values).mean;
        let highest = |values: &[f64]| values.iter().copied().fold(0.0, f64::max);
        check("mean", (mean(&coarse), mean(&fine)), 0.01);
        check("highest", (highest(&coarse), highest(&fine)), 0.01);
        for pair in coarse.into_iter().zip(fine) {
            check("one draw", pair, SLOPE);
        }
    }
}

#[test]
fn a_finer_grid_moves_no_verdict() {
    let [coarse, fine] = on_two_grids(r#""fleet.central.replicas" = 4"#);
    for scope in ["fleet.central", "fleet.daemon"] {
        let verdicts = |scene: &Scene| -> Vec<bool> {
            scene
                .first(scope, Failure::Oom)
                .iter()
                .map(Option::is_some)
                .collect()
        };
        let (coarse, fine) = (verdicts(&coarse), verdicts(&fine));
        let fails = coarse.iter().filter(|&&fails| fails).count();
        assert!(
            (1..20).contains(&fails),
            "{scope}: {fails} of 20 fail, so nothing is at stake"
        );
        assert_eq!(coarse, fine, "{scope}");
    }
}
