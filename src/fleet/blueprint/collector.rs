//! A fleet of collectors: where it runs, what it carries, what it may use, how it behaves.

use std::time::Duration;

use super::{EndpointId, Lifecycle, PoolId, WorkloadId};
use crate::fleet::law::{Law, Quantity};
use crate::fleet::topology::Topology;
use crate::units::Bytes;

/// A set of collectors with one topology and one configuration.
#[derive(Clone, Debug, PartialEq)]
pub struct Fleet {
    /// Unique name.
    pub name: String,
    /// How collectors are laid out and how load reaches them.
    pub topology: Topology,
    /// Pools whose nodes carry the collectors; empty = machines of their own outside the clusters.
    pub runs_on: Vec<PoolId>,
    /// Workloads whose metrics it scrapes.
    pub metrics_of: Vec<WorkloadId>,
    /// Workloads whose logs it tails.
    pub logs_of: Vec<WorkloadId>,
    /// Endpoints it sends to, each of one signal.
    pub sends_to: Vec<EndpointId>,
    /// What the platform gives and enforces.
    pub resources: Resources,
    /// What a collector keeps in memory.
    pub memory: MemoryModel,
    /// What a collector needs of CPU.
    pub cpu: CpuModel,
    /// Series that each collector exposes about itself and scrapes.
    pub own_series: f64,
    /// Sender of metrics.
    pub remote_write: RemoteWrite,
    /// Write-ahead log.
    pub wal: Wal,
    /// What interrupts a collector besides running out of memory.
    pub interruptions: Interruptions,
    /// How collectors are stopped, started and replaced.
    pub lifecycle: Lifecycle,
}

/// What the platform gives a collector and what it enforces.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Resources {
    /// Cores requested; `None` = no request.
    pub cpu_request_cores: Option<f64>,
    /// Core limit; `None` = no limit.
    pub cpu_limit_cores: Option<f64>,
    /// Memory requested; `None` = no request.
    pub memory_request: Option<Bytes>,
    /// Memory limit; `None` = what the node has.
    pub memory_limit: Option<Bytes>,
}

/// What a collector keeps in memory.
///
/// `live = base + resident series · per_series / 2 + watched pods · per_watched_pod + logs`,
/// `resident = 2 · live + outside_heap` without a limit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MemoryModel {
    /// Resident bytes per resident series, without a limit. Role: unknown.
    pub per_series: Quantity,
    /// Live bytes of a collector that scrapes nothing. Role: unknown.
    pub base: Quantity,
    /// Bytes outside the Go heap. Role: unknown.
    pub outside_heap: Quantity,
    /// Live bytes per pod that service discovery watches. Role: unknown.
    pub per_watched_pod: Quantity,
    /// Resident bytes per log byte per second. Role: unknown.
    pub per_log_byte_per_second: Quantity,
    /// Factor on live memory while the write-ahead log is replayed and shortly after. Role: noise.
    pub replay_peak: Law,
    /// How memory is held against the limit.
    pub test: MemoryTest,
}

/// How memory is held against the limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemoryTest {
    /// Go's collector works harder near the limit; out of memory when `live · 1.05 + outside_heap`
    /// exceeds it.
    GarbageCollected,
    /// The deployment guide's division: resident bytes are compared with the limit directly.
    Direct,
}

/// What a collector needs of CPU.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CpuModel {
    /// CPU seconds per scraped sample. Role: unknown.
    pub seconds_per_sample: Quantity,
    /// CPU seconds per byte of log lines. Role: unknown.
    pub seconds_per_log_byte: Quantity,
    /// Share of CPU that garbage collection takes when nothing limits the heap. Role: unknown.
    pub gc_share: Quantity,
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
    /// Whether all requests share one connection.
    pub http2: bool,
}

/// Write-ahead log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wal {
    /// Time between two truncations, from the start of the process; zero = series die at once.
    pub truncate_every: Duration,
    /// Series and samples younger than this survive a truncation.
    pub keep_min: Duration,
    /// Samples older than this do not survive one, sent or not.
    pub keep_max: Duration,
    /// Whether it lives on a volume that survives the process.
    pub on_volume: bool,
}

/// What interrupts a collector besides running out of memory.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interruptions {
    /// Seconds between two restarts of one collector; `None` = never. Role: unknown.
    pub restart_interval: Option<Quantity>,
    /// Seconds from the end of one process to the start of the next. Role: noise.
    pub restart_gap: Law,
    /// Series per second that replay of the write-ahead log restores. Role: noise.
    pub replay_series_per_second: Law,
    /// Seconds until the other peers take over the targets of one that crashed. Role: noise.
    pub crash_takeover: Law,
    /// Seconds until the other peers take over the targets of one that left. Role: noise.
    pub leave_takeover: Law,
}
