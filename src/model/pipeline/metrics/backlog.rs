//! The backlogs of the collectors of a fleet, and their losses.

use crate::model::load::driver::samples_of;
use crate::units::{SimDuration, SimTime, Span};

use super::super::queue::{Queue, QueueId};
use super::{Delivered, Delivery, Feed, Ledger, Metrics, Requests};

/// The counter of one fate of a delivery.
pub(in crate::model) type Counter = fn(&mut Delivery) -> &mut u128;

/// A loss of data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::model) struct Loss {
    /// When the loss happened.
    pub at: SimTime,
    /// Index of the collector.
    pub collector: u32,
}

impl Metrics {
    /// Unsent work of one queue, per stream.
    pub(super) fn backlog_of(&self, queue: QueueId) -> &[u128] {
        let streams = self.own.len();
        &self.backlog[self.place(queue) * streams..][..streams]
    }

    /// Unsent samples of one queue.
    pub(in crate::model) fn backlog_samples(&self, queue: QueueId) -> f64 {
        let backlog = self.backlog_of(queue).iter();
        let streams = backlog.zip(&self.ledger.intervals);
        streams
            .map(|(&work, &interval)| samples_of(work, interval) as f64)
            .sum()
    }

    /// Unsent work of all collectors, route by route, and within each route stream by stream.
    pub(super) fn pending(&self) -> Vec<u128> {
        let row = self.routes.len() * self.own.len();
        let mut pending = vec![0; row];
        // A fleet that only has jobs has no streams.
        for backlog in self.backlog.chunks_exact(row.max(1)) {
            for (sum, work) in pending.iter_mut().zip(backlog) {
                *sum += work;
            }
        }
        pending
    }

    /// Notes the backlog of a fleet, all of whose collectors are settled. Returns it in samples.
    pub(in crate::model) fn note_backlog(&mut self) -> f64 {
        let pending = self.pending();
        let intervals = self.ledger.intervals.iter().cycle();
        let samples = |(&work, &interval): (&u128, &SimDuration)| samples_of(work, interval) as f64;
        let backlog = pending.iter().zip(intervals).map(samples).sum();
        self.tally.backlog_peak = self.tally.backlog_peak.max(backlog);
        backlog
    }

    /// Whether the backlog of a fleet of `collectors` is to be noted before a process ends with a
    /// part of it.
    ///
    /// Simplified: noted at most once per hundredth of the fleet that ends during an outage. So the
    /// peak is at most 1 % too low, and many ends cost at most a hundred notes.
    pub(in crate::model) fn notes_backlog_at_end(&mut self, collectors: u32) -> bool {
        let unnoted = self.ends_unnoted + 1;
        let is_closed = self.routes.iter().any(|route| route.is_down);
        let looks = is_closed && unnoted >= collectors.div_ceil(100);
        self.ends_unnoted = if looks { 0 } else { unnoted };
        looks
    }

    /// Notes the age of the backlog of a collector on every route that is stalled. Notes also for how
    /// long it has shared the capacity of an endpoint.
    pub(in crate::model) fn note_age(&mut self, collector: u32, now: SimTime) {
        for route in 0..self.routes.len() {
            match self.queue(QueueId { collector, route }) {
                Queue::Stalled { since, .. } => {
                    let peak = &mut self.tally.backlog_peak_age;
                    *peak = (*peak).max(now - since);
                }
                Queue::Sharing(share) => self.note_drain(now.min(share.until).since(share.since)),
                Queue::Steady | Queue::Draining(_) => {}
            }
        }
    }

    /// Notes that a collector lost samples of its backlog at `at`.
    pub(in crate::model) fn note_loss(&mut self, at: SimTime, collector: u32) {
        if self.first_loss.is_none_or(|first| at < first.at) {
            self.first_loss = Some(Loss { at, collector });
        }
    }

    /// The first loss of data of the fleet.
    pub(in crate::model) fn first_loss(&self) -> Option<Loss> {
        self.first_loss
    }

    /// Notes that a process ended with `samples` unsent samples. One restart among thousands during
    /// an outage is no loss of data of the fleet. A loss counts once such processes together lost a
    /// minute of the fleet's inflow, `rate` samples per second.
    pub(in crate::model) fn note_lost_with_process(&mut self, loss: Loss, samples: f64, rate: f64) {
        /// INFERRED: a minute of the whole fleet. One restart among thousands loses less.
        const SECONDS: f64 = 60.0;
        self.lost_with_processes += samples;
        if self.lost_with_processes > SECONDS * rate {
            self.note_loss(loss.at, loss.collector);
        }
    }

    /// Moves the whole backlog of a collector to one fate. Returns the samples moved.
    pub(in crate::model) fn lose(&mut self, collector: u32, fate: Counter) -> f64 {
        (0..self.routes.len())
            .map(|route| self.lose_on(QueueId { collector, route }, fate))
            .sum()
    }

    /// [`Metrics::lose`] for one queue.
    fn lose_on(&mut self, queue: QueueId, fate: Counter) -> f64 {
        let samples = self.backlog_samples(queue);
        let first = self.place(queue) * self.own.len();
        for slot in 0..self.own.len() {
            let work = std::mem::take(&mut self.backlog[first + slot]);
            *fate(self.delivery(queue.route, slot)) += work;
        }
        samples
    }

    /// Loses what truncations within a span take from a reader that waits.
    pub(super) fn lose_overtaken(&mut self, feed: &Feed<'_>, queue: QueueId, span: Span) {
        let Queue::Stalled { since, lost_from } = self.queue(queue) else {
            return;
        };
        let lost = if lost_from.is_some() {
            // The reader has lost its place, so it reads nothing newer.
            span
        } else if let Some((at, first)) = self.overtaken(feed, queue, (since, span)) {
            self.note_loss(at, queue.collector);
            let lost_from = Some(first);
            *self.queue_mut(queue) = Queue::Stalled { since, lost_from };
            Span::new(first, span.to)
        } else {
            return;
        };
        let place = self.place(queue) * self.own.len();
        for slot in 0..self.own.len() {
            let newer = feed
                .work(self.own[slot], lost)
                .min(self.backlog[place + slot]);
            self.backlog[place + slot] -= newer;
            self.delivery(queue.route, slot).lost_truncation += newer;
        }
    }

    /// The truncation within a span that takes samples from a reader that waits since `since`, and
    /// the first of these samples.
    fn overtaken(
        &self,
        feed: &Feed<'_>,
        queue: QueueId,
        (since, span): (SimTime, Span),
    ) -> Option<(SimTime, SimTime)> {
        self.walk(feed, queue).first_loss(span, |_| since)
    }

    /// The measured horizon begins. A backlog counts as scraped in the horizon. An endpoint with a
    /// smaller backlog than another got the difference earlier, so it is not due it.
    pub(in crate::model) fn begin_horizon(&mut self) {
        let pending = self.pending();
        let streams = self.own.len();
        self.ledger = Ledger::new(self.ledger.intervals.clone(), self.routes.len());
        for stream in 0..streams {
            let of_routes = pending.iter().skip(stream).step_by(streams);
            let most = of_routes.copied().max().unwrap_or(0);
            let intake = &mut self.ledger.intakes[stream];
            (intake.offered, intake.scraped) = (most, most);
            for route in 0..self.routes.len() {
                let place = route * streams + stream;
                self.ledger.deliveries[place].earlier = most - pending[place];
            }
        }
        self.tally = Delivered::default();
        (self.lost_with_processes, self.first_loss) = (0.0, None);
        for route in &mut self.routes {
            route.requests = Requests::default();
        }
    }
}
