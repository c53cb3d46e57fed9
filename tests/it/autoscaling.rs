//! Autoscaled fleets as a whole: the trajectories of the recursion, memory that holds replicas up,
//! what replicas that come and go leave behind.

#![expect(clippy::float_cmp, reason = "replicas are counted exactly")]

use alloy_sim::fleet::blueprint::Blueprint;
use alloy_sim::fleet::catalogue::{Metric, Track};
use alloy_sim::fleet::outcome::What;
use alloy_sim::fleet::world::{Recording, simulate};

use crate::support::scene::{Scene, blueprint, changed, play};

/// Pods of one core that want 1.5 cores together, 15 from the first hour on and 3 after 5 minutes
/// more, behind a load balancer; a replica is ready and measured at once.
const STEP: &str = r#"
format = 1
meta = { name = "step" }
experiment = { horizon = "2h", draws = 1, start = "cold" }
[[cluster]]
name = "prod"
pool = [{ name = "general", nodes = 40, node = { cpu = 64, memory = "512GiB" }, drains = "never" }]
[[workload]]
name = "apps"
runs_on = ["prod.general"]
pods = { start = 900, steps = [{ at = "1h", factor = 10 }, { at = "65m", factor = 0.2 }] }
series_per_pod = 1000
scrape_interval = "60s"
restarts_per_day = "0%"
[[fleet]]
name = "all"
topology = "centralized"
share = "load-balancer"
controller = "deployment"
replicas = 3
autoscaling = { min = 1, max = 60, cpu = "60%", metric_lag = "0s" }
resources = { cpu = { request = 1, limit = 2 } }
collects = { metrics = ["apps"] }
sends_to = ["backend"]
own_series = 0
cpu_per_sample = "100us"
restarts = "never"
restart_gap = "0s"
leave_takeover = "0s"
[[endpoint]]
name = "backend"
signal = "metrics"
"#;

/// A workload that is five times as large for an hour, on replicas that go by their memory.
const SPIKE: &str = r#"
format = 1
meta = { name = "spike" }
experiment = { horizon = "3d", draws = 1 }
[[cluster]]
name = "prod"
pool = [{ name = "general", nodes = 40, node = { cpu = 64, memory = "512GiB" }, drains = "never" }]
[[workload]]
name = "apps"
runs_on = ["prod.general"]
pods = { start = 1000, steps = [{ at = "10h", factor = 5 }, { at = "11h", factor = 0.2 }] }
series_per_pod = 1000
[[fleet]]
name = "all"
topology = "centralized"
autoscaling = { min = 2, max = 20, memory = "80%" }
resources = { memory = { request = "4GiB", limit = "8GiB" } }
collects = { metrics = ["apps"] }
sends_to = ["backend"]
memory_per_series = "6KB"
base_memory = "120MB"
restarts = "never"
[[endpoint]]
name = "backend"
signal = "metrics"
"#;

/// Every change of the number of replicas in one draw: `(seconds, replicas)`.
fn changes(blueprint: &Blueprint, draw: u32) -> Vec<(f64, u32)> {
    let (_, happened) = simulate(blueprint, 1, (draw, 0), Recording::On);
    let scaled = happened
        .rows
        .iter()
        .filter(|row| matches!(row.what, What::ScaledUp | What::ScaledDown));
    scaled
        .map(|row| (row.at.nanos() as f64 / 1e9, row.value as u32))
        .collect()
}

fn of(scene: &Scene, metric: Metric) -> f64 {
    scene.value("fleet.all", metric)
}

#[test]
fn a_step_of_the_load_is_followed_to_the_second() {
    let step = blueprint(STEP);
    let after = |seconds: f64| 3_600.0 + seconds;
    let expected = [
        (after(0.0), 7),
        (after(15.0), 14),
        (after(30.0), 25),
        (after(585.0), 5),
    ];
    assert_eq!(changes(&step, 0), expected);
    let scene = play(step, 1, 1);
    assert_eq!(of(&scene, Metric::CollectorsPeak), 25.0);
    assert_eq!(of(&scene, Metric::CollectorsStart), 3.0);
    assert_eq!(of(&scene, Metric::CollectorsEnd), 5.0);
    assert_eq!(of(&scene, Metric::ScaleUpCount), 3.0);
    assert_eq!(of(&scene, Metric::ScaleDownCount), 1.0);
    assert_eq!(of(&scene, Metric::PendingSeconds), 0.0);
}
