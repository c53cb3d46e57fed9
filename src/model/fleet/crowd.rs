//! The targets that the collectors of a fleet share: their sizes in one draw.

use crate::engine::key_of;
use crate::model::blueprint::signal::MetricSource;
use crate::model::blueprint::{
    Balancer, ClusterId, LogSource, ProfileSource, Protocol, RoutingKey, SeriesPerTarget, Workload,
    WorkloadId,
};
use crate::model::cluster::sharing::Targets;
use crate::model::cluster::{Cluster, Names, Routing};
use crate::model::law::Quantity;
use crate::model::load::draw::Draw;
use crate::model::load::driver::unit_for;
use crate::model::pipeline::{Kind, Stream};
use crate::model::topology::Assignment;

use super::load::Load;

/// The scraped targets of one workload, for collectors that share them.
///
/// Simplified: targets that come or are replaced later are on average as large as those of the
/// start.
#[derive(Clone, Debug)]
pub(super) struct Crowd {
    workload: WorkloadId,
    /// What a weight of 1 stands for, in means of a cluster.
    pub unit: f64,
    /// Mean series of the ordinary targets that exist in this draw.
    pub series_per_target: f64,
    /// The targets of each cluster of the fleet.
    clusters: Vec<Targets>,
}

impl Load<'_> {
    /// The scraped targets of every workload; none where each collector has its own.
    pub(super) fn draw_crowds(&self, draw: &Draw) -> Vec<Crowd> {
        if self.fleet.topology.assignment == Assignment::Local {
            return Vec::new();
        }
        self.metrics().map(|id| self.draw_crowd(id, draw)).collect()
    }

    fn draw_crowd(&self, workload: WorkloadId, draw: &Draw) -> Crowd {
        let timeline = &self.timelines[workload.index()];
        let giants = &timeline.giant_series;
        let count = self.targets_per_cluster(workload, giants.len());
        let clusters = 0..self.clusters();
        let ordinary: Vec<Targets> = clusters
            .map(|cluster| self.sizes(workload, (cluster, count), draw))
            .collect();
        let all = f64::from(count) * f64::from(self.clusters());
        let sizes: f64 = ordinary.iter().map(Targets::total).sum();
        let ratio = if count > 0 { sizes / all } else { 1.0 };
        let series = |targets: Targets| {
            let ordinary = targets.scaled(timeline.series_per_target);
            ordinary.with_giants(giants)
        };
        let series: Vec<Targets> = ordinary.into_iter().map(series).collect();
        let totals = series.iter().map(Targets::total);
        let mean = totals.clone().sum::<f64>() / f64::from(self.clusters());
        let unit = unit_for(totals.fold(0.0, f64::max) / mean.max(f64::MIN_POSITIVE));
        let share = if mean > 0.0 { 1.0 / mean / unit } else { 0.0 };
        Crowd {
            workload,
            unit,
            series_per_target: timeline.series_per_target * ratio,
            clusters: series.into_iter().map(|each| each.scaled(share)).collect(),
        }
    }

    /// The targets whose log lines the members of a cluster share: all, or a number of `pods`. The lines of a cluster do not
    /// vary with the series of its pods, so the shares add up to 1.
    fn tailed_targets(
        &self,
        (workload, pods): (WorkloadId, Option<u32>),
        cluster: u32,
        draw: &Draw,
    ) -> Targets {
        if self.fleet.log_intake.source == LogSource::Push {
            return Targets::pushed();
        }
        let count = pods.unwrap_or_else(|| self.targets_per_cluster(workload, 0));
        let sizes = self.sizes(workload, (cluster, count), draw);
        let total = sizes.total();
        sizes.scaled(if total > 0.0 { 1.0 / total } else { 0.0 })
    }

    /// The clients that push the spans of a workload to the members of a cluster.
    ///
    /// Simplified: when every client has been replaced, all connect anew at one time.
    fn pushing_clients(&self, workload: WorkloadId, cluster: u32) -> Targets {
        let Workload { name, spans, .. } = &self.blueprint.workloads[workload];
        match (self.fleet.otlp.balancer, self.fleet.otlp.protocol) {
            (Balancer::Exporter(routers), _) => match routers.key {
                RoutingKey::TraceId => Targets::routed(),
                RoutingKey::Service => Targets::routed_services(name, spans.services),
            },
            (Balancer::RoundRobin, _) | (Balancer::Plain, Protocol::Http) => Targets::pushed(),
            (Balancer::Plain, Protocol::Grpc) => {
                let owner = key_of(&format!("workload.{name}.{cluster}.spans"));
                let clients = self.clients_of_spans().map_or_else(
                    || self.targets_per_cluster(workload, 0),
                    |all| all / self.clusters(),
                );
                Targets::pinned(owner, clients)
            }
        }
    }

    /// The targets whose profiles the members of a cluster share, all of one size, on the ring where its
    /// scrapes of metrics are.
    fn profiled_targets(&self, workload: WorkloadId, cluster: u32, draw: &Draw) -> Targets {
        if self.fleet.pyroscope.source == ProfileSource::Push {
            return Targets::pushed();
        }
        let count = self.targets_per_cluster(workload, 0);
        let name = &self.blueprint.workloads[workload].name;
        let owner = key_of(&format!("workload.{name}.{cluster}"));
        let equal = SeriesPerTarget::Law(Quantity::fixed(1.0));
        let sizes = Targets::draw(draw, owner, count, &equal);
        let total = sizes.total();
        sizes.scaled(1.0 / total.max(f64::MIN_POSITIVE))
    }

    /// The targets of the metrics of a workload in one cluster; `None` where each collector has its
    /// own. The ring serves scrapes only, so a load balancer spreads what is pushed.
    fn targets(&self, workload: WorkloadId, cluster: u32) -> Option<Targets> {
        let crowd = self.crowd(workload)?;
        let targets = crowd.clusters[cluster as usize].clone();
        Some(match self.fleet.metric_source {
            MetricSource::Scrape => targets,
            MetricSource::Push => targets.balanced(),
        })
    }

    /// The scraped targets of a workload; `None` where each collector has its own.
    pub(super) fn crowd(&self, workload: WorkloadId) -> Option<&Crowd> {
        self.crowds.iter().find(|crowd| crowd.workload == workload)
    }

    /// Ordinary targets of a workload in one cluster at the start, at least one without giants.
    fn targets_per_cluster(&self, workload: WorkloadId, giants: usize) -> u32 {
        let all = self.timelines[workload.index()].targets_at_start(&self.grid);
        let count = (all / f64::from(self.clusters())).round();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "saturates"
        )]
        let count = count as u32;
        count.max(u32::from(giants == 0))
    }

    /// Sizes of the ordinary targets of a workload in one cluster, relative to the mean.
    fn sizes(&self, workload: WorkloadId, (cluster, count): (u32, u32), draw: &Draw) -> Targets {
        let plan = &self.blueprint.workloads[workload];
        let owner = key_of(&format!("workload.{}.{cluster}", plan.name));
        Targets::draw(draw, owner, count, &plan.series)
    }
}

