//! Connectors: series that collectors derive from spans.

use crate::units::SimDuration;

/// Series of histograms by service, span and status: `otelcol.connector.spanmetrics`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SpanMetrics {
    /// Keys of each service: span names, kinds, status codes and other dimensions.
    pub keys: f64,
    /// What counts as a resource.
    pub resources: SpanResource,
    /// Time without spans after which a key goes; `None` = never.
    pub expiration: Option<SimDuration>,
    /// Most resources that a collector remembers.
    pub cache: f64,
    /// Whether each collector names itself in its series.
    pub has_instance_id: bool,
    /// CPU seconds per span.
    pub cpu: f64,
    /// Live bytes per series in the connector and its exporter.
    pub live: f64,
}

/// What counts as a resource of span metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpanResource {
    /// All attributes of a resource, so each pod is one.
    Pod,
    /// A few attributes, the same for all pods of a service.
    Service,
}

/// Series of the calls between services: `otelcol.connector.servicegraph`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ServiceGraph {
    /// Pairs of a client and a server.
    pub edges: f64,
    /// Share of these that have failed within 15 min.
    pub failed: f64,
    /// Half edges that wait for their other half, at most.
    pub store: f64,
    /// Mean time for which a half edge waits.
    pub wait: SimDuration,
    /// Calls per span.
    pub calls_per_span: f64,
    /// CPU seconds per span.
    pub cpu: f64,
    /// Live bytes per series in the connector and its exporter.
    pub live: f64,
}

/// Series of one key of span metrics: a counter, and a histogram of 16 buckets with its last bucket,
/// sum and count.
///
/// Source: open-telemetry/opentelemetry-collector-contrib, `connector/spanmetricsconnector` (read
/// 2026-11).
pub const SERIES_PER_KEY: f64 = 20.0;

impl ServiceGraph {
    /// Series of all edges.
    ///
    /// Source: open-telemetry/opentelemetry-collector-contrib, `connector/servicegraphconnector`: a
    /// counter and two histograms, and once more with a counter of failures (read 2026-11).
    pub fn series(&self) -> f64 {
        self.edges * (39.0 + 40.0 * self.failed)
    }

    /// Edges per second for which the store has room.
    pub fn calls_max(&self) -> f64 {
        self.store / self.wait.secs_f64().max(1e-9)
    }
}
