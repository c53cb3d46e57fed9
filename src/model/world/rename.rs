//! Pods of a Deployment come back under new names, so the ring of their cluster is drawn anew.

use crate::model::blueprint::Controller;
use crate::model::cluster::sharing::{Sharing, Targets};
use crate::model::topology::Assignment;

use super::World;

impl World<'_> {
    /// A pod of a Deployment comes back under a new name: the ring is drawn anew.
    pub(super) fn rename(&mut self, fleet: usize, index: u32) {
        let Some(group) = self.renamed_group(fleet, index) else {
            return;
        };
        let generations = &mut self.fleets[fleet].groups[group].life.generations;
        *generations.entry(index).or_default() += 1;
        let names = self.names(fleet, group);
        self.draw_ring(fleet, group, &names);
    }

    /// A new pod joins the ring beside the one that it replaces: the others give it its share.
    pub(super) fn make_room(&mut self, fleet: usize, index: u32, now: u64) {
        let Some(group) = self.renamed_group(fleet, index) else {
            return;
        };
        let plan = &self.fleets[fleet].groups[group];
        let (base, members) = (plan.base, plan.members);
        let next = plan.life.generations.get(&index).copied().unwrap_or(0) + 1;
        let mut names = self.names(fleet, group);
        names.push(self.name(fleet, index - base, next));
        self.fleets[fleet].settle_total(now);
        self.draw_ring(fleet, group, &names);
        let mut up = self.owners(fleet, group, now);
        up.push(true);
        let plan = &self.fleets[fleet].groups[group];
        let share = |targets: &Option<Targets>| {
            let targets = targets.as_ref();
            targets.map_or(Vec::new(), |targets| targets.shares(&plan.sharing, &up))
        };
        let shares: Vec<Vec<u32>> = plan.targets.iter().map(share).collect();
        for member in (0..members).filter(|&member| base + member != index) {
            let share = |stream: &Vec<u32>| stream.get(member as usize).copied();
            let wanted: Vec<Option<u32>> = shares.iter().map(share).collect();
            self.reweigh((fleet, base + member), &wanted, true, now);
        }
    }

    /// The group whose ring changes when a pod is replaced under a new name.
    fn renamed_group(&self, fleet: usize, index: u32) -> Option<usize> {
        let plan = &self.blueprint.fleets[fleet];
        let has_ring = plan.topology.assignment == Assignment::Ring;
        if plan.lifecycle.controller != Controller::Deployment || !has_ring {
            return None;
        }
        self.group_of(fleet, index)
    }

    fn names(&self, fleet: usize, group: usize) -> Vec<String> {
        let plan = &self.fleets[fleet].groups[group];
        let generation = |member: u32| plan.life.generations.get(&(plan.base + member));
        (0..plan.members)
            .map(|member| self.name(fleet, member, generation(member).copied().unwrap_or(0)))
            .collect()
    }

    /// The name of a pod on the ring, after so many replacements.
    fn name(&self, fleet: usize, member: u32, generation: u32) -> String {
        let name = &self.blueprint.fleets[fleet].name;
        if generation == 0 {
            format!("{name}-{member}")
        } else {
            format!("{name}-{member}-{generation}")
        }
    }

    fn draw_ring(&mut self, fleet: usize, group: usize, names: &[String]) {
        let assignment = self.blueprint.fleets[fleet].topology.assignment;
        let state = &mut self.fleets[fleet];
        let epoch = state.epoch;
        let plan = &mut state.groups[group];
        plan.sharing = Sharing::new(assignment, names);
        plan.known.clear();
        for targets in plan.targets.iter_mut().flatten() {
            targets.renew(&self.draw, &plan.sharing, epoch);
        }
    }
}
