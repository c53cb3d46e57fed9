//! Whether samples can be counted exactly, at the 99.9999th percentile of every quantity.

use super::{Warning, envelope};
use crate::model::blueprint::{
    Blueprint, Fleet, PoolId, SeriesPerTarget, Trend, Workload, WorkloadId, WorkloadKind,
};
use crate::model::law::{Law, Quantity};
use crate::model::load::driver::EXTENT_MAX;
use crate::model::load::trend::DrawnTrend;
use crate::model::topology::Population;
use crate::model::wal::grid_of;
use crate::stats::normal_quantile;

/// Share of the draws that must stay within the exact range, for each quantity by itself.
const SHARE: f64 = 0.999_999;

/// What exceeds the exact range in a blueprint: for each workload and signal the first quantity.
pub(super) fn excesses(blueprint: &Blueprint) -> Vec<Warning> {
    let nanos = grid_of(blueprint).end.nanos() as f64;
    let units_max = EXTENT_MAX / nanos;
    let mut excesses = Vec::new();
    for (id, workload) in WorkloadId::all(blueprint.workloads.len()).zip(&blueprint.workloads) {
        let load = Load {
            blueprint,
            workload,
        };
        let mut fleets = blueprint.fleets.iter();
        let is_scraped = fleets.clone().any(|fleet| fleet.metrics_of.contains(&id));
        let is_tailed = fleets.clone().any(|fleet| fleet.logs_of.contains(&id));
        let is_traced = fleets.clone().any(|fleet| fleet.traces_of.contains(&id));
        let is_profiled = fleets.any(|fleet| fleet.profiles_of.contains(&id));
        let signals = [
            (is_scraped, "series", load.series()),
            (is_tailed, "tailed pods", load.tailed()),
            (is_traced, "spans per second", load.spans()),
            (is_profiled, "profiles per second", load.profiles()),
        ];
        for (is_collected, unit, reaches) in signals {
            let is_beyond = |reach: &&Reach| reach.units > units_max;
            if let Some(reach) = reaches.iter().find(is_beyond).filter(|_| is_collected) {
                let place = ("workload", workload.name.as_str(), reach.key);
                excesses.push(reach.excess(place, (unit, units_max), nanos / 8.64e13));
            }
        }
    }
    for fleet in &blueprint.fleets {
        let own = own_series(fleet, blueprint);
        if own.units > units_max {
            let place = ("fleet", fleet.name.as_str(), own.key);
            excesses.push(own.excess(place, ("series", units_max), nanos / 8.64e13));
        }
    }
    excesses
}

/// Series that all collectors of a fleet expose about themselves, in the median.
fn own_series(fleet: &Fleet, blueprint: &Blueprint) -> Reach {
    let collectors: f64 = match fleet.topology.population {
        Population::Replicas(replicas) => {
            let most = fleet.autoscaling.as_ref().map_or(replicas, |plan| plan.max);
            f64::from(most) * f64::from(blueprint.clusters_of(fleet))
        }
        Population::PerNode => nodes_of(&fleet.runs_on, blueprint),
        Population::PerPod => {
            let pods = |&id: &WorkloadId| {
                let workload = &blueprint.workloads[id];
                let growth = workload.count.growth_per_30d.centre.median();
                Load {
                    blueprint,
                    workload,
                }
                .targets(growth)
            };
            fleet.metrics_of.iter().map(pods).sum()
        }
    };
    reach("own_series", "own_series", fleet.own_series * collectors)
}

/// Nodes of pools in all their clusters, in the median.
fn nodes_of(pools: &[PoolId], blueprint: &Blueprint) -> f64 {
    let pools = pools.iter().map(|&pool| &blueprint.pools[pool]);
    pools
        .map(|pool| f64::from(pool.clusters) * envelope::nodes(pool, blueprint))
        .sum()
}

/// What a workload reaches at the 99.9999th percentile of one quantity and the median of all others.
struct Reach {
    key: &'static str,
    /// Path of the quantity within its section.
    path: String,
    units: f64,
}

impl Reach {
    fn excess(
        &self,
        (section, name, key): (&'static str, &str, &'static str),
        (unit, most): (&str, f64),
        days: f64,
    ) -> Warning {
        let Self { path, units, .. } = self;
        let message = format!(
            "`{section}.{name}.{path}` makes {units:.1e} {unit} at its 99.9999th percentile; samples \
             of {days:.3} simulated days can be counted for at most {most:.1e}"
        );
        let help = format!("lower `{path}`, split the {section}, or shorten the horizon");
        Warning::new((section, name, key), message, help)
    }
}

/// The upper percentile over the median of a law; 1 for a known value.
fn excess_of(law: Law) -> f64 {
    if law.is_fixed() {
        return 1.0;
    }
    law.at(normal_quantile(SHARE)) / law.median()
}

/// A workload, and what else decides its size.
struct Load<'a> {
    blueprint: &'a Blueprint,
    workload: &'a Workload,
}

