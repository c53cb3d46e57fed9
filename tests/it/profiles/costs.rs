//! What profiles cost by the documents of Alloy and by measurement.

use alloy_sim::model::record::catalogue::Metric;

use super::{scene, value};

const GIB: f64 = 1_073_741_824.0;

/// Source: Grafana Alloy documentation, "Estimate resource usage" (read 2026-11): 1 core and 10 GiB per 100
/// profiles per second, which are those of 300 targets.
#[test]
fn the_documents() {
    let of = |pods: u32| {
        scene(&format!(
            "    preset = \"alloy-docs\"\n    workload.apps.pods = {pods}\n"
        ))
    };
    let (one, two) = (of(300), of(600));
    let cores = value(&one, Metric::CpuMean);
    // The first profiles of three types cost nothing else.
    assert!((cores - 1.0).abs() < 0.01, "{cores} cores");
    let memory = value(&two, Metric::MemoryPeak) - value(&one, Metric::MemoryPeak);
    assert!((memory / (10.0 * GIB) - 1.0).abs() < 0.01, "{memory} B");
}

/// Source: a measurement of ours (not published), A6.1: profiles of 38 KB pushed at 20 a second take 1.4 to
/// 1.6 ms each, and the memory of an idle process (34 MB) and 15 MB.
#[test]
fn the_measurement() {
    let scene = scene(
        r#"
    workload.apps.pods = 1
    workload.apps.profiles_per_pod = 20
    workload.apps.bytes_per_profile = "38KB"
    fleet.all.profile_source = "push"
    fleet.all.share = "load-balancer"
    fleet.all.base_memory = "21.6MB"
    fleet.all.components_memory = "0B"
    fleet.all.memory_per_watched_pod = "0B"
    fleet.all.memory_factor = 1
    fleet.all.idle_cpu = 0.0015
    "#,
    );
    let cores = value(&scene, Metric::CpuMean) - 0.0015;
    assert!((cores / 0.030 - 1.0).abs() < 0.2, "{cores} cores");
    let memory = value(&scene, Metric::MemoryPeak) / 1e6;
    assert!((memory / 49.0 - 1.0).abs() < 0.2, "{memory} MB");
}

/// A collector that is short of CPU misses profiles, and takes CPU from nothing else here.
#[test]
fn short_of_cpu() {
    let scene = scene("    fleet.all.resources = { cpu = { limit = 0.1 } }\n");
    let missed = value(&scene, Metric::ProfilesMissedCpu) / value(&scene, Metric::ProfilesOffered);
    // 100 profiles of 1.5 ms ask for 0.15 cores, and garbage collection for more.
    assert!((0.3..0.5).contains(&missed), "{missed}");
}
