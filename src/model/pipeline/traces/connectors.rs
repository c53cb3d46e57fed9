//! What connectors do with the spans of one collector: each has one goroutine, and a service graph a
//! store of half edges.

use crate::model::blueprint::{Fleet, ServiceGraph};

/// The connectors of a fleet.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(in crate::model) struct Connectors {
    /// CPU seconds of span metrics per span, all of one goroutine.
    spanmetrics: f64,
    /// CPU seconds of the service graph per span, all of one goroutine.
    servicegraph: f64,
    /// Calls per span.
    calls_per_span: f64,
    /// Calls per second for which the store has room; zero without a service graph.
    calls_max: f64,
}

impl Connectors {
    /// The connectors of a fleet.
    pub(in crate::model) fn new(fleet: &Fleet) -> Self {
        let graph = fleet.servicegraph.as_ref();
        Self {
            spanmetrics: fleet.spanmetrics.map_or(0.0, |plan| plan.cpu),
            servicegraph: graph.map_or(0.0, |plan| plan.cpu),
            calls_per_span: graph.map_or(0.0, |plan| plan.calls_per_span),
            calls_max: graph.map_or(0.0, ServiceGraph::calls_max),
        }
    }

    /// CPU seconds per span.
    pub(in crate::model) fn per_span(&self) -> f64 {
        self.spanmetrics + self.servicegraph
    }

    /// Share of the spans for which the busier goroutine has the time.
    pub(super) fn served(&self, spans_per_second: f64) -> f64 {
        let cores = spans_per_second * self.spanmetrics.max(self.servicegraph);
        if cores > 1.0 { 1.0 / cores } else { 1.0 }
    }

    /// Calls per second that find the store full, of so many spans per second.
    pub(super) fn dropped(&self, spans_per_second: f64) -> f64 {
        (spans_per_second * self.calls_per_span - self.calls_max).max(0.0)
    }

    /// Whether nothing is lost at so many spans per second.
    pub(super) fn is_calm(&self, spans_per_second: f64) -> bool {
        self.served(spans_per_second) >= 1.0 && self.dropped(spans_per_second) <= 0.0
    }
}

impl super::Traces {
    /// Calls that found the store of a service graph full.
    pub(in crate::model) fn edges_dropped(&self) -> f64 {
        self.tally.edges_dropped
    }
}
