//! Traces: what a workload emits, and how a fleet receives, samples and sends it.

use super::{Dimension, Fields, Node, Spec, balancer};
use crate::model::blueprint::{
    Batch, MemoryLimiter, OnRefusal, Otlp, Overflow, Protocol, QueueBy, QueuePlace, Retry,
    SendingQueue, SpanCosts, SpanLoad, TailSampling,
};

/// Where the size of a span comes from.
const SPAN_SOURCE: &str = "INFERRED: 8 attributes have 450 bytes; 4 to 30 of them";

/// Greatest number of services of a workload.
const SERVICES_MAX: u32 = 100_000;

/// The words for how clients reach a receiver.
const PROTOCOLS: [(&str, Protocol); 2] = [("grpc", Protocol::Grpc), ("http", Protocol::Http)];

/// The words for what clients do with spans that are refused.
const CLIENTS: [(&str, OnRefusal); 2] = [("drop", OnRefusal::Drop), ("retry", OnRefusal::Retry)];

/// The words for what the size of a queue counts.
const UNITS: [(&str, QueueBy); 3] = [
    ("requests", QueueBy::Requests),
    ("items", QueueBy::Items),
    ("bytes", QueueBy::Bytes),
];

const fn number() -> Spec {
    Spec::unknown(Dimension::Number)
}

const fn bytes() -> Spec {
    Spec::unknown(Dimension::Bytes).between(0.0, 1e15)
}

/// Spans that one pod emits.
pub(super) fn load(fields: &mut Fields<'_>) -> SpanLoad {
    let rate = number().between(0.0, 1e9);
    let size = bytes().between(1.0, 1e8);
    let count = number().between(1.0, 1e9);
    let usual = vec![
        ("p5", Node::text("250B")),
        ("p50", Node::text("500B")),
        ("p95", Node::text("1.5KB")),
        ("source", Node::text(SPAN_SOURCE)),
    ];
    let per_second = fields.quantity("spans_per_pod", &rate, Some(Node::integer(0)));
    let bytes = fields.quantity("bytes_per_span", &size, Some(Node::table(usual)));
    let per_request = fields.amount("spans_per_request", &count, Some(Node::integer(100)));
    let per_trace = fields.amount("spans_per_trace", &count, Some(Node::integer(10)));
    let requests = Node::number((per_trace / per_request).max(1.0));
    SpanLoad {
        per_second,
        bytes,
        per_request,
        per_trace,
        requests_per_trace: fields.amount("requests_per_trace", &count, Some(requests)),
        trace_duration: fields.duration("trace_duration", 0.0..=86_400.0, Some("5s")),
        services: fields.count("services", 1..=SERVICES_MAX, Some(1)),
    }
}

/// Refuses sampling for a fleet that receives no traces.
pub(super) fn refuse_without_traces(fields: &mut Fields<'_>, receives_none: bool) {
    if receives_none {
        let why = "the fleet collects no traces, so this says nothing";
        let help = "write collects = { traces = [\"<workload>\"] }, or remove it";
        for key in ["tail_sampling", "spanmetrics", "servicegraph"] {
            fields.forbid(key, why, help);
        }
    }
}

/// Reads what a preset may state of a fleet.
pub(super) fn preset(fields: &mut Fields<'_>) {
    otlp(fields);
    costs(fields);
}

/// How a fleet receives spans and sends them.
pub(super) fn otlp(fields: &mut Fields<'_>) -> Otlp {
    fields.table_or_default("otlp", |table| Otlp {
        protocol: table.choice("protocol", &PROTOCOLS, None),
        balancer: balancer::balancer(table),
        client: table.choice("client", &CLIENTS, Some("drop")),
        batch: batch(table),
        queue: queue(table),
        retry: retry(table),
        memory_limiter: memory_limiter(table),
    })
}

