//! What emits telemetry.

use super::{LogLines, PoolId, ProfileLoad, SpanLoad};
use crate::model::law::{Law, Quantity};
use crate::units::{Fraction, SimDuration};

/// Emitters of telemetry, all of one kind.
#[derive(Clone, Debug, PartialEq)]
pub struct Workload {
    /// Unique name.
    pub name: String,
    /// The kind of emitter.
    pub kind: WorkloadKind,
    /// Pools whose nodes the workload runs on; its pods spread over all their nodes.
    pub runs_on: Vec<PoolId>,
    /// Number of pods (applications, serverless), or of units per node (machines: usually 1). For
    /// jobs the mean number running at once follows from [`Jobs`], and the count scales the
    /// arrivals.
    pub count: Trend,
    /// Active series of one target, after relabelling.
    pub series: SeriesPerTarget,
    /// Share of scraped samples that relabelling keeps. Dropped samples cost the CPU of a scrape,
    /// and the memory of the scrape cache. Role: unknown.
    pub kept: Quantity,
    /// Time between two scrapes of one target.
    pub scrape_interval: SimDuration,
    /// Time within which a scrape must read its page, at most the interval.
    pub scrape_timeout: SimDuration,
    /// Replacement of pods by new versions.
    pub rollouts: Option<Rollouts>,
    /// Share of the pods that restart per day outside rollouts, each a new target. Role: unknown.
    pub restarts_per_day: Quantity,
    /// Cardinality incidents.
    pub incidents: Option<Incidents>,
    /// Named targets with very many series, not counted among the pods.
    pub giants: Vec<Giant>,
    /// Lines that one pod logs.
    pub logs: LogLines,
    /// Spans that one pod emits.
    pub spans: SpanLoad,
    /// Profiles that one pod offers.
    pub profiles: ProfileLoad,
    /// What a pod demands and requests of its node.
    pub demand: PodDemand,
    /// How jobs arrive and how long they live; only for [`WorkloadKind::Job`].
    pub jobs: Option<Jobs>,
    /// Whether pods land on nodes evenly (the scheduler's default scoring) or at random.
    pub even_placement: bool,
}

/// Kinds of emitters of telemetry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WorkloadKind {
    /// Long-running pods.
    Application,
    /// One per node: node metrics, journald, cAdvisor.
    Machine,
    /// Short-lived pods that arrive and end.
    Job,
    /// Functions and container instances outside the nodes of a cluster.
    Serverless,
}

/// Active series of one target.
#[derive(Clone, Debug, PartialEq)]
pub enum SeriesPerTarget {
    /// From a law. Role: spread, with an unknown centre if the scenario gives one.
    Law(Quantity),
    /// Measured, one value per target, sampled with replacement. Role: spread.
    Measured(Vec<f64>),
    /// Not stated, since no fleet scrapes the workload.
    Unstated,
}

impl SeriesPerTarget {
    /// Mean series per target: the centre at the draw's score `z`, times the mean of the spread.
    pub fn mean(&self, z: f64) -> f64 {
        match self {
            Self::Law(quantity) => quantity.centre.at(z) * quantity.spread.mean(),
            Self::Measured(values) => values.iter().sum::<f64>() / values.len() as f64,
            Self::Unstated => 0.0,
        }
    }

    /// Series of a target at this score, or of the largest measured one, over the mean.
    pub fn largest(&self, score: f64) -> f64 {
        match self {
            Self::Law(quantity) => quantity.spread.at(score) / quantity.spread.mean(),
            Self::Measured(values) => {
                let largest = values.iter().copied().fold(0.0, f64::max);
                largest / self.mean(0.0).max(f64::MIN_POSITIVE)
            }
            Self::Unstated => 1.0,
        }
    }

    /// Squared coefficient of variation between targets.
    pub fn scv(&self) -> f64 {
        match self {
            Self::Law(quantity) => quantity.spread.scv(),
            Self::Measured(values) => {
                let mean = self.mean(0.0);
                if mean == 0.0 {
                    return 0.0;
                }
                let deviation = |value: &f64| (value / mean - 1.0).powi(2);
                values.iter().map(deviation).sum::<f64>() / values.len() as f64
            }
            Self::Unstated => 0.0,
        }
    }
}

/// A number that changes over months, weeks, days and at known instants.
///
/// `value(t) = start · (1 + growth)^(t / 30 d) · season(t) · product of steps up to t`.
#[derive(Clone, Debug, PartialEq)]
pub struct Trend {
    /// Value at the start of the measured horizon. Role: unknown.
    pub start: Quantity,
    /// Compound growth per 30 days, above -1. Role: unknown.
    pub growth_per_30d: Quantity,
    /// Daily and weekly waves.
    pub season: Season,
    /// Jumps at known instants.
    pub steps: Vec<Step>,
}

