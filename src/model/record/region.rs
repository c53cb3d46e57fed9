//! Parts of a case that share nothing are simulated apart, each over its own simulated time.
//!
//! A warm-up lasts as long as the slowest WAL needs. With one warm-up for all, a fleet would move
//! the rollouts, restarts and drains of every other fleet.

use crate::model::blueprint::{Blueprint, FleetId, WorkloadId};
use crate::model::load::timeline::Grid;
use crate::model::record::catalogue::Scope;
use crate::model::record::outcome::{EventRecords, Layout, Outcome};
use crate::model::wal::{grid_of, grid_with};

/// The regions of a case: each holds what has one warm-up.
#[derive(Clone, Debug)]
pub(in crate::model) struct Regions {
    /// The simulated time of each region, at least one.
    pub(in crate::model) grids: Vec<Grid>,
    /// The region of each scope, in the order of [`Scope::all`].
    scopes: Vec<(Scope, usize)>,
}

impl Regions {
    /// The regions of a case. Most cases have one.
    pub(in crate::model) fn of(blueprint: &Blueprint) -> Self {
        let fleets = FleetId::all(blueprint.fleets.len());
        let grids: Vec<Grid> = fleets
            .clone()
            .map(|id| grid_with(blueprint, &[id]))
            .collect();
        let whole = grid_of(blueprint);
        if grids.iter().all(|grid| *grid == whole) {
            return Self {
                grids: vec![whole],
                scopes: Vec::new(),
            };
        }
        let islands = Islands::of(blueprint);
        let mut regions = Self {
            grids: Vec::new(),
            scopes: Vec::new(),
        };
        for scope in Scope::all(blueprint) {
            let here = islands.of_scope(scope);
            let is_here = |id: &FleetId| islands.of_scope(Scope::Fleet(*id)) == here;
            let inhabitants: Vec<FleetId> = fleets.clone().filter(is_here).collect();
            // What no fleet uses belongs to the region of the first fleet.
            let region = match inhabitants.as_slice() {
                [] => 0,
                some => regions.with(grid_with(blueprint, some)),
            };
            regions.scopes.push((scope, region));
        }
        regions
    }

    /// The region with this simulated time.
    fn with(&mut self, grid: Grid) -> usize {
        let known = self.grids.iter().position(|known| *known == grid);
        known.unwrap_or_else(|| {
            self.grids.push(grid);
            self.grids.len() - 1
        })
    }

    /// The outcome of a draw whose regions have ended, in their order. Each tells of its own scopes.
    pub(in crate::model) fn united(
        &self,
        ended: Vec<(Outcome, EventRecords)>,
        blueprint: &Blueprint,
    ) -> (Outcome, EventRecords) {
        let mut ended = ended.into_iter().enumerate();
        let (_, (mut outcome, mut records)) = ended.next().expect("a case has a region");
        for (region, (other, others)) in ended {
            let is_own = |scope| self.region_of(scope) == region;
            outcome.adopt(&other, &Layout::of(blueprint), is_own);
            records.rows.retain(|row| !is_own(row.scope));
            let own = others.rows.into_iter().filter(|row| is_own(row.scope));
            records.rows.extend(own);
            records.rows.sort_by_key(|row| row.at);
            records.omitted += others.omitted;
        }
        (outcome, records)
    }

    /// The region of a scope.
    pub(in crate::model) fn region_of(&self, scope: Scope) -> usize {
        let found = self.scopes.iter().find(|(known, _)| *known == scope);
        found.map_or(0, |(_, region)| *region)
    }
}

/// The parts of a blueprint, with one number for all that share anything.
struct Islands {
    /// Pools, workloads, fleets, endpoints, egresses.
    islands: Vec<usize>,
    /// Where each kind begins, in that order.
    first: [usize; 5],
}

impl Islands {
    fn of(blueprint: &Blueprint) -> Self {
        let counts = [
            blueprint.pools.len(),
            blueprint.workloads.len(),
            blueprint.fleets.len(),
            blueprint.endpoints.len(),
            blueprint.egresses.len(),
        ];
        let mut first = [0; 5];
        for kind in 1..5 {
            first[kind] = first[kind - 1] + counts[kind - 1];
        }
        let parts: usize = counts.iter().sum();
        let mut all = Self {
            islands: (0..parts).collect(),
            first,
        };
        let [pools, workloads, fleets, endpoints, egresses] = first;
        for (number, workload) in blueprint.workloads.iter().enumerate() {
            let beside = workload.runs_on.iter().map(|id| pools + id.index());
            all.join(workloads + number, beside);
        }
        for (number, fleet) in blueprint.fleets.iter().enumerate() {
            let place = |id: &WorkloadId| workloads + id.index();
            let below = fleet.runs_on.iter().map(|id| pools + id.index());
            let metrics = fleet.metrics_of.iter().map(place);
            let logs = fleet.logs_of.iter().map(place);
            let pushed = fleet.traces_of.iter().chain(&fleet.profiles_of);
            let logs = logs.chain(pushed.map(place));
            let to = fleet.sends_to.iter().map(|id| endpoints + id.index());
            all.join(fleets + number, below.chain(metrics).chain(logs).chain(to));
        }
        for (number, endpoint) in blueprint.endpoints.iter().enumerate() {
            let via = endpoint.via.iter().map(|id| egresses + id.index());
            let behind = endpoint.backend.iter().map(|id| fleets + id.index());
            all.join(endpoints + number, via.chain(behind));
        }
        all
    }

    /// Makes one island of a part and of others.
    fn join(&mut self, part: usize, others: impl Iterator<Item = usize>) {
        for other in others {
            let (here, there) = (self.islands[part], self.islands[other]);
            for island in &mut self.islands {
                if *island == there {
                    *island = here;
                }
            }
        }
    }

    fn of_scope(&self, scope: Scope) -> usize {
        let [pools, _, fleets, endpoints, egresses] = self.first;
        self.islands[match scope {
            Scope::Fleet(id) => fleets + id.index(),
            Scope::Pool(id) => pools + id.index(),
            Scope::Endpoint(id) => endpoints + id.index(),
            Scope::Egress(id) => egresses + id.index(),
        }]
    }
}
