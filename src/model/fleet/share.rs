//! Who carries what: targets change owners.

use crate::model::moment::{Event, Moment};
use crate::model::process::collector::Life;

use super::Fleet;
use super::facts::Facts;

impl Fleet<'_> {
    /// As many targets were replaced as there are: their keys, and so their owners, are new.
    pub(in crate::model) fn replace_targets(&mut self, moment: &mut Moment<'_>) -> Facts {
        let mut facts = Facts::default();
        self.epoch += 1;
        for group in 0..self.groups.len() {
            let plan = &mut self.groups[group];
            plan.known.clear();
            for targets in plan.targets.iter_mut().flatten() {
                targets.renew(moment.draw, &plan.sharing, self.epoch);
            }
            facts = facts.and(self.share_out(group, false, moment));
        }
        self.plan_epoch(moment);
        facts
    }

    /// The next instant at which the keys of replaced targets are drawn anew.
    pub(in crate::model) fn plan_epoch(&self, moment: &mut Moment<'_>) {
        if let Some(&at) = self.plan.epochs.get(self.epoch as usize) {
            let fleet = self.plan.id;
            moment.schedule(at, Event::TargetsReplaced { fleet });
        }
    }

    /// Targets move to the members of a group that are up.
    pub(in crate::model) fn rebalance(&mut self, group: usize, moment: &mut Moment<'_>) -> Facts {
        self.share_out(group, true, moment)
    }

    /// Shares a group's targets out. What a collector loses this way stays in its memory if it
    /// `moves` (the target lives on elsewhere), and has died with its target otherwise.
    fn share_out(&mut self, group: usize, moves: bool, moment: &mut Moment<'_>) -> Facts {
        let now = moment.now;
        let takes = self.takes_targets(group, moment);
        let Some(mut shares) = self.shares(group, now) else {
            return Facts::default();
        };
        self.settle_total(now);
        let unowned = if takes {
            Vec::new()
        } else {
            take_all(&mut shares)
        };
        let is_back = self.leave_unowned(group, unowned) && takes;
        let base = self.groups[group].base;
        let members = self.groups[group].members;
        for member in 0..members {
            let index = base + member;
            let share = |stream: &Vec<u32>| stream.get(member as usize).copied();
            let wanted: Vec<Option<u32>> = shares.iter().map(share).collect();
            if self.reweigh(index, &wanted, moves, moment)
                && self.collectors[index as usize].life == Life::Up
            {
                if is_back {
                    self.reclaim(index, now);
                }
                self.replan_memory(index, moment);
            }
        }
        let facts = self.dismiss(group, moment);
        self.rouse(group, moment);
        facts
    }

    /// Gives a collector its new weights; returns whether anything changed.
    pub(super) fn reweigh(
        &mut self,
        index: u32,
        wanted: &[Option<u32>],
        moves: bool,
        moment: &mut Moment<'_>,
    ) -> bool {
        let now = moment.now;
        let streams = self.plan.streams.len();
        let slot = index as usize * streams;
        let changes = |(stream, wanted): (usize, &Option<u32>)| {
            wanted.is_some_and(|wanted| wanted != self.weights[slot + stream])
        };
        if !wanted.iter().enumerate().any(changes) {
            return false;
        }
        self.settle(index, now);
        self.note_memory(index, moment);
        let before = moves.then(|| self.weights_of(index).to_vec());
        for (stream, wanted) in wanted.iter().enumerate() {
            let Some(wanted) = *wanted else { continue };
            let before = std::mem::replace(&mut self.weights[slot + stream], wanted);
            self.carried.weights[stream] =
                self.carried.weights[stream] + u64::from(wanted) - u64::from(before);
        }
        if let Some(before) = before {
            self.keep_residue(index, &before, now);
        }
        true
    }
}

/// Takes every share from its member; returns what they were together, stream by stream.
fn take_all(shares: &mut [Vec<u32>]) -> Vec<u64> {
    let take = |shares: &mut Vec<u32>| {
        let all = shares.iter().map(|&share| u64::from(share)).sum();
        shares.fill(0);
        all
    };
    shares.iter_mut().map(take).collect()
}
