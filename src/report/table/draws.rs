//! `draws.csv`: the values of each draw, one wide row per draw.

use std::collections::BTreeSet;
use std::io::Write;

use super::column::{CASE, Column, SCENARIO, Table, columns};
use super::sheet::{Sheet, number};
use crate::experiment::outcomes::Row;
use crate::experiment::results::Results;
use crate::model::record::catalogue::Scope;
use crate::model::record::cut::Cut;
use crate::model::record::outcome::Figures as _;
use crate::report::view::View;

/// The end of the column that says whether a kill cut the memory of a fleet off.
pub(in crate::report) const CUT_OFF: &str = ".cut_off";

/// Description of the table.
pub(super) const TABLE: Table = Table {
    file: "draws.csv",
    grain: "One row per case and draw, in that order. Cases share the columns of all of them; a cell \
            is empty where its case has no such scope, or the metric has no meaning in the draw. \
            Draws with the same number share their luck over the cases, so they can be paired.",
    columns: columns! {
        SCENARIO;
        CASE;
        "draw", "count", "Number of the draw, from 0.";
        "<scope>.<metric>", "see metrics",
            "Value of the metric of that scope, such as `fleet.metrics.memory_peak_bytes`.";
        "<fleet>.cut_off", "0 or 1",
            "1 where a kill at the memory limit cut the memory of the fleet off in the draw, else 0. The \
             killed collector needs more, and its peers took over its load. Empty without a limit.";
        "<scope>.<failure>_first_seconds", "seconds",
            "Time from the start to the first such failure; empty if it does not happen by the \
             horizon.";
        "unknown.<path>", "as in the scenario, base units",
            "Value that the draw gave to an unknown quantity.";
    },
    fill,
};

/// The columns of a case besides the fixed ones: metrics, cut-offs, failures, unknowns.
type Own = [Vec<String>; 4];

/// Writes the file.
fn fill(results: &Results, sink: &mut dyn Write) -> std::io::Result<()> {
    let cases = View::all(results).map(|view| (view, own_columns(&view)));
    let cases: Vec<_> = cases.collect();
    let columns = all_columns(&cases);
    let fixed = TABLE.columns.iter().filter(|column| !column.is_pattern());
    let fixed = fixed.map(|column| column.name);
    let mut sheet = Sheet::with_header(fixed.chain(columns.iter().copied()), sink)?;
    for (view, own) in &cases {
        let names = own.concat();
        let place = |column: &&str| names.iter().position(|name| name == column);
        let places: Vec<Option<usize>> = columns.iter().map(place).collect();
        let cuts = cuts(view);
        view.case.outcomes.open()?.each(|draw, row| {
            let cells = own_cells(own, &cuts, row);
            let cell = |place: &Option<usize>| place.map_or("", |place| cells[place].as_str());
            let draw = draw.to_string();
            let head = [view.scenario(), view.name(), draw.as_str()];
            sheet.row(head.into_iter().chain(places.iter().map(cell)))
        })?;
    }
    sheet.end()
}

/// The columns of all cases: metrics, then cut-offs, failures and unknowns, each in order of first
/// appearance.
fn all_columns<'a>(cases: &'a [(View<'_>, Own)]) -> Vec<&'a str> {
    let mut columns: Vec<&str> = Vec::new();
    let mut seen = BTreeSet::new();
    for group in 0..4 {
        let names = cases.iter().flat_map(|(_, own)| &own[group]);
        columns.extend(names.map(String::as_str).filter(|&name| seen.insert(name)));
    }
    columns
}

fn own_columns(view: &View<'_>) -> Own {
    let layout = &view.case.layout;
    let metrics = layout.columns.iter();
    let metrics =
        metrics.map(|&(scope, metric)| format!("{}.{}", view.scope(scope), metric.info().column));
    let failures = layout.failures.iter().map(|&(scope, failure)| {
        let word = failure.info().word;
        format!("{}.{word}_first_seconds", view.scope(scope))
    });
    let unknowns = view.case.unknowns.iter();
    let unknowns = unknowns.map(|path| format!("unknown.{path}"));
    let cuts = fleets(view).map(|scope| format!("{}{CUT_OFF}", view.scope(scope)));
    [
        metrics.collect(),
        cuts.collect(),
        failures.collect(),
        unknowns.collect(),
    ]
}

/// The fleets of a case.
fn fleets(view: &View<'_>) -> impl Iterator<Item = Scope> {
    let scopes = Scope::all(view.blueprint()).into_iter();
    scopes.filter(|scope| matches!(scope, Scope::Fleet(_)))
}

/// Where a draw tells whether a kill cut the memory of a fleet off, fleet by fleet.
fn cuts(view: &View<'_>) -> Vec<Option<Cut>> {
    let cut = |scope| Cut::of(scope, view.blueprint(), &view.case.layout);
    fleets(view).map(cut).collect()
}

/// The values of one draw, in the order of the columns of its case.
fn own_cells(own: &Own, cuts: &[Option<Cut>], row: Row<'_>) -> Vec<String> {
    let [values, _, first, unknowns] = own.each_ref().map(|columns| 0..columns.len());
    assert_eq!(
        row.unknowns(),
        unknowns.len(),
        "a draw is laid out as its case"
    );
    let cut = |cut: &Option<Cut>| cut.map_or(f64::NAN, |cut| f64::from(u8::from(cut.is_in(&row))));
    let cells = values
        .map(|column| row.value(column))
        .chain(cuts.iter().map(cut));
    let cells = cells.chain(first.map(|position| row.first(position).unwrap_or(f64::NAN)));
    let cells = cells.chain(unknowns.map(|index| row.unknown(index)));
    cells.map(number).collect()
}
