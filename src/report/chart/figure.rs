//! The content of a chart before it is drawn: its title, its measure, its data.

use plotters::style::RGBColor;

use crate::experiment::results::Band;
use crate::model::record::catalogue::Unit;
use crate::report::timeline::Timeline;
use crate::stats::Interval;

/// A chart before it is drawn.
pub(super) struct Figure {
    /// The title: what the results show.
    pub(super) finding: String,
    /// What is measured, and in which unit.
    pub(super) measure: String,
    /// What is drawn.
    pub(super) body: Body,
}

/// What is drawn.
pub(super) enum Body {
    /// Bands over time.
    Fans(Fans),
    /// Share of draws that have failed, over time.
    Steps(Steps),
    /// A value with its range per case.
    Ranges(Ranges),
}

/// Bands over time, one panel per scope.
pub(super) struct Fans {
    /// The panels.
    pub(super) panels: Vec<Panel>,
    /// Unit of the values.
    pub(super) unit: Unit,
    /// Dates of the time axis.
    pub(super) timeline: Timeline,
}

/// Share of draws that have failed, over time.
pub(super) struct Steps {
    /// One curve per failure.
    pub(super) curves: Vec<Curve>,
    /// What a goal asks for, and until when in seconds from the start.
    pub(super) goal: Option<(Limit, f64)>,
    /// Dates of the time axis.
    pub(super) timeline: Timeline,
}

/// A value with its range per case.
pub(super) struct Ranges {
    /// One row per case.
    pub(super) rows: Vec<Row>,
    /// The marks of a row in their order: meaning and colour.
    pub(super) keys: Vec<(&'static str, RGBColor)>,
    /// Unit of the values.
    pub(super) unit: Unit,
    /// The limit of all rows, with its name.
    pub(super) limit: Option<Limit>,
}

/// Bands of one scope over time.
pub(super) struct Panel {
    /// Name of the scope.
    pub(super) name: String,
    /// The bands.
    pub(super) bands: Vec<Band>,
    /// The limit of the scope.
    pub(super) limit: Option<Limit>,
    /// First failures of draws, marked beside the bands.
    pub(super) failures: Option<Failures>,
}

/// Instants at which draws fail first.
pub(super) struct Failures {
    /// What happens, with its share: `killed in 11 %`.
    pub(super) name: String,
    /// The instants, sorted.
    pub(super) seconds: Vec<f64>,
    /// Colour of the failure.
    pub(super) colour: RGBColor,
}

/// A value that must not be exceeded.
#[derive(Clone)]
pub(super) struct Limit {
    /// The value.
    pub(super) value: f64,
    /// Name of the limit: `limit 20 GiB`.
    pub(super) name: String,
}

/// The share of draws with a failure, as it grows.
pub(super) struct Curve {
    /// The failure and its scope.
    pub(super) name: String,
    /// Colour of the failure.
    pub(super) colour: RGBColor,
    /// Instants of first failures, sorted.
    pub(super) first_seconds: Vec<f64>,
    /// Number of draws.
    pub(super) draws: usize,
    /// Share of draws at the end.
    pub(super) probability: f64,
    /// Interval of the probability.
    pub(super) interval: Interval,
}

/// A case with one mark per key.
pub(super) struct Row {
    /// Name of the case.
    pub(super) name: String,
    /// The limit of this row, where limits differ.
    pub(super) limit: Option<f64>,
    /// The marks; `None` if the case has no such scope.
    pub(super) marks: Vec<Option<Mark>>,
}

/// A value with its range.
#[derive(Clone, Copy)]
pub(super) struct Mark {
    /// The value.
    pub(super) value: f64,
    /// Lower end of the range.
    pub(super) low: f64,
    /// Upper end of the range.
    pub(super) high: f64,
}
