//! The container sidecar: one collector per pod.

use super::{Assignment, Discovery, Population, Tenancy, Topology};

/// One collector in each pod. The collector starts and ends with the pod.
///
/// Source: Grafana Alloy documentation, "Deploy Grafana Alloy", as a container sidecar (read 2026-11).
pub const fn sidecar() -> Topology {
    Topology {
        name: "sidecar",
        population: Population::PerPod,
        assignment: Assignment::Local,
        tenancy: Tenancy::SharedPod,
        discovery: Discovery::Nothing,
    }
}
