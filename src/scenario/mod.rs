//! Scenario files in, a checked scenario or all its problems out.
//!
//! Text becomes a tree with places. Variants and sweeps make one tree per case. Each tree is read
//! into a blueprint key by key. Reading does not stop at the first problem. This layer opens no
//! file: the caller passes in a function that reads measured series. Lists of targets for the ring
//! are read in the same way.

mod cases;
mod check;
mod choice;
mod claim;
mod document;
mod fields;
mod free;
mod letters;
mod measured;
mod names;
mod options;
mod parse;
mod path;
mod preset;
mod problem;
mod quantity;
mod read;
mod reference;
mod required;
mod requirement;
mod resolved;
mod schema;
mod study;
mod suggest;
mod targets;
mod templates;
mod tree;
mod unit;
mod write;

use std::collections::BTreeMap;

pub use document::Document;
pub use free::{Sizes, Unsized, read_free, sizes};
pub use problem::{Label, Problem, Severity};
pub use reference::{AnswerWord, KeyInfo, answer_words, keys};
pub use schema::schema;
pub use suggest::few as near;
pub use targets::{TargetFormat, TargetList, read_targets};
pub use templates::{TEMPLATES, Template};

use crate::experiment::study::Study;
use problem::Span;

/// What `alloy-sim init` writes: a scenario that runs as it is and asks a real question.
pub const STARTER: &str = include_str!("starter.toml");

/// A scenario file.
#[derive(Clone, Debug)]
pub struct Source {
    /// Name of the file, as problems show it.
    pub name: String,
    /// Content of the file.
    pub bytes: Vec<u8>,
}

/// A number of draws that the command line asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DrawsAsked {
    /// This number.
    Number(u32),
    /// As many as settle the verdicts; the file states the most.
    UntilSettled,
}

/// Settings of the command line that replace those of scenario files.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    /// Draws per case.
    pub draws: Option<DrawsAsked>,
    /// Seed of all random numbers.
    pub seed: Option<u64>,
    /// Paths with values, as if the file stated them: `fleet.metrics.replicas=5`.
    pub settings: Vec<String>,
    /// Names of the cases to simulate; empty = all.
    pub cases: Vec<String>,
}

/// The result of reading one file.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// Name of the file.
    pub file: String,
    /// The scenario, or its problems.
    pub result: Result<Checked, Vec<Problem>>,
}

/// A scenario without problems.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The study to run.
    pub study: Study,
    /// The file with every default written out. The written file loads to the same study.
    pub resolved_toml: String,
    /// The document that resolves further cases.
    pub document: Document,
    /// What the file allows and may mislead.
    pub warnings: Vec<Problem>,
}

/// Reads another file for a scenario. The arguments are the name of the scenario file and a path
/// relative to it. The result is the bytes of the file, or why it cannot be read.
pub type ReadFile<'a> = &'a dyn Fn(&str, &str) -> Result<Vec<u8>, String>;

/// Checks all files. Returns one result per source, in their order.
pub fn load(sources: &[Source], read: ReadFile<'_>, overrides: &Overrides) -> Vec<Loaded> {
    let one = |source| study::load(source, read, overrides);
    let mut loaded: Vec<(Loaded, Named)> = sources.iter().map(one).collect();
    refuse_twins(&mut loaded);
    loaded.into_iter().map(|(loaded, _)| loaded).collect()
}

/// The name that a file gives its scenario, and the place of the name.
#[derive(Clone, Debug, Default)]
struct Named {
    name: String,
    span: Option<Span>,
}

/// Refuses two scenarios of one name, which would write to one folder.
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

/// A limit as people write it, in base units: `1%`, `2GiB`, `30s`, `5`.
///
/// # Errors
///
/// What is wrong with the text.
pub fn read_limit(text: &str) -> Result<f64, String> {
    use unit::Dimension;
    let dimensions = [
        Dimension::Number,
        Dimension::Share,
        Dimension::Bytes,
        Dimension::Time,
    ];
    let mut values = dimensions.iter().filter_map(|one| one.parse(text).ok());
    values.next().ok_or_else(|| {
        format!(
            "`{}` is not a limit, such as 1%, 2GiB, 30s or 5",
            short(text)
        )
    })
}

/// A number of bytes as people write it: `8GiB`.
///
/// # Errors
///
/// What is wrong with the text.
pub fn read_bytes(text: &str) -> Result<f64, String> {
    unit::Dimension::Bytes.parse(text)
}

/// A text, cut to the length of a message.
fn short(text: &str) -> String {
    cut(text, 60)
}

/// A text cut to `length` characters, with dots for the rest.
fn cut(text: &str, length: usize) -> String {
    if text.chars().count() <= length {
        return text.to_owned();
    }
    let head: String = text.chars().take(length - 3).collect();
    format!("{head}...")
}
