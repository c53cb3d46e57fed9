//! What the collectors of a fleet have not sent yet.

use crate::model::load::driver::samples_of;
use crate::model::pipeline::ledger::{Delivery, Ledger};
use crate::model::process::collector::Sending;

use super::{Fleet, Stream};

/// How one of a delivery's fates is reached.
pub(super) type Fate = fn(&mut Delivery) -> &mut u128;

impl Fleet<'_> {
    /// Where the sending state of a collector on a route stands.
    pub(super) fn queue(&self, index: u32, route: usize) -> usize {
        index as usize * self.routes.len() + route
    }

    /// What a collector does with what it takes in.
    pub(super) fn sending_of(&self, index: u32, route: usize) -> Sending {
        self.sending[self.queue(index, route)]
    }

    /// A process begins or ends: nothing is under way.
    pub(super) fn reset_sending(&mut self, index: u32) {
        let (first, routes) = (self.queue(index, 0), self.routes.len());
        self.sending[first..][..routes].fill(Sending::Steady);
    }

    /// Unsent work of one collector on one route, per stream.
    pub(super) fn backlog_of(&self, index: u32, route: usize) -> &[u128] {
        let streams = self.plan.streams.len();
        &self.backlog[self.queue(index, route) * streams..][..streams]
    }

    /// Unsent samples of one collector on one route.
    pub(super) fn backlog_samples(&self, index: u32, route: usize) -> f64 {
        let samples = |(work, plan): (&u128, &Stream)| samples_of(*work, plan.interval) as f64;
        let backlog = self.backlog_of(index, route).iter();
        backlog.zip(&self.plan.streams).map(samples).sum()
    }

    /// Unsent work of all collectors, route by route and within it stream by stream.
    pub(super) fn pending(&self) -> Vec<u128> {
        let row = self.routes.len() * self.plan.streams.len();
        let mut pending = vec![0; row];
        // A fleet that only has jobs has no streams.
        for backlog in self.backlog.chunks_exact(row.max(1)) {
            for (sum, work) in pending.iter_mut().zip(backlog) {
                *sum += work;
            }
        }
        pending
    }

    /// Notes the age of what a collector has not sent, where nothing leaves it.
    pub(super) fn note_age(&mut self, index: u32, now: u64) {
        for route in 0..self.routes.len() {
            if let Sending::Stalled { since } = self.sending_of(index, route) {
                self.tally.backlog_peak_nanos = self.tally.backlog_peak_nanos.max(now - since);
            }
        }
    }

    /// Notes that a backlog lost samples at `at`.
    pub(super) fn note_data_lost(&mut self, at: u64, index: u32) {
        if self.data_lost.is_none_or(|(first, _)| at < first) {
            self.data_lost = Some((at, index));
        }
    }

    /// Notes that a process ended with so many unsent samples: a loss of data once those that ended have
    /// lost more together than the whole fleet takes in within a minute, so that one restart among
    /// thousands during an outage is none.
    pub(super) fn note_lost_with_process(&mut self, index: u32, samples: f64, now: u64) {
        /// INFERRED: a minute of the whole fleet; one restart among thousands is less.
        const SECONDS: f64 = 60.0;
        self.tally.lost_with_processes += samples;
        let rate = self.total_in(self.plan.resident.driver.segment(now)).1;
        if self.tally.lost_with_processes > SECONDS * rate {
            self.note_data_lost(now, index);
        }
    }

    /// Moves all that a collector has not sent to one of its fates; returns the samples moved.
    pub(super) fn lose(&mut self, index: u32, fate: Fate) -> f64 {
        (0..self.routes.len())
            .map(|route| self.lose_on(index, route, fate))
            .sum()
    }

    /// The same for one route.
    pub(super) fn lose_on(&mut self, index: u32, route: usize, fate: Fate) -> f64 {
        let samples = self.backlog_samples(index, route);
        let streams = self.plan.streams.len();
        let slot = self.queue(index, route) * streams;
        for stream in 0..streams {
            let work = std::mem::take(&mut self.backlog[slot + stream]);
            *fate(&mut self.ledger.deliveries[route * streams + stream]) += work;
        }
        samples
    }

    /// The recorded time begins. What is still unsent counts as taken in during it; an endpoint that
    /// another one is behind has had the difference earlier, so it is not due to it.
    pub(super) fn begin_ledger(&mut self) {
        let pending = self.pending();
        let streams = self.plan.streams.len();
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
    }

    /// Whether an endpoint of its metrics does not answer now.
    pub(super) fn has_closed_route(&self) -> bool {
        self.routes.iter().any(|route| route.is_down)
    }
}
