//! Limits that a scenario states itself.

use crate::model::blueprint::nat::{Admission, Block, NatLimits, PoolKey};

/// Whether limits can be simulated: something to hand out, blocks that fit their own bounds, and at
/// least one probe. Every named provider is sound.
pub fn is_sound(limits: &NatLimits) -> bool {
    let block_is_sound = match limits.sharing {
        PoolKey::PerDestination | PoolKey::Shared => true,
        PoolKey::PerNodeBlock(Block::Static { ports }) => ports > 0,
        PoolKey::PerNodeBlock(Block::Dynamic {
            ports_min,
            ports_max,
        }) => ports_min > 0 && ports_min <= ports_max,
    };
    limits.ports_per_address > 0
        && limits.addresses_max != Some(0)
        && limits.admission != Admission::Probes(0)
        && block_is_sound
}
