//! The results of a study as plain values: verdicts, bottlenecks, goals and expectations, numbers,
//! and statements of the deployment guide.
//!
//! Every number of an answer is computed here, once. A format of the answer is one file that lays a
//! [`Brief`] out. [`answer()`](super::answer()) is the format of the terminal. A value carries its
//! unit or is a name. Nothing here knows lines, colours or columns.

mod amount;
mod basis;
mod case;
mod comparison;
mod ending;
mod flip;
mod headline;
mod influence;
mod numbers;
mod offer;
mod reason;
mod requirements;
mod size;
mod table;

pub(super) use amount::{Amount, Form};
pub(super) use case::{CaseBrief, FailureBrief};
pub(super) use comparison::Comparison;
pub(super) use flip::Flip;
pub(super) use influence::Influence;
pub(super) use numbers::NumberRow;
pub(super) use reason::Reason;
pub(super) use requirements::{Required, RequiredRow, Requirements};
pub use size::{SizeBrief, size_brief};
pub(super) use table::{MemoryNeed, Row};

use ending::DrawsEnding;
use headline::Headline;
use table::Table;

use super::case_names;
use super::timeline::Timeline;
use super::view::View;
use crate::experiment::requirement::Kind;
use crate::experiment::results::Results;
use crate::experiment::store::StoreError;
use crate::stats::Verdict;

/// The results of a study as plain values.
#[derive(Clone, Debug)]
pub struct Brief {
    /// Name of the scenario.
    pub(super) name: String,
    /// The question that the scenario answers, in the user's words.
    pub(super) question: String,
    /// Draws per case.
    pub(super) draws: u32,
    /// Why there are no more of them.
    pub(super) ending: DrawsEnding,
    /// Replications per draw.
    pub(super) replications: u32,
    /// Seed of all random numbers.
    pub(super) seed: u64,
    /// Turns instants into dates.
    pub(super) timeline: Timeline,
    /// What the numbers of the base rest on, as sentences.
    pub(super) basis: Vec<String>,
    /// The answer in one sentence.
    pub(super) headline: Headline,
    /// The cases in a table.
    pub(super) table: Table,
    /// The unknowns by their influence on what the headline is about, the strongest first.
    pub(super) influences: Vec<Influence>,
    /// Where the verdict of the headline would turn, unknown by unknown of `influences`.
    pub(super) flips: Vec<Option<Flip>>,
    /// Claims that people set as goals; empty if the file has goals.
    pub(super) offers: Vec<String>,
    /// The brief of each case, base first.
    pub(super) cases: Vec<CaseBrief>,
    /// What a reviewer needs to hold.
    pub(super) goals: Requirements,
    /// What the file states about the model.
    pub(super) expectations: Requirements,
    /// The numbers in which cases differ, fleet by fleet.
    pub(super) comparisons: Vec<Comparison>,
}

/// The brief of a study.
///
/// # Errors
///
/// If draws cannot be read.
pub fn brief(results: &Results) -> Result<Brief, StoreError> {
    let study = &results.study;
    let views: Vec<_> = View::all(results).collect();
    let names: Vec<_> = views.iter().map(View::name).collect();
    let names = case_names::short(&names);
    let cases = views.iter().zip(names);
    let cases: Vec<_> = cases.map(|(view, short)| case::of(view, short)).collect();
    let headline = headline::of(&views, &cases);
    let about = views.get(headline.case).zip(headline.subject.as_ref());
    let influences = about.map(|(view, subject)| influence::of(view, subject));
    let influences = influences.transpose()?.unwrap_or_default();
    let flip = |influence| match views.get(headline.case) {
        Some(view) => flip::of(view, influence),
        None => Ok(None),
    };
    let flips = influences.iter().map(flip).collect::<Result<_, _>>()?;
    let goals = requirements::of(results, Kind::Goal, &cases);
    let offered = views.first().filter(|_| goals.list.is_empty());
    Ok(Brief {
        name: study.name.clone(),
        question: study.question.clone(),
        draws: results.draws,
        ending: DrawsEnding::of(results),
        replications: study.replications,
        seed: study.seed,
        timeline: Timeline::of(study),
        basis: study.cases.first().map(basis::of).unwrap_or_default(),
        influences,
        flips,
        offers: offered.map_or_else(Vec::new, offer::of),
        table: table::of(&views, &cases, headline.case),
        headline,
        goals,
        expectations: requirements::of(results, Kind::Expectation, &cases),
        comparisons: comparison::of(&cases),
        cases,
    })
}

/// The outcome of a scenario in one line.
#[derive(Clone, Debug)]
pub struct Overview {
    /// Name of the scenario.
    pub(super) name: String,
    /// The gravest verdict of the goals that decide.
    pub(super) verdict: Option<Verdict>,
    /// The gravest verdict of the expectations.
    pub(super) expectations: Option<Verdict>,
    /// Whether the scenario states a goal.
    pub(super) has_goals: bool,
    /// The answer in one sentence.
    pub(super) sentence: String,
}

impl Overview {
    /// Name of the scenario.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The graver of the two verdicts.
    pub(super) fn gravity(&self) -> Option<Verdict> {
        self.verdict.max(self.expectations)
    }
}

impl Brief {
    /// The outcome in one line.
    pub fn overview(&self) -> Overview {
        Overview {
            name: self.name.clone(),
            verdict: self.headline.verdict,
            expectations: self.expectations.gravest,
            has_goals: !self.goals.list.is_empty(),
            sentence: self.headline.sentence.clone(),
        }
    }

    /// Why the scenario has no verdict.
    pub(super) fn without_verdict(&self) -> &'static str {
        match (self.goals.list.as_slice(), self.cases.as_slice()) {
            ([], _) => "no goal was stated",
            (_, [_]) => "no goal names the case that was taken",
            _ => "no goal names a case that was taken",
        }
    }

    /// The verdict on goals and expectations together, in a few words.
    pub fn in_words(&self) -> String {
        let goals = match self.goals.gravest {
            None => self.without_verdict(),
            Some(Verdict::Holds) => "every goal holds",
            Some(Verdict::Unsettled) => "the draws do not settle a goal",
            Some(Verdict::Fails) => "a goal fails",
        };
        let expectations = match self.expectations.gravest {
            None => "",
            Some(Verdict::Holds) => ", every expectation holds",
            Some(Verdict::Unsettled) => ", the draws do not settle an expectation",
            Some(Verdict::Fails) => ", an expectation fails",
        };
        format!("{goals}{expectations}")
    }
}
