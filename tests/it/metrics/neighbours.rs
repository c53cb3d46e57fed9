//! What collectors take from the applications on their nodes.

use alloy_sim::model::record::catalogue::{Failure, Metric, Track};

use super::assert_all;
use crate::support::platform::of_pods;
use crate::support::scene::{Scene, changed, play};

/// Ten nodes with a collector each that wants a fixed number of cores; after eight of ten hours there are
/// twice as many pods.
const NEIGHBOURS: &str = r#"
    experiment.horizon = "10h"
    cluster.prod.pool.general.node = { cpu = 4, memory = "16GiB" }
    workload.apps.pods = { start = 10, steps = [{ at = "8h", factor = 2 }] }
    workload.apps.cpu_per_pod = 1.4
    workload.apps.cpu_request_per_pod = 1
    fleet = [{ name = "all", topology = "host-daemon", runs_on = ["prod.general"], collects = { metrics = ["apps"] }, sends_to = ["backend"] }]
    fleet.all.resources = { cpu = { request = 1 } }
    fleet.all.idle_cpu = 0
    fleet.all.cpu_per_sample = "0s"
    fleet.all.cpu_per_scrape = "0s"
    fleet.all.cpu_per_new_series = "0s"
"#;

const POOL: &str = "pool.prod.general";

/// When the pods double, in seconds.
const DOUBLED: f64 = 8.0 * 3_600.0;

fn neighbours(set: &str) -> Scene {
    play(changed(&of_pods(NEIGHBOURS), set), 1, 1)
}

/// Mean time in the system over mean work of requests that offer `load` cores of work and share `cores`,
/// none using more than one: the birth-death chain summed state by state.
fn time_in_system(load: f64, cores: f64) -> f64 {
    let (mut weight, mut total, mut mean) = (1.0, 1.0, 0.0);
    for inside in 1..2_000 {
        weight *= load / f64::from(inside).min(cores);
        total += weight;
        mean += f64::from(inside) * weight;
    }
    mean / total / load
}

/// An application of 2.8 cores on 4 whose collector takes 0.8 of them: requests take 2.158 times as long,
/// as in the table of the processor-sharing queue. With 1.4 cores the collector is hardly noticed.
#[test]
fn a_collector_slows_requests_as_processor_sharing_says() {
    let scene = neighbours(r#""fleet.all.idle_cpu" = 0.8"#);
    let sibling = neighbours(r#""fleet.all.idle_cpu" = 0.84"#);
    let index = |load: f64| time_in_system(load, 3.2) / time_in_system(load, 4.0);
    let (before, after) = (index(1.4), index(2.8));
    assert!((after - 2.928_8 / 1.357_21).abs() < 1e-4, "{after}");
    let expected = [
        (POOL, Metric::SlowdownMean, 0.8 * before + 0.2 * after),
        (POOL, Metric::SlowdownPeak, after),
        (POOL, Metric::NodeCpuPeakRatio, (2.8 + 0.8) / 4.0),
    ];
    assert_all(&scene, &sibling, &expected);
    let points = scene.tracks(POOL, Track::Slowdown).remove(0);
    let doubled = points.len() * 8 / 10;
    for (points, expected) in [(&points[..doubled], before), (&points[doubled..], after)] {
        let highest = points.iter().copied().fold(0.0, f64::max);
        // Tracks have seven digits.
        assert!((highest - expected).abs() < 1e-6 * expected, "{highest}");
    }
    assert_eq!(scene.first(POOL, Failure::NeighbourSlowed), [Some(DOUBLED)]);
}

/// Slowed by more than 10 % is only what has 2.8 cores, and only beside a collector of some size.
#[test]
fn the_index_counts_time_slowed_by_a_tenth() {
    let share = |at: &str, idle: f64| {
        let steps = format!(r#"[{{ at = "{at}", factor = 2 }}]"#);
        let scene = neighbours(&format!(
            r#""workload.apps.pods.steps" = {steps}, "fleet.all.idle_cpu" = {idle}"#
        ));
        scene.value(POOL, Metric::SlowedShare)
    };
    assert!((share("8h", 0.8) - 0.2).abs() < 1e-12);
    assert!((share("3h", 0.8) - 0.7).abs() < 1e-12);
    assert!(time_in_system(2.8, 3.9) < 1.1 * time_in_system(2.8, 4.0));
    assert!(share("3h", 0.1) <= 0.0);
}

/// Pods with a weight of 200 that want 3 cores beside a collector with a weight of 100 that wants as many:
/// they get 4 · 2/3, and requests pile up. With half as many pods nobody has to yield more than the half
/// that is his.
#[test]
fn what_is_displaced_is_what_water_filling_takes() {
    let set =
        |cores: f64| format!(r#""workload.apps.cpu_per_pod" = {cores}, "fleet.all.idle_cpu" = 3"#);
    let (scene, sibling) = (neighbours(&set(1.5)), neighbours(&set(1.575)));
    // Two of ten hours, on ten nodes.
    let displaced = (3.0 - 4.0 * 2.0 / 3.0) * 7_200.0 * 10.0;
    assert_all(&scene, &sibling, &[(POOL, Metric::CpuDisplaced, displaced)]);
    let overloaded = |scene: &Scene| scene.value(POOL, Metric::OverloadedShare);
    assert!((overloaded(&scene) - 0.2).abs() < 1e-12);
    // 2 · 1.3 cores are less than 4 · 2/3.
    assert!(overloaded(&neighbours(&set(1.3))) <= 0.0);
}

/// Before a pod too many: 2 pods of 1 GiB and 2,000 series of 10 kB on 16 GiB.
#[test]
fn the_memory_of_a_node_is_a_sum() {
    let memory = |mib: u32| neighbours(&format!(r#""workload.apps.memory_per_pod" = "{mib}MiB""#));
    let gibibyte = 1_073_741_824.0;
    let ratio = (2.0 * gibibyte + 2_000.0 * 10_000.0) / (16.0 * gibibyte);
    let expected = [(POOL, Metric::NodeMemoryPeakRatio, ratio)];
    // 1,075 MiB are 5 % more.
    assert_all(&memory(1_024), &memory(1_075), &expected);
}

/// Two pods of 9 GiB do not fit 16 GiB: in each of the last two hours the kernel kills one on each of ten
/// nodes, as pods are larger than collectors.
#[test]
fn full_nodes_kill_the_largest() {
    let pods = neighbours(r#""workload.apps.memory_per_pod" = "9GiB""#);
    let count = |scene: &Scene, metric| scene.value(POOL, metric);
    assert!((count(&pods, Metric::NodeOomCount) - 20.0).abs() < 1e-9);
    assert!((count(&pods, Metric::AppKillCount) - 20.0).abs() < 1e-9);
    assert!(pods.value("fleet.all", Metric::OomCount) <= 0.0);
    assert_eq!(pods.first(POOL, Failure::NodeOom), [Some(DOUBLED)]);
    // Pods of 4 GiB beside collectors of 10 GB, which start again and again.
    let set = r#""workload.apps.memory_per_pod" = "4GiB", "fleet.all.memory_per_series" = "5MB""#;
    let collectors = neighbours(set);
    let ooms = count(&collectors, Metric::NodeOomCount);
    let killed = collectors.value("fleet.all", Metric::OomCount);
    assert!(
        ooms > 20.0 && (ooms - killed).abs() < 1e-9,
        "{ooms} {killed}"
    );
    assert!(count(&collectors, Metric::AppKillCount) <= 0.0);
}
