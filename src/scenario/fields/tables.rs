//! Tables in tables, lists of tables, lists of names.

use std::rc::Rc;

use super::super::problem::Span;
use super::super::suggest::suggest;
use super::super::tree::{Node, Table, Value};
use super::Fields;

/// Greatest number of elements of a list.
const ELEMENTS_MAX: usize = 2_000;

impl Fields<'_> {
    /// An inner table, or `None` if the file has none.
    pub(in crate::scenario) fn table<T>(
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
    pub(in crate::scenario) fn table_or_default<T>(
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
        if let Some(preset) = self.preset.get(key).and_then(Node::as_table) {
            inner.default_to(Rc::new(preset.clone()));
        }
        let value = read(&mut inner);
        let resolved = inner.finish();
        self.resolve(key, Node::new(Value::Table(resolved)));
        value
    }

    /// A list of tables, empty if the file has none; elements with names are addressed by them.
    pub(in crate::scenario) fn tables<T>(
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
        let elements = self.few(key, elements);
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
    pub(in crate::scenario) fn texts(&mut self, key: &'static str) -> Vec<(String, Option<Span>)> {
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
        let elements = self.few(key, elements);
        let mut texts = Vec::new();
        for element in elements {
            if let Some(text) = element.as_text() {
                texts.push((text.to_owned(), element.span));
            } else {
                let message = format!("`{key}` holds {}, not a name", element.kind());
                self.report(self.problem(message, element.span));
            }
        }
        texts
    }

    /// The elements of a list that is not too long; else none, and a problem.
    fn few<'n>(&self, key: &str, elements: &'n [Node]) -> &'n [Node] {
        if elements.len() <= ELEMENTS_MAX {
            return elements;
        }
        let count = elements.len();
        let message = format!("`{key}` has {count} elements, more than {ELEMENTS_MAX}");
        self.wrong(key, message, "");
        &[]
    }

    /// A list of names, as ids of items of `names`, in their order.
    pub(in crate::scenario) fn references<I>(
        &mut self,
        key: &'static str,
        (kind, names): (&str, &[String]),
        id: fn(usize) -> I,
    ) -> Vec<I> {
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
        found.into_iter().map(id).collect()
    }
}
