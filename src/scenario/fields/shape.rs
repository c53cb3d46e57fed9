//! What readers want of each key, noted while they read, for the schema of scenario files.

use std::collections::BTreeMap;

use super::{Fields, Spec};

/// What a reader wants of the value of a key.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::scenario) enum Shape {
    Text,
    Boolean,
    /// One of these words.
    Words(Vec<String>),
    /// The word that a key has by default, or instead of a table.
    Default(String),
    /// A whole number in these bounds.
    Count(u32, u32),
    /// A value without uncertainty.
    Amount(Spec),
    /// A value that may be uncertain.
    Quantity(Spec),
    /// A number over time.
    Trend,
    /// A list of texts.
    Texts,
    /// A list of times.
    Times,
    /// A table, whose keys are noted at their own paths.
    Table,
    /// A list of tables.
    Tables,
}

/// The keys of each table, with all that readers want of each. The path of a table names kinds, not
/// sections: `cluster.pool.node`.
pub(in crate::scenario) type Shapes = BTreeMap<String, BTreeMap<String, Vec<Shape>>>;

impl Fields<'_> {
    /// Lets this table and those below be part of the schema.
    pub(in crate::scenario) fn describe(&mut self) {
        self.kind = Some(String::new());
    }

    /// The path of kinds of the table under `key`.
    pub(super) fn kind_below(&self, key: &str) -> Option<String> {
        self.kind.as_ref().map(|kind| super::path::below(kind, key))
    }

    /// Notes what a reader wants of `key`.
    pub(in crate::scenario) fn wants(&self, key: &str, shape: Shape) {
        self.note(key, Some(shape));
    }

    /// Notes that `key` exists, and perhaps what is wanted of it.
    pub(super) fn note(&self, key: &str, shape: Option<Shape>) {
        let (Some(kind), Some(shapes)) = (&self.kind, &self.sink.shapes) else {
            return;
        };
        let mut shapes = shapes.borrow_mut();
        let wanted = shapes.entry(kind.clone()).or_default();
        let wanted = wanted.entry(key.to_owned()).or_default();
        wanted.extend(shape.filter(|shape| !wanted.contains(shape)));
    }
}
