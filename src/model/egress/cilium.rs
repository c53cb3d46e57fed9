//! Cilium's BPF masquerading and egress gateway.

use crate::model::blueprint::nat::{Admission, NatLimits, PoolKey};
use crate::units::SimDuration;

/// Ports above the node-port range, 32,768 to 65,535, for each remote endpoint.
///
/// Source: Cilium documentation, "Egress Gateway Advanced Troubleshooting", section "SNAT connection
/// limits", read 2026-11.
const PORTS_PER_ADDRESS: u32 = 65_535 - 32_767;

/// Ports tried, first at random and then in a row, before the packet is dropped.
///
/// Simplified: the map of all flows evicts its oldest entry instead of refusing. The map has 512 Ki
/// entries on a node. Use [`Admission::EvictOldest`] with that capacity where many destinations
/// share a node.
///
/// Source: Cilium, `bpf/lib/nat.h`, `SNAT_COLLISION_RETRIES`, read 2026-11.
const PROBES: u32 = 128;

/// How long the port of a closed connection is taken: until the next collection of garbage.
///
/// Simplified: a constant. The agent collects after 10 s to 12 h, as it reckons, and at once when a
/// dial needs more than 64 tries.
///
/// INFERRED: half an hour, between the bounds of `ConntrackGCInterval` in Cilium's `pkg/defaults`
/// (read 2026-11). Users report 3 h 12 min (Cilium issue 24551). Sweep `hold`.
const HOLD_AFTER_CLOSE: SimDuration = SimDuration::from_mins(30);

/// Lifetime of the entry of an established connection without traffic.
///
/// Source: Cilium documentation, Command Reference, cilium-agent, `--bpf-ct-timeout-regular-tcp`,
/// read 2026-11.
const IDLE_TIMEOUT: SimDuration = SimDuration::from_hours(6);

/// What Cilium enforces.
///
/// Source: Cilium documentation, "Egress Gateway Advanced Troubleshooting", read 2026-11.
pub(super) const LIMITS: NatLimits = NatLimits {
    ports_per_address: PORTS_PER_ADDRESS,
    sharing: PoolKey::PerDestination,
    hold_after_close: HOLD_AFTER_CLOSE,
    idle_timeout: IDLE_TIMEOUT,
    admission: Admission::Probes(PROBES),
    ..NatLimits::PLAIN
};
