//! `alloy-sim run`: checks all scenarios, simulates them side by side, and answers in their order.

use super::arguments::{Format, RunArguments, wrong_details};
use super::environment::{self, Clock};
use super::index::Index;
use super::input::{self, Scenario};
use super::output::Folder;
use super::progress::ProgressLine;
use super::session::{Place, Places, Session};
use super::signals::Signals;
use super::{Exit, bug, error, terminal, timings};
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
        wrong_details().exit();
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
    let folders = claim(arguments, &scenarios, &signals)?;
    let index = match scenarios.len() {
        0 | 1 => None,
        _ => Some(Index::claim(&arguments.out).map_err(error::told)?),
    };
    if !arguments.quiet {
        for Scenario { source, checked } in &scenarios {
            input::show_problems(&checked.warnings, source);
        }
    }
    let scenarios = scenarios.into_iter().zip(folders);
    let (studies, places) = scenarios
        .map(|(Scenario { source, checked }, folder)| {
            let place = Place {
                source,
                resolved_toml: checked.resolved_toml,
                folder,
            };
            (checked.study, place)
        })
        .unzip();
    Ok(run_all(
        arguments,
        &signals,
        studies,
        Places {
            list: places,
            index,
        },
    ))
}

/// The folders of all scenarios. Reports each folder that cannot be claimed.
fn claim(
    arguments: &RunArguments,
    scenarios: &[Scenario],
    signals: &Signals,
) -> Result<Vec<Folder>, Exit> {
    let names = scenarios
        .iter()
        .map(|scenario| &scenario.checked.study.name);
    let claims = names.map(|name| {
        let claimed = Folder::claim(&arguments.out, name, signals.flag());
        claimed.map_err(error::told)
    });
    // Every folder is claimed, so that every error is reported at once.
    let claims: Vec<_> = claims.collect();
    claims.into_iter().collect()
}

fn run_all(
    arguments: &RunArguments,
    signals: &Signals,
    studies: Vec<Study>,
    places: Places,
) -> Exit {
    let clock = Clock::start();
    let clocks = Clocks {
        wall: &|| clock.elapsed(),
        thread: &environment::thread_time,
    };
    let stopwatches: Vec<_> = studies.iter().map(|_| Stopwatch::new(clocks)).collect();
    let threads = environment::threads(arguments.running.threads);
    let line = ProgressLine::new(&studies, arguments.quiet);
    let session = Session::new(arguments, (&clock, signals), &line, places);
    bug::watch(&studies);
    let options = Options {
        threads,
        interrupted: signals.flag(),
        on_progress: &|progress| line.update(progress),
        stopwatches: &stopwatches,
    };
    run::run_all(studies, &options, &|index, results| {
        session.end(index, results, &stopwatches[index]);
    });
    if arguments.timings {
        terminal::tell(&timings::of_all(&stopwatches, threads, clock.elapsed()));
    }
    session.leave()
}
