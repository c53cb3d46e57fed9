//! `cases.csv`: what tells the cases apart.

use super::column::{CASE, Column, SCENARIO, Table, columns};
use super::sheet::Sheet;
use crate::experiment::results::Results;

/// Description of the table.
pub(super) const TABLE: Table = Table {
    file: "cases.csv",
    grain: "One row per case, in the order of the study.",
    columns: columns! {
        SCENARIO;
        CASE;
        "variant", "text", "Name of the variant; base for none.";
        "<path>", "as written",
            "A column for each path that a variant or a sweep changes: the value of the case, as a \
             scenario file states it; of a trend its start and growth, of a section yes. Empty where the case has none.";
    },
    fill,
};

/// Makes the bytes of the file.
fn fill(results: &Results) -> Vec<u8> {
    let study = &results.study;
    let plain = TABLE.columns.iter().filter(|column| !column.is_pattern());
    let plain = plain.map(|column| column.name);
    let mut sheet = Sheet::with_header(plain.chain(study.paths.iter().map(String::as_str)));
    for case in &study.cases {
        let head = [&study.name, &case.name, &case.variant].map(String::as_str);
        let values = case
            .values
            .iter()
            .map(|value| value.as_deref().unwrap_or_default());
        sheet.row(head.into_iter().chain(values));
    }
    sheet.into_bytes()
}
