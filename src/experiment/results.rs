//! Results of a study: rows that the report shows as they are.

use std::sync::Arc;

use super::outcomes::Outcomes;
use super::requirement::{Kind, Requirement};
use super::study::Study;
use crate::model::record::catalogue::{Failure, Metric, Scope, Track};
use crate::model::record::outcome::{EventRecord, Layout};
use crate::stats::{Interval, Summary, Verdict, quantile};

/// All results of a study.
#[derive(Clone, Debug)]
pub struct Results {
    /// The study.
    pub study: Arc<Study>,
    /// Draws of each case.
    pub draws: u32,
    /// One entry per case of the study, in its order.
    pub cases: Vec<CaseResults>,
    /// One row per goal and case, then one per expectation and case that the expectation names.
    pub requirements: Vec<RequirementRow>,
    /// Events that the engine handled in all draws.
    pub events_handled: u64,
    /// Simulated collector days of all draws.
    pub collector_days: f64,
}

/// All results of one case.
#[derive(Clone, Debug)]
pub struct CaseResults {
    /// The layout of every draw.
    pub layout: Layout,
    /// Names of the unknowns, in the order of drawing.
    pub unknowns: Vec<String>,
    /// The outcomes of all draws.
    pub outcomes: Outcomes,
    /// Events that the engine handled in all draws.
    pub events_handled: u64,
    /// Simulated collector days of all draws.
    pub collector_days: f64,
    /// Draws in which a collector is killed at its memory limit or by its node.
    pub draws_killed: u64,
    /// What kills at the memory limit cut off, one row per fleet with a limit.
    pub cuts: Vec<CutRow>,
    /// One row per number of which some draws only show that it is larger.
    pub needs: Vec<NeedRow>,
    /// The memory that each fleet needs, with draws from their first kill on above every limit.
    pub memory_needed: Vec<TrackRow>,
    /// One row per column of the layout that has a value in at least one draw.
    pub metrics: Vec<MetricRow>,
    /// One row per failure of the layout.
    pub failures: Vec<FailureRow>,
    /// One row per track of the layout.
    pub tracks: Vec<TrackRow>,
    /// The bottleneck: index into `failures` of the failure that most often comes first; `None`
    /// without any failure.
    pub binding: Option<usize>,
    /// The scope and metric nearest to its limit, with the median of the ratio over draws. The
    /// answer shows it when nothing fails.
    pub nearest: Option<(Scope, Metric, f64)>,
    /// Statements of the deployment guide that this case triggers.
    pub findings: Vec<Finding>,
    /// The worst draw with its event records.
    pub worst: Option<WorstDraw>,
}

/// Statistics of one metric over the draws.
#[derive(Clone, Debug)]
pub struct MetricRow {
    /// The scope.
    pub scope: Scope,
    /// The metric.
    pub metric: Metric,
    /// Statistics over the draws in which the metric has a meaning.
    pub summary: Summary,
}

/// What kills at the memory limit of a fleet cut off.
#[derive(Clone, Debug)]
pub struct CutRow {
    /// The fleet.
    pub scope: Scope,
    /// Share of the draws in which a kill cut the memory of the fleet off.
    pub share: f64,
    /// Seconds to the first kill in these draws, sorted.
    pub first_seconds: Vec<f64>,
}

/// A number of which some draws only show that it is larger.
#[derive(Clone, Debug)]
pub struct NeedRow {
    /// The scope.
    pub scope: Scope,
    /// The metric.
    pub metric: Metric,
    /// Median over the draws; infinite where the draws only show that it is more.
    pub p50: f64,
    /// 95th percentile over the draws, likewise.
    pub p95: f64,
}

/// How often one failure happens, and when it happens first.
#[derive(Clone, Debug)]
pub struct FailureRow {
    /// The scope.
    pub scope: Scope,
    /// The failure.
    pub failure: Failure,
    /// Number of draws in which the failure happens.
    pub draws_with: usize,
    /// Share of the draws in which the failure happens.
    pub probability: f64,
    /// Two-sided 95 % interval of the probability (Clopper-Pearson).
    pub interval: Interval,
    /// Number of draws in which this failure is the first of all.
    pub draws_first: usize,
    /// Seconds from the start to the first occurrence, sorted, of the draws that have one.
    pub first_seconds: Vec<f64>,
}

