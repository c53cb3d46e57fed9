//! One server that all customers share equally.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use alloy_sim::engine::{Calendar, Model, RandomStream, RandomStreams, key_of};
use alloy_sim::units::SimTime;

use super::law::{Law, exponential, seconds};
use super::tally::{Queue, Tally};
use super::verdict::Setting;

/// What happens at the server.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Change {
    /// A customer arrives.
    Arrived,
    /// A customer is done, unless an arrival or departure came between.
    Done { generation: u32 },
}

/// A server with Poisson arrivals.
pub(crate) struct Sharing {
    rate: f64,
    service: Law,
    arrival_stream: RandomStream,
    service_stream: RandomStream,
    /// Service that a customer present all the time would have received: nanoseconds times 2^32.
    attained: u128,
    attained_at: SimTime,
    /// For each customer, what `attained` will be when it is done, and when it arrived.
    customers: BinaryHeap<Reverse<(u128, SimTime)>>,
    generation: u32,
    tally: Tally,
}

impl Sharing {
    pub(crate) fn new(rate: f64, service: Law, setting: Setting) -> Self {
        let streams = RandomStreams::new(setting.seed, 0);
        Self {
            rate: rate * setting.rate_factor,
            service,
            arrival_stream: streams.stream(key_of("arrival"), 0, 0),
            service_stream: streams.stream(key_of("service"), 0, 0),
            attained: 0,
            attained_at: SimTime::ZERO,
            customers: BinaryHeap::new(),
            generation: 0,
            tally: Tally::default(),
        }
    }

    fn attain(&mut self, now: SimTime) {
        let length = u128::from((now - self.attained_at).nanos());
        if !self.customers.is_empty() {
            self.attained += (length << 32) / self.customers.len() as u128;
        }
        self.attained_at = now;
    }

    fn arrive(&mut self, calendar: &mut Calendar<Change>) {
        let gap = seconds(exponential(&mut self.arrival_stream) / self.rate);
        calendar.schedule(calendar.now() + gap, Change::Arrived);
        let service = self.service.sample(&mut self.service_stream);
        self.tally.arrive(service);
        let done = self.attained + (u128::from(service.nanos()) << 32);
        self.customers.push(Reverse((done, calendar.now())));
    }

    /// Supersedes the next departure.
    fn expect_departure(&mut self, calendar: &mut Calendar<Change>) {
        self.generation = self.generation.wrapping_add(1);
        let Some(&Reverse((done, _))) = self.customers.peek() else {
            return;
        };
        let left = done.saturating_sub(self.attained) * self.customers.len() as u128;
        let delay = u64::try_from(left.div_ceil(1 << 32)).unwrap();
        let at = SimTime::from_nanos(calendar.now().nanos() + delay);
        calendar.schedule(
            at,
            Change::Done {
                generation: self.generation,
            },
        );
    }
}

impl Model for Sharing {
    type Event = Change;

    fn handle(&mut self, event: Change, calendar: &mut Calendar<Change>) {
        let now = calendar.now();
        self.tally(now);
        self.attain(now);
        match event {
            Change::Arrived => self.arrive(calendar),
            Change::Done { .. } => {
                let Reverse((_, arrival)) = self.customers.pop().unwrap();
                self.tally.depart(now - arrival);
            }
        }
        self.expect_departure(calendar);
    }

    fn is_stale(&self, event: &Change) -> bool {
        matches!(event, Change::Done { generation } if *generation != self.generation)
    }
}

impl Queue for Sharing {
    fn begin(&mut self, calendar: &mut Calendar<Change>) {
        calendar.schedule(SimTime::ZERO, Change::Arrived);
    }

    fn tally(&mut self, now: SimTime) -> Tally {
        self.tally.integrate(now, self.customers.len() as u64, 1);
        self.tally
    }

    fn load(&self) -> f64 {
        self.rate * self.service.mean()
    }
}
