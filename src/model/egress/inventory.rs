//! The addresses of a gateway, out of which its nodes get their blocks of ports.

use crate::model::blueprint::Egress;
use crate::model::blueprint::nat::{NatLimits, PoolKey, PortBlock, Tier};

/// Where the ports of a gateway come from.
///
/// Simplified: addresses of one gateway fill evenly, as if each connection took the emptiest
/// address. A block of constant size lies on one address.
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
    /// what they leave. How long a doubling takes is unpublished.
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
    *fits.or(tiers.last()).expect("a provider's table has tiers")
}

/// The size that a block has doubled to when it holds `wanted` ports.
fn doubled(least: f64, wanted: f64) -> f64 {
    let mut ports = least;
    while ports < wanted {
        ports *= 2.0;
    }
    ports
}

/// Mean size of the blocks of `nodes` nodes. Blocks double from `least` to what nodes want, at most
/// to `most`. No more than `all` ports exist.
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

#[cfg(test)]
mod tests {
    use super::super::Provider;
    use super::*;
    use crate::units::nearest;

    fn blocks(limits: NatLimits, addresses: u32, (nodes, wanted): (f64, f64)) -> (u64, u64) {
        let inventory = Inventory {
            limits: &limits,
            addresses: Some(addresses),
        };
        let blocks = inventory.blocks(nodes, wanted);
        (nearest(blocks.served * nodes), nearest(blocks.ports))
    }

    fn needed(limits: NatLimits, nodes: f64, wanted: f64) -> Option<u64> {
        let inventory = Inventory {
            limits: &limits,
            addresses: Some(1),
        };
        whole(inventory.addresses_needed(nodes, wanted))
    }

    /// A whole number; `None` if it is infinite.
    fn whole(value: f64) -> Option<u64> {
        value.is_finite().then(|| nearest(value))
    }

    fn of_blocks(block: PortBlock) -> NatLimits {
        NatLimits {
            sharing: PoolKey::PerNodeBlock(block),
            ..Provider::GcpStatic.limits()
        }
    }

    #[test]
    fn a_static_block_is_reserved_whether_used_or_not() {
        let default = Provider::GcpStatic.limits();
        assert_eq!(blocks(default, 1, (3_000.0, 1.0)), (1_008, 64));
        assert_eq!(blocks(default, 3, (3_000.0, 1.0)), (3_000, 64));
        let large = of_blocks(PortBlock::Static { ports: 4_096 });
        assert_eq!(blocks(large, 1, (40.0, 1.0)), (15, 4_096));
        let nodes = [1_008.0, 1_009.0, 3_000.0];
        assert_eq!(
            nodes.map(|nodes| needed(default, nodes, 50.0)),
            [1, 2, 3].map(Some)
        );
        assert_eq!(needed(default, 1.0, 65.0), None);
        let none = of_blocks(PortBlock::Static { ports: 65_536 });
        assert_eq!(blocks(none, 9, (1.0, 1.0)).0, 0);
        assert_eq!(needed(none, 1.0, 1.0), None, "no address holds it");
    }

    /// A rollout of 12 % more of 150,000 sidecars, with 5 % of the ports left over.
    #[test]
    fn many_sidecars_need_several_addresses() {
        let addresses = |provider: Provider, connections: f64| {
            let ports = 150_000.0 * connections * 1.12 / 0.95;
            needed(provider.limits(), 1.0, ports)
        };
        assert_eq!(addresses(Provider::Linux, 1.0), Some(3));
        assert_eq!(addresses(Provider::Aws, 1.0), Some(4));
        assert_eq!(addresses(Provider::DeploymentGuide, 2.0), Some(6));
    }

    #[test]
    fn a_growing_block_begins_small_and_doubles_while_ports_are_left() {
        let default = Provider::GcpDynamic.limits();
        assert_eq!(blocks(default, 1, (1_000.0, 1.0)), (1_000, 32));
        assert_eq!(blocks(default, 1, (3_000.0, 1.0)), (2_016, 32));
        assert_eq!(blocks(default, 1, (100.0, 50.0)), (100, 64));
        // 64,512 less 1,500 blocks of 32 leaves 16,512 ports: 516 nodes get twice as many.
        let all = 516 * 64 + 984 * 32;
        assert_eq!(blocks(default, 1, (1_500.0, 50.0)), (1_500, all / 1_500));
        assert_eq!(needed(default, 1_500.0, 50.0), Some(2));
        assert_eq!(needed(default, 2_016.0, 32.0), Some(1));
        assert_eq!(needed(default, 1.0, 70_000.0), None);
        let small = of_blocks(PortBlock::Dynamic {
            ports_min: 32,
            ports_max: 128,
        });
        assert_eq!(blocks(small, 1, (10.0, 500.0)), (10, 128));
        assert_eq!(needed(small, 10.0, 129.0), None);
    }

    #[test]
    fn who_adds_addresses_by_itself_serves_every_node() {
        let default = Provider::GcpStatic.limits();
        let inventory = Inventory {
            limits: &default,
            addresses: None,
        };
        let all = Blocks {
            served: 1.0,
            ports: 64.0,
        };
        assert_eq!(inventory.blocks(50_000.0, 1.0), all);
        assert_eq!(whole(inventory.addresses_needed(50_000.0, 1.0)), Some(50));
    }

    /// The table of the default allocation: each address adds its ports, up to 1,024 of a node.
    #[test]
    fn a_table_gives_fewer_ports_to_more_nodes() {
        let lb = Provider::AzureLb.limits();
        let sizes = [50.0, 51.0, 100.0, 200.0, 400.0, 800.0, 1_000.0];
        let ports = sizes.map(|nodes| blocks(lb, 1, (nodes, 1.0)).1);
        assert_eq!(ports, [1_024, 512, 512, 256, 128, 64, 32]);
        let addresses = [1, 2, 3, 8, 9, 100];
        let ports = addresses.map(|addresses| blocks(lb, addresses, (300.0, 1.0)).1);
        assert_eq!(ports, [128, 256, 384, 1_024, 1_024, 1_024]);
        assert_eq!(blocks(lb, 1, (1_250.0, 1.0)), (1_000, 32));
        assert_eq!(needed(lb, 300.0, 500.0), Some(4));
        assert_eq!(needed(lb, 300.0, 1_024.0), Some(8));
        assert_eq!(needed(lb, 300.0, 1_025.0), None);
        assert_eq!(needed(lb, 1_001.0, 1.0), None);
    }
}
