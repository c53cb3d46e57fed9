//! What decides in a sweep, as a table per fleet.

use super::grid::{self, Cell};
use super::style::Page;
use crate::report::brief::{Amount, Brief};

/// Columns that fit a terminal beside the names of cases.
const COLUMNS_MAX: usize = 5;

/// The 95th percentiles of every case, fleet by fleet.
pub(super) fn section(page: &mut Page, brief: &Brief) {
    for comparison in &brief.comparisons {
        let columns = comparison.columns.iter().take(COLUMNS_MAX);
        let mut head = vec![Cell::text(format!("p95 of {}", comparison.scope))];
        head.extend(columns.clone().map(|column| Cell::number(column.head)));
        let mut rows = vec![head];
        for (index, case) in brief.cases.iter().enumerate() {
            let mut row = vec![Cell::name(&format!("  {}", case.label))];
            row.extend(columns.clone().map(|column| {
                let text = column.values[index].map(Amount::text);
                Cell::number(text.unwrap_or_default())
            }));
            rows.push(row);
        }
        grid::add(page, "", &rows);
        page.blank();
    }
}