impl Load<'_> {
    /// The clusters of replicas that share targets, with room for so many replicas in all.
    pub(super) fn build_clusters(
        &self,
        streams: &[Stream],
        replicas: u32,
        draw: &Draw,
    ) -> Vec<Cluster> {
        let assignment = self.fleet.topology.assignment;
        if assignment == Assignment::Local {
            return Vec::new();
        }
        let clusters = self.clusters();
        let members = replicas / clusters;
        let cluster = |number: u32| {
            let names = Names::new(&self.fleet.name, members);
            let targets = streams
                .iter()
                .map(|stream| self.shared(stream, number, draw));
            let id = ClusterId::new(number as usize);
            let cluster = Cluster::new(id, names, assignment, targets.collect(), draw);
            match self.fleet.otlp.balancer {
                Balancer::Exporter(plan) => {
                    let pods = format!("fleet.{}.{number}.pods", self.fleet.name);
                    cluster.behind(Routing::new(plan, (key_of(&pods), members), draw))
                }
                Balancer::Plain | Balancer::RoundRobin => cluster,
            }
        };
        (0..clusters).map(cluster).collect()
    }

    /// What the members of a cluster share of a stream; `None` if each has its own.
    fn shared(&self, stream: &Stream, cluster: u32, draw: &Draw) -> Option<Targets> {
        let Some(workload) = stream.workload else {
            return stream.client.map(|_| Targets::pushed());
        };
        match stream.kind {
            // Derived series are where their spans are.
            Kind::Metrics if stream.derived.is_some() => {
                Some(self.pushing_clients(workload, cluster))
            }
            Kind::Metrics => self.targets(workload, cluster),
            Kind::Traces => Some(self.pushing_clients(workload, cluster)),
            Kind::Profiles => Some(self.profiled_targets(workload, cluster, draw)),
            Kind::Logs => {
                let pods = stream.burst.and_then(|burst| burst.pods);
                Some(self.tailed_targets((workload, pods), cluster, draw))
            }
            #[cfg(test)]
            Kind::Toy => None,
        }
    }
}
