//! Nodes that are added for replicas which find no room.

use crate::units::{SimDuration, SimTime};

use super::Change;

/// Time after which a node without need is removed.
///
/// Source: kubernetes/autoscaler, cluster-autoscaler FAQ, `scale-down-unneeded-time` (read 2026-11).
const NODE_UNNEEDED: SimDuration = SimDuration::from_mins(10);

/// Number of replicas that fit on the nodes of a cluster, and on an added node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// On the present nodes of the pool in one cluster.
    pub here: u32,
    /// On one added node.
    pub per_node: u32,
}

impl Room {
    /// Nodes that have to be added for `replicas` replicas.
    pub fn lacking(self, replicas: u32) -> u32 {
        replicas.saturating_sub(self.here).div_ceil(self.per_node)
    }
}

/// Nodes that were added for the replicas of one cluster.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Nodes {
    /// Added nodes that are ready or on their way.
    added: u32,
    /// Added nodes that were there before the last request.
    before: u32,
    /// When the nodes of the last request are ready.
    ready: SimTime,
    /// Since when fewer nodes would suffice.
    unneeded_since: Option<SimTime>,
    /// Number of requests for nodes.
    requests: u32,
}

impl Nodes {
    /// Time until `lacking` added nodes are ready. A request for more nodes takes `seconds(number
    /// of the request)`.
    pub fn wait(
        &mut self,
        lacking: u32,
        now: SimTime,
        seconds: impl Fn(u32) -> f64,
    ) -> SimDuration {
        if now >= self.ready {
            self.before = self.added;
        }
        if lacking <= self.before {
            return SimDuration::ZERO;
        }
        if lacking > self.added {
            self.requests += 1;
            self.added = lacking;
            self.ready = now + SimDuration::from_secs_f64(seconds(self.requests));
        }
        self.ready - now
    }

    /// The number of replicas changes. Nodes that were unneeded for long are removed, and from
    /// `now` on fewer may be needed.
    pub fn review(&mut self, room: Room, change: Change, now: SimTime) {
        if let Some(since) = self.unneeded_since
            && now - since > NODE_UNNEEDED
        {
            self.added = self.added.min(room.lacking(change.before));
        }
        let needed = room.lacking(change.after);
        self.unneeded_since = (needed < self.added).then_some(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: SimDuration = SimDuration::from_mins(1);

    fn minute(minutes: u64) -> SimTime {
        SimTime::ZERO + MINUTE * minutes
    }

    fn change(before: u32, after: u32) -> Change {
        Change { before, after }
    }

    #[test]
    fn a_replica_waits_for_the_node_that_is_under_way() {
        let room = Room {
            here: 2,
            per_node: 3,
        };
        let mut nodes = Nodes::default();
        let seconds = |request| 60.0 * f64::from(request);
        assert_eq!(
            nodes.wait(room.lacking(2), minute(0), seconds),
            SimDuration::ZERO,
            "it fits"
        );
        assert_eq!(nodes.wait(room.lacking(3), minute(0), seconds), MINUTE);
        let half = SimTime::ZERO + MINUTE / 2;
        assert_eq!(nodes.wait(room.lacking(5), half, seconds), MINUTE / 2);
        assert_eq!(nodes.wait(room.lacking(6), minute(1), seconds), MINUTE * 2);
        assert_eq!(
            nodes.wait(room.lacking(5), minute(2), seconds),
            SimDuration::ZERO
        );
    }

    #[test]
    fn a_node_that_is_not_needed_goes_after_ten_minutes() {
        let room = Room {
            here: 1,
            per_node: 1,
        };
        let mut nodes = Nodes::default();
        let seconds = |_| 60.0;
        nodes.wait(room.lacking(3), minute(0), seconds);
        nodes.review(room, change(3, 1), minute(5));
        nodes.review(room, change(1, 3), minute(15));
        assert_eq!(
            nodes.wait(room.lacking(3), minute(15), seconds),
            SimDuration::ZERO,
            "still there"
        );
        nodes.review(room, change(3, 1), minute(20));
        nodes.review(room, change(1, 3), minute(31));
        assert_eq!(nodes.wait(room.lacking(3), minute(31), seconds), MINUTE);
    }
}
