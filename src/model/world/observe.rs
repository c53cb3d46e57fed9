//! Points of the tracks, and the start of the measured horizon.

use crate::model::blueprint::{EgressId, PoolId};
use crate::model::moment::{Calendar, Event};
use crate::model::record::outcome::TRACK_POINTS;
use crate::units::small;

use super::World;

impl World<'_> {
    /// Schedules the start of the measured horizon, and the points of the tracks after the first.
    pub(super) fn plan_observations(&self, calendar: &mut Calendar) {
        calendar.schedule(self.setting.grid.warm_up, Event::HorizonBegan);
        for point in 1..TRACK_POINTS {
            let at = self.setting.observer.instant(point);
            let point = small(point);
            calendar.schedule(at, Event::Observed { point });
        }
    }

    /// Records a point of the tracks.
    pub(super) fn observed(&mut self, point: usize, calendar: &mut Calendar) {
        let moment = &mut self.setting.moment(calendar);
        for fleet in &mut self.fleets {
            fleet.observe(point, moment);
        }
        let observer = &mut self.setting.observer;
        for (egress, gateway) in EgressId::all(self.gateways.len()).zip(&self.gateways) {
            observer.egress_point(egress, point, gateway.in_use());
        }
        for (pool, state) in PoolId::all(self.pools.len()).zip(&self.pools) {
            observer.pool_point(pool, point, state.is_examined());
        }
    }

    /// The measured horizon begins. Counts of the warm-up are reset. The first point of the tracks
    /// follows what else happens at this instant, such as pods that come: it shows the horizon.
    pub(super) fn begin_horizon(&mut self, calendar: &mut Calendar) {
        let now = calendar.now();
        for fleet in &mut self.fleets {
            fleet.begin_horizon(now);
        }
        self.setting.observer.begin_horizon(calendar.now());
        for pool in &mut self.pools {
            pool.begin_horizon();
        }
        for egress in EgressId::all(self.gateways.len()) {
            self.gateways[egress].begin_horizon();
            // Ports that ran out in the warm-up are still out.
            self.examine_ports(egress, calendar);
        }
        calendar.schedule(now, Event::Observed { point: 0 });
    }
}