impl Load<'_> {
    /// Active series of the whole workload, quantity by quantity.
    fn series(&self) -> Vec<Reach> {
        let workload = self.workload;
        let count = self.targets(workload.count.growth_per_30d.centre.median());
        let mean = workload.series.mean(0.0);
        let giants = workload.giants.iter();
        let giants: f64 = giants.map(|giant| giant.series.centre.median()).sum();
        let giants = giants * self.clusters();
        let incident = workload
            .incidents
            .map_or(1.0, |of| of.factor.median().max(1.0));
        let all = (count * mean + giants) * incident;
        let key = match workload.series {
            SeriesPerTarget::Law(_) | SeriesPerTarget::Unstated => "series_per_pod",
            SeriesPerTarget::Measured(_) => "measured",
        };
        let mut reaches = vec![reach(key, key, all)];
        if let SeriesPerTarget::Law(Quantity { centre, spread, .. }) = workload.series {
            reaches.push(reach(key, key, all * excess_of(centre)));
            let largest = centre.median() * spread.at(normal_quantile(SHARE));
            reaches.push(reach(key, key, largest * incident));
        }
        for giant in &workload.giants {
            let path = format!("giant.{}.series", giant.name);
            let largest = giant.series.centre.at(normal_quantile(SHARE));
            reaches.push(reach("giant", &path, all + largest * self.clusters()));
        }
        if let Some(incidents) = workload.incidents {
            let units = all * excess_of(incidents.factor);
            reaches.push(reach("incidents", "incidents.factor", units));
        }
        reaches.extend(self.counts(all));
        reaches
    }

    /// Pods whose logs are tailed.
    fn tailed(&self) -> Vec<Reach> {
        let growth = self.workload.count.growth_per_30d.centre.median();
        self.counts(self.targets(growth))
    }

    /// Spans per second of the whole workload.
    fn spans(&self) -> Vec<Reach> {
        self.rates("spans_per_pod", self.workload.spans.per_second.centre)
    }

    /// Profiles per second of the whole workload.
    fn profiles(&self) -> Vec<Reach> {
        self.rates("profiles_per_pod", self.workload.profiles.per_second.centre)
    }

    /// Units per second of the whole workload, of which a pod has `each`.
    fn rates(&self, key: &'static str, each: Law) -> Vec<Reach> {
        let growth = self.workload.count.growth_per_30d.centre.median();
        let all = self.targets(growth) * each.median();
        let mut reaches = vec![reach(key, key, all * excess_of(each))];
        reaches.extend(self.counts(all));
        reaches
    }

    /// What the count of targets makes of `all` units in the median.
    fn counts(&self, all: f64) -> Vec<Reach> {
        let Trend {
            start,
            growth_per_30d,
            ..
        } = &self.workload.count;
        let growth = growth_per_30d.centre;
        let grown = self.targets(growth.at(normal_quantile(SHARE)));
        let before = self.targets(growth.median());
        let mut reaches = vec![reach("pods", "pods", all * excess_of(start.centre))];
        if before > 0.0 {
            let units = all * grown / before;
            reaches.push(reach("pods", "pods.growth_per_30d", units));
        }
        if self.workload.kind == WorkloadKind::Machine {
            let pools = self.workload.runs_on.iter();
            reaches.extend(pools.map(|&pool| self.nodes_reach(pool, all)));
        }
        if let Some(jobs) = self.workload.jobs {
            let units = all * excess_of(jobs.per_hour.centre);
            reaches.push(reach("jobs", "jobs.per_hour", units));
        }
        reaches
    }

    /// Most targets of all clusters up to the end at this growth, in the median of the start.
    fn targets(&self, growth: f64) -> f64 {
        let Workload { count, jobs, .. } = self.workload;
        let grid = grid_of(self.blueprint);
        let drawn = DrawnTrend::new(count.start.centre.median(), growth, &flat(count));
        let first = -(grid.warm_up.nanos() as f64) / 1e9;
        let most = [first, self.blueprint.horizon.secs_f64()].map(|at| drawn.smooth(at));
        let steps = drawn.step_seconds().map(|at| drawn.stepped(at));
        let season = &count.season;
        let waves = (1.0 + season.daily.get()) / (1.0 - season.weekly.get() * 2.0 / 7.0);
        let value = most[0].max(most[1]) * steps.fold(1.0, f64::max) * waves;
        match (self.workload.kind, jobs) {
            (WorkloadKind::Machine, _) => value * nodes_of(&self.workload.runs_on, self.blueprint),
            (_, Some(jobs)) => {
                let per_second = jobs.per_hour.centre.median() / 3_600.0;
                value * self.clusters() * per_second * jobs.lifetime.mean()
            }
            (_, None) => value * self.clusters(),
        }
    }

    /// What the start and the growth of a pool's nodes make of `all` units in the median.
    fn nodes_reach(&self, pool: PoolId, all: f64) -> Reach {
        let plan = &self.blueprint.pools[pool];
        let trend = &plan.nodes;
        let months = self.blueprint.horizon.secs_f64() / (30.0 * 86_400.0);
        let growth = trend.growth_per_30d.centre;
        let grown = |growth: f64| (1.0 + growth).max(0.0).powf(months);
        let fastest = grown(growth.at(normal_quantile(SHARE))) / grown(growth.median());
        let excess = excess_of(trend.start.centre).max(fastest).max(1.0);
        let here = nodes_of(&[pool], self.blueprint);
        let others = nodes_of(&self.workload.runs_on, self.blueprint) - here;
        let path = format!("runs_on: nodes of {}", plan.name);
        reach(
            "runs_on",
            &path,
            all * (here * excess + others) / (here + others),
        )
    }

    /// Clusters over which the workload is repeated.
    fn clusters(&self) -> f64 {
        f64::from(self.blueprint.clusters(&self.workload.runs_on))
    }
}

/// A trend without its waves.
fn flat(trend: &Trend) -> Trend {
    Trend {
        steps: trend.steps.clone(),
        ..Trend::constant(1.0)
    }
}

/// What a quantity reaches; infinitely much if the law is too wide for a number.
fn reach(key: &'static str, path: &str, units: f64) -> Reach {
    Reach {
        key,
        path: path.to_owned(),
        units: if units.is_nan() { f64::INFINITY } else { units },
    }
}
