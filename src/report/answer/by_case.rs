//! What decides in a sweep: one row per case for each fleet.

use super::grid::{self, Cell};
use super::key_numbers::value;
use super::style::Page;
use crate::model::record::catalogue::{Metric, Scope};
use crate::report::view::View;

/// The columns, in order; those in which cases differ are shown.
const COLUMNS: [(Metric, &str); 10] = [
    (Metric::CollectorsEnd, "collectors"),
    (Metric::MemoryLimitNeeded, "memory needed"),
    (Metric::MemoryReplayPeak, "… replays"),
    (Metric::MemoryRestartPeak, "… restarted"),
    (Metric::OomCount, "kills"),
    (Metric::LossRatio, "missed or lost"),
    (Metric::JobsUnseen, "jobs unseen"),
    (Metric::DrainSeconds, "catching up"),
    (Metric::RolloutPeakSeconds, "rollout"),
    (Metric::CpuPeak, "CPU"),
];

/// Columns that fit a terminal beside the names of cases.
const COLUMNS_MAX: usize = 5;

/// The 95th percentiles of every case, fleet by fleet.
pub(super) fn section(page: &mut Page, cases: &[View<'_>]) {
    let Some(base) = cases.first() else { return };
    let scopes = Scope::all(base.blueprint());
    for name in scopes.into_iter().map(|scope| base.scope(scope)) {
        let columns: Vec<_> = COLUMNS
            .iter()
            .map(|&(metric, head)| (head, column(cases, &name, metric)))
            .filter(|(_, values)| values.iter().any(|value| *value != values[0]))
            .take(COLUMNS_MAX)
            .collect();
        if columns.is_empty() {
            continue;
        }
        let heads = columns.iter().map(|(head, _)| *head);
        let mut rows = vec![row(&format!("p95 of {name}"), heads)];
        for (index, view) in cases.iter().enumerate() {
            let values = columns.iter().map(|(_, values)| values[index].as_str());
            rows.push(row(&format!("  {}", view.label()), values));
        }
        grid::add(page, "", &rows);
        page.blank();
    }
}

fn row<'a>(label: &str, values: impl Iterator<Item = &'a str>) -> Vec<Cell> {
    let mut cells = vec![Cell::name(label)];
    cells.extend(values.map(Cell::number));
    cells
}

/// A metric of the scope with this name in every case; empty where it has none.
fn column(cases: &[View<'_>], name: &str, metric: Metric) -> Vec<String> {
    let text = |view: &View<'_>| {
        let scope = view.scope_named(name)?;
        let row = view.metric(scope, metric)?;
        let [_, p95] = value(view, scope, metric, &row.summary);
        Some(p95)
    };
    cases
        .iter()
        .map(|view| text(view).unwrap_or_default())
        .collect()
}
