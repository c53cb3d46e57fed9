//! Tables for machines: tidy CSV, one row per grain. Every column is documented where it is
//! defined.
//!
//! A writer takes its header from the [`Table`] that also makes `docs/output.md`. So no column can
//! exist without a unit and a meaning.

mod cases;
mod column;
mod draws;
mod events;
mod goals;
mod inputs;
mod sheet;
mod summary;
mod timeseries;

pub(super) use column::Table;
pub(super) use draws::CUT_OFF;
pub(super) use sheet::{Sheet, number};

use super::artifact::Artifact;
use crate::experiment::results::Results;
use crate::experiment::store::StoreError;

/// All tables, in the order of the documents.
pub(super) const TABLES: &[Table] = &[
    summary::TABLE,
    draws::TABLE,
    timeseries::TABLE,
    events::TABLE,
    goals::TABLE,
    inputs::TABLE,
    cases::TABLE,
];

/// The bytes of the tables that a comparison reads.
pub(super) fn cases_and_draws(results: &Results) -> Result<[Vec<u8>; 2], StoreError> {
    Ok([(cases::TABLE.fill)(results)?, (draws::TABLE.fill)(results)?])
}

/// Every table of a study.
pub(super) fn render(results: &Results) -> Result<Vec<Artifact>, StoreError> {
    let file = |table: &Table| {
        Ok(Artifact {
            name: table.file.to_owned(),
            bytes: (table.fill)(results)?,
        })
    };
    TABLES.iter().map(file).collect()
}
