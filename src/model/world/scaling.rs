//! Autoscalers, and room for their replicas on the nodes of a pool.

use crate::model::autoscale::Room;
use crate::model::blueprint::{ClusterId, FleetId, PoolId, Requests};
use crate::model::moment::Calendar;

use super::World;
use crate::units::SimTime;

impl World<'_> {
    /// The utilisation of the replicas of a cluster is measured.
    pub(super) fn usage_measured(
        &mut self,
        fleet: FleetId,
        cluster: ClusterId,
        calendar: &mut Calendar,
    ) {
        let room = self.room(fleet, cluster, calendar.now());
        let moment = &mut self.setting.moment(calendar);
        let facts = self.fleets[fleet].measure_usage(cluster, room, moment);
        self.go_on(fleet, facts, calendar);
    }

    /// The autoscaler of a cluster sees what was measured one lag ago.
    pub(super) fn replicas_reviewed(
        &mut self,
        fleet: FleetId,
        cluster: ClusterId,
        calendar: &mut Calendar,
    ) {
        let room = self.room(fleet, cluster, calendar.now());
        let moment = &mut self.setting.moment(calendar);
        let facts = self.fleets[fleet].review_replicas(cluster, room, moment);
        self.go_on(fleet, facts, calendar);
    }

    /// Room for replicas of a cluster of a fleet; `None` on machines of their own.
    pub(super) fn room(&self, fleet: FleetId, cluster: ClusterId, now: SimTime) -> Option<Room> {
        let pool = self.fleets[fleet].home_of(cluster)?;
        Some(self.room_on(pool, fleet, now))
    }

    /// Room for collectors of a fleet on the nodes of a pool.
    ///
    /// Simplified: requests are spread evenly over the nodes of the pool. An added node has room
    /// for at least one replica.
    fn room_on(&self, pool: PoolId, fleet: FleetId, now: SimTime) -> Room {
        let plan = &self.setting.blueprint.fleets[fleet];
        let blueprint = &self.setting.blueprint.pools[pool];
        let nodes = f64::from(self.pools[pool].nodes_at(self.setting.grid.cell_at(now)))
            / f64::from(blueprint.clusters);
        let over = (f64::from(blueprint.clusters), nodes.max(1.0));
        let (mut daemons, mut others) = (Requests::default(), Requests::default());
        let but_own = self.fleets.iter().filter(|other| other.id() != fleet);
        for other in but_own {
            daemons = daemons + other.requested_by_daemons(pool);
            others = others + other.requested_by_replicas(pool, over);
        }
        let cell = self.setting.grid.cell_at(now);
        let applications = self.pools[pool].requests(cell);
        let fits = |taken| blueprint.node.fits(&plan.resources, taken);
        Room {
            here: capped(fits(applications + daemons + others) * nodes.floor()),
            per_node: capped(fits(daemons)).max(1),
        }
    }

    /// Finds out which collectors of a fleet have room at the first instant. An autoscaled fleet
    /// gets the nodes that it lacks, if a replica fits an empty one.
    ///
    /// Simplified: collectors request their room once, after applications and all other fleets.
    pub(super) fn find_room(&mut self, fleet: FleetId) {
        let plan = &self.setting.blueprint.fleets[fleet];
        let pools = self.fleets[fleet].asks_for_room().into_iter();
        let room = pools.map(|pool| {
            let Some(pool) = pool else { return u32::MAX };
            let node = &self.setting.blueprint.pools[pool].node;
            let is_scaled = plan.autoscaling.is_some();
            if is_scaled && node.fits(&plan.resources, Requests::default()) >= 1.0 {
                return u32::MAX;
            }
            self.room_on(pool, fleet, SimTime::ZERO).here
        });
        let room: Vec<u32> = room.collect();
        self.fleets[fleet].set_room(&room);
    }
}

/// A whole number of replicas, at most the greatest `u32`.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "casts saturate"
)]
fn capped(value: f64) -> u32 {
    value.max(0.0) as u32
}
