//! Outages of endpoints, and the drains of backlogs after them.

use crate::model::blueprint::EndpointId;
use crate::model::fleet::CatchUpDemand;
use crate::model::load::timeline::Episode;
use crate::model::moment::{Calendar, Event};
use crate::model::record::catalogue::Scope;
use crate::model::record::outcome::RecordKind;

use super::World;

impl World<'_> {
    /// Schedules the outages of an endpoint. An outage in progress at the horizon does not end.
    pub(super) fn plan_outages(&self, endpoint: EndpointId, calendar: &mut Calendar) {
        let end = self.setting.grid.end;
        for &Episode { from, to, .. } in &self.endpoints[endpoint].stalls {
            if from < end {
                calendar.schedule(from, Event::OutageStarted { endpoint });
            }
            if to < end {
                calendar.schedule(to, Event::OutageEnded { endpoint });
            }
        }
    }

    /// An endpoint goes down. Samples for it stay in the WAL from now on.
    pub(super) fn outage_started(&mut self, endpoint: EndpointId, calendar: &mut Calendar) {
        let moment = &mut self.setting.moment(calendar);
        moment.note(
            Scope::Endpoint(endpoint),
            None,
            RecordKind::OutageStarted,
            f64::NAN,
        );
        if !self.endpoints[endpoint].go_down(moment.now) {
            return;
        }
        for fleet in &mut self.fleets {
            fleet.stall_route_to(endpoint, moment.now);
        }
        self.examine_ports_to(endpoint, calendar);
    }

    /// An endpoint answers again. Every collector works off its backlog.
    pub(super) fn outage_ended(&mut self, endpoint: EndpointId, calendar: &mut Calendar) {
        let moment = &mut self.setting.moment(calendar);
        moment.note(
            Scope::Endpoint(endpoint),
            None,
            RecordKind::OutageEnded,
            f64::NAN,
        );
        if !self.endpoints[endpoint].come_back() {
            return;
        }
        self.examine_ports_to(endpoint, calendar);
        self.release(endpoint, calendar);
    }

    /// The collectors that send to an endpoint begin to work off their backlogs.
    fn release(&mut self, endpoint: EndpointId, calendar: &mut Calendar) {
        let moment = &mut self.setting.moment(calendar);
        let mut demands = Vec::new();
        for fleet in &mut self.fleets {
            demands.extend(fleet.open_route_to((endpoint, &self.endpoints[endpoint]), moment));
        }
        let scale = self.work_off(endpoint, &mut demands, calendar);
        let total: f64 = demands.iter().map(|demand| demand.rate).sum();
        let inflow: f64 = demands.iter().map(|demand| demand.pause.inflow).sum();
        let wire =
            |demand: &CatchUpDemand| demand.rate * self.fleets[demand.fleet].wire_per_sample();
        let wire: f64 = demands.iter().map(wire).sum();
        self.endpoints[endpoint].note_catch_up(total * scale, inflow, scale * wire);
    }

    /// Collectors that can send to an endpoint again work off their backlogs, as fast as ports and
    /// the endpoint let them. Returns the share of their rate that the endpoint takes.
    pub(super) fn work_off(
        &mut self,
        endpoint: EndpointId,
        demands: &mut [CatchUpDemand],
        calendar: &mut Calendar,
    ) -> f64 {
        self.connect(endpoint, demands, calendar.now());
        let total = demands.iter().map(|demand| demand.rate).sum();
        let scale = self.endpoints[endpoint].admit(total).scale();
        for demand in demands.iter() {
            let moment = &mut self.setting.moment(calendar);
            self.fleets[demand.fleet].drain(demand, scale, moment);
        }
        self.surge(endpoint, demands, calendar);
        scale
    }

    /// Shares the stated capacity of every endpoint of metrics among the fleets that send to it.
    ///
    /// Simplified: in proportion to what they send at the start of the measured horizon, whatever
    /// they send later.
    pub(super) fn share_endpoints(&mut self) {
        let warm_up = self.setting.grid.warm_up;
        for (id, endpoint) in EndpointId::all(self.endpoints.len()).zip(&self.endpoints) {
            let senders = self.fleets.iter_mut().filter(|fleet| fleet.leads_to(id));
            let mut senders: Vec<_> = senders.collect();
            let total = senders.iter().map(|fleet| fleet.inflow_at(warm_up)).sum();
            let admission = endpoint.admit(total);
            for fleet in &mut senders {
                if let Some(most) = admission.most(fleet.inflow_at(warm_up)) {
                    fleet.accept_at_most(id, most);
                }
            }
        }
    }
}
