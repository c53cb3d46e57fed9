//! The outbound rules of an Azure load balancer, the default of AKS.

use crate::model::blueprint::nat::{NatLimits, PoolKey, PortBlock, Tier};
use crate::units::SimDuration;

/// Ports of one frontend address.
///
/// Source: Microsoft Learn, "Use Source Network Address Translation (SNAT) for outbound connections",
/// section on ports, read 2026-11.
const PORTS_PER_ADDRESS: u32 = 64_000;

/// Ports per node and address by the size of the backend pool.
///
/// Source: Microsoft Learn, "Use Source Network Address Translation (SNAT) for outbound connections",
/// table of the default port allocation, read 2026-11.
const TIERS: [Tier; 6] = [
    tier(50, 1_024),
    tier(100, 512),
    tier(200, 256),
    tier(400, 128),
    tier(800, 64),
    tier(1_000, 32),
];

/// Most ports that the default allocation gives to a node, however many addresses there are.
///
/// Source: Microsoft Learn, "Use Source Network Address Translation (SNAT) for outbound connections",
/// section on the default port allocation, read 2026-11.
const PORTS_PER_NODE_MAX: u32 = 1_024;

/// How long a port is kept after a FIN.
///
/// Simplified: newer documents only say that a port is released when the flow closes. Users report
/// ports that are held until the idle timeout. Sweep `hold` up to that.
///
/// Source: Microsoft Learn, "Outbound connections in Azure", section "TCP SNAT port release" (older
/// versions, read 2026-11); Azure/AKS issue 4697.
const HOLD_AFTER_CLOSE: SimDuration = SimDuration::from_secs(240);

/// How long a port is kept after a reset.
///
/// Source: Microsoft Learn, "Outbound connections in Azure", section "TCP SNAT port release" (older
/// versions, read 2026-11).
const HOLD_AFTER_RESET: SimDuration = SimDuration::from_secs(15);

/// Idle timeout that AKS sets.
///
/// Source: Microsoft Learn, AKS, "Use a public standard load balancer", read 2026-11.
const IDLE_TIMEOUT: SimDuration = SimDuration::from_mins(30);

/// What the load balancer enforces. A node's ports can be used once for each destination.
///
/// Source: Microsoft Learn, "Use Source Network Address Translation (SNAT) for outbound connections",
/// read 2026-11.
pub(super) const LIMITS: NatLimits = NatLimits {
    ports_per_address: PORTS_PER_ADDRESS,
    sharing: PoolKey::PerNodeBlock(PortBlock::Tiers {
        tiers: &TIERS,
        ports_max: PORTS_PER_NODE_MAX,
    }),
    hold_after_close: HOLD_AFTER_CLOSE,
    hold_after_reset: Some(HOLD_AFTER_RESET),
    idle_timeout: IDLE_TIMEOUT,
    ..NatLimits::PLAIN
};

const fn tier(nodes_max: u32, ports: u32) -> Tier {
    Tier { nodes_max, ports }
}
