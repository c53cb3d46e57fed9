//! A stream of a fleet: what a workload emits of one signal, or the collectors' own series.

use crate::model::blueprint::signal::MetricSource;
use crate::model::blueprint::{Blueprint, Client, Fleet, WorkloadId};
use crate::model::load::driver::StreamDriver;
use crate::model::load::lines::Lines;
use crate::model::load::profiles::ProfileRate;
use crate::model::load::spans::Spans;
use crate::model::process::scrape::Scrapes;
use crate::units::{SimDuration, Span};

use super::Kind;

/// Time between two scrapes of the collectors' own series.
///
/// Source: Grafana Alloy documentation, `prometheus.scrape`, `scrape_interval` (read 2026-11).
pub(in crate::model) const OWN_INTERVAL: SimDuration = SimDuration::from_secs(60);

/// One stream of a fleet.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::model) struct Stream {
    /// The kind of pipeline that takes the stream.
    pub kind: Kind,
    /// The workload that emits the stream; `None` for the collectors' own series.
    pub workload: Option<WorkloadId>,
    /// The fleet whose collectors' own series it is; `None` for all other streams.
    pub client: Option<Client>,
    /// How its samples come to a collector.
    pub source: MetricSource,
    /// What of its spans the fleet derives the stream from; `None` for all other streams.
    pub derived: Option<Derived>,
    /// Time between two samples of a series.
    pub interval: SimDuration,
    /// The scrapes of its targets.
    pub scrapes: Scrapes,
    /// Cores per unit.
    pub cores: f64,
    /// Of these, cores per unit for sending while samples leave at once.
    pub sending: f64,
    /// Cores per unit that is replaced in a nanosecond.
    pub cores_per_death: f64,
    /// Share of its samples that no scrape sees, because their jobs end too early.
    pub unseen: f64,
    /// Multiple of the mean load of a collector that a weight of 1 stands for: a power of two.
    pub unit: f64,
    /// Mean series of its ordinary targets.
    pub series_per_target: f64,
    /// Targets over series, both of the whole workload.
    pub targets_per_series: f64,
    /// Series that are dropped after the scrape, over those that are kept.
    pub dropped: f64,
    /// What a target writes to its logs.
    pub lines: Lines,
    /// When its pods log more than usual; `None` for all other streams.
    pub burst: Option<Burst>,
    /// The spans that a target emits.
    pub spans: Spans,
    /// The profiles that a target offers.
    pub profiles: ProfileRate,
    /// Live bytes per span per second.
    pub held: f64,
    /// Bytes of stacks per unit.
    pub stacks: f64,
    /// Bytes that are allocated per second and unit.
    pub garbage: f64,
    /// Share of the level that ordinary targets make up; giants are the rest.
    pub ordinary: f64,
    /// Series of each giant over those of all targets of the stream in one cluster.
    pub giants: Vec<f64>,
    /// Squared coefficient of variation between the shares of ordinary collectors (local
    /// assignment).
    pub scv: f64,
}

/// What a fleet derives series from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::model) enum Derived {
    /// The resources of a workload that exist.
    Present(WorkloadId),
    /// The resources of a workload that are gone, and not forgotten.
    Past(WorkloadId),
    /// The calls between services.
    Edges,
}

/// A time in which pods log more. What they log on top is a stream of its own.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::model) struct Burst {
    pub span: Span,
    /// How many pods there are; `None` = all of the workload.
    pub pods: Option<u32>,
    /// Bytes per second that each of them logs besides.
    pub usual: f64,
}

/// The greatest values of one stream at any time, at weight 1.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(in crate::model) struct Highest {
    /// Units.
    pub level: f64,
    /// Cores.
    pub cores: f64,
}

/// A volume of metrics.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(in crate::model) struct Volume {
    /// Active series.
    pub series: f64,
    /// Samples per second.
    pub rate: f64,
}

impl Volume {
    /// Adds another volume.
    pub(in crate::model) fn add(&mut self, other: Self) {
        self.series += other.series;
        self.rate += other.rate;
    }
}

impl Stream {
    /// A stream of a kind without CPU costs and without a workload.
    pub(in crate::model) fn of(kind: Kind) -> Self {
        Self {
            kind,
            workload: None,
            client: None,
            source: MetricSource::Scrape,
            derived: None,
            interval: SimDuration::NANO,
            scrapes: Scrapes::default(),
            cores: 0.0,
            sending: 0.0,
            cores_per_death: 0.0,
            unseen: 0.0,
            unit: 1.0,
            series_per_target: 0.0,
            targets_per_series: 0.0,
            dropped: 0.0,
            lines: Lines::NONE,
            burst: None,
            spans: Spans::NONE,
            profiles: ProfileRate::NONE,
            held: 0.0,
            stacks: 0.0,
            garbage: 0.0,
            ordinary: 1.0,
            giants: Vec::new(),
            scv: 0.0,
        }
    }

    /// Path of what decides its level, in the scenario of a fleet.
    pub(in crate::model) fn path(&self, blueprint: &Blueprint, fleet: &Fleet) -> String {
        if self.derived.is_some() {
            return format!("fleet.{}.spanmetrics", fleet.name);
        }
        match (self.workload, self.kind) {
            (Some(id), Kind::Logs) => {
                format!("workload.{}.logs_per_pod", blueprint.workloads[id].name)
            }
            (Some(id), Kind::Traces) => {
                format!("workload.{}.spans_per_pod", blueprint.workloads[id].name)
            }
            (Some(id), Kind::Profiles) => {
                format!("workload.{}.profiles_per_pod", blueprint.workloads[id].name)
            }
            (Some(id), _) => format!("workload.{}.series_per_pod", blueprint.workloads[id].name),
            (None, _) => format!("fleet.{}.own_series", fleet.name),
        }
    }

    /// Whether it is lines of a workload.
    pub(in crate::model) fn is_lines_of(&self, workload: WorkloadId) -> bool {
        self.kind == Kind::Logs && self.workload == Some(workload)
    }

    /// Whether it is what each collector exposes about itself.
    pub(in crate::model) fn is_own(&self) -> bool {
        self.workload.is_none() && self.client.is_none()
    }

    /// Whether it has targets that collectors scrape.
    pub(in crate::model) fn is_scraped(&self) -> bool {
        self.kind == Kind::Metrics
            && self.source == MetricSource::Scrape
            && self.targets_per_series > 0.0
    }

    /// Bytes per second of each file of its targets.
    pub(in crate::model) fn bytes_per_file(&self) -> f64 {
        let usual = self.burst.map_or(0.0, |burst| burst.usual);
        (self.lines.bytes + usual) / self.lines.files.max(1.0)
    }

    /// CPU demand at weight 1 in a segment of its driver.
    pub(in crate::model) fn cores_in(&self, driver: &StreamDriver, segment: usize) -> f64 {
        self.cores * driver.level[segment] + self.cores_per_death * driver.churn_rate[segment]
    }

    /// The greatest values of the stream at any time, at weight 1.
    pub(in crate::model) fn highest(&self, driver: &StreamDriver) -> Highest {
        let segments = 0..driver.level.len();
        let cores = segments.map(|segment| self.cores_in(driver, segment));
        Highest {
            level: driver.level.iter().copied().fold(0.0, f64::max),
            cores: cores.fold(0.0, f64::max),
        }
    }
}
