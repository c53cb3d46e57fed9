//! `cases.csv`: what tells the cases apart.

use super::column::{CASE, Column, SCENARIO, Table, columns};
use super::sheet::{Sheet, number};
use crate::experiment::results::Results;

/// Description of the table.
pub(super) const TABLE: Table = Table {
    file: "cases.csv",
    grain: "One row per case, in the order of the study.",
    columns: columns! {
        SCENARIO;
        CASE;
        "variant", "text", "Name of the variant; base for none.";
        "requested_memory_bytes", "bytes",
            "Memory that all collectors request, when there are most of them; empty if some fleet requests none.";
        "requested_cores", "cores", "Cores that all collectors request; empty if some fleet requests none.";
        "requested_addresses", "count", "Egress addresses.";
        "requested_volumes", "count", "Volumes of collectors.";
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
        let requested = case.blueprint.requested();
        let addresses = requested.addresses as f64;
        let requested = [
            requested.memory,
            requested.cores,
            addresses,
            requested.volumes,
        ];
        let requested = requested.map(number);
        let head = [&study.name, &case.name, &case.variant].map(String::as_str);
        let head = head.into_iter().chain(requested.iter().map(String::as_str));
        let values = case
            .values
            .iter()
            .map(|value| value.as_deref().unwrap_or_default());
        sheet.row(head.chain(values));
    }
    sheet.into_bytes()
}
