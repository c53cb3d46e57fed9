//! How the program ends, and which end wins when several scenarios end differently.

use std::process::ExitCode;

use crate::experiment::goal::Expect;
use crate::experiment::results::GoalResult;
use crate::stats::Verdict;

/// How a command ends. Declared from the least to the gravest, so that `max` picks the one to
/// report. Wrong arguments (code 2) end the process before any of these can occur.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Exit {
    /// Every goal that gates holds, or fails where that is expected.
    Good,
    /// The draws do not settle a goal.
    NotEnoughEvidence,
    /// A goal fails, or one holds that is a known miss.
    GoalFails,
    /// A scenario is wrong; nothing was simulated.
    WrongScenario,
    /// A file, a disk or a terminal failed us.
    Machine,
    /// We are wrong.
    Bug,
    /// The user stopped it.
    Interrupted,
}

impl Exit {
    /// The code of the process.
    pub(super) const fn code(self) -> u8 {
        match self {
            Self::Good => 0,
            Self::NotEnoughEvidence => 5,
            Self::GoalFails => 99,
            Self::WrongScenario => 3,
            Self::Machine => 1,
            Self::Bug => 101,
            Self::Interrupted => 130,
        }
    }

    /// What the rows that gate say together.
    pub(super) fn of_goals(goals: &[GoalResult]) -> Self {
        goals
            .iter()
            .filter(|row| row.gates)
            .map(|row| Self::of_goal(row.verdict, &row.goal.expect))
            .max()
            .unwrap_or(Self::Good)
    }

    fn of_goal(verdict: Verdict, expect: &Expect) -> Self {
        match (verdict, expect) {
            (Verdict::Holds, Expect::Holds) | (Verdict::Fails, Expect::Fails { .. }) => Self::Good,
            (Verdict::Holds, Expect::Fails { .. }) | (Verdict::Fails, Expect::Holds) => {
                Self::GoalFails
            }
            (Verdict::NotEnoughEvidence, _) => Self::NotEnoughEvidence,
        }
    }

    /// What it means, for the line of a scenario with `--quiet`.
    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::Good => "every goal holds",
            Self::NotEnoughEvidence => "not enough evidence",
            Self::GoalFails => "a goal fails",
            Self::WrongScenario => "the scenario is wrong",
            Self::Machine => "the machine failed us",
            Self::Bug => "a bug in alloy-sim",
            Self::Interrupted => "interrupted",
        }
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
    use crate::experiment::goal::{Comparison, Goal, Statistic, Subject};
    use crate::model::record::catalogue::Failure;
    use crate::stats::Interval;

    fn row(gates: bool, verdict: Verdict, expect: Expect) -> GoalResult {
        let subject = Subject::Failure {
            failure: Failure::Oom,
            scope: "fleet.a".into(),
            within: None,
        };
        let goal = Goal {
            name: "no OOM".into(),
            text: "probability(any oom in fleet.a) < 1%".into(),
            statistic: Statistic::Probability,
            subject,
            comparison: Comparison::Less,
            limit: 0.01,
            cases: vec!["base".into()],
            expect,
        };
        GoalResult {
            goal,
            case: 0,
            gates,
            estimate: Some(0.0),
            interval: Interval {
                low: 0.0,
                high: 1.0,
            },
            verdict,
            more_draws: None,
        }
    }

    fn miss() -> Expect {
        Expect::Fails {
            reason: "no model of it".into(),
        }
    }

    #[test]
    fn the_gravest_end_wins() {
        let order = [130, 101, 1, 3, 99, 5, 0];
        let mut ends = [
            Exit::Good,
            Exit::Machine,
            Exit::WrongScenario,
            Exit::NotEnoughEvidence,
            Exit::GoalFails,
            Exit::Bug,
            Exit::Interrupted,
        ];
        ends.sort();
        ends.reverse();
        assert_eq!(ends.map(Exit::code), order);
    }

    #[test]
    fn goals_reduce_to_one_end() {
        use Verdict::{Fails, Holds, NotEnoughEvidence};
        let check = |rows: &[(bool, Verdict, Expect)], end: Exit| {
            let rows: Vec<_> = rows
                .iter()
                .map(|(gates, verdict, expect)| row(*gates, *verdict, expect.clone()))
                .collect();
            assert_eq!(Exit::of_goals(&rows), end, "{rows:?}");
        };
        check(&[], Exit::Good);
        check(&[(true, Holds, Expect::Holds)], Exit::Good);
        check(&[(true, Fails, Expect::Holds)], Exit::GoalFails);
        check(&[(false, Fails, Expect::Holds)], Exit::Good);
        check(&[(false, NotEnoughEvidence, Expect::Holds)], Exit::Good);
        check(
            &[(true, NotEnoughEvidence, Expect::Holds)],
            Exit::NotEnoughEvidence,
        );
        check(&[(true, Fails, miss())], Exit::Good);
        check(&[(true, Holds, miss())], Exit::GoalFails);
        check(
            &[(true, NotEnoughEvidence, miss())],
            Exit::NotEnoughEvidence,
        );
        check(
            &[
                (true, NotEnoughEvidence, Expect::Holds),
                (true, Fails, Expect::Holds),
                (true, Holds, Expect::Holds),
            ],
            Exit::GoalFails,
        );
    }
}
