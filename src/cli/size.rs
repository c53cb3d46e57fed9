//! `alloy-sim size`: the smallest size that holds every goal.

use std::sync::atomic::Ordering;

use super::arguments::{Format, Minimize, SizeArguments};
use super::environment;
use super::input::{self, Scenario};
use super::progress::Spinner;
use super::signals::Signals;
use super::terminal::{self, Output};
use super::{Exit, error};
use crate::experiment::draws::Draws;
use crate::experiment::size::Running;
use crate::model::blueprint::Priority;
use crate::report;
use crate::scenario::{self, DrawsAsked, Overrides, Unsized};

/// Searches the smallest size of the scenario of `arguments`.
pub(super) fn size(arguments: &SizeArguments) -> Result<Exit, Exit> {
    let signals = Signals::listen("error: interrupted").map_err(error::told)?;
    let overrides = Overrides {
        draws: arguments.draws.map(DrawsAsked::Number),
        seed: arguments.running.seed,
        settings: arguments.set.clone(),
        cases: arguments.case.iter().cloned().collect(),
    };
    let files = std::slice::from_ref(&arguments.file);
    let mut scenarios = input::load(files, &overrides)?;
    let threads = environment::threads(arguments.running.threads);
    let is_over = || signals.flag().load(Ordering::Relaxed);
    let budget = &arguments.running.budget;
    budget.judge(&scenarios, threads, &is_over)?;
    let Scenario {
        source, checked, ..
    } = scenarios.remove(0);
    let first = match arguments.minimize {
        Minimize::Memory => Priority::Memory,
        Minimize::Cpu => Priority::Cpu,
        Minimize::Addresses => Priority::Addresses,
        Minimize::Volumes => Priority::Volumes,
    };
    let free = arguments.free.clone();
    let sizes = scenario::sizes(&checked, free, &input::read_beside, first);
    let mut sizes = sizes.map_err(|why| match why {
        Unsized::Argument(message) => {
            terminal::tell(&format!("error: {message}"));
            Exit::WrongScenario
        }
        Unsized::Problems(problems) => {
            input::show_problems(&problems, &source);
            Exit::WrongScenario
        }
    })?;
    sizes.sizing.alpha = 1.0 - arguments.confidence;
    if let Some(draws) = arguments.draws {
        sizes.sizing.study.draws = Draws::Fixed(draws);
    }
    let spinner = Spinner::new();
    let found = sizes.sizing.search(&Running {
        threads,
        interrupted: signals.flag(),
        on_draws: &|draws| spinner.update(draws),
    });
    drop(spinner);
    let found = found.map_err(|why| error::stopped(&why))?;
    let brief = report::size_brief(&sizes.sizing, &found, sizes.impossible.as_ref());
    let mut output = Output::default();
    let exit = Exit::of_verdict(brief.verdict());
    let answer = match arguments.running.format {
        Format::Text => report::size_answer(&brief, terminal::style()),
        Format::Markdown => report::size_markdown(&brief),
        Format::Json => {
            let answer = report::size_json(&brief, &sizes.sizing, &found);
            terminal::document("size", &[answer], &[], exit)
        }
    };
    output.line(answer.trim_end());
    output.finish()?;
    Ok(exit)
}
