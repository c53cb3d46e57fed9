//! Aligned columns of cells without lines.

use super::style::Page;
use crate::stats::Verdict;

/// Most letters of a name. Sweeps over several settings have long names.
const NAME_MAX: usize = 36;

/// A cell of a grid.
#[derive(Clone)]
pub(in crate::report) struct Cell {
    text: String,
    verdict: Option<Verdict>,
    right: bool,
}

impl Cell {
    /// Text, aligned left.
    pub(in crate::report) fn text(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            verdict: None,
            right: false,
        }
    }

    /// A name, cut where it would push the other columns past the end of the line.
    pub(in crate::report) fn name(text: &str) -> Self {
        if text.chars().count() <= NAME_MAX {
            return Self::text(text);
        }
        let cut = text.chars().take(NAME_MAX - 1).chain(['…']);
        Self::text(cut.collect::<String>())
    }

    /// A number, aligned right.
    pub(in crate::report) fn number(text: impl Into<String>) -> Self {
        Self {
            right: true,
            ..Self::text(text)
        }
    }

    /// A row of numbers after its first cell.
    pub(in crate::report) fn row<T: Into<String>>(
        first: Self,
        numbers: impl IntoIterator<Item = T>,
    ) -> Vec<Self> {
        let numbers = numbers.into_iter().map(Self::number);
        [first].into_iter().chain(numbers).collect()
    }

    /// The text of the cell.
    pub(super) fn plain(&self) -> &str {
        &self.text
    }

    /// Whether the cell is aligned right.
    pub(super) const fn is_right(&self) -> bool {
        self.right
    }

    /// The word for a verdict.
    pub(super) fn verdict(word: &str, verdict: Option<Verdict>) -> Self {
        Self {
            verdict,
            ..Self::text(word)
        }
    }

    /// Characters of the cell.
    pub(super) fn width(&self) -> usize {
        self.text.chars().count()
    }

    /// The cell, padded to the width of its column.
    fn padded(&self, page: &Page, width: usize) -> String {
        let space = " ".repeat(width.saturating_sub(self.width()));
        let text = match self.verdict {
            Some(verdict) => page.painted(&self.text, verdict),
            None => self.text.clone(),
        };
        if self.right {
            space + &text
        } else {
            text + &space
        }
    }
}

/// Adds rows after an indent, with columns two spaces apart.
pub(in crate::report) fn add(page: &mut Page, indent: &str, rows: &[Vec<Cell>]) {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widest = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(Cell::width).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(widest).collect();
    for row in rows {
        let cells = row.iter().zip(&widths);
        let cells = cells.map(|(cell, &width)| cell.padded(page, width));
        let line = cells.collect::<Vec<_>>().join("  ");
        page.line(&format!("{indent}{line}"));
    }
}
