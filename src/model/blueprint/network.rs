//! Remote backends and the ways to them.

use super::EgressId;
use super::nat::NatLimits;
use crate::model::blueprint::signal::Signal;
use crate::model::law::Quantity;
use crate::units::SimDuration;

/// A remote backend of one signal.
#[derive(Clone, Debug, PartialEq)]
pub struct Endpoint {
    /// Unique name.
    pub name: String,
    /// The signal it takes.
    pub signal: Signal,
    /// The way out, or `None` for a private path without NAT.
    pub via: Option<EgressId>,
    /// Seconds one request takes. The centre is unknown; the spread is noise, per request.
    pub latency: Quantity,
    /// Samples per second that the backend takes from everybody; `None` = without limit.
    pub capacity_samples_per_second: Option<f64>,
    /// Share of the requests that fail (5xx, 429) and are sent again. Role: unknown.
    pub errors: Quantity,
    /// Share of the samples that it refuses for good (4xx). Role: unknown.
    pub rejects: Quantity,
    /// Times at which it takes nothing.
    pub outages: Vec<Outage>,
    /// Seconds after which the far side closes a busy connection. Role: unknown.
    pub connection_lifetime: Quantity,
}

/// A time without answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outage {
    /// When it starts, from the start of the recorded time.
    pub at: SimDuration,
    /// How long it lasts.
    pub lasts: SimDuration,
    /// What a sender sees of it.
    pub answer: Answer,
}

/// What a sender sees of an outage.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Answer {
    /// Requests fail (5xx, 429); connections stay open.
    #[default]
    Errors,
    /// Connections are refused: those that were open are gone, and every retry dials anew.
    Refused,
    /// No answer at all: an attempt fails when its time is up.
    Timeout,
}

/// Seconds after which a sender gives an attempt up.
///
/// Source: Grafana Alloy documentation, `prometheus.remote_write`, `remote_timeout` (read 2026-11).
const REMOTE_TIMEOUT_SECONDS: f64 = 30.0;

impl Answer {
    /// Seconds until an attempt fails.
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
    /// What the provider enforces.
    pub limits: NatLimits,
    /// Addresses, each with its own ports.
    pub addresses: u32,
    /// Connections of others that are always open.
    pub background_connections: u32,
}
