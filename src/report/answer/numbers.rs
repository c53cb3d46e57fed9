//! The numbers of a capacity review, as a table per case.

use super::grid::{self, Cell};
use super::of_case;
use super::style::Page;
use crate::report::brief::{Amount, CaseBrief, NumberRow};

/// What the mark of a number that a kill cut off means.
pub(super) const CUT_OFF: &str =
    "*: a kill at the limit cut the number off, so nobody saw how much would have been taken";

/// A line of the table: name, median, 95th percentile, limit.
#[derive(Clone, PartialEq)]
struct Line {
    label: String,
    values: [String; 3],
}

/// The numbers of one of `cases`. A case after the base shows only numbers that differ from the
/// base.
pub(super) fn section(page: &mut Page, case: &CaseBrief, cases: &[CaseBrief]) {
    let base = &cases[0];
    let is_base = std::ptr::eq(case, base);
    let known = if is_base { Vec::new() } else { scopes(base) };
    let mut rows = Vec::new();
    for (title, mut lines) in scopes(case) {
        let same = known.iter().find(|(other, _)| *other == title);
        lines.retain(|line| !same.is_some_and(|(_, known)| known.contains(line)));
        if !lines.is_empty() {
            rows.push(Cell::row(Cell::text(format!("  {title}")), [""; 3]));
            let rows_of = |line: Line| Cell::row(Cell::text(line.label), line.values);
            rows.extend(lines.into_iter().map(rows_of));
        }
    }
    let of = of_case(case, cases);
    let unlike = match (is_base, rows.is_empty()) {
        (true, _) => "",
        (false, true) => ": as base",
        (false, false) => ", unlike base",
    };
    let head = ["median", "p95", "limit"].into_iter();
    let head = head.filter(|_| !rows.is_empty());
    let title = Cell::text(format!("numbers{of}{unlike}"));
    rows.insert(0, Cell::row(title, head));
    grid::add(page, "", &rows);
    if case.has_cut_off() {
        page.wrapped(CUT_OFF, "  ");
    }
    page.blank();
}

/// Each scope of a case with its lines; a fleet with its topology.
fn scopes(case: &CaseBrief) -> Vec<(String, Vec<Line>)> {
    let scopes = case.numbers.iter().map(|numbers| {
        let title = match numbers.topology {
            Some(topology) => format!("{} ({topology})", numbers.scope),
            None => numbers.scope.clone(),
        };
        let rows = numbers.rows.iter().filter(|row| row.is_news);
        (title, rows.map(line).collect())
    });
    scopes.collect()
}

fn line(row: &NumberRow) -> Line {
    let limit = row.limit.map(Amount::text).unwrap_or_default();
    Line {
        label: format!("    {}", row.label),
        values: [row.median.text(), row.p95.text(), limit],
    }
}
