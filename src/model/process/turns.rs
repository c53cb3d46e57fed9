//! How the signals of one process share its cores when they ask for more than there are.
//!
//! Go runs goroutines in turn. A signal with many goroutines that can run gets more turns than one
//! whose lines pass from hand to hand. What either of them asks for does not matter.

/// Share of all cores that a signal keeps whose work is one chain of hand-overs.
///
/// INFERRED: 5 to 7 %, from a measurement of ours (not published) of Alloy 1.18. Metrics, logs and
/// traces asked for 0.6 cores and got 0.14 to 0.48.
const KEPT: f64 = 0.06;

/// Ways in which a signal uses its goroutines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hands {
    /// Each chain works by itself: scrapes, shards that send, connections that bring spans.
    Many,
    /// Chains of hand-overs, from the file to the endpoint. They yield to the others.
    HandedOn,
}

/// What one signal asks of its process.
///
/// Simplified: a process that is short of cores asks for as much as one that is not. The one that
/// was measured asked for a tenth less.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ask {
    /// Cores.
    pub cores: f64,
    /// Chains in which its work can run: goroutines, or pipelines of hand-overs.
    pub chains: f64,
    /// How the chains work.
    pub hands: Hands,
}

impl Ask {
    /// Turns that the signal gets among others. They grow with the square root of its chains, since
    /// of many chains not all can run at once.
    ///
    /// INFERRED: from the measurement of [`KEPT`]. Of 150 targets, one shard, 4 to 32 connections and
    /// one or four log pipelines, each got its share within 8 points in the mean.
    fn turns(&self) -> f64 {
        self.chains.max(1.0).sqrt()
    }

    /// Cores of `cores` that the signal gets beside another one that wants them all.
    pub(super) fn beside(&self, other: &Self, cores: f64) -> f64 {
        let part = self.turns() / (self.turns() + other.turns());
        self.cores.min(part * cores)
    }

    /// Cores that the signal keeps of `cores`, however much the others ask for.
    pub(super) fn kept(&self, cores: f64) -> f64 {
        match self.hands {
            Hands::Many => 0.0,
            Hands::HandedOn => self.cores.min(KEPT * self.turns() * cores),
        }
    }
}

/// The cores that each of `asks` gets of `cores`.
///
/// What is handed on keeps a small share, or what it asks for if that is less. The others share the
/// rest by turns. What they leave goes to what is handed on.
pub fn share<const N: usize>(cores: f64, asks: &[Ask; N]) -> [f64; N] {
    if asks.iter().map(|ask| ask.cores).sum::<f64>() <= cores {
        return asks.map(|ask| ask.cores);
    }
    let kept = asks.map(|ask| ask.kept(cores));
    let of_all = (cores / kept.iter().sum::<f64>()).min(1.0);
    let mut got = kept.map(|kept| kept * of_all);
    for hands in [Hands::Many, Hands::HandedOn] {
        let left = (cores - got.iter().sum::<f64>()).max(0.0);
        fill(left, (asks, hands), &mut got);
    }
    got
}

/// Deals `left` cores out among the asks with these hands, in proportion to their turns and up to
/// what each asks for.
fn fill<const N: usize>(mut left: f64, (asks, hands): (&[Ask; N], Hands), got: &mut [f64; N]) {
    let mut open = asks.map(|ask| ask.hands == hands && ask.cores > 0.0);
    loop {
        let turns = asks.iter().zip(open).filter(|&(_, open)| open);
        let turns: f64 = turns.map(|(ask, _)| ask.turns()).sum();
        if turns <= 0.0 {
            return;
        }
        let per_turn = left / turns;
        let mut served = false;
        for place in 0..N {
            let wants = asks[place].cores - got[place];
            if open[place] && wants <= per_turn * asks[place].turns() {
                (got[place], open[place], served) = (asks[place].cores, false, true);
                left -= wants;
            }
        }
        if !served {
            for place in (0..N).filter(|&place| open[place]) {
                got[place] += per_turn * asks[place].turns();
            }
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::properties::properties;

    fn many(cores: f64, chains: f64) -> Ask {
        Ask {
            cores,
            chains,
            hands: Hands::Many,
        }
    }

    fn handed_on(cores: f64, chains: f64) -> Ask {
        Ask {
            hands: Hands::HandedOn,
            ..many(cores, chains)
        }
    }

    #[test]
    fn who_is_alone_gets_everything() {
        for ask in [many(3.0, 100.0), handed_on(3.0, 1.0)] {
            let [got] = share(2.0, &[ask]);
            assert!((got - 2.0).abs() < 1e-12, "{got}");
        }
    }

    #[test]
    fn tailing_yields_to_scrapes_and_keeps_its_share() {
        let [scrapes, lines] = share(0.5, &[many(0.001, 100.0), handed_on(0.996, 1.0)]);
        assert!((scrapes - 0.001).abs() < 1e-12 && (lines - 0.499).abs() < 1e-12);
        let [scrapes, lines] = share(0.5, &[many(4.0, 100.0), handed_on(0.996, 1.0)]);
        assert!((scrapes - 0.47).abs() < 1e-12 && (lines - 0.03).abs() < 1e-12);
        let [_, lines] = share(0.5, &[many(4.0, 100.0), handed_on(0.996, 4.0)]);
        assert!(
            (lines - 0.06).abs() < 1e-12,
            "four pipelines keep twice as much"
        );
        let [_, lines] = share(0.5, &[many(4.0, 100.0), handed_on(0.01, 1.0)]);
        assert!(
            (lines - 0.01).abs() < 1e-12,
            "nobody gets more than he asks for"
        );
    }

    proptest! {
        #![proptest_config(properties(256))]

        /// Everything is dealt out, nobody gets more than he asks for, and nobody gains by another's
        /// asking for more.
        #[test]
        fn cores_are_dealt_out(
            asks in prop::array::uniform4((0.0..2.0_f64, 1.0..500.0_f64, prop::bool::ANY)),
            cores in 0.01..4.0_f64,
        ) {
            let asks = asks.map(|(cores, chains, on)| {
                if on { handed_on(cores, chains) } else { many(cores, chains) }
            });
            let got = share(cores, &asks);
            let asked: f64 = asks.iter().map(|ask| ask.cores).sum();
            prop_assert!((got.iter().sum::<f64>() - asked.min(cores)).abs() < 1e-9);
            let mut greedy = asks;
            greedy[0].cores *= 2.0;
            let less = share(cores, &greedy);
            for place in 0..4 {
                prop_assert!(got[place] <= asks[place].cores + 1e-12);
                prop_assert!(place == 0 || less[place] <= got[place] + 1e-9);
            }
        }
    }
}
