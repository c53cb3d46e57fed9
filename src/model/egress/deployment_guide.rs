//! The arithmetic of Grafana's deployment guide.

use crate::model::blueprint::nat::{NatLimits, PoolKey};

/// Ports of one egress address: 65,535 less 1,024.
///
/// Source: Grafana Alloy documentation, "Deploy Grafana Alloy", section "As a host daemon", read 2026-11.
const PORTS_PER_ADDRESS: u32 = 65_535 - 1_024;

/// Metrics and logs of a collector count against the same address, whatever their destination. The
/// guide names neither hold nor idle times.
///
/// Source: Grafana Alloy documentation, "Deploy Grafana Alloy", section "As a host daemon", read 2026-11.
pub(super) const LIMITS: NatLimits = NatLimits {
    ports_per_address: PORTS_PER_ADDRESS,
    sharing: PoolKey::Shared,
    ..NatLimits::PLAIN
};
