//! The routes of a fleet to its endpoints: when they are down, and which collectors may send on
//! them.

use crate::model::blueprint::EndpointId;
use crate::model::egress::Supply;
use crate::model::endpoint::Endpoint;
use crate::model::moment::Moment;
use crate::model::pipeline::QueueId;
use crate::model::pipeline::ledger::Delivery;
use crate::model::pipeline::route::{Route, merged};
use crate::model::process::collector::Life;
use crate::units::{SimTime, floor, small};

use super::Fleet;
use super::catch_up::CatchUpDemand;

impl Fleet<'_> {
    /// The route that leads to an endpoint.
    pub(super) fn route_to(&self, endpoint: EndpointId) -> Option<usize> {
        let mut routes = self.pipelines.metrics.routes.iter();
        routes.position(|route| route.endpoint == Some(endpoint))
    }

    /// Whether the fleet sends metrics to an endpoint.
    pub(in crate::model) fn leads_to(&self, endpoint: EndpointId) -> bool {
        self.route_to(endpoint).is_some()
    }

    /// An endpoint goes down, so no sample leaves the collectors on the route to it.
    pub(in crate::model) fn stall_route_to(
        &mut self,
        (id, endpoint): (EndpointId, &Endpoint<'_>),
        now: SimTime,
    ) {
        let Some(route) = self.route_to(id) else {
            return;
        };
        let way = &mut self.pipelines.metrics.routes[route];
        way.is_down = true;
        way.requests.attempt_seconds = endpoint.attempt_seconds(now);
        for index in self.existing() {
            self.stall(queue_of(index, route), now);
        }
    }

    /// An endpoint has had an outage that nobody expected, or its end has become known.
    pub(in crate::model) fn follow_outage(
        &mut self,
        (id, endpoint): (EndpointId, &Endpoint<'_>),
        moment: &mut Moment<'_>,
    ) {
        self.wait_for_spans((id, endpoint), moment);
        self.wait_for_lines((id, endpoint), moment);
        let Some(route) = self.route_to(id) else {
            return;
        };
        self.settle_all(moment.now);
        let metrics = &mut self.pipelines.metrics;
        metrics.routes[route].stalls.clone_from(&endpoint.stalls);
        metrics.follow_outages(self.plan.blueprint.memory.destinations);
        self.plan.resident.stall(merged(&metrics.routes));
        for index in self.existing() {
            if self.collectors[index as usize].life == Life::Up {
                self.replan_memory(index, moment);
            }
        }
    }

    /// An endpoint answers again. Returns the demand of each collector that has a port.
    pub(in crate::model) fn open_route_to(
        &mut self,
        (id, endpoint): (EndpointId, &Endpoint<'_>),
        moment: &mut Moment<'_>,
    ) -> Vec<CatchUpDemand> {
        let Some(route) = self.route_to(id) else {
            return Vec::new();
        };
        self.settle_all(moment.now);
        self.note_backlog(moment.observer);
        let mut demands = Vec::new();
        for index in self.existing() {
            if self.position(index) < self.pipelines.metrics.routes[route].starved_from {
                demands.extend(self.demand(queue_of(index, route), endpoint, moment));
            }
        }
        self.pipelines.metrics.routes[route].is_down = false;
        demands
    }

    /// Lets only a share of the collectors send to an endpoint, and each of these with a limited
    /// number of connections. Returns the demands of the collectors that may send again.
    pub(in crate::model) fn starve(
        &mut self,
        (id, endpoint): (EndpointId, &Endpoint<'_>),
        supply: Supply,
        moment: &mut Moment<'_>,
    ) -> Vec<CatchUpDemand> {
        let mut demands = Vec::new();
        let Some(route) = self.route_to(id) else {
            return demands;
        };
        let Route {
            starved_from,
            connections_max,
            ..
        } = self.pipelines.metrics.routes[route];
        let is_new = supply.level.to_bits() != connections_max.to_bits();
        if supply.share >= 1.0 && !is_new && starved_from == u32::MAX {
            return demands;
        }
        if is_new {
            self.settle_all(moment.now);
        }
        let existing = self.existing();
        let served = if supply.share < 1.0 {
            // A share that is a quotient of whole numbers may lack the last bit.
            floor(existing.len() as f64 * supply.share + 1e-6)
        } else {
            u32::MAX
        };
        let way = &mut self.pipelines.metrics.routes[route];
        (way.starved_from, way.connections_max) = (served, supply.level);
        for (position, &index) in existing.iter().enumerate() {
            let position = small(position);
            let (is_served, was_served) = (position < served, position < starved_from);
            if was_served && !is_served {
                self.stall(queue_of(index, route), moment.now);
            } else if is_served && !was_served && !self.pipelines.metrics.routes[route].is_down {
                demands.extend(self.demand(queue_of(index, route), endpoint, moment));
            }
        }
        demands
    }

    /// Inflow of the whole fleet at an instant, in samples per second.
    pub(in crate::model) fn inflow_at(&self, at: SimTime) -> f64 {
        self.total()
            .volume(self.plan.resident.driver.segment(at))
            .rate
    }

    /// Samples per second of the jobs of the fleet when most of them run.
    pub(super) fn inflow_of_jobs(&self) -> f64 {
        f64::from(self.jobs.running_peak) * self.jobs.mean_rate()
    }

    /// Bytes on the wire of a sample sent to one endpoint.
    pub(in crate::model) fn wire_per_sample(&self) -> f64 {
        self.plan.bytes.sent
    }

    /// Requests to an endpoint, `per_batch` for each batch outside outages.
    pub(in crate::model) fn requests_to(&self, endpoint: EndpointId, per_batch: f64) -> f64 {
        let Some(route) = self.route_to(endpoint) else {
            return 0.0;
        };
        let samples = self.delivered_on(route, |delivery| delivery.sent + delivery.lost_rejected);
        let seconds = self.collector_seconds();
        let metrics = &self.pipelines.metrics;
        metrics.requests(route, (samples, seconds), per_batch)
    }

    /// Samples of one fate on the route to an endpoint.
    pub(in crate::model) fn delivered_to(
        &self,
        endpoint: EndpointId,
        fate: impl Fn(&Delivery) -> u128 + Copy,
    ) -> f64 {
        let route = self.route_to(endpoint);
        route.map_or(0.0, |route| self.delivered_on(route, fate))
    }
}

fn queue_of(collector: u32, route: usize) -> QueueId {
    QueueId { collector, route }
}
