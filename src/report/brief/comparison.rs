//! The numbers that differ in a sweep: one row per case for each fleet.

use super::amount::Amount;
use super::case::CaseBrief;
use crate::model::record::catalogue::Metric;

/// The columns, in order. Only columns in which cases differ are kept.
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

/// The 95th percentiles of one scope in which cases differ.
#[derive(Clone, Debug)]
pub(in crate::report) struct Comparison {
    /// Name of the scope.
    pub(in crate::report) scope: String,
    /// The columns, in the order of their importance.
    pub(in crate::report) columns: Vec<Column>,
}

/// One number of every case.
#[derive(Clone, Debug)]
pub(in crate::report) struct Column {
    /// Title of the column.
    pub(in crate::report) head: &'static str,
    /// The 95th percentile case by case; `None` where a case has none.
    pub(in crate::report) values: Vec<Option<Amount>>,
}

/// The comparisons of all scopes of the base case.
pub(super) fn of(cases: &[CaseBrief]) -> Vec<Comparison> {
    let Some(base) = cases.first() else {
        return Vec::new();
    };
    let comparisons = base.numbers.iter().map(|numbers| {
        let columns = COLUMNS.iter().map(|&(metric, head)| Column {
            head,
            values: cases
                .iter()
                .map(|case| p95(case, &numbers.scope, metric))
                .collect(),
        });
        Comparison {
            scope: numbers.scope.clone(),
            columns: columns.filter(differs).collect(),
        }
    });
    comparisons
        .filter(|comparison| !comparison.columns.is_empty())
        .collect()
}

/// Whether a reader sees a difference between cases.
fn differs(column: &Column) -> bool {
    let text = |value: &Option<Amount>| value.map(Amount::text);
    let texts: Vec<_> = column.values.iter().map(text).collect();
    texts.iter().any(|text| *text != texts[0])
}

fn p95(case: &CaseBrief, scope: &str, metric: Metric) -> Option<Amount> {
    let numbers = case.numbers.iter().find(|numbers| numbers.scope == scope)?;
    let row = numbers.rows.iter().find(|row| row.metric == metric)?;
    Some(row.p95)
}
