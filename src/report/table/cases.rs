//! `cases.csv`: what tells the cases apart.

use std::io::Write;

use super::column::{CASE, CUT_OFF, Column, SCENARIO, Table, columns};
use super::sheet::{Sheet, number};
use crate::experiment::results::Results;
use crate::report::view::View;

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
        "needs_scope", "text", "The fleet that is nearest to its memory limit; empty if no fleet says what it needs.";
        "needs_p95_bytes", "bytes",
            "The memory limit that a collector of that fleet needs, 95th percentile over the draws, as the \
             answer shows it. Where it is cut off, the limit that it exceeds.";
        CUT_OFF;
        "<path>", "as written",
            "A column for each path that a variant or a sweep changes: the value of the case, as a \
             scenario file states it; of a trend its start and growth, of a section yes. Empty where the case has none.";
    },
    fill,
};

/// Writes the file.
fn fill(results: &Results, sink: &mut dyn Write) -> std::io::Result<()> {
    let study = &results.study;
    let plain = TABLE.columns.iter().filter(|column| !column.is_pattern());
    let plain = plain.map(|column| column.name);
    let header = plain.chain(study.paths.iter().map(String::as_str));
    let mut sheet = Sheet::with_header(header, sink)?;
    for (case, view) in study.cases.iter().zip(View::all(results)) {
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
        let needs = needs(&view);
        let head = head.chain(needs.iter().map(String::as_str));
        let values = case
            .values
            .iter()
            .map(|value| value.as_deref().unwrap_or_default());
        sheet.row(head.chain(values))?;
    }
    sheet.end()
}

/// What the fleet that is nearest to its limit needs.
fn needs(view: &View<'_>) -> [String; 3] {
    let Some(need) = view.need() else {
        return [const { String::new() }; 3];
    };
    let p95 = match need.limit {
        Some(limit) if need.p95.is_infinite() => limit,
        _ => need.p95,
    };
    let cut_off = need.cut_off.map(number).unwrap_or_default();
    [view.scope(need.scope), number(p95), cut_off]
}
