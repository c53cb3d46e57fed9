//! The addresses of a gateway, out of which its nodes get their blocks of ports.

use crate::model::blueprint::Egress;
use crate::model::blueprint::nat::{NatLimits, PoolKey, PortBlock, Tier};

/// Where the ports of a gateway come from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Inventory<'a> {
    limits: &'a NatLimits,
    /// Addresses; `None` = as many as the nodes need.
    addresses: Option<u32>,
}

/// The sets of ports that an inventory makes: one for each node that has a block, or a single one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Blocks {
    /// Share of the nodes that have a block.
    pub served: f64,
    /// Ports of a block, in the mean over the nodes that have one.
    pub ports: f64,
}

impl<'a> Inventory<'a> {
    pub(super) fn of(egress: &'a Egress) -> Self {
        Self {
            limits: &egress.limits,
            addresses: egress.addresses,
        }
    }

    /// The block that each node has, if each has one of its own.
    pub(super) fn block(self) -> Option<PortBlock> {
        match self.limits.sharing {
            PoolKey::PerNodeBlock(block) => Some(block),
            PoolKey::PerDestination | PoolKey::Shared => None,
        }
    }

    /// The blocks of `nodes` nodes that want `wanted` ports each.
    ///
    /// Simplified: a growing block has at once the size that its connections want, and gives back
    /// what they leave.
    pub(super) fn blocks(self, nodes: f64, wanted: f64) -> Blocks {
        let served = |has_one: f64| (has_one / nodes.max(1.0)).min(1.0);
        let addresses = f64::from(self.addresses.unwrap_or(u32::MAX));
        let of_address = f64::from(self.limits.ports_per_address);
        match self.block() {
            None => Blocks {
                served: 1.0,
                ports: of_address * addresses,
            },
            Some(PortBlock::Static { ports }) => {
                let each = f64::from(self.limits.nodes_per_address(ports));
                Blocks {
                    served: served(each * addresses),
                    ports: f64::from(ports),
                }
            }
            Some(PortBlock::Dynamic {
                ports_min,
                ports_max,
            }) => {
                let [least, most] = [ports_min, ports_max].map(f64::from);
                let all = of_address * addresses;
                let served = served((all / least).floor());
                let nodes = nodes.max(1.0) * served;
                Blocks {
                    served,
                    ports: grown((least, most), (nodes, wanted), all),
                }
            }
            Some(PortBlock::Tiers { tiers, ports_max }) => {
                let tier = tier_of(tiers, nodes);
                let ports = f64::from(tier.ports) * addresses;
                Blocks {
                    served: served(f64::from(tier.nodes_max)),
                    ports: ports.min(f64::from(ports_max)),
                }
            }
        }
    }

    /// Smallest number of addresses that give `nodes` nodes `wanted` ports each, or a single set of
    /// ports `wanted` ports. Infinite if no number of addresses does.
    pub(super) fn addresses_needed(self, nodes: f64, wanted: f64) -> f64 {
        let of_address = f64::from(self.limits.ports_per_address);
        let needed = match self.block() {
            None => wanted / of_address,
            Some(PortBlock::Static { ports }) => {
                if wanted > f64::from(ports) {
                    return f64::INFINITY;
                }
                nodes / f64::from(self.limits.nodes_per_address(ports))
            }
            Some(PortBlock::Dynamic {
                ports_min,
                ports_max,
            }) => {
                if wanted > f64::from(ports_max) {
                    return f64::INFINITY;
                }
                nodes * doubled(f64::from(ports_min), wanted) / of_address
            }
            Some(PortBlock::Tiers { tiers, ports_max }) => {
                let tier = tier_of(tiers, nodes);
                if wanted > f64::from(ports_max) || nodes > f64::from(tier.nodes_max) {
                    return f64::INFINITY;
                }
                wanted / f64::from(tier.ports)
            }
        };
        needed.ceil().max(1.0)
    }
}

/// The tier of so many nodes: the last one for more nodes than any tier has.
fn tier_of(tiers: &[Tier], nodes: f64) -> Tier {
    let fits = tiers.iter().find(|tier| nodes <= f64::from(tier.nodes_max));
    *fits
        .or(tiers.last())
        .expect("a provider's table has tiers")
}

/// The size that a block has doubled to when it holds `wanted` ports.
fn doubled(least: f64, wanted: f64) -> f64 {
    let mut ports = least;
    while ports < wanted {
        ports *= 2.0;
    }
    ports
}

/// Mean size of the blocks of `nodes` nodes that double from `least` to what they want, at most to
/// `most`, as long as any of `all` ports are left.
fn grown((least, most): (f64, f64), (nodes, wanted): (f64, f64), all: f64) -> f64 {
    let largest = doubled(least, wanted.min(most)).min(most);
    let (mut ports, mut growing, mut left) = (least, nodes, all - nodes * least);
    let mut total = nodes * least;
    while ports < largest && growing > 0.0 {
        let more = (2.0 * ports).min(largest) - ports;
        growing = growing.min((left / more).floor());
        left -= growing * more;
        total += growing * more;
        ports += more;
    }
    total / nodes.max(1.0)
}
