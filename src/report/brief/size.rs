//! The smallest size as plain values: a sentence, a few rows, and what to paste.

use super::amount::Amount;
use super::headline::asked;
use super::requirements::amount;
use crate::experiment::requirement::{Comparison, Requirement};
use crate::experiment::size::{Found, SizeRow, Sizing};
use crate::experiment::study::Case;
use crate::model::blueprint::Priority;
use crate::model::record::catalogue::Unit;
use crate::model::topology::Population;
use crate::report::numbers::{exact, human, percent};
use crate::report::patch;
use crate::report::words;
use crate::stats::{Interval, Verdict};

/// Most sizes that are shown beside the named one.
const OTHERS_MAX: usize = 3;

/// The smallest size that holds every goal, or why there is none.
#[derive(Clone, Debug)]
pub struct SizeBrief {
    /// Name of the scenario.
    pub(in crate::report) name: String,
    /// The question of the scenario.
    pub(in crate::report) question: String,
    /// Whether a size is named; otherwise whether all fail or some are not settled.
    pub(in crate::report) verdict: Verdict,
    /// The answer in one sentence.
    pub(in crate::report) sentence: String,
    /// What each goal asks for, in the order of the columns.
    pub(in crate::report) goals: Vec<String>,
    /// The sizes that a reader asks about, the smallest first.
    pub(in crate::report) rows: Vec<SizeLine>,
    /// How the sizes were found, and what to know of them, one sentence each.
    pub(in crate::report) notes: Vec<String>,
    /// What to paste into a file; empty if no size is named.
    pub(in crate::report) patch: String,
}

/// One size.
#[derive(Clone, Debug)]
pub(in crate::report) struct SizeLine {
    /// What is set.
    pub(in crate::report) label: String,
    /// The memory that all collectors request; `None` if they request none.
    pub(in crate::report) memory: Option<Amount>,
    /// What the sizes are ordered by, if that is not memory.
    pub(in crate::report) ordered_by: Option<Amount>,
    /// The verdict on each goal, and the statistic with its interval.
    pub(in crate::report) goals: Vec<(Verdict, String)>,
    /// Why the size is shown.
    pub(in crate::report) note: &'static str,
}

impl SizeLine {
    /// What the size requests: what sizes are ordered by, and memory.
    pub(in crate::report) fn requested(&self) -> String {
        let memory = self.memory.map_or("–".to_owned(), Amount::text);
        match self.ordered_by {
            Some(first) => format!("{}, {memory}", first.text()),
            None => memory,
        }
    }
}

impl SizeBrief {
    /// Whether a size was found; otherwise whether all fail or the draws do not settle some.
    pub const fn verdict(&self) -> Verdict {
        self.verdict
    }
}

/// The brief of a search. `impossible` is the number of combinations that are no scenario, and why
/// one of them is not.
pub fn size_brief(
    sizing: &Sizing,
    found: &Found,
    impossible: Option<&(usize, String)>,
) -> SizeBrief {
    let study = &sizing.study;
    let rows = rows(sizing, found);
    SizeBrief {
        name: study.name.clone(),
        question: study.question.clone(),
        verdict: verdict(found),
        sentence: sentence(sizing, found),
        goals: study.requirements.iter().map(goal).collect(),
        rows,
        notes: notes(sizing, found, impossible),
        patch: found
            .named
            .map_or_else(String::new, |named| patch::of(&study.cases[named])),
    }
}

fn verdict(found: &Found) -> Verdict {
    let verdicts = found.looks.iter().map(|row| row.verdict);
    match found.named {
        Some(_) => Verdict::Holds,
        None if verdicts.clone().any(|verdict| verdict != Verdict::Fails) => Verdict::Unsettled,
        None => Verdict::Fails,
    }
}

fn goal(goal: &Requirement) -> String {
    format!("{} {}", goal.name, asked(goal))
}

fn memory(case: &Case) -> Option<Amount> {
    let memory = case.blueprint.requested().memory;
    (!memory.is_nan()).then(|| Amount::rounded(memory, Unit::Bytes))
}

/// What a size has of what the sizes are ordered by.
fn ordered_by(first: Priority, case: &Case) -> Option<Amount> {
    let requested = case.blueprint.requested();
    match first {
        Priority::Memory => None,
        Priority::Cpu => Some(Amount::rounded(requested.cores, Unit::Cores)),
        Priority::Addresses => Some(Amount::rounded(requested.addresses as f64, Unit::Count)),
        Priority::Volumes => Some(Amount::rounded(requested.volumes, Unit::Count)),
    }
}

