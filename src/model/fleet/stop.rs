//! Graceful stops: what a collector still sends when it is asked to stop, and how long that takes.

use super::Fleet;
use super::end::End;
use crate::units::{SimDuration, SimTime};

/// Longest flush of a sender, whatever the grace period.
///
/// Source: grafana/alloy, `internal/component/prometheus/remotewrite/remote_write.go`,
/// `remoteFlushDeadline` of 1 min (read 2026-11).
const FLUSH_LONGEST: SimDuration = SimDuration::from_mins(1);

impl Fleet<'_> {
    /// The end of a process with its flush. A process that is asked to stop flushes first, and is
    /// away for longer. A killed process, or one whose node is gone, flushes nothing.
    pub(super) fn flush_before(&mut self, index: u32, end: End, now: SimTime) -> End {
        match end {
            End::Asked { away } => End::Asked {
                away: away + self.flush(index, now),
            },
            End::Killed { .. } | End::NodeLost { .. } => end,
        }
    }

    /// A collector that is asked to stop sends what it can of its backlog, and of its lines. Returns how long that
    /// takes. The targets of the collector are handed over at the start of the flush.
    ///
    /// Simplified: a steady sender stops at once. An endpoint that is down or up at the start of a
    /// stop stays so until its end.
    pub(super) fn flush(&mut self, index: u32, now: SimTime) -> SimDuration {
        let grace = self.plan.blueprint.lifecycle.grace;
        let lines = self.pipelines.logs.stops_in(index, now, grace);
        let limit = grace.min(FLUSH_LONGEST);
        let feed = self
            .plan
            .feed(index, (&self.collectors, &self.weights), &self.inlet);
        let metrics = &mut self.pipelines.metrics;
        let samples = metrics.flush(&feed, limit, now);
        metrics.note_stop(lines);
        samples.max(lines)
    }
}
