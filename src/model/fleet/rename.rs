//! Pods of a Deployment come back under new names, so the ring of their cluster is drawn anew.

use crate::model::blueprint::Controller;
use crate::model::cluster::sharing::{Sharing, Targets};
use crate::model::load::draw::Draw;
use crate::model::moment::Moment;
use crate::model::topology::Assignment;

use super::Fleet;

impl Fleet<'_> {
    /// A pod of a Deployment comes back under a new name: the ring is drawn anew.
    pub(super) fn rename(&mut self, index: u32, draw: &Draw) {
        let Some(group) = self.renamed_group(index) else {
            return;
        };
        let generations = &mut self.groups[group].life.generations;
        *generations.entry(index).or_default() += 1;
        let names = self.names(group);
        self.draw_ring(group, &names, draw);
    }

    /// A new pod joins the ring beside the one that it replaces: the others give it its share.
    pub(super) fn make_room(&mut self, index: u32, moment: &mut Moment<'_>) {
        let now = moment.now;
        let Some(group) = self.renamed_group(index) else {
            return;
        };
        let plan = &self.groups[group];
        let (base, members) = (plan.base, plan.members);
        let next = plan.life.generations.get(&index).copied().unwrap_or(0) + 1;
        let mut names = self.names(group);
        names.push(self.name(index - base, next));
        self.settle_total(now);
        self.draw_ring(group, &names, moment.draw);
        let mut up = self.owners(group, now);
        up.push(true);
        let plan = &self.groups[group];
        let share = |targets: &Option<Targets>| {
            let targets = targets.as_ref();
            targets.map_or(Vec::new(), |targets| targets.shares(&plan.sharing, &up))
        };
        let shares: Vec<Vec<u32>> = plan.targets.iter().map(share).collect();
        for member in (0..members).filter(|&member| base + member != index) {
            let share = |stream: &Vec<u32>| stream.get(member as usize).copied();
            let wanted: Vec<Option<u32>> = shares.iter().map(share).collect();
            self.reweigh(base + member, &wanted, true, moment);
        }
    }

    /// The group whose ring changes when a pod is replaced under a new name.
    fn renamed_group(&self, index: u32) -> Option<usize> {
        let plan = self.plan.blueprint;
        let has_ring = plan.topology.assignment == Assignment::Ring;
        if plan.lifecycle.controller != Controller::Deployment || !has_ring {
            return None;
        }
        self.group_of(index)
    }

    fn names(&self, group: usize) -> Vec<String> {
        let plan = &self.groups[group];
        let generation = |member: u32| plan.life.generations.get(&(plan.base + member));
        (0..plan.members)
            .map(|member| self.name(member, generation(member).copied().unwrap_or(0)))
            .collect()
    }

    /// The name of a pod on the ring, after so many replacements.
    fn name(&self, member: u32, generation: u32) -> String {
        let name = &self.plan.blueprint.name;
        if generation == 0 {
            format!("{name}-{member}")
        } else {
            format!("{name}-{member}-{generation}")
        }
    }

    fn draw_ring(&mut self, group: usize, names: &[String], draw: &Draw) {
        let assignment = self.plan.blueprint.topology.assignment;
        let epoch = self.epoch;
        let plan = &mut self.groups[group];
        plan.sharing = Sharing::new(assignment, names);
        plan.known.clear();
        for targets in plan.targets.iter_mut().flatten() {
            targets.renew(draw, &plan.sharing, epoch);
        }
    }
}
