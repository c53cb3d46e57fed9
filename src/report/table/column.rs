//! What is known of a table and of each of its columns.

/// A file of rows.
pub(in crate::report) struct Table {
    /// Name of the file.
    pub(in crate::report) file: &'static str,
    /// What one row is, and in which order rows stand.
    pub(in crate::report) grain: &'static str,
    /// Its columns, in order; a name with `<` stands for several.
    pub(in crate::report) columns: &'static [Column],
}

/// A column of a table.
pub(in crate::report) struct Column {
    /// Its name in the header.
    pub(in crate::report) name: &'static str,
    /// Its unit, or `text`.
    pub(in crate::report) unit: &'static str,
    /// What it means, in one sentence.
    pub(in crate::report) meaning: &'static str,
}

impl Column {
    /// A column by its three parts.
    pub(super) const fn new(name: &'static str, unit: &'static str, meaning: &'static str) -> Self {
        Self {
            name,
            unit,
            meaning,
        }
    }

    /// Whether it stands for several columns, made from the names in the scenario.
    pub(in crate::report) fn is_pattern(&self) -> bool {
        self.name.contains('<')
    }
}

/// Name of the scenario.
pub(super) const SCENARIO: Column = Column::new("scenario", "text", "Name of the scenario.");
/// Name of the case.
pub(super) const CASE: Column = Column::new(
    "case",
    "text",
    "Name of the case: base, a variant, or a point of a sweep.",
);
/// Name of the scope.
pub(super) const SCOPE: Column = Column::new(
    "scope",
    "text",
    "What the row belongs to: fleet, pool, egress or endpoint, a dot, its name.",
);
/// Seconds from the start.
pub(super) const SECONDS: Column = Column::new(
    "seconds",
    "seconds",
    "Time from the start of the measured horizon.",
);
/// The same as a date.
pub(super) const DATE: Column = Column::new(
    "date",
    "ISO 8601",
    "The same instant as a date and time; empty if the scenario gives no start_date.",
);
/// Lower end of an interval.
pub(super) const CI_LOW: Column = Column::new(
    "ci_low",
    "as value",
    "Lower end of the two-sided interval; empty where the draws do not bound it.",
);
/// Upper end of an interval.
pub(super) const CI_HIGH: Column = Column::new(
    "ci_high",
    "as value",
    "Upper end of the two-sided interval; empty where the draws do not bound it.",
);
/// Confidence of an interval.
pub(super) const CONFIDENCE: Column = Column::new(
    "confidence",
    "ratio",
    "Confidence of the interval; empty where the row has none.",
);
