//! Machines.

use std::ops::{Add, Mul};

use super::Resources;
use super::workload::Trend;
use crate::model::law::Quantity;
use crate::units::{Bytes, SimDuration};

/// A pool of nodes of one size, in one cluster or in several equal clusters.
#[derive(Clone, Debug, PartialEq)]
pub struct Pool {
    /// `cluster.pool`, unique.
    pub name: String,
    /// Number of equal clusters that have this pool.
    pub clusters: u32,
    /// Nodes of this pool in one cluster.
    pub nodes: Trend,
    /// Zones over which the nodes of one cluster are spread evenly.
    pub zones: u32,
    /// Size of one node.
    pub node: NodeSize,
    /// Seconds between two waves that drain every node in turn (upgrades); `None` = never. Role:
    /// unknown.
    pub drain_interval: Option<Quantity>,
    /// Seconds between two failures of one node; `None` = never. Role: unknown.
    pub failure_interval: Option<Quantity>,
    /// Zones that fail at known instants.
    pub zone_failures: Vec<ZoneFailure>,
}

/// Size of one node, as allocatable to pods.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NodeSize {
    /// Cores.
    pub cpu_cores: f64,
    /// Memory.
    pub memory: Bytes,
}

/// One zone of a pool that is away for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ZoneFailure {
    /// When the zone fails, from the start of the measured horizon.
    pub at: SimDuration,
    /// How long the zone is away.
    pub lasts: SimDuration,
    /// The zone, from 0.
    pub zone: u32,
}

/// Cores and bytes that pods request.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Requests {
    /// Cores.
    pub cores: f64,
    /// Bytes of memory.
    pub bytes: f64,
}

impl Pool {
    /// Name of the cluster, or of the equal clusters, that has the pool.
    pub fn cluster(&self) -> &str {
        self.name.split('.').next().unwrap_or_default()
    }
}

impl Add for Requests {
    type Output = Self;

    /// Requests of both together.
    fn add(self, other: Self) -> Self {
        Self {
            cores: self.cores + other.cores,
            bytes: self.bytes + other.bytes,
        }
    }
}

impl Mul<f64> for Requests {
    type Output = Self;

    /// Requests of `pods` such pods.
    fn mul(self, pods: f64) -> Self {
        Self {
            cores: pods * self.cores,
            bytes: pods * self.bytes,
        }
    }
}

impl NodeSize {
    /// Pods with these requests that fit on a node of which `taken` is requested already. Without
    /// requests the result is `f64::MAX`.
    pub fn fits(&self, resources: &Resources, taken: Requests) -> f64 {
        let fit = |free: f64, request: Option<f64>| {
            let request = request.filter(|&request| request > 0.0);
            // Sums of requests that just fit may be off by a rounding error.
            request.map_or(f64::MAX, |request| (free / request + 1e-9).floor())
        };
        let by_cores = fit(self.cpu_cores - taken.cores, resources.cpu_request_cores);
        let memory = resources.memory_request.map(Bytes::as_f64);
        by_cores.min(fit(self.memory.as_f64() - taken.bytes, memory))
    }
}
