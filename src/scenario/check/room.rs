//! Whether the nodes of a pool have room for what pods request.

use super::Warning;
use super::envelope::{cluster_of, daemons_on, density, nodes, workloads_on};
use crate::model::blueprint::{Blueprint, Fleet, Pool, PoolId};
use crate::model::topology::Population;
use crate::units::Bytes;

/// CPU in cores and memory in bytes.
type Amount = [f64; 2];

pub(super) fn warnings(blueprint: &Blueprint) -> Vec<Warning> {
    let pools = PoolId::all(blueprint.pools.len());
    let (full, roomy): (Vec<PoolId>, Vec<PoolId>) =
        pools.partition(|&pool| share(pool, blueprint) > 1.0);
    let crowded = full.into_iter().map(|pool| crowded(pool, blueprint));
    let fleets = blueprint.fleets.iter();
    let homeless = fleets.filter_map(|fleet| homeless(fleet, &roomy, blueprint));
    crowded.chain(homeless).collect()
}

/// What a collector requests; its limits where it states no request.
fn request(fleet: &Fleet) -> Amount {
    let resources = &fleet.resources;
    let memory = resources.memory_request.or(resources.memory_limit);
    let cores = resources.cpu_request_cores.or(resources.cpu_limit_cores);
    [cores.unwrap_or(0.0), memory.map_or(0.0, Bytes::as_f64)]
}

/// Requests on one node of a pool: of workloads with their sidecars, and of daemons.
fn taken(pool: PoolId, blueprint: &Blueprint) -> Amount {
    let mut taken = [0.0; 2];
    let mut add = |times: f64, amount: Amount| {
        for (sum, part) in taken.iter_mut().zip(amount) {
            *sum += times * part;
        }
    };
    for workload in workloads_on(pool, blueprint) {
        let demand = &blueprint.workloads[workload].demand;
        let own = [demand.cpu_request_cores, demand.memory_request_bytes];
        add(density(workload, blueprint), own);
    }
    for fleet in daemons_on(pool, blueprint) {
        add(1.0, request(fleet));
    }
    taken
}

/// The replicas of a fleet in one cluster; `None` for collectors that follow nodes or pods. An
/// autoscaled fleet gets nodes for further replicas.
fn replicas(fleet: &Fleet) -> Option<f64> {
    match fleet.topology.population {
        Population::Replicas(replicas) => Some(f64::from(replicas)),
        Population::PerNode | Population::PerPod => None,
    }
}

/// Share of what a node of a pool has that pods request, of CPU or memory, whichever is more. Replicas
/// of a fleet spread over all nodes of its pools.
fn share(pool: PoolId, blueprint: &Blueprint) -> f64 {
    let mut sum = taken(pool, blueprint);
    for fleet in blueprint
        .fleets
        .iter()
        .filter(|fleet| fleet.runs_on.contains(&pool))
    {
        let all: f64 = fleet
            .runs_on
            .iter()
            .map(|&pool| nodes(&blueprint.pools[pool], blueprint))
            .sum();
        let per_node = replicas(fleet).unwrap_or(0.0) / all;
        for (sum, part) in sum.iter_mut().zip(request(fleet)) {
            *sum += per_node * part;
        }
    }
    let node = capacity(&blueprint.pools[pool]);
    (sum[0] / node[0]).max(sum[1] / node[1])
}

fn capacity(pool: &Pool) -> Amount {
    [pool.node.cpu_cores, pool.node.memory.as_f64()]
}

fn crowded(pool: PoolId, blueprint: &Blueprint) -> Warning {
    let percent = share(pool, blueprint) * 100.0;
    let pool = &blueprint.pools[pool];
    let name = &pool.name;
    let message =
        format!("pods of pool `{name}` request {percent:.0} % of its nodes at the horizon");
    let help = "some pods will stay pending; add nodes or lower requests";
    Warning::new(("cluster", cluster_of(pool), "pool"), message, help)
}

/// A fleet whose replicas do not all fit the nodes of its pools, whole replicas on whole nodes.
fn homeless(fleet: &Fleet, roomy: &[PoolId], blueprint: &Blueprint) -> Option<Warning> {
    // An autoscaled fleet gets nodes; whether they are large enough is its own question.
    let wanted = replicas(fleet).filter(|_| fleet.autoscaling.is_none())?;
    let is_judged =
        !fleet.runs_on.is_empty() && fleet.runs_on.iter().all(|pool| roomy.contains(pool));
    let asked = request(fleet);
    if !is_judged || asked.iter().all(|part| *part <= 0.0) {
        return None;
    }
    let fitting = |&id: &PoolId| {
        let pool = &blueprint.pools[id];
        let (node, taken) = (capacity(pool), taken(id, blueprint));
        let times = [0, 1].map(|at| {
            let free = node[at] - taken[at];
            if asked[at] > 0.0 {
                (free / asked[at]).floor().max(0.0)
            } else {
                f64::INFINITY
            }
        });
        nodes(pool, blueprint).floor() * times[0].min(times[1])
    };
    let room: f64 = fleet.runs_on.iter().map(fitting).sum();
    (room < wanted).then(|| {
        let name = &fleet.name;
        let message = format!(
            "{room:.0} of the {wanted:.0} replicas of fleet `{name}` find a node with room for their requests"
        );
        let help = "the others will stay pending; lower `request`, or take larger or more nodes";
        Warning::new(("fleet", name, "resources"), message, help)
    })
}
