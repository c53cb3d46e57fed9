//! The numbers a capacity review asks for, as a table per case.

use super::grid::{self, Cell};
use super::of_case;
use super::style::Page;
use crate::report::brief::{Amount, CaseBrief, NumberRow};

/// A line of the table: what it is, median, 95th percentile, limit.
#[derive(Clone, PartialEq)]
struct Line {
    label: String,
    values: [String; 3],
}

/// The numbers of one of `cases`; of a further one only those that differ from the base.
pub(super) fn section(page: &mut Page, case: &CaseBrief, cases: &[CaseBrief]) {
    let base = &cases[0];
    let is_base = std::ptr::eq(case, base);
    let known = if is_base { Vec::new() } else { scopes(base) };
    let mut rows = Vec::new();
    for (title, mut lines) in scopes(case) {
        let same = known.iter().find(|(other, _)| *other == title);
        lines.retain(|line| !same.is_some_and(|(_, known)| known.contains(line)));
        if !lines.is_empty() {
            rows.push(cells(&format!("  {title}"), &[const { String::new() }; 3]));
            rows.extend(lines.iter().map(|line| cells(&line.label, &line.values)));
        }
    }
    let of = of_case(case, cases);
    let unlike = match (is_base, rows.is_empty()) {
        (true, _) => "",
        (false, true) => ": as base",
        (false, false) => ", unlike base",
    };
    let head = ["median", "p95", "limit"].map(str::to_owned);
    let head = if rows.is_empty() { &head[..0] } else { &head };
    rows.insert(0, cells(&format!("numbers{of}{unlike}"), head));
    grid::add(page, "", &rows);
    page.blank();
}

fn cells(label: &str, values: &[String]) -> Vec<Cell> {
    let mut cells = vec![Cell::text(label)];
    cells.extend(values.iter().map(Cell::number));
    cells
}

/// Each scope of a case, a fleet with its topology, and its lines.
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
