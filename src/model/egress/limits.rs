//! The limits of the providers against what their documents say.

use super::*;
use crate::units::Fraction;

#[test]
fn blocks_divide_an_address_among_nodes() {
    let limits = Provider::GcpStatic.limits();
    let nodes = [64, 128, 256, 1_024, 4_096].map(|ports| limits.nodes_per_address(ports));
    assert_eq!(nodes, [1_008, 504, 252, 63, 15]);
    assert_eq!(limits.addresses_for_nodes(1_008, 64), Some(1));
    assert_eq!(limits.addresses_for_nodes(1_009, 64), Some(2));
    assert_eq!(limits.addresses_for_nodes(1, 65_536), None);
}

#[test]
fn many_sidecars_need_several_addresses() {
    let headroom = Fraction::clamped(0.05);
    let needed = |provider: Provider, connections: f64| {
        let ports = 150_000.0 * connections * 1.12;
        format!("{}", provider.limits().addresses_for_ports(ports, headroom))
    };
    assert_eq!(needed(Provider::Linux, 1.0), "3");
    assert_eq!(needed(Provider::Aws, 1.0), "4");
    assert_eq!(needed(Provider::DeploymentGuide, 2.0), "6");
}

#[test]
fn searching_fails_softly() {
    let check = |probes: u32, occupancy: f64, expected: f64, slack: f64| {
        let found = Admission::Probes(probes).refusal_probability(occupancy, 0.0);
        assert!(
            (found - expected).abs() <= slack,
            "{probes} {occupancy}: {found}"
        );
    };
    check(248, 0.95, 2.99e-6, 5e-9);
    check(248, 0.97, 5.24e-4, 5e-7);
    check(248, 0.98, 6.67e-3, 5e-6);
    check(248, 0.99, 0.0827, 5e-5);
    check(248, 0.995, 0.288, 5e-4);
    check(128, 0.95, 1.41e-3, 5e-6);
    check(128, 0.98, 0.0753, 5e-5);
    check(128, 0.99, 0.276, 5e-4);
}
