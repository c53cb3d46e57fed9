//! Egresses: the ports that fleets demand, and collectors without a port.

use crate::model::blueprint::{EgressId, EndpointId, FleetId, PoolId};
use crate::model::egress::{Shortage, Wanted};
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
            self.examine_ports(egress, calendar);
        }
    }

    /// Compares the ports that steady connections demand with those that exist. The newest
    /// collectors get none.
    pub(super) fn examine_ports(&mut self, egress: EgressId, calendar: &mut Calendar) {
        let mut lacking = 0.0_f64;
        for set in 0..self.gateways[egress].sets() {
            let wanted = Wanted {
                ports: self.steady_ports(egress, set),
                nodes: self.nodes_behind(egress, set),
            };
            let supply = self.gateways[egress].steady(set, wanted, calendar.now());
            lacking = lacking.max(supply.lacking);
            self.setting.observer.ports(egress, supply.in_use);
            self.starve(egress, set, supply.share, calendar);
        }
        self.note_lacking(egress, lacking, calendar);
    }

    fn note_lacking(&mut self, egress: EgressId, lacking: f64, calendar: &mut Calendar) {
        let moment = &mut self.setting.moment(calendar);
        let now = moment.now;
        match self.gateways[egress].block(lacking, now) {
            Some(Shortage::Began) => moment.observer.exhausted(egress, now, lacking),
            Some(Shortage::Ended) => {
                moment.note(
                    Scope::Egress(egress),
                    None,
                    RecordKind::PortsRelieved,
                    f64::NAN,
                );
            }
            None => {}
        }
    }

    /// Ports that the steady connections of one set take, with ports held after a close.
    fn steady_ports(&self, egress: EgressId, set: usize) -> f64 {
        let gateway = &self.gateways[egress];
        let ports = |&id: &EndpointId| {
            let endpoint = &self.endpoints[id];
            let lifetime = endpoint.lifetime_seconds;
            let (answer, retry) = (endpoint.answer(), BACK_OFF_LONGEST_SECONDS);
            let senders = self.senders_to(id).into_iter();
            let connections = |fleet: FleetId| self.fleets[fleet].connections(id);
            gateway.ports_per_connection(lifetime, answer, retry)
                * senders.map(connections).sum::<f64>()
        };
        gateway.endpoints(set).iter().map(ports).sum()
    }

    /// Nodes whose collectors send through a set.
    fn nodes_behind(&self, egress: EgressId, set: usize) -> f64 {
        let mut pools: Vec<PoolId> = Vec::new();
        for &endpoint in self.gateways[egress].endpoints(set) {
            for fleet in self.senders_to(endpoint) {
                pools.extend(&self.setting.blueprint.fleets[fleet].runs_on);
            }
        }
        pools.sort_unstable();
        pools.dedup();
        let nodes = pools.iter().map(|&pool| f64::from(self.pools[pool].alive));
        nodes.sum()
    }

    /// Fleets that send to an endpoint.
    pub(super) fn senders_to(&self, endpoint: EndpointId) -> Vec<FleetId> {
        let fleets = &self.setting.blueprint.fleets;
        let sends = |&fleet: &FleetId| fleets[fleet].sends_to.contains(&endpoint);
        FleetId::all(fleets.len()).filter(sends).collect()
    }

    /// Lets only the first `share` of the collectors behind a set send.
    fn starve(&mut self, egress: EgressId, set: usize, share: f64, calendar: &mut Calendar) {
        for id in self.gateways[egress].endpoints(set).to_vec() {
            let moment = &mut self.setting.moment(calendar);
            let mut demands = Vec::new();
            for fleet in &mut self.fleets {
                demands.extend(fleet.starve((id, &self.endpoints[id]), share, moment));
            }
            self.work_off(id, &demands, calendar);
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
        let mut extra = 0.0;
        for fleet in self.senders_to(endpoint) {
            let own = demands.iter().filter(|demand| demand.fleet == fleet);
            let own: f64 = own
                .map(|demand| self.fleets[fleet].extra_connections(demand))
                .sum();
            self.fleets[fleet].note_connections(own);
            extra += own;
        }
        let Some((egress, set)) = self.set_of(endpoint) else {
            return;
        };
        if extra <= 0.0 {
            return;
        }
        let drained = demands
            .iter()
            .map(|demand| self.fleets[demand.fleet].drained_at(demand));
        let drained = drained.fold(calendar.now(), SimTime::max);
        let sharers = if self.gateways[egress].is_per_node() {
            self.nodes_behind(egress, set).max(1.0)
        } else {
            1.0
        };
        let end = self.setting.grid.end;
        let ends = self.gateways[egress].surge(set, extra / sharers, drained, end);
        self.peak_of_surge(egress, calendar);
        calendar.schedule(ends, Event::SurgeEnded { egress });
    }

    /// A surge adds to the peak and blocks new connections. A surge takes no port from an open
    /// connection.
    fn peak_of_surge(&mut self, egress: EgressId, calendar: &mut Calendar) {
        let mut lacking = 0.0_f64;
        for set in 0..self.gateways[egress].sets() {
            let supply = self.gateways[egress].peak_of_surge(set, calendar.now());
            lacking = lacking.max(supply.lacking);
            self.setting.observer.ports(egress, supply.in_use);
        }
        self.note_lacking(egress, lacking, calendar);
    }

    /// The last connections of a surge have given their ports back.
    pub(super) fn surge_ended(&mut self, egress: EgressId, calendar: &mut Calendar) {
        if self.gateways[egress].end_surge(calendar.now()) {
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
