//! Traces: what workloads emit, and how a fleet receives, samples and sends it.

use super::Balancer;
use crate::model::law::Quantity;
use crate::units::SimDuration;

/// Spans that one pod emits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SpanLoad {
    /// Spans per second. Role: unknown.
    pub per_second: Quantity,
    /// Bytes per span, without compression. Role: unknown.
    pub bytes: Quantity,
    /// Spans in one request of a client.
    pub per_request: f64,
    /// Spans of one trace.
    pub per_trace: f64,
    /// Requests in which the spans of one trace come.
    pub requests_per_trace: f64,
    /// Time from the first to the last of these requests.
    pub trace_duration: SimDuration,
    /// Services among its pods, of equal load.
    pub services: u32,
}

/// How a fleet receives spans and sends them: receiver, processors, queue and exporter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Otlp {
    /// How clients reach the receiver.
    pub protocol: Protocol,
    /// What stands before the fleet.
    pub balancer: Balancer,
    /// What clients do with spans that are refused.
    pub client: OnRefusal,
    /// What gathers requests into larger ones; `None` = each request is sent as it came.
    pub batch: Option<Batch>,
    /// The queue of each endpoint.
    pub queue: SendingQueue,
    /// How a failed request is sent again.
    pub retry: Retry,
    /// Heap above which spans are refused; `None` = no limiter.
    pub memory_limiter: Option<MemoryLimiter>,
}

/// How clients reach a receiver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// One connection per client, for the life of the client.
    Grpc,
    /// Requests that a load balancer spreads.
    Http,
}

/// What a client does with spans that a receiver refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnRefusal {
    /// It drops them.
    Drop,
    /// It sends them again, as far as its queue and its patience last.
    Retry,
}

/// The batch processor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Batch {
    /// Longest time for which a span waits for others.
    pub timeout: SimDuration,
    /// Spans at which a batch leaves at once.
    pub size: f64,
    /// Most spans of a batch.
    pub size_max: f64,
}

/// The sending queue of one exporter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SendingQueue {
    /// Most that it holds, in units of `by`.
    pub size: f64,
    /// What `size` counts.
    pub by: QueueBy,
    /// Requests that are sent at a time.
    pub consumers: u32,
    /// Where it lies.
    pub place: QueuePlace,
    /// What becomes of spans when it is full.
    pub overflow: Overflow,
}

/// What the size of a queue counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueueBy {
    /// Requests, whatever their size.
    Requests,
    /// Spans.
    Items,
    /// Bytes of spans.
    Bytes,
}

/// Where a queue lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueuePlace {
    /// On the heap. It ends with the process.
    Memory,
    /// On a volume. It outlives the process.
    Disk,
}

/// What becomes of what finds a queue full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overflow {
    /// It is refused: a client may push spans again, and lines are dropped.
    Refuse,
    /// It waits where it comes from: spans in the receiver, on the heap.
    Block,
}

/// How a failed request is sent again.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Retry {
    /// The first wait.
    pub initial: SimDuration,
    /// Factor from one wait to the next.
    pub multiplier: f64,
    /// Greatest deviation of a wait, as a share of it.
    pub jitter: f64,
    /// The longest wait, before its deviation.
    pub interval_max: SimDuration,
    /// Time after its first attempt at which a request is given up.
    pub elapsed_max: SimDuration,
    /// Time-out of one attempt.
    pub attempt_max: SimDuration,
}

/// A limit of the heap of the process, above which spans are refused.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MemoryLimiter {
    /// Bytes of the heap.
    pub limit: f64,
    /// Bytes below the limit at which it begins to refuse.
    pub spike: f64,
}

impl MemoryLimiter {
    /// Live bytes from which on spans are refused.
    pub fn soft(&self) -> f64 {
        self.limit - self.spike
    }
}

/// Tail sampling: traces wait for their decision.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TailSampling {
    /// Time from the first span of a trace to its decision.
    pub decision_wait: SimDuration,
    /// Most traces in memory, decided ones included.
    pub num_traces: f64,
    /// Share of the traces that are kept. Role: unknown.
    pub kept: Quantity,
}

/// What spans cost a collector.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SpanCosts {
    /// CPU seconds per span that is received and sent.
    pub cpu: f64,
    /// CPU seconds per byte of such a span.
    pub cpu_byte: f64,
    /// Share of both that sending takes.
    pub sent_share: f64,
    /// CPU seconds of tail sampling per span.
    pub cpu_sampled: f64,
    /// Live bytes per span that is held.
    pub live: f64,
    /// Live bytes per byte of a span that is held.
    pub live_byte: f64,
    /// Live bytes of a trace after its decision, until it is evicted.
    pub decided: f64,
    /// Bytes allocated per span.
    pub garbage: f64,
}
