//! Timers of which half are superseded before they fire.

use alloy_sim::model::blueprint::CollectorId;
use alloy_sim::model::moment::Event;
use alloy_sim::units::small;

use super::randomness::Randomness;
use super::{Packed, Schedule, Trace, Workload, low_bits, not_of_this_workload};

/// One second, in nanoseconds.
const MEAN: f64 = 1e9;
const STAMP_BITS: u32 = 16;

/// Each collector has one timer; when one fires, it is armed again, and so is a random other one.
pub(crate) struct Timers {
    stamps: Vec<u16>,
    randomness: Randomness,
    trace: Trace,
}

impl Timers {
    /// With this many collectors.
    pub(crate) fn new(collector_count: u32) -> Self {
        Self {
            stamps: vec![0; collector_count as usize],
            randomness: Randomness::new(),
            trace: Trace::default(),
        }
    }

    fn collector_count(&self) -> u32 {
        u32::try_from(self.stamps.len()).expect("collectors are fewer than 2^32")
    }

    fn arm(&mut self, collector: u32, calendar: &mut impl Schedule) {
        let stamp = &mut self.stamps[collector as usize];
        *stamp = stamp.wrapping_add(1);
        let event = Event::CollectorInterrupted {
            stamp: *stamp,
            collector: CollectorId::new(collector as usize),
        };
        let at = self.randomness.after(calendar.now(), MEAN);
        calendar.supersede(collector, at, event);
    }
}

impl Packed for Timers {
    const BITS: u32 = 20 + STAMP_BITS;

    fn pack(event: Event) -> u64 {
        let (stamp, collector) = parts(event);
        u64::from(collector) << STAMP_BITS | u64::from(stamp)
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "cutting the bits apart is the purpose"
    )]
    fn unpack(bits: u64) -> Event {
        Event::CollectorInterrupted {
            stamp: bits as u16,
            collector: CollectorId::new(low_bits(bits >> STAMP_BITS) as usize),
        }
    }
}

fn parts(event: Event) -> (u16, u32) {
    match event {
        Event::CollectorInterrupted { stamp, collector } => (stamp, small(collector.index())),
        other => not_of_this_workload(other),
    }
}

impl Workload for Timers {
    fn begin(&mut self, calendar: &mut impl Schedule) {
        for collector in 0..self.collector_count() {
            self.arm(collector, calendar);
        }
    }

    fn fire(&mut self, event: Event, calendar: &mut impl Schedule) {
        let (_, collector) = parts(event);
        self.trace.add(calendar.now(), collector.into());
        self.arm(collector, calendar);
        let other = self.randomness.below(self.collector_count());
        self.arm(other, calendar);
    }

    fn is_stale(&self, event: Event) -> bool {
        let (stamp, collector) = parts(event);
        self.stamps[collector as usize] != stamp
    }

    fn trace(&self) -> Trace {
        self.trace
    }
}
