//! What limited endpoints take of the lines of all fleets.

use crate::model::blueprint::{self, EndpointId};
use crate::model::load::timeline::Timeline;
use crate::model::pipeline::LogRoute;
use crate::units::SimTime;

use super::build::Seed;

impl Seed<'_, '_> {
    /// The routes of a fleet's log lines, with what limited endpoints take of them.
    pub(super) fn log_routes(&self, fleet: &blueprint::Fleet) -> Vec<LogRoute> {
        let mut routes = LogRoute::all_of(fleet, self.endpoints);
        for route in &mut routes {
            if let Some(endpoint) = route.endpoint {
                route.taken = self.taken_of_lines(endpoint);
            }
        }
        routes
    }

    /// From each instant on, what an endpoint takes of all lines that fleets read for it, as a
    /// multiple of them. Empty without a limit.
    fn taken_of_lines(&self, endpoint: EndpointId) -> Vec<(SimTime, f64)> {
        let limits = self.endpoints[endpoint.index()].log_limits();
        let Some(limit) = limits.bytes_per_second else {
            return Vec::new();
        };
        let fleets = self.blueprint.fleets.iter();
        let senders = fleets.filter(|fleet| fleet.sends_to.contains(&endpoint));
        let tailed = senders.flat_map(|fleet| &fleet.logs_of);
        let timelines: Vec<&Timeline> = tailed.map(|id| &self.timelines[id.index()]).collect();
        let cells = (0..self.grid.cells()).map(|cell| self.grid.start_of(cell));
        let edges = timelines
            .iter()
            .flat_map(|timeline| timeline.edges(&self.grid));
        let mut instants: Vec<SimTime> = cells.chain(edges).collect();
        instants.sort_unstable();
        instants.dedup();
        let taken = |at: SimTime| {
            let written = timelines
                .iter()
                .map(|timeline| timeline.log_bytes_at(&self.grid, at));
            (at, limit / written.sum::<f64>().max(f64::MIN_POSITIVE))
        };
        instants.into_iter().map(taken).collect()
    }
}
