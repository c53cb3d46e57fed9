//! The NAT gateway of Amazon Web Services.

use crate::model::blueprint::nat::{NatLimits, PoolKey};
use crate::units::SimDuration;

/// Simultaneous connections of one IPv4 address to each unique destination.
///
/// Source: Amazon VPC User Guide, "NAT gateway basics", read 2026-11.
const PORTS_PER_ADDRESS: u32 = 55_000;

/// One primary and seven secondary IPv4 addresses.
///
/// Source: Amazon VPC User Guide, "NAT gateway basics", read 2026-11.
const ADDRESSES_MAX: u32 = 8;

/// Silence after which a connection is dropped and answered with RST.
///
/// Source: Amazon VPC User Guide, "Troubleshoot NAT gateways", section on connections that drop
/// after 350 seconds, read 2026-11.
const IDLE_TIMEOUT: SimDuration = SimDuration::from_secs(350);

/// How long a closed connection keeps its port.
///
/// Simplified: undocumented. This is the time after which a port should be reused, so the capacity
/// answer errs on the safe side. Sweep it down to one minute, the client's own TIME-WAIT.
///
/// Source: RFC 6888, requirement 8 (delay before an external port is reused), read 2026-11.
const HOLD_AFTER_CLOSE: SimDuration = SimDuration::from_mins(2);

/// What an AWS NAT gateway enforces.
///
/// Source: Amazon VPC User Guide, "NAT gateway basics", read 2026-11.
pub(super) const LIMITS: NatLimits = NatLimits {
    ports_per_address: PORTS_PER_ADDRESS,
    addresses_max: Some(ADDRESSES_MAX),
    sharing: PoolKey::PerDestination,
    hold_after_close: HOLD_AFTER_CLOSE,
    idle_timeout: IDLE_TIMEOUT,
    ..NatLimits::PLAIN
};
