//! Series that a fleet derives from spans.

use std::collections::BTreeSet;

use alloy_sim::model::record::catalogue::{Failure, Metric};

use super::{text, value};
use crate::support::scene::{Scene, blueprint, play, results, study};

/// The platform of spans with an endpoint of metrics, and no pod that is replaced.
fn derived(changes: &str) -> String {
    let base = r#"
    workload.apps.restarts_per_day = "0%"
    fleet.all.otlp.protocol = "http"
    fleet.all.own_series = 0
    fleet.all.sends_to = ["tempo", "mimir"]
    endpoint = [{ name = "tempo", signal = "traces", latency = "10ms" }, { name = "mimir", signal = "metrics", latency = "10ms" }]
    "#;
    text(&[base, changes].concat())
}

fn scene(changes: &str) -> Scene {
    play(blueprint(&derived(changes)), 1, 1)
}

const KEYS: &str = "    fleet.all.spanmetrics = { keys_per_service = 30 }\n";

/// 20 series per key and resource: ten pods, or one service.
#[test]
fn twenty_series_per_key_and_resource() {
    let pods = scene(KEYS);
    for metric in [Metric::DerivedSeriesPeak, Metric::SeriesActivePeak] {
        let series = value(&pods, metric);
        assert!((series - 20.0 * 30.0 * 10.0).abs() < 1e-3, "{series}");
    }
    // Each goes once a minute, for two hours.
    let sent = value(&pods, Metric::SamplesSent);
    assert!((sent - 6_000.0 * 120.0).abs() < 2.0, "{sent}");
    let service = "    fleet.all.spanmetrics = { keys_per_service = 30, resources = \"service\" }\n    workload.apps.services = 4\n";
    let series = value(&scene(service), Metric::DerivedSeriesPeak);
    assert!((series - 20.0 * 30.0 * 4.0).abs() < 1e-3, "{series}");
    let cached = "    fleet.all.spanmetrics = { keys_per_service = 30, resource_cache = 7 }\n";
    let series = value(&scene(cached), Metric::DerivedSeriesPeak);
    assert!((series - 20.0 * 30.0 * 7.0).abs() < 1e-3, "{series}");
    assert!(value(&scene(""), Metric::DerivedSeriesPeak).is_nan());
}

/// 39 series per edge, and 79 once a call has failed.
#[test]
fn an_edge_has_39_series_and_79_once_it_failed() {
    for (failed, each) in [("0%", 39.0), ("100%", 79.0), ("25%", 49.0)] {
        let graph = format!(
            "    fleet.all.servicegraph = {{ edges = 200, failed_share = \"{failed}\" }}\n"
        );
        let series = value(&scene(&graph), Metric::DerivedSeriesPeak);
        assert!((series - 200.0 * each).abs() < 1e-3, "{failed}: {series}");
    }
}

/// Without routing by service each instance has all series. With it a series is on one of them.
#[test]
fn every_instance_has_all_series_without_routing() {
    let four = [KEYS, "    fleet.all.replicas = 4\n"].concat();
    let whole = 6_000.0;
    let plain = scene(&four);
    assert!((value(&plain, Metric::SeriesActivePeak) - 4.0 * whole).abs() < 1e-2);
    assert!((value(&plain, Metric::DerivedSeriesPeak) - whole).abs() < 1e-2);
    let routed = [
        &four,
        "    workload.apps.services = 10\n    fleet.all.otlp.balancer = { kind = \"load-balancing-exporter\", key = \"service\" }\n",
    ]
    .concat();
    let routed = scene(&routed);
    assert!((value(&routed, Metric::SeriesActivePeak) - whole).abs() < 1e-2);
    let busiest = value(&routed, Metric::DerivedSeriesPeak);
    let share = value(&routed, Metric::SpansBusiestRatio) / 4.0;
    assert!(
        (busiest - whole * share).abs() < 1.0,
        "{busiest} and {share}"
    );
}

