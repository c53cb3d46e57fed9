//! Outages of endpoints, and the drains of backlogs after them.

use crate::model::blueprint::EndpointId;
use crate::model::fleet::{CatchUpDemand, deal, work_off};
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
        for fleet in &mut self.fleets {
            fleet.stall_spans_to(endpoint, moment);
        }
        if !self.endpoints[endpoint].go_down(moment.now) {
            return;
        }
        let backend = &self.endpoints[endpoint];
        for fleet in &mut self.fleets {
            fleet.stall_route_to((endpoint, backend), moment.now);
            fleet.block_logs_to(endpoint, moment);
            fleet.block_profiles_to(endpoint, moment);
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
            fleet.release_logs_to(endpoint, moment);
            fleet.release_profiles_to(endpoint, moment);
        }
        self.work_off(endpoint, &mut demands, calendar);
    }

    /// Collectors that can send to an endpoint again work off their backlogs, as fast as ports and
    /// the endpoint let them.
    pub(super) fn work_off(
        &mut self,
        endpoint: EndpointId,
        demands: &mut [CatchUpDemand],
        calendar: &mut Calendar,
    ) {
        self.connect(endpoint, demands, calendar.now());
        let backend = (endpoint, &mut self.endpoints[endpoint]);
        let moment = &mut self.setting.moment(calendar);
        work_off(&mut self.fleets, backend, demands, moment);
        self.surge(endpoint, demands, calendar);
    }

    /// An endpoint deals its capacity among its senders.
    pub(super) fn capacity_dealt(&mut self, endpoint: EndpointId, calendar: &mut Calendar) {
        let backend = &mut self.endpoints[endpoint];
        // A deal that was planned before the last one is off.
        if backend.next_deal() == calendar.now() {
            let moment = &mut self.setting.moment(calendar);
            deal(&mut self.fleets, (endpoint, backend), moment);
        }
    }
}
