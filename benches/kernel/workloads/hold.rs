//! The classic measures of an event queue, at a constant number of pending events.

use super::randomness::Randomness;
use super::{Packed, Schedule, Trace, Workload};

/// One second, in nanoseconds.
const MEAN: f64 = 1e9;

/// The number of an entity.
#[derive(Clone, Copy)]
pub(crate) struct Entity(u64);

impl Packed for Entity {
    const BITS: u32 = 24;

    fn pack(self) -> u64 {
        self.0
    }

    fn unpack(bits: u64) -> Self {
        Self(bits)
    }
}

/// Each of `entity_count` entities is due after an exponential time with mean 1 s, over and over.
pub(crate) struct Hold {
    entity_count: u64,
    randomness: Randomness,
    trace: Trace,
}

impl Hold {
    /// With this many entities.
    pub(crate) fn new(entity_count: u64) -> Self {
        Self {
            entity_count,
            randomness: Randomness::new(),
            trace: Trace::default(),
        }
    }
}

impl Workload for Hold {
    type Event = Entity;

    fn begin(&mut self, calendar: &mut impl Schedule<Entity>) {
        for entity in 0..self.entity_count {
            calendar.schedule(self.randomness.after(calendar.now(), MEAN), Entity(entity));
        }
    }

    fn fire(&mut self, event: Entity, calendar: &mut impl Schedule<Entity>) {
        self.trace.add(calendar.now(), event.0);
        calendar.schedule(self.randomness.after(calendar.now(), MEAN), event);
    }

    fn trace(&self) -> Trace {
        self.trace
    }
}

/// The hold model where each event is sent to a random entity and touches that entity's state.
pub(crate) struct Phold {
    hold: Hold,
    visits: Vec<[u64; 2]>,
}

impl Phold {
    /// With this many entities.
    pub(crate) fn new(entity_count: u32) -> Self {
        Self {
            hold: Hold::new(entity_count.into()),
            visits: vec![[0; 2]; entity_count as usize],
        }
    }
}

impl Workload for Phold {
    type Event = Entity;

    fn begin(&mut self, calendar: &mut impl Schedule<Entity>) {
        self.hold.begin(calendar);
    }

    fn fire(&mut self, event: Entity, calendar: &mut impl Schedule<Entity>) {
        let now = calendar.now();
        self.hold.trace.add(now, event.0);
        #[expect(
            clippy::cast_possible_truncation,
            reason = "there are fewer than 2^32 entities"
        )]
        let [count, latest] = &mut self.visits[event.0 as usize];
        *count += 1;
        *latest = now.nanos();
        let receiver = self.hold.randomness.below(self.visits.len()) as u64;
        calendar.schedule(self.hold.randomness.after(now, MEAN), Entity(receiver));
    }

    fn trace(&self) -> Trace {
        self.hold.trace
    }
}
