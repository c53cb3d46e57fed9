//! The arithmetic of Grafana's deployment guide.

use crate::model::blueprint::nat::{Admission, NatLimits, PoolKey};
use crate::units::SimDuration;

/// Ports of one egress address: 65,535 less 1,024.
///
/// Source: Grafana Alloy documentation, "Deploy Grafana Alloy", section "As a host daemon", read 2026-11.
const PORTS_PER_ADDRESS: u32 = 65_535 - 1_024;

/// Metrics and logs of a collector count against the same address, whatever their destination; the
/// guide names neither hold nor idle times.
///
/// Source: Grafana Alloy documentation, "Deploy Grafana Alloy", section "As a host daemon", read 2026-11.
pub(super) const LIMITS: NatLimits = NatLimits {
    ports_per_address: PORTS_PER_ADDRESS,
    addresses_max: None,
    sharing: PoolKey::Shared,
    hold_after_close: SimDuration::ZERO,
    idle_timeout: SimDuration::MAX,
    admission: Admission::Hard,
};
