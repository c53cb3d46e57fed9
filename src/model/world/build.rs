//! The first instant: every part is built, and every first event is scheduled.

use crate::model::blueprint::{Blueprint, EgressId, EndpointId, FleetId, PoolId};
use crate::model::egress::Gateway;
use crate::model::endpoint::Endpoint;
use crate::model::fleet::{Relays, Seed, deal_all, note_incidents};
use crate::model::load::beyond::Beyond;
use crate::model::load::draw::Draw;
use crate::model::load::timeline::{Grid, Timeline};
use crate::model::moment::{Calendar, Setting};
use crate::model::node::{Application, Pool};
use crate::model::record::catalogue::Scope;
use crate::model::record::observer::{Observer, Recording};

use super::World;

impl<'a> World<'a> {
    /// The world of one draw at its first instant.
    ///
    /// # Errors
    ///
    /// What cannot be counted exactly in this draw.
    pub(super) fn new(
        blueprint: &'a Blueprint,
        grid: Grid,
        mut draw: Draw,
        recording: Recording,
    ) -> Result<Self, Beyond> {
        let pools = blueprint.pools.iter();
        let mut pools: Vec<Pool> = pools
            .map(|pool| Pool::draw(pool, &grid, &mut draw))
            .collect();
        let pool_nodes: Vec<Vec<u32>> = pools.iter().map(|pool| pool.nodes.clone()).collect();
        let workloads = blueprint.workloads.iter();
        let timelines: Vec<Timeline> = workloads
            .map(|workload| Timeline::draw(blueprint, workload, &pool_nodes, &grid, &mut draw))
            .collect();
        let endpoints = blueprint.endpoints.iter();
        let endpoints: Vec<Endpoint<'_>> = endpoints
            .map(|endpoint| Endpoint::draw(endpoint, &grid, &mut draw))
            .collect();
        let seed = Seed {
            blueprint,
            timelines: &timelines,
            pool_nodes: &pool_nodes,
            endpoints: &endpoints,
            grid,
        };
        let fleets = seed.fleets(&mut draw)?;
        for (id, pool) in PoolId::all(pools.len()).zip(&mut pools) {
            let workloads = blueprint.workloads.iter().zip(&timelines);
            let here = workloads.filter(|(workload, _)| workload.runs_on.contains(&id));
            pool.applications = here
                .filter_map(|load| Application::draw(load, id, &pool_nodes, (&grid, &mut draw)))
                .collect();
        }
        let mut observer = Observer::new(blueprint, grid, recording);
        note_incidents((blueprint, grid.end), &timelines, &mut observer);
        let gateway = |id| Gateway::new(&blueprint.egresses[id], reached_via(blueprint, id));
        let gateways = EgressId::all(blueprint.egresses.len()).map(gateway);
        Ok(Self {
            fleets,
            pools,
            endpoints,
            gateways: gateways.collect(),
            relays: Relays::of(blueprint),
            setting: Setting {
                blueprint,
                grid,
                draw,
                observer,
            },
        })
    }

    /// Puts every part that is `here` into its first state, and schedules every first event. Other
    /// parts belong to another world of the same draw.
    pub(super) fn plan_everything(
        &mut self,
        calendar: &mut Calendar,
        here: impl Fn(Scope) -> bool,
    ) {
        // The measured horizon begins before anything else happens at its first instant.
        self.plan_observations(calendar);
        let is_here = |id: &EndpointId| here(Scope::Endpoint(*id));
        for endpoint in EndpointId::all(self.endpoints.len()).filter(is_here) {
            self.plan_outages(endpoint, calendar);
        }
        for fleet in FleetId::all(self.fleets.len()) {
            if here(Scope::Fleet(fleet)) {
                self.plan_fleet(fleet, calendar);
            } else {
                self.fleets[fleet].stay_away();
            }
        }
        let moment = &mut self.setting.moment(calendar);
        deal_all(&mut self.fleets, &mut self.endpoints, moment);
        for egress in EgressId::all(self.gateways.len()).filter(|&id| here(Scope::Egress(id))) {
            self.examine_ports(egress, calendar);
        }
        for pool in PoolId::all(self.pools.len()).filter(|&id| here(Scope::Pool(id))) {
            self.plan_nodes(pool, calendar);
        }
        self.relays.retain(|fleet| here(Scope::Fleet(fleet)));
        self.look_at_relays(calendar);
    }

    fn plan_fleet(&mut self, fleet: FleetId, calendar: &mut Calendar) {
        self.find_room(fleet);
        let facts = self.fleets[fleet].populate(&mut self.setting.moment(calendar));
        self.go_on(fleet, facts, calendar);
        let moment = &mut self.setting.moment(calendar);
        self.fleets[fleet].plan_resize(moment);
        self.fleets[fleet].plan_epoch(moment);
        self.fleets[fleet].plan_scaling(moment);
        self.fleets[fleet].plan_updates(moment);
        self.plan_jobs(fleet, calendar);
    }
}

/// Endpoints whose egress is `egress`.
fn reached_via(blueprint: &Blueprint, egress: EgressId) -> Vec<EndpointId> {
    let via = |endpoint: &EndpointId| blueprint.endpoints[*endpoint].via == Some(egress);
    EndpointId::all(blueprint.endpoints.len())
        .filter(via)
        .collect()
}
