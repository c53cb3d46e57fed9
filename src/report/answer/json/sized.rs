//! The answer to `size`.

use serde::Serialize;

use super::{Ends, Requested, ends};
use crate::experiment::size::{Found, SizeRow, Sizing};
use crate::report::brief::SizeBrief;
use crate::report::words;

#[derive(Clone, Debug, Serialize)]
pub(super) struct Sized {
    scenario: String,
    question: String,
    verdict: &'static str,
    sentence: String,
    confidence: f64,
    size: Option<String>,
    sizes: Vec<Size>,
    sizes_simulated: usize,
    sizes_in_ranges: usize,
    draws: u64,
    searched_in_full: Vec<String>,
    notes: Vec<String>,
    patch: String,
}

/// A size with draws of its own.
#[derive(Clone, Debug, Serialize)]
struct Size {
    name: String,
    settings: Vec<Setting>,
    verdict: &'static str,
    requested: Requested,
    draws: usize,
    goals: Vec<Goal>,
}

#[derive(Clone, Debug, Serialize)]
struct Setting {
    path: String,
    value: String,
}

#[derive(Clone, Debug, Serialize)]
struct Goal {
    name: String,
    claim: String,
    verdict: &'static str,
    value: Option<f64>,
    interval: Option<Ends>,
    comparison: &'static str,
    limit: f64,
    unit: &'static str,
}

/// The answer of a search.
pub(super) fn of(brief: &SizeBrief, sizing: &Sizing, found: &Found) -> Sized {
    let cases = &sizing.study.cases;
    let full = found.searched_in_full.iter();
    Sized {
        scenario: brief.name.clone(),
        question: brief.question.clone(),
        verdict: words::found(brief.verdict),
        sentence: format!("{}.", brief.sentence),
        confidence: 1.0 - sizing.alpha,
        size: found.named.map(|size| cases[size].name.clone()),
        sizes: found.looks.iter().map(|row| size(sizing, row)).collect(),
        sizes_simulated: found.sizes_seen,
        sizes_in_ranges: cases.len(),
        draws: found.draws,
        searched_in_full: full.map(|&free| sizing.free[free].path.clone()).collect(),
        notes: brief.notes.clone(),
        patch: brief.patch.clone(),
    }
}

fn size(sizing: &Sizing, row: &SizeRow) -> Size {
    let case = &sizing.study.cases[row.size];
    let settings = sizing.free.iter().zip(&sizing.places[row.size]);
    let settings = settings.map(|(free, &place)| Setting {
        path: free.path.clone(),
        value: free.values[place].clone(),
    });
    let goals = sizing.study.requirements.iter().zip(&row.goals);
    let goals = goals.map(|(goal, (statistic, verdict))| Goal {
        name: goal.name.clone(),
        claim: goal.text.clone(),
        verdict: words::verdict(*verdict),
        value: statistic.map(|(value, _)| value),
        interval: statistic.and_then(|(_, interval)| ends(interval)),
        comparison: goal.comparison.sign(),
        limit: goal.limit,
        unit: words::unit(goal.unit()),
    });
    Size {
        name: case.name.clone(),
        settings: settings.collect(),
        verdict: words::verdict(row.verdict),
        requested: case.blueprint.requested().into(),
        draws: row.draws,
        goals: goals.collect(),
    }
}
