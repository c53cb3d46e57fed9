//! One case: its verdict, its bottleneck and when, its other failures, or what is nearest to its
//! limit.

use super::amount::{Amount, Form};
use super::numbers::{self, ScopeNumbers};
use super::reason::{self, Reasons};
use crate::experiment::results::{FailureRow, Finding};
use crate::model::blueprint::{Endpoint, EndpointId, FleetId};
use crate::model::record::catalogue::{Failure, Metric, Scope, Unit};
use crate::report::timeline::Timeline;
use crate::report::view::View;
use crate::report::words;
use crate::stats::{Interval, Verdict};

/// Multiple of the steady rate from which sending after an outage is worth a note.
const CATCH_UP_NOTED: f64 = 2.0;

/// The brief of one case.
#[derive(Clone, Debug)]
pub(in crate::report) struct CaseBrief {
    /// Name of the case for readers.
    pub(in crate::report) label: String,
    /// The same name for a table.
    pub(in crate::report) short: String,
    /// The gravest verdict on the goals of the case; `None` without goals.
    pub(in crate::report) verdict: Option<Verdict>,
    /// Whether a goal names the case, so that it decides the exit code.
    pub(in crate::report) decides: bool,
    /// Why the case has its verdict.
    pub(in crate::report) reasons: Reasons,
    /// Number of draws.
    pub(in crate::report) draws: usize,
    /// The bottleneck: the failure that most often comes first; `None` without any failure.
    pub(in crate::report) binding: Option<FailureBrief>,
    /// Other failures that happen in at least one draw, most probable first.
    pub(in crate::report) others: Vec<FailureBrief>,
    /// The greatest probability of a failure that no draw has; `None` if nothing can fail.
    pub(in crate::report) unseen: Option<f64>,
    /// The scope and metric nearest to its limit, and the median of its share of the limit.
    pub(in crate::report) nearest: Option<(String, Metric, Amount)>,
    /// Endpoints without a stated capacity that get much more than the steady rate, and the
    /// multiple of the steady rate.
    pub(in crate::report) unlimited: Vec<(String, Amount)>,
    /// What fleets lose by the way, whatever fails: the fleet, what it is, and the median share.
    pub(in crate::report) losses: Vec<(String, &'static str, Amount)>,
    /// The numbers of a capacity review, scope by scope.
    pub(in crate::report) numbers: Vec<ScopeNumbers>,
    /// Statements of the deployment guide, against first.
    pub(in crate::report) findings: Vec<Finding>,
}

/// How often and when a failure happens.
#[derive(Clone, Debug)]
pub(in crate::report) struct FailureBrief {
    /// The failure.
    pub(in crate::report) failure: Failure,
    /// Name of the scope.
    pub(in crate::report) scope: String,
    /// Share of the draws in which the failure happens.
    pub(in crate::report) probability: Amount,
    /// Two-sided 95 % interval of the probability.
    pub(in crate::report) interval: Interval,
    /// Number of draws in which the failure happens.
    pub(in crate::report) draws_with: usize,
    /// Seconds to the earliest occurrence in any draw.
    pub(in crate::report) first_seconds: f64,
    /// Seconds by which half of the draws with the failure have had it.
    pub(in crate::report) half_seconds: f64,
}

impl FailureBrief {
    fn of(view: &View<'_>, row: &FailureRow) -> Self {
        Self {
            failure: row.failure,
            scope: view.scope(row.scope),
            probability: Amount::rounded(row.probability, Unit::Ratio),
            interval: row.interval,
            draws_with: row.draws_with,
            first_seconds: row.first_seconds.first().map_or(0.0, |&seconds| seconds),
            half_seconds: view.half_time(row),
        }
    }

    /// The probability with its interval.
    pub(in crate::report) fn odds(&self) -> String {
        self.probability.with_interval(self.interval)
    }

