//! How many draws each case gets: a fixed number, or as many as the verdicts need.

use std::ops::Range;

use super::block;

/// Draws before the first look: a goal of 1 % can be settled by 348.
const FIRST: u32 = 400;

/// The number of draws of each case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Draws {
    /// This number, at least 1.
    Fixed(u32),
    /// Rounds of draws, until every verdict that decides the exit code is settled.
    UntilSettled {
        /// Most draws, at least 1.
        most: u32,
    },
}

impl Draws {
    /// Most draws that a case gets.
    pub const fn most(self) -> u32 {
        match self {
            Self::Fixed(draws) => draws,
            Self::UntilSettled { most } => most,
        }
    }

    /// The draws of the round after `done` draws; `None` if no more are allowed.
    ///
    /// The first round of an open number has 400 draws. Each later round adds a quarter of the draws so
    /// far, in whole blocks. Verdicts may be looked at as often as one likes, so rounds are short. They
    /// depend on nothing but the number of draws: threads and cases change no round.
    pub fn round(self, done: u32) -> Option<Range<u32>> {
        let length = match self {
            Self::Fixed(draws) => draws,
            Self::UntilSettled { .. } if done == 0 => FIRST,
            Self::UntilSettled { .. } => done.div_ceil(4).next_multiple_of(block::DRAWS_MAX),
        };
        let end = done.saturating_add(length).min(self.most());
        (done < end).then_some(done..end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ends(draws: Draws) -> Vec<u32> {
        let mut ends = vec![0];
        while let Some(round) = draws.round(ends[ends.len() - 1]) {
            assert_eq!(round.start, ends[ends.len() - 1]);
            ends.push(round.end);
        }
        ends.split_off(1)
    }

    #[test]
    fn rounds_grow_by_a_quarter_up_to_the_most() {
        assert_eq!(ends(Draws::Fixed(7)), [7]);
        assert_eq!(ends(Draws::UntilSettled { most: 7 }), [7]);
        let rounds = ends(Draws::UntilSettled { most: 1_000 });
        assert_eq!(rounds, [400, 512, 640, 800, 1_000]);
        assert_eq!(ends(Draws::UntilSettled { most: 1_000_000 }).len(), 36);
    }
}
