//! Fleets that send to fleets: edges, gateways, endpoints.

use super::signal::Signal;
use super::{Blueprint, EndpointId, FleetId};

/// A fleet that sends to another one, through an endpoint that the other one stands behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Client {
    /// The fleet that sends.
    pub fleet: FleetId,
    /// The endpoint that it sends to.
    pub endpoint: EndpointId,
    /// What it sends there.
    pub signal: Signal,
}

impl Blueprint {
    /// The fleets that send to a fleet.
    pub fn clients(&self, fleet: FleetId) -> Vec<Client> {
        let endpoints = EndpointId::all(self.endpoints.len());
        let here = endpoints.filter(|&id| self.endpoints[id].backend == Some(fleet));
        let clients = |endpoint: EndpointId| {
            let signal = self.endpoints[endpoint].signal;
            self.senders_to(endpoint).map(move |fleet| Client {
                fleet,
                endpoint,
                signal,
            })
        };
        here.flat_map(clients).collect()
    }

    /// The fleets that send to an endpoint.
    pub fn senders_to(&self, endpoint: EndpointId) -> impl Iterator<Item = FleetId> {
        let fleets = FleetId::all(self.fleets.len());
        fleets.filter(move |&id| self.fleets[id].sends_to.contains(&endpoint))
    }

    /// Fleets that others send to, each after all that send to it. A fleet that sends to itself, directly
    /// or through others, is missing.
    pub fn gateways(&self) -> Vec<FleetId> {
        let fleets = FleetId::all(self.fleets.len());
        let (mut open, mut known): (Vec<_>, Vec<_>) =
            fleets.partition(|&id| !self.clients(id).is_empty());
        let mut gateways = Vec::new();
        loop {
            let is_ready = |id: &FleetId| {
                let clients = self.clients(*id);
                clients.iter().all(|client| known.contains(&client.fleet))
            };
            let (ready, rest): (Vec<_>, Vec<_>) = open.into_iter().partition(is_ready);
            if ready.is_empty() {
                return gateways;
            }
            known.extend(&ready);
            gateways.extend(ready);
            open = rest;
        }
    }
}
