//! When routers see that a collector is gone, and what they send to it until then.

use crate::model::blueprint::{Balancer, LoadBalancing, Resolver};
use crate::model::moment::{Event, Moment};
use crate::units::{SimDuration, SimTime, Span};

use super::Fleet;
use super::end::End;

/// Time between two questions to DNS.
///
/// Source: Grafana Alloy documentation, `otelcol.exporter.loadbalancing`, block `dns`, `interval`
/// (read 2026-11).
const ASKED_EVERY: SimDuration = SimDuration::from_secs(5);

/// Time until a container that was killed is not ready.
///
/// Source: kubernetes/kubernetes, `pkg/kubelet`, the pod lifecycle event generator looks every second
/// (read 2026-11).
const NOT_READY_AFTER: SimDuration = SimDuration::from_secs(1);

/// Time until the pods of a node that is lost are not ready.
///
/// Source: Kubernetes documentation, kube-controller-manager, `--node-monitor-grace-period` (read
/// 2026-11).
const NODE_LOST_AFTER: SimDuration = SimDuration::from_secs(50);

/// Time within which all routers see a change of DNS: the time between two questions, and what a
/// cache adds.
pub(super) fn spread(routers: &LoadBalancing) -> SimDuration {
    ASKED_EVERY + routers.dns_cache
}

/// Mean time after which a router sees that DNS has changed.
///
/// Simplified: for the shares of collectors, all routers see a change at their mean instant.
fn delay(routers: &LoadBalancing) -> SimDuration {
    spread(routers) / 2
}

impl Fleet<'_> {
    /// Schedules the instant at which routers see that a collector is gone.
    ///
    /// A watch of the pods sees the next pod at once, ready or not. A container that is killed stays
    /// in its pod, so a watch sees nothing.
    pub(super) fn plan_removal(
        &mut self,
        routers: &LoadBalancing,
        (index, end): (u32, End),
        moment: &mut Moment<'_>,
    ) {
        let is_pod = !matches!(end, End::Killed { .. });
        let after = match (routers.resolver, end) {
            (Resolver::Dns, End::Asked { .. }) => Some(delay(routers)),
            (Resolver::Dns, End::Killed { .. }) => Some(NOT_READY_AFTER + delay(routers)),
            (Resolver::Dns, End::NodeLost { .. }) => Some(NODE_LOST_AFTER + delay(routers)),
            (Resolver::Kubernetes, End::Asked { .. }) => Some(SimDuration::ZERO),
            (Resolver::Kubernetes, End::Killed { .. } | End::NodeLost { .. }) => None,
        };
        let Some(cluster) = self.cluster_of(index) else {
            return;
        };
        let is_watched = routers.resolver == Resolver::Kubernetes;
        let member = self.clusters[cluster].member(index).index();
        if let Some(routing) = self.clusters[cluster].routing_mut().filter(|_| is_pod) {
            if is_watched && after.is_some() {
                routing.replace(member, moment.draw);
            } else {
                routing.retire(member);
            }
        }
        let at = after.map_or(SimTime::NEVER, |after| moment.now + after);
        let taken_at = if is_watched { SimTime::NEVER } else { at };
        self.collectors[index as usize].taken_at = taken_at;
        let fleet = self.plan.id;
        moment.schedule(at, Event::TargetsTakenOver { fleet, cluster });
    }

    /// A replica is asked to stop for good. A watch sees that as soon as its process has ended.
    pub(super) fn withdraw(&mut self, index: u32, moment: &mut Moment<'_>) {
        let Balancer::Exporter(routers) = self.plan.blueprint.otlp.balancer else {
            return;
        };
        if routers.resolver == Resolver::Kubernetes
            && let Some(cluster) = self.cluster_of(index)
        {
            self.collectors[index as usize].taken_at = moment.now;
            let fleet = self.plan.id;
            moment.schedule(moment.now, Event::TargetsTakenOver { fleet, cluster });
        }
    }

    /// A new pod has taken the place of a collector. Until routers ask DNS again they send its spans
    /// to the pod that has ended.
    ///
    /// Simplified: of the spans of the new pod, as many as the old one would have got.
    pub(super) fn lead_astray(&mut self, index: u32, moment: &Moment<'_>) {
        let Balancer::Exporter(routers) = self.plan.blueprint.otlp.balancer else {
            return;
        };
        if routers.resolver == Resolver::Dns {
            let until = (moment.now + delay(&routers)).min(moment.grid.end);
            let span = Span::new(moment.now, until);
            let feed = self
                .plan
                .feed(index, (&self.collectors, &self.weights), &self.inlet);
            self.pipelines.traces.lead_astray(&feed, span);
        }
    }
}
