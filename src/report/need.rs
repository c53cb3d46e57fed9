//! The memory that collectors need, and the draws in which nobody saw how much.

use super::view::View;
use crate::experiment::requirement::Subject;
use crate::experiment::results::CutRow;
use crate::model::record::catalogue::{Metric, Scope};
use crate::model::record::cut;

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
    /// What kills at the memory limit of a fleet cut off. `None` for what has no memory limit.
    fn cut(&self, scope: Scope) -> Option<&CutRow> {
        self.case.cuts.iter().find(|row| row.scope == scope)
    }

    /// Share of the draws in which a kill at the memory limit cut a metric off. `None` where none can.
    pub(super) fn cut_off(&self, scope: Scope, metric: Metric) -> Option<f64> {
        if !metric.is_cut_by_kills() {
            return None;
        }
        Some(self.cut(scope)?.share)
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
        let first = &self.cut(scope)?.first_seconds;
        let cut = first.partition_point(|at| *at <= seconds);
        Some(cut as f64 / self.draws() as f64)
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
        let Some(limit) = self.memory_limit(scope) else {
            return false;
        };
        let is_endless = self
            .limit_needed(scope)
            .is_some_and(|[_, p95]| p95.is_infinite());
        // A kill in service is the need of an instant in service; a kill in a replay is none.
        let in_service = self.metric(scope, metric);
        is_endless && in_service.is_none_or(|summary| summary.p95 <= limit)
    }

    /// Median and 95th percentile of a metric that a kill cuts off; infinite where they are cut off.
    pub(super) fn with_cut_off(&self, scope: Scope, metric: Metric) -> Option<[f64; 2]> {
        let mut rows = self.case.needs.iter();
        let row = rows.find(|row| (row.scope, row.metric) == (scope, metric));
        row.map(|row| [row.p50, row.p95])
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
}