impl Trend {
    /// A number that never changes.
    pub fn constant(value: f64) -> Self {
        Self {
            start: Quantity::fixed(value),
            growth_per_30d: Quantity::fixed(0.0),
            season: Season::FLAT,
            steps: Vec::new(),
        }
    }
}

/// Daily and weekly waves around a mean of 1: cosine by day, lower at the weekend by week.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Season {
    /// Half the distance between the daily peak and the daily trough, as a share of the mean.
    pub daily: Fraction,
    /// How much lower the two weekend days are, as a share of a weekday.
    pub weekly: Fraction,
    /// Time of day of the daily peak, from the start of the measured horizon.
    pub peak_at: SimDuration,
    /// Day of the week at the start of the measured horizon, 0 = Monday.
    pub first_weekday: u8,
}

impl Season {
    /// No waves.
    const FLAT: Self = Self {
        daily: Fraction::ZERO,
        weekly: Fraction::ZERO,
        peak_at: SimDuration::ZERO,
        first_weekday: 0,
    };
}

/// A jump at a known instant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// When the jump comes, from the start of the measured horizon.
    pub at: SimDuration,
    /// Factor on the value from the jump on, above 0.
    pub factor: f64,
}

/// Replacement of pods by new versions; every replaced pod is a new target with new series.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rollouts {
    /// Mean number of rollouts per day, with Poisson arrivals. Role: unknown.
    pub per_day: Quantity,
    /// Share of the pods that one rollout replaces. Role: unknown.
    pub share: Quantity,
    /// How long one rollout takes.
    pub over: SimDuration,
}

/// Cardinality incidents: a bad label multiplies the series until the label is fixed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Incidents {
    /// Mean number per 30 days, with Poisson arrivals. Role: unknown.
    pub per_30d: Quantity,
    /// Factor on the workload's series. Role: noise, drawn per incident.
    pub factor: Law,
    /// Seconds until an incident is fixed. Role: noise, drawn per incident.
    pub time_to_fix: Law,
}

/// A named target with very many series, such as kube-state-metrics.
#[derive(Clone, Debug, PartialEq)]
pub struct Giant {
    /// Name of the target.
    pub name: String,
    /// Active series of the target at the start. The series grow with the workload's pods. Role:
    /// unknown.
    pub series: Quantity,
}

/// What one pod demands and requests of its node.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PodDemand {
    /// Cores that the pod uses on average. Role: spread over nodes.
    pub cpu_cores: Quantity,
    /// Bytes of memory that the pod uses. Role: unknown.
    pub memory_bytes: Quantity,
    /// Cores requested; 0 = none.
    pub cpu_request_cores: f64,
    /// Bytes requested; 0 = none.
    pub memory_request_bytes: f64,
}

/// How jobs arrive and how long they live.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Jobs {
    /// Mean arrivals per hour at a count of 1; arrivals are Poisson. Role: unknown.
    pub per_hour: Quantity,
    /// Lifetime of one job in seconds. Role: noise, drawn per job.
    pub lifetime: Law,
    /// Time that the sidecar has to flush: from the end of the job's main container to the end of
    /// the pod's grace period.
    pub flush: SimDuration,
    /// Whether jobs push their metrics at their end. Otherwise collectors scrape them.
    pub push: bool,
}

/// Jobs that end before their first scrape.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Unseen {
    /// Share of all jobs.
    pub jobs: f64,
    /// Share of the total lifetime of all jobs.
    pub time: f64,
}

impl Jobs {
    /// The jobs that end before their first scrape. That scrape comes at a uniform phase of the
    /// `interval` after the start of a job.
    pub fn unseen(&self, interval: SimDuration) -> Unseen {
        const PARTS: u32 = 1_000;
        if self.push {
            return Unseen::default();
        }
        let interval = interval.secs_f64();
        let (mut jobs, mut lived, mut unseen) = (0.0, 0.0, 0.0);
        for part in 0..PARTS {
            let score = crate::stats::normal_quantile((f64::from(part) + 0.5) / f64::from(PARTS));
            let life = self.lifetime.at(score).max(0.0);
            let missed = (1.0 - life / interval).max(0.0);
            jobs += missed / f64::from(PARTS);
            lived += life;
            unseen += life * missed;
        }
        Unseen {
            jobs,
            time: unseen / lived.max(f64::MIN_POSITIVE),
        }
    }
}
