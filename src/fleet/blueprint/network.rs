//! Remote backends and the ways to them.

use std::time::Duration;

use super::EgressId;
use crate::fleet::law::Quantity;
use crate::fleet::nat::NatLimits;
use crate::fleet::signal::Signal;

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
    /// Times at which it answers nothing.
    pub outages: Vec<Outage>,
    /// Seconds after which the far side closes a busy connection. Role: unknown.
    pub connection_lifetime: Quantity,
}

/// A time without answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outage {
    /// When it starts, from the start of the recorded time.
    pub at: Duration,
    /// How long it lasts.
    pub lasts: Duration,
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
