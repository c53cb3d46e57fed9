//! Graceful stops: what a collector that is asked to end still sends, and how long that takes.

use crate::model::process::collector::Sending;
use crate::units::{SimTime, nanos};

use super::Fleet;
use super::end::End;
use crate::model::load::work::portion;

/// Nanoseconds for which a sender flushes at the most, whatever the grace period.
///
/// Source: grafana/alloy, `internal/component/prometheus/remotewrite/remote_write.go`,
/// `remoteFlushDeadline` of 1 min (read 2026-11).
const FLUSH_LONGEST: u64 = 60_000_000_000;

/// What waits to be sent as a collector stops.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Unsent {
    /// Samples.
    samples: f64,
    /// Samples per second that leave it, 0 while its endpoint is away.
    rate: f64,
}

impl Fleet<'_> {
    /// How a process really ends: one that is asked to stop flushes first, and stays away for so much
    /// longer. Killed ones and those whose node is gone flush nothing.
    pub(super) fn flush_before(&mut self, index: u32, end: End, now: u64) -> End {
        match end {
            End::Asked { away } => End::Asked {
                away: away.saturating_add(self.flush(index, now)),
            },
            End::Killed { .. } | End::NodeLost { .. } => end,
        }
    }

    /// A collector that is asked to stop sends what it can of its backlog; returns the nanoseconds
    /// that this takes. Its targets are handed over as it begins.
    ///
    /// Simplified: a steady sender stops at once, and an endpoint that is away or back at the start of
    /// a stop is so until its end.
    pub(super) fn flush(&mut self, index: u32, now: u64) -> u64 {
        let limit = nanos(self.plan.blueprint.lifecycle.grace).min(FLUSH_LONGEST);
        let mut longest = 0;
        for route in 0..self.routes.len() {
            longest = longest.max(self.flush_route((index, route), limit, now));
        }
        self.tally.stop_peak_nanos = self.tally.stop_peak_nanos.max(longest);
        longest
    }

    /// The sender of one route sends what its shards hold, for at most `limit` nanoseconds; returns how
    /// many that takes. What they have not read from the log yet stays there for good.
    ///
    /// Source: prometheus/prometheus, `storage/remote/queue_manager.go`, `Stop` and `shards.stop`, v3.13.2.
    fn flush_route(&mut self, queue: (u32, usize), limit: u64, now: u64) -> u64 {
        let unsent = self.unsent(queue, now);
        if unsent.samples <= 0.0 {
            return 0;
        }
        let sender = &self.routes[queue.1].sender;
        let shards = sender.steady_shards(unsent.rate);
        let in_hand = unsent.samples.min(sender.samples_held(shards));
        let needed = SimTime::from_secs_f64(in_hand / unsent.rate).nanos();
        let takes = limit.min(needed);
        if unsent.rate > 0.0 {
            let in_time = takes as f64 / needed.max(1) as f64;
            self.send_part(queue, in_hand * in_time / unsent.samples);
        }
        takes
    }

    /// How much a collector has not sent on a route at `now`, up to which it is settled, and how fast it
    /// leaves.
    fn unsent(&self, (index, route): (u32, usize), now: u64) -> Unsent {
        let samples = self.backlog_samples(index, route);
        let segment = self.plan.resident.driver.segment(now);
        let inflow = self.carried_by(index, segment).1;
        let capacity = self.send_max(route, inflow, segment);
        let taken_in = || inflow.min(capacity);
        let rate = match self.sending_of(index, route) {
            Sending::Steady => capacity,
            Sending::Stalled { .. } => 0.0,
            Sending::Draining(drain) => {
                samples / (drain.until.saturating_sub(now) as f64 / 1e9) + taken_in()
            }
        };
        Unsent { samples, rate }
    }

    /// Sends a share of a collector's backlog on a route.
    fn send_part(&mut self, (index, route): (u32, usize), share: f64) {
        let streams = self.plan.streams.len();
        let slot = self.queue(index, route) * streams;
        for stream in 0..streams {
            let sent = portion(self.backlog[slot + stream], share);
            self.backlog[slot + stream] -= sent;
            self.accept(route, stream, sent);
        }
    }
}
