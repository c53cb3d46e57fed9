//! The limits of the providers against what their documents say.

use super::*;

#[test]
fn blocks_divide_an_address_among_nodes() {
    let limits = Provider::GcpStatic.limits();
    let nodes = [64, 128, 256, 1_024, 4_096].map(|ports| limits.nodes_per_address(ports));
    assert_eq!(nodes, [1_008, 504, 252, 63, 15]);
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

/// A kernel from 6.5 on evicts held entries in 120 of its 248 probes.
#[test]
fn a_new_kernel_makes_room_of_what_is_closing() {
    let limits = Provider::Linux.limits();
    let check = |occupancy: f64, closing: f64, expected: f64| {
        let found = limits.admission.refusal_probability(occupancy, closing);
        let off = (found / expected - 1.0).abs();
        assert!(off < 5e-3, "{occupancy} {closing}: {found}");
    };
    check(0.97, 0.1, 9.15e-7);
    check(1.0, 0.05, 0.0479);
    check(1.0, 0.1, 2.12e-3);
    check(0.97, 0.0, 5.24e-4);
}
