//! Network address translation: how many connections fit behind an egress address.
//!
//! A [`Provider`] is a record of limits. A [`PortPool`] is the ports that connections compete for.
//! Nothing here knows collectors, endpoints or the calendar: callers pass the time and the random
//! numbers.

mod aws;
mod azure;
mod azure_lb;
mod cilium;
mod deployment_guide;
mod gateway;
mod gcp_dynamic;
mod gcp_static;
mod inventory;
#[cfg(test)]
mod limits;
mod linux;
mod pool;
mod set;
mod supply;
mod surge;

pub use crate::model::blueprint::nat::{Admission, NatLimits, PoolKey, PortBlock};
pub(in crate::model) use gateway::{Gateway, Shortage};
pub use pool::{PortPool, PortsExhausted};
pub(in crate::model) use supply::{Group, PortsEach, Supply, Wanted};
pub(in crate::model) use surge::{Granted, Opened};

/// Whose NAT stands between the collectors and the endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provider {
    /// The arithmetic of Grafana's page "Deploy Grafana Alloy".
    DeploymentGuide,
    /// An AWS NAT gateway.
    Aws,
    /// Google Cloud NAT with static port allocation.
    GcpStatic,
    /// Google Cloud NAT with dynamic port allocation.
    GcpDynamic,
    /// An Azure NAT gateway.
    Azure,
    /// The outbound rules of an Azure load balancer.
    AzureLb,
    /// Linux netfilter, as in a masquerading node or a self-built gateway.
    Linux,
    /// Cilium's BPF masquerading and egress gateway.
    Cilium,
}

impl Provider {
    /// Every provider that a name alone determines, in the order of the documents.
    pub const NAMED: [Self; 8] = [
        Self::DeploymentGuide,
        Self::Aws,
        Self::GcpStatic,
        Self::GcpDynamic,
        Self::Azure,
        Self::AzureLb,
        Self::Linux,
        Self::Cilium,
    ];

    /// The name used in scenarios and reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::DeploymentGuide => "deployment-guide",
            Self::Aws => "aws",
            Self::GcpStatic => "gcp-static",
            Self::GcpDynamic => "gcp-dynamic",
            Self::Azure => "azure",
            Self::AzureLb => "azure-lb",
            Self::Linux => "linux",
            Self::Cilium => "cilium",
        }
    }

    /// Whether a gateway of this provider adds addresses by itself unless told otherwise.
    ///
    /// Source: Google Cloud documentation, Cloud NAT, "IP addresses and ports", section on automatic
    /// NAT IP address allocation, read 2026-11.
    pub const fn adds_addresses(self) -> bool {
        matches!(self, Self::GcpStatic | Self::GcpDynamic)
    }

    /// What this provider enforces.
    pub const fn limits(self) -> NatLimits {
        match self {
            Self::DeploymentGuide => deployment_guide::LIMITS,
            Self::Aws => aws::LIMITS,
            Self::GcpStatic => gcp_static::LIMITS,
            Self::GcpDynamic => gcp_dynamic::LIMITS,
            Self::Azure => azure::LIMITS,
            Self::AzureLb => azure_lb::LIMITS,
            Self::Linux => linux::LIMITS,
            Self::Cilium => cilium::LIMITS,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_carries_the_documented_number_of_collectors() {
        let guide = Provider::DeploymentGuide.limits();
        assert_eq!(guide.ports_per_address, 65_535 - 1_024);
        assert_eq!(guide.connections(1) / 2, 32_255);
        assert_eq!(guide.connections(1) / 51, 1_264);
        let aws = Provider::Aws.limits();
        assert_eq!(
            (aws.connections(1) / 2, aws.connections(1) / 51),
            (27_500, 1_078)
        );
        assert_eq!(
            (aws.connections(8), aws.connections(8) / 51),
            (440_000, 8_627)
        );
        assert_eq!(Provider::Linux.limits().ports_per_address, 64_512);
        assert_eq!(Provider::Cilium.limits().ports_per_address, 32_768);
    }
}
