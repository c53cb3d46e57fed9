//! Network address translation: what providers enforce. (Placeholder with the interface of the real
//! part; take the other side when it lands.)

use std::time::Duration;

/// What a provider enforces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NatLimits {
    /// Source ports of one external address, within one pool.
    pub ports_per_address: u32,
    /// External addresses one gateway can have; `None` if no limit is documented.
    pub addresses_max: Option<u32>,
    /// Which connections compete for the same ports.
    pub sharing: PoolKey,
    /// How long a port stays taken after its connection was closed.
    pub hold_after_close: Duration,
    /// Silence after which an established connection is forgotten; [`Duration::MAX`] for never.
    pub idle_timeout: Duration,
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
    PerNodeBlock(Block),
}

/// The ports that a node is given out of its gateway's addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Block {
    /// The same number for ever.
    Static {
        /// Ports per node.
        ports: u32,
    },
    /// Doubled whenever the node is nearly out of ports.
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
    /// Looks at this many ports and gives up.
    Probes(u32),
    /// Always accepted; when no port is free, the oldest connection loses its port.
    EvictOldest,
}

/// Whose translation stands between the collectors and the endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provider {
    /// The arithmetic of Grafana's page "Deploy Grafana Alloy".
    DeploymentGuide,
    /// An AWS NAT gateway.
    Aws,
    /// Google Cloud NAT with static port allocation.
    GcpStatic,
    /// Google Cloud NAT with dynamic port allocation.
    GcpDynamic,
    /// An Azure NAT gateway.
    Azure,
    /// Linux netfilter.
    Linux,
    /// Cilium.
    Cilium,
    /// Limits the scenario states itself.
    Custom(NatLimits),
}

impl Provider {
    /// Every provider that a name alone determines.
    pub const NAMED: [Self; 7] = [
        Self::DeploymentGuide,
        Self::Aws,
        Self::GcpStatic,
        Self::GcpDynamic,
        Self::Azure,
        Self::Linux,
        Self::Cilium,
    ];

    /// The name used in scenarios and reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::DeploymentGuide => "deployment-guide",
            Self::Aws => "aws",
            Self::GcpStatic => "gcp-static",
            Self::GcpDynamic => "gcp-dynamic",
            Self::Azure => "azure",
            Self::Linux => "linux",
            Self::Cilium => "cilium",
            Self::Custom(_) => "custom",
        }
    }

    /// The provider called `name`.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::NAMED
            .into_iter()
            .find(|provider| provider.name() == name)
    }

    /// What this provider enforces.
    pub const fn limits(self) -> NatLimits {
        let (ports_per_address, addresses_max, sharing, hold, idle, admission) = match self {
            Self::Custom(limits) => return limits,
            Self::DeploymentGuide => (64_511, None, PoolKey::Shared, 0, u64::MAX, Admission::Hard),
            Self::Aws => (
                55_000,
                Some(8),
                PoolKey::PerDestination,
                60,
                350,
                Admission::Hard,
            ),
            Self::GcpStatic => {
                let key = PoolKey::PerNodeBlock(Block::Static { ports: 64 });
                (64_512, None, key, 120, 1_200, Admission::Hard)
            }
            Self::GcpDynamic => {
                let key = PoolKey::PerNodeBlock(Block::Dynamic {
                    ports_min: 32,
                    ports_max: 65_536,
                });
                (64_512, None, key, 120, 1_200, Admission::Hard)
            }
            Self::Azure => (
                50_000,
                Some(16),
                PoolKey::PerDestination,
                65,
                240,
                Admission::Hard,
            ),
            Self::Linux => (
                64_512,
                None,
                PoolKey::PerDestination,
                120,
                432_000,
                Admission::Probes(248),
            ),
            Self::Cilium => (
                32_768,
                None,
                PoolKey::PerDestination,
                10,
                8_000,
                Admission::Probes(128),
            ),
        };
        NatLimits {
            ports_per_address,
            addresses_max,
            sharing,
            hold_after_close: Duration::from_secs(hold),
            idle_timeout: if idle == u64::MAX {
                Duration::MAX
            } else {
                Duration::from_secs(idle)
            },
            admission,
        }
    }
}
