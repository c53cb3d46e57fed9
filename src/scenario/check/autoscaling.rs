//! Warnings of autoscalers that cannot do their task.

use super::Warning;
use crate::model::blueprint::{Autoscaling, Blueprint, Fleet, Pool};
use crate::units::Bytes;

pub(super) fn warnings(blueprint: &Blueprint) -> Vec<Warning> {
    let fleets = blueprint.fleets.iter();
    let scaled = fleets.filter_map(|fleet| Some((fleet, fleet.autoscaling.as_ref()?)));
    scaled
        .flat_map(|(fleet, plan)| [out_of_reach(fleet, plan), too_large(fleet, blueprint)])
        .flatten()
        .collect()
}

/// Warns of a memory target beyond the limit: collectors are killed before they are scaled.
fn out_of_reach(fleet: &Fleet, plan: &Autoscaling) -> Option<Warning> {
    let request = fleet.resources.memory_request?.as_f64();
    let limit = fleet.resources.memory_limit?.as_f64();
    let target = f64::from(plan.memory_percent?) / 100.0 * request;
    let needed = target * (1.0 + plan.tolerance);
    (needed > limit).then(|| {
        let (name, needed, limit) = (&fleet.name, needed / 1e6, limit / 1e6);
        let message = format!(
            "memory scales fleet `{name}` up above {needed:.0} MB per collector, but its limit is \
             {limit:.0} MB"
        );
        let help = if plan.cpu_percent.is_none() {
            "collectors run out of memory before there are more; lower the target or the request"
        } else {
            "memory never adds a replica, only CPU does; lower the target or the request"
        };
        Warning::new(("fleet", name, "autoscaling"), message, help)
    })
}

/// Warns of a replica that fits no node of the pool.
fn too_large(fleet: &Fleet, blueprint: &Blueprint) -> Option<Warning> {
    let cores = fleet.resources.cpu_request_cores.unwrap_or(0.0);
    let memory = fleet.resources.memory_request.map_or(0.0, Bytes::as_f64);
    let fits = |pool: &&Pool| cores <= pool.node.cpu_cores && memory <= pool.node.memory.as_f64();
    let homes = blueprint.homes(&fleet.runs_on).into_iter();
    let mut pools = homes.map(|(pool, _)| &blueprint.pools[pool]);
    let pool = pools.find(|pool| !fits(pool))?;
    let (name, pool) = (&fleet.name, &pool.name);
    let message =
        format!("a replica of fleet `{name}` requests more than a node of pool `{pool}` has");
    let help = "it would stay pending for ever; lower the request or choose another pool";
    Some(Warning::new(("fleet", name, "resources"), message, help))
}
