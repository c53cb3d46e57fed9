//! Topologies as values: how many collectors there are, how load reaches them, what their life hangs
//! on. One interpreter in `world` runs every value; a new topology touches no file there.

mod centralized;
mod host_daemon;
mod sidecar;

pub use centralized::{Share, centralized};
pub use host_daemon::host_daemon;
pub use sidecar::sidecar;

/// How collectors are laid out and how load reaches them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Topology {
    /// The name used in scenario files and reports.
    pub name: &'static str,
    /// How many collectors there are.
    pub population: Population,
    /// Which collector carries a target.
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
    /// One per node of the fleet's pools.
    PerNode,
    /// One per pod of the workloads that the fleet collects.
    PerPod,
}

/// Which collector carries a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Assignment {
    /// The owner of its key on Alloy's hash ring; moves when peers come and go.
    Ring,
    /// Its hash modulo the number of replicas; does not move when a replica is away.
    Hashmod,
    /// A load balancer spreads requests evenly.
    Balanced,
    /// The collector on its own node or in its own pod.
    Local,
}

/// In whose pod a collector runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tenancy {
    /// Its own: its controller restarts and replaces it.
    OwnPod,
    /// An application's: it starts and ends with that pod.
    SharedPod,
}

/// Which pods a collector's service discovery watches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Discovery {
    /// Every pod of the workloads, whoever scrapes it.
    Everything,
    /// The pods of its own node.
    OwnNode,
    /// Nothing: its targets are fixed.
    Nothing,
}
