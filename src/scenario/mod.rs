//! Scenario files in, a checked scenario or all its problems out.
//!
//! Text becomes a tree with places. Variants and sweeps make one tree per case. Each tree is read into
//! a blueprint key by key. Reading does not stop at the first problem. This layer opens no file:
//! measured series come through a function that the caller passes in. Lists of targets, for the ring,
//! are read in the same way.

mod cases;
mod check;
mod claim;
mod document;
mod fields;
mod measured;
mod parse;
mod path;
mod preset;
mod problem;
mod quantity;
mod read;
mod requirement;
mod resolved;
mod study;
mod suggest;
mod targets;
mod tree;
mod unit;
mod write;

use std::collections::BTreeMap;

pub use document::Document;
pub use problem::{Label, Problem, Severity};
pub use targets::{TargetFormat, TargetList, read_targets};

use crate::experiment::study::Study;
use problem::Span;

/// What `alloy-sim init` writes: a scenario that runs as it stands and asks a real question.
pub const STARTER: &str = include_str!("starter.toml");

/// A scenario file.
#[derive(Clone, Debug)]
pub struct Source {
    /// Its name, as problems show it.
    pub name: String,
    /// What it holds.
    pub bytes: Vec<u8>,
}

/// Settings of the command line that replace those of the files.
#[derive(Clone, Copy, Debug, Default)]
pub struct Overrides {
    /// Draws per case.
    pub draws: Option<u32>,
    /// Seed of all random numbers.
    pub seed: Option<u64>,
}

/// What one file became.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// Name of the file.
    pub file: String,
    /// The scenario, or the problems that keep it from being one.
    pub result: Result<Checked, Vec<Problem>>,
}

/// A scenario that can run.
#[derive(Clone, Debug)]
pub struct Checked {
    /// What to run.
    pub study: Study,
    /// The file with every default written out; it loads to the same study.
    pub resolved_toml: String,
    /// What resolves further cases.
    pub document: Document,
    /// What may mislead.
    pub warnings: Vec<Problem>,
}

/// Reads another file for a scenario. The arguments are the name of the scenario file and a path
/// relative to it. The result is the bytes, or why there are none.
pub type ReadFile<'a> = &'a dyn Fn(&str, &str) -> Result<Vec<u8>, String>;

/// Checks all files; one result per source, in their order.
pub fn load(sources: &[Source], read: ReadFile<'_>, overrides: &Overrides) -> Vec<Loaded> {
    let one = |source| study::load(source, read, overrides);
    let mut loaded: Vec<(Loaded, Named)> = sources.iter().map(one).collect();
    refuse_twins(&mut loaded);
    loaded.into_iter().map(|(loaded, _)| loaded).collect()
}

/// The name a file gives its scenario, and where.
#[derive(Clone, Debug, Default)]
struct Named {
    name: String,
    span: Option<Span>,
}

/// Two scenarios of one name would write to one folder.
fn refuse_twins(loaded: &mut [(Loaded, Named)]) {
    let mut files: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (index, (_, named)) in loaded.iter().enumerate() {
        if !named.name.is_empty() {
            files.entry(named.name.clone()).or_default().push(index);
        }
    }
    for (name, indices) in files.iter().filter(|(_, indices)| indices.len() > 1) {
        for (position, &index) in indices.iter().enumerate() {
            let other = indices[usize::from(position == 0)];
            let message = format!("`{name}` is also the name of {}", loaded[other].0.file);
            let (twin, place) = &mut loaded[index];
            let help = "the name is the output folder, so it must be unique";
            let problem = Problem {
                file: twin.file.clone(),
                ..Problem::error(message, place.span).help(help)
            };
            match &mut twin.result {
                Ok(_) => twin.result = Err(vec![problem]),
                Err(problems) => problems.push(problem),
            }
        }
    }
}

/// A text cut to what fits a message.
fn short(text: &str) -> String {
    cut(text, 60)
}

/// A text cut to `length` characters, with dots for what is left out.
fn cut(text: &str, length: usize) -> String {
    if text.chars().count() <= length {
        return text.to_owned();
    }
    let head: String = text.chars().take(length - 3).collect();
    format!("{head}...")
}
