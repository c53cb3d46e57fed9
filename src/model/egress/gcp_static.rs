//! Google Cloud NAT with static port allocation, the default.

use crate::model::blueprint::nat::{NatLimits, PoolKey, PortBlock};
use crate::units::SimDuration;

/// Ports 1,024 to 65,535 of one address.
///
/// Source: Google Cloud documentation, Cloud NAT, "IP addresses and ports", read 2026-11.
pub(super) const PORTS_PER_ADDRESS: u32 = 64_512;

/// Ports reserved for each VM unless configured otherwise.
///
/// Source: Google Cloud documentation, Cloud NAT, "IP addresses and ports", section on static port
/// allocation, read 2026-11.
const PORTS_PER_NODE: u32 = 64;

/// `TIME_WAIT` timeout of gateways that existed before 30 September 2026, the default here. Newer
/// gateways have 30 seconds.
///
/// Source: Google Cloud documentation, Cloud NAT, "Tune NAT configuration", timeouts, read 2026-11.
pub(super) const HOLD_AFTER_CLOSE: SimDuration = SimDuration::from_mins(2);

/// TCP established connection idle timeout.
///
/// Source: Google Cloud documentation, Cloud NAT, "Tune NAT configuration", timeouts, read 2026-11.
pub(super) const IDLE_TIMEOUT: SimDuration = SimDuration::from_mins(20);

/// What Cloud NAT with static allocation enforces. Within a block a port can be used once for each
/// destination.
///
/// Source: Google Cloud documentation, Cloud NAT, "IP addresses and ports", read 2026-11.
pub(super) const LIMITS: NatLimits = NatLimits {
    ports_per_address: PORTS_PER_ADDRESS,
    sharing: PoolKey::PerNodeBlock(PortBlock::Static {
        ports: PORTS_PER_NODE,
    }),
    hold_after_close: HOLD_AFTER_CLOSE,
    idle_timeout: IDLE_TIMEOUT,
    ..NatLimits::PLAIN
};
