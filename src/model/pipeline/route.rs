//! The routes of a fleet's metrics: one per endpoint, side by side behind one WAL.

use crate::model::blueprint::signal::Signal;
use crate::model::blueprint::{Destinations, EndpointId, Fleet};
use crate::model::load::timeline::Episode;
use crate::model::pipeline::Requests;
use crate::model::pipeline::remote_write::{Sender, batch_seconds};
use crate::model::wal::{Log, Truncation};

use crate::model::endpoint::{Endpoint, Levels};
use crate::units::SimTime;

/// The route of a fleet's metrics to one endpoint.
#[derive(Clone, Debug)]
pub(in crate::model) struct Route {
    /// The endpoint; `None` for a fleet without an endpoint of metrics, whose samples always leave.
    pub endpoint: Option<EndpointId>,
    pub sender: Sender,
    /// The level up to which the endpoint takes what collectors send.
    pub levels: Levels,
    /// Share of the samples that the endpoint rejects for good.
    pub rejected: f64,
    pub requests: Requests,
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
            levels: Levels::default(),
            rejected: 0.0,
            requests: Requests::default(),
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

/// The WALs behind the routes: one per route, or one for all. Truncations of a WAL are skipped while
/// any of its endpoints is down.
pub(in crate::model) fn logs_of(
    routes: &[Route],
    truncation: Truncation,
    destinations: Destinations,
) -> Vec<Log> {
    let log = |stalls| Log { truncation, stalls };
    match destinations {
        Destinations::Components => {
            let each = routes.iter().map(|route| log(route.stalls.clone()));
            each.collect()
        }
        Destinations::Blocks => vec![log(merged(routes))],
    }
}

/// The times at which any endpoint of `routes` is down, each with the endpoint that has been down for
/// longest. An outage that begins later and ends sooner than another one does not count.
pub(in crate::model) fn merged(routes: &[Route]) -> Vec<Episode> {
    let all = routes.iter().flat_map(|route| route.stalls.iter().copied());
    let mut stalls: Vec<Episode> = all.collect();
    stalls.sort_unstable_by_key(|stall| (stall.from, std::cmp::Reverse(stall.to)));
    let mut last = SimTime::ZERO;
    stalls.retain(|stall| {
        let outlasts = stall.to > last;
        last = last.max(stall.to);
        outlasts
    });
    stalls
}
