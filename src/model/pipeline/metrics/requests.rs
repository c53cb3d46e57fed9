//! Requests to endpoints: batches, and what an outage has shards send again.

use super::super::queue::{Queue, QueueId};
use super::super::remote_write::attempts;
use super::Metrics;
use crate::units::SimTime;

/// What the requests on a route are counted from.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(in crate::model) struct Requests {
    /// Seconds until an attempt to send fails in the present outage.
    pub attempt_seconds: f64,
    /// Requests that failed in outages.
    retries: f64,
    /// Samples of backlogs that outages left, which leave in full batches.
    caught_up: f64,
}

impl Metrics {
    /// Counts the requests with which a collector has tried to send on a route that is down. Every
    /// shard has a batch that it sends again and again.
    pub(in crate::model) fn count_retries(&mut self, queue: QueueId, inflow: f64, now: SimTime) {
        let Queue::Stalled { since, .. } = self.queue(queue) else {
            return;
        };
        let way = &mut self.routes[queue.route];
        if way.is_down {
            let shards = f64::from(way.sender.steady_shards(inflow));
            let seconds = (now - since).secs_f64();
            way.requests.retries += shards * attempts(seconds, way.requests.attempt_seconds);
        }
    }

    /// [`Metrics::count_retries`] on every route.
    pub(in crate::model) fn count_all_retries(
        &mut self,
        collector: u32,
        inflow: f64,
        now: SimTime,
    ) {
        for route in 0..self.routes.len() {
            self.count_retries(QueueId { collector, route }, inflow, now);
        }
    }

    /// Counts the backlog of a collector that begins to work it off.
    pub(in crate::model) fn count_caught_up(&mut self, route: usize, backlog: f64) {
        self.routes[route].requests.caught_up += backlog;
    }

    /// Requests on a route whose collectors delivered `samples` in `seconds` in service. A batch
    /// takes `per_batch` of them outside outages.
    ///
    /// Simplified: in steady state all collectors send batches of the size of the mean collector.
    pub(in crate::model) fn requests(
        &self,
        route: usize,
        (samples, seconds): (f64, f64),
        per_batch: f64,
    ) -> f64 {
        let way = &self.routes[route];
        let full = f64::from(way.sender.settings.samples_per_send);
        let inflow = samples / seconds.max(f64::MIN_POSITIVE);
        let steady = way.sender.batch(inflow, way.sender.steady_shards(inflow));
        let caught_up = way.requests.caught_up.min(samples);
        let batches = (samples - caught_up) / steady + caught_up / full;
        batches * per_batch + way.requests.retries
    }
}
