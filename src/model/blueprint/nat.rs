//! The limits of a translator, in the form every provider is described.

use crate::units::{Fraction, SimDuration};

/// What a translator enforces: one record per product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NatLimits {
    /// Source ports of one external address, within one pool.
    pub ports_per_address: u32,
    /// External addresses one gateway can have; `None` if no limit is documented.
    pub addresses_max: Option<u32>,
    /// Which connections compete for the same ports.
    pub sharing: PoolKey,
    /// How long a port stays taken after its connection was closed.
    pub hold_after_close: SimDuration,
    /// Silence after which an established connection is forgotten; [`SimDuration::MAX`] for never.
    pub idle_timeout: SimDuration,
    /// What happens to a dial as the ports run out.
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

/// The ports that a node is given out of its gateway's addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PortBlock {
    /// The same number for ever.
    Static {
        /// Ports per node.
        ports: u32,
    },
    /// Doubled whenever the node is nearly out of ports; both ends are powers of two.
    Dynamic {
        /// Ports a node starts with.
        ports_min: u32,
        /// Ports at which doubling ends.
        ports_max: u32,
    },
}

/// What happens to a dial as the ports run out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// Accepted while a port is free.
    Hard,
    /// Looks at this many ports and gives up: refused with probability occupancy^probes.
    Probes(u32),
    /// Always accepted; when no port is free, the oldest connection loses its port.
    EvictOldest,
}

impl NatLimits {
    /// A translator that enforces nothing but the end of its ports, one pool per destination: what a record
    /// leaves out.
    pub const PLAIN: Self = Self {
        ports_per_address: 65_536,
        addresses_max: None,
        sharing: PoolKey::PerDestination,
        hold_after_close: SimDuration::ZERO,
        idle_timeout: SimDuration::MAX,
        admission: Admission::Hard,
    };

    /// Connections that `addresses` carry at once within one pool key: per destination, in all, or
    /// summed over the blocks of all nodes.
    pub const fn connections(&self, addresses: u32) -> u32 {
        self.ports_per_address.saturating_mul(addresses)
    }

    /// Ports of one pool behind `addresses`: what [`NatLimits::connections`] says, or the block a
    /// node starts with.
    ///
    /// Simplified: addresses of one gateway fill evenly, as if each dial took the emptiest one.
    pub const fn pool_capacity(&self, addresses: u32) -> u32 {
        match self.sharing {
            PoolKey::PerDestination | PoolKey::Shared => self.connections(addresses),
            PoolKey::PerNodeBlock(block) => block.ports_at_start(),
        }
    }

    /// Addresses that `ports` ports on average need in one pool if the share `headroom` of each
    /// stays free; it may exceed [`NatLimits::addresses_max`].
    pub fn addresses_for_ports(&self, ports: f64, headroom: Fraction) -> f64 {
        (ports / (f64::from(self.ports_per_address) * headroom.rest().get())).ceil()
    }

    /// Nodes that one address serves if each owns `block_ports` of it.
    pub const fn nodes_per_address(&self, block_ports: u32) -> u32 {
        self.ports_per_address / block_ports
    }

    /// Addresses that `nodes` need if each owns `block_ports`: the inverse of
    /// [`NatLimits::nodes_per_address`]; `None` if a block does not fit one address.
    pub const fn addresses_for_nodes(&self, nodes: u32, block_ports: u32) -> Option<u32> {
        match self.nodes_per_address(block_ports) {
            0 => None,
            per_address => Some(nodes.div_ceil(per_address)),
        }
    }
}

impl PortBlock {
    /// Ports a node has before any growth.
    const fn ports_at_start(self) -> u32 {
        match self {
            Self::Static { ports } => ports,
            Self::Dynamic { ports_min, .. } => ports_min,
        }
    }
}

impl Admission {
    /// The probability that a dial is refused while the share `occupancy` of the ports is taken.
    ///
    /// Simplified: taken ports lie at random; probing in a row from a random start, as the products
    /// do, makes real refusals more frequent.
    pub fn refusal_probability(self, occupancy: f64) -> f64 {
        match self {
            Self::EvictOldest => 0.0,
            Self::Hard => f64::from(u8::from(occupancy >= 1.0)),
            Self::Probes(probes) => occupancy.clamp(0.0, 1.0).powf(f64::from(probes)),
        }
    }
}
