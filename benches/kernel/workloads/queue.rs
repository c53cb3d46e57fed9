//! M/M/1: hardly any pending events, so the loop itself is measured.

use std::collections::VecDeque;

use alloy_sim::model::blueprint::FleetId;
use alloy_sim::model::moment::Event;
use alloy_sim::units::SimTime;

use super::randomness::Randomness;
use super::{Packed, Schedule, Trace, Workload, not_of_this_workload};

/// One second, in nanoseconds.
const ARRIVAL_MEAN: f64 = 1e9;
const SERVICE_MEAN: f64 = 0.9e9;

const FLEET: FleetId = FleetId::new(0);
const ARRIVED: Event = Event::JobArrived { fleet: FLEET };
const ENDED: Event = Event::JobEnded {
    connected: false,
    fleet: FLEET,
};

/// Jobs come to one server, 90 % loaded.
pub(crate) struct SingleServer {
    arrivals: VecDeque<SimTime>,
    /// In nanoseconds.
    sojourn_sum: u64,
    randomness: Randomness,
    trace: Trace,
}

impl SingleServer {
    /// An empty one.
    pub(crate) fn new() -> Self {
        Self {
            arrivals: VecDeque::new(),
            sojourn_sum: 0,
            randomness: Randomness::new(),
            trace: Trace::default(),
        }
    }

    fn await_arrival(&mut self, calendar: &mut impl Schedule) {
        let at = self.randomness.after(calendar.now(), ARRIVAL_MEAN);
        calendar.schedule(at, ARRIVED);
    }

    fn begin_service(&mut self, calendar: &mut impl Schedule) {
        let at = self.randomness.after(calendar.now(), SERVICE_MEAN);
        calendar.schedule(at, ENDED);
    }
}

impl Packed for SingleServer {
    const BITS: u32 = 1;

    fn pack(event: Event) -> u64 {
        match event {
            Event::JobArrived { .. } => 0,
            Event::JobEnded { .. } => 1,
            other => not_of_this_workload(other),
        }
    }

    fn unpack(bits: u64) -> Event {
        if bits == 0 { ARRIVED } else { ENDED }
    }
}

impl Workload for SingleServer {
    fn begin(&mut self, calendar: &mut impl Schedule) {
        self.await_arrival(calendar);
    }

    fn fire(&mut self, event: Event, calendar: &mut impl Schedule) {
        let now = calendar.now();
        self.trace.add(now, Self::pack(event));
        match event {
            Event::JobArrived { .. } => {
                self.arrivals.push_back(now);
                self.await_arrival(calendar);
                if self.arrivals.len() == 1 {
                    self.begin_service(calendar);
                }
            }
            Event::JobEnded { .. } => {
                let arrival = self.arrivals.pop_front().expect("a job was served");
                self.sojourn_sum += now.nanos() - arrival.nanos();
                if !self.arrivals.is_empty() {
                    self.begin_service(calendar);
                }
            }
            other => not_of_this_workload(other),
        }
    }

    fn trace(&self) -> Trace {
        let mut trace = self.trace;
        trace.add(SimTime::from_nanos(self.sojourn_sum), 0);
        trace
    }
}
