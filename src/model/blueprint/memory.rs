//! What a collector keeps in memory, by its terms.

use crate::model::law::{Law, Quantity};

/// What a collector keeps in memory.
///
/// `live = base + components + factor · (series by holder + targets) + files + watched pods + busy
/// shards`. Where [`MemoryModel::per_series`] is stated, that number takes the place of the bytes of
/// labels, and the holders divide it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MemoryModel {
    /// Bytes of label text per series. Role: unknown.
    pub label_bytes: Quantity,
    /// What each holder keeps of a series.
    pub holders: Holders,
    /// Bytes per active series without a limit and at GOGC = 100, with one endpoint and no stage of
    /// relabelling; `None` = by the terms. Role: unknown.
    pub per_series: Option<Quantity>,
    /// Stages of relabelling between scrape and WAL, rounded to a whole number. Role: unknown.
    pub relabel_stages: Quantity,
    /// Most entries in the cache of one stage of relabelling.
    pub relabel_cache: f64,
    /// What sends to several endpoints of metrics.
    pub destinations: Destinations,
    /// Live bytes per target, without its series. Role: unknown.
    pub per_target: Quantity,
    /// Live bytes per target whose pages are compressed, on top.
    pub per_compressed_target: f64,
    /// Whether targets send their pages compressed.
    pub is_compressed: bool,
    /// Live bytes per endpoint and busy shard, above the shards of the steady state. Role: unknown.
    pub per_busy_shard: Quantity,
    /// Live bytes of a process that does nothing. Role: unknown.
    pub base: Quantity,
    /// Live bytes of the components that the other terms do not name. Role: unknown.
    pub components: Quantity,
    /// Bytes outside the Go heap and its stacks. Role: unknown.
    pub outside_heap: Quantity,
    /// Live bytes per pod that one component of service discovery watches. Role: unknown.
    pub per_watched_pod: Quantity,
    /// Components of service discovery that watch pods.
    pub discovery_components: f64,
    /// What tailing takes.
    pub logs: LogMemory,
    /// Factor on the bytes of series and targets, for what the terms do not name. Role: unknown.
    pub factor: Quantity,
    /// Live bytes by which a process grows per day at constant load. Role: unknown.
    pub growth_per_day: Quantity,
    /// Factor on live memory during a replay of the WAL and shortly after. Role: noise.
    pub replay_peak: Law,
    /// How the heap grows over its live bytes.
    pub heap: HeapModel,
    /// The pages of files.
    pub pages: Pages,
    /// Least bytes of a process, however little it does.
    pub idle: f64,
    /// How memory is compared with the limit.
    pub test: MemoryTest,
}

/// Bytes that a holder keeps of a series, in proportion to the text of its labels.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct HolderBytes {
    /// Whatever the labels are.
    pub fixed: f64,
    /// Per byte of label text.
    pub per_label_byte: f64,
}

impl HolderBytes {
    /// Bytes of a series with `labels` bytes of label text.
    pub fn at(self, labels: f64) -> f64 {
        self.fixed + self.per_label_byte * labels
    }
}

/// What each holder keeps of a series.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Holders {
    /// The scrape cache: freed when the target goes.
    pub scrape: HolderBytes,
    /// The labels in the series tables of all logs: freed by a truncation.
    pub wal: HolderBytes,
    /// The entry in the series table of one log: freed by a truncation.
    pub wal_entry: f64,
    /// The queue of one endpoint: freed when a checkpoint covers the series.
    pub queue: HolderBytes,
    /// The first stage of relabelling, with its cache: freed when the target goes.
    pub relabel: HolderBytes,
    /// An entry in the cache of a further stage of relabelling.
    pub relabel_entry: HolderBytes,
    /// A series that relabelling drops after the scrape: freed when the target goes.
    pub dropped: HolderBytes,
    /// The copy of the labels that a replay makes in a log, for as long as the series is active.
    pub replayed: HolderBytes,
    /// What stays of a series whose target moved away for good, per log.
    pub moved: f64,
}

/// What sends to several endpoints of metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Destinations {
    /// A component for each endpoint, with a WAL and a series table of its own.
    Components,
    /// One component with a block for each endpoint, with one log.
    Blocks,
}

impl Destinations {
    /// Number of logs for `endpoints` endpoints.
    pub fn logs(self, endpoints: usize) -> f64 {
        match self {
            Self::Components => endpoints as f64,
            Self::Blocks => 1.0,
        }
    }
}

/// What tailing takes in memory.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LogMemory {
    /// Bytes per byte of lines per second, without a limit and at GOGC = 100. Role: unknown.
    pub per_byte_per_second: Quantity,
    /// Live bytes per tailed file.
    pub per_file: f64,
    /// Live bytes of all stages that process lines together.
    pub of_stages: f64,
    /// Stages that process lines, rounded to a whole number. Role: unknown.
    pub stages: Quantity,
}

/// How the heap of Go grows over its live bytes, until a collection.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HeapModel {
    /// GOGC: growth of the heap over the live heap and the stacks, in percent, that Go aims at.
    pub gogc: f64,
    /// Share of the way to that goal at which a collection begins.
    pub collected_at: f64,
    /// Time after which Go collects anyway; zero = never.
    pub forced_every: f64,
    /// Bytes that the heap takes of the machine, over the bytes of its objects.
    pub overhead: f64,
    /// The soft limit of Go's memory.
    pub soft_limit: SoftLimit,
    /// Stacks of goroutines.
    pub stacks: Stacks,
    /// What a process allocates.
    pub garbage: Garbage,
}

/// The soft limit of Go's memory, `GOMEMLIMIT`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SoftLimit {
    /// None.
    Off,
    /// A share of the limit of the container, where it has one.
    OfLimit(f64),
    /// Bytes.
    Bytes(f64),
}

/// Stacks of goroutines.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Stacks {
    /// Bytes of a process that does nothing.
    pub base: f64,
    /// Bytes per target.
    pub per_target: f64,
    /// Bytes per tailed file.
    pub per_file: f64,
    /// Bytes that stacks take of the machine, over their size.
    pub overhead: f64,
}

/// Bytes that a process allocates, each of which is garbage soon.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Garbage {
    /// Per second, of a process that does nothing.
    pub idle: f64,
    /// Per scraped sample.
    pub per_sample: f64,
    /// Per scrape.
    pub per_scrape: f64,
    /// Per scraped sample and stage of relabelling that does not find it in its cache.
    pub per_relabel_miss: f64,
    /// Per line.
    pub per_line: f64,
    /// Per byte of a line.
    pub per_line_byte: f64,
    /// Per look at a tailed file.
    pub per_poll: f64,
}

/// Pages of files that count as memory of a process and kill nobody.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pages {
    /// Bytes of the binary that are resident. Role: unknown.
    pub binary: Quantity,
    /// Share of the pages of the binary and of the WAL that the working set contains.
    pub active_share: f64,
}

/// How memory is compared with the limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemoryTest {
    /// Go's collector works harder near the limit. The process is out of memory when the least heap
    /// and what is outside the heap exceed the limit.
    GarbageCollected,
    /// The deployment guide's division: the bytes without a limit are compared with it directly.
    Direct,
}
