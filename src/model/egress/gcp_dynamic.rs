//! Google Cloud NAT with dynamic port allocation.

use super::gcp_static;
use crate::model::blueprint::nat::{NatLimits, PoolKey, PortBlock};

/// Ports that a VM starts with.
///
/// Source: Google Compute Engine API reference, `RouterNat`, `enableDynamicPortAllocation` and
/// `minPortsPerVm`, read 2026-11.
const PORTS_PER_NODE_MIN: u32 = 32;

/// Ports at which doubling ends if no maximum is configured.
///
/// Source: Google Compute Engine API reference, `RouterNat`, `maxPortsPerVm`, read 2026-11.
const PORTS_PER_NODE_MAX: u32 = 65_536;

/// What Cloud NAT with dynamic allocation enforces. A VM near the end of its ports gets twice as
/// many.
///
/// Source: Google Cloud documentation, Cloud NAT, "IP addresses and ports", section on dynamic port
/// allocation, read 2026-11.
pub(super) const LIMITS: NatLimits = NatLimits {
    sharing: PoolKey::PerNodeBlock(PortBlock::Dynamic {
        ports_min: PORTS_PER_NODE_MIN,
        ports_max: PORTS_PER_NODE_MAX,
    }),
    ..gcp_static::LIMITS
};
