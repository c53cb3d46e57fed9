//! Reads one table: every key once, with its default, its problems and its place.
//!
//! Each key goes to two places: as a value to the caller, and as a node to the resolved table. So a
//! resolved scenario is complete by construction. A key that no reader asks for is unknown. After a
//! problem the caller gets some value and goes on. A scenario with an error is never used.

mod quantities;
mod shape;
mod tables;
mod values;

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;

use super::path;
use super::problem::{Problem, Problems, Span};
use super::quantity::{self, Spec};
use super::suggest::{nearest, suggest};
use super::tree::{Entry, Node, Table, Value};
use super::unit::Dimension;
use crate::experiment::study::Input;
pub(in crate::scenario) use shape::{Shape, Shapes};

/// Longest time that a file can state: 200 years.
const SECONDS_MAX: f64 = 200.0 * 365.0 * 86_400.0;

/// Collects problems and inputs of one case.
#[derive(Debug, Default)]
pub(in crate::scenario) struct Sink {
    pub(in crate::scenario) problems: RefCell<Problems>,
    pub(in crate::scenario) inputs: RefCell<Vec<Input>>,
    /// Whether the name of a section is lost to a mistake. Then an unknown name is no further one.
    pub(in crate::scenario) is_name_lost: Cell<bool>,
    /// Keys that are misspelt.
    pub(in crate::scenario) slips: RefCell<Vec<Slip>>,
    /// Paths of the values that could not be read. Nothing is compared with them.
    pub(in crate::scenario) lost: RefCell<BTreeSet<String>>,
    /// What readers want of each key; `None` unless somebody asks for it.
    pub(in crate::scenario) shapes: Option<RefCell<Shapes>>,
}

impl Sink {
    /// A sink for further problems of the file of `problems`.
    pub(in crate::scenario) fn of(problems: Problems) -> Self {
        Self {
            problems: problems.into(),
            ..Self::default()
        }
    }

    /// Adds a problem.
    pub(in crate::scenario) fn report(&self, problem: Problem) {
        self.problems.borrow_mut().push(problem);
    }

    /// Adds the problem of a name that no section has, unless the name of a section is lost.
    pub(in crate::scenario) fn report_stranger(&self, problem: Problem) {
        if !self.is_name_lost.get() {
            self.report(problem);
        }
    }

    /// Whether the value at a path could not be read.
    pub(in crate::scenario) fn is_lost(&self, path: &str) -> bool {
        self.lost.borrow().contains(path)
    }

    /// Whether any problem stops the program.
    pub(in crate::scenario) fn has_errors(&self) -> bool {
        self.problems.borrow().has_errors()
    }
}

/// A key that is misspelt.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::scenario) struct Slip {
    /// The key as written, and its place.
    pub(in crate::scenario) key: String,
    pub(in crate::scenario) span: Span,
    /// The key that is meant.
    pub(in crate::scenario) meant: String,
    pub(in crate::scenario) problem: Problem,
}

/// One table while it is read.
pub(in crate::scenario) struct Fields<'a> {
    sink: &'a Sink,
    table: &'a Table,
    /// Defaults from the preset.
    preset: Table,
    span: Option<Span>,
    path: String,
    /// The path in kinds of sections; `None` for what is no part of a scenario file.
    kind: Option<String>,
    known: Vec<Cow<'static, str>>,
    /// Whether any key is allowed, as in the paths of a sweep.
    is_open: bool,
    resolved: Table,
}

impl<'a> Fields<'a> {
    /// Reads the table at `path`, which stands at `span`.
    pub(in crate::scenario) fn new(
        sink: &'a Sink,
        table: &'a Table,
        span: Option<Span>,
        path: &str,
    ) -> Self {
        Self {
            sink,
            table,
            preset: Table::default(),
            span,
            path: path.to_owned(),
            kind: None,
            known: Vec::new(),
            is_open: false,
            resolved: Table::default(),
        }
    }

    /// Takes from `preset` the keys that the table does not state.
    pub(in crate::scenario) fn default_to(&mut self, preset: Table) {
        self.preset = preset;
    }

    /// Takes `node` in place of the preset's value of `key`.
    pub(in crate::scenario) fn suppose(&mut self, key: &str, node: Node) {
        self.preset.set(key, None, node);
    }

