//! `inputs.csv`: every quantity of a case and everything that its presets state, with role, law and
//! source.

use std::io::Write;

use super::column::{Column, SCENARIO, Table, columns};
use super::sheet::{Sheet, number};
use crate::experiment::results::Results;
use crate::experiment::study::{Case, Input};

/// Description of the table.
pub(super) const TABLE: Table = Table {
    file: "inputs.csv",
    grain: "One row per quantity that is the same in all cases, with an empty case, in the order in \
            which base has them. Then, case by case, one row per quantity that is not the same in \
            all of them. A key for which a preset has a known value is a quantity here, even if \
            that value is a word, and whoever states it.",
    columns: columns! {
        SCENARIO;
        "case", "text", "Name of the case; empty for all cases.";
        "path", "text",
            "Where the quantity stands in the scenario, such as `fleet.metrics.memory_per_series`.";
        "role", "text",
            "How it varies: known (never), unknown (drawn once per draw), spread (drawn per pod or \
             collector), noise (drawn per occurrence).";
        "law", "text", "Its value or distribution as the scenario, the preset or the default states it.";
        "unit", "text", "Base unit of p05, p50 and p95; these four are empty for a word.";
        "p05", "see unit", "5th percentile; of a spread or noise around the median of what is unknown.";
        "p50", "see unit", "Median; the value itself if it is known.";
        "p95", "see unit", "95th percentile; of a spread or noise around the median of what is unknown.";
        "source", "text",
            "Where the law comes from: the `source` that the scenario or the preset states, `this \
             scenario` if the file states none, or `default`.";
    },
    fill,
};

/// Writes the file.
fn fill(results: &Results, sink: &mut dyn Write) -> std::io::Result<()> {
    let study = &results.study;
    let mut sheet = Sheet::new(&TABLE, sink)?;
    let is_shared = |input: &&Input| study.cases.iter().all(|case| case.inputs.contains(input));
    let base = study.cases.iter().take(1).flat_map(|case| &case.inputs);
    let shared: Vec<&Input> = base.filter(is_shared).collect();
    for input in &shared {
        add(&mut sheet, &study.name, "", input)?;
    }
    for Case { name, inputs, .. } in &study.cases {
        for input in inputs.iter().filter(|input| !shared.contains(input)) {
            add(&mut sheet, &study.name, name, input)?;
        }
    }
    sheet.end()
}

fn add(sheet: &mut Sheet<'_>, scenario: &str, case: &str, input: &Input) -> std::io::Result<()> {
    let [p05, p50, p95] = input.percentiles().map(number);
    sheet.row([
        scenario,
        case,
        &input.path,
        input.role.word(),
        &input.law,
        input.unit,
        &p05,
        &p50,
        &p95,
        &input.source,
    ])
}
