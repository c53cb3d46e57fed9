//! The rows of a measurement of Alloy, with nothing but their load known, and with all known that was.

use alloy_sim::model::record::catalogue::Metric;

use super::row::{Band, Observed, Row, number};
use crate::measured::alloy::{self, described, rows};
use crate::measured::outages::lost;

/// Column, metric, what it is called, its unit, and what the unit is in the unit of the metric.
type Quantity = (
    &'static str,
    Metric,
    &'static str,
    (&'static str, &'static str, f64),
);

const QUANTITIES: [Quantity; 4] = [
    (
        "live_mb",
        Metric::LivePeak,
        "live memory",
        ("memory", "MB", 1e6),
    ),
    (
        "anon_mb",
        Metric::MemoryPeak,
        "anonymous memory, mean",
        ("memory", "MB", 1e6),
    ),
    (
        "anon_highest_mb",
        Metric::MemoryPeak,
        "anonymous memory, highest",
        ("memory", "MB", 1e6),
    ),
    ("cores", Metric::CpuMean, "CPU", ("CPU", "cores", 1.0)),
];

/// What ran, in words.
fn load(row: &alloy::Row) -> String {
    let mut parts = Vec::new();
    if row.get("series") > 0.0 {
        parts.push(format!(
            "{} series, {} per target, every {} s",
            number(row.get("series")),
            number(row.get("series_per_target")),
            row.get("interval_s"),
        ));
    }
    if row.get("lines_per_s") > 0.0 {
        let many = if row.get("files") > 1.0 { "s" } else { "" };
        let files = format!("{} file{many}", number(row.get("files")));
        parts.push(format!(
            "{} lines/s of {} B from {files}",
            number(row.get("lines_per_s")),
            number(row.get("line_bytes")),
        ));
    }
    if parts.is_empty() {
        parts.push("an empty configuration".to_owned());
    }
    let extras = [
        (row.get("label_bytes") < 201.0, "short labels"),
        (row.get("gzip") > 0.0, "compressed pages"),
        (row.get("endpoints") > 1.0, "two endpoints"),
        (row.get("stages") > 1.0, "three stages of relabelling"),
        (
            row.get("stages").to_bits() == 1.0_f64.to_bits(),
            "one stage of relabelling",
        ),
        (row.get("cache") > 100_000.0, "a larger cache"),
        (row.get("log_stages") > 0.0, "one stage of processing"),
    ];
    let extras = extras.into_iter().filter(|(has, _)| *has);
    parts.extend(extras.map(|(_, extra)| extra.to_owned()));
    parts.join(", ")
}

/// A row of the page for each cell, with the band that `band` gives for its metric.
fn of(row: &alloy::Row, band: impl Fn(Metric) -> Option<Band>) -> Vec<Row> {
    let measured = QUANTITIES.iter().filter_map(|quantity| {
        let value = row.measured(quantity.0)?;
        Some((quantity, value))
    });
    let page_row =
        |(&(column, metric, name, (about, unit, factor)), value): (&Quantity, f64)| Row {
            id: format!("{} {column}", row.id),
            about: about.to_owned(),
            what: format!("{}: {name}", load(row)),
            source: row.id.to_owned(),
            role: "calibration".to_owned(),
            unit: unit.to_owned(),
            observed: Observed::exactly(value),
            band: band(metric).map(|band| band.divided_by(factor)),
        };
    measured.map(page_row).collect()
}

/// With nothing but the load known.
pub(super) fn by_load() -> Vec<Row> {
    let rows = described().iter();
    rows.flat_map(|(row, scene)| of(row, |metric| Band::of(scene.values("fleet.all", metric))))
        .collect()
}

/// With all known that was.
pub(super) fn known() -> Vec<Row> {
    let rows = rows().into_iter();
    rows.flat_map(|row| {
        let scene = row.known();
        of(&row, |metric| Band::of(scene.values("fleet.all", metric)))
    })
    .filter(|row| !row.id.ends_with("anon_mb"))
    .collect()
}

/// Outages with five small segments per truncation, by the rule alone: seconds after a truncation, length,
/// segments of before, seconds that were lost.
const SEGMENTS: [(&str, u64, u64, u32, f64); 5] = [
    ("A3.4", 5, 90, 0, 97.0),
    ("A3.5", 28, 90, 0, 0.0),
    ("A3.5", 14, 54, 0, 0.0),
    ("A3.5", 48, 240, 0, 0.0),
    ("A3.5", 8, 120, 4, 0.0),
];

/// What the rule of segments takes.
pub(super) fn segments() -> Vec<Row> {
    let row = |(source, after, length, old, observed): (&str, u64, u64, u32, f64)| Row {
        id: format!("{source} {after}"),
        about: "delivery".to_owned(),
        what: format!("small segments, outage of {length} s, {after} s after a truncation, lost"),
        source: source.to_owned(),
        role: "validation".to_owned(),
        unit: "s".to_owned(),
        observed: Observed::exactly(observed),
        band: Band::of(vec![lost(after, length, old)]),
    };
    SEGMENTS.map(row).to_vec()
}