    /// When the draws with the failure have it.
    pub(in crate::report) fn when(&self, timeline: Timeline) -> String {
        let first = if self.first_seconds < 1.0 {
            "at the start".to_owned()
        } else {
            timeline.on_day(self.first_seconds)
        };
        let end = timeline.end();
        if self.draws_with < 2 {
            return format!("when: {first} in the only such draw; horizon {end}");
        }
        if self.half_seconds < 1.0 {
            return format!("when: at the start in half of those draws; horizon {end}");
        }
        let half = timeline.day(self.half_seconds);
        format!("when: by {half} in half of those draws, the first {first}; horizon {end}")
    }
}

impl CaseBrief {
    /// Whether a number for readers was cut off by a kill and has a mark.
    pub(in crate::report) fn has_cut_off(&self) -> bool {
        let rows = self.numbers.iter().flat_map(|scope| &scope.rows);
        let mut rows = rows.filter(|row| row.is_news);
        rows.any(|row| {
            [row.median, row.p95]
                .iter()
                .any(|one| one.form == Form::CutOff)
        })
    }

    /// The metric nearest to its limit, in words.
    pub(in crate::report) fn nearest_in_words(&self) -> Option<String> {
        let (scope, metric, share) = self.nearest.as_ref()?;
        let name = words::ratio_of(*metric);
        Some(format!("{name} of {scope} at {} (median)", share.text()))
    }
}

/// The brief of a case.
pub(super) fn of(view: &View<'_>, short: String) -> CaseBrief {
    let goals = view.goals();
    let binding = view.binding();
    let is_binding = |row: &FailureRow| {
        binding.is_some_and(|other| (row.scope, row.failure) == (other.scope, other.failure))
    };
    let others = view.failures().into_iter().filter(|row| !is_binding(row));
    let unseen = view.case.failures.first();
    CaseBrief {
        label: view.label(),
        short,
        verdict: goals.iter().map(|row| row.verdict).max(),
        decides: goals.iter().any(|row| row.gates),
        reasons: reason::of(&goals, view.blueprint(), binding.map(|row| row.failure)),
        draws: view.draws(),
        binding: binding.map(|row| FailureBrief::of(view, row)),
        others: others.map(|row| FailureBrief::of(view, row)).collect(),
        unseen: unseen.map(|row| row.interval.high.min(1.0)),
        nearest: view.case.nearest.map(|(scope, metric, ratio)| {
            let share = Amount::rounded(ratio, Unit::Ratio);
            (view.scope(scope), metric, share)
        }),
        unlimited: unlimited(view),
        losses: losses(view),
        numbers: numbers::of(view),
        findings: view.case.findings.clone(),
    }
}

/// Shares of telemetry that half of the draws lose, from one in a hundred on.
fn losses(view: &View<'_>) -> Vec<(String, &'static str, Amount)> {
    const WORTH_A_WORD: f64 = 0.01;
    let parts = [
        (Metric::LossRatio, "samples"),
        (Metric::LogsLossRatio, "log bytes"),
        (Metric::SpansLossRatio, "spans"),
        (Metric::ProfilesLossRatio, "profiles"),
    ];
    let fleets = FleetId::all(view.blueprint().fleets.len());
    let of_fleet = |fleet: FleetId| {
        parts.into_iter().filter_map(move |(metric, what)| {
            let scope = Scope::Fleet(fleet);
            let share = view.metric(scope, metric)?.p50;
            let amount = Amount::rounded(share, Unit::Share);
            (share >= WORTH_A_WORD).then(|| (view.scope(scope), what, amount))
        })
    };
    fleets.flat_map(of_fleet).collect()
}

/// Endpoints without a stated capacity, where collectors catch up much faster than they send in
/// steady state.
fn unlimited(view: &View<'_>) -> Vec<(String, Amount)> {
    let endpoints = &view.blueprint().endpoints;
    let endpoints = EndpointId::all(endpoints.len()).zip(endpoints);
    // What a fleet takes is no setting of the endpoint before it.
    let is_open = |plan: &Endpoint| plan.capacity_samples_per_second.is_none();
    let endpoints = endpoints.filter(|(_, plan)| is_open(plan) && plan.backend.is_none());
    let noted = |(id, plan): (EndpointId, &Endpoint)| {
        let ratio = view.metric(Scope::Endpoint(id), Metric::CatchUpRatio)?.p50;
        let amount = Amount::rounded(ratio, Unit::Factor);
        (ratio > CATCH_UP_NOTED).then(|| (plan.name.clone(), amount))
    };
    endpoints.filter_map(noted).collect()
}
