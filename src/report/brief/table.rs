//! The table of the cases: one row each, of the same seven numbers.

use super::amount::{Amount, Form};
use super::case::{CaseBrief, FailureBrief};
use crate::model::blueprint::{Priority, Requested};
use crate::model::record::catalogue::{Metric, Unit};
use crate::report::view::View;
use crate::stats::{CONFIDENCE, Interval, Proportion, Verdict};

/// Most rows of the table.
pub(in crate::report) const ROWS_MAX: usize = 10;

/// Most rows of cases that hold, if not all cases are shown.
const HOLDING_MAX: usize = 4;

/// Most cases that all have a row because goals name them.
const NAMED_MAX: usize = 4;

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

/// The table of all cases, with the case of the headline.
pub(super) fn of(views: &[View<'_>], cases: &[CaseBrief], headline: usize) -> Table {
    let rows: Vec<Row> = views
        .iter()
        .zip(cases)
        .map(|(view, case)| row(view, case))
        .collect();
    Table {
        shown: shown(&rows, cases, headline),
        smallest: smallest(&rows, cases),
        rows,
    }
}

fn row(view: &View<'_>, case: &CaseBrief) -> Row {
    let killed = view.case.draws_killed;
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

/// What a case has a row for.
#[derive(Clone, Copy, Debug)]
struct Candidate {
    /// Whether the case has a row whatever its numbers are.
    is_fixed: bool,
    verdict: Option<Verdict>,
    requested: Requested,
    /// Probability of what breaks first.
    odds: f64,
}

/// All rows, if there are few. Otherwise the base, the case of the headline, the smallest cases that
/// hold, and of both other verdicts the cases that come nearest. Rows keep the order of the file.
fn shown(rows: &[Row], cases: &[CaseBrief], headline: usize) -> Vec<usize> {
    let named = cases.iter().filter(|case| case.decides).count();
    let candidate = |(index, (row, case)): (usize, (&Row, &CaseBrief))| Candidate {
        is_fixed: index == 0 || index == headline || (case.decides && named <= NAMED_MAX),
        verdict: case.verdict,
        requested: row.requested,
        odds: row.breaks.as_ref().map_or(0.0, |row| row.probability.value),
    };
    let candidates = rows.iter().zip(cases).enumerate().map(candidate);
    chosen(&candidates.collect::<Vec<_>>())
}

fn chosen(cases: &[Candidate]) -> Vec<usize> {
    if cases.len() <= ROWS_MAX {
        return (0..cases.len()).collect();
    }
    let by_size = |left: &usize, right: &usize| {
        let (left, right) = (&cases[*left].requested, &cases[*right].requested);
        left.by_size(right, Priority::Memory)
    };
    let of = |verdict| {
        let all = 0..cases.len();
        all.filter(move |&case| !cases[case].is_fixed && cases[case].verdict == verdict)
            .collect::<Vec<_>>()
    };
    let mut holding = of(Some(Verdict::Holds));
    holding.sort_by(by_size);
    let all = 0..cases.len();
    let smallest = all
        .filter(|&case| cases[case].verdict == Some(Verdict::Holds))
        .min_by(by_size);
    let distance = |case: usize| {
        let own = cases[case].requested.memory;
        let memory = smallest.map_or(f64::NAN, |case| cases[case].requested.memory);
        let distance = (own / memory).ln().abs();
        if distance.is_finite() { distance } else { 0.0 }
    };
    let nearest = |verdict| {
        let mut near = of(verdict);
        near.sort_by(|&left, &right| {
            let by_odds = cases[left].odds.total_cmp(&cases[right].odds);
            distance(left).total_cmp(&distance(right)).then(by_odds)
        });
        near
    };
    let failing = nearest(Some(Verdict::Fails));
    let unsettled = [nearest(Some(Verdict::Unsettled)), nearest(None)].concat();
    let fixed = (0..cases.len()).filter(|&case| cases[case].is_fixed);
    let mut shown: Vec<usize> = fixed.collect();
    // First a share for each verdict, then whatever is left.
    let rest = (ROWS_MAX - shown.len()).saturating_sub(holding.len().min(HOLDING_MAX));
    let shares = [
        (&holding, HOLDING_MAX),
        (&failing, rest / 2),
        (&unsettled, rest),
    ];
    let left = [&unsettled, &failing, &holding].map(|group| (group, ROWS_MAX));
    for (group, most) in shares.into_iter().chain(left) {
        let new: Vec<usize> = group
            .iter()
            .copied()
            .filter(|case| !shown.contains(case))
            .collect();
        let room = ROWS_MAX - shown.len();
        shown.extend(new.into_iter().take(most.min(room)));
    }
    shown.sort_unstable();
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case(verdict: Verdict, memory: f64) -> Candidate {
        Candidate {
            is_fixed: false,
            verdict: Some(verdict),
            requested: Requested {
                memory,
                ..Requested::default()
            },
            odds: 0.5,
        }
    }

    /// Sixteen cases as a sweep has them: every verdict has rows, and those next to the smallest that
    /// holds.
    #[test]
    fn rows_show_the_smallest_that_hold_and_the_nearest_that_do_not() {
        let mut cases = vec![case(Verdict::Fails, 1.0)];
        cases[0].is_fixed = true;
        cases.extend([2.0, 4.0].map(|memory| case(Verdict::Fails, memory)));
        cases.extend((5..16).map(|memory| case(Verdict::Unsettled, f64::from(memory))));
        cases.extend([80.0, 16.0].map(|memory| case(Verdict::Holds, memory)));
        assert_eq!(chosen(&cases), [0, 1, 2, 9, 10, 11, 12, 13, 14, 15]);
        let rows = chosen(
            &cases
                .iter()
                .map(|_| case(Verdict::Holds, 1.0))
                .collect::<Vec<_>>(),
        );
        assert_eq!(rows.len(), ROWS_MAX);
        let few = &cases[..ROWS_MAX];
        assert_eq!(chosen(few).len(), few.len());
    }
}
