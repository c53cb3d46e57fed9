//! The queue of one collector to one endpoint: a state machine without a clock.

use super::remote_write::Drain;
use crate::model::load::work::left_over;
use crate::units::{SimDuration, SimTime};

/// Which queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::model) struct QueueId {
    /// Index of the collector in its fleet.
    pub collector: u32,
    /// Number of the route in its pipeline.
    pub route: usize,
}

/// What becomes of the samples that a collector takes in, on the way to one endpoint.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::model) enum Queue {
    /// They leave at once.
    #[default]
    Steady,
    /// They stay in the WAL.
    Stalled {
        /// Since when nothing leaves.
        since: SimTime,
    },
    /// The WAL is being worked off.
    Draining(Drain),
}

/// What happens to samples on a stretch of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flow {
    /// They leave.
    Pass,
    /// They stay.
    Hold,
    /// They leave, and some of the backlog stays.
    Drain(Rest),
    /// They leave, and some of the backlog was lost at an instant.
    Cut { rest: Rest, at: SimTime },
}

/// How far a drain has come: `left` of every `of` of its backlog is still there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rest {
    pub left: SimDuration,
    pub of: SimDuration,
}

impl Rest {
    /// What is left of a backlog, rounded down.
    pub(super) fn of_backlog(self, backlog: u128) -> u128 {
        left_over(backlog, self.left, self.of)
    }
}

impl Queue {
    /// Nothing leaves from `now` on.
    pub(in crate::model) fn stall(&mut self, now: SimTime) {
        if !matches!(self, Self::Stalled { .. }) {
            *self = Self::Stalled { since: now };
        }
    }

    /// Ends a stall; returns since when nothing left.
    pub(in crate::model) fn resume(&mut self) -> Option<SimTime> {
        let Self::Stalled { since } = *self else {
            return None;
        };
        *self = Self::Steady;
        Some(since)
    }

    /// When the WAL is worked off, or a truncation takes the rest, if it drains.
    pub(in crate::model) fn drained_at(&self) -> Option<SimTime> {
        match self {
            Self::Draining(drain) => Some(drain.until),
            Self::Steady | Self::Stalled { .. } => None,
        }
    }

    /// When a drain ends, for whatever reason.
    pub(super) fn end_of_drain(&self) -> Option<SimTime> {
        match self {
            Self::Draining(drain) => {
                Some(drain.cut.map_or(drain.until, |cut| cut.min(drain.until)))
            }
            Self::Steady | Self::Stalled { .. } => None,
        }
    }

    /// What happens to samples up to `now`; afterwards the queue is in its state of `now`.
    pub(super) fn advance(&mut self, now: SimTime) -> Flow {
        let Self::Draining(drain) = *self else {
            return match self {
                Self::Steady | Self::Draining(_) => Flow::Pass,
                Self::Stalled { .. } => Flow::Hold,
            };
        };
        let of = drain.until - drain.from;
        if let Some(at) = drain.cut.filter(|&cut| cut <= now) {
            *self = Self::Steady;
            let left = drain.until - at;
            let rest = Rest { left, of };
            return Flow::Cut { rest, at };
        }
        if drain.until <= now {
            *self = Self::Steady;
            let left = SimDuration::ZERO;
            return Flow::Drain(Rest { left, of });
        }
        *self = Self::Draining(Drain { from: now, ..drain });
        let left = drain.until - now;
        Flow::Drain(Rest { left, of })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::properties::properties;

    const DRAIN: Drain = Drain {
        from: at(100),
        until: at(200),
        cut: None,
    };

    const fn at(nanos: u64) -> SimTime {
        SimTime::from_nanos(nanos)
    }

    const fn rest(left: u64, of: u64) -> Rest {
        Rest {
            left: SimDuration::from_nanos(left),
            of: SimDuration::from_nanos(of),
        }
    }

    #[test]
    fn a_stall_keeps_its_beginning() {
        let mut queue = Queue::default();
        queue.stall(at(5));
        queue.stall(at(9));
        assert_eq!(queue.advance(at(50)), Flow::Hold);
        assert_eq!(queue.resume(), Some(at(5)));
        assert_eq!(queue.resume(), None);
        assert_eq!(queue.advance(at(60)), Flow::Pass);
    }

    #[test]
    fn a_drain_ends_by_itself_or_by_a_truncation() {
        let mut queue = Queue::Draining(DRAIN);
        assert_eq!(queue.advance(at(150)), Flow::Drain(rest(50, 100)));
        assert_eq!(queue.advance(at(175)), Flow::Drain(rest(25, 50)));
        assert_eq!(queue.advance(at(200)), Flow::Drain(rest(0, 25)));
        assert_eq!(queue, Queue::Steady);
        let mut queue = Queue::Draining(Drain {
            cut: Some(at(160)),
            ..DRAIN
        });
        assert_eq!(queue.end_of_drain(), Some(at(160)));
        let cut = Flow::Cut {
            rest: rest(40, 100),
            at: at(160),
        };
        assert_eq!(queue.advance(at(300)), cut);
        assert_eq!(queue, Queue::Steady);
    }

    proptest! {
        #![proptest_config(properties(256))]

        /// However often a drain is looked at, its backlog never grows, and nothing is left at its end.
        #[test]
        fn a_drain_empties_its_backlog(
            backlog in 0_u128..1 << 90,
            steps in prop::collection::vec(1_u64..40, 1..30),
        ) {
            let mut queue = Queue::Draining(DRAIN);
            let (mut held, mut now) = (backlog, DRAIN.from);
            for step in steps {
                now += SimDuration::from_nanos(step);
                let before = held;
                match queue.advance(now) {
                    Flow::Drain(rest) => held = rest.of_backlog(held),
                    flow => prop_assert_eq!(flow, Flow::Pass),
                }
                prop_assert!(held <= before);
                prop_assert_eq!(queue == Queue::Steady, now >= DRAIN.until);
                prop_assert!(now < DRAIN.until || held == 0);
            }
        }
    }
}
