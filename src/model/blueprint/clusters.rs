//! The clusters that pools, workloads and fleets belong to.

use super::{Blueprint, Fleet, PoolId};

impl Blueprint {
    /// The clusters of some pools, each cluster once: the first of its pools, and the number of equal
    /// clusters.
    ///
    /// Simplified: replicas run on the nodes of that one pool only, and sidecars on those of the first
    /// pool of their workload.
    pub fn homes(&self, pools: &[PoolId]) -> Vec<(PoolId, u32)> {
        let mut homes: Vec<(PoolId, u32)> = Vec::new();
        for &pool in pools {
            let cluster = self.pools[pool].cluster();
            let is_same = |&(home, _): &(PoolId, u32)| self.pools[home].cluster() == cluster;
            if !homes.iter().any(is_same) {
                homes.push((pool, self.pools[pool].clusters));
            }
        }
        homes
    }

    /// Number of clusters of some pools, at least one.
    pub fn clusters(&self, pools: &[PoolId]) -> u32 {
        let homes = self.homes(pools).into_iter();
        homes.map(|(_, clusters)| clusters).sum::<u32>().max(1)
    }

    /// Clusters that a fleet serves: those of the pools it runs on, or else those of its workloads.
    pub fn clusters_of(&self, fleet: &Fleet) -> u32 {
        if fleet.runs_on.is_empty() {
            self.clusters(&self.pools_collected(fleet))
        } else {
            self.clusters(&fleet.runs_on)
        }
    }

    /// The pools of the workloads that a fleet collects.
    pub fn pools_collected(&self, fleet: &Fleet) -> Vec<PoolId> {
        let collected = fleet.metrics_of.iter().chain(&fleet.logs_of);
        let collected = collected.chain(&fleet.traces_of).chain(&fleet.profiles_of);
        // A file with mistakes may name a workload that it does not have.
        let workloads = collected.filter_map(|id| self.workloads.get(id.index()));
        workloads
            .flat_map(|workload| workload.runs_on.iter().copied())
            .collect()
    }
}
