//! The routes of a fleet's log lines: one per endpoint, behind one reader.

use crate::model::blueprint::signal::Signal;
use crate::model::blueprint::{EndpointId, Fleet};
use crate::model::endpoint::Endpoint;
use crate::model::pipeline::backoff::{Outages, TIMEOUT_SECONDS};
use crate::units::{SimDuration, SimTime};

/// The route of a fleet's log lines to one endpoint.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::model) struct LogRoute {
    /// The endpoint; `None` for a fleet without an endpoint of logs, whose lines always leave.
    pub endpoint: Option<EndpointId>,
    /// Whether the endpoint is down.
    pub is_down: bool,
    /// Mean seconds of one request.
    pub request_seconds: f64,
    /// Mean seconds until a batch is accepted or given up.
    pub batch_seconds: f64,
    /// Share of the batches that are given up outside outages.
    pub given_up: f64,
    /// Share of the lines that the endpoint rejects for good.
    pub rejected: f64,
    pub(super) outages: Outages,
    /// What the endpoint takes of a stream; `None` = everything.
    stream_limit: Option<f64>,
    /// Bytes per second that the endpoint takes of all; infinite without a limit.
    pub capacity: f64,
    /// From each instant on, what the endpoint takes of all that is written, as a multiple of it.
    /// Empty without a limit.
    pub taken: Vec<(SimTime, f64)>,
}

impl LogRoute {
    /// All routes of a fleet's logs, at least one if it collects any.
    pub(in crate::model) fn all_of(fleet: &Fleet, endpoints: &[Endpoint<'_>]) -> Vec<Self> {
        if fleet.logs_of.is_empty() {
            return Vec::new();
        }
        let of_logs = |&&id: &&EndpointId| endpoints[id.index()].signal() == Signal::Logs;
        let to = |&id: &EndpointId| Self::to(fleet, id, &endpoints[id.index()]);
        let mut routes: Vec<Self> = fleet.sends_to.iter().filter(of_logs).map(to).collect();
        if routes.is_empty() {
            routes.push(Self::default());
        }
        routes
    }

    fn to(fleet: &Fleet, id: EndpointId, endpoint: &Endpoint<'_>) -> Self {
        let write = &fleet.loki_write;
        let (batch_seconds, given_up) = write.batch(endpoint.latency_seconds, endpoint.errors);
        Self {
            endpoint: Some(id),
            is_down: false,
            request_seconds: endpoint.latency_seconds,
            batch_seconds,
            given_up,
            rejected: endpoint.rejected,
            outages: Outages::of(endpoint, TIMEOUT_SECONDS),
            stream_limit: endpoint.log_limits().bytes_per_stream,
            capacity: endpoint
                .log_limits()
                .bytes_per_second
                .unwrap_or(f64::INFINITY),
            taken: Vec::new(),
        }
    }

    /// The endpoint has had an outage that nobody expected, or its end has become known.
    pub(in crate::model) fn follow(&mut self, endpoint: &Endpoint<'_>) {
        self.outages = Outages::of(endpoint, TIMEOUT_SECONDS);
    }

    /// Whether the endpoint limits what it takes.
    pub(in crate::model) fn is_limited(&self) -> bool {
        self.stream_limit.is_some() || !self.taken.is_empty()
    }

    /// What the endpoint takes of a stream; infinite without a limit.
    pub(in crate::model) fn stream_limit(&self) -> f64 {
        self.stream_limit.unwrap_or(f64::INFINITY)
    }

    /// What the endpoint takes of all that is written at `at`, as a multiple of it.
    pub(in crate::model) fn taken_at(&self, at: SimTime) -> f64 {
        let next = self.taken.partition_point(|&(from, _)| from <= at);
        let present = next.checked_sub(1).map(|place| self.taken[place].1);
        present.unwrap_or(f64::INFINITY)
    }

    /// For how long from `now` on the endpoint stays down.
    pub(in crate::model) fn down_for(&self, now: SimTime) -> SimDuration {
        self.outages.left(now)
    }
}
