//! The NAT gateway of Microsoft Azure.

use crate::model::blueprint::nat::{NatLimits, PoolKey};
use crate::units::SimDuration;

/// Concurrent connections of one address to one destination. An address has 64,512 ports.
///
/// Source: Microsoft Learn, "Azure NAT Gateway resource", section "Scalability", read 2026-11.
const PORTS_PER_ADDRESS: u32 = 50_000;

/// Public addresses of one gateway.
///
/// Source: Microsoft Learn, "Azure NAT Gateway resource", section "Scalability", read 2026-11.
const ADDRESSES_MAX: u32 = 16;

/// Port reuse timer after a TCP FIN, towards the same destination.
///
/// Source: Microsoft Learn, "Azure NAT Gateway resource", section "Port reuse timers", read 2026-11.
const HOLD_AFTER_CLOSE: SimDuration = SimDuration::from_secs(65);

/// Port reuse timer after a TCP RST, towards the same destination.
///
/// Source: Microsoft Learn, "Azure NAT Gateway resource", section "Port reuse timers", read 2026-11.
const HOLD_AFTER_RESET: SimDuration = SimDuration::from_secs(16);

/// TCP idle timeout unless configured otherwise (4 to 120 minutes).
///
/// Source: Microsoft Learn, "Azure NAT Gateway resource", section "Idle timeout timers", read 2026-11.
const IDLE_TIMEOUT: SimDuration = SimDuration::from_mins(4);

/// What an Azure NAT gateway enforces.
///
/// Source: Microsoft Learn, "Azure NAT Gateway resource", read 2026-11.
pub(super) const LIMITS: NatLimits = NatLimits {
    ports_per_address: PORTS_PER_ADDRESS,
    addresses_max: Some(ADDRESSES_MAX),
    sharing: PoolKey::PerDestination,
    hold_after_close: HOLD_AFTER_CLOSE,
    hold_after_reset: Some(HOLD_AFTER_RESET),
    idle_timeout: IDLE_TIMEOUT,
    ..NatLimits::PLAIN
};
