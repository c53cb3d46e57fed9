//! Settings that are free within a range, and the sizes that they give.

mod range;

pub use range::read_free;

use range::literal;

use super::problem::Problem;
use super::{Checked, ReadFile};
use crate::experiment::draws::Draws;
use crate::experiment::requirement::{Kind, Requirement, Statistic};
use crate::experiment::size::{Free, Sizing};
use crate::experiment::study::{Case, Study};
use crate::model::blueprint::{Fleet, Priority};
use crate::model::topology::Population;
use crate::stats::{Verdict, draws_to_settle};

/// Most sizes.
const SIZES_MAX: usize = 4_000;

/// Memory limits that are tried if a file names no range: powers of two and the middles between them.
const MEMORY: [&str; 15] = [
    "256MiB", "384MiB", "512MiB", "768MiB", "1GiB", "1536MiB", "2GiB", "3GiB", "4GiB", "6GiB",
    "8GiB", "12GiB", "16GiB", "24GiB", "32GiB",
];

/// Least of the greatest numbers of replicas that are tried if a file names no range.
const REPLICAS_MIN: u32 = 8;

/// The sizes that free settings give.
#[derive(Clone, Debug)]
pub struct Sizes {
    /// What to search.
    pub sizing: Sizing,
    /// Number of combinations that are no scenario, and the first problem of one of them.
    pub impossible: Option<(usize, String)>,
}

/// Why there are no sizes.
#[derive(Clone, Debug)]
pub enum Unsized {
    /// What is wrong with the arguments, with its fix.
    Argument(String),
    /// No combination is a scenario; the problems of the first.
    Problems(Vec<Problem>),
}

/// The number of replicas of a fleet that the file sets; `None` if nodes, pods or an autoscaler set it.
fn replicas(fleet: &Fleet) -> Option<u32> {
    match (fleet.topology.population, &fleet.autoscaling) {
        (Population::Replicas(replicas), None) => Some(replicas),
        _ => None,
    }
}

/// Flags that free what decides the size of a fleet.
fn flags(fleet: &Fleet) -> String {
    let name = &fleet.name;
    let limit = match fleet.topology.population {
        Population::Replicas(_) => "1GiB..16GiB",
        Population::PerNode | Population::PerPod => "128MiB..2GiB",
    };
    let limit = format!("--free fleet.{name}.resources.memory.limit={limit}");
    match replicas(fleet) {
        Some(_) => format!("--free fleet.{name}.replicas=2..8 {limit}"),
        None => limit,
    }
}

/// The settings that decide the size of the only fleet: replicas, and the memory limit. Of several fleets
/// an error names one that `goals` are about.
fn of_fleet(case: &Case, goals: &[Requirement]) -> Result<Vec<Free>, Unsized> {
    let fleets = &case.blueprint.fleets;
    let [fleet] = fleets.as_slice() else {
        let names: Vec<&str> = fleets.iter().map(|fleet| fleet.name.as_str()).collect();
        let is_meant = |fleet: &&Fleet| {
            let scope = format!("fleet.{}", fleet.name);
            goals.iter().any(|goal| goal.subject.scope() == scope)
        };
        let meant = fleets.iter().find(is_meant).or(fleets.first());
        return Err(Unsized::Argument(format!(
            "name what is free, as the file has the fleets {}: {}",
            names.join(", "),
            meant.map_or_else(String::new, flags)
        )));
    };
    let (mut free, name) = (Vec::new(), &fleet.name);
    if let Some(replicas) = replicas(fleet) {
        let most = (2 * replicas).max(REPLICAS_MIN);
        free.push(Free {
            path: format!("fleet.{name}.replicas"),
            values: (1..=most).map(|count| count.to_string()).collect(),
        });
    }
    free.push(Free {
        path: format!("fleet.{name}.resources.memory.limit"),
        values: MEMORY.iter().map(|value| literal(value)).collect(),
    });
    Ok(free)
}

