//! The answer to `run`, for one scenario.

use serde::Serialize;

use super::{Ending, Ends, Frame, Requested, ends};
use crate::experiment::requirement::{Requirement, Subject};
use crate::report::brief::{
    self, Brief, CaseBrief, FailureBrief, Flip, Influence, MemoryNeed, RequiredRow, Row,
};
use crate::report::timeline::Timeline;
use crate::report::{page, repeat, words};
use crate::stats::Verdict;
use crate::units::SimDuration;

#[derive(Clone, Debug, Serialize)]
pub(super) struct Ran {
    scenario: String,
    question: String,
    verdict: Option<&'static str>,
    no_verdict: Option<&'static str>,
    sentence: String,
    decides: Option<Deciding>,
    expectations_verdict: Option<&'static str>,
    exit: Ending,
    horizon_seconds: f64,
    start_date: Option<String>,
    draws: u32,
    replications: u32,
    seed: u64,
    cases: Vec<Case>,
    smallest_case: Option<String>,
    goals: Vec<Required>,
    expectations: Vec<Required>,
    unknowns: Vec<Unknown>,
    rests_on: Vec<String>,
    goals_to_set: Vec<String>,
    folder: Option<String>,
    page: Option<String>,
    repeat: String,
}

/// The number that decides the verdict.
#[derive(Clone, Debug, Serialize)]
struct Deciding {
    case: String,
    goal: String,
    claim: Claim,
    row: Judged,
    first: Option<Instant>,
}

#[derive(Clone, Debug, Serialize)]
struct Claim {
    text: String,
    scope: String,
    metric: &'static str,
    statistic: String,
    within_seconds: Option<f64>,
    comparison: &'static str,
    limit: f64,
    unit: &'static str,
}

#[derive(Clone, Debug, Serialize)]
struct Required {
    name: String,
    claim: Claim,
    reason: String,
    rows: Vec<Judged>,
}

/// A claim in one case.
#[derive(Clone, Debug, Serialize)]
struct Judged {
    case: String,
    verdict: Option<&'static str>,
    decides: bool,
    value: Option<f64>,
    interval: Option<Ends>,
    n: usize,
    draws: usize,
    no_value: Option<&'static str>,
    more_draws: Option<u64>,
    cut_off: Option<f64>,
}

#[derive(Clone, Debug, Serialize)]
struct Instant {
    seconds: f64,
    date: Option<String>,
}

#[derive(Clone, Debug, Serialize)]
struct Case {
    name: String,
    verdict: Option<&'static str>,
    decides: bool,
    breaks_first: Option<Broken>,
    failures: Vec<Broken>,
    needs: Option<Needs>,
    killed: Killed,
    lost: Option<Lost>,
    requested: Requested,
}

#[derive(Clone, Debug, Serialize)]
struct Broken {
    failure: &'static str,
    scope: String,
    probability: f64,
    interval: Option<Ends>,
    first: Instant,
    half: Instant,
}

#[derive(Clone, Debug, Serialize)]
struct Needs {
    scope: String,
    memory_p95_bytes: f64,
    is_above: bool,
    limit_bytes: Option<f64>,
    cut_off: Option<f64>,
}

#[derive(Clone, Debug, Serialize)]
struct Killed {
    probability: f64,
    interval: Option<Ends>,
}

#[derive(Clone, Debug, Serialize)]
struct Lost {
    signal: &'static str,
    p95_ratio: f64,
}

#[derive(Clone, Debug, Serialize)]
struct Unknown {
    path: String,
    rank_correlation: f64,
    turns: Option<Turn>,
}

/// The value of an unknown at which the verdict turns.
#[derive(Clone, Debug, Serialize)]
struct Turn {
    verdict: &'static str,
    side: &'static str,
    value: f64,
    unit: &'static str,
}

/// The answer of a brief.
pub(super) fn of(brief: &Brief, frame: &Frame<'_>) -> Ran {
    let timeline = brief.timeline;
    let label = |case: usize| brief.cases[case].label.clone();
    let rows = brief.cases.iter().zip(&brief.table.rows);
    let unknowns = brief.influences.iter().zip(&brief.flips);
    let required = |list: &[brief::Required], word: fn(Verdict) -> &'static str| {
        list.iter().map(|one| required(one, word)).collect()
    };
    let gravest = brief.expectations.gravest;
    let without_verdict = brief.headline.verdict.is_none();
    Ran {
        scenario: brief.name.clone(),
        question: brief.question.clone(),
        verdict: brief.headline.verdict.map(words::safety),
        no_verdict: without_verdict.then(|| brief.without_verdict()),
        sentence: brief.headline.sentence.clone(),
        decides: deciding(brief),
        expectations_verdict: gravest.map(words::expectation),
        exit: frame.ending.clone(),
        horizon_seconds: timeline.horizon_seconds,
        start_date: timeline.start.map(|start| start.date().to_string()),
        draws: brief.draws,
        replications: brief.replications,
        seed: brief.seed,
        cases: rows
            .map(|(brief, row)| case(brief, row, timeline))
            .collect(),
        smallest_case: brief.table.smallest.map(label),
        goals: required(&brief.goals.list, words::verdict),
        expectations: required(&brief.expectations.list, words::expectation),
        unknowns: unknowns.map(|(one, flip)| unknown(one, *flip)).collect(),
        rests_on: brief.basis.clone(),
        goals_to_set: brief.offers.clone(),
        folder: frame.folder.map(str::to_owned),
        page: frame
            .folder
            .map(|folder| format!("{folder}/{}", page::NAME)),
        repeat: repeat::command(frame.selection),
    }
}

