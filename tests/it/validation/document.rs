//! The page, from its rows.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::row::{Band, Row, number, rounded};
use super::{DRAWS, read};
use crate::measured::alloy;

/// All rows of the page.
pub(super) struct Page {
    /// Measured, with nothing but the load known.
    pub(super) measured: Vec<Row>,
    /// Reported by others, with nothing but what they state known.
    pub(super) reported: Vec<Row>,
    /// Measured, with all known that was.
    pub(super) known: Vec<Row>,
}

const TOP: &str = "\
# Observed and computed

<!-- Do not edit: made by `tests/it/validation` from its tables; a test compares. -->

";

const METHOD: &str = "
This page has every number that was measured or reported and that a scenario can express. Beside it is what the
model says of that scenario. [The page of methods](model/validation.md) says which theory each part is held to.

- *Calibration*: the number has set a constant, or the width of a law. So it confirms nothing.
- *Validation*: the number has set nothing.
- The model knows the load, and nothing else that the report does not state. The percentiles are over draws.
- Of the rows of A, *what* says more than the model is told. It knows series, targets, intervals, endpoints, lines and
  files, but not labels, stages, caches and pages.
- A range is inside if its middle lies between p5 and p95, or if p5 to p95 lies within the range.
- A range with one end is inside if it holds the median. Numbers count as they are printed.
- The width is p95 over p5, where p5 is above 0 and the draws differ.
- The first lines count the tables *Measured* and *Reported*.
";

const MEASURED: &str = "
## Measured

A1, A2, A3, A4 and A6 are a measurement of ours (not published) of Alloy's main branch of 2026-08-21, built after 1.18.
It ran on two virtual cores in November 2026. The load of A1, A2 and A4 is in `tests/it/measured/alloy.csv`, and that of
A3 in `tests/it/measured/outages.toml`. That of A4.8 to A4.11 and of A6.1 is in `tests/it/validation`. The terms of the
preset `alloy-1.18` were fitted to A1, A2 and A4. Its laws were widened until nine rows of ten lay inside. So none of
these rows confirms the model. Most of A3 does, and so does what A4 says of delivery.
The model's memory is the highest. The mean that was measured is beside it, too.
";

const REPORTED: &str = "
## Reported

A report has a row where its load and its outcome are numbers, and the model has the mechanism. Its scenario says
what was INFERRED besides.
";

const KNOWN: &str = "
## All is known

Here the model knows all that was known: labels, pages, stages, and a factor of 1 for the rest. So it says one number.
B is a measurement of ours (not published) of Prometheus 2.42 in agent mode, whose sender is Alloy's. It is beside the
preset `prometheus-agent-2.42`, whose coefficients were taken from it. The last column is the model's number over the
observed one.
";

const MISSES: &str = "
## Known misses

These rows are not inside, each with its cause:

";

/// What rows are about.
const ABOUT: [&str; 4] = ["memory", "CPU", "delivery", "ports"];

/// Rows have names of their own, and words that the page explains.
fn assert_told_apart<'a>(rows: impl Iterator<Item = &'a Row>) {
    let mut ids = BTreeSet::new();
    for row in rows {
        let is_known = ABOUT.contains(&row.about.as_str());
        let has_role = ["calibration", "validation"].contains(&row.role.as_str());
        assert!(is_known && has_role && ids.insert(&row.id), "{row:?}");
    }
}

/// How many rows are inside, and the median of their widths.
fn score<'a>(rows: impl Iterator<Item = &'a Row>) -> (usize, usize, String) {
    let (mut inside, mut all, mut widths) = (0, 0, Vec::new());
    for row in rows {
        all += 1;
        inside += usize::from(row.is_inside());
        widths.extend(row.band.and_then(Band::width));
    }
    widths.sort_unstable_by(f64::total_cmp);
    let width = widths.get(widths.len() / 2);
    let width = width.map_or("–".to_owned(), |width| format!("{width:.1}"));
    (inside, all, width)
}

