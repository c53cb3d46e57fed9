//! Which unknowns decide: how strongly each one moves the number that a verdict rests on.

use crate::experiment::outcomes::Reader;
use crate::experiment::requirement::Subject;
use crate::experiment::store::StoreError;
use crate::model::record::catalogue::{Failure, Metric};
use crate::model::record::cut::Cut;
use crate::model::record::outcome::Figures;
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
pub(super) fn of(view: &View<'_>, subject: &Subject) -> Result<Vec<Influence>, StoreError> {
    let draws = view.case.outcomes.open()?;
    let Some(numbers) = severities(view, subject, &draws)? else {
        return Ok(Vec::new());
    };
    let noise = STANDARD_ERRORS / (numbers.len() as f64 - 1.0).max(1.0).sqrt();
    let mut influences = Vec::new();
    for (index, path) in view.case.unknowns.iter().enumerate() {
        let values = draws.collect(|draw| draw.unknown(index))?;
        let correlation = rank_correlation(&values, &numbers);
        let is_seen = |correlation: &f64| correlation.abs() > noise.max(WORTH_A_WORD);
        influences.extend(correlation.filter(is_seen).map(|correlation| Influence {
            path: path.clone(),
            correlation,
        }));
    }
    influences.sort_by(|left, right| {
        let order = right.correlation.abs().total_cmp(&left.correlation.abs());
        order.then_with(|| left.path.cmp(&right.path))
    });
    Ok(influences)
}

/// How bad each draw is. `None` if some draw has no such number.
fn severities(
    view: &View<'_>,
    subject: &Subject,
    draws: &Reader<'_>,
) -> Result<Option<Vec<f64>>, StoreError> {
    let metric = match subject {
        Subject::Metric { metric, .. } => *metric,
        Subject::Failure { failure, .. } => of_failure(*failure),
    };
    let layout = &view.case.layout;
    let scope = view.scope_named(subject.scope());
    let column = scope.and_then(|scope| Some((scope, layout.column(scope, metric)?)));
    let Some((scope, column)) = column else {
        return Ok(None);
    };
    let cut = Cut::of(scope, view.blueprint(), layout).filter(|_| metric.is_cut_by_kills());
    let numbers = draws.collect(|draw| {
        // A killed collector needs more than its limit, and nobody knows how much.
        let is_killed = cut.is_some_and(|cut| cut.is_in(&draw));
        let is_endless = is_killed || draw.is_unserved(column);
        if is_endless {
            f64::INFINITY
        } else {
            draw.value(column)
        }
    })?;
    Ok(Some(numbers).filter(|numbers| numbers.iter().all(|number| !number.is_nan())))
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
