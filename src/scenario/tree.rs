//! A TOML document as values with places, detached from the parser.

use super::problem::Span;

/// A value and its place.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) span: Option<Span>,
    pub(super) value: Value,
}

/// A value.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Text(String),
    Integer(i64),
    Float(f64),
    Boolean(bool),
    Date(String),
    Array(Vec<Node>),
    Table(Table),
}

/// Keys and values, in the order they are added.
#[derive(Clone, Debug, Default)]
pub(super) struct Table {
    pub(super) entries: Vec<Entry>,
}

/// A key with its value.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) key_span: Option<Span>,
    pub(super) node: Node,
}

impl Node {
    /// A value without a place: a default, an override.
    pub(super) fn new(value: Value) -> Self {
        Self { span: None, value }
    }

    /// A text without a place.
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self::new(Value::Text(text.into()))
    }

    /// A whole number without a place.
    pub(super) fn integer(value: i64) -> Self {
        Self::new(Value::Integer(value))
    }

    /// A truth value without a place.
    pub(super) fn boolean(value: bool) -> Self {
        Self::new(Value::Boolean(value))
    }

    /// A number without a place, written as a whole number if it is one.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "whole numbers below 2^53 are exact in both"
    )]
    pub(super) fn number(value: f64) -> Self {
        let whole = value.fract() == 0.0 && value.abs() < 9.0e15;
        Self::new(if whole {
            Value::Integer(value as i64)
        } else {
            Value::Float(value)
        })
    }

    /// A list without a place.
    pub(super) fn array(nodes: Vec<Self>) -> Self {
        Self::new(Value::Array(nodes))
    }

    /// A table without a place.
    pub(super) fn table(entries: Vec<(&str, Self)>) -> Self {
        let mut table = Table::default();
        for (key, node) in entries {
            table.set(key, None, node);
        }
        Self::new(Value::Table(table))
    }

    /// A table of texts without places.
    pub(super) fn texts(entries: &[(&str, &str)]) -> Self {
        let entries = entries.iter().map(|(key, text)| (*key, Self::text(*text)));
        Self::table(entries.collect())
    }

    /// The text; `None` for another kind of value.
    pub(super) fn as_text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The value itself, where a table gives it with its source: 5 of `{ value = 5, source = "…"
    /// }`.
    pub(super) fn plain(&self) -> &Self {
        let Value::Table(table) = &self.value else {
            return self;
        };
        let is_source = |entry: &Entry| entry.key == "source" && entry.node.as_text().is_some();
        let has_only_both = |entry: &Entry| entry.key == "value" || is_source(entry);
        match table.get("value") {
            Some(value) if table.entries.iter().all(has_only_both) => value,
            _ => self,
        }
    }

    /// The number; `None` for another kind of value.
    pub(super) fn as_number(&self) -> Option<f64> {
        match self.value {
            Value::Integer(value) => Some(value as f64),
            Value::Float(value) => Some(value),
            _ => None,
        }
    }

    /// The table; `None` for another kind of value.
    pub(super) fn as_table(&self) -> Option<&Table> {
        match &self.value {
            Value::Table(table) => Some(table),
            _ => None,
        }
    }

    /// The table, mutable; `None` for another kind of value.
    pub(super) fn as_table_mut(&mut self) -> Option<&mut Table> {
        match &mut self.value {
            Value::Table(table) => Some(table),
            _ => None,
        }
    }

    /// The name of a table; `None` without a name.
    pub(super) fn name(&self) -> Option<&str> {
        self.as_table().and_then(Table::name)
    }

    /// The list; `None` for another kind of value.
    pub(super) fn as_array(&self) -> Option<&[Self]> {
        match &self.value {
            Value::Array(nodes) => Some(nodes),
            _ => None,
        }
    }

    /// The tables of a list.
    pub(super) fn tables(&self) -> impl Iterator<Item = &Table> {
        let nodes = self.as_array().unwrap_or_default();
        nodes.iter().filter_map(Self::as_table)
    }

    /// The value with all places changed.
    pub(super) fn moved(self, to: &impl Fn(Span) -> Option<Span>) -> Self {
        let value = match self.value {
            Value::Array(nodes) => {
                Value::Array(nodes.into_iter().map(|node| node.moved(to)).collect())
            }
            Value::Table(table) => Value::Table(table.moved(to)),
            value => value,
        };
        let span = self.span.and_then(to);
        Self { span, value }
    }

    /// The kind of the value with its article, for messages.
    pub(super) fn kind(&self) -> &'static str {
        match self.value {
            Value::Text(_) => "a text",
            Value::Integer(_) | Value::Float(_) => "a number",
            Value::Boolean(_) => "a truth value",
            Value::Date(_) => "a date",
            Value::Array(_) => "a list",
            Value::Table(_) => "a table",
        }
    }
}

impl Table {
    /// The entry called `key`.
    pub(super) fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.key == key)
    }

    /// The value called `key`.
    pub(super) fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|entry| &entry.node)
    }

    /// The value called `key`, mutable.
    pub(super) fn get_mut(&mut self, key: &str) -> Option<&mut Node> {
        let entry = self.entries.iter_mut().find(|entry| entry.key == key);
        entry.map(|entry| &mut entry.node)
    }

    /// Sets `key`, in its old position if it exists.
    pub(super) fn set(&mut self, key: &str, key_span: Option<Span>, node: Node) {
        if let Some(entry) = self.entries.iter_mut().find(|entry| entry.key == key) {
            entry.key_span = key_span;
            entry.node = node;
        } else {
            self.set_new(key, key_span, node);
        }
    }

    /// Adds `key`, which is known to be new.
    pub(super) fn set_new(&mut self, key: &str, key_span: Option<Span>, node: Node) {
        self.entries.push(Entry {
            key: key.to_owned(),
            key_span,
            node,
        });
    }

    /// Sets all keys of another table.
    pub(super) fn extend(&mut self, other: Self) {
        for entry in other.entries {
            self.set(&entry.key, None, entry.node);
        }
    }

    fn moved(self, to: &impl Fn(Span) -> Option<Span>) -> Self {
        let entries = self.entries.into_iter().map(|entry| Entry {
            key_span: entry.key_span.and_then(to),
            node: entry.node.moved(to),
            ..entry
        });
        Self {
            entries: entries.collect(),
        }
    }

    /// Removes `key`. Returns whether it existed.
    pub(super) fn remove(&mut self, key: &str) -> bool {
        let before = self.entries.len();
        self.entries.retain(|entry| entry.key != key);
        self.entries.len() < before
    }

    /// The text under `name`, by which a table is addressed.
    pub(super) fn name(&self) -> Option<&str> {
        self.get("name").and_then(Node::as_text)
    }
}
