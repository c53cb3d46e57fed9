//! Memory and CPU of spans: what waits lives on the heap, and a limiter refuses what has no room.

use alloy_sim::model::record::catalogue::{Failure, Metric};

use super::{fates, scene, scene_with, value};

/// Held spans take 1.2 KB each.
#[test]
fn a_full_queue_lives_on_the_heap() {
    let outage = "    endpoint.tempo.outages = [{ at = \"1h\", for = \"12m\" }]\n    fleet.all.otlp.batch = true\n";
    let calm = value(&scene(""), Metric::LivePeak);
    let full = value(&scene(outage), Metric::LivePeak);
    let held = 200_000.0 * (600.0 + 1.32 * 447.0);
    assert!((full - calm - held).abs() < 0.01 * held, "{}", full - calm);
    let disk = [outage, "    fleet.all.otlp.storage = true\n"].concat();
    assert!((value(&scene(&disk), Metric::LivePeak) - calm).abs() < 1.0);
}

/// Without a limiter the queue grows until the process is killed, with all that waits.
#[test]
fn a_queue_beyond_the_limit_kills() {
    let outage = r#"
    endpoint.tempo.outages = [{ at = "1h", for = "12m" }]
    fleet.all.otlp.batch = true
    fleet.all.resources = { memory = { limit = "200MiB" } }
    "#;
    let killed = scene(outage);
    assert!(value(&killed, Metric::OomCount) >= 1.0);
    assert!(value(&killed, Metric::SpansLostRestart) > 50_000.0);
    assert!((fates(&killed) - value(&killed, Metric::SpansOffered)).abs() < 1.0);
    let limiter = r#""fleet.all.otlp.memory_limiter" = { limit = "150MiB", spike = "30MiB" }"#;
    let refused = scene_with(outage, limiter);
    assert!(value(&refused, Metric::OomCount).abs() < 1e-9);
    assert!(value(&refused, Metric::SpansRefusedProcessor) > 100_000.0);
    assert!(value(&refused, Metric::SpansLostRestart).abs() < 1e-9);
    // Live bytes stay at the soft limit.
    let live = value(&refused, Metric::LivePeak);
    assert!((live / (120.0 * 1_048_576.0) - 1.0).abs() < 0.01, "{live}");
    assert!((fates(&refused) - value(&refused, Metric::SpansOffered)).abs() < 1.0);
}

/// Scraped series fill the heap up to the limiter, so that spans are refused.
#[test]
fn the_limiter_counts_the_whole_heap() {
    let both = r#"
    workload.pages.runs_on = ["prod.general"]
    workload.pages.pods = 100
    workload.pages.series_per_pod = 1000
    endpoint.mimir.signal = "metrics"
    fleet.all.collects = { traces = ["apps"], metrics = ["pages"] }
    fleet.all.sends_to = ["tempo", "mimir"]
    fleet.all.memory_per_series = "8KB"
    fleet.all.otlp.memory_limiter = { limit = "100MB", spike = "20MB" }
    "#;
    let scene = scene(both);
    let refused = value(&scene, Metric::SpansRefusedProcessor);
    let offered = value(&scene, Metric::SpansOffered);
    assert!(
        (refused / offered - 1.0).abs() < 1e-6,
        "{refused} of {offered}"
    );
    assert!(value(&scene, Metric::MissedCpu).abs() < 1e-9);
    assert!(scene.fails("fleet.all", Failure::DataLost));
}

/// Spans that find no CPU are dropped by their clients. They compete with scrapes by their connections.
#[test]
fn spans_find_no_cpu() {
    let busy = "    workload.apps.spans_per_pod = 10000\n    fleet.all.resources = { cpu = { limit = 1 } }\n";
    let scene = scene(busy);
    // 100,000 spans per second take 2.7 cores.
    let refused = value(&scene, Metric::SpansRefusedCpu) / value(&scene, Metric::SpansOffered);
    assert!((refused - (1.0 - 1.0 / 2.72)).abs() < 0.03, "{refused}");
    assert!(scene.fails("fleet.all", Failure::CpuShort));
    assert!((fates(&scene) - value(&scene, Metric::SpansOffered)).abs() < 1.0);
}
