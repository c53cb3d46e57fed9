//! The classic measures of an event queue, at a constant number of pending events.

use alloy_sim::model::blueprint::CollectorId;
use alloy_sim::model::moment::Event;
use alloy_sim::units::small;

use super::randomness::Randomness;
use super::{Packed, Schedule, Trace, Workload, low_bits, not_of_this_workload};

/// One second, in nanoseconds.
const MEAN: f64 = 1e9;

/// Each of `collector_count` collectors is due after an exponential time with mean 1 s, over and
/// over.
pub(crate) struct Hold {
    collector_count: u32,
    randomness: Randomness,
    trace: Trace,
}

impl Hold {
    /// With this many collectors.
    pub(crate) fn new(collector_count: u32) -> Self {
        Self {
            collector_count,
            randomness: Randomness::new(),
            trace: Trace::default(),
        }
    }
}

impl Packed for Hold {
    const BITS: u32 = 24;

    fn pack(event: Event) -> u64 {
        collector_of(event).into()
    }

    fn unpack(bits: u64) -> Event {
        started(low_bits(bits))
    }
}

fn started(collector: u32) -> Event {
    Event::CollectorStarted {
        stamp: 0,
        collector: CollectorId::new(collector as usize),
    }
}

fn collector_of(event: Event) -> u32 {
    match event {
        Event::CollectorStarted { collector, .. } => small(collector.index()),
        other => not_of_this_workload(other),
    }
}

impl Workload for Hold {
    fn begin(&mut self, calendar: &mut impl Schedule) {
        for collector in 0..self.collector_count {
            let at = self.randomness.after(calendar.now(), MEAN);
            calendar.schedule(at, started(collector));
        }
    }

    fn fire(&mut self, event: Event, calendar: &mut impl Schedule) {
        self.trace.add(calendar.now(), collector_of(event).into());
        calendar.schedule(self.randomness.after(calendar.now(), MEAN), event);
    }

    fn trace(&self) -> Trace {
        self.trace
    }
}

/// The hold model where each event is sent to a random collector and touches that one's state.
pub(crate) struct Phold {
    hold: Hold,
    visits: Vec<[u64; 2]>,
}

impl Phold {
    /// With this many collectors.
    pub(crate) fn new(collector_count: u32) -> Self {
        Self {
            hold: Hold::new(collector_count),
            visits: vec![[0; 2]; collector_count as usize],
        }
    }
}

impl Packed for Phold {
    const BITS: u32 = Hold::BITS;

    fn pack(event: Event) -> u64 {
        Hold::pack(event)
    }

    fn unpack(bits: u64) -> Event {
        Hold::unpack(bits)
    }
}

impl Workload for Phold {
    fn begin(&mut self, calendar: &mut impl Schedule) {
        self.hold.begin(calendar);
    }

    fn fire(&mut self, event: Event, calendar: &mut impl Schedule) {
        let now = calendar.now();
        let collector = collector_of(event);
        self.hold.trace.add(now, collector.into());
        let [count, latest] = &mut self.visits[collector as usize];
        *count += 1;
        *latest = now.nanos();
        let receiver = self.hold.randomness.below(self.hold.collector_count);
        calendar.schedule(self.hold.randomness.after(now, MEAN), started(receiver));
    }

    fn trace(&self) -> Trace {
        self.hold.trace
    }
}
