//! Connections that collectors open to work off their backlogs, and what is left of them.

use crate::engine::RandomStream;
use crate::model::blueprint::EndpointId;
use crate::units::{SimDuration, SimTime};

/// Time for which a client keeps an idle connection open.
///
/// Source: prometheus/common, `config/http_config.go`, idle connection timeout of 5 min (read
/// 2026-11).
const IDLE: SimDuration = SimDuration::from_mins(5);

/// Connections that were opened together.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Episode {
    endpoint: EndpointId,
    /// Connections that are open until `closes`. Their ports are held until `free`.
    open: f64,
    /// Connections that were wanted too and found no port, until `drained`.
    lacking: f64,
    /// When the backlogs are worked off.
    drained: SimTime,
    closes: SimTime,
    free: SimTime,
}

/// The surges of a set of ports that still take some.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Surges(Vec<Episode>);

/// Connections on top of the steady ones.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::model) struct Opened {
    pub endpoint: EndpointId,
    /// Connections that have a port.
    pub open: f64,
    /// Connections that are wanted too and find none.
    pub lacking: f64,
}

impl Opened {
    /// No connection to an endpoint.
    pub(in crate::model) const fn none(endpoint: EndpointId) -> Self {
        Self {
            endpoint,
            open: 0.0,
            lacking: 0.0,
        }
    }

    /// Whether any connection is open or wanted.
    pub(in crate::model) fn is_any(&self) -> bool {
        self.open + self.lacking > 0.0
    }
}

/// Connections that a collector gets on top of its steady ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::model) struct Granted {
    pub first: u32,
    /// From `later_at` on, when ports are free that were held.
    pub later: u32,
    pub later_at: SimTime,
}

impl Surges {
    /// Connections that are open.
    pub(super) fn open(&self, now: SimTime) -> f64 {
        let open = self.0.iter().filter(|episode| episode.closes > now);
        open.map(|episode| episode.open).sum()
    }

    /// Ports that are held after a close, and when the last of them is free.
    pub(super) fn held(&self, now: SimTime) -> (f64, SimTime) {
        let held = self.0.iter().filter(|episode| episode.closes <= now);
        let held = held.filter(|episode| episode.free > now);
        held.fold((0.0, now), |(ports, last), episode| {
            (ports + episode.open, last.max(episode.free))
        })
    }

    /// Connections that find no port.
    pub(super) fn lacking(&self, now: SimTime) -> f64 {
        let busy = self.0.iter().filter(|episode| episode.drained > now);
        busy.map(|episode| episode.lacking).sum()
    }

    /// Open connections to an endpoint become those of a new surge of up to `wanted` connections.
    /// Returns how many.
    pub(super) fn reuse(&mut self, endpoint: EndpointId, wanted: f64, now: SimTime) -> f64 {
        let mut reused = 0.0;
        let open = self.0.iter_mut().filter(|episode| episode.closes > now);
        for episode in open.filter(|episode| episode.endpoint == endpoint) {
            let taken = episode.open.min(wanted - reused);
            episode.open -= taken;
            episode.lacking = 0.0;
            reused += taken;
        }
        reused
    }

    /// Connections are open until they have been idle for some time after `drained`. Their ports
    /// are free after a `hold`.
    pub(super) fn begin(&mut self, opened: Opened, drained: SimTime, hold: SimDuration) {
        let closes = drained + IDLE;
        self.0.push(Episode {
            endpoint: opened.endpoint,
            open: opened.open,
            lacking: opened.lacking,
            drained,
            closes,
            free: closes + hold,
        });
    }

    /// An endpoint resets all connections to it. Their ports are held for `hold`.
    pub(super) fn reset(&mut self, endpoint: EndpointId, now: SimTime, hold: SimDuration) {
        let open = self.0.iter_mut().filter(|episode| episode.closes > now);
        for episode in open.filter(|episode| episode.endpoint == endpoint) {
            episode.drained = episode.drained.min(now);
            episode.closes = now;
            episode.free = now + hold;
        }
    }

    /// Forgets what takes no port any more. Returns the next instant at which something changes.
    pub(super) fn settle(&mut self, now: SimTime) -> Option<SimTime> {
        self.0
            .retain(|episode| episode.free > now && (episode.open > 0.0 || episode.lacking > 0.0));
        let ends = self.0.iter();
        let ends = ends.flat_map(|episode| [episode.drained, episode.closes, episode.free]);
        ends.filter(|&end| end > now).min()
    }
}

