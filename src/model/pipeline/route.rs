//! The routes of a fleet's metrics: one per endpoint, side by side behind one WAL.

use crate::model::blueprint::signal::Signal;
use crate::model::blueprint::{EndpointId, Fleet};
use crate::model::load::timeline::Episode;
use crate::model::pipeline::remote_write::{Sender, batch_seconds};

use crate::model::endpoint::Endpoint;

/// The route of a fleet's metrics to one endpoint.
#[derive(Clone, Debug)]
pub(in crate::model) struct Route {
    /// The endpoint; `None` for a fleet without an endpoint of metrics, whose samples always leave.
    pub endpoint: Option<EndpointId>,
    pub sender: Sender,
    /// Samples per second that the endpoint takes of the whole fleet. Infinite without a stated
    /// capacity.
    pub accepted_max: f64,
    /// Share of the samples that the endpoint rejects for good.
    pub rejected: f64,
    /// Whether the endpoint is down.
    pub is_down: bool,
    /// Collectors from this position on, in order of existence, find no port.
    pub starved_from: u32,
    /// Most steady connections of each of the other collectors, for want of ports.
    pub connections_max: f64,
    /// Outages of the endpoint, in order of time.
    pub stalls: Vec<Episode>,
}

impl Route {
    /// All routes of a fleet's metrics, at least one.
    pub(in crate::model) fn all_of(fleet: &Fleet, endpoints: &[Endpoint<'_>]) -> Vec<Self> {
        let of_metrics = |&&id: &&EndpointId| endpoints[id.index()].signal() == Signal::Metrics;
        let mut routes: Vec<Self> = fleet
            .sends_to
            .iter()
            .filter(of_metrics)
            .map(|&id| Self::to(fleet, id, &endpoints[id.index()]))
            .collect();
        if routes.is_empty() {
            routes.push(Self::nowhere(fleet));
        }
        routes
    }

    fn to(fleet: &Fleet, id: EndpointId, endpoint: &Endpoint<'_>) -> Self {
        Self {
            endpoint: Some(id),
            sender: Sender {
                settings: fleet.remote_write,
                latency_seconds: batch_seconds(endpoint.latency_seconds, endpoint.errors).max(1e-3),
            },
            rejected: endpoint.rejected,
            stalls: endpoint.stalls.clone(),
            ..Self::nowhere(fleet)
        }
    }

    fn nowhere(fleet: &Fleet) -> Self {
        Self {
            endpoint: None,
            sender: Sender {
                settings: fleet.remote_write,
                latency_seconds: 1e-3,
            },
            accepted_max: f64::INFINITY,
            rejected: 0.0,
            is_down: false,
            starved_from: u32::MAX,
            connections_max: f64::INFINITY,
            stalls: Vec::new(),
        }
    }
}

impl Route {
    /// Samples per second that a collector sends at most, with every shard busy that has a
    /// connection.
    pub(in crate::model) fn capacity(&self) -> f64 {
        if self.sender.settings.http2 {
            return self.sender.capacity();
        }
        let by_connections = self.sender.rate(1) * self.connections_max;
        self.sender.capacity().min(by_connections)
    }
}

/// The times at which any endpoint of `routes` is down, merged.
pub(in crate::model) fn merged(routes: &[Route]) -> Vec<Episode> {
    let mut stalls: Vec<Episode> = routes
        .iter()
        .flat_map(|route| route.stalls.iter().copied())
        .collect();
    stalls.sort_unstable_by_key(|stall| stall.from);
    stalls.dedup_by(|next, kept| {
        let joins = next.from <= kept.to;
        if joins {
            kept.to = kept.to.max(next.to);
        }
        joins
    });
    stalls
}
