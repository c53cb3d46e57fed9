//! Shares of collectors: targets change owners.

use crate::model::blueprint::{ClusterId, MemberId};
use crate::model::cluster::Cluster;
use crate::model::moment::{Event, Moment};
use crate::model::process::collector::Life;

use super::Fleet;
use super::facts::Facts;

impl Fleet<'_> {
    /// All targets were replaced, so they have new keys and new owners.
    pub(in crate::model) fn replace_targets(&mut self, moment: &mut Moment<'_>) -> Facts {
        let mut facts = Facts::default();
        for cluster in ClusterId::all(self.clusters.len()) {
            self.clusters[cluster].replace_targets(moment.draw);
            facts = facts.and(self.share_out(cluster, false, moment));
        }
        self.plan_epoch(moment);
        facts
    }

    /// Schedules the next instant at which all targets get new keys.
    pub(in crate::model) fn plan_epoch(&self, moment: &mut Moment<'_>) {
        let epoch = self.clusters.first().map_or(0, Cluster::epoch);
        if let Some(&at) = self.plan.epochs.get(epoch as usize) {
            let fleet = self.plan.id;
            moment.schedule(at, Event::TargetsReplaced { fleet });
        }
    }

    /// Moves targets to the members of a cluster that are up.
    pub(in crate::model) fn rebalance(
        &mut self,
        cluster: ClusterId,
        moment: &mut Moment<'_>,
    ) -> Facts {
        self.share_out(cluster, true, moment)
    }

    /// Shares a cluster's targets out. `moves` says that targets go on elsewhere: what a collector
    /// loses then stays in its memory. Otherwise its targets have died.
    fn share_out(&mut self, cluster: ClusterId, moves: bool, moment: &mut Moment<'_>) -> Facts {
        let now = moment.now;
        let takes = self.takes_targets(cluster, moment);
        let owners = self.owners(cluster, now);
        self.reroute(cluster, &owners, moment);
        let Some(mut shares) = self.clusters[cluster].shares(owners) else {
            return Facts::default();
        };
        self.settle_total(now);
        let unowned = if takes { Vec::new() } else { shares.take_all() };
        let is_back = self.leave_unowned(cluster, unowned) && takes;
        for (member, index) in self.members(cluster).enumerate() {
            if self.reweigh(index, &shares.of(MemberId::new(member)), moves, moment)
                && self.collectors[index as usize].life == Life::Up
            {
                if is_back {
                    self.reclaim(index, now);
                }
                self.replan_memory(index, moment);
            }
        }
        self.note_scatter(cluster);
        let facts = self.dismiss(cluster, moment);
        self.requeue(cluster, moment);
        facts
    }

    /// Gives a collector its new weights. Returns whether anything changed.
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
        self.pipelines.metrics.changes += 1;
        self.note_memory(index, moment);
        let before = moves.then(|| self.weights_of(index).to_vec());
        for (stream, wanted) in wanted.iter().enumerate() {
            let Some(wanted) = *wanted else { continue };
            let before = std::mem::replace(&mut self.weights[slot + stream], wanted);
            self.carried.weights[stream] =
                self.carried.weights[stream] + u64::from(wanted) - u64::from(before);
        }
        if let Some(before) = before {
            self.take_over_profiles(index, &before, now);
            self.take_over_lines(index, &before, now);
            self.keep_residue(index, &before, now);
        }
        self.forecast_spans(index, now);
        self.remember(index, self.collectors[index as usize].process.started);
        true
    }
}