/// The sizes that `free` settings give to the first chosen case of a scenario, without a choice its base.
/// Without any setting, those that decide the size of its only fleet. Where a memory limit is free and its request is not, the request is the
/// limit.
///
/// # Errors
///
/// If the scenario has no goals, a setting is named twice, there are too many sizes, or no
/// combination is a scenario.
pub fn sizes(
    checked: &Checked,
    free: Vec<Free>,
    read: ReadFile<'_>,
    first: Priority,
) -> Result<Sizes, Unsized> {
    let study = &checked.study;
    let goals = goals(study)?;
    let base = study.cases.first();
    let base = base.expect("a study has a base");
    let free = if free.is_empty() {
        of_fleet(base, &goals)?
    } else {
        free
    };
    let is_twin = |index: &usize| {
        let path = &free[*index].path;
        free[..*index].iter().any(|other| other.path == *path)
    };
    if let Some(twin) = (0..free.len()).find(is_twin) {
        let twin = &free[twin];
        let message = format!("`{}` is free twice; give it one range", twin.path);
        return Err(Unsized::Argument(message));
    }
    let count = free
        .iter()
        .fold(1_usize, |count, one| count.saturating_mul(one.values.len()));
    if count > SIZES_MAX {
        return Err(Unsized::Argument(format!(
            "{count} sizes are more than {SIZES_MAX}; give a greater step, as in 2..64/4"
        )));
    }
    let places = places(&free);
    let settings: Vec<_> = places.iter().map(|place| settings(&free, place)).collect();
    let named: Vec<String> = free.iter().map(|one| one.path.clone()).collect();
    let cases = checked.document.cases(&settings, &named, read);
    let (mut kept, mut refused) = (Vec::new(), Vec::new());
    for (case, place) in cases.into_iter().zip(places) {
        match case {
            Ok(case) => kept.push((case.blueprint.requested(), place, case)),
            Err(problems) => refused.push(problems),
        }
    }
    if kept.is_empty() {
        return Err(Unsized::Problems(refused.remove(0)));
    }
    // The sort is stable: of equal requests the lesser settings come first.
    kept.sort_by(|left, right| left.0.by_size(&right.0, first));
    let why = refused.first().and_then(|problems| problems.first());
    let why = why.map(|problem| problem.message.clone());
    let sized = kept.into_iter().map(|(_, place, case)| (place, case));
    let (places, cases) = sized.unzip();
    Ok(Sizes {
        sizing: Sizing {
            study: Study {
                draws: Draws::Fixed(enough(study, &goals)),
                cases,
                requirements: goals,
                ..study.clone()
            },
            start: base.name.clone(),
            free,
            places,
            first,
            alpha: Verdict::ALPHA,
        },
        impossible: why.map(|why| (refused.len(), why)),
    })
}

/// The goals that name the first case, or else all.
fn goals(study: &Study) -> Result<Vec<Requirement>, Unsized> {
    let goals = study.requirements.iter();
    let goals: Vec<_> = goals.filter(|one| one.kind == Kind::Goal).collect();
    let base = &study.cases[0].name;
    let of_base: Vec<_> = goals.iter().filter(|goal| goal.names(base)).collect();
    let chosen: Vec<Requirement> = if of_base.is_empty() {
        goals.into_iter().cloned().collect()
    } else {
        of_base.into_iter().map(|goal| (*goal).clone()).collect()
    };
    if chosen.is_empty() {
        let fleet = study.cases[0].blueprint.fleets.first();
        let fleet = fleet.map_or("x", |fleet| fleet.name.as_str());
        return Err(Unsized::Argument(format!(
            "the scenario has no goal, so any size would do; state a [[goal]], as require = \
             \"probability(any oom in fleet.{fleet}) < 1%\""
        )));
    }
    Ok(chosen)
}

/// The draws of the scenario, or twice as many as settle its goals if nothing ever happens.
fn enough(study: &Study, goals: &[Requirement]) -> u32 {
    let alpha = Verdict::ALPHA / goals.len() as f64;
    let is_rare = |goal: &&Requirement| goal.statistic == Statistic::Probability;
    let limits = goals.iter().filter(is_rare).map(|goal| goal.limit);
    let limits = limits.filter(|limit| *limit > 0.0 && *limit < 1.0);
    let needed = limits.filter_map(|limit| draws_to_settle(limit, alpha));
    let needed = needed.max().unwrap_or(0).saturating_mul(2);
    study
        .draws
        .most()
        .max(u32::try_from(needed).unwrap_or(u32::MAX / 8))
}

/// Every combination of values, the first setting slowest.
fn places(free: &[Free]) -> Vec<Vec<usize>> {
    free.iter().fold(vec![Vec::new()], |places, one| {
        let with = |place: &Vec<usize>, value| [place.as_slice(), &[value]].concat();
        let extended = places.iter();
        extended
            .flat_map(|place| (0..one.values.len()).map(move |value| with(place, value)))
            .collect()
    })
}

/// What is set at a place.
fn settings(free: &[Free], place: &[usize]) -> Vec<(String, String)> {
    let mut settings = Vec::new();
    for (one, &value) in free.iter().zip(place) {
        let value = &one.values[value];
        // A request above a limit is none, and one below it is memory that nobody sets aside.
        let request = one.path.strip_suffix("memory.limit");
        let request = request.map(|start| format!("{start}memory.request"));
        if let Some(request) =
            request.filter(|request| !free.iter().any(|two| two.path == *request))
        {
            settings.push((request, value.clone()));
        }
        settings.push((one.path.clone(), value.clone()));
    }
    settings
}
