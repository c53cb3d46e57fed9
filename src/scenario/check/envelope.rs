//! Whether clusters stay within what Kubernetes is tested for.

use super::Warning;
use crate::model::blueprint::{Blueprint, Fleet, Pool, PoolId, WorkloadId, WorkloadKind};
use crate::model::topology::Population;

/// Source: Kubernetes documentation, "Considerations for large clusters", and kubernetes/community,
/// sig-scalability, "Kubernetes Scalability thresholds", read 2026-11.
const NODES_MAX: f64 = 5_000.0;
/// Source: as for nodes.
const PODS_MAX: f64 = 150_000.0;
/// Source: as for nodes.
const PODS_PER_NODE_MAX: f64 = 110.0;

/// Where the limits are documented.
const SOURCE: &str = "Kubernetes is tested to 5,000 nodes, 150,000 pods and 110 pods per node \
                      (sig-scalability thresholds); use more clusters";

/// Nodes of a pool in one cluster, at the start or at the horizon, whichever is more.
pub(super) fn nodes(pool: &Pool, blueprint: &Blueprint) -> f64 {
    pool.nodes.most(blueprint.horizon)
}

/// Streams of log lines if each collector of a fleet on nodes reads every container of its cluster.
pub(super) fn streams_without_filter(fleet: &Fleet, blueprint: &Blueprint) -> f64 {
    let of_pool = |id: &PoolId| nodes(&blueprint.pools[*id], blueprint);
    let collectors: f64 = fleet.runs_on.iter().map(of_pool).sum();
    let containers = |id: &WorkloadId| {
        let workload = &blueprint.workloads[*id];
        let each = match workload.kind {
            WorkloadKind::Machine => collectors,
            _ => 1.0,
        };
        each * workload.count.most(blueprint.horizon) * workload.logs.files
    };
    let all: f64 = fleet.logs_of.iter().map(containers).sum();
    f64::from(blueprint.clusters_of(fleet)) * collectors * all
}

/// Pods of a workload per node of its pools.
pub(super) fn density(id: WorkloadId, blueprint: &Blueprint) -> f64 {
    let workload = &blueprint.workloads[id];
    if workload.kind == WorkloadKind::Machine {
        return 0.0;
    }
    let of_pool = |id: &PoolId| {
        let pool = &blueprint.pools[*id];
        f64::from(pool.clusters) * nodes(pool, blueprint)
    };
    let all: f64 = workload.runs_on.iter().map(of_pool).sum();
    if all > 0.0 {
        blueprint.pods_most(id) / all
    } else {
        0.0
    }
}

pub(super) fn workloads_on(
    pool: PoolId,
    blueprint: &Blueprint,
) -> impl Iterator<Item = WorkloadId> {
    let workloads = WorkloadId::all(blueprint.workloads.len());
    workloads.filter(move |&id| blueprint.workloads[id].runs_on.contains(&pool))
}

/// Fleets with one collector on each node of a pool.
pub(super) fn daemons_on(pool: PoolId, blueprint: &Blueprint) -> impl Iterator<Item = &Fleet> {
    let fleets = blueprint.fleets.iter();
    let daemons = fleets.filter(|fleet| fleet.topology.population == Population::PerNode);
    daemons.filter(move |fleet| fleet.runs_on.contains(&pool))
}

/// Pods on one node of a pool: those of workloads, and daemons.
fn pods_per_node(pool: PoolId, blueprint: &Blueprint) -> f64 {
    let densities = workloads_on(pool, blueprint).map(|id| density(id, blueprint));
    densities.sum::<f64>() + daemons_on(pool, blueprint).count() as f64
}

/// The name of the cluster of a pool.
pub(super) fn cluster_of(pool: &Pool) -> &str {
    pool.name.split('.').next().unwrap_or_default()
}

pub(super) fn warnings(blueprint: &Blueprint) -> Vec<Warning> {
    let mut warnings = Vec::new();
    let mut names: Vec<&str> = blueprint.pools.iter().map(cluster_of).collect();
    names.dedup();
    for name in names {
        let (mut node_count, mut pod_count, mut densest) = (0.0, 0.0, 0.0_f64);
        for (id, pool) in PoolId::all(blueprint.pools.len()).zip(&blueprint.pools) {
            if cluster_of(pool) == name {
                let per_node = pods_per_node(id, blueprint);
                node_count += nodes(pool, blueprint);
                pod_count += per_node * nodes(pool, blueprint);
                densest = densest.max(per_node);
            }
        }
        for (value, max, what) in [
            (node_count, NODES_MAX, "nodes"),
            (pod_count, PODS_MAX, "pods"),
            (densest, PODS_PER_NODE_MAX, "pods per node"),
        ] {
            if value > max {
                let message =
                    format!("cluster `{name}` reaches {value:.0} {what}, beyond {max:.0}");
                let place = ("cluster", name, "name");
                warnings.push(Warning::new(place, message, SOURCE));
                break;
            }
        }
    }
    warnings
}