/// Divides the ports that are free at first, and those that are free later, among collectors.
pub(super) fn granted(
    [first, later]: [u32; 2],
    wanted: &[u32],
    later_at: SimTime,
    chance: impl Fn(usize) -> RandomStream,
) -> Vec<Granted> {
    let all: u64 = wanted.iter().map(|&wanted| u64::from(wanted)).sum();
    let mut chances = Vec::new();
    if all > u64::from(first) {
        chances.extend((0..wanted.len()).map(chance));
    }
    let firsts = shared_out(first, wanted, &mut chances);
    let rests = wanted.iter().zip(&firsts);
    let rests: Vec<u32> = rests.map(|(wanted, first)| wanted - first).collect();
    let more = shared_out(later.saturating_sub(first), &rests, &mut chances);
    let both = firsts.into_iter().zip(more);
    both.map(|(first, more)| Granted {
        first,
        later: first + more,
        later_at,
    })
    .collect()
}

/// Divides `free` ports among collectors of which each wants some, by chance: whoever dials first
/// gets one. Returns the ports of each. Collectors need no `chances` if there is enough for all.
///
/// Simplified: every connection that is wanted is the next to be dialled with the same probability.
fn shared_out(free: u32, wanted: &[u32], chances: &mut [RandomStream]) -> Vec<u32> {
    let mut rest: u64 = wanted.iter().map(|&wanted| u64::from(wanted)).sum();
    let mut left = u64::from(free).min(rest);
    if left == rest {
        return wanted.to_vec();
    }
    let mut shares = Vec::with_capacity(wanted.len());
    for (&wanted, chance) in wanted.iter().zip(chances) {
        let mut share = 0;
        for _ in 0..wanted {
            // Of the dials that are left in random order, this one is among the first.
            if chance.unit() * (rest as f64) < left as f64 {
                share += 1;
                left -= 1;
            }
            rest -= 1;
        }
        shares.push(share);
    }
    shares
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::engine::RandomStreams;
    use crate::properties::properties;

    fn shares(free: u32, wanted: &[u32], seed: u64) -> Vec<u32> {
        let streams = RandomStreams::new(seed, 0);
        let chance = |at: usize| streams.stream(7, at as u64, 0);
        let granted = granted([free; 2], wanted, SimTime::ZERO, chance);
        granted.iter().map(|granted| granted.first).collect()
    }

    proptest! {
        #![proptest_config(properties(256))]

        /// Nobody gets more than it wants, and no port is left while somebody wants one.
        #[test]
        fn all_ports_that_are_wanted_are_given(
            [now, then] in [0..400_u32, 0..400_u32],
            wanted in prop::collection::vec(0..60_u32, 0..12),
            seed in 0..100_u64,
        ) {
            let streams = RandomStreams::new(seed, 0);
            let chance = |at: usize| streams.stream(7, at as u64, 0);
            let all: u32 = wanted.iter().sum();
            let given = granted([now, now + then], &wanted, SimTime::ZERO, chance);
            let first: u32 = given.iter().map(|given| given.first).sum();
            let later: u32 = given.iter().map(|given| given.later).sum();
            prop_assert_eq!((first, later), (now.min(all), (now + then).min(all)));
            for (given, wanted) in given.iter().zip(&wanted) {
                prop_assert!(given.first <= given.later && given.later <= *wanted);
            }
        }
    }

    /// Of 49 dials each, those of one collector among the first tenth follow a hypergeometric law:
    /// mean 4.9, variance 4.9 · 0.9 · (1 - 48/4899) = 4.37.
    #[test]
    fn who_dials_first_is_chance() {
        let shares: Vec<f64> = (0..100)
            .flat_map(|seed| shares(490, &[49; 100], seed))
            .map(f64::from)
            .collect();
        let count = shares.len() as f64;
        let mean = shares.iter().sum::<f64>() / count;
        assert!((mean - 4.9).abs() < 1e-9, "{mean}: all ports are given");
        let variance = shares
            .iter()
            .map(|share| (share - mean).powi(2))
            .sum::<f64>()
            / count;
        // Of 10,000 values, the variance has a standard error of 1.4 %.
        assert!((variance / 4.37 - 1.0).abs() < 0.06, "{variance}");
    }
}
