//! Remote backends, and the egresses that lead to them.

use super::nat::NatLimits;
use super::{EgressId, FleetId, LogLimits};
use crate::model::blueprint::signal::Signal;
use crate::model::law::Quantity;
use crate::units::SimDuration;

/// A remote backend of one signal.
#[derive(Clone, Debug, PartialEq)]
pub struct Endpoint {
    /// Unique name.
    pub name: String,
    /// The signal that the endpoint takes.
    pub signal: Signal,
    /// The fleet that stands behind it; `None` = a backend of its own.
    pub backend: Option<FleetId>,
    /// The egress to the endpoint; `None` = a private path without NAT.
    pub via: Option<EgressId>,
    /// Seconds that one request takes. The centre is unknown; the spread is noise, per request.
    pub latency: Quantity,
    /// Samples per second that the endpoint takes from all fleets together; `None` = no limit.
    pub capacity_samples_per_second: Option<f64>,
    /// What the endpoint takes of log lines.
    pub logs: LogLimits,
    /// Share of the requests that fail (5xx, 429) and are retried. Role: unknown.
    pub errors: Quantity,
    /// Share of the samples that the endpoint rejects for good (4xx). Role: unknown.
    pub rejects: Quantity,
    /// Outages: times at which the endpoint takes nothing.
    pub outages: Vec<Outage>,
    /// Seconds after which the endpoint closes a busy connection. Role: unknown.
    pub connection_lifetime: Quantity,
}

/// A time in which an endpoint takes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outage {
    /// When the outage starts, from the start of the measured horizon.
    pub at: SimDuration,
    /// How long the outage lasts.
    pub lasts: SimDuration,
    /// What a sender gets during the outage.
    pub answer: Answer,
}

/// What a sender gets during an outage.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Answer {
    /// Requests fail (5xx, 429); connections stay open.
    #[default]
    Errors,
    /// Connections are refused. Open connections are gone, and every retry dials anew.
    Refused,
    /// No answer: an attempt fails at its time-out.
    Timeout,
}

/// Time-out of an attempt to send, in seconds.
///
/// Source: Grafana Alloy documentation, `prometheus.remote_write`, `remote_timeout` (read 2026-11).
const REMOTE_TIMEOUT_SECONDS: f64 = 30.0;

impl Answer {
    /// Seconds until an attempt fails during such an outage.
    pub fn attempt_seconds(self) -> f64 {
        match self {
            Self::Errors | Self::Refused => 0.0,
            Self::Timeout => REMOTE_TIMEOUT_SECONDS,
        }
    }
}

/// A way out, with the NAT whose ports its connections compete for.
#[derive(Clone, Debug, PartialEq)]
pub struct Egress {
    /// Unique name.
    pub name: String,
    /// What the provider of the NAT enforces.
    pub limits: NatLimits,
    /// External addresses, each with its own ports; `None` = the gateway adds what its nodes need.
    pub addresses: Option<u32>,
    /// Open connections of others, at all times.
    pub background_connections: u32,
}
