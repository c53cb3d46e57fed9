//! The memory that the world of one draw takes, as far as its blueprint tells.

use crate::model::blueprint::{Blueprint, Fleet, FleetId, WorkloadId};
use crate::model::topology::{Assignment, Population};
use crate::model::wal::grid_of;

/// Bytes of a collector of one signal, with its events in the calendar. docs/bounds.md has the
/// measurements of all numbers here.
const COLLECTOR: f64 = 390.0;
/// Bytes that each further signal of a collector adds.
const SIGNAL: f64 = 110.0;
/// Bytes of a collector in the pod of a job, which leaves little behind.
const JOB_COLLECTOR: f64 = 60.0;
/// Bytes of the tokens of a collector on a hash ring.
const ON_RING: f64 = 6_600.0;
/// Bytes of a node whose applications compete with collectors.
const NODE: f64 = 80.0;
/// Bytes of a workload or a fleet in each cell of the grid of time.
const CELL: f64 = 64.0;

/// Collectors of all fleets, when each has the most, and the bytes of a world with them. In medians.
pub fn weight(blueprint: &Blueprint) -> (f64, f64) {
    let mut collectors = 0.0;
    let mut bytes = 0.0;
    for id in FleetId::all(blueprint.fleets.len()) {
        let fleet = &blueprint.fleets[id];
        let all = blueprint.collectors_most(fleet);
        let short = short_lived(fleet, blueprint).min(all);
        let mut each = COLLECTOR + SIGNAL * (signals(fleet) - 1.0).max(0.0);
        if fleet.topology.assignment == Assignment::Ring {
            each += ON_RING;
        }
        collectors += all;
        bytes += (all - short) * each + short * JOB_COLLECTOR;
    }
    let nodes: f64 = blueprint
        .sizes()
        .map(|size| size.nodes)
        .into_iter()
        .fold(0.0, f64::max);
    let parts = blueprint.workloads.len() + blueprint.fleets.len();
    let cells = grid_of(blueprint).cells() as f64;
    (
        collectors,
        bytes + nodes * NODE + cells * parts as f64 * CELL,
    )
}

/// Collectors of a fleet that live as long as a job.
fn short_lived(fleet: &Fleet, blueprint: &Blueprint) -> f64 {
    if fleet.topology.population != Population::PerPod {
        return 0.0;
    }
    let jobs = |id: &&WorkloadId| blueprint.workloads[**id].jobs.is_some();
    let jobs = fleet.metrics_of.iter().filter(jobs);
    jobs.map(|&id| blueprint.pods_most(id)).sum()
}

/// Number of signals that a fleet collects.
fn signals(fleet: &Fleet) -> f64 {
    let of = [
        &fleet.metrics_of,
        &fleet.logs_of,
        &fleet.traces_of,
        &fleet.profiles_of,
    ];
    of.into_iter().filter(|list| !list.is_empty()).count() as f64
}