/// A pair of services goes 15 min after its last call. After an hour one pod in a million is left.
#[test]
fn edges_go_after_a_quarter_of_an_hour() {
    let ends = r#"
    fleet.all.servicegraph = { edges = 200, failed_share = "0%" }
    workload.apps.pods = { start = 10, steps = [{ at = "1h", factor = 0.000001 }] }
    "#;
    let scene = scene(ends);
    let sent = value(&scene, Metric::SamplesSent);
    let whole = 7_800.0 * 75.0;
    // One call in 2,000 s is left: two pairs in a thousand are seen within 15 min.
    assert!((sent / whole - 1.0).abs() < 0.003, "{sent} of {whole}");
}

/// Pairs that are seldom called are not all there. Single calls are simulated.
#[test]
fn a_pair_that_is_seldom_called_comes_and_goes() {
    let seldom = "    workload.apps.spans_per_pod = 0.2\n    fleet.all.servicegraph = { edges = 1000, failed_share = \"0%\" }\n";
    let series = value(&scene(seldom), Metric::DerivedSeriesPeak);
    let mut stream = alloy_sim::engine::RandomStreams::new(3, 0).stream(4, 5, 6);
    let mut seen = BTreeSet::new();
    let mut at = 0.0;
    loop {
        // One call per second, within 900 s.
        at += -stream.unit().ln();
        if at > 900.0 {
            break;
        }
        seen.insert(format!("{:.0}", stream.unit() * 1_000.0 - 0.5));
    }
    let simulated = seen.len() as f64 * 39.0;
    // The standard error of the number of pairs is 16.
    assert!(
        (series - simulated).abs() < 4.0 * 16.0 * 39.0,
        "{series} and {simulated}"
    );
}

/// A fifth of 100 pods is replaced each day.
const GROWING: &str = r#"
    experiment.horizon = "20d"
    experiment.grid = "1h"
    workload.apps.pods = 100
    workload.apps.restarts_per_day = "20%"
    fleet.all.spanmetrics = { keys_per_service = 30 }
"#;

/// Key by key: a set of the resources that a process remembers, of pods that are replaced at an even
/// rate. The oldest resource goes when the cache is full.
fn remembered(days: u64, per_day: u64, cache: usize) -> f64 {
    let mut known: BTreeSet<u64> = (0..100).collect();
    let mut alive = known.clone();
    for next in (100..).take(usize::try_from(days * per_day).unwrap()) {
        let oldest = *alive.iter().next().unwrap();
        alive.remove(&oldest);
        alive.insert(next);
        known.insert(next);
        if known.len() > cache {
            // Those that live are used at each flush, so the first of the others goes.
            let gone = known.iter().copied().find(|pod| !alive.contains(pod));
            known.remove(&gone.unwrap());
        }
    }
    known.len() as f64 * 20.0 * 30.0
}

/// Without an expiration series grow with every pod that is replaced, until the cache is full.
#[test]
fn series_grow_without_an_expiration() {
    let growing = value(&scene(GROWING), Metric::DerivedSeriesPeak);
    let simulated = remembered(20, 20, 1_000);
    assert!(
        (growing / simulated - 1.0).abs() < 0.01,
        "{growing} and {simulated}"
    );
    let small = GROWING.replace("= 30 }", "= 30, resource_cache = 300 }");
    let full = value(&scene(&small), Metric::DerivedSeriesPeak);
    let simulated = remembered(20, 20, 300);
    assert!(
        (full / simulated - 1.0).abs() < 0.01,
        "{full} and {simulated}"
    );
    let expiring = GROWING.replace("= 30 }", "= 30, series_expiration = \"1d\" }");
    let expiring = value(&scene(&expiring), Metric::DerivedSeriesPeak);
    // The pods of a day beside those that exist.
    assert!(
        (expiring / (120.0 * 600.0) - 1.0).abs() < 0.01,
        "{expiring}"
    );
    let service = GROWING.replace("= 30 }", "= 30, resources = \"service\" }");
    let service = value(&scene(&service), Metric::DerivedSeriesPeak);
    assert!((service - 600.0).abs() < 1e-3, "{service}");
}

