//! A checked scenario that resolves further cases.

use super::cases::Draft;
use super::fields::Sink;
use super::problem::{Problem, Problems};
use super::read::Files;
use super::tree::{Node, Table, Value};
use super::{ReadFile, parse};
use crate::experiment::study::Case;

/// A scenario without mistakes, before its cases are resolved.
#[derive(Clone, Debug)]
pub struct Document {
    file: String,
    root: Table,
}

impl Document {
    /// The document that `file` holds.
    pub(super) fn new(file: &str, root: Table) -> Self {
        Self {
            file: file.to_owned(),
            root,
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
        self.with(settings, &Files::new(&self.file, read))
    }

    /// The base with each of several settings of the same paths, in their order.
    pub(super) fn cases(
        &self,
        settings: &[Vec<(String, String)>],
        read: ReadFile<'_>,
    ) -> Vec<Result<Case, Vec<Problem>>> {
        let files = Files::new(&self.file, read);
        let case = |settings: &Vec<(String, String)>| {
            let settings = settings.iter();
            let settings = settings.map(|(path, value)| (path.as_str(), value.as_str()));
            self.with(&settings.collect::<Vec<_>>(), &files)
        };
        settings.iter().map(case).collect()
    }

    fn with(&self, settings: &[(&str, &str)], files: &Files<'_>) -> Result<Case, Vec<Problem>> {
        let mut problems = Problems::of(&self.file);
        let mut draft = Draft::base();
        for (path, value) in settings {
            if let Some(value) = parse_value(value, &mut problems) {
                draft = draft.with(path, None, &value);
            }
        }
        let sink = Sink::of(problems);
        let reading = draft.read(&self.root, files, &sink);
        if sink.has_errors() {
            return Err(sink.problems.into_inner().into_sorted());
        }
        Ok(draft.case(reading))
    }
}

/// The value in `text`, which has no place in the file.
fn parse_value(text: &str, problems: &mut Problems) -> Option<Node> {
    let mut own = Problems::default();
    let assignment = format!("value = {text}");
    let mut table = parse::parse(assignment.as_bytes(), &mut own);
    let value = table.as_mut().and_then(|table| table.get_mut("value"));
    let (Some(value), false) = (value, own.has_errors()) else {
        let message = format!("`{}` is not a value", super::short(text));
        let help = "write it as in a scenario file: 3, \"16GiB\", true";
        problems.push(Problem::error(message, None).help(help));
        return None;
    };
    Some(without_places(value))
}

fn without_places(node: &Node) -> Node {
    Node::new(match &node.value {
        Value::Array(nodes) => Value::Array(nodes.iter().map(without_places).collect()),
        Value::Table(table) => {
            let mut placeless = Table::default();
            for entry in &table.entries {
                placeless.set_new(&entry.key, None, without_places(&entry.node));
            }
            Value::Table(placeless)
        }
        value => value.clone(),
    })
}
