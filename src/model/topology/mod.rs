//! Topologies as values: how many collectors there are, which collector scrapes a target, and in
//! whose pod a collector runs. One interpreter in `world` runs every topology. So a new topology
//! touches no file there.

mod centralized;
mod host_daemon;
mod sidecar;

pub use centralized::{Share, centralized};
pub use host_daemon::host_daemon;
pub use sidecar::sidecar;

/// How many collectors there are, in whose pods, and which of them scrapes a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Topology {
    /// The name used in scenario files and reports.
    pub name: &'static str,
    /// How many collectors there are.
    pub population: Population,
    /// Which collector scrapes a target.
    pub assignment: Assignment,
    /// In whose pod a collector runs.
    pub tenancy: Tenancy,
    /// Which pods a collector's service discovery watches.
    pub discovery: Discovery,
}

/// How many collectors there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Population {
    /// A number of replicas in each cluster.
    Replicas(u32),
    /// One collector per node of the fleet's pools.
    PerNode,
    /// One collector per pod of the workloads that the fleet collects.
    PerPod,
}

/// Which collector scrapes a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Assignment {
    /// The owner of the target's key on Alloy's hash ring. Targets move when peers come and go.
    Ring,
    /// Hash of the target modulo the number of replicas. No target moves while a replica is away.
    Hashmod,
    /// A load balancer spreads requests evenly.
    Balanced,
    /// The collector on the target's node or in the target's pod.
    Local,
}

/// In whose pod a collector runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tenancy {
    /// The collector's own pod, which its controller restarts and replaces.
    OwnPod,
    /// An application's pod: the collector starts and ends with it.
    SharedPod,
}

/// Which pods a collector's service discovery watches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Discovery {
    /// Every pod of the cluster, whoever collects it.
    Everything,
    /// The pods of the collector's node.
    OwnNode,
    /// Nothing: the targets are fixed.
    Nothing,
}
