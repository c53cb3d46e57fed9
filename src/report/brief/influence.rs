//! Which unknowns decide: how strongly each one moves the number that a verdict rests on.

use crate::experiment::requirement::Subject;
use crate::model::record::catalogue::{Failure, Metric, Scope};
use crate::model::record::outcome::Outcome;
use crate::report::view::View;
use crate::stats::rank_correlation;

/// Rank correlation below which an unknown is not worth a word.
const WORTH_A_WORD: f64 = 0.2;

/// Standard errors by which the correlation of independent samples may differ from zero.
const STANDARD_ERRORS: f64 = 3.0;

/// An unknown, and how strongly it moves the number that decides.
#[derive(Clone, Debug)]
pub(in crate::report) struct Influence {
    /// Path of the unknown.
    pub(in crate::report) path: String,
    /// Rank correlation over the draws, −1 to 1; positive if a greater value is worse.
    pub(in crate::report) correlation: f64,
}

/// The unknowns of a case by their influence on a subject, the strongest first. An unknown is left
/// out if so many draws cannot tell its influence from none.
pub(super) fn of(view: &View<'_>, subject: &Subject) -> Vec<Influence> {
    let outcomes = &view.case.outcomes;
    let Some(scope) = view.scope_named(subject.scope()) else {
        return Vec::new();
    };
    let numbers: Option<Vec<f64>> = outcomes
        .iter()
        .map(|outcome| severity(view, scope, subject, outcome))
        .collect();
    let Some(numbers) = numbers else {
        return Vec::new();
    };
    let noise = STANDARD_ERRORS / (numbers.len() as f64 - 1.0).max(1.0).sqrt();
    let of_unknown = |(index, path): (usize, &String)| {
        let values: Vec<f64> = outcomes.iter().map(|one| one.unknowns[index]).collect();
        let correlation = rank_correlation(&values, &numbers)?;
        let is_seen = correlation.abs() > noise.max(WORTH_A_WORD);
        is_seen.then(|| Influence {
            path: path.clone(),
            correlation,
        })
    };
    let unknowns = view.case.unknowns.iter().enumerate();
    let mut influences: Vec<Influence> = unknowns.filter_map(of_unknown).collect();
    influences.sort_by(|left, right| {
        let order = right.correlation.abs().total_cmp(&left.correlation.abs());
        order.then_with(|| left.path.cmp(&right.path))
    });
    influences
}

/// How bad a draw is. `None` if the draw has no such number.
fn severity(view: &View<'_>, scope: Scope, subject: &Subject, outcome: &Outcome) -> Option<f64> {
    let metric = match subject {
        Subject::Metric { metric, .. } => *metric,
        Subject::Failure { failure, .. } => of_failure(*failure),
    };
    let column = view.case.layout.column(scope, metric)?;
    let is_killed = metric.is_cut_by_kills() && view.is_cut_off(scope, outcome) == Some(true);
    let value = outcome.values[column];
    // A killed collector needs more than its limit, and nobody knows how much.
    let is_endless = is_killed || outcome.unserved.contains(&column);
    let value = if is_endless { f64::INFINITY } else { value };
    (!value.is_nan()).then_some(value)
}

/// The metric that tells how near a failure is.
const fn of_failure(failure: Failure) -> Metric {
    match failure {
        Failure::Oom | Failure::OomNode | Failure::Pending => Metric::MemoryLimitNeeded,
        Failure::CpuShort => Metric::CpuPeakRatio,
        Failure::SpansLost => Metric::SpansLossRatio,
        Failure::DataLost => Metric::LossRatio,
        Failure::LogsLost => Metric::LogsLossRatio,
        Failure::ProfilesLost => Metric::ProfilesLossRatio,
        Failure::RestartUnsafe => Metric::MemoryRestartPeak,
        Failure::NodeOom => Metric::NodeMemoryPeakRatio,
        Failure::NodeOverloaded => Metric::NodeCpuPeakRatio,
        Failure::NeighbourSlowed => Metric::SlowdownPeak,
        Failure::PortsExhausted => Metric::PortsWantedPeak,
    }
}
