//! One case of a study as the report reads it: names, dates and rows side by side.

use super::timeline::Timeline;
use crate::experiment::requirement::{Kind, Subject};
use crate::experiment::results::{CaseResults, FailureRow, RequirementRow, Results};
use crate::experiment::study::Case;
use crate::model::blueprint::Blueprint;
use crate::model::record::catalogue::{Failure, Metric, Scope};
use crate::stats::Summary;
use crate::units::{Bytes, SimDuration};

/// A failure that a goal is about and that happens.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    /// How often the failure happens.
    pub(super) row: &'a FailureRow,
    /// The limit of the goal.
    pub(super) limit: f64,
    /// The limit as written, with the side that is asked for.
    pub(super) text: &'a str,
    /// Seconds until which the goal asks.
    pub(super) until: f64,
}

/// One case of a study.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    /// Results of the study.
    pub(super) results: &'a Results,
    /// Results of this case.
    pub(super) case: &'a CaseResults,
    /// Dates of the study.
    pub(super) timeline: Timeline,
    plan: &'a Case,
    index: usize,
}

impl<'a> View<'a> {
    /// The case with this index.
    pub(super) fn new(results: &'a Results, index: usize) -> Self {
        Self {
            results,
            case: &results.cases[index],
            timeline: Timeline::of(&results.study),
            plan: &results.study.cases[index],
            index,
        }
    }

    /// All cases, in the order of the study.
    pub(super) fn all(results: &'a Results) -> impl Iterator<Item = Self> {
        (0..results.cases.len()).map(|index| Self::new(results, index))
    }

    /// Index of the case.
    pub(super) fn index(&self) -> usize {
        self.index
    }

    /// Name of the scenario.
    pub(super) fn scenario(&self) -> &'a str {
        &self.results.study.name
    }

    /// Name of the case.
    pub(super) fn name(&self) -> &'a str {
        &self.plan.name
    }

    /// Name of the case, as labels keep it.
    pub(super) fn label(&self) -> String {
        self.plan.name.clone()
    }

    /// What exists in the case.
    pub(super) fn blueprint(&self) -> &'a Blueprint {
        &self.plan.blueprint
    }

    /// The name of a scope of this case.
    pub(super) fn scope(&self, scope: Scope) -> String {
        scope.name(self.blueprint())
    }

    /// The scope of this case called `name`.
    pub(super) fn scope_named(&self, name: &str) -> Option<Scope> {
        let mut scopes = Scope::all(self.blueprint()).into_iter();
        scopes.find(|&scope| self.scope(scope) == name)
    }

    /// Number of draws.
    pub(super) fn draws(&self) -> usize {
        self.case.outcomes.count()
    }

    /// The statistics of one metric, if it has a value.
    pub(super) fn metric(&self, scope: Scope, metric: Metric) -> Option<&'a Summary> {
        Some(&self.case.metric(scope, metric)?.summary)
    }

    /// The bottleneck: the failure that comes first most often.
    pub(super) fn binding(&self) -> Option<&'a FailureRow> {
        self.case.binding.map(|index| &self.case.failures[index])
    }

    /// The failures that happen in at least one draw, most probable first.
    pub(super) fn failures(&self) -> Vec<&'a FailureRow> {
        let rows = self.case.failures.iter();
        let mut rows: Vec<_> = rows.filter(|row| row.draws_with > 0).collect();
        rows.sort_by_key(|row| std::cmp::Reverse(row.draws_with));
        rows
    }

    /// The goals that make the verdict of this case.
    pub(super) fn goals(&self) -> Vec<&'a RequirementRow> {
        self.results.goals_of(self.index)
    }

    /// The row of a failure in a scope; `None` if no draw has the failure.
    pub(super) fn failure(&self, scope: Scope, failure: Failure) -> Option<&'a FailureRow> {
        let mut rows = self.case.failures.iter();
        let row = rows.find(|row| (row.scope, row.failure) == (scope, failure));
        row.filter(|row| row.draws_with > 0)
    }

    /// The failures that goals ask for which decide.
    pub(super) fn asked(&self) -> Vec<Failure> {
        let rows = self.results.requirements.iter().filter(|row| row.gates);
        let goals = rows.filter(|row| row.requirement.kind == Kind::Goal);
        let failures = goals.filter_map(|row| match row.requirement.subject {
            Subject::Failure { failure, .. } => Some(failure),
            Subject::Metric { .. } => None,
        });
        failures.collect()
    }

    /// The failure that happens in this case and that a goal of the case is about. A goal that the
    /// case misses comes first.
    pub(super) fn asked_row(&self) -> Option<Asked<'a>> {
        let mut goals = self.goals();
        goals.sort_by_key(|row| std::cmp::Reverse(row.verdict));
        goals.into_iter().find_map(|row| {
            let goal = &row.requirement;
            let Subject::Failure {
                failure,
                scope,
                within,
            } = &goal.subject
            else {
                return None;
            };
            let found = self.failure(self.scope_named(scope)?, *failure)?;
            let until = within.map_or(self.timeline.horizon_seconds, SimDuration::secs_f64);
            Some(Asked {
                row: found,
                limit: goal.limit,
                text: goal.text.rsplit_once(')')?.1.trim(),
                until,
            })
        })
    }

    /// The instant by which half of the draws with a failure have had it. The horizon if no draw
    /// has it.
    pub(super) fn half_time(&self, row: &FailureRow) -> f64 {
        let middle = row.first_seconds.len().saturating_sub(1) / 2;
        let half = row.first_seconds.get(middle).copied();
        half.unwrap_or(self.timeline.horizon_seconds)
    }

    /// The end of a sentence about draws with a failure: `by 30 May 2027, half of those by 3 Mar
    /// 2027`.
    pub(super) fn by(&self, row: &FailureRow) -> String {
        let half = self.timeline.day(self.half_time(row));
        format!("by {}, half of those by {half}", self.timeline.end())
    }

    /// The memory limit of each collector of a fleet, in bytes.
    pub(super) fn memory_limit(&self, scope: Scope) -> Option<f64> {
        let Scope::Fleet(id) = scope else { return None };
        let resources = &self.blueprint().fleets[id].resources;
        resources.memory_limit.map(Bytes::as_f64)
    }

    /// Median and 95th percentile of the addresses that an egress needs; infinite where no number
    /// of addresses suffices.
    pub(super) fn addresses_needed(&self, scope: Scope) -> Option<[f64; 2]> {
        self.with_cut_off(scope, Metric::AddressesNeeded)
    }

    /// Number of ports of the fullest set of an egress: ports in use over their share.
    pub(super) fn port_capacity(&self, scope: Scope) -> Option<f64> {
        let ports = self.metric(scope, Metric::PortsPeak)?.max;
        let share = self.metric(scope, Metric::PortsPeakRatio)?.max;
        let capacity = (ports / share).round();
        (capacity.is_finite() && capacity > 0.0).then_some(capacity)
    }
}