/// The growth ends in a kill, and the next process begins with what exists. An expiration ends that.
#[test]
fn growth_ends_out_of_memory() {
    let limited = [
        GROWING,
        "    fleet.all.resources = { memory = { request = \"700MiB\", limit = \"700MiB\" } }\n",
    ]
    .concat();
    let killed = scene(&limited);
    assert!(killed.fails("fleet.all", Failure::Oom));
    let kills = value(&killed, Metric::OomCount);
    assert!((1.0..20.0).contains(&kills), "{kills}");
    let calm = limited.replace("= 30 }", "= 30, series_expiration = \"1h\" }");
    let calm = scene(&calm);
    assert!(!calm.fails("fleet.all", Failure::Oom));
}

/// Half edges wait for 1.5 s in a store of 1,000, so 667 calls per second have room. Single half edges
/// are simulated: each stays for a random time of that mean.
#[test]
fn the_store_has_room_for_667_calls_per_second() {
    for (spans, calls) in [(100.0, 500.0), (130.0, 650.0), (200.0, 1_000.0)] {
        let graph = format!(
            "    workload.apps.spans_per_pod = {spans}\n    fleet.all.servicegraph = {{ edges = 10 }}\n"
        );
        let dropped = value(&scene(&graph), Metric::EdgesDropped) / 7_200.0;
        let expected = (calls - 1_000.0 / 1.5_f64).max(0.0);
        assert!((dropped - expected).abs() < 0.01, "{spans}: {dropped}");
        let simulated = store(calls, 1_000);
        // The fluid leaves out what a busy store drops by chance: 2 % of the calls just below the bound.
        assert!(
            (dropped - simulated).abs() < 0.03 * calls,
            "{calls}: {simulated}"
        );
    }
}

/// Calls per second that find a store full, half edge by half edge, of which each waits for up to 3 s.
fn store(calls: f64, most: usize) -> f64 {
    let mut stream = alloy_sim::engine::RandomStreams::new(3, 0).stream(1, 2, 3);
    let (mut at, mut dropped) = (0.0, 0_u32);
    let mut open: BTreeSet<u64> = BTreeSet::new();
    while at < 300.0 {
        at += -stream.unit().ln() / calls;
        let nanos = |seconds: f64| format!("{:.0}", seconds * 1e9).parse::<u64>().unwrap();
        open = open.split_off(&nanos(at));
        if open.len() >= most {
            dropped += 1;
        } else {
            open.insert(nanos(at + 3.0 * stream.unit()));
        }
    }
    f64::from(dropped) / 300.0
}

/// A goroutine per connector: at 100 us per span one core does 10,000 spans per second.
#[test]
fn a_connector_has_one_core() {
    let busy = "    workload.apps.spans_per_pod = 2000\n    fleet.all.spanmetrics = { keys_per_service = 1, cpu = \"100us\" }\n";
    let scene = scene(busy);
    let (offered, refused) = (
        value(&scene, Metric::SpansOffered),
        value(&scene, Metric::SpansRefusedCpu),
    );
    assert!(
        (refused / offered - 0.5).abs() < 1e-6,
        "{refused} of {offered}"
    );
}

/// Whether the base case of a platform says something.
fn says(changes: &str, what: &str) -> bool {
    let results = results(study(&derived(changes)), 1);
    let mut findings = results.cases[0].findings.iter();
    findings.any(|finding| finding.text.contains(what))
}

#[test]
fn findings_about_connectors() {
    let two = [KEYS, "    fleet.all.replicas = 2\n"].concat();
    assert!(says(&two, "instances emit the same series"));
    assert!(says(&two, "series of span metrics never expire"));
    assert!(!says(&two, "a pipeline without state"));
    let named = two.replace(
        "= 30 }",
        "= 30, include_instance_id = true, series_expiration = \"1h\" }",
    );
    assert!(says(&named, "emits span metrics of its own"));
    assert!(!says(&named, "never expire"));
    let full =
        "    workload.apps.spans_per_pod = 200\n    fleet.all.servicegraph = { edges = 10 }\n";
    assert!(says(full, "the store of the service graph is full"));
}
