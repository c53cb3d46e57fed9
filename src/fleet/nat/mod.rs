//! Network address translation: what providers enforce. (Placeholder until the parts land.)

use std::time::Duration;

/// What a provider enforces.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NatLimits {
    /// Source ports per address.
    pub ports_per_address: u32,
    /// Greatest number of addresses.
    pub addresses_max: Option<u32>,
    /// What competes for one set of ports.
    pub sharing: PoolKey,
    /// How long a closed connection keeps its port.
    pub hold_after_close: Duration,
    /// How long a silent connection lives.
    pub idle_timeout: Duration,
    /// What happens near exhaustion.
    pub admission: Admission,
}

/// What competes for one set of ports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PoolKey {
    /// Each destination has its own set.
    PerDestination,
    /// One set for all destinations.
    Shared,
}

/// What happens near exhaustion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// A dial is refused when no port is free.
    Hard,
}
