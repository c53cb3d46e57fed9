//! Log lines: what writes them, and what sends them.

use super::{Backoff, Overflow};
use crate::model::law::Quantity;
use crate::units::SimDuration;

/// Lines that one pod logs.
#[derive(Clone, Debug, PartialEq)]
pub struct LogLines {
    /// Bytes per second. Role: unknown.
    pub bytes_per_second: Quantity,
    /// Bytes per line. Role: unknown.
    pub bytes_per_line: Quantity,
    /// Files that a pod writes to, each a stream.
    pub files: f64,
    /// Bytes after which a file is rotated.
    pub rotated_at: f64,
    /// Times in which pods log more.
    pub bursts: Vec<LogBurst>,
}

/// A time in which pods log more.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LogBurst {
    /// When it starts, from the start of the measured horizon.
    pub at: SimDuration,
    /// How long it lasts.
    pub lasts: SimDuration,
    /// Factor on the lines of each of its pods, above 1.
    pub factor: f64,
    /// How many pods log more, each on a node of its own; `None` = all.
    pub pods: Option<u32>,
}

/// What an endpoint takes of log lines before it answers 429.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct LogLimits {
    /// Bytes per second of all fleets together; `None` = no limit.
    pub bytes_per_second: Option<f64>,
    /// Bytes per second of one stream, that is of one file; `None` = no limit.
    pub bytes_per_stream: Option<f64>,
}

/// Where a fleet gets its lines from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogSource {
    /// Files of its node, which are rotated: `loki.source.file`.
    Files,
    /// The API server, one stream per container: `loki.source.kubernetes`.
    KubernetesApi,
    /// The journal of its node, which keeps a number of bytes: `loki.source.journal`.
    Journald,
    /// Clients that push to it: `loki.source.api`.
    Push,
}

/// How a fleet takes log lines in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LogIntake {
    /// Where they come from.
    pub source: LogSource,
    /// Live bytes per stream of the API server. Role: unknown.
    pub per_stream: Quantity,
}

/// Sender of logs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LokiWrite {
    /// Bytes of lines in a full batch.
    pub batch_bytes: f64,
    /// Time after which a batch is sent that is not full.
    pub batch_wait: SimDuration,
    /// Shards. Each has a queue, and one request on its way.
    pub shards: u32,
    /// Bytes of lines in full batches that wait in the queue of a shard.
    pub queue_bytes: f64,
    /// What becomes of lines that find a queue full. Those that wait do so in their files, with all
    /// other lines of the collector.
    pub overflow: Overflow,
    /// When a shard tries again, and when it gives up.
    pub retries: Backoff,
    /// Live bytes per byte of lines in a queue.
    pub live_per_byte: f64,
    /// How long a shard that is asked to stop tries to empty its queue.
    pub drain_timeout: SimDuration,
    /// Its WAL; `None` = none, as by default.
    pub wal: Option<LogWal>,
}

/// The WAL of the sender of logs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LogWal {
    /// Time after its last write at which a segment is deleted, sent or not.
    pub keep: SimDuration,
    /// CPU seconds per line that is written to it.
    pub cpu_line: f64,
}
