//! The clock and the future events.

use super::queue::Queue;
use crate::units::SimTime;

/// A clock with a calendar of future events.
///
/// Events come out in order of time. Events of the same instant come out in the order in which they
/// were scheduled. So a simulation depends only on the calls made.
#[derive(Clone, Debug)]
pub struct Calendar<E: Copy> {
    now: SimTime,
    queue: Queue<E>,
}

impl<E: Copy> Calendar<E> {
    /// An empty calendar whose clock stands at [`SimTime::ZERO`].
    pub fn new() -> Self {
        Self {
            now: SimTime::ZERO,
            queue: Queue::new(),
        }
    }

    /// The current instant: that of the last popped event, or the horizon that was reached.
    pub fn now(&self) -> SimTime {
        self.now
    }

    /// Schedules `event` at the instant `at`, which must not lie in the past. An event at
    /// [`SimTime::NEVER`] is not scheduled.
    #[inline]
    pub fn schedule(&mut self, at: SimTime, event: E) {
        assert!(at >= self.now, "an event was scheduled in the past");
        if at != SimTime::NEVER {
            self.queue.push(at.nanos(), event);
        }
    }

    /// Takes the next event that is due at or before `horizon`, and moves the clock to it. Without
    /// such an event the clock moves to the horizon, unless that is [`SimTime::NEVER`]. Drops
    /// events for which `is_stale` holds.
    #[inline]
    pub(super) fn pop_until(
        &mut self,
        horizon: SimTime,
        is_stale: impl Fn(&E) -> bool,
    ) -> Option<E> {
        assert!(horizon >= self.now, "the horizon lies in the past");
        if let Some((time, event)) = self.queue.pop_until(horizon.nanos(), is_stale) {
            self.now = SimTime::from_nanos(time);
            return Some(event);
        }
        if horizon != SimTime::NEVER {
            self.now = horizon;
        }
        None
    }

    /// Forgets all events and sets the clock to [`SimTime::ZERO`]. Keeps the memory for another
    /// simulation.
    pub fn clear(&mut self) {
        self.now = SimTime::ZERO;
        self.queue.clear();
    }
}

impl<E: Copy> Default for Calendar<E> {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::SimDuration;

    fn at(seconds: u64) -> SimTime {
        SimTime::ZERO + SimDuration::from_secs(seconds)
    }

    fn pop<E: Copy>(calendar: &mut Calendar<E>, horizon: SimTime) -> Option<E> {
        calendar.pop_until(horizon, |_| false)
    }

    #[test]
    fn events_come_in_order_of_time_then_of_scheduling() {
        let mut calendar = Calendar::new();
        for (seconds, name) in [(2, 'c'), (1, 'a'), (2, 'd'), (1, 'b'), (3, 'e')] {
            calendar.schedule(at(seconds), name);
        }
        let popped: String = std::iter::from_fn(|| pop(&mut calendar, at(2))).collect();
        assert_eq!(popped, "abcd");
        assert_eq!(calendar.now(), at(2));
        assert_eq!(pop(&mut calendar, SimTime::NEVER), Some('e'));
        assert_eq!(pop(&mut calendar, SimTime::NEVER), None);
        assert_eq!(calendar.now(), at(3));
    }

    #[test]
    fn an_event_at_now_comes_after_those_already_due_now() {
        let mut calendar = Calendar::new();
        calendar.schedule(at(1), 1);
        calendar.schedule(at(1), 2);
        assert_eq!(pop(&mut calendar, at(9)), Some(1));
        calendar.schedule(calendar.now() + SimDuration::ZERO, 3);
        calendar.schedule(calendar.now() + SimDuration::NANO, 4);
        let rest: Vec<u32> = std::iter::from_fn(|| pop(&mut calendar, at(9))).collect();
        assert_eq!(rest, [2, 3, 4]);
        assert_eq!(calendar.now(), at(9));
    }

    #[test]
    fn events_may_be_scheduled_between_two_horizons() {
        let mut calendar = Calendar::new();
        let far = 3_000..3_050;
        // The first events fill the sorted part of the queue; the others begin beyond it.
        for count in 0..16 {
            calendar.schedule(at(1), count);
        }
        for count in far.clone() {
            calendar.schedule(at(1_000 * count), count);
        }
        for count in 0..16 {
            assert_eq!(pop(&mut calendar, at(10)), Some(count));
        }
        assert_eq!(pop(&mut calendar, at(10)), None);
        // More events than the sorted part of the queue takes.
        for count in 1..=2_000 {
            calendar.schedule(calendar.now() + SimDuration::from_nanos(count), count);
        }
        for count in (1..=2_000).chain(far) {
            assert_eq!(pop(&mut calendar, SimTime::NEVER), Some(count));
        }
        assert_eq!(pop(&mut calendar, SimTime::NEVER), None);
    }

    #[test]
    fn never_is_not_scheduled() {
        let mut calendar = Calendar::new();
        calendar.schedule(SimTime::NEVER, ());
        calendar.schedule(calendar.now() + SimDuration::MAX, ());
        assert_eq!(pop(&mut calendar, SimTime::NEVER), None);
    }

    #[test]
    fn clear_begins_again() {
        let mut calendar = Calendar::new();
        for seconds in 0..1_000 {
            calendar.schedule(at(seconds), seconds);
        }
        assert!(pop(&mut calendar, at(5)).is_some());
        calendar.clear();
        assert_eq!(pop(&mut calendar, SimTime::NEVER), None);
        calendar.schedule(SimTime::ZERO, 7);
        assert_eq!(pop(&mut calendar, SimTime::ZERO), Some(7));
    }

    #[test]
    #[should_panic(expected = "scheduled in the past")]
    fn the_past_is_a_bug() {
        let mut calendar = Calendar::new();
        calendar.schedule(at(1), ());
        pop(&mut calendar, at(2));
        pop(&mut calendar, at(3));
        calendar.schedule(at(2), ());
    }
}
