//! The pods that the service discovery of a collector watches.

use crate::model::blueprint::{PoolId, Workload};
use crate::model::load::timeline::Timeline;
use crate::model::topology::Discovery;
use crate::units::SimTime;

use super::load::Load;

impl Load<'_> {
    /// The pools whose pods collectors of the fleet watch. Those are all pools of the clusters that
    /// the fleet runs in or collects from, or only the pools that it runs on.
    pub(super) fn pools_watched(&self) -> Vec<PoolId> {
        let pools = &self.blueprint.pools;
        let mut of_fleet = self.fleet.runs_on.clone();
        match self.fleet.topology.discovery {
            Discovery::Nothing => return Vec::new(),
            Discovery::OwnNode => return of_fleet,
            Discovery::Everything => of_fleet.extend(self.blueprint.pools_collected(self.fleet)),
        }
        let is_same = |pool: PoolId| {
            let cluster = pools[pool].cluster();
            of_fleet.iter().any(|&of| pools[of].cluster() == cluster)
        };
        let all = PoolId::all(pools.len());
        all.filter(|&pool| is_same(pool)).collect()
    }

    /// Pods that one collector watches, whoever collects them. Pods are spread evenly over the
    /// nodes of their pools.
    ///
    /// Simplified: a daemon of a fleet on several pools watches as many pods as one of the pool
    /// with the most pods per node. Pods of the collectors themselves are not counted.
    pub(super) fn pods_watched(&self, pools: &[PoolId], at: SimTime) -> f64 {
        match self.fleet.topology.discovery {
            Discovery::Nothing => 0.0,
            Discovery::OwnNode => {
                let cell = self.grid.cell_at(at);
                let per_node =
                    |&pool: &PoolId| self.pods_on(&[pool], at) / self.nodes(&[pool], cell).max(1.0);
                pools.iter().map(per_node).fold(0.0, f64::max)
            }
            Discovery::Everything => self.pods_on(pools, at) / f64::from(self.clusters()),
        }
    }

    /// Pods on the nodes of some pools.
    fn pods_on(&self, pools: &[PoolId], at: SimTime) -> f64 {
        let cell = self.grid.cell_at(at);
        let here = |(workload, timeline): (&Workload, &Timeline)| {
            let of_workload = workload.runs_on.iter().copied();
            let here: Vec<_> = of_workload.filter(|pool| pools.contains(pool)).collect();
            let share = self.nodes(&here, cell) / self.nodes(&workload.runs_on, cell).max(1.0);
            timeline.targets_at(&self.grid, at) * share
        };
        let all = self.blueprint.workloads.iter().zip(self.timelines);
        all.map(here).sum()
    }

    fn nodes(&self, pools: &[PoolId], cell: usize) -> f64 {
        let nodes = |pool: &PoolId| f64::from(self.pool_nodes[pool.index()][cell]);
        pools.iter().map(nodes).sum()
    }

    /// Instants at which the number of watched pods jumps.
    pub(super) fn watched_edges(&self) -> Vec<SimTime> {
        let pools = self.pools_watched();
        let is_watched =
            |workload: &Workload| workload.runs_on.iter().any(|pool| pools.contains(pool));
        let all = self.blueprint.workloads.iter().zip(self.timelines);
        let watched = all.filter(|(workload, _)| is_watched(workload));
        let steps = watched.flat_map(|(_, timeline)| timeline.steps(&self.grid));
        steps.collect()
    }
}
