//! One synthetic draw: smooth growth with a daily wave and closed forms instead of a simulation.

use alloy_sim::model::blueprint::{Blueprint, FleetId, PoolId};
use alloy_sim::model::record::catalogue::{Failure, Metric, Scope, Track};
use alloy_sim::model::record::outcome::{Layout, Outcome, TRACK_POINTS};
use alloy_sim::stats::normal_quantile;
use alloy_sim::units::Bytes;

use super::synthetic::Knobs;

const GIB: f64 = 1_073_741_824.0;
const MONTH: f64 = 30.0 * 86_400.0;

/// What one draw does not know.
pub(super) struct Luck {
    growth: f64,
    per_series: f64,
    noise: f64,
}

impl Luck {
    /// The luck of a draw, spread evenly over the laws by three van der Corput sequences.
    pub(super) fn of(draw: u32) -> Self {
        let score = |base| normal_quantile(van_der_corput(draw + 1, base));
        Self {
            growth: 0.02 * (0.42 * score(2)).exp(),
            per_series: 8_800.0 * (0.22 * score(3)).exp(),
            noise: score(5),
        }
    }

    /// Names of the unknown quantities.
    pub(super) fn names() -> Vec<String> {
        [
            "workload.apps.pods.growth_per_30d",
            "fleet.metrics.memory_per_series",
        ]
        .map(str::to_owned)
        .to_vec()
    }
}

fn van_der_corput(mut index: u32, base: u32) -> f64 {
    let (mut value, mut scale) = (0.0, 1.0 / f64::from(base));
    while index > 0 {
        value += scale * f64::from(index % base);
        index /= base;
        scale /= f64::from(base);
    }
    value
}

/// One draw of a case.
pub(super) struct Draw<'a> {
    pub(super) knobs: &'a Knobs,
    pub(super) blueprint: &'a Blueprint,
    pub(super) luck: Luck,
}

