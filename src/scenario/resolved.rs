//! The scenario with its defaults written out.
//!
//! A default can follow from another key (a `StatefulSet` has a volume), and a case can change that
//! key. Written out, such a default would hold in all cases. So a default that differs in some case
//! is left out, and a comment names it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::cases::Draft;
use super::path;
use super::quantity::is_quantity;
use super::tree::{Node, Table, Value};
use super::write;

/// The base with every default, without defaults that follow from what a case changes.
pub(super) struct Resolved {
    base: Table,
    /// Defaults left out: path, and value in the base.
    omitted: BTreeMap<String, String>,
}

impl Resolved {
    /// The base as the reader resolved it.
    pub(super) const fn new(base: Table) -> Self {
        Self {
            base,
            omitted: BTreeMap::new(),
        }
    }

    /// Compares a case with what the written base would give that case.
    pub(super) fn compare(&mut self, draft: &Draft, case: &Table) {
        let mut expected = self.base.clone();
        for change in &draft.changes {
            // The reader has reported paths that it refuses.
            let _ = change.apply(&mut expected);
        }
        let mut differing = Vec::new();
        differ(&expected, case, "", &mut differing);
        for (path, value) in differing {
            let is_changed = |at: &str| path == at || path.starts_with(&format!("{at}."));
            if !draft.changes.iter().any(|change| is_changed(&change.path)) {
                self.omitted.insert(path, value);
            }
        }
    }

    /// The document, with `sections` (variants, sweeps, goals, expectations) after the base.
    pub(super) fn write(mut self, sections: Table) -> String {
        for path in self.omitted.keys() {
            let _ = path::unset(&mut self.base, path);
        }
        self.base.extend(sections);
        let mut text = write::document(&self.base);
        if !self.omitted.is_empty() {
            text.push_str("\n# Defaults that are not the same in all cases; those of base:\n");
            for (path, value) in &self.omitted {
                let _ = writeln!(text, "# {path} = {value}");
            }
        }
        text
    }
}

/// Collects paths of `expected` that `actual` lacks or has otherwise.
fn differ(expected: &Table, actual: &Table, prefix: &str, differing: &mut Vec<(String, String)>) {
    for entry in &expected.entries {
        let path = path::below(prefix, &entry.key);
        match actual.get(&entry.key) {
            None => differing.push((path, write::inline(&entry.node))),
            Some(other) => differ_in(&entry.node, other, &path, differing),
        }
    }
}

fn differ_in(expected: &Node, actual: &Node, path: &str, differing: &mut Vec<(String, String)>) {
    match (&expected.value, &actual.value) {
        // A quantity is one value, whatever its form.
        (Value::Table(expected), Value::Table(actual)) if !is_quantity(expected) => {
            differ(expected, actual, path, differing);
        }
        (Value::Array(_), Value::Array(_)) if write::is_named_sections(expected) => {
            for table in expected.tables() {
                let other = actual.tables().find(|other| other.name() == table.name());
                let path = format!("{path}.{}", table.name().unwrap_or_default());
                if let Some(other) = other {
                    differ(table, other, &path, differing);
                }
            }
        }
        _ => {
            let text = write::inline(expected);
            if text != write::inline(actual) {
                differing.push((path.to_owned(), text));
            }
        }
    }
}
