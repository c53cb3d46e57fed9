//! What the fleets of a case request of the platform.

use std::cmp::Ordering;

use super::{Blueprint, Fleet, Trend, WorkloadId};
use crate::units::{Bytes, SimDuration};

/// What the fleets of a case request in all.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Requested {
    /// Memory of all collectors, in bytes; NaN if some fleet requests none.
    pub memory: f64,
    /// Memory limits of all collectors, in bytes; NaN if some fleet has none.
    pub memory_limits: f64,
    /// Cores of all collectors; NaN if some fleet requests none.
    pub cores: f64,
    /// Addresses of all egresses, without those that a gateway adds by itself.
    pub addresses: u64,
    /// Volumes of all collectors.
    pub volumes: f64,
}

/// What to save first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Priority {
    /// Memory, requested and then limits; cores, addresses and volumes after it.
    #[default]
    Memory,
    /// Cores; then as for memory.
    Cpu,
    /// Addresses; then as for memory.
    Addresses,
    /// Volumes; then as for memory.
    Volumes,
}

impl Requested {
    /// Orders by what to save first, and then by memory, its limits, cores, addresses and volumes. What
    /// is not stated is more than what is.
    pub fn by_size(&self, other: &Self, first: Priority) -> Ordering {
        let (left, right) = (self.parts(), other.parts());
        let first = match first {
            Priority::Memory => 0,
            Priority::Cpu => 2,
            Priority::Addresses => 3,
            Priority::Volumes => 4,
        };
        let order = [first, 0, 1, 2, 3, 4].into_iter();
        order.fold(Ordering::Equal, |order, part| {
            order.then_with(|| left[part].total_cmp(&right[part]))
        })
    }

    fn parts(&self) -> [f64; 5] {
        let volumes = self.volumes;
        let addresses = self.addresses as f64;
        [
            self.memory,
            self.memory_limits,
            self.cores,
            addresses,
            volumes,
        ]
        .map(stated)
    }
}

/// A number, or infinity where nothing is stated.
const fn stated(value: f64) -> f64 {
    if value.is_nan() { f64::INFINITY } else { value }
}

impl Trend {
    /// The median at the start or at the horizon, whichever is more. Seasons are left out.
    pub fn most(&self, horizon: SimDuration) -> f64 {
        let start = self.median_at(SimDuration::ZERO);
        start.max(self.median_at(horizon))
    }
}

impl Blueprint {
    /// What all fleets request, each when it has the most collectors.
    pub fn requested(&self) -> Requested {
        self.requested_by(|fleet| self.collectors_most(fleet))
    }

    /// What fleets of so many collectors request. A container without a request is given its limit, as
    /// Kubernetes does.
    pub(super) fn requested_by(&self, collectors: impl Fn(&Fleet) -> f64) -> Requested {
        let mut requested = Requested {
            addresses: self.addresses(),
            ..Requested::default()
        };
        for fleet in &self.fleets {
            let collectors = collectors(fleet);
            let resources = &fleet.resources;
            let memory = resources.memory_request.or(resources.memory_limit);
            let limit = resources.memory_limit;
            let cores = resources.cpu_request_cores.or(resources.cpu_limit_cores);
            requested.memory += collectors * memory.map_or(f64::NAN, Bytes::as_f64);
            requested.memory_limits += collectors * limit.map_or(f64::NAN, Bytes::as_f64);
            requested.cores += collectors * cores.unwrap_or(f64::NAN);
            if fleet.wal.on_volume {
                requested.volumes += collectors;
            }
        }
        requested
    }

    /// The most collectors of a fleet: an autoscaled fleet at its maximum, and fleets on nodes and in
    /// pods at the start or at the horizon.
    pub fn collectors_most(&self, fleet: &Fleet) -> f64 {
        let collectors = [SimDuration::ZERO, self.horizon].map(|at| self.collectors_at(fleet, at));
        collectors[0].max(collectors[1]).round()
    }

    /// The most pods of a workload in all its clusters, or the mean number of jobs that run at once.
    pub fn pods_most(&self, id: WorkloadId) -> f64 {
        let workload = &self.workloads[id];
        let pods = [SimDuration::ZERO, self.horizon].map(|at| self.units_at(workload, at));
        pods[0].max(pods[1])
    }

    fn addresses(&self) -> u64 {
        let egresses = self.egresses.iter();
        let addresses = egresses.filter_map(|egress| egress.addresses);
        addresses.map(u64::from).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::{Ordering, Priority, Requested};

    #[test]
    fn memory_comes_before_cores_and_a_request_before_none() {
        let size = |memory, cores| Requested {
            memory,
            cores,
            ..Requested::default()
        };
        let small = size(1.0, 9.0);
        let order = |other, first| small.by_size(&other, first);
        assert_eq!(order(size(2.0, 1.0), Priority::Memory), Ordering::Less);
        assert_eq!(order(size(2.0, 1.0), Priority::Cpu), Ordering::Greater);
        assert_eq!(order(size(1.0, 8.0), Priority::Memory), Ordering::Greater);
        assert_eq!(order(size(f64::NAN, 1.0), Priority::Memory), Ordering::Less);
        assert_eq!(order(small, Priority::Volumes), Ordering::Equal);
    }
}
