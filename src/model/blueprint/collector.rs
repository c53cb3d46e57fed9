//! A fleet of collectors: where it runs, what it carries, what it may use, how it behaves.

use super::{Autoscaling, EndpointId, Lifecycle, PoolId, WorkloadId};
use crate::model::law::{Law, Quantity};
use crate::model::topology::Topology;
use crate::units::{Bytes, SimDuration};

/// A set of collectors with one topology and one configuration.
#[derive(Clone, Debug, PartialEq)]
pub struct Fleet {
    /// Unique name.
    pub name: String,
    /// How collectors are laid out and how load reaches them.
    pub topology: Topology,
    /// Who sets the number of replicas; `None` = it stays as it is.
    pub autoscaling: Option<Autoscaling>,
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
    /// Bytes that samples take on the wire and in the WAL.
    pub sample_bytes: SampleBytes,
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
/// `live = base + series · per_series / 2, by holder + targets · per_target + watched pods ·
/// per_watched_pod + busy shards · per_busy_shard + logs`,
/// `resident = (1 + gogc / 100) · live + outside_heap` without a limit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MemoryModel {
    /// Resident bytes per active series with one endpoint and no stage of relabelling, without a
    /// limit and at GOGC = 100. Role: unknown.
    pub per_series: Quantity,
    /// What of these bytes is held by what.
    pub holders: Holders,
    /// Stages of relabelling between scrape and log, each with a copy of the labels.
    pub relabel_stages: u32,
    /// Live bytes per target beyond those of its series. Role: unknown.
    pub per_target: Quantity,
    /// Live bytes per shard at work beyond the steady ones, and endpoint. Role: unknown.
    pub per_busy_shard: Quantity,
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
    /// Resident bytes below which no process is, however little it does.
    pub idle: f64,
    /// Percent of the live heap that may be added to it before Go collects.
    pub gogc: f64,
    /// How memory is held against the limit.
    pub test: MemoryTest,
}

/// What of a series' bytes is held by what, as shares of the bytes of a series with one endpoint and
/// no stage of relabelling; the first three add up to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Holders {
    /// The cache of its scrape: goes with the target.
    pub scrape: f64,
    /// The table of the write-ahead log: stays until a truncation.
    pub log: f64,
    /// The labels that the queue of one endpoint keeps: stay until a checkpoint covers them.
    pub queue: f64,
    /// One stage of relabelling: goes with the target.
    pub relabel: f64,
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
    /// CPU seconds per sample that is scraped and sent to one endpoint. Role: unknown.
    pub seconds_per_sample: Quantity,
    /// Share of it that goes into sending, once per endpoint; the rest is scraping.
    pub sent_share: f64,
    /// CPU seconds per scrape beyond those of its samples. Role: unknown.
    pub seconds_per_scrape: Quantity,
    /// CPU seconds per series that is new. Role: unknown.
    pub seconds_per_new_series: Quantity,
    /// Cores that a process takes whatever it does. Role: unknown.
    pub idle_cores: Quantity,
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

/// Bytes that samples take.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SampleBytes {
    /// On the way from a target, per scraped sample. Role: unknown.
    pub received: Quantity,
    /// On the way to an endpoint, per sent sample. Role: unknown.
    pub sent: Quantity,
    /// In the write-ahead log, per sample. Role: unknown.
    pub logged: Quantity,
    /// In the write-ahead log, per new series.
    pub wal_per_new_series: f64,
}

/// Write-ahead log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wal {
    /// Time between two truncations, from the start of the process; zero = series die at once.
    pub truncate_every: SimDuration,
    /// Series and samples younger than this survive a truncation.
    pub keep_min: SimDuration,
    /// Samples older than this do not survive one, sent or not.
    pub keep_max: SimDuration,
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
    /// Seconds that replay takes per MiB of the WAL besides. Role: noise.
    pub replay_seconds_per_mib: Law,
    /// Seconds until the other peers take over the targets of one that crashed. Role: noise.
    pub crash_takeover: Law,
    /// Seconds until the other peers take over the targets of one that left. Role: noise.
    pub leave_takeover: Law,
}
