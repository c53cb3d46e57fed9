//! Description of a table and of its columns.

use std::io::Write;

use crate::experiment::results::Results;

/// A file of rows.
pub(in crate::report) struct Table {
    /// Name of the file.
    pub(in crate::report) file: &'static str,
    /// What one row is, and the order of rows.
    pub(in crate::report) grain: &'static str,
    /// The columns, in order. A name with `<` stands for several columns.
    pub(in crate::report) columns: &'static [Column],
    /// Writes the file, row by row.
    pub(super) fill: fn(&Results, &mut dyn Write) -> std::io::Result<()>,
}

/// A column of a table.
pub(in crate::report) struct Column {
    /// Name in the header.
    pub(in crate::report) name: &'static str,
    /// Unit of the values, or `text`.
    pub(in crate::report) unit: &'static str,
    /// What the column means, in one sentence.
    pub(in crate::report) meaning: &'static str,
}

impl Column {
    /// Whether this stands for several columns, named after items of the scenario.
    pub(in crate::report) fn is_pattern(&self) -> bool {
        self.name.contains('<')
    }
}

/// The columns of a table, one per line: a shared column, or name, unit and meaning.
macro_rules! columns {
    ($($($shared:ident)? $($name:literal, $unit:literal, $meaning:literal)?;)*) => {
        &[$($($shared)? $(Column { name: $name, unit: $unit, meaning: $meaning })?,)*]
    };
}
pub(super) use columns;

/// Columns that several tables have.
macro_rules! shared {
    ($($column:ident: $name:literal, $unit:literal, $meaning:literal;)*) => {
        $(
            #[doc = concat!("The column `", $name, "`.")]
            pub(super) const $column: Column = Column { name: $name, unit: $unit, meaning: $meaning };
        )*
    };
}

shared! {
    SCENARIO: "scenario", "text", "Name of the scenario.";
    CASE: "case", "text", "Name of the case: base, a variant, or a point of a sweep.";
    SCOPE: "scope", "text", "What the row belongs to: fleet, pool, egress or endpoint, a dot, its name.";
    SECONDS: "seconds", "seconds", "Time from the start of the measured horizon.";
    DATE: "date", "ISO 8601", "The same instant as a date and time; empty if the scenario gives no start_date.";
    CI_LOW: "ci_low", "as value", "Lower end of the two-sided interval; empty where the draws do not bound it.";
    CI_HIGH: "ci_high", "as value", "Upper end of the two-sided interval; empty where the draws do not bound it.";
    CUT_OFF: "cut_off", "ratio", "Share of the draws in which a kill at the memory limit cut the value off. The killed collector needs more, and its peers took over its load. Empty where no such kill is possible.";
    CONFIDENCE: "confidence", "ratio", "Confidence of the interval; empty where the row has none.";
}
