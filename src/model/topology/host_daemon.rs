//! The host daemon: one collector per node.

use super::{Assignment, Discovery, Population, Tenancy, Topology};

/// One collector per node, for the targets on that node. With `node_filtered` discovery a collector
/// watches only the pods of its node, otherwise every pod of the workloads.
///
/// Source: Grafana Alloy documentation, "Deploy Grafana Alloy", as a host daemon (read 2026-11).
pub const fn host_daemon(node_filtered: bool) -> Topology {
    Topology {
        name: "host-daemon",
        population: Population::PerNode,
        assignment: Assignment::Local,
        tenancy: Tenancy::OwnPod,
        discovery: if node_filtered {
            Discovery::OwnNode
        } else {
            Discovery::Everything
        },
    }
}
