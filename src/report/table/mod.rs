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
pub(super) use sheet::{Sheet, number, text_of};

use super::shelf::Filing;
use crate::experiment::results::Results;

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
pub(super) fn cases_and_draws(results: &Results) -> std::io::Result<[Vec<u8>; 2]> {
    let mut bytes = [Vec::new(), Vec::new()];
    for (table, bytes) in [cases::TABLE, draws::TABLE].iter().zip(&mut bytes) {
        (table.fill)(results, bytes)?;
    }
    Ok(bytes)
}

/// Puts every table of a study on the shelf.
pub(super) fn render(results: &Results, filing: &mut Filing<'_>) -> std::io::Result<()> {
    for table in TABLES {
        filing.file(table.file, &mut |sink| (table.fill)(results, sink))?;
    }
    Ok(())
}
