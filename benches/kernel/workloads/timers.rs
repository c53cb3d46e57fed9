//! Timers of which half are superseded before they fire.

use super::randomness::Randomness;
use super::{Packed, Schedule, Trace, Workload};

/// One second, in nanoseconds.
const MEAN: f64 = 1e9;
const GENERATION_BITS: u32 = 16;

/// A timer as it was armed.
#[derive(Clone, Copy)]
pub(crate) struct Timer {
    entity: u32,
    generation: u16,
}

impl Packed for Timer {
    const BITS: u32 = 20 + GENERATION_BITS;

    fn pack(self) -> u64 {
        u64::from(self.entity) << GENERATION_BITS | u64::from(self.generation)
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "cutting the bits apart is the purpose"
    )]
    fn unpack(bits: u64) -> Self {
        Self {
            entity: (bits >> GENERATION_BITS) as u32,
            generation: bits as u16,
        }
    }
}

/// Each entity has one timer; when one fires, it is armed again, and so is a random other one.
pub(crate) struct Timers {
    generations: Vec<u16>,
    randomness: Randomness,
    trace: Trace,
}

impl Timers {
    /// With this many entities.
    pub(crate) fn new(entity_count: usize) -> Self {
        let generations = vec![0; entity_count];
        Self {
            generations,
            randomness: Randomness::new(),
            trace: Trace::default(),
        }
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "there are fewer than 2^20 entities"
    )]
    fn arm(&mut self, entity: usize, calendar: &mut impl Schedule<Timer>) {
        let generation = &mut self.generations[entity];
        *generation = generation.wrapping_add(1);
        let timer = Timer {
            entity: entity as u32,
            generation: *generation,
        };
        calendar.schedule(self.randomness.after(calendar.now(), MEAN), timer);
    }
}

impl Workload for Timers {
    type Event = Timer;

    fn begin(&mut self, calendar: &mut impl Schedule<Timer>) {
        for entity in 0..self.generations.len() {
            self.arm(entity, calendar);
        }
    }

    fn fire(&mut self, event: Timer, calendar: &mut impl Schedule<Timer>) {
        self.trace.add(calendar.now(), event.pack());
        self.arm(event.entity as usize, calendar);
        let other = self.randomness.below(self.generations.len());
        self.arm(other, calendar);
    }

    fn is_stale(&self, event: &Timer) -> bool {
        self.generations[event.entity as usize] != event.generation
    }

    fn trace(&self) -> Trace {
        self.trace
    }
}
