//! The draws of one case that have ended so far.

use std::collections::BTreeMap;

use super::block::Drawn;
use super::reduce;
use crate::model::record::outcome::{Layout, Outcome};

/// A case whose draws are being simulated.
pub(super) struct Gathering {
    layout: Layout,
    outcomes: BTreeMap<u32, Outcome>,
    /// Draws of the round that have not ended.
    left: u32,
    guess: Guess,
}

/// A draw that is recorded before all draws have ended, because it is probably the worst.
enum Guess {
    /// No thread has begun to record a draw.
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
    /// One outcome per draw, in the order of the draws.
    pub(super) outcomes: Vec<Outcome>,
    /// A draw that has been recorded, usually the worst one.
    pub(super) guess: Option<Drawn>,
}

impl Gathering {
    /// A case of which no draw has begun.
    pub(super) const fn new(layout: Layout) -> Self {
        Self {
            layout,
            outcomes: BTreeMap::new(),
            left: 0,
            guess: Guess::None,
        }
    }

    /// Waits for `draws` more draws.
    pub(super) const fn expect(&mut self, draws: u32) {
        self.left += draws;
    }

    /// Takes in the draws of a block.
    pub(super) fn add(&mut self, draws: Vec<Drawn>) {
        for drawn in draws {
            self.left -= 1;
            if drawn.records.is_some() {
                self.outcomes.insert(drawn.draw, drawn.outcome.clone());
                self.guess = Guess::Recorded(drawn);
            } else {
                self.outcomes.insert(drawn.draw, drawn.outcome);
            }
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
            Guess::Underway(draw) => self.worst() == Some(draw),
            Guess::Late => return false,
            Guess::None | Guess::Recorded(_) => false,
        };
        self.left == 0 && !is_awaited
    }

    /// Takes what was gathered.
    pub(super) fn take(&mut self) -> Gathered {
        let outcomes = std::mem::take(&mut self.outcomes);
        let guess = match std::mem::replace(&mut self.guess, Guess::Late) {
            Guess::Recorded(drawn) => Some(drawn),
            Guess::None | Guess::Underway(_) | Guess::Late => None,
        };
        Gathered {
            outcomes: outcomes.into_values().collect(),
            guess,
        }
    }

    /// The worst draw so far, if it has at least `events` events and no draw is recorded yet.
    pub(super) fn guess(&mut self, events: f64) -> Option<u32> {
        if self.left == 0 || !matches!(self.guess, Guess::None) {
            return None;
        }
        let worst = self.worst()?;
        if (self.outcomes[&worst].events_handled as f64) < events {
            return None;
        }
        self.guess = Guess::Underway(worst);
        Some(worst)
    }

    /// The layout of every draw, and the outcomes so far.
    pub(super) fn so_far(&self) -> (&Layout, Vec<&Outcome>) {
        (&self.layout, self.outcomes.values().collect())
    }

    fn worst(&self) -> Option<u32> {
        let outcomes = self.outcomes.iter().map(|(draw, outcome)| (*draw, outcome));
        reduce::worst(&self.layout, outcomes)
    }
}
