//! A fleet of collectors: where the collectors run, what they collect, their resources and
//! constants.

use super::signal::MetricSource;
use super::{
    Autoscaling, CpuModel, EndpointId, Lifecycle, LogIntake, LokiWrite, MemoryModel, Otlp, PoolId,
    ProfileCosts, Pyroscope, ServiceGraph, SpanCosts, SpanMetrics, TailSampling, WorkloadId,
};
use crate::model::law::{Law, Quantity};
use crate::model::topology::Topology;
use crate::units::{Bytes, SimDuration};

/// A set of collectors with one topology and one configuration.
#[derive(Clone, Debug, PartialEq)]
pub struct Fleet {
    /// Unique name.
    pub name: String,
    /// How many collectors there are, in whose pods, and which of them scrapes a target.
    pub topology: Topology,
    /// Who sets the number of replicas; `None` = the number is constant.
    pub autoscaling: Option<Autoscaling>,
    /// Pools whose nodes the collectors run on; empty = machines of their own outside the clusters.
    pub runs_on: Vec<PoolId>,
    /// How metrics come to the collectors.
    pub metric_source: MetricSource,
    /// Workloads whose metrics the fleet scrapes or receives.
    pub metrics_of: Vec<WorkloadId>,
    /// Workloads whose logs the fleet tails.
    pub logs_of: Vec<WorkloadId>,
    /// How the fleet takes them in.
    pub log_intake: LogIntake,
    /// Workloads whose traces the fleet receives.
    pub traces_of: Vec<WorkloadId>,
    /// Workloads whose profiles the fleet takes.
    pub profiles_of: Vec<WorkloadId>,
    /// How the fleet takes and sends profiles.
    pub pyroscope: Pyroscope,
    /// What profiles cost.
    pub profile_costs: ProfileCosts,
    /// How the fleet receives and sends traces.
    pub otlp: Otlp,
    /// How it samples traces; `None` = it keeps all.
    pub tail_sampling: Option<TailSampling>,
    /// Series that it derives from spans by service and span.
    pub spanmetrics: Option<SpanMetrics>,
    /// Series that it derives from the calls between services.
    pub servicegraph: Option<ServiceGraph>,
    /// What spans cost.
    pub span_costs: SpanCosts,
    /// Endpoints that the fleet sends to, each of one signal.
    pub sends_to: Vec<EndpointId>,
    /// Requests and limits of a collector.
    pub resources: Resources,
    /// What a collector keeps in memory.
    pub memory: MemoryModel,
    /// CPU that a collector demands.
    pub cpu: CpuModel,
    /// Series that each collector exposes about itself and scrapes.
    pub own_series: f64,
    /// Sender of metrics.
    pub remote_write: RemoteWrite,
    /// The WAL of a collector.
    pub wal: Wal,
    /// Sender of logs.
    pub loki_write: LokiWrite,
    /// Bytes that samples take on the wire and in the WAL.
    pub sample_bytes: SampleBytes,
    /// What interrupts a collector besides OOM kills.
    pub interruptions: Interruptions,
    /// How collectors are stopped, started and replaced.
    pub lifecycle: Lifecycle,
}

impl Fleet {
    /// Whether the fleet derives series from spans.
    pub fn derives_series(&self) -> bool {
        !self.traces_of.is_empty() && (self.spanmetrics.is_some() || self.servicegraph.is_some())
    }

    /// Whether the fleet has series to send, scraped or derived.
    pub fn has_series(&self) -> bool {
        !self.metrics_of.is_empty() || self.derives_series()
    }
}

/// Requests and limits of a collector.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Resources {
    /// Cores requested; `None` = no request.
    pub cpu_request_cores: Option<f64>,
    /// Core limit; `None` = no limit.
    pub cpu_limit_cores: Option<f64>,
    /// Memory requested; `None` = no request.
    pub memory_request: Option<Bytes>,
    /// Memory limit; `None` = the memory of the node.
    pub memory_limit: Option<Bytes>,
}

/// Sender of metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RemoteWrite {
    /// Samples in one request.
    pub samples_per_send: u32,
    /// Least number of shards.
    pub shards_min: u32,
    /// Greatest number of shards.
    pub shards_max: u32,
    /// Samples per second that the one reader of an endpoint takes from the WAL at most.
    pub samples_read_per_second: u32,
    /// Whether all requests share one connection.
    pub http2: bool,
}

/// Bytes that a sample takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SampleBytes {
    /// From a target to the collector, per scraped sample. Role: unknown.
    pub received: Quantity,
    /// From the collector to an endpoint, per sent sample. Role: unknown.
    pub sent: Quantity,
    /// In the WAL, per sample. Role: unknown.
    pub logged: Quantity,
    /// In the WAL, per new series.
    pub wal_per_new_series: f64,
}

/// The WAL of a collector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wal {
    /// Time between two truncations, from the start of the process; zero = series leave memory as
    /// they die.
    pub truncate_every: SimDuration,
    /// Series and samples younger than this survive a truncation.
    pub keep_min: SimDuration,
    /// Samples older than this do not survive a truncation, sent or not.
    pub keep_max: SimDuration,
    /// What becomes of a truncation when no endpoint has taken anything since the one before.
    pub unchanged: Unchanged,
    /// Whether the WAL lies on a volume that survives the process.
    pub on_volume: bool,
}

/// What becomes of a truncation of the WAL that could not take anything more than the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unchanged {
    /// It is skipped, as by Alloy.
    Skipped,
    /// It is performed, as by Prometheus in agent mode.
    Performed,
}

/// What interrupts a collector besides OOM kills.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interruptions {
    /// Seconds between two restarts of one collector; `None` = never. Role: unknown.
    pub restart_interval: Option<Quantity>,
    /// Seconds from the end of one process to the start of the next. Role: noise.
    pub restart_gap: Law,
    /// Series per second that a replay of the WAL restores. Role: noise.
    pub replay_series_per_second: Law,
    /// Seconds that a replay takes per MiB of the WAL, on top of its series. Role: noise.
    pub replay_seconds_per_mib: Law,
    /// Seconds until ring peers take over the targets of a collector that crashed. Role: noise.
    pub crash_takeover: Law,
    /// Seconds until ring peers take over the targets of a collector that left. Role: noise.
    pub leave_takeover: Law,
}
