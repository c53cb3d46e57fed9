//! The size of what exists, in medians: nodes, pods, series, collectors, and what they request.

use super::{Blueprint, Fleet, PoolId, Requested, Trend, Workload, WorkloadId, WorkloadKind};
use crate::model::topology::Population;
use crate::units::SimDuration;

/// A month of growth, in seconds.
const MONTH_SECONDS: f64 = 30.0 * 86_400.0;

/// The size of everything at one instant.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Size {
    /// Nodes of all pools of all clusters.
    pub nodes: f64,
    /// Pods of workloads that run on nodes or outside them; jobs that run at a time.
    pub pods: f64,
    /// Active series that fleets collect, each workload once.
    pub series: f64,
    /// Collectors of all fleets.
    pub collectors: f64,
    /// What all collectors request.
    pub requested: Requested,
}

impl Trend {
    /// The median at an instant from the start, without season.
    pub fn median_at(&self, at: SimDuration) -> f64 {
        let growth = 1.0 + self.growth_per_30d.centre.median();
        let is_reached = |step: &&super::Step| step.at < at;
        let steps = self.steps.iter().filter(is_reached);
        let factor: f64 = steps.map(|step| step.factor).product();
        self.start.centre.median() * growth.powf(at.secs_f64() / MONTH_SECONDS) * factor
    }
}

impl Blueprint {
    /// The size at the start and at the horizon. An autoscaled fleet counts with the replicas of its
    /// start, and at the horizon with the most that its autoscaler may ask for.
    pub fn sizes(&self) -> [Size; 2] {
        [SimDuration::ZERO, self.horizon].map(|at| self.size_at(at))
    }

    fn size_at(&self, at: SimDuration) -> Size {
        let pools = PoolId::all(self.pools.len());
        let mut size = Size {
            nodes: pools.map(|pool| self.nodes_at(pool, at)).sum(),
            collectors: self
                .fleets
                .iter()
                .map(|fleet| self.collectors_at(fleet, at))
                .sum(),
            requested: self.requested_by(|fleet| self.collectors_at(fleet, at)),
            ..Size::default()
        };
        for (id, workload) in WorkloadId::all(self.workloads.len()).zip(&self.workloads) {
            if workload.kind != WorkloadKind::Machine {
                size.pods += self.units_at(workload, at);
            }
            if self
                .fleets
                .iter()
                .any(|fleet| fleet.metrics_of.contains(&id))
            {
                size.series += self.series_at(workload, at);
            }
        }
        size
    }

    /// Nodes of a pool in all its clusters.
    fn nodes_at(&self, pool: PoolId, at: SimDuration) -> f64 {
        let pool = &self.pools[pool];
        f64::from(pool.clusters) * pool.nodes.median_at(at)
    }

    /// Pods of a workload in all clusters, machines on all nodes, or jobs that run at a time.
    pub(super) fn units_at(&self, workload: &Workload, at: SimDuration) -> f64 {
        let count = workload.count.median_at(at);
        let clusters = f64::from(self.clusters(&workload.runs_on));
        match (workload.kind, workload.jobs) {
            (WorkloadKind::Machine, _) => {
                let pools = workload.runs_on.iter();
                count * pools.map(|&pool| self.nodes_at(pool, at)).sum::<f64>()
            }
            (_, Some(jobs)) => {
                let per_second = jobs.per_hour.centre.median() / 3_600.0;
                count * clusters * per_second * jobs.lifetime.mean()
            }
            _ => count * clusters,
        }
    }

    fn series_at(&self, workload: &Workload, at: SimDuration) -> f64 {
        let targets = self.units_at(workload, at) * workload.series.mean(0.0);
        let growth = workload.count.median_at(at) / workload.count.median_at(SimDuration::ZERO);
        let clusters = f64::from(self.clusters(&workload.runs_on));
        let giants = workload
            .giants
            .iter()
            .map(|giant| giant.series.centre.median());
        (targets + giants.sum::<f64>() * clusters * growth) * workload.kept.centre.median()
    }

    pub(super) fn collectors_at(&self, fleet: &Fleet, at: SimDuration) -> f64 {
        match fleet.topology.population {
            Population::Replicas(replicas) => {
                let most = fleet.autoscaling.as_ref().map_or(replicas, |plan| plan.max);
                let replicas = if at == SimDuration::ZERO {
                    replicas
                } else {
                    most.max(replicas)
                };
                f64::from(replicas) * f64::from(self.clusters_of(fleet))
            }
            Population::PerNode => fleet
                .runs_on
                .iter()
                .map(|&pool| self.nodes_at(pool, at))
                .sum(),
            Population::PerPod => {
                let mut collected: Vec<WorkloadId> = [
                    &fleet.metrics_of,
                    &fleet.logs_of,
                    &fleet.traces_of,
                    &fleet.profiles_of,
                ]
                .into_iter()
                .flatten()
                .copied()
                .collect();
                collected.sort_unstable();
                collected.dedup();
                let workloads = collected.into_iter().map(|id| &self.workloads[id]);
                workloads.map(|workload| self.units_at(workload, at)).sum()
            }
        }
    }
}
