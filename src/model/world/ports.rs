//! Egresses: the ports that fleets demand, and collectors without a port.

use crate::model::blueprint::{Answer, EgressId, EndpointId, FleetId, PoolId};
use crate::model::egress::{Opened, Shortage, Supply, Wanted};
use crate::model::fleet::CatchUpDemand;
use crate::model::moment::{Calendar, Event};
use crate::model::pipeline::remote_write::BACK_OFF_LONGEST_SECONDS;
use crate::model::record::catalogue::Scope;
use crate::model::record::outcome::RecordKind;
use crate::units::SimTime;

use super::World;

impl World<'_> {
    /// Evaluates the ports of every egress that a fleet uses.
    pub(super) fn examine_ports_of(&mut self, fleet: FleetId, calendar: &mut Calendar) {
        let blueprint = self.setting.blueprint;
        let endpoints = blueprint.fleets[fleet].sends_to.iter();
        let via = endpoints.filter_map(|&endpoint| blueprint.endpoints[endpoint].via);
        let mut used: Vec<EgressId> = via.collect();
        used.sort_unstable();
        used.dedup();
        for egress in used {
            self.examine_ports(egress, calendar);
        }
    }

    /// Evaluates the ports to an endpoint that went down or came back. Only an endpoint that
    /// refuses connections changes how many ports are taken.
    pub(super) fn examine_ports_to(&mut self, endpoint: EndpointId, calendar: &mut Calendar) {
        if let Some(egress) = self.setting.blueprint.endpoints[endpoint].via
            && self.endpoints[endpoint].ever_refuses()
        {
            if self.endpoints[endpoint].answer() == Some(Answer::Refused) {
                self.gateways[egress].reset(endpoint, calendar.now());
            }
            self.examine_ports(egress, calendar);
        }
    }

    /// Compares the ports that steady connections demand with those that exist. The newest
    /// collectors get none.
    pub(super) fn examine_ports(&mut self, egress: EgressId, calendar: &mut Calendar) {
        for set in 0..self.gateways[egress].sets() {
            let wanted = self.wanted(egress, set);
            let supply = self.gateways[egress].steady(set, wanted, calendar.now());
            self.starve(egress, set, supply, calendar);
        }
        self.note_ports(egress, calendar);
    }

    /// Records the ports in use and the connections without one. Plans the end of a surge.
    fn note_ports(&mut self, egress: EgressId, calendar: &mut Calendar) {
        let gateway = &mut self.gateways[egress];
        let moment = &mut self.setting.moment(calendar);
        let now = moment.now;
        moment.observer.ports(egress, gateway.in_use());
        match gateway.shortage(now) {
            Some(Shortage::Began(lacking)) => moment.observer.exhausted(egress, now, lacking),
            Some(Shortage::Ended) => {
                let scope = Scope::Egress(egress);
                moment.note(scope, None, RecordKind::PortsRelieved, f64::NAN);
            }
            None => {}
        }
        if let Some(at) = gateway.plan(now) {
            moment.schedule(at, Event::SurgeEnded { egress });
        }
    }

    /// What the steady connections of one set demand.
    fn wanted(&self, egress: EgressId, set: usize) -> Wanted {
        let (mut wanted, mut pools) = (Wanted::default(), Vec::<PoolId>::new());
        let gateway = &self.gateways[egress];
        for &id in gateway.endpoints(set) {
            let endpoint = &self.endpoints[id];
            let (lifetime, answer) = (endpoint.lifetime_seconds, endpoint.answer());
            let each = gateway.ports_per_connection(lifetime, answer, BACK_OFF_LONGEST_SECONDS);
            for fleet in self.setting.blueprint.senders_to(id) {
                let demand = self.fleets[fleet].demand_for_ports(id, each);
                wanted.groups.extend(demand);
                pools.extend(&self.setting.blueprint.fleets[fleet].runs_on);
            }
        }
        pools.sort_unstable();
        pools.dedup();
        let nodes = pools.iter().map(|&pool| f64::from(self.pools[pool].alive));
        wanted.nodes = nodes.sum();
        wanted
    }

    /// Lets only some of the collectors behind a set send.
    fn starve(&mut self, egress: EgressId, set: usize, supply: Supply, calendar: &mut Calendar) {
        for id in self.gateways[egress].endpoints(set).to_vec() {
            let moment = &mut self.setting.moment(calendar);
            let mut demands = Vec::new();
            for fleet in &mut self.fleets {
                demands.extend(fleet.starve((id, &self.endpoints[id]), supply, moment));
            }
            self.work_off(id, &mut demands, calendar);
        }
    }

    /// Finds ports for the connections with which collectors want to work off their backlogs.
    pub(super) fn connect(
        &mut self,
        endpoint: EndpointId,
        demands: &mut [CatchUpDemand],
        now: SimTime,
    ) {
        let Some((egress, set)) = self.set_of(endpoint) else {
            return;
        };
        let (fleets, draw) = (&self.fleets, &self.setting.draw);
        let wanted: Vec<u32> = demands.iter().map(|demand| demand.extra).collect();
        let chance = |at: usize| fleets[demands[at].fleet].dialling(&demands[at], draw);
        let granted = self.gateways[egress].grant((set, endpoint), &wanted, now, chance);
        for (demand, granted) in demands.iter_mut().zip(granted) {
            fleets[demand.fleet].connect(demand, granted, now);
        }
    }

    /// Adds the connections with which fleets work off a backlog, until these are idle and
    /// released.
    pub(super) fn surge(
        &mut self,
        endpoint: EndpointId,
        demands: &[CatchUpDemand],
        calendar: &mut Calendar,
    ) {
        let end = self.setting.grid.end;
        let mut drained = calendar.now();
        let mut opened = Opened::none(endpoint);
        for fleet in self.setting.blueprint.senders_to(endpoint) {
            let before = opened.open;
            for demand in demands.iter().filter(|demand| demand.fleet == fleet) {
                opened.open += f64::from(demand.extra);
                opened.lacking += f64::from(demand.lacking);
                drained = drained.max(self.fleets[fleet].drained_at(demand, end));
            }
            self.fleets[fleet].note_connections(opened.open - before);
        }
        if let Some((egress, set)) = self.set_of(endpoint)
            && opened.is_any()
        {
            let now = calendar.now();
            self.gateways[egress].surge(set, opened, (now, drained));
            self.note_ports(egress, calendar);
        }
    }

    /// Connections of a surge have given their ports back, or need none any more.
    pub(super) fn surge_ended(&mut self, egress: EgressId, calendar: &mut Calendar) {
        if self.gateways[egress].is_due(calendar.now()) {
            self.examine_ports(egress, calendar);
        }
    }

    /// The egress and the set of ports that connections to an endpoint use.
    pub(super) fn set_of(&self, endpoint: EndpointId) -> Option<(EgressId, usize)> {
        let egress = self.setting.blueprint.endpoints[endpoint].via?;
        let set = self.gateways[egress].set_of(endpoint)?;
        Some((egress, set))
    }
}
