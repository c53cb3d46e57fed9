//! How the program ends, and which end wins when several scenarios end differently.

use std::process::ExitCode;

use super::help::{AFTER_COMPARE, AFTER_SIZE, EXIT_CODES};
use crate::experiment::requirement::Kind;
use crate::experiment::results::Results;
use crate::report::Ending;
use crate::stats::Verdict;

/// How a command ends. Declared from the least grave to the gravest, so that `max` picks the end to
/// report. Wrong arguments (code 2) end the process before any of these can occur.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Exit {
    /// Every goal and every expectation holds.
    Good,
    /// The draws do not settle a goal or an expectation.
    Unsettled,
    /// A goal or an expectation fails.
    Fails,
    /// A scenario is wrong or beyond a budget; nothing was simulated.
    WrongScenario,
    /// Blocks of draws are missing, double, damaged or foreign.
    WrongBlocks,
    /// A file, a disk or a terminal failed.
    Machine,
    /// The program has a bug.
    Bug,
    /// The user stopped the program.
    Interrupted,
}

impl Exit {
    /// The code of the process.
    pub(super) const fn code(self) -> u8 {
        match self {
            Self::Good => 0,
            Self::Unsettled => 5,
            Self::Fails => 99,
            Self::WrongScenario => 3,
            Self::WrongBlocks => 6,
            Self::Machine => 1,
            Self::Bug => 101,
            Self::Interrupted => 130,
        }
    }

    /// The code with what it means for a command, for a document.
    pub(super) fn ending(self, command: &str) -> Ending {
        let code = self.code();
        let codes = match command {
            "compare" => AFTER_COMPARE,
            "size" => AFTER_SIZE,
            _ => EXIT_CODES,
        };
        let lines = codes
            .lines()
            .filter_map(|line| line.trim().split_once("  "));
        let mut lines = lines.filter(|(number, _)| *number == code.to_string());
        let meaning = lines.next().map_or("", |(_, meaning)| meaning);
        Ending {
            code,
            meaning: meaning.to_owned(),
        }
    }

    /// The end of a command whose answer has this verdict.
    pub(super) const fn of_verdict(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Holds => Self::Good,
            Verdict::Unsettled => Self::Unsettled,
            Verdict::Fails => Self::Fails,
        }
    }

    /// The end that follows from the goals and expectations of a scenario.
    pub(super) fn of(results: &Results) -> Self {
        let verdicts = [Kind::Goal, Kind::Expectation].map(|kind| results.gravest(kind));
        let gravest = verdicts.into_iter().flatten().max();
        gravest.map_or(Self::Good, Self::of_verdict)
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        exit.code().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gravest_end_wins() {
        let order = [130, 101, 1, 3, 99, 5, 0];
        let mut ends = [
            Exit::Good,
            Exit::Machine,
            Exit::WrongScenario,
            Exit::Unsettled,
            Exit::Fails,
            Exit::Bug,
            Exit::Interrupted,
        ];
        ends.sort();
        ends.reverse();
        assert_eq!(ends.map(Exit::code), order);
    }
}
