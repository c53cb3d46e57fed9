//! Rollouts of a fleet: a new version or configuration of its collectors.

use crate::model::autoscale::{Pod, Scaling};
use crate::model::blueprint::{Blueprint, FleetId};
use crate::model::cluster::Cluster;
use crate::model::load::draw::{Occasion, Purpose};
use crate::model::moment::{Event, Moment};
use crate::model::process::collector::Life;
use crate::model::record::outcome::RecordKind;
use crate::model::rollout::{Lane, Replacement, Rollout};
use crate::units::SimDuration;

use super::Fleet;
use super::end::End;

impl Fleet<'_> {
    /// Plans the rollouts of a fleet.
    pub(in crate::model) fn plan_updates(&mut self, moment: &mut Moment<'_>) {
        let updates = &self.plan.blueprint.lifecycle.updates;
        for at in &updates.at {
            let event = Event::RolloutStarted {
                periodic: false,
                fleet: self.plan.id,
            };
            moment.schedule(moment.grid.instant(at.secs_f64()), event);
        }
        self.plan_upgrade(moment);
        if let Some(every) = self.plan.update_seconds {
            // The first rollout is uniform within one interval, as in a fleet that has run for
            // long.
            let phase = moment.draw.unit(Purpose::Update, self.plan.key, 0, 0);
            plan_update(self.plan.id, phase * every, moment);
        }
    }

    /// A rollout begins. A rollout that is still in progress goes on with the newer version, from
    /// the start.
    pub(in crate::model) fn start_rollout(&mut self, periodic: bool, moment: &mut Moment<'_>) {
        if let Some(every) = self.plan.update_seconds.filter(|_| periodic) {
            plan_update(self.plan.id, every, moment);
        }
        let lanes = self.lanes(moment.blueprint);
        self.tally.rollouts += 1;
        let rollout = Rollout::start(self.rollout.take(), lanes, moment.now);
        self.rollout = Some(rollout);
        moment.note(self.scope(), None, RecordKind::RolloutStarted, f64::NAN);
        self.replace_more(moment);
    }

    /// What each controller of a fleet has to replace. A `StatefulSet` begins with its highest
    /// number.
    ///
    /// Simplified: all clusters begin at the same instant. The daemons of all clusters share one
    /// budget.
    fn lanes(&self, blueprint: &Blueprint) -> Vec<Lane> {
        let plan = self.plan.blueprint;
        if self.clusters.is_empty() {
            let clusters = blueprint.clusters_of(plan).max(1);
            let left = self.existing().into_iter().rev().collect();
            return vec![Lane::new(&plan.lifecycle, left, clusters)];
        }
        let exists = |&index: &u32| self.collectors[index as usize].life != Life::Absent;
        let lane = |cluster: &Cluster| {
            let left = cluster.members().filter(exists).collect();
            Lane::new(&plan.lifecycle, left, 1)
        };
        self.clusters.iter().map(lane).collect()
    }

    /// Replaces as many collectors as the budget allows. Notes the end of the rollout.
    fn replace_more(&mut self, moment: &mut Moment<'_>) {
        while let Some(replacement) = self.next_replacement() {
            match replacement {
                Replacement::StopFirst(index) => {
                    self.rename(index, moment.draw);
                    self.end_if_up(index, End::RESTART, moment);
                }
                Replacement::StartFirst(index) => self.surge_pod(index, moment),
            }
        }
        if let Some(rollout) = self.rollout.take_if(|rollout| rollout.is_done()) {
            let took = rollout.length(moment.now);
            self.tally.rollout_peak = self.tally.rollout_peak.max(took);
            let seconds = took.secs_f64();
            moment.note(self.scope(), None, RecordKind::RolloutEnded, seconds);
        }
    }

    fn next_replacement(&mut self) -> Option<Replacement> {
        let collectors = &self.collectors;
        let exists = |index: u32| collectors[index as usize].life != Life::Absent;
        self.rollout.as_mut()?.next(exists)
    }

    /// A new pod starts while the pod that it will replace still serves.
    fn surge_pod(&mut self, index: u32, moment: &mut Moment<'_>) {
        let collector = &mut self.collectors[index as usize];
        collector.drawn += 1;
        let occasion = Occasion::new(index, collector.drawn);
        let law = self.plan.blueprint.interruptions.restart_gap;
        let gap = moment
            .draw
            .noise(Purpose::Gap, self.plan.key, law, occasion);
        let wait = SimDuration::from_secs_f64(gap.max(0.0));
        let at = moment.now + wait;
        moment.schedule(
            at,
            Event::PodSurged {
                fleet: self.plan.id,
                index,
            },
        );
    }

    /// A new pod is ready beside the pod that it will replace, which stops. The new pod begins with
    /// an empty WAL, and the ring is drawn anew with its name. Returns whether the pod is still
    /// wanted.
    ///
    /// Simplified: the old pod stops as soon as the new one is ready. The old pod hands its targets
    /// over without missing any.
    pub(in crate::model) fn swap_pod(&mut self, index: u32, moment: &mut Moment<'_>) -> bool {
        let rollout = self.rollout.as_ref();
        if !rollout.is_some_and(|rollout| rollout.is_surging(index)) {
            return false;
        }
        let scaling = self.scaling.as_ref();
        let runs = |scaling: &Scaling| matches!(scaling.pod(index), Pod::Running { .. });
        if !scaling.is_none_or(runs) {
            // The autoscaler has removed the pod meanwhile. Whoever removes it ends its part in the
            // rollout.
            return false;
        }
        self.make_room(index, moment);
        self.end_if_up(index, End::RESTART, moment);
        self.rename(index, moment.draw);
        self.settle(index, moment.now);
        self.begin(index, moment.now, moment);
        self.lead_astray(index, moment);
        true
    }

    /// A collector is in service. Schedules the instant at which it counts as available, if a
    /// rollout or a pod waits for it.
    pub(in crate::model) fn in_service(&self, index: u32, moment: &mut Moment<'_>) {
        if self.is_replacing(index) || self.is_awaited(index) {
            self.look_at_available(index, moment);
        }
    }

    /// A collector has been in service for long enough, or is gone. The rollout goes on, and the
    /// next pod may be created.
    pub(in crate::model) fn look_available(&mut self, index: u32, moment: &mut Moment<'_>) {
        let now = moment.now;
        let life = self.collectors[index as usize].life;
        if life != Life::Absent && !self.is_available(index, now) {
            return;
        }
        if let Some(rollout) = &mut self.rollout {
            rollout.pass(index);
            self.replace_more(moment);
        }
        self.create_next(index, moment);
    }

    /// Whether a rollout waits for a collector.
    fn is_replacing(&self, index: u32) -> bool {
        let rollout = self.rollout.as_ref();
        rollout.is_some_and(|rollout| rollout.is_replacing(index))
    }

    /// A collector is gone for good, so no rollout waits for it.
    pub(super) fn leave_rollout(&self, index: u32, moment: &mut Moment<'_>) {
        if self.is_replacing(index) {
            let fleet = self.plan.id;
            let event = Event::CollectorAvailable { fleet, index };
            moment.schedule(moment.now, event);
        }
    }

    /// A collector that a rollout replaced is killed before it is available, so the rollout waits.
    pub(super) fn note_blocked_rollout(&mut self, index: u32) {
        let rollout = self.rollout.as_mut();
        let blocks = rollout.is_some_and(|rollout| rollout.block(index));
        self.tally.rollouts_blocked += u32::from(blocks);
    }
}

/// Schedules the next periodic rollout.
fn plan_update(fleet: FleetId, seconds: f64, moment: &mut Moment<'_>) {
    let wait = SimDuration::from_secs_f64(seconds);
    let at = moment.now + wait;
    let event = Event::RolloutStarted {
        periodic: true,
        fleet,
    };
    moment.schedule(at, event);
}
