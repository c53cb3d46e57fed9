//! Connections to endpoints.

use crate::model::blueprint::EndpointId;
use crate::units::floor;

use super::Fleet;

/// Bound of the largest collector over the mean, above which each collector is computed.
const UNEVEN: f64 = 32.0;

impl Fleet<'_> {
    /// Steady connections of a fleet to one endpoint.
    pub(in crate::model) fn connections(&self, endpoint: EndpointId) -> f64 {
        let alive = self.alive();
        let mut ways = self.pipelines.metrics.routes.iter();
        let Some(way) = ways.find(|way| way.endpoint == Some(endpoint)) else {
            // The endpoint takes another signal.
            return f64::from(alive);
        };
        let sender = &way.sender;
        if sender.settings.http2 {
            return f64::from(alive);
        }
        let segment = self.plan.resident.driver.segment(self.carried.settled);
        let mean = self.total().volume(segment).rate / f64::from(alive.max(1));
        let least = sender.steady_shards(0.0);
        if sender.steady_shards(mean * UNEVEN) == least {
            return f64::from(alive) * f64::from(sender.connections(least));
        }
        let shards = |index: u32| {
            let inflow = self.feed(index).volume(segment).rate;
            f64::from(sender.connections(sender.steady_shards(inflow)))
        };
        self.existing().into_iter().map(shards).sum()
    }

    /// Steady connections of a fleet to all its endpoints.
    pub(super) fn all_connections(&self) -> f64 {
        let endpoints = self.plan.blueprint.sends_to.iter();
        endpoints.map(|&endpoint| self.connections(endpoint)).sum()
    }

    /// Notes the connections of a fleet: its steady ones and `extra` ones.
    pub(in crate::model) fn note_connections(&mut self, extra: f64) {
        let open = u64::from(floor(self.all_connections() + extra));
        let tally = &mut self.tally;
        tally.connections_peak = tally.connections_peak.max(open);
    }
}
