//! Source translation by Linux netfilter: SNAT and MASQUERADE.

use crate::model::blueprint::nat::{Admission, NatLimits, PoolKey};
use crate::units::SimDuration;

/// Ports 1,024 to 65,535, used for clients whose own port is at least 1,024.
///
/// Source: Linux kernel, `net/netfilter/nf_nat_core.c`, `nf_nat_l4proto_unique_tuple`, read 2026-11.
const PORTS_PER_ADDRESS: u32 = 65_535 - 1_024 + 1;

/// Ports examined from random offsets before a packet is dropped.
///
/// Source: Linux kernel, `net/netfilter/nf_nat_core.c`, `nf_nat_l4proto_unique_tuple` (attempts halved
/// from 128 down to 8), read 2026-11.
const PROBES: u32 = 128 + 64 + 32 + 16 + 8;

/// Probes in which a colliding entry in `TIME_WAIT` or `CLOSE` is evicted. Kernels before 6.5 evict
/// none: `admission = { probes = 248 }`.
///
/// Simplified: connections that are followed as counts, not one by one, always find such an entry.
/// With a twentieth of the ports held, one dial in twenty fails and is sent again.
///
/// Source: Linux kernel, `net/netfilter/nf_nat_core.c`, `nf_nat_used_tuple_harder`, commit
/// 458972550287, read 2026-11.
const PROBES_EVICTING: u32 = 32 + 32 + 32 + 16 + 8;

/// Lifetime of the entry of a connection that a reset ended.
///
/// Source: Linux kernel, `Documentation/networking/nf_conntrack-sysctl.rst`,
/// `nf_conntrack_tcp_timeout_close`, read 2026-11.
const HOLD_AFTER_RESET: SimDuration = SimDuration::from_secs(10);

/// Lifetime of the entry of a closed connection: `TIME_WAIT` and `FIN_WAIT`.
///
/// Source: Linux kernel, `Documentation/networking/nf_conntrack-sysctl.rst`,
/// `nf_conntrack_tcp_timeout_time_wait`, read 2026-11.
const HOLD_AFTER_CLOSE: SimDuration = SimDuration::from_mins(2);

/// Lifetime of the entry of an established connection without traffic, five days.
///
/// Source: Linux kernel, `Documentation/networking/nf_conntrack-sysctl.rst`,
/// `nf_conntrack_tcp_timeout_established`, read 2026-11.
const IDLE_TIMEOUT: SimDuration = SimDuration::from_hours(120);

/// What netfilter enforces. The reply must be unique, so there is one pool per destination.
///
/// Source: Linux kernel, `net/netfilter/nf_nat_core.c`, read 2026-11.
pub(super) const LIMITS: NatLimits = NatLimits {
    ports_per_address: PORTS_PER_ADDRESS,
    sharing: PoolKey::PerDestination,
    hold_after_close: HOLD_AFTER_CLOSE,
    hold_after_reset: Some(HOLD_AFTER_RESET),
    idle_timeout: IDLE_TIMEOUT,
    admission: Admission::Evicting {
        probes: PROBES,
        evicting: PROBES_EVICTING,
    },
    ..NatLimits::PLAIN
};
