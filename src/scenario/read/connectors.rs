//! `spanmetrics` and `servicegraph`: series that a fleet derives from spans.

use super::{Dimension, Fields, Node, Spec};
use crate::model::blueprint::{ServiceGraph, SpanMetrics, SpanResource};

/// The words for what counts as a resource.
const RESOURCES: [(&str, SpanResource); 2] = [
    ("pod", SpanResource::Pod),
    ("service", SpanResource::Service),
];

/// INFERRED: a look at a map and a bucket per span, beside the 20 us that receiving and sending take.
const CPU: &str = "3us";

/// INFERRED: the histogram of a key with its attributes and exemplars has 2 KB, and the exporter keeps
/// the labels of each of its series.
const MEMORY: &str = "500B";

const fn number() -> Spec {
    Spec::unknown(Dimension::Number)
}

fn cpu(table: &mut Fields<'_>) -> f64 {
    let time = Spec::unknown(Dimension::Time).between(0.0, 1.0);
    table.amount("cpu", &time, Some(Node::text(CPU)))
}

fn memory(table: &mut Fields<'_>) -> f64 {
    let bytes = Spec::unknown(Dimension::Bytes).between(0.0, 1e9);
    table.amount("memory_per_series", &bytes, Some(Node::text(MEMORY)))
}

/// Series by service, span and status.
pub(super) fn spanmetrics(fields: &mut Fields<'_>) -> Option<SpanMetrics> {
    fields.table("spanmetrics", |table| {
        let never = table
            .take("series_expiration")
            .is_none_or(|node| node.as_text() == Some("never"));
        let expiration = if never {
            table.resolve("series_expiration", Node::text("never"));
            None
        } else {
            Some(table.duration("series_expiration", 1.0..=86_400.0 * 365.0, None))
        };
        SpanMetrics {
            keys: table.amount("keys_per_service", &number().between(1.0, 1e6), None),
            resources: table.choice("resources", &RESOURCES, Some("pod")),
            expiration,
            cache: table.amount(
                "resource_cache",
                &number().between(1.0, 1e9),
                Some(Node::integer(1_000)),
            ),
            has_instance_id: table.boolean("include_instance_id", Some(false)),
            cpu: cpu(table),
            live: memory(table),
        }
    })
}

/// Series of calls between services.
pub(super) fn servicegraph(fields: &mut Fields<'_>) -> Option<ServiceGraph> {
    fields.table("servicegraph", |table| ServiceGraph {
        edges: table.amount("edges", &number().between(0.0, 1e9), None),
        failed: table.amount("failed_share", &Spec::share(), Some(Node::text("10%"))),
        store: table.amount(
            "store",
            &number().between(1.0, 1e9),
            Some(Node::integer(1_000)),
        ),
        wait: table.duration("store_wait", 0.001..=3_600.0, Some("1.5s")),
        calls_per_span: table.amount(
            "calls_per_span",
            &number().between(0.0, 1.0),
            Some(Node::number(0.5)),
        ),
        cpu: cpu(table),
        live: memory(table),
    })
}
