//! Spans that clients hold back, since nobody takes them at present.

use crate::model::blueprint::{Balancer, OnRefusal};

use super::{Feed, Rates, Traces};

/// Spans that a client holds: a full queue, and a batch in hand.
///
/// Source: OpenTelemetry specification, batch span processor, `OTEL_BSP_MAX_QUEUE_SIZE` of 2,048 and
/// `OTEL_BSP_MAX_EXPORT_BATCH_SIZE` of 512 (read 2026-11).
const HELD_BY_CLIENT: f64 = 2_560.0;

/// Seconds after which a client gives a batch up.
///
/// Source: open-telemetry/opentelemetry-go, `exporters/otlp/otlptrace`, the default retry (read
/// 2026-11).
const PATIENCE_SECONDS: f64 = 60.0;

impl Traces {
    /// Spans of a collector that those before it hold back at most, in a segment: its routers, or
    /// clients that send again.
    ///
    /// Simplified: they send again as soon as there is room.
    pub(super) fn held_back(&self, feed: &Feed<'_>, (segment, rates): (usize, &Rates)) -> f64 {
        let Some(otlp) = self.plan.as_ref().map(|plan| &plan.otlp) else {
            return 0.0;
        };
        match (otlp.balancer, otlp.client) {
            (Balancer::Exporter(_), _) => self.room_in_routers(feed, segment),
            // A fleet that sends to this one has a queue of its own.
            _ if feed.is_relayed() => 0.0,
            (_, OnRefusal::Drop) => 0.0,
            (_, OnRefusal::Retry) => {
                let most = rates.clients * HELD_BY_CLIENT;
                most.min(rates.spans * PATIENCE_SECONDS)
            }
        }
    }

    /// Whether anybody holds back spans of a collector that is away.
    pub(super) fn holds_back(&self) -> bool {
        let otlp = self.plan.as_ref().map(|plan| &plan.otlp);
        otlp.is_some_and(|otlp| {
            matches!(otlp.balancer, Balancer::Exporter(_)) || otlp.client == OnRefusal::Retry
        })
    }
}
