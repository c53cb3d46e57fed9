//! The limits of a NAT, in one form for every provider.

use crate::units::SimDuration;

/// What a NAT enforces: one record per product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NatLimits {
    /// Source ports of one external address, within one pool.
    pub ports_per_address: u32,
    /// External addresses that one gateway can have; `None` = no documented limit.
    pub addresses_max: Option<u32>,
    /// Which connections compete for the same ports.
    pub sharing: PoolKey,
    /// Time that the NAT keeps the port of a closed connection.
    pub hold_after_close: SimDuration,
    /// The same for a connection that a reset ended, where that differs.
    pub hold_after_reset: Option<SimDuration>,
    /// Silence after which the NAT forgets an established connection; [`SimDuration::MAX`] for
    /// never.
    pub idle_timeout: SimDuration,
    /// What happens to a new connection when ports run out.
    pub admission: Admission,
}

/// Which connections compete for the same ports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PoolKey {
    /// One pool per destination (address, port, protocol), all clients together.
    PerDestination,
    /// One pool for all destinations.
    Shared,
    /// One pool per node, and within it per destination.
    PerNodeBlock(PortBlock),
}

/// The ports that a gateway gives to a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PortBlock {
    /// A constant number of ports.
    Static {
        /// Ports per node.
        ports: u32,
    },
    /// Doubled whenever the node is nearly out of ports; both bounds are powers of two.
    Dynamic {
        /// Ports that a node starts with.
        ports_min: u32,
        /// Ports at which doubling ends.
        ports_max: u32,
    },
    /// Fewer ports per node the more nodes there are. Each address gives a node that many.
    Tiers {
        /// Tiers, in order of their numbers of nodes. Nodes beyond the last tier have no block.
        tiers: &'static [Tier],
        /// Most ports of a node, however many addresses there are.
        ports_max: u32,
    },
}

/// Ports that each of up to so many nodes gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tier {
    /// Most nodes of the tier.
    pub nodes_max: u32,
    /// Ports per node and address.
    pub ports: u32,
}

/// What happens to a new connection when ports run out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// The connection is accepted while a port is free.
    Hard,
    /// The NAT looks at this many ports and then refuses: the refusal probability is
    /// occupancy^probes.
    Probes(u32),
    /// The NAT looks at `probes` ports. In `evicting` of these looks it takes a port that is held
    /// after a close.
    Evicting {
        /// Ports that it looks at.
        probes: u32,
        /// Looks in which a held port counts as free.
        evicting: u32,
    },
    /// The connection is always accepted. When no port is free, the oldest connection loses its
    /// port.
    EvictOldest,
}

impl NatLimits {
    /// A NAT whose only limit is its number of ports, with one pool per destination. Records of
    /// providers take from here what they do not state.
    pub const PLAIN: Self = Self {
        ports_per_address: 65_536,
        addresses_max: None,
        sharing: PoolKey::PerDestination,
        hold_after_close: SimDuration::ZERO,
        hold_after_reset: None,
        idle_timeout: SimDuration::MAX,
        admission: Admission::Hard,
    };

    /// Time that the NAT keeps the port of a connection that a reset ended.
    pub fn hold_of_reset(&self) -> SimDuration {
        self.hold_after_reset.unwrap_or(self.hold_after_close)
    }

    /// Whether more nodes can have blocks by more addresses alone.
    pub const fn has_growing_inventory(&self) -> bool {
        matches!(
            self.sharing,
            PoolKey::PerNodeBlock(PortBlock::Static { .. } | PortBlock::Dynamic { .. })
        )
    }

    /// Connections that `addresses` carry at once within one pool key. The pool key decides whether
    /// that is per destination, for all destinations, or the sum over the blocks of all nodes.
    pub const fn connections(&self, addresses: u32) -> u32 {
        self.ports_per_address.saturating_mul(addresses)
    }

    /// Nodes that one address serves if each node owns `block_ports` ports of it.
    pub const fn nodes_per_address(&self, block_ports: u32) -> u32 {
        self.ports_per_address / block_ports
    }
}

impl Admission {
    /// The probability that a connection is refused while the share `occupancy` of the ports is
    /// taken. Of all ports, the share `closing` is held after a close.
    ///
    /// Simplified: taken ports lie at random. The products probe in a row from a random start,
    /// which makes real refusals more frequent. Of the held ports, half can be taken: those whose
    /// sequence number lies behind.
    pub fn refusal_probability(self, occupancy: f64, closing: f64) -> f64 {
        let occupancy = occupancy.clamp(0.0, 1.0);
        let [all, kept] = [occupancy, (occupancy - closing / 2.0).max(0.0)];
        match self {
            Self::EvictOldest => 0.0,
            Self::Hard => f64::from(u8::from(occupancy >= 1.0)),
            Self::Probes(probes) => all.powf(f64::from(probes)),
            Self::Evicting { probes, evicting } => {
                let plain = probes.saturating_sub(evicting);
                all.powf(f64::from(plain)) * kept.powf(f64::from(evicting))
            }
        }
    }

    /// Whether a port that is held after a close makes way for a new connection.
    pub const fn evicts_held(self) -> bool {
        matches!(self, Self::Evicting { .. } | Self::EvictOldest)
    }
}
