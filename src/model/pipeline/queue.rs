//! The queue of one collector to one endpoint: a state machine without a clock.

use super::remote_write::{Cut, Drain};
use crate::model::load::work::left_over;
use crate::units::{SimDuration, SimTime};

/// Identifies a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::model) struct QueueId {
    /// Index of the collector in its fleet.
    pub collector: u32,
    /// Number of the route in its pipeline.
    pub route: usize,
}

/// The state of a collector's samples on the route to one endpoint.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::model) enum Queue {
    /// Samples leave at once.
    #[default]
    Steady,
    /// Samples stay in the WAL.
    Stalled {
        /// Since when no sample leaves.
        since: SimTime,
        /// First sample that a truncation has taken from the reader; it loses all that follow.
        lost_from: Option<SimTime>,
    },
    /// The backlog in the WAL is being worked off.
    Draining(Drain),
    /// The backlog in the WAL is being worked off, at the level of an endpoint that deals its
    /// capacity.
    Sharing(Share),
}

/// How a backlog is worked off where an endpoint takes less than it is offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::model) struct Share {
    /// When the collector began to work off its backlog.
    pub since: SimTime,
    /// Samples per second that the collector would send if the endpoint took all of them.
    pub most: u64,
    /// When the backlog ends by the present deal.
    pub until: SimTime,
}

/// What happens to samples over a span.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flow {
    /// Samples leave.
    Pass,
    /// Samples stay.
    Hold,
    /// Samples leave, and a part of the backlog stays.
    Drain(Rest),
    /// Samples leave, and a part of the rest of the backlog was lost to a truncation.
    Cut { rest: Rest, cut: Cut },
}

/// Progress of a drain: `left` of every `of` of its backlog is still there.
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
    /// From `now` on no sample leaves.
    pub(in crate::model) fn stall(&mut self, now: SimTime) {
        if !matches!(self, Self::Stalled { .. }) {
            *self = Self::Stalled {
                since: now,
                lost_from: None,
            };
        }
    }

    /// Ends a stall. Returns since when no sample left, and the first sample that a truncation took.
    pub(in crate::model) fn resume(&mut self) -> Option<(SimTime, Option<SimTime>)> {
        let Self::Stalled { since, lost_from } = *self else {
            return None;
        };
        *self = Self::Steady;
        Some((since, lost_from))
    }

    /// When a drain has worked off the backlog, without regard to truncations; `None` without a
    /// drain.
    pub(in crate::model) fn drained_at(&self) -> Option<SimTime> {
        match self {
            Self::Draining(drain) => Some(drain.until),
            Self::Sharing(share) => Some(share.until),
            Self::Steady | Self::Stalled { .. } => None,
        }
    }

    /// When a drain ends, by an empty backlog or by a truncation.
    pub(super) fn end_of_drain(&self) -> Option<SimTime> {
        match self {
            Self::Draining(drain) => {
                Some(drain.cut.map_or(drain.until, |cut| cut.at.min(drain.until)))
            }
            Self::Steady | Self::Stalled { .. } | Self::Sharing(_) => None,
        }
    }

    /// What happens to samples up to `now`. Afterwards the queue is in its state at `now`.
    pub(super) fn advance(&mut self, now: SimTime) -> Flow {
        let Self::Draining(drain) = *self else {
            return match self {
                Self::Steady | Self::Sharing(_) | Self::Draining(_) => Flow::Pass,
                Self::Stalled { .. } => Flow::Hold,
            };
        };
        let of = drain.until - drain.from;
        if let Some(cut) = drain.cut.filter(|cut| cut.at <= now) {
            *self = Self::Steady;
            let left = drain.until - cut.at;
            let rest = Rest { left, of };
            return Flow::Cut { rest, cut };
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
        assert_eq!(queue.resume(), Some((at(5), None)));
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
        let taken = Cut {
            at: at(160),
            lost: 1_000_000_000,
        };
        let mut queue = Queue::Draining(Drain {
            cut: Some(taken),
            ..DRAIN
        });
        assert_eq!(queue.end_of_drain(), Some(at(160)));
        let cut = Flow::Cut {
            rest: rest(40, 100),
            cut: taken,
        };
        assert_eq!(queue.advance(at(300)), cut);
        assert_eq!(queue, Queue::Steady);
    }

    proptest! {
        #![proptest_config(properties(256))]

        /// However often a drain is advanced, its backlog never grows, and nothing is left at its
        /// end.
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
