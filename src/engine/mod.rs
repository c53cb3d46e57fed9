//! The event kernel: a clock, a calendar of future events, keyed random numbers. Knows no telemetry.

mod calendar;
mod philox;
mod queue;
mod streams;

pub use calendar::Calendar;
pub use streams::{RandomStream, RandomStreams, key_of};

use crate::units::SimTime;

/// What is simulated: it owns all state and answers each event, usually by scheduling others.
pub trait Model {
    /// What can happen; an event of at most 8 bytes keeps a calendar entry at 16.
    type Event: Copy;

    /// Reacts to `event` at the instant `calendar.now()`.
    fn handle(&mut self, event: Self::Event, calendar: &mut Calendar<Self::Event>);

    /// Whether `event` was superseded after it was scheduled, so that it must not be handled.
    ///
    /// Once stale, an event must stay stale: the calendar asks when the event is due and also
    /// earlier, whenever it moves the event, and drops it at the first yes.
    fn is_stale(&self, event: &Self::Event) -> bool {
        let _ = event;
        false
    }
}

/// Handles all events up to and including the instant `horizon`, in order of time and, at equal
/// times, of scheduling. Returns how many were handled; the clock then stands at the horizon.
pub fn run<M: Model>(model: &mut M, calendar: &mut Calendar<M::Event>, horizon: SimTime) -> u64 {
    let mut handled = 0;
    while let Some(event) = calendar.pop_until(horizon, |event| model.is_stale(event)) {
        model.handle(event, calendar);
        handled += 1;
    }
    handled
}
