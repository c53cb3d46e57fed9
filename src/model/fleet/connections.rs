//! Connections to endpoints.

use std::collections::BTreeMap;

use crate::model::blueprint::EndpointId;
use crate::model::egress::{Group, PortsEach};
use crate::units::floor;

use super::Fleet;

/// Bound of the largest collector over the mean, above which each collector is computed.
const UNEVEN: f64 = 32.0;

impl Fleet<'_> {
    /// Steady connections of the collectors of a fleet to one endpoint: how many collectors have
    /// how many.
    fn connections(&self, endpoint: EndpointId) -> BTreeMap<u32, u32> {
        let alive = self.alive();
        let mut ways = self.pipelines.metrics.routes.iter();
        let Some(way) = ways.find(|way| way.endpoint == Some(endpoint)) else {
            // The endpoint takes another signal.
            return BTreeMap::from([(1, alive)]);
        };
        let sender = &way.sender;
        if sender.settings.http2 {
            return BTreeMap::from([(1, alive)]);
        }
        let segment = self.plan.resident.driver.segment(self.carried.settled);
        let mean = self.total().volume(segment).rate / f64::from(alive.max(1));
        let least = sender.steady_shards(0.0);
        if sender.steady_shards(mean * UNEVEN) == least {
            return BTreeMap::from([(sender.connections(least), alive)]);
        }
        let mut counts = BTreeMap::new();
        for index in self.existing() {
            let inflow = self.feed(index).volume(segment).rate;
            let shards = sender.steady_shards(inflow);
            *counts.entry(sender.connections(shards)).or_default() += 1;
        }
        counts
    }

    /// Demand of the steady connections of a fleet to one endpoint. Each takes so many ports.
    pub(in crate::model) fn demand_for_ports(
        &self,
        endpoint: EndpointId,
        ports: PortsEach,
    ) -> impl Iterator<Item = Group> {
        let counts = self.connections(endpoint).into_iter();
        counts.map(move |(connections, collectors)| Group {
            collectors: f64::from(collectors),
            connections: f64::from(connections),
            ports,
        })
    }

    /// Steady connections of a fleet to all its endpoints.
    pub(super) fn all_connections(&self) -> f64 {
        let endpoints = self.plan.blueprint.sends_to.iter();
        let counts = endpoints.flat_map(|&endpoint| self.connections(endpoint));
        let all = counts.map(|(each, collectors)| f64::from(each) * f64::from(collectors));
        all.sum()
    }

    /// Notes the connections of a fleet: its steady ones and `extra` ones.
    pub(in crate::model) fn note_connections(&mut self, extra: f64) {
        let open = u64::from(floor(self.all_connections() + extra));
        let tally = &mut self.tally;
        tally.connections_peak = tally.connections_peak.max(open);
    }
}
