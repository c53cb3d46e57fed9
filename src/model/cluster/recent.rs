//! Recent losses and kills of the members of a cluster.
//!
//! In a cascade the loss of one collector overloads its peers, which are killed one after the
//! other.

use std::collections::{BTreeMap, VecDeque};

use crate::units::{SimDuration, SimTime};

/// Time after the loss of a collector in which kills of its peers count as its consequence.
///
/// INFERRED: peers take over within a minute and scrape within another. So ten minutes see about
/// five kills, one after the other. Later kills come from the series that have moved.
const WINDOW: SimDuration = SimDuration::from_mins(10);

/// Recent losses and kills of the members of a cluster, in order of time.
#[derive(Clone, Debug, Default)]
pub(in crate::model) struct Recent {
    lost: VecDeque<Past>,
    killed: VecDeque<Past>,
    /// Recent kills of each member.
    kills: BTreeMap<u32, u32>,
}

/// A loss or a kill of a member.
#[derive(Clone, Copy, Debug)]
struct Past {
    at: SimTime,
    index: u32,
}

impl Recent {
    fn forget(&mut self, now: SimTime) {
        let is_old = |past: &Past| past.at + WINDOW < now;
        while self.lost.pop_front_if(|past| is_old(past)).is_some() {}
        while let Some(Past { index, .. }) = self.killed.pop_front_if(|past| is_old(past)) {
            let kills = self.kills.get_mut(&index).expect("each kill is counted");
            *kills -= 1;
            if *kills == 0 {
                self.kills.remove(&index);
            }
        }
    }

    /// Notes a kill. The loss of the member is noted separately, afterwards. Returns how many
    /// members were killed since the first loss, except the member that was lost first.
    pub(in crate::model) fn kill(&mut self, now: SimTime, index: u32) -> usize {
        self.forget(now);
        self.killed.push_back(Past { at: now, index });
        *self.kills.entry(index).or_default() += 1;
        let first = self.lost.front().map_or(index, |first| first.index);
        self.kills.len() - usize::from(self.kills.contains_key(&first))
    }

    /// Notes that a member leaves its targets to its peers, for whatever reason.
    pub(in crate::model) fn lose(&mut self, now: SimTime, index: u32) {
        self.forget(now);
        self.lost.push_back(Past { at: now, index });
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;
    use crate::properties::properties;

    #[test]
    fn kills_count_from_the_first_loss_and_each_member_once() {
        let at = SimTime::from_nanos;
        let windows = |count| SimTime::ZERO + WINDOW * count;
        let mut recent = Recent::default();
        let mut kill = |now, index| {
            let fallen = recent.kill(now, index);
            recent.lose(now, index);
            fallen
        };
        assert_eq!(kill(at(0), 3), 0, "nobody was lost before");
        assert_eq!(kill(at(40), 1), 1);
        assert_eq!(kill(at(50), 1), 1, "the same one again");
        assert_eq!(kill(at(60), 3), 1, "the first one again");
        assert_eq!(kill(at(70), 2), 2);
        // The first loss is too long ago. After the second loss, of member 1, members 3, 2 and now
        // 0 were killed.
        assert_eq!(kill(at(30) + WINDOW, 0), 3);
        assert_eq!(kill(windows(3), 0), 0, "everything is too long ago");
        recent.lose(windows(4), 7);
        assert_eq!(
            recent.kill(windows(4).just_after(), 8),
            1,
            "one that was asked to stop"
        );
    }

    /// The kills since the first loss of the last ten minutes, counted anew each time.
    fn counted_anew(events: &[(Past, bool)], now: SimTime) -> usize {
        let young = events.iter().filter(|(past, _)| past.at + WINDOW >= now);
        let killed = young.clone().filter(|(_, is_kill)| *is_kill);
        let killed: BTreeSet<u32> = killed.map(|(past, _)| past.index).collect();
        let first = young.map(|(past, _)| past.index).next();
        killed.len() - usize::from(first.is_some_and(|first| killed.contains(&first)))
    }

    proptest! {
        #![proptest_config(properties(256))]

        #[test]
        fn only_the_last_ten_minutes_count(
            events in prop::collection::vec((0..WINDOW.nanos() / 3, 0..5_u32, any::<bool>()), 1..60),
        ) {
            let (mut recent, mut now, mut so_far) = (Recent::default(), SimTime::ZERO, Vec::new());
            for (gap, index, is_kill) in events {
                now += SimDuration::from_nanos(gap);
                so_far.push((Past { at: now, index }, is_kill));
                if is_kill {
                    prop_assert_eq!(recent.kill(now, index), counted_anew(&so_far, now));
                }
                recent.lose(now, index);
            }
        }
    }
}
