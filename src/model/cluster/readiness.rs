//! Whether the members of a cluster take targets: the size they wait for, and the deadline.

use crate::model::blueprint::WaitForSize;
use crate::units::{SimDuration, SimTime};

/// Whether the members of a cluster take targets.
///
/// Source: grafana/alloy, `internal/service/cluster`, minimum cluster size and its deadline, and
/// Grafana Alloy documentation, `alloy run`, `--cluster.wait-for-size` (read 2026-11).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::model) enum Readiness {
    /// The cluster is large enough, or its members wait for no size.
    #[default]
    Ready,
    /// The cluster is too small, and its members wait.
    NotReady {
        /// When the cluster became too small.
        since: SimTime,
    },
    /// The cluster is too small, but its members' deadline has passed.
    DeadlinePassed,
}

/// A change of the readiness of a cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::model) enum Change {
    /// The cluster has become too small, and its members wait.
    Began,
    /// The members no longer wait.
    Ended {
        /// When the wait began.
        since: SimTime,
    },
}

impl Readiness {
    /// Whether the members take targets.
    pub(in crate::model) fn takes_targets(self) -> bool {
        !matches!(self, Self::NotReady { .. })
    }

    /// Since when the members wait; `None` if they do not.
    pub(in crate::model) fn waits_since(self) -> Option<SimTime> {
        match self {
            Self::NotReady { since } => Some(since),
            _ => None,
        }
    }

    /// Updates the readiness, with `size` members in service at `now`.
    pub(in crate::model) fn look(
        &mut self,
        size: usize,
        wait: WaitForSize,
        now: SimTime,
    ) -> Option<Change> {
        if size >= wait.size as usize {
            let before = std::mem::replace(self, Self::Ready);
            return before.waits_since().map(|since| Change::Ended { since });
        }
        if *self != Self::Ready {
            return None;
        }
        *self = Self::NotReady { since: now };
        Some(Change::Began)
    }

    /// The members stop waiting at their deadline. Returns since when they waited; `None` if the
    /// deadline does not apply.
    pub(in crate::model) fn give_up(
        &mut self,
        timeout: SimDuration,
        now: SimTime,
    ) -> Option<SimTime> {
        let since = self.waits_since()?;
        if since + timeout != now {
            // The deadline is of an earlier wait.
            return None;
        }
        *self = Self::DeadlinePassed;
        Some(since)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::properties::properties;
    use crate::units::Span;

    const WAIT: WaitForSize = WaitForSize {
        size: 3,
        timeout: SimDuration::from_nanos(100),
    };

    fn at(nanos: u64) -> SimTime {
        SimTime::from_nanos(nanos)
    }

    #[test]
    fn a_cluster_waits_until_it_is_large_enough() {
        let mut readiness = Readiness::default();
        assert_eq!(readiness.look(3, WAIT, at(0)), None);
        assert_eq!(readiness.look(2, WAIT, at(10)), Some(Change::Began));
        assert!(!readiness.takes_targets());
        assert_eq!(readiness.look(1, WAIT, at(20)), None, "it waits already");
        assert_eq!(readiness.give_up(WAIT.timeout, at(50)), None, "too early");
        let ended = Some(Change::Ended { since: at(10) });
        assert_eq!(readiness.look(3, WAIT, at(60)), ended);
        assert!(readiness.takes_targets());
        assert_eq!(readiness.give_up(WAIT.timeout, at(110)), None, "it is over");
    }

    #[test]
    fn a_cluster_that_gave_up_takes_targets_whatever_its_size_until_it_was_large_enough() {
        let mut readiness = Readiness::default();
        readiness.look(2, WAIT, at(10));
        assert_eq!(readiness.give_up(WAIT.timeout, at(110)), Some(at(10)));
        assert_eq!(readiness.look(1, WAIT, at(120)), None);
        assert!(readiness.takes_targets());
        assert_eq!(
            readiness.look(3, WAIT, at(130)),
            None,
            "the wait is over since 110"
        );
        assert_eq!(readiness.look(2, WAIT, at(140)), Some(Change::Began));
    }

    proptest! {
        #![proptest_config(properties(256))]

        /// Compared with the rule in words. The members wait while the cluster is too small, and
        /// for less than the deadline without a break.
        #[test]
        fn the_waits_are_those_of_the_rule(looks in prop::collection::vec((1..60_u64, 0..5_usize), 1..40)) {
            let mut readiness = Readiness::default();
            let (mut now, mut small_since) = (SimTime::ZERO, None);
            let (mut waited, mut expected) = (SimDuration::ZERO, SimDuration::ZERO);
            let end_of = |since: SimTime| since + WAIT.timeout;
            for (gap, size) in looks {
                let next = now + SimDuration::from_nanos(gap);
                if let Some(since) = small_since {
                    expected += next.min(end_of(since)).since(now);
                    if Span::new(now, next).contains(end_of(since)) {
                        let began = readiness.give_up(WAIT.timeout, end_of(since));
                        waited += began.map_or(SimDuration::ZERO, |began| end_of(since) - began);
                    }
                }
                now = next;
                if let Some(Change::Ended { since }) = readiness.look(size, WAIT, now) {
                    waited += now - since;
                }
                small_since = (size < 3).then(|| small_since.unwrap_or(now));
                let waits = small_since.is_some_and(|since| now <= end_of(since));
                prop_assert_eq!(readiness.takes_targets(), !waits);
            }
            let waits = readiness.waits_since();
            waited += waits.map_or(SimDuration::ZERO, |since| now - since);
            prop_assert_eq!(waited, expected);
        }
    }
}
