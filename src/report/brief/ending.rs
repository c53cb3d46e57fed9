//! Why the draws of a study ended where they did.

use crate::experiment::draws::Draws;
use crate::experiment::results::Results;

/// Why no more draws were simulated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::report) enum DrawsEnding {
    /// The scenario states their number.
    Fixed,
    /// Nothing that decides waited for more of them.
    Settled,
    /// The scenario allows no more.
    Most,
}

impl DrawsEnding {
    /// The ending of a study.
    pub(super) fn of(results: &Results) -> Self {
        match results.study.draws {
            Draws::Fixed(_) => Self::Fixed,
            Draws::UntilSettled { most } if results.draws < most => Self::Settled,
            Draws::UntilSettled { .. } => Self::Most,
        }
    }

    /// What follows the number of draws.
    pub(in crate::report) const fn words(self) -> &'static str {
        match self {
            Self::Fixed => "",
            Self::Settled => " until settled",
            Self::Most => ", the most allowed",
        }
    }

    /// What would bring more draws.
    pub(in crate::report) const fn advice(self) -> &'static str {
        match self {
            Self::Fixed => "; --draws until-settled goes on, up to draws_max",
            Self::Settled => "",
            Self::Most => "; a greater draws_max allows them",
        }
    }
}
