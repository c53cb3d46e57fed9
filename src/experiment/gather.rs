//! The draws of one case that have ended so far.

use std::collections::BTreeMap;

use super::block::Drawn;
use super::reduce;
use crate::model::record::outcome::{Layout, Outcome};

/// A case whose draws are being simulated.
pub(super) struct Gathering {
    layout: Layout,
    outcomes: BTreeMap<u32, Outcome>,
    /// Draws that have not ended.
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
    /// The case is complete and has been returned.
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
    /// A case of `draws` draws, none of which has ended.
    pub(super) const fn new(layout: Layout, draws: u32) -> Self {
        Self {
            layout,
            outcomes: BTreeMap::new(),
            left: draws,
            guess: Guess::None,
        }
    }

    /// Takes in the draws of a block. Returns the case if it is complete.
    pub(super) fn add(&mut self, draws: Vec<Drawn>) -> Option<Gathered> {
        for drawn in draws {
            self.left -= 1;
            if drawn.records.is_some() {
                self.outcomes.insert(drawn.draw, drawn.outcome.clone());
                self.guess = Guess::Recorded(drawn);
            } else {
                self.outcomes.insert(drawn.draw, drawn.outcome);
            }
        }
        self.complete()
    }

    /// Takes in the recorded draw. Returns the case if it is complete.
    pub(super) fn add_guess(&mut self, drawn: Drawn) -> Option<Gathered> {
        if matches!(self.guess, Guess::Late) {
            return None;
        }
        self.guess = Guess::Recorded(drawn);
        self.complete()
    }

    /// A case whose guess is being recorded waits for that recording, and for no other.
    fn complete(&mut self) -> Option<Gathered> {
        let is_awaited = matches!(self.guess, Guess::Underway(draw) if self.worst() == Some(draw));
        if self.left > 0 || is_awaited {
            return None;
        }
        let outcomes = std::mem::take(&mut self.outcomes);
        let guess = match std::mem::replace(&mut self.guess, Guess::Late) {
            Guess::Recorded(drawn) => Some(drawn),
            Guess::None | Guess::Underway(_) | Guess::Late => None,
        };
        Some(Gathered {
            outcomes: outcomes.into_values().collect(),
            guess,
        })
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

    fn worst(&self) -> Option<u32> {
        let outcomes = self.outcomes.iter().map(|(draw, outcome)| (*draw, outcome));
        reduce::worst(&self.layout, outcomes)
    }
}
