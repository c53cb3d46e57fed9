//! Rows of cells to a CSV file, one after the other.

use std::borrow::Cow;
use std::io::Write;

use csv::{Terminator, Writer, WriterBuilder};

use super::column::Table;
use crate::report::numbers::bounds;
use crate::stats::Interval;

/// Bytes that begin a formula.
const FORMULA: &[u8] = b"=+-@\t\r";

/// Confidence of every interval in the tables.
pub(super) const CONFIDENCE: &str = "0.95";

/// A CSV file that is being written, with RFC 4180 quotes, `\n` line ends and UTF-8.
pub(in crate::report) struct Sheet<'a> {
    writer: Writer<&'a mut dyn Write>,
}

impl<'a> Sheet<'a> {
    /// A sheet with the header of `table`, whose columns are all plain.
    pub(super) fn new(table: &Table, sink: &'a mut dyn Write) -> std::io::Result<Self> {
        Self::with_header(table.columns.iter().map(|column| column.name), sink)
    }

    /// A sheet with any header.
    pub(in crate::report) fn with_header<T: AsRef<[u8]>>(
        header: impl IntoIterator<Item = T>,
        sink: &'a mut dyn Write,
    ) -> std::io::Result<Self> {
        let mut builder = WriterBuilder::new();
        builder.terminator(Terminator::Any(b'\n'));
        let writer = builder.from_writer(sink);
        let mut sheet = Self { writer };
        sheet.row(header)?;
        Ok(sheet)
    }

    /// Writes a row with as many cells as the header.
    pub(in crate::report) fn row<T: AsRef<[u8]>>(
        &mut self,
        cells: impl IntoIterator<Item = T>,
    ) -> std::io::Result<()> {
        let written = cells
            .into_iter()
            .try_for_each(|cell| self.writer.write_field(harmless(cell.as_ref())))
            .and_then(|()| self.writer.write_record(None::<&[u8]>));
        written.map_err(|error| match error.into_kind() {
            csv::ErrorKind::Io(error) => error,
            other => panic!("rows have as many cells as the header: {other:?}"),
        })
    }

    /// Writes what is still held back.
    pub(in crate::report) fn end(mut self) -> std::io::Result<()> {
        self.writer.flush()
    }
}

/// A cell that no spreadsheet takes for a formula: an apostrophe goes before a text that begins as one.
/// Numbers stay as they are.
///
/// Source: OWASP, CSV injection: `=`, `+`, `-`, `@`, tab and carriage return begin a formula.
fn harmless(cell: &[u8]) -> Cow<'_, [u8]> {
    let begins = cell.first().is_some_and(|first| FORMULA.contains(first));
    let is_number = || str::from_utf8(cell).is_ok_and(|text| text.parse::<f64>().is_ok());
    if begins && !is_number() {
        return Cow::Owned([b"'", cell].concat());
    }
    Cow::Borrowed(cell)
}

/// The text that a cell was made of.
pub(in crate::report) fn text_of(cell: &str) -> &str {
    let inner = cell.strip_prefix('\'');
    let is_formula = |inner: &&str| {
        inner
            .bytes()
            .next()
            .is_some_and(|first| FORMULA.contains(&first))
    };
    inner.filter(is_formula).unwrap_or(cell)
}

/// The shortest text that reads back as the same number; empty for NaN and infinities.
pub(in crate::report) fn number(value: f64) -> String {
    if !value.is_finite() {
        return String::new();
    }
    // Adding zero turns −0 into 0.
    format!("{}", value + 0.0)
}

/// Both ends of an interval and its confidence. An infinite end is empty.
pub(super) fn interval_cells(interval: Interval) -> [String; 3] {
    let cell = |end: Option<f64>| end.map(number).unwrap_or_default();
    let (low, high) = bounds(interval);
    let known = low.is_some() || high.is_some();
    let confidence = if known { CONFIDENCE } else { "" };
    [cell(low), cell(high), confidence.to_owned()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_exact_and_never_nan() {
        assert_eq!(number(0.1 + 0.2), "0.30000000000000004");
        assert_eq!(number(21_474_836_480.0), "21474836480");
        assert_eq!(number(-0.0), "0");
        assert_eq!(number(f64::NAN), "");
        assert_eq!(number(f64::INFINITY), "");
    }

    #[test]
    fn no_text_is_a_formula() {
        for text in ["=1+1", "+cmd|' /C calc'!A0", "-x", "@sum", "\tcell"] {
            let cell = harmless(text.as_bytes());
            assert_eq!(&*cell, format!("'{text}").as_bytes());
            assert_eq!(text_of(str::from_utf8(&cell).unwrap()), text);
        }
        for cell in ["", "-5", "+3e4", "-inf", "a=b", "'quoted", "2026-12-01"] {
            assert_eq!(&*harmless(cell.as_bytes()), cell.as_bytes());
            assert_eq!(text_of(cell), cell);
        }
    }

    #[test]
    fn open_intervals_leave_cells_empty() {
        let open = Interval {
            low: f64::NEG_INFINITY,
            high: 2.5,
        };
        assert_eq!(interval_cells(open), ["", "2.5", "0.95"]);
        let nothing = Interval {
            low: f64::NEG_INFINITY,
            high: f64::INFINITY,
        };
        assert_eq!(interval_cells(nothing), ["", "", ""]);
    }
}
