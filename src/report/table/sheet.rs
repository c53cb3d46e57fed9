//! Rows of cells to a CSV file, one after the other.

use std::io::Write;

use csv::{Terminator, Writer, WriterBuilder};

use super::column::Table;
use crate::report::numbers::bounds;
use crate::stats::Interval;

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
        let written = self.writer.write_record(cells);
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
