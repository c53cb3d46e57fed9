//! Reads one table: every key once, with its default, its problems and its place.
//!
//! What is read goes twice: as a value to the caller, and as a node to the resolved table, so that
//! a resolved scenario is complete by construction. A key nobody asks for is unknown. After a
//! problem the caller gets some value and goes on; a scenario with an error is never used.

use std::cell::RefCell;
use std::ops::RangeInclusive;
use std::time::Duration;

use super::problem::{Problem, Problems, Span};
use super::quantity::{self, Reading, Refusal, Spec};
use super::suggest::suggest;
use super::tree::{Entry, Node, Table, Value};
use super::unit::Dimension;
use crate::experiment::plan::{Input, Role};
use crate::fleet::law::{Law, Quantity};

/// Longest time that a file can state: 200 years.
const SECONDS_MAX: f64 = 200.0 * 365.0 * 86_400.0;

/// Where problems and inputs of one case go.
#[derive(Debug, Default)]
pub(super) struct Sink {
    pub(super) problems: RefCell<Problems>,
    pub(super) inputs: RefCell<Vec<Input>>,
}

/// One table while it is read.
pub(super) struct Fields<'a> {
    sink: &'a Sink,
    table: &'a Table,
    span: Option<Span>,
    path: String,
    known: Vec<&'static str>,
    /// Whether keys may be anything, as the paths of a sweep.
    is_open: bool,
    resolved: Table,
}

impl<'a> Fields<'a> {
    /// The table at `path`, which stands at `span`.
    pub(super) fn new(sink: &'a Sink, table: &'a Table, span: Option<Span>, path: &str) -> Self {
        Self {
            sink,
            table,
            span,
            path: path.to_owned(),
            known: Vec::new(),
            is_open: false,
            resolved: Table::default(),
        }
    }