fn batch(table: &mut Fields<'_>) -> Option<Batch> {
    let spans = number().between(1.0, 1e9);
    let is_on = table.boolean("batch", None);
    let batch = Batch {
        timeout: table.duration("batch_timeout", 0.001..=3_600.0, None),
        size: table.amount("batch_size", &spans, None),
        size_max: table.amount("batch_size_max", &spans, None),
    };
    if batch.size > batch.size_max && !table.is_any_lost(&["batch_size", "batch_size_max"]) {
        table.wrong("batch_size", "batch_size is above batch_size_max", "");
    }
    is_on.then_some(batch)
}

fn queue(table: &mut Fields<'_>) -> SendingQueue {
    let by = table.choice("queue_by", &UNITS, None);
    SendingQueue {
        size: table.amount("queue_size", &number().between(1.0, 1e15), None),
        by,
        consumers: table.count("consumers", 1..=100_000, None),
        place: if table.boolean("storage", None) {
            QueuePlace::Disk
        } else {
            QueuePlace::Memory
        },
        overflow: if table.boolean("block_on_overflow", None) {
            Overflow::Block
        } else {
            Overflow::Refuse
        },
    }
}

fn retry(table: &mut Fields<'_>) -> Retry {
    let day = 86_400.0;
    Retry {
        initial: table.duration("retry_initial", 0.001..=day, None),
        multiplier: table.amount("retry_multiplier", &number().between(1.0, 100.0), None),
        jitter: table.amount("retry_jitter", &Spec::share(), None),
        interval_max: table.duration("retry_interval_max", 0.001..=day, None),
        elapsed_max: table.duration("retry_elapsed_max", 1.0..=365.0 * day, None),
        attempt_max: table.duration("attempt_timeout", 0.0..=3_600.0, None),
    }
}

/// `"off"`, or a table.
fn memory_limiter(table: &mut Fields<'_>) -> Option<MemoryLimiter> {
    let key = "memory_limiter";
    let stated = table.take(key);
    if stated.is_none_or(|node| node.as_text() == Some("off")) {
        table.resolve(key, Node::text("off"));
        return None;
    }
    let size = bytes().between(1_048_576.0, 1e15);
    table.table(key, |inner| {
        let limit = inner.amount("limit", &size, None);
        let fifth = Dimension::Bytes.write(limit / 5.0);
        let spike = inner.amount("spike", &bytes(), Some(Node::text(&fifth)));
        if spike >= limit && !inner.is_any_lost(&["limit", "spike"]) {
            inner.wrong("spike", "the spike is not below the limit", "lower it");
        }
        MemoryLimiter { limit, spike }
    })
}

/// How a fleet samples traces. Without the table it keeps all.
pub(super) fn tail_sampling(fields: &mut Fields<'_>) -> Option<TailSampling> {
    fields.table("tail_sampling", |table| TailSampling {
        decision_wait: table.duration("decision_wait", 1.0..=86_400.0, Some("30s")),
        num_traces: table.amount(
            "num_traces",
            &number().between(1.0, 1e12),
            Some(Node::integer(50_000)),
        ),
        kept: table.quantity("kept", &Spec::share(), None),
    })
}

/// What spans cost a collector.
pub(super) fn costs(fields: &mut Fields<'_>) -> SpanCosts {
    let time = Spec::unknown(Dimension::Time).between(0.0, 1.0);
    let per_byte = number().between(0.0, 1_000.0);
    fields.table_or_default("span_costs", |table| SpanCosts {
        cpu: table.amount("cpu", &time, None),
        cpu_byte: table.amount("cpu_byte", &time, None),
        sent_share: table.amount("sent_share", &Spec::share().between(0.0, 0.99), None),
        cpu_sampled: table.amount("cpu_sampled", &time, None),
        live: table.amount("memory", &bytes(), None),
        live_byte: table.amount("memory_byte", &per_byte, None),
        decided: table.amount("memory_per_decided_trace", &bytes(), None),
        garbage: table.amount("garbage", &bytes(), None),
    })
}
