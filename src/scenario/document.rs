//! A checked scenario that resolves further cases.

use super::cases::Draft;
use super::fields::Sink;
use super::options::Options;
use super::problem::{Problem, Problems};
use super::read::{self, Files};
use super::tree::{Node, Table};
use super::{ReadFile, names, parse};
use crate::experiment::study::Case;

/// A scenario without mistakes, before its cases are resolved.
#[derive(Clone, Debug)]
pub struct Document {
    file: String,
    root: Table,
    options: Options,
    /// Paths that the sweeps of the file set, by which cases are named.
    paths: Vec<String>,
}

impl Document {
    /// The document that `file` and the options of the command line make.
    pub(super) fn new(file: &str, root: Table, options: Options, paths: Vec<String>) -> Self {
        Self {
            file: file.to_owned(),
            root,
            options,
            paths,
        }
    }

    /// The base with some paths set to other values, as in a point of a sweep. A value is written
    /// as in a scenario file: `3`, `"16GiB"`, `{ p5 = 2, p95 = 6 }`.
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

    /// The base with each of several settings, in their order. Cases are named by what they set of
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
        let mut draft = Draft::base();
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
        shown.settings.retain(|(path, _)| named.contains(path));
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
