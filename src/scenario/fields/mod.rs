//! Reads one table: every key once, with its default, its problems and its place.
//!
//! Each key goes to two places: as a value to the caller, and as a node to the resolved table. So a
//! resolved scenario is complete by construction. A key that no reader asks for is unknown. After a
//! problem the caller gets some value and goes on. A scenario with an error is never used.

mod quantities;
mod tables;
mod values;

use std::cell::RefCell;

use super::path;
use super::problem::{Problem, Problems, Span};
use super::quantity::{self, Spec};
use super::suggest::suggest;
use super::tree::{Entry, Node, Table, Value};
use super::unit::Dimension;
use crate::experiment::study::Input;

/// Longest time that a file can state: 200 years.
const SECONDS_MAX: f64 = 200.0 * 365.0 * 86_400.0;

/// Collects problems and inputs of one case.
#[derive(Debug, Default)]
pub(in crate::scenario) struct Sink {
    pub(in crate::scenario) problems: RefCell<Problems>,
    pub(in crate::scenario) inputs: RefCell<Vec<Input>>,
}

impl Sink {
    /// A sink for further problems of the file of `problems`.
    pub(in crate::scenario) fn of(problems: Problems) -> Self {
        Self {
            problems: problems.into(),
            inputs: RefCell::default(),
        }
    }

    /// Adds a problem.
    pub(in crate::scenario) fn report(&self, problem: Problem) {
        self.problems.borrow_mut().push(problem);
    }

    /// Whether any problem stops the program.
    pub(in crate::scenario) fn has_errors(&self) -> bool {
        self.problems.borrow().has_errors()
    }
}

/// One table while it is read.
pub(in crate::scenario) struct Fields<'a> {
    sink: &'a Sink,
    table: &'a Table,
    /// Defaults from the preset.
    preset: Table,
    span: Option<Span>,
    path: String,
    known: Vec<&'static str>,
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
        for Entry { key, key_span, .. } in &self.table.entries {
            if !self.is_open && !self.known.contains(&key.as_str()) {
                let place = if self.path.is_empty() {
                    "the file".to_owned()
                } else {
                    format!("`{}`", self.path)
                };
                let message = format!("unknown key `{key}` in {place}");
                let help = suggest(key, self.known.iter().copied());
                self.report(Problem::error(message, key_span.or(self.span)).help(help));
            }
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

    /// Adds an error: the value of `key` is `found`, and not what is `wanted`.
    pub(in crate::scenario) fn unlike(&self, key: &str, wanted: &str, found: &Node, help: &str) {
        let message = format!("`{key}` must be {wanted}, not {}", found.kind());
        self.wrong(key, message, help);
    }

    /// Adds an error: the file must state `key`, and does not.
    pub(in crate::scenario) fn missing(&self, key: &str, help: &str) {
        let place = if self.path.is_empty() {
            "the file"
        } else {
            &self.path
        };
        self.wrong(key, format!("`{key}` is missing in {place}"), help);
    }

    /// Adds a problem with a value. A value without a place is shown at the header.
    fn refuse(&self, mut problem: Problem) {
        if problem.labels.is_empty() {
            problem = problem.label(self.span, "");
        }
        self.report(problem);
    }

    /// The value of `key` in the file. The key is known from now on.
    pub(in crate::scenario) fn take(&mut self, key: &'static str) -> Option<&'a Node> {
        if !self.known.contains(&key) {
            self.known.push(key);
        }
        self.table.get(key)
    }

    /// The value of `key` in the file, or else in the preset.
    pub(in crate::scenario) fn stated(&mut self, key: &'static str) -> Option<&Node> {
        self.take(key).or_else(|| self.preset.get(key))
    }

    /// The entries that no reader has asked for. All keys are known from now on.
    pub(in crate::scenario) fn rest(&mut self) -> Vec<&'a Entry> {
        let table = self.table;
        let is_new = |entry: &&Entry| !self.known.contains(&entry.key.as_str());
        let rest: Vec<&Entry> = table.entries.iter().filter(is_new).collect();
        self.is_open = true;
        rest
    }

    /// Sets the value of `key` in the resolved table.
    pub(in crate::scenario) fn resolve(&mut self, key: &str, node: Node) {
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
