//! Which collector is on which node.

use crate::model::blueprint::WorkloadKind;

use super::World;

/// Collectors of one fleet on the nodes of a pool. The one numbered `n` among them is on node `n`, or
/// on node `n` modulo the number of nodes if they are strewn over them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Run {
    pub fleet: usize,
    /// Index of the first.
    pub base: u32,
    pub count: u32,
    pub strewn: bool,
}

impl Run {
    /// Numbers of the collectors on one of so many nodes.
    pub(super) fn numbers_on(self, node: u32, nodes: u32) -> impl Iterator<Item = u32> {
        let (end, step) = if self.strewn {
            (self.count, nodes.max(1))
        } else {
            (self.count.min(node + 1), 1)
        };
        (node..end).step_by(step as usize)
    }
}

impl World<'_> {
    /// All collectors on the nodes of a pool, fleet by fleet.
    pub(super) fn runs_on(&self, pool: usize) -> impl Iterator<Item = Run> + '_ {
        let fleets = self.blueprint.fleets.iter().enumerate();
        fleets.flat_map(move |(fleet, plan)| {
            let blocks = self.fleets[fleet].blocks.iter();
            blocks.filter_map(move |block| {
                let on_first = |runs_on: &[usize]| runs_on.first() == Some(&pool);
                let (is_here, strewn) = match (block.pool, block.workload) {
                    (Some(of), _) => (of == pool, false),
                    (None, Some(workload)) => {
                        let workload = &self.blueprint.workloads[workload];
                        let stays = workload.kind != WorkloadKind::Job;
                        (stays && on_first(&workload.runs_on), true)
                    }
                    (None, None) => (on_first(&plan.runs_on), true),
                };
                is_here.then_some(Run {
                    fleet,
                    base: block.base,
                    count: block.alive,
                    strewn,
                })
            })
        })
    }

    /// Collectors on one node of a pool: `(fleet, index)`.
    pub(super) fn collectors_on(
        &self,
        pool: usize,
        node: u32,
    ) -> impl Iterator<Item = (usize, u32)> + '_ {
        let nodes = self.pools[pool].alive;
        self.runs_on(pool).flat_map(move |run| {
            let numbers = run.numbers_on(node, nodes);
            numbers.map(move |number| (run.fleet, run.base + number))
        })
    }

    /// The pool and node that carry a collector, if it runs on nodes.
    pub(super) fn node_of(&self, fleet: usize, index: u32) -> Option<(usize, u32)> {
        let state = &self.fleets[fleet];
        let block = state.blocks.iter().rfind(|block| block.base <= index)?;
        let entity = index - block.base;
        if let Some(pool) = block.pool {
            return Some((pool, entity));
        }
        let pool = match block.workload {
            Some(workload) => *self.blueprint.workloads[workload].runs_on.first()?,
            None => *self.blueprint.fleets[fleet].runs_on.first()?,
        };
        Some((pool, entity % self.pools[pool].alive.max(1)))
    }
}
