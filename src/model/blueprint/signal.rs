//! The four signals, and how metrics come to a collector.

/// How the metrics of a fleet come to its collectors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetricSource {
    /// Collectors scrape targets.
    Scrape,
    /// Clients push samples to a receiver, as to `prometheus.receive_http`.
    Push,
}

/// A kind of telemetry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Signal {
    /// Numbers over time, scraped or pushed.
    Metrics,
    /// Lines of text.
    Logs,
    /// Spans of requests.
    Traces,
    /// Samples of where time and memory go.
    Profiles,
}

impl Signal {
    /// All signals, in the order of the documents.
    pub const ALL: [Self; 4] = [Self::Metrics, Self::Logs, Self::Traces, Self::Profiles];

    /// The name used in scenario files and reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Metrics => "metrics",
            Self::Logs => "logs",
            Self::Traces => "traces",
            Self::Profiles => "profiles",
        }
    }
}
