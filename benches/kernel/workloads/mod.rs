//! What the kernel is measured on: the same model in the engine and in a hand-written loop on a
//! binary heap. Both must handle the same events in the same order, which a test holds.

mod heap;
mod hold;
mod queue;
pub(crate) mod randomness;
mod timers;

use alloy_sim::engine::{Calendar, Model, run};
use alloy_sim::model::moment::Event;
use alloy_sim::units::{SimDuration, SimTime};

pub(crate) use heap::{HeapCalendar, Packed};
pub(crate) use hold::{Hold, Phold};
pub(crate) use queue::SingleServer;
pub(crate) use timers::Timers;

/// What a workload needs of either calendar.
pub(crate) trait Schedule {
    /// The current instant.
    fn now(&self) -> SimTime;
    /// Adds an event.
    fn schedule(&mut self, at: SimTime, event: Event);

    /// Adds an event instead of the one last added for `collector`, which is stale from now on; a
    /// calendar that takes events back does.
    fn supersede(&mut self, collector: u32, at: SimTime, event: Event) {
        let _ = collector;
        self.schedule(at, event);
    }
}

impl Schedule for Calendar<Event> {
    fn now(&self) -> SimTime {
        Self::now(self)
    }

    fn schedule(&mut self, at: SimTime, event: Event) {
        Self::schedule(self, at, event);
    }
}

/// A model of the product's own events, for both loops.
pub(crate) trait Workload: Packed {
    /// Schedules the first events.
    fn begin(&mut self, calendar: &mut impl Schedule);

    /// Reacts to an event.
    fn fire(&mut self, event: Event, calendar: &mut impl Schedule);

    /// As in [`Model`].
    fn is_stale(&self, event: Event) -> bool {
        let _ = event;
        false
    }

    /// Depends on all events handled, their instants and their order.
    fn trace(&self) -> Trace;
}

/// A workload in one of the two loops.
pub(crate) trait Loop {
    /// Simulates `length` further; returns the number of events handled.
    fn advance(&mut self, length: SimDuration) -> u64;
    /// See [`Workload::trace`].
    fn trace(&self) -> Trace;
}

/// The workload in the product's engine.
pub(crate) struct InEngine<W> {
    model: Handled<W>,
    calendar: Calendar<Event>,
}

/// Makes a workload a model.
struct Handled<W>(W);

impl<W: Workload> Model for Handled<W> {
    type Event = Event;

    fn handle(&mut self, event: Event, calendar: &mut Calendar<Event>) {
        self.0.fire(event, calendar);
    }

    fn is_stale(&self, event: &Event) -> bool {
        self.0.is_stale(*event)
    }
}

impl<W: Workload> InEngine<W> {
    /// Starts `workload`.
    pub(crate) fn new(mut workload: W) -> Self {
        let mut calendar = Calendar::new();
        workload.begin(&mut calendar);
        Self {
            model: Handled(workload),
            calendar,
        }
    }
}

impl<W: Workload> Loop for InEngine<W> {
    fn advance(&mut self, length: SimDuration) -> u64 {
        let horizon = self.calendar.now() + length;
        run(&mut self.model, &mut self.calendar, horizon)
    }

    fn trace(&self) -> Trace {
        self.model.0.trace()
    }
}

/// The workload in a hand-written loop around a binary heap.
pub(crate) struct OnHeap<W> {
    workload: W,
    calendar: HeapCalendar<W>,
    reached: SimTime,
}

impl<W: Workload> OnHeap<W> {
    /// Starts `workload`.
    pub(crate) fn new(mut workload: W) -> Self {
        let mut calendar = HeapCalendar::new();
        workload.begin(&mut calendar);
        Self {
            workload,
            calendar,
            reached: SimTime::ZERO,
        }
    }
}

impl<W: Workload> Loop for OnHeap<W> {
    fn advance(&mut self, length: SimDuration) -> u64 {
        self.reached += length;
        let mut handled = 0;
        while let Some(event) = self.calendar.pop_until(self.reached) {
            if !self.workload.is_stale(event) {
                self.workload.fire(event, &mut self.calendar);
                handled += 1;
            }
        }
        handled
    }

    fn trace(&self) -> Trace {
        self.workload.trace()
    }
}

/// A hash of the events handled so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Trace(pub(crate) u64);

impl Trace {
    /// Adds an event.
    pub(crate) fn add(&mut self, now: SimTime, event: u64) {
        self.0 = (self.0.rotate_left(5) ^ now.nanos() ^ event).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}

/// The model's other events, which a workload does not schedule.
#[cold]
fn not_of_this_workload(event: Event) -> ! {
    unreachable!("{event:?} is not scheduled here")
}

/// The lower half of `bits`.
#[expect(clippy::cast_possible_truncation, reason = "cutting is the purpose")]
fn low_bits(bits: u64) -> u32 {
    bits as u32
}
