//! Graceful stops: what a collector that is asked to end still sends, and how long that takes.

use super::Fleet;
use super::end::End;
use crate::units::{SimDuration, SimTime};

/// How long a sender flushes at the most, whatever the grace period.
///
/// Source: grafana/alloy, `internal/component/prometheus/remotewrite/remote_write.go`,
/// `remoteFlushDeadline` of 1 min (read 2026-11).
const FLUSH_LONGEST: SimDuration = SimDuration::from_mins(1);

impl Fleet<'_> {
    /// How a process really ends: one that is asked to stop flushes first, and stays away for so much
    /// longer. Killed ones and those whose node is gone flush nothing.
    pub(super) fn flush_before(&mut self, index: u32, end: End, now: SimTime) -> End {
        match end {
            End::Asked { away } => End::Asked {
                away: away + self.flush(index, now),
            },
            End::Killed { .. } | End::NodeLost { .. } => end,
        }
    }

    /// A collector that is asked to stop sends what it can of its backlog; returns how long
    /// that takes. Its targets are handed over as it begins.
    ///
    /// Simplified: a steady sender stops at once, and an endpoint that is away or back at the start of
    /// a stop is so until its end.
    pub(super) fn flush(&mut self, index: u32, now: SimTime) -> SimDuration {
        let limit = self.plan.blueprint.lifecycle.grace.min(FLUSH_LONGEST);
        let feed = self.plan.feed(index, &self.collectors, &self.weights);
        let total = self.plan.total(&self.carried);
        let metrics = &mut self.pipelines.metrics;
        metrics.flush((&feed, &total), limit, now)
    }
}
