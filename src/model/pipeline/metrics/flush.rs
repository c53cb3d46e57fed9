//! Graceful stops: what a collector still sends when it is asked to stop, and how long that takes.

use crate::units::{SimDuration, SimTime};

use super::super::queue::{Queue, QueueId};
use super::{Feed, Metrics};

/// The unsent samples of a route as a collector stops.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Unsent {
    /// Samples.
    samples: f64,
    /// Samples per second that leave, 0 during an outage of the endpoint.
    rate: f64,
}

impl Metrics {
    /// A collector that is settled at `now` sends what its shards hold, for at most `limit`.
    /// Returns how long that takes.
    pub(in crate::model) fn flush(
        &mut self,
        feed: &Feed<'_>,
        limit: SimDuration,
        now: SimTime,
    ) -> SimDuration {
        let mut longest = SimDuration::ZERO;
        for route in 0..self.routes.len() {
            longest = longest.max(self.flush_route(feed, route, limit, now));
        }
        self.note_stop(longest);
        self.flushes_until = self.flushes_until.max(now + longest);
        longest
    }

    /// A collector took so long to stop.
    pub(in crate::model) fn note_stop(&mut self, took: SimDuration) {
        self.tally.stop_peak = self.tally.stop_peak.max(took);
    }

    /// [`Metrics::flush`] on one route. Samples that the shards have not yet read from the WAL stay
    /// there for good.
    ///
    /// Source: prometheus/prometheus, `storage/remote/queue_manager.go`, `Stop` and `shards.stop`, v3.13.2.
    fn flush_route(
        &mut self,
        feed: &Feed<'_>,
        route: usize,
        limit: SimDuration,
        now: SimTime,
    ) -> SimDuration {
        let queue = QueueId {
            collector: feed.index,
            route,
        };
        let unsent = self.unsent(feed, queue, now);
        if unsent.samples <= 0.0 {
            return SimDuration::ZERO;
        }
        let sender = &self.routes[route].sender;
        let shards = sender.steady_shards(unsent.rate);
        let in_hand = unsent.samples.min(sender.samples_held(shards));
        let needed = SimDuration::from_secs_f64(in_hand / unsent.rate);
        let takes = limit.min(needed);
        if unsent.rate > 0.0 {
            let in_time = takes.nanos() as f64 / needed.nanos().max(1) as f64;
            self.send_part(queue, in_hand * in_time / unsent.samples);
        }
        takes
    }

    /// The unsent samples of a collector on a route.
    fn unsent(&self, feed: &Feed<'_>, queue: QueueId, now: SimTime) -> Unsent {
        let samples = self.backlog_samples(queue);
        let segment = feed.resident.driver.segment(now);
        let inflow = feed.volume(segment).rate;
        let capacity = self.send_max(queue, now);
        let rate = match self.queue(queue) {
            Queue::Steady | Queue::Sharing(_) => capacity,
            Queue::Stalled { .. } => 0.0,
            Queue::Draining(drain) => {
                let seconds = drain.until.since(now).secs_f64();
                samples / seconds + inflow.min(capacity)
            }
        };
        Unsent { samples, rate }
    }
}