impl Draw<'_> {
    /// What it leaves behind.
    pub(super) fn outcome(&self, layout: &Layout) -> Outcome {
        let values = layout
            .columns
            .iter()
            .map(|&(scope, metric)| self.value(scope, metric));
        let first = layout
            .failures
            .iter()
            .map(|&(scope, failure)| self.first(scope, failure));
        let points = layout
            .tracks
            .iter()
            .flat_map(|&(scope, track)| self.points(scope, track));
        Outcome {
            values: values.collect(),
            first: first.collect(),
            #[expect(clippy::cast_possible_truncation, reason = "tracks are kept as f32")]
            tracks: points.map(|value| value as f32).collect(),
            unknowns: vec![self.luck.growth, self.luck.per_series],
            events_handled: 1_000,
            collector_days: 1_000.0,
            replicas: Vec::new(),
        }
    }

    fn horizon(&self) -> f64 {
        self.knobs.horizon.as_secs_f64()
    }

    fn instants(&self) -> impl Iterator<Item = f64> + '_ {
        (0..TRACK_POINTS).map(|point| self.horizon() * point as f64 / (TRACK_POINTS - 1) as f64)
    }

    fn points(&self, scope: Scope, track: Track) -> Vec<f64> {
        self.instants()
            .map(|seconds| self.track(scope, track, seconds))
            .collect()
    }

    fn peak(&self, scope: Scope, track: Track) -> f64 {
        self.points(scope, track).into_iter().fold(0.0, f64::max)
    }

    fn end(&self, scope: Scope, track: Track) -> f64 {
        self.track(scope, track, self.horizon())
    }

    fn collectors(&self, scope: Scope) -> f64 {
        if scope == Scope::Fleet(FleetId::new(0)) {
            self.knobs.collectors
        } else {
            1_000.0
        }
    }

    fn series(&self, scope: Scope, seconds: f64) -> f64 {
        let growth = (1.0 + self.luck.growth).powf(seconds / MONTH);
        let wave = 1.0 + 0.02 * (seconds / 86_400.0 * std::f64::consts::TAU / 7.0).sin();
        let share = if scope == Scope::Fleet(FleetId::new(0)) {
            1.0
        } else {
            0.1
        };
        self.knobs.series * share * growth * wave
    }

    fn track(&self, scope: Scope, track: Track, seconds: f64) -> f64 {
        let growth = (1.0 + self.luck.growth).powf(seconds / MONTH);
        match track {
            Track::Series => self.series(scope, seconds),
            Track::Memory => {
                let each = self.series(scope, seconds) / self.collectors(scope);
                0.15 * GIB + each * 1.12 * self.luck.per_series
            }
            Track::Backlog => {
                let age = seconds / self.horizon() - self.knobs.outage_at;
                let open = (0.0..0.03).contains(&age);
                let steady = self.series(scope, seconds) / 60.0 * 2.0;
                if open { steady * 800.0 } else { steady }
            }
            Track::Collectors => self.collectors(scope),
            Track::Slowdown if scope == Scope::Pool(PoolId::new(0)) => {
                1.0 + self.knobs.slowdown * growth * (0.3 * self.luck.noise).exp()
            }
            Track::Slowdown => 1.0,
            Track::Ports => self.knobs.ports * growth.powi(3) * (0.12 * self.luck.noise).exp(),
        }
    }

    fn capacity(&self) -> f64 {
        self.knobs.port_capacity.unwrap_or(f64::NAN)
    }

    fn limit(&self, scope: Scope) -> f64 {
        let Scope::Fleet(id) = scope else {
            return f64::NAN;
        };
        let limit = self.blueprint.fleets[id].resources.memory_limit;
        limit.map_or(f64::NAN, Bytes::as_f64)
    }

    /// The first instant at which a track passes a level.
    fn passes(&self, scope: Scope, track: Track, level: f64) -> Option<f64> {
        self.instants()
            .find(|&seconds| self.track(scope, track, seconds) > level)
    }

    fn first(&self, scope: Scope, failure: Failure) -> Option<f64> {
        match failure {
            Failure::Oom => self.passes(scope, Track::Memory, self.limit(scope)),
            Failure::RestartUnsafe => self.passes(scope, Track::Memory, self.limit(scope) / 0.95),
            Failure::NeighbourSlowed => self.passes(scope, Track::Slowdown, 1.5),
            Failure::PortsExhausted => self.passes(scope, Track::Ports, self.capacity()),
            Failure::CpuShort | Failure::DataLost | Failure::NodeOom => None,
        }
    }

    fn value(&self, scope: Scope, metric: Metric) -> f64 {
        let memory = || self.peak(scope, Track::Memory);
        match metric {
            Metric::CollectorsStart | Metric::CollectorsEnd => self.collectors(scope),
            Metric::SeriesActivePeak => self.peak(scope, Track::Series),
            Metric::SeriesActiveEnd => self.end(scope, Track::Series),
            Metric::SeriesPerCollectorPeak => {
                self.peak(scope, Track::Series) / self.collectors(scope) * 1.12
            }
            Metric::MemoryPeak | Metric::MemoryLimitNeeded => memory(),
            Metric::MemorySum => 3.0 * memory(),
            Metric::MemoryPeakRatio => memory() / self.limit(scope),
            Metric::MemoryRestartPeak => memory() * 0.95,
            Metric::MemoryRestartRatio => memory() * 0.95 / self.limit(scope),
            Metric::CpuPeak => self.peak(scope, Track::Series) / self.collectors(scope) * 1.2e-6,
            Metric::CpuPeakRatio => self.value(scope, Metric::CpuPeak) / 4.0,
            Metric::LossRatio => 2e-5 * (0.5 * self.luck.noise).exp(),
            Metric::BacklogPeak => self.peak(scope, Track::Backlog),
            Metric::BacklogPeakSeconds => 1_800.0,
            Metric::DrainSeconds => 540.0 * (0.2 * self.luck.noise).exp(),
            Metric::ConnectionsPeak => self.collectors(scope) * 2.0,
            Metric::NodesEnd => {
                if scope == Scope::Pool(PoolId::new(0)) {
                    1_000.0
                } else {
                    3.0
                }
            }
            Metric::NodeCpuPeakRatio | Metric::NodeMemoryPeakRatio => 0.55,
            Metric::SlowdownMean | Metric::SlowdownPeak => self.peak(scope, Track::Slowdown),
            Metric::SlowedShare => 0.01 * self.knobs.slowdown,
            Metric::PortsPeak => self.peak(scope, Track::Ports),
            Metric::PortsPeakRatio => self.peak(scope, Track::Ports) / self.capacity(),
            Metric::AddressesNeeded => (self.peak(scope, Track::Ports) / self.capacity()
                * f64::from(self.knobs.addresses))
            .ceil(),
            Metric::CatchUpRatio => f64::NAN,
            _ => 0.0,
        }
    }
}
