//! The event kernel: a clock, a calendar of future events, keyed random numbers. Knows no telemetry.

mod calendar;
mod philox;
mod queue;
mod streams;

pub use calendar::Calendar;
pub use streams::{RandomStream, RandomStreams, key_of};

use crate::units::SimTime;

/// What is simulated. A model owns all state and handles each event, usually by scheduling others.
pub trait Model {
    /// What can happen; an event of at most 8 bytes keeps a calendar entry at 16.
    type Event: Copy;

    /// Reacts to `event` at the instant `calendar.now()`.
    fn handle(&mut self, event: Self::Event, calendar: &mut Calendar<Self::Event>);

    /// Whether `event` was superseded after it was scheduled, so that it must not be handled.
    ///
    /// A stale event must stay stale. The calendar asks when an event is due, and whenever it moves
    /// the event. At the first yes it drops the event.
    fn is_stale(&self, event: &Self::Event) -> bool {
        let _ = event;
        false
    }
}

/// Handles all events up to and including `horizon`, in order of time and, at equal times, of
/// scheduling. Returns the number of handled events. The clock then stands at the horizon.
pub fn run<M: Model>(model: &mut M, calendar: &mut Calendar<M::Event>, horizon: SimTime) -> u64 {
    let handled = run_unless(model, calendar, horizon, || false);
    handled.expect("nothing stops it")
}

/// Handles events as [`run`] does, unless `is_stopped` holds after one of them: then `None`.
pub fn run_unless<M: Model>(
    model: &mut M,
    calendar: &mut Calendar<M::Event>,
    horizon: SimTime,
    is_stopped: impl Fn() -> bool,
) -> Option<u64> {
    let mut handled = 0;
    while let Some(event) = calendar.pop_until(horizon, |event| model.is_stale(event)) {
        model.handle(event, calendar);
        handled += 1;
        if is_stopped() {
            return None;
        }
    }
    Some(handled)
}
