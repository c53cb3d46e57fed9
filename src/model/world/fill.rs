//! The memory of nodes shared by applications and collectors, and OOM kills when it runs out.

use std::mem::take;

use crate::model::blueprint::{FleetId, PoolId};
use crate::model::moment::Calendar;
use crate::model::node::{Member, NodeTotals, Occupants, PoolTally};
use crate::model::record::catalogue::Scope;
use crate::model::record::outcome::RecordKind;
use crate::units::{SimTime, small};

use super::World;

impl World<'_> {
    /// Evaluates the memory of the node of a collector that has just started.
    pub(super) fn examine_memory_of(
        &mut self,
        fleet: FleetId,
        index: u32,
        calendar: &mut Calendar,
    ) {
        if let Some((pool, node)) = self.node_of(fleet, index)
            && self.pools[pool].is_examined()
        {
            self.fill_memory(pool, node, calendar);
        }
    }

    /// Evaluates the memory of the nodes that may be full, or fuller than any before.
    pub(super) fn examine_memory(
        &mut self,
        pool: PoolId,
        demands: &NodeTotals,
        calendar: &mut Calendar,
    ) {
        let capacity = self.setting.blueprint.pools[pool].node.memory.as_f64();
        let applications = self.application_memory(pool, calendar.now());
        let least = |tally: &PoolTally| tally.memory_peak_ratio.min(1.0);
        let mut seen = least(&self.pools[pool].tally);
        for node in 0..demands.nodes() {
            if (demands.held(node) + applications) / capacity > seen {
                self.fill_memory(pool, small(node), calendar);
                seen = least(&self.pools[pool].tally);
            }
        }
    }

    /// Kills the first victim of a node that is out of memory. Bounds decide where they can. The
    /// exact memory of each collector is not computed for a node that is surely full, and surely no
    /// fuller than others were.
    fn fill_memory(&mut self, pool: PoolId, node: u32, calendar: &mut Calendar) {
        let now = calendar.now();
        let mut occupants = take(&mut self.pools[pool].occupants);
        let mut least = self.gather(pool, node, now, &mut occupants);
        let applications = self.application_memory(pool, now);
        let capacity = self.setting.blueprint.pools[pool].node.memory.as_f64();
        let ratio = |collectors: f64| (collectors + applications) / capacity;
        let most = ratio(occupants.bytes());
        let seen = self.pools[pool].tally.memory_peak_ratio;
        if most > seen || (most > 1.0 && ratio(least) <= 1.0) {
            occupants.measure_all(self.measure(now));
            least = occupants.bytes();
            self.pools[pool].tally.memory_peak_ratio = seen.max(ratio(least));
        }
        if ratio(least) > 1.0 {
            self.run_out(pool, node, &mut occupants, calendar);
        }
        self.pools[pool].occupants = occupants;
    }

    /// The kernel kills a container on a node that is out of memory.
    fn run_out(
        &mut self,
        pool: PoolId,
        node: u32,
        occupants: &mut Occupants,
        calendar: &mut Calendar,
    ) {
        let now = calendar.now();
        self.pools[pool].tally.node_ooms += 1;
        self.setting.observer.node_oom(pool, now);
        let capacity = self.setting.blueprint.pools[pool].node.memory;
        let application =
            self.pools[pool].application_score(self.setting.grid.cell_at(now), capacity);
        let victim = occupants.victim(capacity.as_f64(), application, self.measure(now));
        if let Some((fleet, index)) = victim {
            let moment = &mut self.setting.moment(calendar);
            self.fleets[fleet].kill(index, RecordKind::NodeOomKilled, moment);
        } else {
            self.pools[pool].tally.app_kills += 1;
            occupants.measure_all(self.measure(now));
            let used = occupants.bytes() + self.application_memory(pool, now);
            let moment = &mut self.setting.moment(calendar);
            moment.note(Scope::Pool(pool), Some(node), RecordKind::AppKilled, used);
        }
    }

    /// Gathers upper bounds of the memory of the collectors on a node. Returns the lower bound of
    /// their memory together.
    fn gather(&self, pool: PoolId, node: u32, now: SimTime, occupants: &mut Occupants) -> f64 {
        let blueprint = self.setting.blueprint;
        let capacity = blueprint.pools[pool].node.memory;
        let nodes = self.pools[pool].alive;
        occupants.members.clear();
        let mut least = 0.0;
        for fleet in &self.fleets {
            for run in fleet.runs_on(pool, blueprint) {
                fleet.gather((run, node, nodes), (now, capacity), occupants, &mut least);
            }
        }
        least
    }

    /// Makes the memory of a collector exact.
    fn measure(&self, now: SimTime) -> impl Fn(&mut Member) {
        move |member| self.fleets[member.fleet].measure_member(member, now)
    }

    /// Bytes that the applications of one node of a pool use.
    fn application_memory(&self, pool: PoolId, now: SimTime) -> f64 {
        self.pools[pool].application_memory(self.setting.grid.cell_at(now))
    }
}
