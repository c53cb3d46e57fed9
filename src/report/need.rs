//! The memory that collectors need, and the draws in which nobody saw how much.

use super::view::View;
use crate::experiment::requirement::Subject;
use crate::model::record::catalogue::{Failure, Metric, Scope};
use crate::model::record::cut::{self, Cut};
use crate::model::record::outcome::Outcome;
use crate::stats::quantile;

/// Whether a kill at the memory limit cuts off the metric of a column.
pub(super) fn is_cut_by_kills(column: &str) -> bool {
    cut::columns().any(|cut| cut == column)
}

/// The memory limit that a fleet needs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Need {
    /// The fleet.
    pub(super) scope: Scope,
    /// 95th percentile over the draws in bytes; infinite where it is cut off.
    pub(super) p95: f64,
    /// The memory limit that the fleet has, in bytes.
    pub(super) limit: Option<f64>,
    /// Share of the draws in which a kill cut the need off; `None` without a limit.
    pub(super) cut_off: Option<f64>,
}

impl View<'_> {
    /// Whether a kill at the memory limit cut the memory of a fleet off in a draw. `None` for what has
    /// no memory limit.
    pub(super) fn is_cut_off(&self, scope: Scope, outcome: &Outcome) -> Option<bool> {
        let cut = Cut::of(scope, self.blueprint(), &self.case.layout)?;
        Some(cut.is_in(outcome))
    }

    /// Share of the draws in which a kill at the memory limit cut a metric off. `None` where none can.
    pub(super) fn cut_off(&self, scope: Scope, metric: Metric) -> Option<f64> {
        if !metric.is_cut_by_kills() {
            return None;
        }
        self.share_cut(scope, |_| true)
    }

    /// Share of the draws that are cut off and that count.
    fn share_cut(&self, scope: Scope, counts: impl Fn(&Outcome) -> bool) -> Option<f64> {
        let draws = self.case.outcomes.iter();
        let is_cut = |draw| Some(self.is_cut_off(scope, draw)? && counts(draw));
        let draws: Option<Vec<bool>> = draws.map(is_cut).collect();
        let draws = draws.filter(|draws| !draws.is_empty())?;
        let cut = draws.iter().filter(|is_cut| **is_cut).count();
        Some(cut as f64 / draws.len() as f64)
    }

    /// The same for what a requirement is about.
    pub(super) fn cut_off_of(&self, subject: &Subject) -> Option<f64> {
        let Subject::Metric { metric, .. } = subject else {
            return None;
        };
        self.cut_off(self.scope_named(subject.scope())?, *metric)
    }

    /// Share of the draws in which a kill at the memory limit has cut the memory of a fleet off by an
    /// instant.
    pub(super) fn cut_off_by(&self, scope: Scope, seconds: f64) -> Option<f64> {
        let position = self.case.layout.failure(scope, Failure::Oom)?;
        let has_been = |draw: &Outcome| draw.first[position].is_some_and(|at| at <= seconds);
        self.share_cut(scope, has_been)
    }

    /// Median and 95th percentile of the memory limit that a fleet with a limit needs. Infinite
    /// where the draws only show that the need is more.
    pub(super) fn limit_needed(&self, scope: Scope) -> Option<[f64; 2]> {
        self.with_cut_off(scope, Metric::MemoryLimitNeeded)
    }

    /// Whether only kills in a replay show that a fleet needs more than its limit: in service 19 draws
    /// of 20 did with less.
    pub(super) fn needs_more_to_restart(&self, scope: Scope) -> bool {
        let metric = Metric::MemoryLimitNeeded;
        let column = self.case.layout.column(scope, metric);
        let (Some(limit), Some(column)) = (self.memory_limit(scope), column) else {
            return false;
        };
        // A kill in service is the need of an instant in service; a kill in a replay is none.
        let in_service = self.median_and_p95(|outcome| outcome.values[column]);
        let is_beyond = |ends: Option<[f64; 2]>, most: f64| ends.is_some_and(|[_, p95]| p95 > most);
        is_beyond(self.limit_needed(scope), f64::MAX) && !is_beyond(in_service, limit)
    }

    /// Median and 95th percentile of a metric that a kill cuts off; infinite where they are cut off.
    pub(super) fn with_cut_off(&self, scope: Scope, metric: Metric) -> Option<[f64; 2]> {
        self.cut_off(scope, metric)?;
        let column = self.case.layout.column(scope, metric)?;
        let value = |outcome: &Outcome| {
            if self.is_cut_off(scope, outcome) == Some(true) {
                f64::INFINITY
            } else {
                outcome.values[column]
            }
        };
        self.median_and_p95(value)
    }

    /// The need of the fleet that is nearest to its limit. A need that a kill cut off comes first, then
    /// the first of equals.
    pub(super) fn need(&self) -> Option<Need> {
        let scopes = Scope::all(self.blueprint()).into_iter();
        let needs = scopes.filter_map(|scope| {
            let metric = Metric::MemoryLimitNeeded;
            let plain = || Some(self.metric(scope, metric)?.p95);
            let cut = self.limit_needed(scope).map(|[_, p95]| p95);
            Some(Need {
                scope,
                p95: cut.or_else(plain)?,
                limit: self.memory_limit(scope),
                cut_off: self.cut_off(scope, metric),
            })
        });
        let use_of = |need: &Need| need.p95 / need.limit.unwrap_or(f64::INFINITY);
        needs.reduce(|best, next| {
            if use_of(&next) > use_of(&best) {
                next
            } else {
                best
            }
        })
    }

    /// Median and 95th percentile over the draws that have a value.
    pub(super) fn median_and_p95(&self, value: impl Fn(&Outcome) -> f64) -> Option<[f64; 2]> {
        let mut values: Vec<f64> = self.case.outcomes.iter().map(value).collect();
        values.retain(|value| !value.is_nan());
        values.sort_by(f64::total_cmp);
        (!values.is_empty()).then(|| [0.5, 0.95].map(|share| quantile(&values, share)))
    }
}
