//! Who counts as an owner of targets, and what a short absence leaves behind.

use crate::engine::Calendar;
use crate::model::cluster::sharing::Targets;
use crate::model::load::driver::weight_value;
use crate::model::process::collector::{Collector, Life};
use crate::model::topology::Assignment;
use crate::model::wal::HeldBack;

use super::bootstrap::Readiness;
use super::fleet::FleetState;
use super::{Event, World};

impl FleetState {
    /// Nanoseconds between two scrapes of the targets that are scraped most often.
    pub(super) fn shortest_interval(&self) -> u64 {
        let counted = self.streams.iter().filter(|stream| stream.counts);
        counted.map(|stream| stream.interval).min().unwrap_or(0)
    }
}

impl World<'_> {
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
    pub(super) fn shares(&mut self, fleet: usize, group: usize, now: u64) -> Option<Vec<Vec<u32>>> {
        let owners = self.owners(fleet, group, now);
        self.shares_among(fleet, group, owners)
    }

    /// The shares as if a member owned targets, or did not.
    fn shares_as_if(
        &mut self,
        fleet: usize,
        group: usize,
        (member, owns): (usize, bool),
        now: u64,
    ) -> Option<Vec<Vec<u32>>> {
        let mut owners = self.owners(fleet, group, now);
        owners[member] = owns;
        self.shares_among(fleet, group, owners)
    }

    /// Which members of a group own targets.
    pub(super) fn owners(&self, fleet: usize, group: usize, now: u64) -> Vec<bool> {
        let assignment = self.blueprint.fleets[fleet].topology.assignment;
        let state = &self.fleets[fleet];
        let first = state.groups[group].base as usize;
        let members = &state.collectors[first..][..state.groups[group].members as usize];
        let owns = |collector| Self::owns(collector, assignment, now);
        members.iter().map(owns).collect()
    }

    fn shares_among(
        &mut self,
        fleet: usize,
        group: usize,
        owners: Vec<bool>,
    ) -> Option<Vec<Vec<u32>>> {
        if !owners.contains(&true) {
            return None;
        }
        let plan = &mut self.fleets[fleet].groups[group];
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
    pub(super) fn hand_back(&mut self, fleet: usize, index: u32, calendar: &mut Calendar<Event>) {
        let Some(group) = self.group_of(fleet, index) else {
            return;
        };
        let now = calendar.now().nanos();
        let state = &self.fleets[fleet];
        let interval = state.shortest_interval();
        let taken_at = state.collectors[index as usize].taken_at;
        let owned_from = taken_at.saturating_sub(interval / 2);
        let scraped = now.saturating_sub(owned_from) as f64 / interval.max(1) as f64;
        let readiness = state.groups[group].life.readiness;
        let was_waiting = matches!(readiness, Readiness::NotReady { .. });
        if taken_at == 0 || scraped >= 1.0 || was_waiting {
            return self.rebalance(fleet, group, calendar);
        }
        // All or nothing has moved until now; what moved in truth is in between.
        let moved_by_now = if now < taken_at { 0.0 } else { 1.0 };
        let base = state.groups[group].base;
        let member = (index - base) as usize;
        let with = self.shares_as_if(fleet, group, (member, true), now);
        let without = self.shares_as_if(fleet, group, (member, false), now);
        self.rebalance(fleet, group, calendar);
        let (Some(with), Some(without)) = (with, without) else {
            return;
        };
        for other in 0..self.fleets[fleet].groups[group].members {
            let gain = |stream: usize| {
                let of = |shares: &[Vec<u32>]| {
                    let share = shares[stream].get(other as usize).copied();
                    weight_value(share.unwrap_or(0))
                };
                (of(&without) - of(&with)).max(0.0) * (scraped - moved_by_now)
            };
            let gains: Vec<f64> = (0..with.len()).map(gain).collect();
            if base + other != index && self.leave_behind((fleet, base + other), &gains, now) {
                self.replan_memory(fleet, base + other, calendar);
            }
        }
    }

    /// Changes what a collector holds of series that have moved on; returns whether anything changed.
    fn leave_behind(&mut self, (fleet, index): (usize, u32), gains: &[f64], now: u64) -> bool {
        let state = &mut self.fleets[fleet];
        let truncation = state.resident.truncation();
        let is_up = state.collectors[index as usize].life == Life::Up;
        if !is_up || truncation.every == 0 || gains.iter().all(|&gain| gain == 0.0) {
            return false;
        }
        state.settle(index, now);
        let process = state.collectors[index as usize].process;
        let mut residue = process.residue.map(|residue| residue.at(now));
        let mut elsewhere = [0.0; 2];
        for (stream, gain) in gains.iter().enumerate() {
            let weight = weight_value(state.weights_of(index)[stream]);
            let held = state.resident.held_back(&process, stream, now);
            for (holder, HeldBack { alive, dead }) in held.into_iter().enumerate() {
                residue[holder] += gain * alive;
                elsewhere[holder] += (1.0 - weight).max(0.0) * (alive + dead);
            }
        }
        let least = |holder: usize| residue[holder].min(elsewhere[holder]);
        let process = &mut state.collectors[index as usize].process;
        process.leave_behind([least(0), least(1)], truncation, now);
        true
    }
}
