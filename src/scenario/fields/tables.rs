//! Tables in tables, lists of tables, lists of names.

use super::{Fields, Node, Problem, Shape, Span, Table, Value, suggest};

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
        let table = self.as_table(key, node)?;
        Some(self.inner(key, table, node.span, read))
    }

    /// An inner table whose keys all have defaults, present or not.
    pub(in crate::scenario) fn table_or_default<T>(
        &mut self,
        key: &'static str,
        read: impl FnOnce(&mut Fields<'_>) -> T,
    ) -> T {
        let node = self.take(key);
        let table = node.and_then(|node| self.as_table(key, node));
        let span = node.and_then(|node| node.span).or(self.span);
        self.inner(key, table.unwrap_or(&Table::default()), span, read)
    }

    fn as_table<'n>(&self, key: &str, node: &'n Node) -> Option<&'n Table> {
        let table = node.as_table();
        if table.is_none() {
            self.unlike(key, "a table", node, "");
        }
        table
    }

    /// The result of `read` for a table that stands for the value of `key`.
    pub(in crate::scenario) fn inner<T>(
        &mut self,
        key: &str,
        table: &Table,
        span: Option<Span>,
        read: impl FnOnce(&mut Fields<'_>) -> T,
    ) -> T {
        self.note(key, Some(Shape::Table));
        let mut inner = Fields::new(self.sink, table, span, &self.below(key));
        inner.kind = self.kind_below(key);
        if let Some(preset) = self.preset.get(key).and_then(Node::as_table) {
            inner.default_to(preset.clone());
        }
        let value = read(&mut inner);
        let resolved = inner.finish();
        self.resolve(key, Node::new(Value::Table(resolved)));
        value
    }

    /// A list of tables, empty if the file has none. Paths address elements by their names, if they
    /// have any.
    pub(in crate::scenario) fn tables<T>(
        &mut self,
        key: &'static str,
        mut read: impl FnMut(&mut Fields<'_>) -> T,
    ) -> Vec<T> {
        self.note(key, Some(Shape::Tables));
        let Some(node) = self.take(key) else {
            return Vec::new();
        };
        let help = format!("write [[{key}]] or {key} = [{{ … }}]");
        let Some(elements) = self.as_list(key, node, "a list of tables", &help) else {
            return Vec::new();
        };
        let (mut values, mut resolved) = (Vec::new(), Vec::new());
        for (index, element) in elements.iter().enumerate() {
            let Some(table) = element.as_table() else {
                let message = format!("`{key}` holds {}, not a table", element.kind());
                self.report(Problem::error(message, element.span));
                continue;
            };
            let index = index.to_string();
            let named = table.name().filter(|name| !name.trim().is_empty());
            let label = named.unwrap_or(&index);
            let path = format!("{}.{label}", self.below(key));
            let mut inner = Fields::new(self.sink, table, element.span, &path);
            inner.kind = self.kind_below(key);
            values.push(read(&mut inner));
            resolved.push(Node::new(Value::Table(inner.finish())));
        }
        self.resolve(key, Node::array(resolved));
        values
    }

    /// A list of tables that is written out as empty if the file has none.
    pub(in crate::scenario) fn tables_or_none<T>(
        &mut self,
        key: &'static str,
        read: impl FnMut(&mut Fields<'_>) -> T,
    ) -> Vec<T> {
        if !self.has(key) {
            self.resolve(key, Node::array(Vec::new()));
        }
        self.tables(key, read)
    }

    /// A list of texts, each with its place.
    pub(in crate::scenario) fn texts(&mut self, key: &'static str) -> Vec<(String, Option<Span>)> {
        self.note(key, Some(Shape::Texts));
        let Some(node) = self.take(key) else {
            return Vec::new();
        };
        self.resolve(key, node.clone());
        let help = format!("write {key} = [\"…\"]");
        let elements = self.as_list(key, node, "a list of names", &help);
        let mut texts = Vec::new();
        for element in elements.unwrap_or_default() {
            if let Some(text) = element.as_text() {
                texts.push((text.to_owned(), element.span));
            } else {
                let message = format!("`{key}` holds {}, not a name", element.kind());
                self.report(Problem::error(message, element.span));
            }
        }
        texts
    }

    /// The elements of a list. A list that is too long is a problem and has no elements. `None`
    /// with a problem if the value is no list.
    fn as_list<'n>(
        &self,
        key: &str,
        node: &'n Node,
        wanted: &str,
        help: &str,
    ) -> Option<&'n [Node]> {
        let elements = node.as_array();
        match elements {
            None => self.unlike(key, wanted, node, help),
            Some(elements) if elements.len() > ELEMENTS_MAX => {
                let count = elements.len();
                let message = format!("`{key}` has {count} elements, more than {ELEMENTS_MAX}");
                self.wrong(key, message, "");
                return Some(&[]);
            }
            Some(_) => {}
        }
        elements
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
                    self.report(Problem::error(message, span));
                }
                Some(index) => found.push(index),
                None => {
                    self.lose(key);
                    let help = suggest(&text, names.iter().map(String::as_str));
                    let message = format!("there is no {kind} `{text}`");
                    let problem = Problem::error(message, span).help(help);
                    self.sink.report_stranger(problem);
                }
            }
        }
        found.sort_unstable();
        found.into_iter().map(id).collect()
    }
}
