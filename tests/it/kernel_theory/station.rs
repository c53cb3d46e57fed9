//! Servers behind one waiting line, or without a line.

use std::collections::VecDeque;

use alloy_sim::engine::{Calendar, Model, RandomStream, RandomStreams, key_of};
use alloy_sim::units::{SimDuration, SimTime};

use super::law::{Law, exponential, seconds};
use super::tally::{Queue, Tally};
use super::verdict::Setting;

/// What happens at a station.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Change {
    /// A customer arrives.
    Arrived,
    /// The customer in this slot leaves.
    Served { slot: u32 },
}

/// A kind of station: Poisson arrivals, any number of servers, first come first served.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kind {
    /// Arrivals per second.
    pub(crate) rate: f64,
    pub(crate) service: Law,
    pub(crate) server_count: u64,
    /// Whether customers wait; otherwise they are turned away when all servers are busy.
    pub(crate) waits: bool,
}

/// A running station.
pub(crate) struct Station {
    kind: Kind,
    arrival_stream: RandomStream,
    service_stream: RandomStream,
    /// When the customers in service arrived; slots are reused.
    slots: Vec<SimTime>,
    free_slots: Vec<u32>,
    line: VecDeque<(SimTime, SimDuration)>,
    tally: Tally,
    trace: u64,
}

impl Station {
    pub(crate) fn new(kind: Kind, setting: Setting) -> Self {
        let streams = RandomStreams::new(setting.seed, 0);
        Self {
            kind: Kind {
                rate: kind.rate * setting.rate_factor,
                ..kind
            },
            arrival_stream: streams.stream(key_of("arrival"), 0, 0),
            service_stream: streams.stream(key_of("service"), 0, 0),
            slots: Vec::new(),
            free_slots: Vec::new(),
            line: VecDeque::new(),
            tally: Tally::default(),
            trace: 0,
        }
    }

    /// A hash of all events, their instants and their order.
    pub(crate) fn trace(&self) -> u64 {
        self.trace
    }

    /// Time spent so far by the customers who are still here.
    pub(crate) fn age(&self, now: SimTime) -> u64 {
        let is_free = |slot: usize| self.free_slots.iter().any(|&free| free as usize == slot);
        let in_service = (0..self.slots.len()).filter(|&slot| !is_free(slot));
        let serving: u64 = in_service
            .map(|slot| (now - self.slots[slot]).nanos())
            .sum();
        serving
            + self
                .line
                .iter()
                .map(|&(arrival, _)| (now - arrival).nanos())
                .sum::<u64>()
    }

    fn busy_count(&self) -> u64 {
        (self.slots.len() - self.free_slots.len()) as u64
    }

    fn arrive(&mut self, calendar: &mut Calendar<Change>) {
        let gap = seconds(exponential(&mut self.arrival_stream) / self.kind.rate);
        calendar.schedule(calendar.now() + gap, Change::Arrived);
        let service = self.kind.service.sample(&mut self.service_stream);
        self.tally.arrive(service);
        if self.busy_count() < self.kind.server_count {
            self.serve(calendar.now(), service, calendar);
        } else if self.kind.waits {
            self.line.push_back((calendar.now(), service));
        }
    }

    fn serve(&mut self, arrival: SimTime, service: SimDuration, calendar: &mut Calendar<Change>) {
        self.tally.begin(calendar.now() - arrival);
        let slot = self.free_slots.pop().unwrap_or_else(|| {
            self.slots.push(SimTime::ZERO);
            u32::try_from(self.slots.len() - 1).unwrap()
        });
        self.slots[slot as usize] = arrival;
        calendar.schedule(calendar.now() + service, Change::Served { slot });
    }

    fn leave(&mut self, slot: u32, calendar: &mut Calendar<Change>) {
        self.tally
            .depart(calendar.now() - self.slots[slot as usize]);
        self.free_slots.push(slot);
        if let Some((arrival, service)) = self.line.pop_front() {
            self.serve(arrival, service, calendar);
        }
    }
}

impl Model for Station {
    type Event = Change;

    fn handle(&mut self, event: Change, calendar: &mut Calendar<Change>) {
        let now = calendar.now();
        self.tally(now);
        let code = match event {
            Change::Arrived => u64::MAX,
            Change::Served { slot } => slot.into(),
        };
        let word = self.trace.rotate_left(7) ^ now.nanos() ^ code;
        self.trace = word.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        match event {
            Change::Arrived => self.arrive(calendar),
            Change::Served { slot } => self.leave(slot, calendar),
        }
    }
}

impl Queue for Station {
    fn begin(&mut self, calendar: &mut Calendar<Change>) {
        calendar.schedule(SimTime::ZERO, Change::Arrived);
    }

    fn tally(&mut self, now: SimTime) -> Tally {
        let number = self.busy_count() + self.line.len() as u64;
        self.tally.integrate(now, number, self.kind.server_count);
        self.tally
    }

    fn load(&self) -> f64 {
        self.kind.rate * self.kind.service.mean()
    }
}
