//! `alloy-sim run`: all scenarios checked, then one after the other simulated, answered, written.

use std::time::Duration;

use super::arguments::RunArguments;
use super::environment::{self, Clock};
use super::input::{self, Scenario};
use super::output::Folder;
use super::progress::ProgressLine;
use super::signals::Signals;
use super::terminal::{self, Output};
use super::timings::{self, Work};
use super::{Error, Exit, bug, error};
use crate::experiment::run::{self, Options, Stopped};
use crate::experiment::stopwatch::{Clocks, Stopwatch};
use crate::report::{self, Artifact, Sources, Style};
use crate::scenario::Overrides;

/// Runs the scenarios of `arguments`.
pub(super) fn run(arguments: &RunArguments) -> Result<Exit, Error> {
    let signals = Signals::listen()?;
    let overrides = Overrides {
        draws: arguments.draws,
        seed: arguments.seed,
    };
    let clock = Clock::start();
    let scenarios = match input::load(&arguments.files, &overrides) {
        Ok(scenarios) => scenarios,
        Err(exit) => return Ok(exit),
    };
    if arguments.timings {
        terminal::tell(&timings::of_reading(scenarios.len(), clock.elapsed()));
    }
    let Some(folders) = claim(arguments, &scenarios) else {
        return Ok(Exit::Machine);
    };
    let mut session = Session {
        arguments,
        signals,
        output: Output::default(),
    };
    let mut exit = Exit::Good;
    for (scenario, folder) in scenarios.into_iter().zip(&folders) {
        exit = exit.max(session.run_one(scenario, folder));
        if exit == Exit::Interrupted {
            break;
        }
    }
    if let Err(error) = session.output.finish() {
        error::show(&error);
        exit = exit.max(Exit::Machine);
    }
    Ok(exit)
}

/// The folders of all scenarios, or `None` after telling of each that cannot be had.
fn claim(arguments: &RunArguments, scenarios: &[Scenario]) -> Option<Vec<Folder>> {
    let claims = scenarios.iter().map(|scenario| {
        Folder::claim(&arguments.out, &scenario.checked.study.name)
            .map_err(|error| error::show(&error))
    });
    // Every claim is made, so that every error is told at once.
    let claims: Vec<_> = claims.collect();
    claims.into_iter().collect::<Result<_, ()>>().ok()
}

/// What all scenarios of one command share.
struct Session<'a> {
    arguments: &'a RunArguments,
    signals: Signals,
    output: Output,
}

/// What a scenario that ran to its end leaves.
struct Finished {
    exit: Exit,
    in_words: String,
    answer: String,
    artifacts: Vec<Artifact>,
    work: Work,
    simulated: Duration,
}

impl Session<'_> {
    fn run_one(&mut self, scenario: Scenario, folder: &Folder) -> Exit {
        if !self.arguments.quiet {
            input::show_problems(&scenario.checked.warnings, &scenario.source);
        }
        let name = scenario.checked.study.name.clone();
        let seed = scenario.checked.study.seed;
        let clock = Clock::start();
        let clocks = Clocks {
            wall: &|| clock.elapsed(),
            thread: &environment::thread_time,
        };
        let stopwatch = Stopwatch::new(clocks);
        let measure = self.arguments.timings.then_some(&stopwatch);
        match bug::guard(&name, seed, || self.simulate(scenario, &clock, measure)) {
            None => Exit::Bug,
            Some(Err(Stopped::Interrupted)) => {
                terminal::tell(&format!(
                    "interrupted: {name} has no new results; finished scenarios keep theirs"
                ));
                Exit::Interrupted
            }
            Some(Err(Stopped::NoThreads(reason))) => {
                error::show(&Error::Threads { reason });
                Exit::Machine
            }
            Some(Ok(finished)) => {
                let exit = self.finish(&name, folder, &finished);
                if self.arguments.timings {
                    let Finished {
                        work, simulated, ..
                    } = finished;
                    let spent = (simulated, clock.elapsed());
                    terminal::tell(&timings::table(&name, work, &stopwatch, spent));
                }
                exit
            }
        }
    }

    fn simulate(
        &self,
        scenario: Scenario,
        clock: &Clock,
        stopwatch: Option<&Stopwatch<'_>>,
    ) -> Result<Finished, Stopped> {
        if self.signals.interrupted() {
            return Err(Stopped::Interrupted);
        }
        let Scenario { source, checked } = scenario;
        let threads = environment::threads(self.arguments.threads.map(usize::from));
        let results = {
            let line = ProgressLine::new(&checked.study, self.arguments.quiet);
            let options = Options {
                threads: Some(threads),
                interrupted: self.signals.flag(),
                on_progress: &|progress| line.update(progress),
                stopwatch,
            };
            run::run(checked.study, &options)?
        };
        let simulated = clock.elapsed();
        let style = Style {
            colour: terminal::stdout_has_colour(),
            width: terminal::width(),
        };
        let environment = environment::describe(clock, threads);
        let sources = Sources {
            version: env!("CARGO_PKG_VERSION"),
            scenario_text: &String::from_utf8_lossy(&source.bytes),
            resolved_toml: &checked.resolved_toml,
            environment: &environment,
        };
        let brief = report::brief(&results);
        Ok(Finished {
            exit: Exit::of(&results),
            in_words: brief.in_words(),
            answer: report::answer(&brief, style),
            artifacts: report::render(&results, &sources),
            work: Work::of(&results, threads),
            simulated,
        })
    }

    /// Writes first and talks afterwards: a terminal that is gone must not cost the results.
    fn finish(&mut self, name: &str, folder: &Folder, finished: &Finished) -> Exit {
        let written = folder.replace(&finished.artifacts);
        let place = match &written {
            Ok(()) => format!("results in {}", folder.path().display()),
            Err(_) => "results not written".into(),
        };
        if self.arguments.quiet {
            let words = &finished.in_words;
            self.output.line(&format!("{name}: {words}, {place}"));
        } else {
            self.output
                .line(&format!("{}\n{place}\n", finished.answer.trim_end()));
        }
        match written {
            Ok(()) => finished.exit,
            Err(error) => {
                error::show(&error);
                finished.exit.max(Exit::Machine)
            }
        }
    }
}