fn sentence(sizing: &Sizing, found: &Found) -> String {
    let cases = &sizing.study.cases;
    let sure = percent(1.0 - sizing.alpha);
    let Some(named) = found.named else {
        let largest = &cases[cases.len() - 1].name;
        return match verdict(found) {
            Verdict::Fails => format!(
                "no size up to {largest} holds every goal; give greater ranges, or look at what breaks \
                 with alloy-sim run"
            ),
            _ => format!(
                "no size up to {largest} can be shown to hold every goal by {} draws, and some are not \
                 settled; give more --draws, or greater ranges",
                exact(f64::from(sizing.study.draws.most()))
            ),
        };
    };
    let requested = requested(sizing, &cases[named]);
    let goals = match sizing.study.requirements.len() {
        1 => "the goal",
        _ => "every goal",
    };
    let label = &cases[named].name;
    format!("{label} holds {goals} with {sure} confidence{requested}")
}

/// What a size requests: memory, and whatever else is free.
fn requested(sizing: &Sizing, case: &Case) -> String {
    let is_free = |word: &str| sizing.free.iter().any(|free| free.path.contains(word));
    let requested = case.blueprint.requested();
    let memory = (requested.memory, Unit::Bytes, " of memory", true);
    let cores = (requested.cores, Unit::Cores, "", is_free(".cpu."));
    let of_addresses = match requested.addresses {
        1 => " address",
        _ => " addresses",
    };
    let addresses = requested.addresses as f64;
    let addresses = (addresses, Unit::Count, of_addresses, is_free(".addresses"));
    let volumes = (
        requested.volumes,
        Unit::Count,
        " volumes",
        is_free(".volume"),
    );
    let parts = [memory, cores, addresses, volumes].into_iter();
    let parts = parts.filter(|(value, _, _, is_told)| *is_told && !value.is_nan());
    let parts = parts.map(|(value, unit, what, _)| human(value, unit) + what);
    let parts: Vec<String> = parts.collect();
    if parts.is_empty() {
        return String::new();
    }
    format!(", {} requested", parts.join(", "))
}

/// The named size, the next smaller one, and other sizes that nearly do or that do with more.
fn rows(sizing: &Sizing, found: &Found) -> Vec<SizeLine> {
    let looks = found.looks.iter();
    let shown: Vec<(&SizeRow, &'static str)> = if let Some(named) = found.named {
        let noted = |row| (row, note(row, named));
        let smaller = looks.clone().filter(|row| row.size < named).rev();
        let mut shown: Vec<_> = smaller.take(OTHERS_MAX - 1).map(noted).collect();
        shown.reverse();
        let others = looks.filter(|row| row.size >= named);
        shown.extend(others.take(2).map(noted));
        shown
    } else {
        let largest = looks.rev().take(OTHERS_MAX).map(|row| (row, ""));
        let mut shown: Vec<_> = largest.collect();
        shown.reverse();
        shown
    };
    let line = |(row, note): (&SizeRow, &'static str)| SizeLine {
        label: sizing.study.cases[row.size].name.clone(),
        memory: memory(&sizing.study.cases[row.size]),
        ordered_by: ordered_by(sizing.first, &sizing.study.cases[row.size]),
        goals: goals(sizing, row),
        note,
    };
    shown.into_iter().map(line).collect()
}

/// Why a size is shown beside the named one.
const fn note(row: &SizeRow, named: usize) -> &'static str {
    if row.size == named {
        "<- the smallest that holds"
    } else if row.size + 1 == named {
        "the next smaller one"
    } else if row.size < named {
        "smaller"
    } else {
        "greater"
    }
}

fn goals(sizing: &Sizing, row: &SizeRow) -> Vec<(Verdict, String)> {
    let blueprint = &sizing.study.cases[row.size].blueprint;
    let goals = sizing.study.requirements.iter().zip(&row.goals);
    let goals = goals.map(|(goal, (statistic, verdict))| {
        let text = match statistic {
            Some((estimate, interval)) => {
                amount(goal, blueprint, *estimate).with_interval(*interval)
            }
            None => "no value".to_owned(),
        };
        (*verdict, format!("{} {text}", words::verdict(*verdict)))
    });
    goals.collect()
}

