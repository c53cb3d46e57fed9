//! When the next change is.

use super::collector::{Collector, Sending};
use super::event_loop::Slow;
use super::plan::Segment;

impl Slow<'_> {
    /// The next instant at which anything changes.
    pub(super) fn next(&self) -> u64 {
        let (now, grid) = (self.now, &self.plan.grid);
        let mut next = grid
            .end
            .nanos()
            .min((now / grid.cell.nanos() + 1) * grid.cell.nanos());
        let mut consider = |at: u64| {
            if at > now {
                next = next.min(at);
            }
        };
        consider(grid.warm_up.nanos());
        if let Some(segment) = self.plan.segments.get(self.segment + 1) {
            consider(segment.at);
        }
        for (from, to) in (0..self.plan.endpoints()).flat_map(|at| self.plan.outages(at)) {
            consider(from);
            consider(to);
        }
        for collector in self
            .collectors
            .iter()
            .filter(|collector| collector.exists())
        {
            consider(collector.truncates_at);
            consider(collector.interrupted_at);
            consider(collector.starts_at);
            consider(collector.taken_at);
            // The step in which a log begins is cut there.
            consider(collector.started);
            for queue in &collector.queues {
                if let Sending::Draining { until, .. } = queue.sending {
                    consider(until);
                }
            }
        }
        let segment = self.here();
        let factor = self.plan.blueprint.fleets[0].memory.replay_peak.median();
        for collector in self.collectors.iter().filter(|collector| collector.is_up()) {
            for factor in [1.0, factor] {
                if let Some(at) = self.crossing(collector, &segment, (now, next), factor) {
                    next = next.min(at);
                }
            }
        }
        next
    }

    /// When a collector comes to need more than its limit, if it does in this step: its memory grows
    /// along a straight line.
    fn crossing(
        &self,
        collector: &Collector,
        segment: &Segment,
        (from, to): (u64, u64),
        factor: f64,
    ) -> Option<u64> {
        let before = self
            .plan
            .counted(collector.live(segment, &self.plan) * factor);
        let live = collector.live_after(segment, &self.plan, (from, to));
        let after = self.plan.counted(live * factor);
        let limit = self.plan.limit;
        if before > limit || after <= limit {
            return None;
        }
        let share = (limit - before) / (after - before);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a share"
        )]
        let past = (share * (to - from) as f64) as u64;
        Some((from + past + 1).min(to))
    }
}
