//! Source ports of collectors with one connection each.

use alloy_sim::model::record::catalogue::{Failure, Metric, Track};

use super::assert_all;
use crate::support::platform::CALM;
use crate::support::scene::{Scene, changed, play};

/// Three days of `nodes`, then 20 % more, then 10 % fewer than at first, behind two addresses of 550 ports.
fn ports(nodes: u32) -> Scene {
    let nodes = format!(
        r#"{{ start = {nodes}, steps = [{{ at = "24h", factor = 1.2 }}, {{ at = "48h", factor = 0.75 }}] }}"#
    );
    let nat = r#"{ provider = "custom", addresses = 2, ports_per_address = 550, sharing = "shared", hold = "0s" }"#;
    let set = format!(r#""cluster.prod.pool.general.nodes" = {nodes}, "egress.nat" = {nat}"#);
    play(changed(CALM, &set), 1, 1)
}

#[test]
fn a_day_with_too_few_ports() {
    let scene = ports(1_000);
    let expected = [
        ("egress.nat", Metric::PortsWantedPeak, 1_200.0),
        ("egress.nat", Metric::PortsEnd, 900.0),
        ("egress.nat", Metric::PortsBlockedPeak, 100.0),
    ];
    assert_all(&scene, &ports(1_050), &expected);
    let value = |metric| scene.value("egress.nat", metric);
    assert!((value(Metric::PortsPeak) - 1_100.0).abs() < 1e-9);
    assert!((value(Metric::PortsPeakRatio) - 1.0).abs() < 1e-9);
    assert!((value(Metric::PortsBlockedSeconds) - 86_400.0).abs() < 1e-9);
    assert!((value(Metric::AddressesNeeded) - 3.0).abs() < 1e-9);
    let first = scene.first("egress.nat", Failure::PortsExhausted);
    assert_eq!(first, [Some(86_400.0)]);
    let points = scene.tracks("egress.nat", Track::Ports).remove(0);
    let highest = points.iter().copied().fold(0.0, f64::max);
    assert!((points[0] - 1_000.0).abs() < 1e-9);
    assert!((highest - 1_100.0).abs() < 1e-9);
    assert!((points[points.len() - 1] - 900.0).abs() < 1e-9);
}

/// With 916 nodes the most that is wanted, 1,099, is there.
#[test]
fn two_addresses_suffice_for_a_few_nodes_less() {
    let scene = ports(916);
    let value = |metric| scene.value("egress.nat", metric);
    assert!(value(Metric::PortsBlockedSeconds) <= 0.0);
    let used = value(Metric::PortsPeak);
    assert!((used - value(Metric::PortsWantedPeak)).abs() < 1e-9);
    assert!((value(Metric::PortsPeakRatio) - used / 1_100.0).abs() < 1e-9);
    assert!((value(Metric::AddressesNeeded) - 2.0).abs() < 1e-9);
    assert!(!scene.fails("egress.nat", Failure::PortsExhausted));
}
