//! Tables for machines: tidy CSV, one row per grain, every column documented where it is defined.
//!
//! A writer takes its header from the same [`Table`] that `docs/output.md` is made from, so a column
//! cannot exist without a unit and a meaning.

mod column;
mod draws;
mod events;
mod goals;
mod inputs;
mod sheet;
mod summary;
mod timeseries;

pub(super) use column::Table;
pub(super) use sheet::{Sheet, number};

use super::artifact::Artifact;
use crate::experiment::results::Results;

/// A table with what fills it.
struct Source {
    table: Table,
    fill: fn(&Results) -> Vec<u8>,
}

/// All tables, in the order of the documents.
const SOURCES: &[Source] = &[
    Source {
        table: summary::TABLE,
        fill: summary::fill,
    },
    Source {
        table: draws::TABLE,
        fill: draws::fill,
    },
    Source {
        table: timeseries::TABLE,
        fill: timeseries::fill,
    },
    Source {
        table: events::TABLE,
        fill: events::fill,
    },
    Source {
        table: goals::TABLE,
        fill: goals::fill,
    },
    Source {
        table: inputs::TABLE,
        fill: inputs::fill,
    },
];

/// Every table of a study.
pub(super) fn render(results: &Results) -> Vec<Artifact> {
    let file = |source: &Source| Artifact {
        name: source.table.file.to_owned(),
        bytes: (source.fill)(results),
    };
    SOURCES.iter().map(file).collect()
}

/// What is known of every table, for the documents.
pub(super) fn tables() -> impl Iterator<Item = &'static Table> {
    SOURCES.iter().map(|source| &source.table)
}