    /// Where problems and inputs go.
    pub(super) const fn sink(&self) -> &'a Sink {
        self.sink
    }

    /// Where it stands: `fleet.metrics`.
    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// Where its header stands.
    pub(super) const fn span(&self) -> Option<Span> {
        self.span
    }

    /// Where the value of `key` stands, or the header.
    pub(super) fn span_of(&self, key: &str) -> Option<Span> {
        self.table.get(key).and_then(|node| node.span).or(self.span)
    }

    /// Whether the file gives `key`.
    pub(super) fn has(&self, key: &str) -> bool {
        self.table.get(key).is_some()
    }

    /// Reports keys that nobody asked for and gives back the table as resolved.
    pub(super) fn finish(self) -> Table {
        for Entry { key, key_span, .. } in &self.table.entries {
            if !self.is_open && !self.known.contains(&key.as_str()) {
                let place = if self.path.is_empty() {
                    "the file".to_owned()
                } else {
                    format!("`{}`", self.path)
                };
                let problem = self
                    .problem(
                        format!("unknown key `{key}` in {place}"),
                        key_span.or(self.span),
                    )
                    .help(suggest(key, self.known.iter().copied()));
                self.report(problem);
            }
        }
        self.resolved
    }

    /// A new error; the caller adds labels and help and reports it.
    pub(super) fn problem(&self, message: impl Into<String>, span: Option<Span>) -> Problem {
        self.sink.problems.borrow().error(message, span)
    }

    /// Adds a problem.
    pub(super) fn report(&self, problem: Problem) {
        self.sink.problems.borrow_mut().push(problem);
    }

    /// Adds an error at the value of `key`.
    pub(super) fn wrong(&self, key: &str, message: impl Into<String>, help: &str) {
        let problem = self.problem(message, self.span_of(key));
        self.report(if help.is_empty() {
            problem
        } else {
            problem.help(help)
        });
    }

    fn refuse(&self, refusal: Refusal) {
        let mut problem = self.problem(refusal.message, refusal.span.or(self.span));
        problem.help = refusal.help;
        self.report(problem);
    }

    /// The value of `key` as the file has it; the key is known from here on.
    pub(super) fn take(&mut self, key: &'static str) -> Option<&'a Node> {
        if !self.known.contains(&key) {
            self.known.push(key);
        }
        self.table.get(key)
    }

    /// The entries nobody has asked for so far; all keys are known from here on.
    pub(super) fn rest(&mut self) -> Vec<&'a Entry> {
        let table = self.table;
        let is_new = |entry: &&Entry| !self.known.contains(&entry.key.as_str());
        let rest: Vec<&Entry> = table.entries.iter().filter(is_new).collect();
        self.is_open = true;
        rest
    }

    /// What the resolved table has for `key`.
    pub(super) fn resolve(&mut self, key: &str, node: Node) {
        self.resolved.set(key, None, node);
    }

    /// The value of `key`, or its default; a problem if there is neither.
    pub(super) fn node(&mut self, key: &'static str, default: Option<Node>) -> Option<Node> {
        let node = self.take(key).cloned().or(default);
        match &node {
            Some(node) => self.resolve(key, node.clone()),
            None => {
                let place = if self.path.is_empty() {
                    "the file"
                } else {
                    &self.path
                };
                let message = format!("`{key}` is missing in {place}");
                self.report(self.problem(message, self.span));
            }
        }
        node
    }

    /// A key that makes no sense here: an error that says why, if the file gives it.
    pub(super) fn forbid(&mut self, key: &'static str, why: &str, help: &str) {
        if self.take(key).is_some() {
            self.wrong(key, why, help);
        }
    }

    /// A text.
    pub(super) fn text(&mut self, key: &'static str, default: Option<&str>) -> String {
        let Some(node) = self.node(key, default.map(Node::text)) else {
            return String::new();
        };
        match node.as_text() {
            Some(text) => text.to_owned(),
            None => {
                self.wrong(
                    key,
                    format!("`{key}` must be a text, not {}", node.kind()),
                    "",
                );
                String::new()
            }
        }
    }

    /// One of the words in `choices`.
    pub(super) fn choice<T: Copy>(
        &mut self,
        key: &'static str,
        choices: &[(&str, T)],
        default: Option<&str>,
    ) -> Option<T> {
        let node = self.node(key, default.map(Node::text))?;
        let found = node
            .as_text()
            .and_then(|text| choices.iter().find(|(word, _)| *word == text));
        if found.is_none() {
            let text = quantity::inline_short(&node);
            let words = choices.iter().map(|(word, _)| *word);
            let help = suggest(text.trim_matches('"'), words);
            self.wrong(key, format!("{text} is no `{key}`"), &help);
        }
        found.map(|(_, value)| *value)
    }

    /// A truth value.
    pub(super) fn boolean(&mut self, key: &'static str, default: bool) -> bool {
        let Some(node) = self.node(key, Some(Node::boolean(default))) else {
            return default;
        };
        match node.value {
            Value::Boolean(value) => value,
            _ => {
                let message = format!("`{key}` must be true or false, not {}", node.kind());
                self.wrong(key, message, "");
                default
            }
        }
    }

    /// A whole number.
    pub(super) fn count(
        &mut self,
        key: &'static str,
        range: RangeInclusive<u32>,
        default: Option<u32>,
    ) -> u32 {
        let fallback = *range.start();
        let Some(node) = self.node(key, default.map(|value| Node::integer(value.into()))) else {
            return fallback;
        };
        let value = match node.value {
            Value::Integer(value) => u32::try_from(value).ok(),
            _ => {
                let message = format!("`{key}` must be a whole number, not {}", node.kind());
                self.wrong(key, message, "");
                return fallback;
            }
        };
        if let Some(value) = value.filter(|value| range.contains(value)) {
            return value;
        }
        let message = format!(
            "{key} = {} is not between {} and {}",
            quantity::inline_short(&node),
            range.start(),
            range.end()
        );
        self.wrong(key, message, "");
        fallback
    }

    /// A value without uncertainty.
    pub(super) fn amount(&mut self, key: &'static str, spec: &Spec, default: Option<Node>) -> f64 {
        let Some(node) = self.node(key, default) else {
            return spec.min;
        };
        quantity::scalar(&node, spec).unwrap_or_else(|refusal| {
            self.refuse(refusal);
            spec.min
        })
    }

    /// The same, absent for `word` (`never`, `unlimited`).
    pub(super) fn amount_or(
        &mut self,
        key: &'static str,
        spec: &Spec,
        word: &'static str,
    ) -> Option<f64> {
        let is_word = self
            .take(key)
            .is_none_or(|node| node.as_text() == Some(word));
        if is_word {
            self.resolve(key, Node::text(word));
            return None;
        }
        Some(self.amount(key, spec, None))
    }

    /// A length of time.
    pub(super) fn duration(
        &mut self,
        key: &'static str,
        seconds: RangeInclusive<f64>,
        default: Option<&str>,
    ) -> Duration {
        let max = seconds.end().min(SECONDS_MAX);
        let spec = Spec::unknown(Dimension::Time).between(*seconds.start(), max);
        let value = self.amount(key, &spec, default.map(Node::text));
        Duration::try_from_secs_f64(value).unwrap_or_default()
    }

    /// An uncertain quantity, noted as an input.
    pub(super) fn quantity(
        &mut self,
        key: &'static str,
        spec: &Spec,
        default: Option<Node>,
    ) -> Quantity {
        let Some(node) = self.node(key, default.map(sourced)) else {
            return Quantity::fixed(spec.max.min(1.0));
        };
        match quantity::read(&node, spec) {
            Ok(reading) => {
                self.note(key, spec.role, &reading);
                reading.quantity
            }
            Err(refusal) => {
                self.refuse(refusal);
                Quantity::fixed(spec.max.min(1.0))
            }
        }
    }

    /// The law of something drawn per occurrence.
    pub(super) fn law(&mut self, key: &'static str, spec: &Spec, default: Option<Node>) -> Law {
        let unknown = Spec {
            role: Role::Unknown,
            ..*spec
        };
        let Some(node) = self.node(key, default.map(sourced)) else {
            return Law::Fixed(1.0);
        };
        match quantity::read(&node, &unknown) {
            Ok(reading) => {
                self.note(key, spec.role, &reading);
                reading.quantity.centre
            }
            Err(refusal) => {
                self.refuse(refusal);
                Law::Fixed(1.0)
            }
        }
    }

    /// Seconds between two occurrences, absent for `never`.
    pub(super) fn interval(
        &mut self,
        key: &'static str,
        default: Option<Node>,
    ) -> Option<Quantity> {
        let node = self.take(key).cloned().or(default);
        if node
            .as_ref()
            .is_none_or(|node| node.as_text() == Some("never"))
        {
            self.resolve(key, Node::text("never"));
            return None;
        }
        let spec = Spec::unknown(Dimension::Time).between(60.0, SECONDS_MAX);
        Some(self.quantity(key, &spec, node))
    }

    fn note(&self, key: &str, role: Role, reading: &Reading) {
        let is_fixed = reading.quantity.centre.is_fixed() && reading.quantity.spread.is_fixed();
        let given = || "this scenario".to_owned();
        self.sink.inputs.borrow_mut().push(Input {
            path: format!("{}.{key}", self.path),
            role: if is_fixed { Role::Known } else { role },
            law: reading.law.clone(),
            source: reading.source.clone().unwrap_or_else(given),
        });
    }

    /// An inner table, or `None` if the file has none.
    pub(super) fn table<T>(
        &mut self,
        key: &'static str,
        read: impl FnOnce(&mut Fields<'_>) -> T,
    ) -> Option<T> {
        let node = self.take(key)?;
        let Some(table) = node.as_table() else {
            self.wrong(
                key,
                format!("`{key}` must be a table, not {}", node.kind()),
                "",
            );
            return None;
        };
        let mut inner = Fields::new(self.sink, table, node.span, &self.below(key));
        let value = read(&mut inner);
        let resolved = inner.finish();
        self.resolve(key, Node::new(Value::Table(resolved)));
        Some(value)
    }

    /// An inner table whose keys all have defaults, present or not.
    pub(super) fn table_or_default<T>(
        &mut self,
        key: &'static str,
        read: impl FnOnce(&mut Fields<'_>) -> T,
    ) -> T {
        let empty = Table::default();
        let node = self.take(key);
        let table = node.and_then(Node::as_table);
        if let (Some(node), None) = (node, table) {
            self.wrong(
                key,
                format!("`{key}` must be a table, not {}", node.kind()),
                "",
            );
        }
        let span = node.and_then(|node| node.span).or(self.span);
        let mut inner = Fields::new(self.sink, table.unwrap_or(&empty), span, &self.below(key));
        let value = read(&mut inner);
        let resolved = inner.finish();
        self.resolve(key, Node::new(Value::Table(resolved)));
        value
    }

    /// A list of tables, empty if the file has none; elements with names are addressed by them.
    pub(super) fn tables<T>(
        &mut self,
        key: &'static str,
        mut read: impl FnMut(&mut Fields<'_>) -> T,
    ) -> Vec<T> {
        let Some(node) = self.take(key) else {
            return Vec::new();
        };
        let Some(elements) = node.as_array() else {
            let help = format!("write [[{key}]] or {key} = [{{ … }}]");
            self.wrong(
                key,
                format!("`{key}` must be a list of tables, not {}", node.kind()),
                &help,
            );
            return Vec::new();
        };
        let (mut values, mut resolved) = (Vec::new(), Vec::new());
        for (index, element) in elements.iter().enumerate() {
            let Some(table) = element.as_table() else {
                let message = format!("`{key}` holds {}, not a table", element.kind());
                self.report(self.problem(message, element.span));
                continue;
            };
            let label = table
                .name()
                .map_or_else(|| index.to_string(), str::to_owned);
            let path = format!("{}.{label}", self.below(key));
            let mut inner = Fields::new(self.sink, table, element.span, &path);
            values.push(read(&mut inner));
            resolved.push(Node::new(Value::Table(inner.finish())));
        }
        self.resolve(key, Node::array(resolved));
        values
    }

    /// A list of texts, each with its place.
    pub(super) fn texts(&mut self, key: &'static str) -> Vec<(String, Option<Span>)> {
        let Some(node) = self.take(key) else {
            return Vec::new();
        };
        self.resolve(key, node.clone());
        let Some(elements) = node.as_array() else {
            let help = format!("write {key} = [\"…\"]");
            self.wrong(
                key,
                format!("`{key}` must be a list of names, not {}", node.kind()),
                &help,
            );
            return Vec::new();
        };
        let mut texts = Vec::new();
        for element in elements {
            match element.as_text() {
                Some(text) => texts.push((text.to_owned(), element.span)),
                None => {
                    let message = format!("`{key}` holds {}, not a name", element.kind());
                    self.report(self.problem(message, element.span));
                }
            }
        }
        texts
    }

    /// A list of names, as sorted indices into `names`.
    pub(super) fn references(
        &mut self,
        key: &'static str,
        kind: &str,
        names: &[String],
    ) -> Vec<usize> {
        let mut found = Vec::new();
        for (text, span) in self.texts(key) {
            match names.iter().position(|name| *name == text) {
                Some(index) if found.contains(&index) => {
                    let message = format!("{kind} `{text}` is named twice");
                    self.report(self.problem(message, span));
                }
                Some(index) => found.push(index),
                None => {
                    let help = suggest(&text, names.iter().map(String::as_str));
                    let message = format!("there is no {kind} `{text}`");
                    self.report(self.problem(message, span).help(help));
                }
            }
        }
        found.sort_unstable();
        found
    }

    fn below(&self, key: &str) -> String {
        if self.path.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.path)
        }
    }
}

/// A default that says it is one.
fn sourced(node: Node) -> Node {
    if node.as_table().is_some() {
        return node;
    }
    Node::table(vec![("value", node), ("source", Node::text("default"))])
}
