//! The parameters of everything that exists in one case: checked, in engine units, without options.
//!
//! A blueprint is a case of a scenario after defaults, presets, variants and sweeps are resolved.
//! Ids are indices into its vectors. Random numbers are keyed by the names of entities, so the
//! order of a file changes no result. The doc of each [`Quantity`](crate::model::law::Quantity)
//! says its role: *unknown* (drawn once per draw), *spread* (per entity) or *noise* (per
//! occurrence).

mod autoscaling;
mod backoff;
mod balancer;
mod chain;
mod clusters;
mod collector;
mod connectors;
mod cpu;
#[cfg(test)]
pub(in crate::model) mod example;
pub(in crate::model) mod id;
mod lifecycle;
mod logs;
mod memory;
pub mod nat;
mod network;
mod node;
mod profiles;
mod requested;
pub mod signal;
mod spans;
mod workload;

use crate::units::SimDuration;

pub use autoscaling::Autoscaling;
pub use backoff::Backoff;
pub use balancer::{BackendRingVersion, Balancer, LoadBalancing, Resolver, RingChange, RoutingKey};
pub use chain::Client;
pub use collector::{Fleet, Interruptions, RemoteWrite, Resources, SampleBytes, Unchanged, Wal};
pub use connectors::{SERIES_PER_KEY, ServiceGraph, SpanMetrics, SpanResource};
pub use cpu::{CpuModel, LogCpu};
pub use id::{ClusterId, CollectorId, EgressId, EndpointId, FleetId, MemberId, PoolId, WorkloadId};
pub use lifecycle::{
    Controller, CountOrPercent, DEPLOYMENT_SHARE, GRACE, Lifecycle, MIN_READY, PodManagement,
    Updates, WaitForSize,
};
pub use logs::{LogBurst, LogIntake, LogLimits, LogLines, LogSource, LogWal, LokiWrite};
pub use memory::{
    Destinations, Garbage, HeapModel, HolderBytes, Holders, LogMemory, MemoryModel, MemoryTest,
    Pages, SoftLimit, Stacks,
};
pub use network::{Answer, Egress, Endpoint, Outage};
pub use node::{NodeSize, Pool, Requests, ZoneFailure};
pub use profiles::{ProfileCosts, ProfileLoad, ProfileSource, Pyroscope};
pub use requested::{Priority, Requested};
pub use spans::{
    Batch, MemoryLimiter, OnRefusal, Otlp, Overflow, Protocol, QueueBy, QueuePlace, Retry,
    SendingQueue, SpanCosts, SpanLoad, TailSampling,
};
pub use workload::{
    Giant, Incidents, Jobs, PodDemand, Rollouts, Season, SeriesPerTarget, Step, Trend, Unseen,
    Workload, WorkloadKind,
};

/// Everything that exists in one case.
#[derive(Clone, Debug, PartialEq)]
pub struct Blueprint {
    /// Length of the measured horizon, at least one minute.
    pub horizon: SimDuration,
    /// The state at the start of a draw.
    pub start: Start,
    /// Cell of the grid on which trend and season are piecewise constant; 1 h by default.
    pub grid: SimDuration,
    /// Node pools of all clusters.
    pub pools: Vec<Pool>,
    /// What emits telemetry.
    pub workloads: Vec<Workload>,
    /// Sets of collectors, each with one topology and one configuration.
    pub fleets: Vec<Fleet>,
    /// Remote backends.
    pub endpoints: Vec<Endpoint>,
    /// Ways out, each with its NAT.
    pub egresses: Vec<Egress>,
}

/// The state at the start of a draw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// Process ages, dead series and held ports are stationary, as in a fleet that has run for
    /// long.
    Running,
    /// Every process starts at the first instant, with nothing in memory.
    Cold,
}
