//! What becomes of traces when the collectors behind a balancer change.

use crate::model::blueprint::{
    Balancer, ClusterId, LoadBalancing, MemberId, Protocol, Resolver, RoutingKey,
};
use crate::model::cluster::Rerouted;
use crate::model::load::driver::weight_value;
use crate::model::load::spans::TraceShape;
use crate::model::moment::{Event, Moment};
use crate::model::process::collector::Life;

use super::Fleet;
use super::facts::Facts;
use super::removal::spread;

impl Fleet<'_> {
    /// Routers see the collectors of a cluster in `listed`. Traces in progress are split where their
    /// keys move. Spans that wait for a pod that is gone are lost.
    pub(super) fn reroute(&mut self, cluster: ClusterId, listed: &[bool], moment: &mut Moment<'_>) {
        let Balancer::Exporter(routers) = self.plan.blueprint.otlp.balancer else {
            return;
        };
        let now = moment.now;
        self.settle_total(now);
        for (member, index) in self.members(cluster).enumerate() {
            let is_up = self.collectors[index as usize].life == Life::Up;
            let is_gone = self.clusters[cluster].is_gone(MemberId::new(member));
            let is_replaced = is_gone && (is_up || !listed[member]);
            if (is_replaced || !listed[member]) && self.waits(index, moment) {
                self.pipelines.traces.lose_waiting(index, now);
            }
            if is_replaced && let Some(routing) = self.clusters[cluster].routing_mut() {
                routing.replace(member, moment.draw);
            }
        }
        let rerouted = self.clusters[cluster].reroute(listed);
        let segment = self.plan.resident.driver.segment(now);
        for &stream in &self.pipelines.traces.own_streams().to_vec() {
            let spans = &self.plan.streams[stream].spans;
            let level = self.plan.resident.driver.streams[stream].level[segment];
            let seconds =
                rerouted[stream].map_or(0.0, |of| torn_seconds(&spans.trace, &routers, &of));
            let traces = level / spans.per_trace * seconds;
            self.pipelines.traces.note_split(traces);
        }
        self.note_disputes(cluster, &rerouted);
    }

    /// Whether spans wait in routers for a collector that is away, accounted for up to now.
    fn waits(&mut self, index: u32, moment: &Moment<'_>) -> bool {
        if self.collectors[index as usize].life == Life::Down {
            self.settle(index, moment.now);
        }
        self.pipelines.traces.is_awaited(index)
    }

    /// Routers of two versions disagree on some traces.
    fn note_disputes(&mut self, cluster: ClusterId, rerouted: &[Option<Rerouted>]) {
        let streams = &self.plan.streams;
        let share = |stream: usize| {
            let shape = &streams[stream].spans.trace;
            rerouted[stream].map_or(0.0, |of| of.disputed * shape.torn(of.upgraded))
        };
        self.pipelines.traces.split(cluster.index(), share);
    }

    /// The shares of the collectors of a cluster have changed. Requests of one trace that find
    /// collectors of their own split it.
    pub(super) fn note_scatter(&mut self, cluster: ClusterId) {
        let otlp = &self.plan.blueprint.otlp;
        let by_service = match (otlp.balancer, otlp.protocol) {
            (Balancer::Exporter(routers), _) if routers.key == RoutingKey::TraceId => return,
            (Balancer::Plain, Protocol::Http) => return,
            (Balancer::Exporter(_), _) => true,
            (Balancer::RoundRobin, _) | (Balancer::Plain, Protocol::Grpc) => false,
        };
        if self.pipelines.traces.plan().is_none() {
            return;
        }
        let (members, count) = (self.members(cluster), self.plan.streams.len());
        let (streams, weights) = (&self.plan.streams, &self.weights);
        let share = |stream: usize| {
            let weight = |index: u32| weight_value(weights[index as usize * count + stream]);
            let all: f64 = members.clone().map(weight).sum();
            let shares = members.clone().map(|index| weight(index) / all.max(1e-9));
            let shape = &streams[stream].spans.trace;
            if by_service {
                shape.scattered_services(shares)
            } else {
                shape.scattered(shares)
            }
        };
        self.pipelines.traces.split(cluster.index(), share);
    }

    /// Plans the rolling upgrade of the routers, one after another.
    pub(super) fn plan_upgrade(&self, moment: &mut Moment<'_>) {
        let Balancer::Exporter(routers) = self.plan.blueprint.otlp.balancer else {
            return;
        };
        let Some(change) = routers.change else { return };
        let fleet = self.plan.id;
        for router in 1..=routers.routers {
            let part = f64::from(router) / f64::from(routers.routers);
            let seconds = change.at.secs_f64() + part * change.over.secs_f64();
            let at = moment.grid.instant(seconds);
            moment.schedule(at, Event::RouterUpgraded { fleet });
        }
    }

    /// One more router before each cluster has another ring.
    pub(in crate::model) fn upgrade_router(&mut self, moment: &mut Moment<'_>) -> Facts {
        let mut facts = Facts::default();
        for cluster in ClusterId::all(self.clusters.len()) {
            if let Some(routing) = self.clusters[cluster].routing_mut() {
                routing.upgrade();
            }
            facts = facts.and(self.rebalance(cluster, moment));
        }
        facts
    }
}

/// Seconds of new traces that a change splits, but for those on which two versions of routers
/// disagree all the time.
///
/// At a random instant of a change of DNS each number of routers has seen it with the same
/// probability. An upgrade takes them one after another.
fn torn_seconds(shape: &TraceShape, routers: &LoadBalancing, rerouted: &Rerouted) -> f64 {
    let disagreement = shape.disagreement(routers.routers);
    let count = f64::from(routers.routers);
    let apart = match routers.resolver {
        Resolver::Dns => spread(routers).secs_f64() * disagreement / (count + 1.0),
        Resolver::Kubernetes => 0.0,
    };
    let over = routers.change.map_or(0.0, |change| change.over.secs_f64());
    let upgrade = over * disagreement / count;
    let in_progress = shape.torn_seconds(upgrade) - upgrade;
    rerouted.moved * shape.torn_seconds(apart)
        + rerouted.disputed * rerouted.switched * in_progress.max(0.0)
}