fn notes(sizing: &Sizing, found: &Found, impossible: Option<&(usize, String)>) -> Vec<String> {
    let sizes = sizing.study.cases.len();
    let mut notes = vec![format!(
        "{} of {} sizes simulated, in {} draws. Smallest by {}; --minimize changes that.",
        exact(found.sizes_seen as f64),
        exact(sizes as f64),
        exact(found.draws as f64),
        order(sizing.first),
    )];
    notes.extend(unsettled(sizing, found));
    let start = &sizing.start;
    let mut goals = sizing.study.requirements.iter();
    if !goals.any(|goal| goal.names(start)) {
        notes.push(format!(
            "No goal names the case {start}, so all goals count."
        ));
    }
    for &setting in &found.searched_in_full {
        notes.push(format!(
            "More is not always better in {}: each of its values was searched.",
            sizing.free[setting].path
        ));
    }
    if found.named == Some(0) {
        notes.push("It is the smallest size of the ranges: nothing less was asked.".to_owned());
    }
    if let Some((count, why)) = impossible {
        notes.push(format!(
            "Not every combination is a scenario, {} are not: {why}.",
            exact(*count as f64)
        ));
    }
    if let Some(named) = found.named {
        notes.extend(alone(&sizing.study.cases[named]));
        let requested = sizing.study.cases[named].blueprint.requested();
        if !requested.memory_limits.is_nan() && requested.memory_limits > requested.memory {
            notes.push(format!(
                "Its memory limits add up to {}.",
                human(requested.memory_limits, Unit::Bytes)
            ));
        }
    }
    notes
}

/// What sizes are ordered by, in words.
const fn order(first: Priority) -> &'static str {
    match first {
        Priority::Memory => "memory requested, then cores, addresses and volumes",
        Priority::Cpu => "cores requested, then memory, addresses and volumes",
        Priority::Addresses => "addresses, then memory, cores and volumes",
        Priority::Volumes => "volumes, then memory, cores and addresses",
    }
}

/// Whether the intervals of a size leave it open that it holds. A look may end before it settles a goal
/// that so many draws cannot show to hold.
fn may_hold(sizing: &Sizing, row: &SizeRow) -> bool {
    let mut goals = sizing.study.requirements.iter().zip(&row.goals);
    goals.all(|(goal, (statistic, verdict))| {
        let reaches = |interval: &Interval| match goal.comparison {
            Comparison::Less | Comparison::AtMost => interval.low < goal.limit,
            Comparison::Greater | Comparison::AtLeast => interval.high > goal.limit,
        };
        let interval = statistic.as_ref().map(|(_, interval)| interval);
        *verdict == Verdict::Holds || interval.is_some_and(reaches)
    })
}

/// Smaller sizes that may hold, for all that their draws say.
fn unsettled(sizing: &Sizing, found: &Found) -> Option<String> {
    let named = found.named?;
    let smaller = found.looks.iter().filter(|row| row.size < named);
    let may_hold = |row: &&SizeRow| row.verdict == Verdict::Unsettled && may_hold(sizing, row);
    let mut open = smaller.filter(may_hold);
    let least = &sizing.study.cases[open.next()?.size];
    let count = open.count() + 1;
    let (sizes, are) = if count == 1 {
        ("size", "is")
    } else {
        ("sizes", "are")
    };
    let draws = exact(f64::from(sizing.study.draws.most()));
    Some(format!(
        "{count} smaller {sizes} {are} not settled by {draws} draws, the least {}{}: more --draws may \
         show that one holds.",
        least.name,
        requested(sizing, least),
    ))
}

/// Fleets of a single replica: goals on memory do not see what its absence costs.
fn alone(case: &Case) -> impl Iterator<Item = String> + '_ {
    let fleets = case.blueprint.fleets.iter();
    let fleets = fleets.filter(|fleet| {
        matches!(fleet.topology.population, Population::Replicas(1)) && fleet.autoscaling.is_none()
    });
    fleets.map(|fleet| {
        let name = &fleet.name;
        format!(
            "{name} has one replica, so no peer takes over while it restarts. A goal on loss_ratio, or \
             --free fleet.{name}.replicas=2..8, asks for more."
        )
    })
}
