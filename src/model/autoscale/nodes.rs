//! Nodes that are added for replicas which find no room.

use crate::units::SimTime;

/// Nanoseconds after which a node that nothing needs is taken away again.
///
/// Source: kubernetes/autoscaler, cluster-autoscaler FAQ, `scale-down-unneeded-time` (read 2026-11).
const NODE_UNNEEDED: u64 = 600_000_000_000;

/// Replicas that fit: on the nodes of the pool in one cluster, and on a node of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// On the nodes that are there.
    pub here: u32,
    /// On a node that is added.
    pub per_node: u32,
}

impl Room {
    /// Nodes that have to be added for so many replicas.
    pub fn lacking(self, replicas: u32) -> u32 {
        replicas.saturating_sub(self.here).div_ceil(self.per_node)
    }
}

/// Nodes that were added for the replicas of one cluster.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Nodes {
    /// Those that are there, and those under way.
    added: u32,
    /// Those that were there before the last ones were requested.
    before: u32,
    /// Nanosecond at which the last ones are there.
    ready: u64,
    /// Nanosecond since which fewer would do.
    unneeded_since: Option<u64>,
    /// How often nodes were requested.
    requests: u32,
}

impl Nodes {
    /// Nanoseconds until so many added nodes are there. A request for more of them takes
    /// `seconds(number of the request)`.
    pub fn wait(&mut self, lacking: u32, now: u64, seconds: impl Fn(u32) -> f64) -> u64 {
        if now >= self.ready {
            self.before = self.added;
        }
        if lacking <= self.before {
            return 0;
        }
        if lacking > self.added {
            self.requests += 1;
            self.added = lacking;
            let takes = SimTime::from_secs_f64(seconds(self.requests).max(0.0));
            self.ready = now + takes.nanos();
        }
        self.ready - now
    }

    /// The replicas are now another number: nodes that were not needed for long are gone, and from now
    /// on fewer may be needed.
    pub fn review(&mut self, room: Room, (before, replicas): (u32, u32), now: u64) {
        if let Some(since) = self.unneeded_since
            && now - since > NODE_UNNEEDED
        {
            self.added = self.added.min(room.lacking(before));
        }
        let needed = room.lacking(replicas);
        self.unneeded_since = (needed < self.added).then_some(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: u64 = 60_000_000_000;

    #[test]
    fn a_replica_waits_for_the_node_that_is_under_way() {
        let room = Room {
            here: 2,
            per_node: 3,
        };
        let mut nodes = Nodes::default();
        let seconds = |request| 60.0 * f64::from(request);
        assert_eq!(nodes.wait(room.lacking(2), 0, seconds), 0, "it fits");
        assert_eq!(nodes.wait(room.lacking(3), 0, seconds), MINUTE);
        assert_eq!(nodes.wait(room.lacking(5), MINUTE / 2, seconds), MINUTE / 2);
        assert_eq!(nodes.wait(room.lacking(6), MINUTE, seconds), 2 * MINUTE);
        assert_eq!(nodes.wait(room.lacking(5), 2 * MINUTE, seconds), 0);
    }

    #[test]
    fn a_node_that_is_not_needed_goes_after_ten_minutes() {
        let room = Room {
            here: 1,
            per_node: 1,
        };
        let mut nodes = Nodes::default();
        let seconds = |_| 60.0;
        nodes.wait(room.lacking(3), 0, seconds);
        nodes.review(room, (3, 1), 5 * MINUTE);
        nodes.review(room, (1, 3), 15 * MINUTE);
        assert_eq!(
            nodes.wait(room.lacking(3), 15 * MINUTE, seconds),
            0,
            "still there"
        );
        nodes.review(room, (3, 1), 20 * MINUTE);
        nodes.review(room, (1, 3), 31 * MINUTE);
        assert_eq!(nodes.wait(room.lacking(3), 31 * MINUTE, seconds), MINUTE);
    }
}
