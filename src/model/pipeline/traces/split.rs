//! Traces whose spans reach several collectors: each of these decides on a part.

use super::{Total, Traces, spans_of};
use crate::model::load::spans::TraceShape;
use crate::units::Span;

/// Traces, and those of them that were split.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Splits {
    /// Share of the traces that are split at present: cluster by cluster, stream by stream.
    shares: Vec<Vec<f64>>,
    /// Traces that were offered.
    traces: f64,
    /// Traces that were split.
    split: f64,
}

impl Splits {
    /// The measured horizon begins.
    pub(super) fn begin_horizon(&mut self) {
        (self.traces, self.split) = (0.0, 0.0);
    }

    /// Share of the traces of a stream that are split at present.
    fn share(&self, own: usize) -> f64 {
        let shares = self.shares.iter().filter_map(|cluster| cluster.get(own));
        shares.sum::<f64>() / self.shares.len().max(1) as f64
    }
}

impl Traces {
    /// Counts the traces that all workloads begin over a span.
    pub(super) fn count_traces(&mut self, total: &Total<'_>, span: Span) {
        for (own, &stream) in self.own.iter().enumerate() {
            let each = total.resident.driver.work(stream, span);
            let work = each * u128::from(total.carried[stream]);
            let traces = spans_of(work) / total.streams[stream].spans.per_trace;
            self.splits.traces += traces;
            self.splits.split += traces * self.splits.share(own);
        }
    }

    /// From now on a cluster gets this share of the traces of each stream in parts.
    pub(in crate::model) fn split(&mut self, cluster: usize, share: impl Fn(usize) -> f64) {
        let most = self.splits.shares.len().max(cluster + 1);
        self.splits.shares.resize(most, Vec::new());
        self.splits.shares[cluster] = self.own.iter().map(|&stream| share(stream)).collect();
    }

    /// So many traces in progress were split by a change.
    pub(in crate::model) fn note_split(&mut self, traces: f64) {
        self.splits.split += traces;
    }

    /// The streams of the fleet that are traces.
    pub(in crate::model) fn own_streams(&self) -> &[usize] {
        &self.own
    }

    /// Traces that were split; NaN for a fleet without traces.
    pub(in crate::model) fn traces_split(&self) -> f64 {
        self.where_any(self.splits.split.min(self.splits.traces))
    }

    /// Share of the traces that were split; NaN for a fleet without traces.
    pub(in crate::model) fn split_ratio(&self) -> f64 {
        let traces = self.splits.traces.max(f64::MIN_POSITIVE);
        self.where_any((self.splits.split / traces).min(1.0))
    }
}

impl TraceShape {
    /// Share of the traces that do not stay whole, where each request finds a collector of its own
    /// with these probabilities.
    pub(in crate::model) fn scattered(&self, shares: impl Iterator<Item = f64>) -> f64 {
        let whole: f64 = shares.map(|share| share.powf(self.requests)).sum();
        (1.0 - whole).clamp(0.0, 1.0)
    }

    /// The same where routers send each service to one collector.
    pub(in crate::model) fn scattered_services(&self, shares: impl Iterator<Item = f64>) -> f64 {
        let requests = self.requests.min(f64::from(self.services));
        Self { requests, ..*self }.scattered(shares)
    }

    /// Share of the traces whose requests meet both versions of a router, of which `later` run the
    /// later one.
    pub(in crate::model) fn torn(&self, later: f64) -> f64 {
        let whole = later.powf(self.requests) + (1.0 - later).powf(self.requests);
        (1.0 - whole).clamp(0.0, 1.0)
    }

    /// Share of the traces whose requests meet both opinions, summed over all numbers of `routers` that
    /// may have the later one.
    pub(in crate::model) fn disagreement(&self, routers: u32) -> f64 {
        let torn = (1..routers).map(|later| self.torn(f64::from(later) / f64::from(routers)));
        torn.sum()
    }

    /// Seconds of new traces that a change splits, where keys move: those in progress, and those that
    /// come in `apart` seconds in which routers disagree on all of them.
    ///
    /// Simplified: both add up as the sides of a right angle, since a trace may be both.
    pub(in crate::model) fn torn_seconds(&self, apart: f64) -> f64 {
        if self.requests <= 1.0 {
            return 0.0;
        }
        self.seconds.hypot(apart)
    }
}
