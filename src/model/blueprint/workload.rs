//! What emits telemetry.

use super::PoolId;
use crate::model::law::{Law, Quantity};
use crate::units::{Fraction, SimDuration};

/// What emits telemetry, of one kind.
#[derive(Clone, Debug, PartialEq)]
pub struct Workload {
    /// Unique name.
    pub name: String,
    /// What sort of thing it is.
    pub kind: WorkloadKind,
    /// Pools whose nodes carry it; pods spread over all their nodes.
    pub runs_on: Vec<PoolId>,
    /// Number of pods (applications, serverless), or of units per node (machines: usually 1);
    /// for jobs the mean number running at once follows from [`Jobs`] and this scales the arrivals.
    pub count: Trend,
    /// Active series of one target, after relabelling has dropped what is not kept.
    pub series: SeriesPerTarget,
    /// Share of scraped samples that relabelling keeps; dropped samples cost scrape CPU, no memory.
    /// Role: unknown.
    pub kept: Quantity,
    /// Time between two scrapes of one target.
    pub scrape_interval: SimDuration,
    /// Time in which a scrape must have read its page, at most the interval.
    pub scrape_timeout: SimDuration,
    /// Replacement of pods by new versions.
    pub rollouts: Option<Rollouts>,
    /// Share of the pods that restart per day outside rollouts, each a new target. Role: unknown.
    pub restarts_per_day: Quantity,
    /// Cardinality incidents.
    pub incidents: Option<Incidents>,
    /// Named targets with very many series, outside the count of pods.
    pub giants: Vec<Giant>,
    /// Bytes of log lines per second and pod. Role: unknown.
    pub log_bytes_per_second: Quantity,
    /// What a pod takes from its node.
    pub demand: PodDemand,
    /// Only for [`WorkloadKind::Job`]: how jobs arrive and how long they live.
    pub jobs: Option<Jobs>,
    /// Whether pods land on nodes evenly (the scheduler's default scoring) or at random.
    pub even_placement: bool,
}

/// What sort of thing emits telemetry.
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
    /// From a law. Role: spread, with an unknown centre if the file gives one.
    Law(Quantity),
    /// Measured, one value per target, sampled with replacement. Role: spread.
    Measured(Vec<f64>),
}

impl SeriesPerTarget {
    /// The centre that the draw's score `z` gives, times the mean of the spread: mean series per
    /// target.
    pub fn mean(&self, z: f64) -> f64 {
        match self {
            Self::Law(quantity) => quantity.centre.at(z) * quantity.spread.mean(),
            Self::Measured(values) => values.iter().sum::<f64>() / values.len() as f64,
        }
    }

    /// Squared coefficient of variation between targets.
    pub fn scv(&self) -> f64 {
        match self {
            Self::Law(quantity) => quantity.spread.scv(),
            Self::Measured(values) => {
                let mean = self.mean(0.0);
                let deviation = |value: &f64| (value / mean - 1.0).powi(2);
                values.iter().map(deviation).sum::<f64>() / values.len() as f64
            }
        }
    }
}

/// A number that changes over months, weeks, days and at known instants.
///
/// `value(t) = start · (1 + growth)^(t / 30 d) · season(t) · product of steps up to t`.
#[derive(Clone, Debug, PartialEq)]
pub struct Trend {
    /// Value at the start of the recorded time. Role: unknown.
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
    /// Time of day of the daily peak, from the start of the recorded time.
    pub peak_at: SimDuration,
    /// Day of the week at the start of the recorded time, 0 = Monday.
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
    /// When, from the start of the recorded time.
    pub at: SimDuration,
    /// What the value is multiplied by from then on, above 0.
    pub factor: f64,
}

/// Replacement of pods by new versions; every replaced pod is a new target with new series.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rollouts {
    /// Mean number of rollouts per day; they arrive at random (Poisson). Role: unknown.
    pub per_day: Quantity,
    /// Share of the pods that one rollout replaces. Role: unknown.
    pub share: Quantity,
    /// How long one rollout takes.
    pub over: SimDuration,
}

/// Cardinality incidents: a bad label multiplies the series until somebody fixes it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Incidents {
    /// Mean number per 30 days; they arrive at random (Poisson). Role: unknown.
    pub per_30d: Quantity,
    /// What the workload's series are multiplied by. Role: noise, drawn per incident.
    pub factor: Law,
    /// Time to fix, in seconds. Role: noise, drawn per incident.
    pub time_to_fix: Law,
}

/// A named target with very many series, such as kube-state-metrics.
#[derive(Clone, Debug, PartialEq)]
pub struct Giant {
    /// Name of the target.
    pub name: String,
    /// Its active series at the start. Role: unknown. They grow as the workload's pods do.
    pub series: Quantity,
}

/// What one pod takes from its node.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PodDemand {
    /// Cores in use on average. Role: spread over nodes.
    pub cpu_cores: Quantity,
    /// Bytes of memory in use. Role: unknown.
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
    /// Life of one job in seconds. Role: noise, drawn per job.
    pub lifetime: Law,
    /// Time from the end of the job's main container to the end of the pod's grace period that is
    /// left for the sidecar to flush.
    pub flush: SimDuration,
    /// Whether they push their metrics at their end; otherwise they are scraped while they live.
    pub push: bool,
}

/// Jobs that end before anybody has scraped them.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Unseen {
    /// Share of all jobs.
    pub jobs: f64,
    /// Share of the time that all jobs live.
    pub time: f64,
}

impl Jobs {
    /// Those of its jobs that end before their first scrape, which comes at a uniform phase of the
    /// `interval` after the start.
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