    /// Collects problems and inputs.
    pub(in crate::scenario) const fn sink(&self) -> &'a Sink {
        self.sink
    }

    /// Path of the table: `fleet.metrics`.
    pub(in crate::scenario) fn path(&self) -> &str {
        &self.path
    }

    /// Place of the table's header.
    pub(in crate::scenario) const fn span(&self) -> Option<Span> {
        self.span
    }

    /// Place of the value of `key`, or else of the header.
    pub(in crate::scenario) fn span_of(&self, key: &str) -> Option<Span> {
        self.table.get(key).and_then(|node| node.span).or(self.span)
    }

    /// Whether the file states `key`.
    pub(in crate::scenario) fn has(&self, key: &str) -> bool {
        self.table.get(key).is_some()
    }

    /// Whether the file states no list for `key`, or an empty one.
    pub(in crate::scenario) fn is_empty(&self, key: &str) -> bool {
        let node = self.table.get(key);
        node.is_none_or(|node| node.as_array().is_some_and(<[Node]>::is_empty))
    }

    /// Reports keys that no reader asked for. Returns the resolved table.
    pub(in crate::scenario) fn finish(self) -> Table {
        let known: Vec<&str> = self.known.iter().map(AsRef::as_ref).collect();
        for Entry { key, key_span, .. } in &self.table.entries {
            if self.is_open || known.contains(&key.as_str()) {
                continue;
            }
            let place = if self.path.is_empty() {
                "the file".to_owned()
            } else {
                format!("`{}`", self.path)
            };
            let message = format!("unknown key `{key}` in {place}");
            let help = suggest(key, known.iter().copied());
            let problem = Problem::error(message, key_span.or(self.span)).help(help);
            if let (Some(meant), Some(span)) = (nearest(key, &known), key_span) {
                self.sink.slips.borrow_mut().push(Slip {
                    key: key.clone(),
                    span: *span,
                    meant: meant.to_owned(),
                    problem: problem.clone(),
                });
            }
            self.report(problem);
        }
        self.resolved
    }

    /// Adds a problem.
    pub(in crate::scenario) fn report(&self, problem: Problem) {
        self.sink.report(problem);
    }

    /// Adds an error at the value of `key`.
    pub(in crate::scenario) fn wrong(&self, key: &str, message: impl Into<String>, help: &str) {
        let mut problem = Problem::error(message, self.span_of(key));
        problem.help = (!help.is_empty()).then(|| help.to_owned());
        self.report(problem);
    }

    /// Adds an error: the value of `key` names a section that nobody knows.
    pub(in crate::scenario) fn stranger(&self, key: &str, message: String, help: &str) {
        let problem = Problem::error(message, self.span_of(key)).help(help);
        self.sink.report_stranger(problem);
    }

    /// Notes that the value of `key` could not be read. What depends on it is no further mistake.
    pub(in crate::scenario) fn lose(&self, key: &str) {
        self.sink.lost.borrow_mut().insert(self.below(key));
    }

    /// Whether the value of one of these keys could not be read.
    pub(in crate::scenario) fn is_any_lost(&self, keys: &[&str]) -> bool {
        let mut keys = keys.iter();
        keys.any(|key| self.sink.is_lost(&self.below(key)))
    }

    /// Adds an error: the value of `key` is `found`, and not what is `wanted`.
    pub(in crate::scenario) fn unlike(&self, key: &str, wanted: &str, found: &Node, help: &str) {
        self.lose(key);
        let message = format!("`{key}` must be {wanted}, not {}", found.kind());
        self.wrong(key, message, help);
    }

    /// Adds an error: the file must state `key`, and does not.
    pub(in crate::scenario) fn missing(&self, key: &str, help: &str) {
        self.lose(key);
        let place = if self.path.is_empty() {
            "the file"
        } else {
            &self.path
        };
        self.wrong(key, format!("`{key}` is missing in {place}"), help);
    }

    /// Adds the problem of the value of `key`. A value without a place is shown at the header.
    fn refuse(&self, key: &str, mut problem: Problem) {
        self.lose(key);
        if problem.labels.is_empty() {
            problem = problem.label(self.span, "");
        }
        self.report(problem);
    }

    /// The value of `key` in the file. The key is known from now on.
    pub(in crate::scenario) fn take(&mut self, key: &'static str) -> Option<&'a Node> {
        self.know(key);
        self.table.get(key)
    }

    fn know(&mut self, key: impl Into<Cow<'static, str>>) {
        let key = key.into();
        self.note(&key, None);
        if !self.known.contains(&key) {
            self.known.push(key);
        }
    }

    /// The entries whose keys begin so. Their keys are known from now on.
    pub(in crate::scenario) fn entries_like(&mut self, prefix: &str) -> Vec<&'a Entry> {
        let table = self.table;
        let entries = table.entries.iter();
        let entries: Vec<&Entry> = entries
            .filter(|entry| entry.key.starts_with(prefix))
            .collect();
        for entry in &entries {
            self.know(entry.key.clone());
        }
        entries
    }

    /// The value of `key` in the file, or else in the preset.
    pub(in crate::scenario) fn stated(&mut self, key: &'static str) -> Option<&Node> {
        self.take(key).or_else(|| self.preset.get(key))
    }

    /// The entries that no reader has asked for. All keys are known from now on.
    pub(in crate::scenario) fn rest(&mut self) -> Vec<&'a Entry> {
        let table = self.table;
        let is_new = |entry: &&Entry| !self.known.iter().any(|known| *known == entry.key);
        let rest: Vec<&Entry> = table.entries.iter().filter(is_new).collect();
        self.is_open = true;
        rest
    }

    /// Sets the value of `key` in the resolved table.
    pub(in crate::scenario) fn resolve(&mut self, key: &str, node: Node) {
        if let Some(word) = node.as_text() {
            self.note(key, Some(Shape::Default(word.to_owned())));
        }
        self.resolved.set(key, None, node);
    }

    /// The value of `key` in the file or in the preset, or else its default. Without any it is a
    /// problem.
    pub(in crate::scenario) fn node(
        &mut self,
        key: &'static str,
        default: Option<Node>,
    ) -> Option<Node> {
        let node = self.stated(key).cloned().or(default);
        match &node {
            Some(node) => self.resolve(key, node.clone()),
            None => self.missing(key, ""),
        }
        node
    }

    /// Reports an error with a reason if the file states a key that makes no sense here.
    pub(in crate::scenario) fn forbid(&mut self, key: &'static str, why: &str, help: &str) {
        if self.take(key).is_some() {
            self.wrong(key, why, help);
        }
    }

    /// Path of `key`: `fleet.metrics.preset`.
    pub(in crate::scenario) fn below(&self, key: &str) -> String {
        path::below(&self.path, key)
    }
}