/// Bands of one track over the draws.
#[derive(Clone, Debug)]
pub struct TrackRow {
    /// The scope.
    pub scope: Scope,
    /// The track.
    pub track: Track,
    /// One band per point of the track.
    pub bands: Vec<Band>,
}

/// Spread of a track over the draws at one point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Band {
    /// Seconds from the start.
    pub seconds: f64,
    /// 5th percentile over the draws.
    pub p05: f64,
    /// Median over the draws.
    pub p50: f64,
    /// 95th percentile over the draws.
    pub p95: f64,
    /// Mean over the draws.
    pub mean: f64,
}

impl Band {
    /// The band of the values of the draws at one point, in any order; `None` if no draw has one. A draw
    /// without a value has NaN.
    pub fn of(seconds: f64, mut values: Vec<f64>) -> Option<Self> {
        values.retain(|value| !value.is_nan());
        values.sort_unstable_by(f64::total_cmp);
        (!values.is_empty()).then(|| Self {
            seconds,
            p05: quantile(&values, 0.05),
            p50: quantile(&values, 0.5),
            p95: quantile(&values, 0.95),
            mean: values.iter().sum::<f64>() / values.len() as f64,
        })
    }
}

/// A goal or an expectation in one case.
#[derive(Clone, Debug)]
pub struct RequirementRow {
    /// The requirement.
    pub requirement: Arc<Requirement>,
    /// Index of the case.
    pub case: usize,
    /// Whether this row decides the exit code.
    pub gates: bool,
    /// Number of draws with a value.
    pub n: usize,
    /// Number of draws.
    pub draws: usize,
    /// The statistic of the draws, in base units; `None` if nothing forms one.
    pub estimate: Option<f64>,
    /// Two-sided 95 % interval of the statistic.
    pub interval: Interval,
    /// The verdict: one-sided at 95 %, Holm over the rows of its kind that gate. A row that does
    /// not gate stands alone.
    pub verdict: Verdict,
    /// Why there is no estimate, as the end of "no value: …". The requirement then does not hold.
    pub no_value: Option<&'static str>,
    /// About how many more draws would settle the requirement, if it is unsettled.
    pub more_draws: Option<u64>,
}

/// A statement of the deployment guide that a case triggers.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// Name of the fleet.
    pub fleet: String,
    /// Whether the statement speaks for or against the choice, or states a limit.
    pub tone: Tone,
    /// The statement of the guide in our words, and the numbers of the case that trigger it.
    pub text: String,
    /// Section of the guide.
    pub section: &'static str,
}

/// Whether a finding speaks for or against a choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tone {
    /// Against.
    Against,
    /// A limit is near or passed.
    Limit,
    /// For.
    For,
}

/// The draw in which a case failed first, or came nearest to a failure.
#[derive(Clone, Debug)]
pub struct WorstDraw {
    /// Index of the draw.
    pub draw: u32,
    /// Event records of the draw in order of time, at most 100,000.
    pub records: Vec<EventRecord>,
    /// Number of event records past that limit.
    pub omitted: u64,
}

impl Results {
    /// The gravest verdict on the rows of a kind that decide the exit code; `None` without such rows.
    pub fn gravest(&self, kind: Kind) -> Option<Verdict> {
        let rows = self.requirements.iter().filter(|row| row.gates);
        let rows = rows.filter(|row| row.requirement.kind == kind);
        rows.map(|row| row.verdict).max()
    }

    /// The goals that make the verdict of a case: the goals that name it. A case that no goal names
    /// is compared with all goals that have a value in it, and decides no exit code.
    pub fn goals_of(&self, case: usize) -> Vec<&RequirementRow> {
        let rows = self.requirements.iter();
        let rows = rows.filter(|row| row.case == case && row.requirement.kind == Kind::Goal);
        let (naming, others): (Vec<_>, Vec<_>) = rows.partition(|row| row.gates);
        if naming.is_empty() {
            let has_value = |row: &&RequirementRow| row.estimate.is_some();
            return others.into_iter().filter(has_value).collect();
        }
        naming
    }
}

impl CaseResults {
    /// Number of draws.
    pub fn draws(&self) -> u32 {
        u32::try_from(self.outcomes.count()).expect("draws are numbered by 32 bits")
    }

    /// The statistics of one metric, if it has a value.
    pub fn metric(&self, scope: Scope, metric: Metric) -> Option<&MetricRow> {
        let mut rows = self.metrics.iter();
        rows.find(|row| (row.scope, row.metric) == (scope, metric))
    }
}
