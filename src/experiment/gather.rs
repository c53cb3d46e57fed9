//! The draws of one case that have ended so far.

use std::collections::BTreeMap;
use std::ops::Range;

use super::block::Drawn;
use super::tally::Tally;

/// A case whose draws are being simulated. Their outcomes are in the blocks of an archive.
#[derive(Default)]
pub(super) struct Gathering {
    /// The blocks that have ended, by their first draw.
    blocks: BTreeMap<u32, Range<u32>>,
    /// Draws of the round that have not ended.
    left: u32,
    /// The draw so far that fails first.
    worst: Option<Tally>,
    guess: Guess,
}

/// A draw that is recorded before all draws have ended, because it is probably the worst.
#[derive(Default)]
enum Guess {
    /// No thread has begun to record a draw.
    #[default]
    None,
    /// A thread records this draw.
    Underway(u32),
    /// The draw with its event records.
    Recorded(Drawn),
    /// The case is complete and has been taken.
    Late,
}

/// A case all of whose draws have ended.
#[derive(Debug)]
pub(super) struct Gathered {
    /// Its blocks, in the order of their draws.
    pub(super) blocks: Vec<Range<u32>>,
    /// A draw that has been recorded, usually the worst one.
    pub(super) guess: Option<Drawn>,
}

impl Gathering {
    /// Waits for `draws` more draws.
    pub(super) const fn expect(&mut self, draws: u32) {
        self.left += draws;
    }

    /// Takes in the draws of a block, and the draw of it that has been recorded.
    pub(super) fn add(&mut self, draws: Range<u32>, tallies: &[Tally], recorded: Option<Drawn>) {
        self.left -= draws.end - draws.start;
        let failing = tallies.iter().filter(|tally| tally.first.is_some());
        for &tally in failing {
            self.worst = Some(self.worst.map_or(tally, |worst| worst.worse(tally)));
        }
        self.blocks.insert(draws.start, draws);
        if let Some(drawn) = recorded {
            self.guess = Guess::Recorded(drawn);
        }
    }

    /// Takes in the recorded draw, unless the case has been taken without it.
    pub(super) fn add_guess(&mut self, drawn: Drawn) {
        if !matches!(self.guess, Guess::Late) {
            self.guess = Guess::Recorded(drawn);
        }
    }

    /// Whether all draws of the round have ended and the case has not been taken. A case whose guess
    /// is being recorded waits for that recording, and for no other.
    pub(super) fn is_complete(&self) -> bool {
        let is_awaited = match self.guess {
            Guess::Underway(draw) => self.worst.is_some_and(|worst| worst.draw == draw),
            Guess::Late => return false,
            Guess::None | Guess::Recorded(_) => false,
        };
        self.left == 0 && !is_awaited
    }

    /// Takes what was gathered.
    pub(super) fn take(&mut self) -> Gathered {
        let guess = match std::mem::replace(&mut self.guess, Guess::Late) {
            Guess::Recorded(drawn) => Some(drawn),
            Guess::None | Guess::Underway(_) | Guess::Late => None,
        };
        Gathered {
            blocks: self.blocks(),
            guess,
        }
    }

    /// The worst draw so far, if it has at least `events` events and no draw is recorded yet. Draws
    /// without a failure are all alike, so none of them is guessed.
    pub(super) fn guess(&mut self, events: f64) -> Option<u32> {
        if self.left == 0 || !matches!(self.guess, Guess::None) {
            return None;
        }
        let worst = self.worst.filter(|worst| worst.events as f64 >= events)?;
        self.guess = Guess::Underway(worst.draw);
        Some(worst.draw)
    }

    /// The blocks that have ended, in the order of their draws.
    pub(super) fn blocks(&self) -> Vec<Range<u32>> {
        self.blocks.values().cloned().collect()
    }
}
