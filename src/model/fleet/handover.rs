//! Who counts as an owner of targets, and what a short absence leaves behind.

use crate::model::cluster::sharing::Targets;
use crate::model::load::driver::weight_value;
use crate::model::moment::Moment;
use crate::model::pipeline::Kind;
use crate::model::process::collector::{Collector, Life};
use crate::model::topology::Assignment;
use crate::model::wal::HeldBack;

use super::Fleet;
use super::bootstrap::Readiness;
use super::facts::Facts;

impl Fleet<'_> {
    /// Nanoseconds between two scrapes of the targets that are scraped most often.
    pub(super) fn shortest_interval(&self) -> u64 {
        let counted = self
            .plan
            .streams
            .iter()
            .filter(|stream| stream.kind == Kind::Metrics);
        counted.map(|stream| stream.interval).min().unwrap_or(0)
    }
}

impl Fleet<'_> {
    /// Whether a collector owns targets at `now`: those that others have not yet taken over from one
    /// that is gone are still its own, and missed.
    fn owns(collector: &Collector, assignment: Assignment, now: u64) -> bool {
        match collector.life {
            Life::Up => true,
            // Hashmod does not notice who is away.
            Life::Down => assignment == Assignment::Hashmod || now < collector.taken_at,
            Life::Absent => false,
        }
    }

    /// Share of every member in every stream that is shared out; empty for the others. `None` if
    /// nobody owns anything: then nothing changes hands.
    pub(super) fn shares(&mut self, group: usize, now: u64) -> Option<Vec<Vec<u32>>> {
        let owners = self.owners(group, now);
        self.shares_among(group, owners)
    }

    /// The shares as if a member owned targets, or did not.
    fn shares_as_if(
        &mut self,
        group: usize,
        (member, owns): (usize, bool),
        now: u64,
    ) -> Option<Vec<Vec<u32>>> {
        let mut owners = self.owners(group, now);
        owners[member] = owns;
        self.shares_among(group, owners)
    }

    /// Which members of a group own targets.
    pub(super) fn owners(&self, group: usize, now: u64) -> Vec<bool> {
        let assignment = self.plan.blueprint.topology.assignment;
        let first = self.groups[group].base as usize;
        let members = &self.collectors[first..][..self.groups[group].members as usize];
        let owns = |collector| Self::owns(collector, assignment, now);
        members.iter().map(owns).collect()
    }

    fn shares_among(&mut self, group: usize, owners: Vec<bool>) -> Option<Vec<Vec<u32>>> {
        if !owners.contains(&true) {
            return None;
        }
        let plan = &mut self.groups[group];
        if let Some(shares) = plan.known.get(&owners) {
            return Some(shares.clone());
        }
        let share = |targets: &Option<Targets>| {
            let targets = targets.as_ref();
            targets.map_or(Vec::new(), |targets| targets.shares(&plan.sharing, &owners))
        };
        let shares: Vec<Vec<u32>> = plan.targets.iter().map(share).collect();
        plan.known.insert(owners, shares.clone());
        Some(shares)
    }

    /// Targets move back to a collector that is in service again. Of an absence shorter than an
    /// interval only those leave series behind that their new owners came to scrape.
    pub(in crate::model) fn hand_back(&mut self, index: u32, moment: &mut Moment<'_>) -> Facts {
        let Some(group) = self.group_of(index) else {
            return Facts::default();
        };
        let now = moment.now;
        let interval = self.shortest_interval();
        let taken_at = self.collectors[index as usize].taken_at;
        let owned_from = taken_at.saturating_sub(interval / 2);
        let scraped = now.saturating_sub(owned_from) as f64 / interval.max(1) as f64;
        let readiness = self.groups[group].life.readiness;
        let was_waiting = matches!(readiness, Readiness::NotReady { .. });
        if taken_at == 0 || scraped >= 1.0 || was_waiting {
            return self.rebalance(group, moment);
        }
        // All or nothing has moved until now; what moved in truth is in between.
        let moved_by_now = if now < taken_at { 0.0 } else { 1.0 };
        let base = self.groups[group].base;
        let member = (index - base) as usize;
        let with = self.shares_as_if(group, (member, true), now);
        let without = self.shares_as_if(group, (member, false), now);
        let facts = self.rebalance(group, moment);
        let (Some(with), Some(without)) = (with, without) else {
            return facts;
        };
        for other in 0..self.groups[group].members {
            let gain = |stream: usize| {
                let of = |shares: &[Vec<u32>]| {
                    let share = shares[stream].get(other as usize).copied();
                    weight_value(share.unwrap_or(0))
                };
                (of(&without) - of(&with)).max(0.0) * (scraped - moved_by_now)
            };
            let gains: Vec<f64> = (0..with.len()).map(gain).collect();
            if base + other != index && self.leave_behind(base + other, &gains, now) {
                self.replan_memory(base + other, moment);
            }
        }
        facts
    }

    /// Changes what a collector holds of series that have moved on; returns whether anything changed.
    fn leave_behind(&mut self, index: u32, gains: &[f64], now: u64) -> bool {
        let truncation = self.plan.resident.truncation();
        let is_up = self.collectors[index as usize].life == Life::Up;
        if !is_up || truncation.every == 0 || gains.iter().all(|&gain| gain == 0.0) {
            return false;
        }
        self.settle(index, now);
        let process = self.collectors[index as usize].process;
        let mut residue = process.residue.map(|residue| residue.at(now));
        let mut elsewhere = [0.0; 2];
        for (stream, gain) in gains.iter().enumerate() {
            let weight = weight_value(self.weights_of(index)[stream]);
            let held = self.plan.resident.held_back(&process, stream, now);
            for (holder, HeldBack { alive, dead }) in held.into_iter().enumerate() {
                residue[holder] += gain * alive;
                elsewhere[holder] += (1.0 - weight).max(0.0) * (alive + dead);
            }
        }
        let least = |holder: usize| residue[holder].min(elsewhere[holder]);
        let process = &mut self.collectors[index as usize].process;
        process.leave_behind([least(0), least(1)], truncation, now);
        true
    }
}
