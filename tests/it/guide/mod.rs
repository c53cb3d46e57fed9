//! The numbers of Grafana's page "Deploy Grafana Alloy", exactly, with the preset that takes the page
//! literally.

#![expect(clippy::float_cmp, reason = "the numbers of the guide are exact")]

mod switches;

use alloy_sim::model::record::catalogue::{Failure, Metric};

use crate::support::platform::{of_pods, platform};
use crate::support::scene::{Scene, changed, play, results, study};

/// A daemon on every node that sends metrics and logs through one address.
const DAEMONS: &str = r#"
    preset = "deployment-guide"
    experiment.horizon = "2h"
    cluster.prod.pool.general.nodes = 100
    workload.hosts.series_per_target = 1000
    workload.hosts.logs_per_pod = "1KiB/s"
    fleet.all.collects = { metrics = ["hosts"], logs = ["hosts"] }
    fleet.all.sends_to = ["metrics", "logs"]
    endpoint = [{ name = "metrics", signal = "metrics", via = "nat" }, { name = "logs", signal = "logs", via = "nat" }]
"#;

fn one(text: &str, set: &str) -> Scene {
    play(changed(text, set), 1, 1)
}

#[test]
fn a_million_series_are_ten_gigabytes() {
    let million = of_pods("");
    let fits = one(
        &million,
        r#""fleet.all.resources" = { memory = { limit = "10GB" } }"#,
    );
    assert_eq!(
        fits.value("fleet.all", Metric::MemoryPeak),
        10_000_000_000.0
    );
    let needed = fits.value("fleet.all", Metric::MemoryLimitNeeded);
    assert_eq!(needed, 10_000_000_000.0);
    assert!(!fits.fails("fleet.all", Failure::Oom));
    let limit = r#""fleet.all.resources" = { memory = { limit = "9999999999B" } }"#;
    let cold = format!(r#"{limit}, "experiment.start" = "cold""#);
    let starved = one(&million, &cold);
    assert_eq!(starved.first("fleet.all", Failure::Oom), [Some(0.0)]);
    assert_eq!(
        starved.value("fleet.all", Metric::MemoryPeak),
        9_999_999_999.0
    );
    // A fleet that has been running has died of it before, and does so again.
    assert!(one(&million, limit).fails("fleet.all", Failure::Oom));
}

/// Whether the ports of a scenario suffice, and how many its peak wants.
fn ports(nodes: u32, endpoints: &str, addresses: u32) -> (bool, f64) {
    let set = format!(
        r#""cluster.prod.pool.general.nodes" = {nodes}, "fleet.all.sends_to" = {endpoints},
           "egress.nat.addresses" = {addresses}"#
    )
    .replace('\n', " ");
    let scene = one(&platform(DAEMONS), &set);
    let peak = scene.value("egress.nat", Metric::PortsWantedPeak);
    let suffices = !scene.fails("egress.nat", Failure::PortsExhausted);
    let blocked = scene.value("egress.nat", Metric::PortsBlockedPeak);
    let capacity = f64::from(64_511 * addresses);
    assert_eq!(blocked, (peak - capacity).max(0.0), "{nodes} nodes");
    assert_eq!(suffices, peak <= capacity, "{nodes} nodes");
    (suffices, peak)
}

#[test]
fn an_address_carries_32255_collectors_with_two_connections() {
    const BOTH: &str = r#"["metrics", "logs"]"#;
    assert_eq!(ports(32_255, BOTH, 1), (true, 64_510.0));
    assert_eq!(ports(32_256, BOTH, 1), (false, 64_512.0));
    assert_eq!(ports(64_511, BOTH, 2), (true, 129_022.0));
    assert_eq!(ports(64_512, BOTH, 2), (false, 129_024.0));
}

#[test]
fn an_address_has_64511_ports() {
    const METRICS: &str = r#"["metrics"]"#;
    assert_eq!(ports(64_511, METRICS, 1), (true, 64_511.0));
    assert_eq!(ports(64_512, METRICS, 1), (false, 64_512.0));
}

/// Whether the answer speaks of scaling out with this many pods of a thousand series.
fn scales_out(pods: u32) -> bool {
    let text = of_pods(&format!("workload.apps.pods = {pods}"));
    let results = results(study(&text), 1);
    let findings = results.cases[0].findings.iter();
    let mut about = findings.filter(|finding| finding.text.contains("scaling out"));
    about.next().is_some()
}

#[test]
fn a_million_series_per_collector_are_the_mark_to_scale_out_at() {
    assert!(scales_out(1_000));
    assert!(!scales_out(900));
}

/// A kill cuts the memory of a collector off, so the answer quotes no more than the limit of it.
#[test]
fn a_killed_collector_takes_more_than_its_limit_per_series() {
    let said = |limit: &str| {
        let limit = format!("    fleet.all.resources = {{ memory = {{ limit = \"{limit}\" }} }}\n");
        let grows = "    workload.apps.pods = { start = 900, growth_per_1d = \"20%\" }\n";
        let results = results(study(&of_pods(&(limit + grows))), 1);
        let mut findings = results.cases[0].findings.iter();
        let finding = findings.find(|finding| finding.text.contains("reckon with 10 KB"));
        finding.unwrap().text.clone()
    };
    let killed = said("9.5GB");
    let more = "has more than 10.0 KB of resident memory per active series in the median";
    assert!(killed.contains(more), "{killed}");
    assert!(killed.ends_with("and more than 10.0 KB at the 95th percentile"));
    let whole = said("11GB");
    assert!(!whole.contains("more than"), "{whole}");
}
