//! The queue of one collector to one endpoint: a state machine without a clock.

use super::remote_write::Drain;

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
        /// Nanosecond since which nothing leaves.
        since: u64,
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
    /// They leave, and `left` of every `of` of the backlog stays.
    Drain { left: u64, of: u64 },
    /// They leave, and `left` of every `of` of the backlog was lost at a nanosecond.
    Cut { left: u64, of: u64, at: u64 },
}

impl Queue {
    /// Nothing leaves from `now` on.
    pub(in crate::model) fn stall(&mut self, now: u64) {
        if !matches!(self, Self::Stalled { .. }) {
            *self = Self::Stalled { since: now };
        }
    }

    /// Ends a stall; returns since when nothing left.
    pub(in crate::model) fn resume(&mut self) -> Option<u64> {
        let Self::Stalled { since } = *self else {
            return None;
        };
        *self = Self::Steady;
        Some(since)
    }

    /// Nanosecond at which the WAL is worked off, or a truncation takes the rest, if it drains.
    pub(in crate::model) fn drained_at(&self) -> Option<u64> {
        match self {
            Self::Draining(drain) => Some(drain.until),
            Self::Steady | Self::Stalled { .. } => None,
        }
    }

    /// Nanosecond at which a drain ends, for whatever reason.
    pub(super) fn end_of_drain(&self) -> Option<u64> {
        match self {
            Self::Draining(drain) => {
                Some(drain.cut.map_or(drain.until, |cut| cut.min(drain.until)))
            }
            Self::Steady | Self::Stalled { .. } => None,
        }
    }

    /// What happens to samples up to `now`; afterwards the queue is in its state of `now`.
    pub(super) fn advance(&mut self, now: u64) -> Flow {
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
            return Flow::Cut { left, of, at };
        }
        if drain.until <= now {
            *self = Self::Steady;
            return Flow::Drain { left: 0, of };
        }
        *self = Self::Draining(Drain { from: now, ..drain });
        let left = drain.until - now;
        Flow::Drain { left, of }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::load::work::left_over;
    use crate::properties::properties;
    use crate::units::SimDuration;

    const DRAIN: Drain = Drain {
        from: 100,
        until: 200,
        cut: None,
    };

    #[test]
    fn a_stall_keeps_its_beginning() {
        let mut queue = Queue::default();
        queue.stall(5);
        queue.stall(9);
        assert_eq!(queue.advance(50), Flow::Hold);
        assert_eq!(queue.resume(), Some(5));
        assert_eq!(queue.resume(), None);
        assert_eq!(queue.advance(60), Flow::Pass);
    }

    #[test]
    fn a_drain_ends_by_itself_or_by_a_truncation() {
        let mut queue = Queue::Draining(DRAIN);
        assert_eq!(queue.advance(150), Flow::Drain { left: 50, of: 100 });
        assert_eq!(queue.advance(175), Flow::Drain { left: 25, of: 50 });
        assert_eq!(queue.advance(200), Flow::Drain { left: 0, of: 25 });
        assert_eq!(queue, Queue::Steady);
        let mut queue = Queue::Draining(Drain {
            cut: Some(160),
            ..DRAIN
        });
        assert_eq!(queue.end_of_drain(), Some(160));
        let cut = Flow::Cut {
            left: 40,
            of: 100,
            at: 160,
        };
        assert_eq!(queue.advance(300), cut);
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
                now += step;
                let before = held;
                match queue.advance(now) {
                    Flow::Drain { left, of } => held = left_over(held, SimDuration::from_nanos(left), SimDuration::from_nanos(of)),
                    flow => prop_assert_eq!(flow, Flow::Pass),
                }
                prop_assert!(held <= before);
                prop_assert_eq!(queue == Queue::Steady, now >= DRAIN.until);
                prop_assert!(now < DRAIN.until || held == 0);
            }
        }
    }
}
