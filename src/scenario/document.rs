//! A checked scenario that resolves further cases.

use super::cases::Draft;
use super::fields::Sink;
use super::options::Options;
use super::problem::{Problem, Problems};
use super::read::{self, Files};
use super::tree::{Node, Table};
use super::{ReadFile, names, parse};
use crate::experiment::study::Case;

/// What the variants and sweeps of a file come to.
#[derive(Clone, Debug)]
pub(super) struct Expanded {
    /// The first of the cases that the command line chooses; without a choice the base.
    pub(super) start: Draft,
    /// Paths that sweeps set.
    pub(super) paths: Vec<String>,
}

/// A scenario without mistakes, before its cases are resolved.
#[derive(Clone, Debug)]
pub struct Document {
    file: String,
    root: Table,
    options: Options,
    /// The case whose values further cases start from.
    start: Draft,
    /// Paths that the sweeps of the file set, by which cases are named.
    paths: Vec<String>,
}

impl Document {
    /// The document that `file` and the options of the command line make.
    pub(super) fn new(file: &str, root: Table, options: Options, expanded: Expanded) -> Self {
        Self {
            file: file.to_owned(),
            root,
            options,
            start: expanded.start,
            paths: expanded.paths,
        }
    }

    /// The first chosen case with some paths set to other values, as in a point of a sweep. Without a
    /// choice that is the base. A value is written as in a scenario file: `3`, `"16GiB"`, `{ p5 = 2, p95 = 6 }`.
    ///
    /// # Errors
    ///
    /// All problems of the scenario with these settings.
    pub fn case(
        &self,
        settings: &[(&str, &str)],
        read: ReadFile<'_>,
    ) -> Result<Case, Vec<Problem>> {
        let files = Files::new(&self.file, read);
        let mut paths = self.paths.clone();
        let own = settings.iter().map(|(path, _)| (*path).to_owned());
        paths.extend(own.filter(|path| !self.paths.contains(path)));
        self.with(settings, &paths, &files)
    }

    /// The first chosen case with each of several settings, in their order. Cases are named by what they set of
    /// `named` paths.
    pub(super) fn cases(
        &self,
        settings: &[Vec<(String, String)>],
        named: &[String],
        read: ReadFile<'_>,
    ) -> Vec<Result<Case, Vec<Problem>>> {
        let files = Files::new(&self.file, read);
        let case = |settings: &Vec<(String, String)>| {
            let settings = settings.iter();
            let settings = settings.map(|(path, value)| (path.as_str(), value.as_str()));
            self.with(&settings.collect::<Vec<_>>(), named, &files)
        };
        settings.iter().map(case).collect()
    }

    fn with(
        &self,
        settings: &[(&str, &str)],
        named: &[String],
        files: &Files<'_>,
    ) -> Result<Case, Vec<Problem>> {
        let mut problems = Problems::of(&self.file).with_options(self.options.clone());
        let mut draft = self.start.clone();
        // What is set anew has one value.
        let is_anew = |path: &String| settings.iter().any(|(other, _)| other == path);
        draft.settings.retain(|(path, _)| !is_anew(path));
        for (path, value) in settings {
            if let Some(value) = parse_value(value, &mut problems) {
                draft = draft.with(path, None, &value);
            }
        }
        let sink = Sink::of(problems);
        let reading = read::read(&draft.tree(&self.root, &sink), files, &sink);
        if sink.has_errors() {
            return Err(sink.problems.into_inner().into_sorted());
        }
        let mut shown = draft.clone();
        let starts = &self.start.settings;
        let is_shown =
            |path: &String| named.contains(path) || starts.iter().any(|(one, _)| one == path);
        shown.settings.retain(|(path, _)| is_shown(path));
        let name = names::short(&shown, named);
        Ok(draft.case(reading, &name, &self.paths))
    }
}

/// The value in `text`, which has no place in the file.
fn parse_value(text: &str, problems: &mut Problems) -> Option<Node> {
    let value = parse::value_in(text);
    if value.is_none() {
        let message = format!("`{}` is not a value", super::short(text));
        let help = "write it as in a scenario file: 3, \"16GiB\", true";
        problems.push(Problem::error(message, None).help(help));
    }
    value.map(|value| value.moved(&|_| None))
}
