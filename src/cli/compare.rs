//! `alloy-sim compare`: two cases side by side.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::arguments::{CompareArguments, Format};
use super::environment;
use super::input::{self, Scenario};
use super::output::MANIFEST;
use super::progress::ProgressLine;
use super::signals::Signals;
use super::terminal::{self, Output};
use super::{Error, Exit, error};
use crate::experiment::run::{self, Options};
use crate::report::{self, Sample};
use crate::scenario::{DrawsAsked, Overrides};

/// One side as the user names it: a path, and perhaps a case.
struct Operand {
    path: PathBuf,
    case: Option<String>,
}

impl Operand {
    /// `path` or `path:case`. A path that exists is a path.
    fn of(text: &str) -> Self {
        if !Path::new(text).exists()
            && let Some((path, case)) = text.split_once(':')
        {
            return Self {
                path: path.into(),
                case: Some(case.trim().to_owned()),
            };
        }
        Self {
            path: text.into(),
            case: None,
        }
    }
}

/// Compares the two sides of `arguments`.
pub(super) fn compare(arguments: &CompareArguments) -> Result<Exit, Exit> {
    let signals = Signals::listen("error: interrupted").map_err(error::told)?;
    let [a, b] = [&arguments.first, &arguments.second].map(|text| Operand::of(text));
    let mut names = [&a, &b].map(name);
    if names[0] == names[1] {
        names = ["A", "B"].map(|side| format!("{} ({side})", names[0]));
    }
    let mut shared = (
        arguments.draws.map(DrawsAsked::Number),
        arguments.running.seed,
    );
    let first = side(&a, &names[0], arguments, &mut shared, &signals)?;
    let second = side(&b, &names[1], arguments, &mut shared, &signals)?;
    let condition = arguments.fail_if.as_ref();
    let compared = report::compare(&first, &second, condition).map_err(|why| told(&why))?;
    let exit = Exit::of_verdict(compared.verdict());
    let text = match arguments.running.format {
        Format::Text => report::compared_text(&compared, terminal::style()),
        Format::Markdown => report::compared_markdown(&compared),
        Format::Json => {
            let answer = report::compared_json(&compared);
            terminal::document("compare", &[answer], &[], exit)
        }
    };
    let mut output = Output::default();
    output.line(text.trim_end());
    output.finish()?;
    Ok(exit)
}

/// The name of a side for readers: the case, or else the file or folder.
fn name(operand: &Operand) -> String {
    let stem = operand.path.file_stem().unwrap_or_default();
    let stem = stem.to_string_lossy().into_owned();
    operand.case.clone().unwrap_or(stem)
}

fn told(message: &str) -> Exit {
    terminal::tell(&format!("error: {message}"));
    Exit::WrongScenario
}

/// Reads the draws of a result folder, or simulates a scenario. Two scenarios share the draws and the
/// seed of the first, so that their draws share their luck.
fn side(
    operand: &Operand,
    name: &str,
    arguments: &CompareArguments,
    shared: &mut (Option<DrawsAsked>, Option<u64>),
    signals: &Signals,
) -> Result<Sample, Exit> {
    if operand.path.is_dir() {
        return folder(operand, name);
    }
    let overrides = Overrides {
        draws: shared.0,
        seed: shared.1,
        settings: Vec::new(),
        cases: vec![operand.case.clone().unwrap_or_else(|| "base".to_owned())],
    };
    let mut scenarios = input::load(std::slice::from_ref(&operand.path), &overrides)?;
    let threads = environment::threads(arguments.running.threads);
    let is_over = || signals.flag().load(Ordering::Relaxed);
    let budget = &arguments.running.budget;
    budget.judge(&scenarios, threads, &is_over)?;
    let Scenario { checked, .. } = scenarios.remove(0);
    let study = Arc::new(checked.study);
    let line = ProgressLine::new(std::slice::from_ref(&study), false);
    let study = Arc::unwrap_or_clone(study);
    let options = Options {
        threads,
        interrupted: signals.flag(),
        on_progress: &|progress| line.update(progress),
        stopwatches: &[],
    };
    let results = run::run(study, &options).map_err(|why| error::stopped(&why))?;
    *shared = (
        Some(DrawsAsked::Number(results.draws)),
        Some(results.study.seed),
    );
    let sample = Sample::of_results(&results, env!("CARGO_PKG_VERSION"), name);
    let failed = Error::system("read the draws");
    sample.map_err(|source| error::told(failed(source)))
}

/// Most folders that an error lists.
const LISTED_MAX: usize = 8;

/// The folders of results in a folder that is none itself.
fn results_in(path: &Path) -> Vec<PathBuf> {
    let is_one = |path: &PathBuf| path.join(MANIFEST).is_file();
    if is_one(&path.to_owned()) {
        return Vec::new();
    }
    let entries = fs::read_dir(path).into_iter().flatten();
    let mut folders: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| !is_hidden(path) && is_one(path))
        .collect();
    folders.sort();
    folders
}

/// Whether a folder is one that a run is about to write or to remove.
fn is_hidden(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().starts_with('.')
}

fn folder(operand: &Operand, name: &str) -> Result<Sample, Exit> {
    let results = results_in(&operand.path);
    if !results.is_empty() {
        let shown = results.iter().take(LISTED_MAX);
        let shown: Vec<String> = shown.map(|path| path.display().to_string()).collect();
        let more = match results.len().saturating_sub(LISTED_MAX) {
            0 => String::new(),
            count => format!(" and {count} more"),
        };
        let (path, shown) = (operand.path.display(), shown.join(", "));
        let message = format!("{path} holds results in: {shown}{more}; name one");
        return Err(told(&message));
    }
    let read = |file: &str| {
        let path = operand.path.join(file);
        fs::read(&path).map_err(|source| error::told(Error::file("read", &path)(source)))
    };
    let [manifest, cases, draws] = [read(MANIFEST)?, read("cases.csv")?, read("draws.csv")?];
    let sample = Sample::of_files([&manifest, &cases, &draws], operand.case.as_deref(), name);
    sample.map_err(|why| told(&format!("{}: {why}", operand.path.display())))
}
