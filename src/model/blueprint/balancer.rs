//! What stands before a fleet that receives traces.

use crate::units::SimDuration;

/// How requests of clients find a collector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Balancer {
    /// By the protocol of the clients: a connection for life, or an even split by trace.
    Plain,
    /// Each request goes to the next collector, whatever its traces.
    RoundRobin,
    /// Collectors with a load-balancing exporter.
    Exporter(LoadBalancing),
}

/// Collectors with a load-balancing exporter: the *routers*. The fleet behind them are their
/// backends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LoadBalancing {
    /// The ring of the routers.
    pub ring: BackendRingVersion,
    /// What decides where a span goes.
    pub key: RoutingKey,
    /// How routers learn of backends.
    pub resolver: Resolver,
    /// Longest age of what a cache of DNS answers.
    pub dns_cache: SimDuration,
    /// Routers before each cluster of the fleet.
    pub routers: u32,
    /// A rolling upgrade of the routers to another ring.
    pub change: Option<RingChange>,
}

/// A version of the ring of the load-balancing exporter, by the version of Alloy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BackendRingVersion {
    /// Alloy up to 1.18.
    V1_18,
    /// Alloy from 1.19.
    V1_19,
}

/// What decides where the load-balancing exporter sends a span.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoutingKey {
    /// Its trace.
    TraceId,
    /// Its service.
    Service,
}

/// How routers learn of backends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resolver {
    /// They ask DNS for ready pods, again and again.
    Dns,
    /// They watch the pods, ready or not.
    Kubernetes,
}

/// A rolling upgrade of routers: one after another gets another ring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RingChange {
    /// The ring afterwards.
    pub to: BackendRingVersion,
    /// When it begins, from the start of the measured horizon.
    pub at: SimDuration,
    /// How long it takes.
    pub over: SimDuration,
}
