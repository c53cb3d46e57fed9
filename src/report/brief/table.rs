//! The table of the cases: one row each, of the same seven numbers.

use super::amount::{Amount, Form};
use super::case::{CaseBrief, FailureBrief};
use crate::experiment::results::CaseResults;
use crate::model::blueprint::{Priority, Requested};
use crate::model::record::catalogue::{Failure, Metric, Unit};
use crate::report::view::View;
use crate::stats::{CONFIDENCE, Interval, Proportion, Verdict};

/// Most rows of the table.
pub(in crate::report) const ROWS_MAX: usize = 10;

/// Most rows of cases that hold, if not all cases are shown.
const HOLDING_MAX: usize = 5;

/// The table of the cases.
#[derive(Clone, Debug)]
pub(in crate::report) struct Table {
    /// A row per case, base first.
    pub(in crate::report) rows: Vec<Row>,
    /// Indices of the rows for a reader with little time.
    pub(in crate::report) shown: Vec<usize>,
    /// The case that holds every goal with the least requests; `None` if none does, or if there is
    /// no choice.
    pub(in crate::report) smallest: Option<usize>,
}

/// A case in seven numbers.
#[derive(Clone, Debug)]
pub(in crate::report) struct Row {
    /// What breaks first, most often; `None` if nothing does.
    pub(in crate::report) breaks: Option<FailureBrief>,
    /// The memory that a collector of one fleet needs: the fleet that is nearest to its limit.
    pub(in crate::report) memory: Option<MemoryNeed>,
    /// Share of the draws in which a collector is killed for memory.
    pub(in crate::report) killed: Amount,
    /// Two-sided 95 % interval of that share.
    pub(in crate::report) killed_interval: Interval,
    /// The greatest share that a fleet loses of one signal, at the 95th percentile, and the signal.
    pub(in crate::report) lost: Option<(&'static str, Amount)>,
    /// What the fleets request of the platform.
    pub(in crate::report) requested: Requested,
}

/// The memory that a collector of one fleet needs.
#[derive(Clone, Debug)]
pub(in crate::report) struct MemoryNeed {
    /// The fleet.
    pub(in crate::report) scope: String,
    /// The 95th percentile; the limit that it exceeds, where kills cut it off.
    pub(in crate::report) p95: Amount,
    /// The memory limit of a collector in bytes.
    pub(in crate::report) limit: Option<f64>,
    /// Share of the draws in which a kill cut the need off; `None` without a limit.
    pub(in crate::report) cut_off: Option<f64>,
}

impl MemoryNeed {
    /// Whether kills cut the 95th percentile off.
    pub(in crate::report) fn is_cut_off(&self) -> bool {
        self.p95.form == Form::Exceeded
    }
}

/// The table of all cases.
pub(super) fn of(views: &[View<'_>], cases: &[CaseBrief]) -> Table {
    let rows: Vec<Row> = views
        .iter()
        .zip(cases)
        .map(|(view, case)| row(view, case))
        .collect();
    Table {
        shown: shown(&rows, cases),
        smallest: smallest(&rows, cases),
        rows,
    }
}

fn row(view: &View<'_>, case: &CaseBrief) -> Row {
    let killed = draws_with_a_kill(view.case);
    let share = Proportion::new(killed, view.draws() as u64);
    Row {
        breaks: case
            .binding
            .clone()
            .or_else(|| case.others.first().cloned()),
        memory: memory(view),
        killed: Amount::rounded(share.estimate(), Unit::Ratio),
        killed_interval: share.interval(CONFIDENCE),
        lost: lost(case),
        requested: view.blueprint().requested(),
    }
}

fn draws_with_a_kill(case: &CaseResults) -> u64 {
    let kills = case.layout.failures.iter().enumerate();
    let kills = kills.filter(|(_, (_, failure))| *failure == Failure::Oom);
    let kills: Vec<usize> = kills.map(|(position, _)| position).collect();
    let outcomes = case.outcomes.iter();
    let killed = outcomes.filter(|outcome| {
        let mut kills = kills.iter();
        kills.any(|&position| outcome.first[position].is_some())
    });
    killed.count() as u64
}

/// The need of the fleet that is nearest to its limit.
fn memory(view: &View<'_>) -> Option<MemoryNeed> {
    let need = view.need()?;
    let amount = match need.limit {
        Some(limit) if need.p95.is_infinite() => Amount::rounded(limit, Unit::Bytes).exceeded(),
        _ => Amount::rounded(need.p95, Unit::Bytes),
    };
    Some(MemoryNeed {
        scope: view.scope(need.scope),
        p95: amount,
        limit: need.limit,
        cut_off: need.cut_off,
    })
}

fn lost(case: &CaseBrief) -> Option<(&'static str, Amount)> {
    let signals = [
        (Metric::LossRatio, "samples"),
        (Metric::LogsLossRatio, "logs"),
        (Metric::SpansLossRatio, "spans"),
        (Metric::ProfilesLossRatio, "profiles"),
    ];
    let rows = case.numbers.iter().flat_map(|numbers| &numbers.rows);
    let losses = rows.filter_map(|row| {
        let signal = signals.iter().find(|(metric, _)| *metric == row.metric)?;
        Some((signal.1, row.p95))
    });
    losses.reduce(|most, next| {
        if next.1.value > most.1.value {
            next
        } else {
            most
        }
    })
}

/// The smallest case that holds every goal, where cases differ in size.
fn smallest(rows: &[Row], cases: &[CaseBrief]) -> Option<usize> {
    let differs = |row: &Row| {
        row.requested
            .by_size(&rows[0].requested, Priority::Memory)
            .is_ne()
    };
    if !rows.iter().any(differs) {
        return None;
    }
    let holding = (0..rows.len()).filter(|&case| cases[case].verdict == Some(Verdict::Holds));
    holding.min_by(|&left, &right| {
        rows[left]
            .requested
            .by_size(&rows[right].requested, Priority::Memory)
    })
}

/// All rows, if there are few. Otherwise the base, the cases that goals name, the smallest cases that
/// hold, and the cases that come nearest to it. Rows keep the order of the file.
fn shown(rows: &[Row], cases: &[CaseBrief]) -> Vec<usize> {
    if rows.len() <= ROWS_MAX {
        return (0..rows.len()).collect();
    }
    let is_first = |case: &usize| *case == 0 || cases[*case].decides;
    let mut shown: Vec<usize> = (0..rows.len()).filter(is_first).take(ROWS_MAX).collect();
    let rest = (0..rows.len()).filter(|case| !is_first(case));
    let (mut holding, mut others): (Vec<usize>, Vec<usize>) =
        rest.partition(|&case| cases[case].verdict == Some(Verdict::Holds));
    holding.sort_by(|&left, &right| {
        rows[left]
            .requested
            .by_size(&rows[right].requested, Priority::Memory)
    });
    let odds = |case: usize| {
        rows[case]
            .breaks
            .as_ref()
            .map_or(0.0, |row| row.probability.value)
    };
    others.sort_by(|&left, &right| odds(left).total_cmp(&odds(right)));
    let room = ROWS_MAX - shown.len();
    let failing = others
        .len()
        .min(room - holding.len().min(HOLDING_MAX).min(room));
    shown.extend(holding.iter().take(room - failing));
    shown.extend(others.iter().take(failing));
    shown.sort_unstable();
    shown
}
