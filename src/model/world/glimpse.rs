//! A look at the beginning of a replication, for an estimate of the whole.

use std::cell::Cell;

use crate::engine::run_unless;
use crate::model::moment::Calendar;

use super::World;
use super::simulation::Simulation;

/// When a glimpse ends before its replication does.
#[derive(Clone, Copy)]
pub struct Enough<'a> {
    /// Events of a region after which the rest is extrapolated, at least one.
    pub events: u64,
    /// Asked now and then: whether the glimpse has taken too long.
    pub is_late: &'a dyn Fn() -> bool,
}

/// Events between two questions whether a glimpse is late.
const PATIENCE: u64 = 256;

/// What a replication comes to, as far as its beginning tells.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Glimpse {
    /// Events that were handled.
    pub handled: u64,
    /// Events of the whole replication; infinite or NaN if nothing but its first instant was seen.
    pub events: f64,
    /// Event records of the whole replication, if they were kept.
    pub records: f64,
}

impl Simulation<'_> {
    /// Simulates until the end, or until it is enough. The rest is taken to be like the beginning.
    pub fn glimpse(self, enough: &Enough<'_>) -> Glimpse {
        let mut all = Glimpse::default();
        for (world, calendar) in self.worlds.into_iter().zip(self.calendars) {
            let part = world.glimpse(calendar, enough);
            all.handled += part.handled;
            all.events += part.events;
            all.records += part.records;
        }
        all
    }
}

impl World<'_> {
    fn glimpse(mut self, calendar: &mut Calendar, enough: &Enough<'_>) -> Glimpse {
        let end = self.setting.grid.end;
        let handled = Cell::new(0_u64);
        let is_enough = || {
            handled.set(handled.get() + 1);
            handled.get() >= enough.events
                || (handled.get().is_multiple_of(PATIENCE) && (enough.is_late)())
        };
        run_unless(&mut self, calendar, end, is_enough);
        let (handled, seen) = (handled.get(), calendar.now().nanos());
        let whole = end.nanos() as f64 / seen as f64;
        let (_, _, records) = self.setting.observer.into_parts();
        let records = records.rows.len() as f64 + records.omitted as f64;
        Glimpse {
            handled,
            events: handled as f64 * whole,
            records: records * whole,
        }
    }
}
