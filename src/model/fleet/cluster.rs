//! A fleet and its clusters: the members of each, the owners of targets, and whether members take
//! targets.

use std::ops::Range;

use crate::model::blueprint::{ClusterId, Controller, MemberId};
use crate::model::cluster::Change;
use crate::model::load::draw::Draw;
use crate::model::moment::{Event, Moment};
use crate::model::process::collector::Life;
use crate::model::topology::Assignment;
use crate::units::{SimTime, small};

use super::Fleet;
use super::facts::Facts;

impl Fleet<'_> {
    /// The cluster of a collector; `None` in a fleet without clusters.
    pub(super) fn cluster_of(&self, index: u32) -> Option<ClusterId> {
        let members = self.clusters.first()?.members().len().max(1);
        Some(ClusterId::new(index as usize / members))
    }

    /// Indices of the collectors of a cluster, existing or not.
    pub(super) fn members(&self, cluster: ClusterId) -> Range<u32> {
        self.clusters[cluster].members()
    }

    /// Whether each member of a cluster owns targets at `now`. A stopped member owns its targets
    /// until its peers have taken them over; until then their samples are missed.
    pub(super) fn owners(&self, cluster: ClusterId, now: SimTime) -> Vec<bool> {
        let assignment = self.plan.blueprint.topology.assignment;
        let owns = |index: u32| {
            let collector = &self.collectors[index as usize];
            match collector.life {
                Life::Up => true,
                // Hashmod does not notice members that are away.
                Life::Down => assignment == Assignment::Hashmod || now < collector.taken_at,
                Life::Absent => false,
            }
        };
        self.members(cluster).map(owns).collect()
    }

    /// Whether the members of a cluster take targets, evaluated after members came or went.
    ///
    /// Simplified: members count once they are in service. All members share one deadline.
    pub(super) fn takes_targets(&mut self, cluster: ClusterId, moment: &mut Moment<'_>) -> bool {
        let wait = self.plan.blueprint.lifecycle.wait;
        if wait.size < 2 {
            return true;
        }
        let now = moment.now;
        let owners = self.owners(cluster, now).into_iter();
        let size = owners.filter(|&owns| owns).count();
        let readiness = &mut self.clusters[cluster].readiness;
        let change = readiness.look(size, wait, now);
        let takes = readiness.takes_targets();
        match change {
            Some(Change::Began) if !wait.timeout.is_zero() => {
                let at = now + wait.timeout;
                let event = Event::WaitEnded {
                    fleet: self.plan.id,
                    cluster,
                };
                moment.schedule(at, event);
            }
            Some(Change::Ended { since }) => self.note_wait(since, moment),
            Some(Change::Began) | None => {}
        }
        takes
    }

    /// Adds the time in which a cluster took no targets, once that time has ended.
    fn note_wait(&mut self, since: SimTime, moment: &Moment<'_>) {
        let (warm_up, now) = (moment.grid.warm_up, moment.now);
        self.tally.not_ready += now.max(warm_up) - since.max(warm_up);
    }

    /// The deadline has passed: a cluster that is still too small takes its targets.
    pub(in crate::model) fn end_wait(
        &mut self,
        cluster: ClusterId,
        moment: &mut Moment<'_>,
    ) -> Facts {
        let timeout = self.plan.blueprint.lifecycle.wait.timeout;
        let since = self.clusters[cluster]
            .readiness
            .give_up(timeout, moment.now);
        let Some(since) = since else {
            return Facts::default();
        };
        self.note_wait(since, moment);
        self.rebalance(cluster, moment)
    }

    /// Sets the weights of a cluster without an owner, per stream; their samples are missed.
    /// Returns whether any weight had no owner before. The total must be accounted for first.
    pub(super) fn leave_unowned(&mut self, cluster: ClusterId, unowned: Vec<u64>) -> bool {
        let after = unowned.clone();
        let before = self.clusters[cluster].leave_unowned(unowned);
        for stream in 0..self.plan.streams.len() {
            let (less, more) = (
                before.get(stream).copied().unwrap_or(0),
                after.get(stream).copied().unwrap_or(0),
            );
            self.carried.weights[stream] = self.carried.weights[stream] + more - less;
            self.carried.unowned[stream] = self.carried.unowned[stream] + more - less;
        }
        !before.is_empty()
    }

    /// Notes that a collector in service was OOM-killed.
    pub(super) fn note_kill(&mut self, index: u32, now: SimTime) {
        self.note_blocked_rollout(index);
        if let Some(cluster) = self.cluster_of(index) {
            let killed = small(self.clusters[cluster].recent.kill(now, index));
            self.tally.cascade_peak = self.tally.cascade_peak.max(killed);
        }
    }

    /// Notes that a collector leaves its targets to its peers, for whatever reason.
    pub(super) fn note_loss(&mut self, index: u32, now: SimTime) {
        if let Some(cluster) = self.cluster_of(index) {
            self.clusters[cluster].recent.lose(now, index);
        }
    }

    /// A pod of a Deployment comes back under a new name, so the ring is drawn anew.
    pub(super) fn rename(&mut self, index: u32, draw: &Draw) {
        if let Some(cluster) = self.renamed_cluster(index) {
            self.clusters[cluster].rename(index, draw);
        }
    }

    /// A new pod joins the ring beside the pod that it will replace. The other members give it its
    /// share.
    pub(super) fn make_room(&mut self, index: u32, moment: &mut Moment<'_>) {
        let now = moment.now;
        let Some(cluster) = self.renamed_cluster(index) else {
            return;
        };
        self.settle_total(now);
        let owners = self.owners(cluster, now);
        let shares = self.clusters[cluster].shares_beside(index, owners, moment.draw);
        for (member, other) in self.members(cluster).enumerate() {
            if other != index {
                self.reweigh(other, &shares.of(MemberId::new(member)), true, moment);
            }
        }
    }

    /// The cluster whose ring changes when a pod with a new name replaces a collector.
    fn renamed_cluster(&self, index: u32) -> Option<ClusterId> {
        let plan = self.plan.blueprint;
        let has_ring = plan.topology.assignment == Assignment::Ring;
        if plan.lifecycle.controller != Controller::Deployment || !has_ring {
            return None;
        }
        self.cluster_of(index)
    }
}
