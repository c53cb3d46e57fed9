//! The centralized service: a few replicas share all targets.

use super::{Assignment, Discovery, Population, Tenancy, Topology};

/// How the replicas of a centralized service share targets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Share {
    /// Clustering: Alloy's hash ring.
    Clustering,
    /// Hashmod relabelling rules.
    Hashmod,
    /// A load balancer in front (push).
    LoadBalancer,
}

/// `replicas` collectors per cluster that share all targets.
///
/// Source: Grafana Alloy documentation, "Deploy Grafana Alloy", as a centralized collection service
/// (read 2026-11).
pub const fn centralized(replicas: u32, share: Share) -> Topology {
    Topology {
        name: "centralized",
        population: Population::Replicas(replicas),
        assignment: match share {
            Share::Clustering => Assignment::Ring,
            Share::Hashmod => Assignment::Hashmod,
            Share::LoadBalancer => Assignment::Balanced,
        },
        tenancy: Tenancy::OwnPod,
        discovery: Discovery::Everything,
    }
}
