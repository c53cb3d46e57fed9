//! What one draw takes, as far as its blueprint tells: memory, and how many events at most.

use crate::model::blueprint::{Blueprint, Fleet, FleetId, Workload, WorkloadId};
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

/// Seconds between two events of one thing, at least as a rule. The back-off of a container that fails
/// begins with as many.
const BETWEEN_EVENTS: f64 = 10.0;
/// Things of a case beside its collectors and nodes: endpoints, egresses, points of tracks.
const OTHER_THINGS: f64 = 100.0;
/// A job begins and ends.
const EVENTS_OF_JOB: f64 = 2.0;

/// What one draw takes, in medians.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Weight {
    /// Collectors of all fleets, when each has the most.
    pub(super) collectors: f64,
    /// Bytes of a world with them.
    pub(super) bytes: f64,
    /// Events if something happens to each thing every ten seconds, and two for each job. No draw has ten
    /// times as many.
    pub(super) events: f64,
}

impl Weight {
    /// The weight of a draw of a case.
    pub(super) fn of(blueprint: &Blueprint) -> Self {
        let mut weight = Self::default();
        for id in FleetId::all(blueprint.fleets.len()) {
            let fleet = &blueprint.fleets[id];
            let all = blueprint.collectors_most(fleet);
            let short = short_lived(fleet, blueprint).min(all);
            weight.collectors += all;
            weight.bytes += (all - short) * bytes_of_collector(fleet) + short * JOB_COLLECTOR;
            weight.events += all - short;
        }
        let sizes = blueprint.sizes().map(|size| size.nodes);
        let nodes = sizes.into_iter().fold(0.0, f64::max);
        let grid = grid_of(blueprint);
        let seconds = grid.end.nanos() as f64 / 1e9;
        let parts = blueprint.workloads.len() + blueprint.fleets.len();
        weight.bytes += nodes * NODE + grid.cells() as f64 * parts as f64 * CELL;
        weight.events = (weight.events + nodes + OTHER_THINGS) * seconds / BETWEEN_EVENTS;
        let workloads = WorkloadId::all(blueprint.workloads.len()).zip(&blueprint.workloads);
        let jobs = workloads.map(|(id, workload)| jobs_per_second(blueprint, id, workload));
        weight.events += jobs.sum::<f64>() * seconds * EVENTS_OF_JOB;
        weight
    }
}

fn bytes_of_collector(fleet: &Fleet) -> f64 {
    let on_ring = match fleet.topology.assignment {
        Assignment::Ring => ON_RING,
        _ => 0.0,
    };
    COLLECTOR + SIGNAL * (signals(fleet) - 1.0).max(0.0) + on_ring
}

/// Jobs of a workload that begin in a second.
fn jobs_per_second(blueprint: &Blueprint, id: WorkloadId, workload: &Workload) -> f64 {
    let jobs = workload.jobs.map(|jobs| jobs.lifetime.mean());
    jobs.map_or(0.0, |life| blueprint.pods_most(id) / life.max(1e-3))
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
