//! M/M/1: hardly any pending events, so the loop itself is measured.

use std::collections::VecDeque;
use std::time::Duration;

use alloy_sim::units::SimTime;

use super::randomness::Randomness;
use super::{Packed, Schedule, Trace, Workload};

/// One second, in nanoseconds.
const ARRIVAL_MEAN: f64 = 1e9;
const SERVICE_MEAN: f64 = 0.9e9;

/// What happens at the server.
#[derive(Clone, Copy)]
pub(crate) enum Change {
    /// A customer arrives.
    Arrived,
    /// A customer leaves.
    Served,
}

impl Packed for Change {
    const BITS: u32 = 1;

    fn pack(self) -> u64 {
        self as u64
    }

    fn unpack(bits: u64) -> Self {
        if bits == 0 {
            Self::Arrived
        } else {
            Self::Served
        }
    }
}

/// One server at 90 % load.
pub(crate) struct SingleServer {
    arrivals: VecDeque<SimTime>,
    sojourn_sum: Duration,
    randomness: Randomness,
    trace: Trace,
}

impl SingleServer {
    /// An empty one.
    pub(crate) fn new() -> Self {
        Self {
            arrivals: VecDeque::new(),
            sojourn_sum: Duration::ZERO,
            randomness: Randomness::new(),
            trace: Trace::default(),
        }
    }

    fn begin_service(&mut self, calendar: &mut impl Schedule<Change>) {
        calendar.schedule(
            self.randomness.after(calendar.now(), SERVICE_MEAN),
            Change::Served,
        );
    }
}

impl Workload for SingleServer {
    type Event = Change;

    fn begin(&mut self, calendar: &mut impl Schedule<Change>) {
        calendar.schedule(SimTime::ZERO, Change::Arrived);
    }

    fn fire(&mut self, event: Change, calendar: &mut impl Schedule<Change>) {
        let now = calendar.now();
        self.trace.add(now, event.pack());
        match event {
            Change::Arrived => {
                self.arrivals.push_back(now);
                calendar.schedule(self.randomness.after(now, ARRIVAL_MEAN), Change::Arrived);
                if self.arrivals.len() == 1 {
                    self.begin_service(calendar);
                }
            }
            Change::Served => {
                let arrival = self.arrivals.pop_front().expect("a customer was served");
                self.sojourn_sum += now - arrival;
                if !self.arrivals.is_empty() {
                    self.begin_service(calendar);
                }
            }
        }
    }

    fn trace(&self) -> Trace {
        let mut trace = self.trace;
        trace.add(SimTime::ZERO + self.sojourn_sum, 0);
        trace
    }
}
