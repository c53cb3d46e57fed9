//! Which collectors are on which node of a pool.

use crate::model::blueprint::FleetId;

/// Collectors of one fleet on the nodes of a pool. Collector number `n` is on node `n`. A fleet
/// that is strewn has it on node `n` modulo the number of nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::model) struct Run {
    pub fleet: FleetId,
    /// Index of the first collector.
    pub base: u32,
    pub count: u32,
    pub strewn: bool,
}

impl Run {
    /// Numbers of the collectors on one node, where the pool has `nodes` nodes.
    pub(in crate::model) fn numbers_on(self, node: u32, nodes: u32) -> impl Iterator<Item = u32> {
        let (end, step) = if self.strewn {
            (self.count, nodes.max(1))
        } else {
            (self.count.min(node + 1), 1)
        };
        (node..end).step_by(step as usize)
    }

    /// Indices of the collectors.
    pub(in crate::model) fn indices(self) -> impl Iterator<Item = u32> {
        (self.base..).take(self.count as usize)
    }
}
