//! The numbers that differ in a sweep, as a table per fleet.

use super::grid::{self, Cell};
use super::numbers::CUT_OFF;
use super::style::Page;
use crate::report::brief::{Amount, Brief, Form};

/// Columns that fit a terminal, beside the names of cases.
const COLUMNS_MAX: usize = 5;

/// The 95th percentiles of every case, fleet by fleet.
pub(super) fn section(page: &mut Page, brief: &Brief) {
    for comparison in &brief.comparisons {
        let columns = comparison.columns.iter().take(COLUMNS_MAX);
        let title = Cell::text(format!("p95 of {}", comparison.scope));
        let heads = columns.clone().map(|column| column.head);
        let mut rows = vec![Cell::row(title, heads)];
        for (index, case) in brief.cases.iter().enumerate() {
            let label = Cell::name(&format!("  {}", case.label));
            let values = columns.clone().map(|column| column.values[index]);
            let texts = values.map(|value| value.map(Amount::text).unwrap_or_default());
            rows.push(Cell::row(label, texts));
        }
        grid::add(page, "", &rows);
        let mut values = columns.flat_map(|column| column.values.iter().flatten());
        if values.any(|value| value.form == Form::CutOff) {
            page.wrapped(CUT_OFF, "  ");
        }
        page.blank();
    }
}
