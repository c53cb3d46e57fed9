//! Topologies are values that one interpreter runs: one that nobody has written a file for works, and
//! the three of the deployment guide stand to each other as the guide says.

#![expect(clippy::float_cmp, reason = "collectors are counted exactly")]

use alloy_sim::model::blueprint::Blueprint;
use alloy_sim::model::record::catalogue::{Metric, Track};
use alloy_sim::model::topology::{Assignment, Discovery, Population, Tenancy, Topology};

use crate::support::scene::{Estimate, Scene, blueprint, changed, play};

/// One workload under three topologies.
const PLATFORM: &str = r#"
format = 1
meta = { name = "platform" }
experiment = { horizon = "3d", draws = 1 }
[[cluster]]
name = "prod"
pool = [{ name = "general", nodes = 40, zones = 2, node = { cpu = 16, memory = "64GiB" } }]
[[workload]]
name = "apps"
runs_on = ["prod.general"]
pods = 800
series_per_pod = { p5 = 500, p95 = 4000 }
rollouts = { per_day = 3, share = "20%" }
[[fleet]]
name = "all"
topology = "centralized"
replicas = 4
runs_on = ["prod.general"]
collects = { metrics = ["apps"] }
sends_to = ["backend"]
[[endpoint]]
name = "backend"
signal = "metrics"
via = "nat"
[[egress]]
name = "nat"
provider = "aws"
"#;

const DAEMON: &str = r#""fleet.all" = { topology = "host-daemon", runs_on = ["prod.general"], collects = { metrics = ["apps"] }, sends_to = ["backend"] }"#;
const SIDECAR: &str = r#""fleet.all" = { topology = "sidecar", collects = { metrics = ["apps"] }, sends_to = ["backend"] }"#;

/// A collector on every node that shares all targets with the others over the ring.
const CLUSTERED_DAEMON: Topology = Topology {
    name: "clustered-daemon",
    population: Population::PerNode,
    assignment: Assignment::Ring,
    tenancy: Tenancy::OwnPod,
    discovery: Discovery::Everything,
};

fn with(topology: Topology, mut blueprint: Blueprint) -> Blueprint {
    blueprint.fleets[0].topology = topology;
    blueprint
}

fn of(scene: &Scene, metric: Metric) -> f64 {
    scene.value("fleet.all", metric)
}

#[test]
fn a_fourth_topology_runs_without_a_line_in_the_world() {
    let scene = play(with(CLUSTERED_DAEMON, blueprint(PLATFORM)), 1, 10);
    assert_eq!(of(&scene, Metric::CollectorsStart), 40.0);
    assert_eq!(of(&scene, Metric::CollectorsEnd), 40.0);
    assert_eq!(of(&scene, Metric::ConnectionsPeak), 40.0);
    // All targets are carried, unevenly: the busiest of 40 has some multiple of its fair share.
    let central = play(blueprint(PLATFORM), 1, 10);
    let offered = |scene: &Scene| scene.values("fleet.all", Metric::SeriesActiveEnd);
    for (ours, theirs) in offered(&scene).into_iter().zip(offered(&central)) {
        // Each collector also scrapes a thousand series of its own.
        assert!(
            (ours - 40_000.0 - (theirs - 4_000.0)).abs() <= 1.0,
            "{ours} {theirs}"
        );
    }
    let fair = of(&scene, Metric::SeriesActivePeak) / 40.0;
    let busiest = of(&scene, Metric::SeriesPerCollectorPeak) / fair;
    assert!((1.3..3.0).contains(&busiest), "{busiest}");
}

/// With as many alike targets per peer as there are, shares are those of the ring and of chance:
/// targets are independent given the ring, so the busiest of N with mean m each lies within a few
/// standard deviations.
#[test]
fn loads_are_uneven_as_ring_shares_are() {
    let alike = r#""workload.apps.series_per_pod" = 1000, "workload.apps.pods" = 4000, "workload.apps.rollouts" = { per_day = 0 }, "workload.apps.restarts_per_day" = "0%", "fleet.all.own_series" = 0, "fleet.all.restarts" = "never", "cluster.prod.pool.general.drains" = "never""#;
    let scene = play(with(CLUSTERED_DAEMON, changed(PLATFORM, alike)), 1, 60);
    let busiest = Estimate::of(&scene.values("fleet.all", Metric::SeriesPerCollectorPeak));
    // 512 tokens per peer: the share of a peer has a coefficient of variation of 1/√512, a count of
    // 100 targets one of 1/√100; the mean of the highest of 40 normals is 2.16 deviations.
    let deviation = (1.0_f64 / 512.0 + 1.0 / 100.0).sqrt();
    let expected = 100_000.0 * (1.0 + 2.16 * deviation);
    // Counts are a little skewed, which moves the highest by about skew · (2.16² − 1)/6 deviations.
    let skew = 100_000.0 * deviation * 0.1 * (2.16_f64.powi(2) - 1.0) / 6.0;
    let z = busiest.z(expected + skew);
    assert!(
        z.abs() <= 4.0,
        "{busiest:?} is not {}: z {z}",
        expected + skew
    );
}

