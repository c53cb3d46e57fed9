//! `alloy-sim run`: checks all scenarios, simulates them side by side, and answers in their order.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::arguments::{Format, RunArguments, running_flags, wrong_details};
use super::blocks::{self, Disk, REVISION, Recipe};
use super::environment::{self, Clock};
use super::index::Index;
use super::input::{self, Scenario};
use super::output::Folder;
use super::progress::ProgressLine;
use super::session::{Extent, Manner, Place, Places, Session};
use super::share;
use super::signals::Signals;
use super::{Exit, bug, error, terminal, timings};
use crate::experiment::archive::Archive;
use crate::experiment::run::{self, Options};
use crate::experiment::stopwatch::{Clocks, Stopwatch};
use crate::experiment::study::Study;
use crate::scenario::Overrides;

/// What is said of an interruption that nothing but the end of the process answers.
const INTERRUPTED: &str =
    "interrupted: finished scenarios keep their results, the others have no new ones";

/// Runs the scenarios of `arguments`.
pub(super) fn run(arguments: &RunArguments) -> Result<Exit, Exit> {
    if arguments.details && arguments.running.format != Format::Text {
        wrong_details("run").exit();
    }
    let signals = Signals::listen(INTERRUPTED).map_err(error::told)?;
    let overrides = Overrides {
        draws: arguments.draws,
        seed: arguments.running.seed,
        settings: arguments.selection.set.clone(),
        cases: arguments.selection.case.clone(),
    };
    let clock = Clock::start();
    let scenarios = input::load(&arguments.files, &overrides)?;
    if arguments.timings {
        terminal::tell(&timings::of_reading(scenarios.len(), clock.elapsed()));
    }
    let threads = environment::threads(arguments.running.threads);
    let is_over = || signals.flag().load(Ordering::Relaxed);
    let budget = &arguments.running.budget;
    budget.judge(&scenarios, threads, &is_over)?;
    if let Some(share) = arguments.blocks.shard {
        return share::share(arguments, scenarios, (&overrides, share), &signals);
    }
    let manner = Manner {
        command: "run",
        extent: extent(arguments.quiet, arguments.details),
        is_timed: arguments.timings,
        format: arguments.running.format,
        threads,
    };
    let folders = claim(&arguments.out, &scenarios, &signals)?;
    let index = claim_index(&arguments.out, scenarios.len())?;
    let scenarios = scenarios.into_iter().zip(folders);
    let (archives, places) = scenarios
        .map(|(scenario, folder)| {
            if manner.extent != Extent::Line {
                input::show_problems(&scenario.checked.warnings, &scenario.source);
            }
            prepare(arguments, scenario, folder, &overrides)
        })
        .collect::<Result<(Vec<_>, Vec<_>), _>>()?;
    let places = Places {
        list: places,
        index,
    };
    Ok(run_all(manner, &signals, archives, places))
}

/// How much a command says.
pub(super) const fn extent(is_quiet: bool, has_details: bool) -> Extent {
    match (is_quiet, has_details) {
        (true, _) => Extent::Line,
        (false, false) => Extent::Short,
        (false, true) => Extent::Details,
    }
}

/// The folders of all scenarios. Reports each folder that cannot be claimed.
pub(super) fn claim(
    out: &Path,
    scenarios: &[Scenario],
    signals: &Signals,
) -> Result<Vec<Folder>, Exit> {
    let names = scenarios
        .iter()
        .map(|scenario| &scenario.checked.study.name);
    let claims = names.map(|name| {
        let claimed = Folder::claim(out, name, signals.flag());
        claimed.map_err(error::told)
    });
    // Every folder is claimed, so that every error is reported at once.
    let claims: Vec<_> = claims.collect();
    claims.into_iter().collect()
}

/// The place of the page over several scenarios.
pub(super) fn claim_index(out: &Path, scenarios: usize) -> Result<Option<Index>, Exit> {
    match scenarios {
        0 | 1 => Ok(None),
        _ => Index::claim(out).map(Some).map_err(error::told),
    }
}

/// The draws of a scenario, kept beside its results until these are complete.
fn prepare(
    arguments: &RunArguments,
    scenario: Scenario,
    folder: Folder,
    overrides: &Overrides,
) -> Result<(Archive, Place), Exit> {
    let place = blocks::folder_of(&arguments.out, folder.name());
    let recipe = Recipe::of(&scenario.source, overrides, &scenario.files);
    let earlier = Recipe::read(&place);
    let mut disk = Disk::new(place.clone(), recipe.clone());
    if arguments.blocks.resume && earlier.is_some() {
        disk = disk.with(blocks::files(&place).map_err(error::told)?);
    } else if let Some(earlier) = earlier.filter(|_| !arguments.quiet) {
        let what = if earlier == recipe {
            "an interrupted run; --resume goes on with them"
        } else {
            "another version of the scenario; they go when these results are complete"
        };
        terminal::tell(&format!("note: {} holds draws of {what}", place.display()));
    }
    let disk = Arc::new(disk);
    let study = Arc::new(scenario.checked.study);
    let archive = Archive::new(study, Arc::clone(&disk) as _, REVISION);
    let place = Place {
        source: scenario.source,
        resolved_toml: scenario.checked.resolved_toml,
        folder,
        running: running_flags(overrides),
        overrides: overrides.clone(),
        blocks: disk,
        keeps_blocks: arguments.blocks.keep_blocks,
    };
    Ok((archive, place))
}

/// Runs the studies of these archives, and reports them.
pub(super) fn run_all(
    manner: Manner,
    signals: &Signals,
    archives: Vec<Archive>,
    places: Places,
) -> Exit {
    let clock = Clock::start();
    let clocks = Clocks {
        wall: &|| clock.elapsed(),
        thread: &environment::thread_time,
    };
    let stopwatches: Vec<_> = archives.iter().map(|_| Stopwatch::new(clocks)).collect();
    let studies: Vec<Arc<Study>> = archives.iter().map(|one| Arc::clone(one.study())).collect();
    let line = ProgressLine::new(&studies, manner.extent == Extent::Line);
    let session = Session::new(manner, (&clock, signals), &line, places);
    bug::watch(&studies);
    let options = Options {
        threads: manner.threads,
        interrupted: signals.flag(),
        on_progress: &|progress| line.update(progress),
        stopwatches: &stopwatches,
    };
    run::run_all(archives, &options, &|index, results| {
        session.end(index, results, &stopwatches[index]);
    });
    if manner.is_timed {
        terminal::tell(&timings::of_all(
            &stopwatches,
            manner.threads,
            clock.elapsed(),
        ));
    }
    session.leave()
}