/// The goal that the headline is about, in the case that it is about.
fn deciding(brief: &Brief) -> Option<Deciding> {
    let goal = brief.headline.goal.as_ref()?;
    let goal = brief.goals.list.iter().find(|one| one.name == *goal)?;
    let rows = &mut goal.rows.iter();
    let row = rows.find(|row| row.case == brief.headline.case)?;
    let case = &brief.cases[row.case];
    let failures = &mut case.binding.iter().chain(&case.others);
    let first = match &goal.requirement.subject {
        Subject::Metric { .. } => None,
        Subject::Failure { failure, scope, .. } => failures
            .find(|row| (row.failure, &row.scope) == (*failure, scope))
            .map(|row| instant(row.first_seconds, brief.timeline)),
    };
    Some(Deciding {
        case: case.label.clone(),
        goal: goal.name.clone(),
        claim: claim(&goal.requirement),
        row: judged(row, words::verdict),
        first,
    })
}

fn required(one: &brief::Required, word: fn(Verdict) -> &'static str) -> Required {
    Required {
        name: one.name.clone(),
        claim: claim(&one.requirement),
        reason: one.reason.clone(),
        rows: one.rows.iter().map(|row| judged(row, word)).collect(),
    }
}

fn claim(requirement: &Requirement) -> Claim {
    let within = match &requirement.subject {
        Subject::Failure { within, .. } => *within,
        Subject::Metric { .. } => None,
    };
    Claim {
        text: requirement.text.clone(),
        scope: requirement.subject.scope().to_owned(),
        metric: words::subject(&requirement.subject),
        statistic: words::statistic(requirement.statistic),
        within_seconds: within.map(SimDuration::secs_f64),
        comparison: requirement.comparison.sign(),
        limit: requirement.limit,
        unit: words::unit(requirement.unit()),
    }
}

fn judged(row: &RequiredRow, word: fn(Verdict) -> &'static str) -> Judged {
    let value = row.value.ok();
    Judged {
        case: row.label.clone(),
        verdict: row.verdict.map(word),
        decides: row.decides,
        value: value.map(|(amount, _)| amount.value),
        interval: value.and_then(|(_, interval)| ends(interval)),
        n: row.draws.0,
        draws: row.draws.1,
        no_value: row.value.err(),
        more_draws: row.more_draws,
        cut_off: row.cut_off,
    }
}

fn case(brief: &CaseBrief, row: &Row, timeline: Timeline) -> Case {
    let failures = brief.binding.iter().chain(&brief.others);
    let lost = row.lost;
    Case {
        name: brief.label.clone(),
        verdict: brief.verdict.map(words::safety),
        decides: brief.decides,
        breaks_first: row.breaks.as_ref().map(|row| failure(row, timeline)),
        failures: failures.map(|row| failure(row, timeline)).collect(),
        needs: row.memory.as_ref().map(needs),
        killed: Killed {
            probability: row.killed.value,
            interval: ends(row.killed_interval),
        },
        lost: lost.map(|(signal, share)| Lost {
            signal,
            p95_ratio: share.value,
        }),
        requested: row.requested.into(),
    }
}

fn failure(row: &FailureBrief, timeline: Timeline) -> Broken {
    Broken {
        failure: row.failure.info().word,
        scope: row.scope.clone(),
        probability: row.probability.value,
        interval: ends(row.interval),
        first: instant(row.first_seconds, timeline),
        half: instant(row.half_seconds, timeline),
    }
}

fn instant(seconds: f64, timeline: Timeline) -> Instant {
    let date = timeline.stamp(seconds);
    Instant {
        seconds,
        date: (!date.is_empty()).then_some(date),
    }
}

fn needs(need: &MemoryNeed) -> Needs {
    Needs {
        scope: need.scope.clone(),
        memory_p95_bytes: need.p95.value,
        is_above: need.is_cut_off(),
        limit_bytes: need.limit,
        cut_off: need.cut_off,
    }
}

fn unknown(one: &Influence, flip: Option<Flip>) -> Unknown {
    let turn = |flip: Flip| Turn {
        verdict: words::verdict(flip.verdict),
        side: if flip.is_below { "below" } else { "above" },
        value: flip.value.value,
        unit: words::unit(flip.value.unit),
    };
    Unknown {
        path: one.path.clone(),
        rank_correlation: one.correlation,
        turns: flip.map(turn),
    }
}