/// Nodes come, go and fail under every combination that makes sense; samples are conserved (the world
/// checks) and every node has its collector.
#[test]
fn every_combination_of_values_conserves_samples() {
    const CHURN: &str = r#""cluster.prod.pool.general.nodes" = { start = 20, growth_per_30d = "300%", season = { daily = "30%" } }, "cluster.prod.pool.general.node_failures" = "2d", "cluster.prod.pool.general.zone_failures" = [{ at = "30h", for = "1h", zone = 1 }], "fleet.all.restarts" = "1d", "fleet.all.resources" = { memory = { limit = "3GiB" } }, "endpoint.backend.outages" = [{ at = "20h", for = "3h" }]"#;
    let churn = changed(PLATFORM, CHURN);
    let shared = [Assignment::Ring, Assignment::Hashmod, Assignment::Balanced];
    let replicas = shared.map(|assignment| (Population::Replicas(5), assignment));
    let daemons = shared.map(|assignment| (Population::PerNode, assignment));
    let local =
        [Population::PerNode, Population::PerPod].map(|population| (population, Assignment::Local));
    for (population, assignment) in [replicas.as_slice(), &daemons, &local].concat() {
        for tenancy in [Tenancy::OwnPod, Tenancy::SharedPod] {
            let topology = Topology {
                name: "any",
                population,
                assignment,
                tenancy,
                discovery: Discovery::OwnNode,
            };
            let scene = play(with(topology, churn.clone()), 1, 2);
            assert!(of(&scene, Metric::SamplesSent) > 0.0, "{topology:?}");
            if population == Population::PerNode {
                let nodes = scene.values("pool.prod.general", Metric::NodesEnd);
                assert_eq!(scene.values("fleet.all", Metric::CollectorsEnd), nodes);
            }
        }
    }
}

/// The guide: a smaller number of collectors when central; a daemon per machine; a sidecar per pod,
/// each with a base of its own.
#[test]
fn the_three_topologies_stand_as_the_guide_says() {
    let [central, daemon, sidecar] = [
        blueprint(PLATFORM),
        changed(PLATFORM, DAEMON),
        changed(PLATFORM, SIDECAR),
    ]
    .map(|blueprint| play(blueprint, 1, 8));
    let count = |scene: &Scene| of(scene, Metric::CollectorsEnd);
    assert_eq!(
        (count(&central), count(&daemon), count(&sidecar)),
        (4.0, 40.0, 800.0)
    );
    let rising = |metric, scope: &str| {
        let values = [&central, &daemon, &sidecar].map(|scene| scene.value(scope, metric));
        assert!(
            values.is_sorted() && values[0] < values[2],
            "{metric:?}: {values:?}"
        );
    };
    rising(Metric::ConnectionsPeak, "fleet.all");
    rising(Metric::PortsPeak, "egress.nat");
    // Smaller collectors, but more memory in all of them together.
    let typical = |scene: &Scene| of(scene, Metric::MemoryPeakMedian);
    assert!(typical(&central) > typical(&daemon) && typical(&daemon) > typical(&sidecar));
    let total = |scene: &Scene| typical(scene) * count(scene);
    assert!(total(&central) < total(&daemon) && total(&daemon) < total(&sidecar));
    // What is scraped is the same but for each collector's own series.
    let series = |scene: &Scene| of(scene, Metric::SeriesActiveEnd) - 1_000.0 * count(scene);
    let (central, daemon) = (series(&central), series(&daemon));
    assert!((daemon / central - 1.0).abs() < 0.1, "{central} {daemon}");
}

/// Pods that come and go bring and take their connections.
#[test]
fn the_highest_number_of_connections_is_the_highest() {
    let season =
        r#""workload.apps.pods" = { start = 800, season = { daily = "50%", peak_at = "12h" } }"#;
    let scene = play(
        changed(&format!("{PLATFORM}\n"), &format!("{SIDECAR}, {season}")),
        1,
        1,
    );
    let collectors = scene.tracks("fleet.all", Track::Collectors).remove(0);
    let highest = collectors.into_iter().fold(0.0, f64::max);
    assert!(highest > 1_100.0 && of(&scene, Metric::CollectorsEnd) < 500.0);
    assert!(of(&scene, Metric::ConnectionsPeak) >= highest);
}

/// A service on machines of its own serves every cluster of what it collects.
#[test]
fn replicas_without_a_pool_stand_in_every_cluster() {
    const APART: &str = r#"
format = 1
meta = { name = "apart" }
experiment = { horizon = "6h", draws = 1 }
[[cluster]]
name = "edge"
count = 5
pool = [{ name = "general", nodes = 4, node = { cpu = 8, memory = "32GiB" } }]
[[workload]]
name = "apps"
runs_on = ["edge.general"]
pods = 40
series_per_pod = 1000
[[fleet]]
name = "all"
topology = "centralized"
replicas = 3
restarts = "2h"
collects = { metrics = ["apps"] }
sends_to = ["backend"]
[[endpoint]]
name = "backend"
signal = "metrics"
"#;
    let scene = play(blueprint(APART), 1, 2);
    let collectors = scene.values("fleet.all", Metric::CollectorsEnd);
    assert!(
        collectors.iter().all(|count| (count - 15.0).abs() < 1e-9),
        "{collectors:?}"
    );
}