/// The first lines: what the whole page says.
fn head(page: &Page) -> String {
    let rows = || page.measured.iter().chain(&page.reported);
    let (inside, all, width) = score(rows());
    let (valid, validations, valid_width) = score(rows().filter(|row| row.role == "validation"));
    let mut text = format!(
        "**{inside} of {all} observed numbers lie between p5 and p95; the median width p95/p5 is {width}.**\n\
         **Of validation alone, {valid} of {validations} do; their median width is {valid_width}.**\n"
    );
    text.push_str(METHOD);
    text.push_str("\n| about | inside | median width | of validation, inside | median width |\n|---|---|---|---|---|\n");
    for about in ABOUT {
        let (inside, all, width) = score(rows().filter(|row| row.about == about));
        let valid = rows().filter(|row| row.about == about && row.role == "validation");
        let (valid, validations, valid_width) = score(valid);
        let cells =
            format!("{inside} of {all} | {width} | {valid} of {validations} | {valid_width}");
        writeln!(text, "| {about} | {cells} |").unwrap();
    }
    text
}

/// Rows with their bands.
fn table(rows: &[Row]) -> String {
    let mut text = "\n| what | source | observed | p5 | median | p95 | inside | role |\n\
                    |---|---|---|---|---|---|---|---|\n"
        .to_owned();
    for row in rows {
        let [p5, median, p95] = row.band.map_or(["–"; 3].map(str::to_owned), |band| {
            [band.p5, band.median, band.p95].map(number)
        });
        let inside = if row.is_inside() { "yes" } else { "**no**" };
        text += &line(row, &[&p5, &median, &p95, inside]);
    }
    text
}

/// The line of a row, with what the model says between what was observed and the role.
fn line(row: &Row, model: &[&str]) -> String {
    let Row {
        what, source, role, ..
    } = row;
    let (observed, model) = (row.observed(), model.join(" | "));
    format!("| {what} | {source} | {observed} | {model} | {role} |\n")
}

/// Rows where the model says one number.
fn known(rows: &[Row]) -> String {
    let mut text =
        "\n| what | source | observed | model | ratio | role |\n|---|---|---|---|---|---|\n"
            .to_owned();
    for row in rows {
        let model = row.band.map(|band| rounded(band.median));
        let ratio = model.zip(row.observed.middle());
        let ratio = ratio.filter(|&(_, observed)| observed > 0.0);
        let ratio = ratio.map_or("–".to_owned(), |(model, observed)| {
            format!("{:.2}", model / observed)
        });
        let model = model.map_or("–".to_owned(), number);
        text += &line(row, &[&model, &ratio]);
    }
    text
}

/// Why a row is not inside. `causes.toml` names rows by their id, or by how it begins.
fn cause<'a>(causes: &'a BTreeMap<String, String>, id: &str) -> &'a str {
    let mut found = causes.iter().filter(|(start, _)| id.starts_with(*start));
    found.next_back().map_or("Not known.", |(_, cause)| cause)
}

/// Rows that are not inside, each with its cause. A cause of no row is a mistake.
fn misses(page: &Page) -> String {
    let causes: BTreeMap<String, String> = toml::from_str(&read("causes.toml")).unwrap();
    let rows = page.measured.iter().chain(&page.reported);
    let stale = |start: &&String| !rows.clone().any(|row| row.id.starts_with(*start));
    let stale: Vec<&String> = causes.keys().filter(stale).collect();
    assert!(stale.is_empty(), "causes.toml names no row: {stale:?}");
    // Rows in a row with one source and one cause are one item.
    let mut items: Vec<(Vec<&str>, String)> = Vec::new();
    for row in rows.filter(|row| !row.is_inside()) {
        let why = format!("({}): {}", row.source, cause(&causes, &row.id));
        match items.last_mut().filter(|(_, before)| *before == why) {
            Some((whats, _)) => whats.push(&row.what),
            None => items.push((vec![&row.what], why)),
        }
    }
    let mut text = String::new();
    for (whats, why) in items {
        writeln!(text, "- *{}* {why}", whats.join("*, *")).unwrap();
    }
    text
}

pub(super) fn document(page: &Page) -> String {
    assert_told_apart(page.measured.iter().chain(&page.reported));
    assert_told_apart(page.known.iter());
    let draws = format!(
        "\nRows of A1, A2 and A4 have {} draws, all others {DRAWS}.\n",
        alloy::DRAWS
    );
    [
        TOP,
        &head(page),
        &draws,
        MEASURED,
        &table(&page.measured),
        REPORTED,
        &table(&page.reported),
        KNOWN,
        &known(&page.known),
        MISSES,
        &misses(page),
        &read("misses.md"),
    ]
    .concat()
}
