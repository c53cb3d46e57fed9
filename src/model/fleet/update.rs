//! Rollouts of a fleet: a new version or configuration of the collectors themselves.

use crate::model::autoscale::Pod;
use crate::model::blueprint::{Blueprint, Controller, FleetId, Updates};
use crate::model::load::draw::Purpose;
use crate::model::moment::{Event, Moment};
use crate::model::process::collector::Life;
use crate::model::record::outcome::What;
use crate::units::{SimTime, small};

use super::end::End;
use super::scaling::Scaling;
use super::{Fleet, Group};

/// A rollout under way.
#[derive(Clone, Debug, Default)]
pub(super) struct Rollout {
    pub began: u64,
    /// Whether a collector that it replaced was killed for memory before it was available.
    pub is_blocked: bool,
    /// One per controller: per cluster, or one for all daemons.
    lanes: Vec<Lane>,
}

/// What one controller still has to replace.
#[derive(Clone, Debug, Default)]
struct Lane {
    /// Not yet replaced, the next one last.
    left: Vec<u32>,
    /// Stopped, and not yet available again.
    away: Vec<u32>,
    /// Beside which a new pod starts, or whose new pod is not yet available.
    surging: Vec<u32>,
    away_max: u32,
    surging_max: u32,
}

impl Lane {
    fn is_done(&self) -> bool {
        self.left.is_empty() && self.away.is_empty() && self.surging.is_empty()
    }

    fn is_replacing(&self, index: u32) -> bool {
        self.away.contains(&index) || self.surging.contains(&index)
    }
}

impl Rollout {
    /// Whether a collector is replaced, and not yet available.
    fn is_replacing(&self, index: u32) -> bool {
        self.lanes.iter().any(|lane| lane.is_replacing(index))
    }
}

impl Fleet<'_> {
    /// Plans the rollouts of a fleet.
    pub(in crate::model) fn plan_updates(&mut self, moment: &mut Moment<'_>) {
        let updates = &self.plan.blueprint.lifecycle.updates;
        for at in &updates.at {
            let event = Event::RolloutStarted {
                periodic: false,
                fleet: self.plan.id,
            };
            moment.schedule(moment.grid.instant(at.as_secs_f64()), event);
        }
        if let Some(every) = self.plan.update_seconds {
            // The first is anywhere within one interval: the fleet has been running for long.
            let phase = moment.draw.unit(Purpose::Update, self.plan.key, 0, 0);
            plan_update(self.plan.id, phase * every, moment);
        }
    }

    /// A rollout begins. One that is still under way goes on with the newer version, from the start.
    pub(in crate::model) fn start_rollout(&mut self, periodic: bool, moment: &mut Moment<'_>) {
        if let Some(every) = self.plan.update_seconds.filter(|_| periodic) {
            plan_update(self.plan.id, every, moment);
        }
        let lanes = self.lanes(moment.blueprint);
        self.tally.rollouts += 1;
        let earlier = self.rollout.take();
        self.rollout = Some(Rollout {
            began: earlier.map_or(moment.now, |earlier| earlier.began),
            is_blocked: false,
            lanes,
        });
        let event = (moment.now, What::RolloutStarted, f64::NAN);
        moment.observer.note(self.scope(), None, event);
        self.go_on(moment);
    }

    /// What each controller of a fleet has to replace. A `StatefulSet` begins with its highest number.
    ///
    /// Simplified: all clusters begin at the same instant, and their daemons share one budget.
    fn lanes(&self, blueprint: &Blueprint) -> Vec<Lane> {
        let plan = self.plan.blueprint;
        let updates = &plan.lifecycle.updates;
        let exists = |&index: &u32| self.collectors[index as usize].life != Life::Absent;
        if self.groups.is_empty() {
            let clusters = blueprint.clusters_of(plan).max(1);
            let left: Vec<u32> = self.existing().into_iter().rev().collect();
            let budget = Budget::of(
                plan.lifecycle.controller,
                updates,
                small(left.len()) / clusters,
            );
            return vec![budget.lane(left, clusters)];
        }
        let lane = |group: &Group| {
            let members = group.base..group.base + group.members;
            let left: Vec<u32> = members.filter(exists).collect();
            let budget = Budget::of(plan.lifecycle.controller, updates, small(left.len()));
            budget.lane(left, 1)
        };
        self.groups.iter().map(lane).collect()
    }

    /// Replaces as many collectors as may be away or started on top; notes the end of the rollout.
    fn go_on(&mut self, moment: &mut Moment<'_>) {
        let lanes = self.rollout.as_ref();
        for lane in 0..lanes.map_or(0, |rollout| rollout.lanes.len()) {
            while let Some((index, surges)) = self.next_to_replace(lane) {
                if surges {
                    self.surge_pod(index, moment);
                } else {
                    self.rename(index, moment.draw);
                    self.end_if_up(index, End::Asked { away: 0 }, moment);
                }
            }
        }
        if let Some(rollout) = &self.rollout
            && rollout.lanes.iter().all(Lane::is_done)
        {
            let now = moment.now;
            let took = now - rollout.began;
            self.tally.rollout_peak_nanos = self.tally.rollout_peak_nanos.max(took);
            self.rollout = None;
            let event = (now, What::RolloutEnded, took as f64 / 1e9);
            moment.observer.note(self.scope(), None, event);
        }
    }

    /// Takes the next collector that may be replaced now, and whether its successor starts first.
    fn next_to_replace(&mut self, lane: usize) -> Option<(u32, bool)> {
        let lane = &mut self.rollout.as_mut()?.lanes[lane];
        loop {
            let may_stop = small(lane.away.len()) < lane.away_max;
            let may_surge = small(lane.surging.len()) < lane.surging_max;
            if !may_stop && !may_surge {
                return None;
            }
            let index = lane.left.pop()?;
            if self.collectors[index as usize].life == Life::Absent {
                continue;
            }
            if may_stop {
                lane.away.push(index);
            } else {
                lane.surging.push(index);
            }
            return Some((index, !may_stop));
        }
    }

    /// A new pod starts while the one that it replaces still serves.
    fn surge_pod(&mut self, index: u32, moment: &mut Moment<'_>) {
        let collector = &mut self.collectors[index as usize];
        collector.drawn += 1;
        let occasion = (index, collector.drawn);
        let law = self.plan.blueprint.interruptions.restart_gap;
        let gap = moment
            .draw
            .noise(Purpose::Gap, self.plan.key, law, occasion);
        let wait = SimTime::from_secs_f64(gap.max(0.0)).nanos();
        let at = moment.now.saturating_add(wait);
        moment.schedule(
            at,
            Event::PodSurged {
                fleet: self.plan.id,
                index,
            },
        );
    }

    /// A new pod is ready beside the one that it replaces, which stops. It has a name of its own, so
    /// the ring is drawn anew, and begins with an empty log. Returns whether it is still wanted.
    ///
    /// Simplified: the old pod stops as soon as the new one is ready, and hands its targets over
    /// without missing any.
    pub(in crate::model) fn swap_pod(&mut self, index: u32, moment: &mut Moment<'_>) -> bool {
        let surging = |lane: &Lane| lane.surging.contains(&index);
        let rollout = self.rollout.as_ref();
        if !rollout.is_some_and(|rollout| rollout.lanes.iter().any(surging)) {
            return false;
        }
        let scaling = self.scaling.as_ref();
        let runs = |scaling: &Scaling| matches!(scaling.pods[index as usize], Pod::Running { .. });
        if !scaling.is_none_or(runs) {
            // Scaled away meanwhile: whoever removes it ends its part in the rollout.
            return false;
        }
        self.make_room(index, moment);
        self.end_if_up(index, End::Asked { away: 0 }, moment);
        self.rename(index, moment.draw);
        self.settle(index, moment.now);
        self.begin(index, moment.now, moment);
        true
    }

    /// A collector has been in service for long enough, or is gone: the rollout goes on, and the next
    /// pod may be created.
    pub(in crate::model) fn look_available(&mut self, index: u32, moment: &mut Moment<'_>) {
        let now = moment.now;
        let life = self.collectors[index as usize].life;
        if life != Life::Absent && !self.is_available(index, now) {
            return;
        }
        if let Some(rollout) = &mut self.rollout {
            for lane in &mut rollout.lanes {
                lane.away.retain(|&other| other != index);
                lane.surging.retain(|&other| other != index);
            }
            self.go_on(moment);
        }
        self.create_next(index, moment);
    }

    /// A collector is gone for good: a rollout does not wait for it.
    pub(super) fn leave_rollout(&self, index: u32, moment: &mut Moment<'_>) {
        let rollout = self.rollout.as_ref();
        if rollout.is_some_and(|rollout| rollout.is_replacing(index)) {
            let fleet = self.plan.id;
            let event = Event::CollectorAvailable { fleet, index };
            moment.schedule(moment.now, event);
        }
    }

    /// A collector that a rollout replaced is killed before it is available: the rollout waits.
    pub(super) fn note_blocked_rollout(&mut self, index: u32) {
        if let Some(rollout) = &mut self.rollout
            && !rollout.is_blocked
            && rollout.is_replacing(index)
        {
            rollout.is_blocked = true;
            self.tally.rollouts_blocked += 1;
        }
    }
}

/// Plans the next of the rollouts that repeat.
fn plan_update(fleet: FleetId, seconds: f64, moment: &mut Moment<'_>) {
    let wait = SimTime::from_secs_f64(seconds).nanos();
    let at = moment.now.saturating_add(wait);
    let event = Event::RolloutStarted {
        periodic: true,
        fleet,
    };
    moment.schedule(at, event);
}

/// How many collectors of one controller may be replaced at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Budget {
    away: u32,
    surging: u32,
}

impl Budget {
    /// For so many pods: `Deployments` round down what may be away, the others up.
    fn of(controller: Controller, updates: &Updates, pods: u32) -> Self {
        if controller == Controller::Deployment {
            let away = updates.max_unavailable.down(pods);
            let surging = updates.surge.up(pods);
            // Kubernetes: if both come to nothing, one may be away.
            let away = if surging == 0 { away.max(1) } else { away };
            return Self { away, surging };
        }
        Self {
            away: updates.max_unavailable.up(pods).max(1),
            surging: 0,
        }
    }

    fn lane(self, left: Vec<u32>, controllers: u32) -> Lane {
        Lane {
            left,
            away_max: self.away.saturating_mul(controllers),
            surging_max: self.surging.saturating_mul(controllers),
            ..Lane::default()
        }
    }
}

impl Fleet<'_> {
    /// A collector of a rollout, or one that others wait for, is in service: looks again when it has
    /// been so for long enough.
    pub(in crate::model) fn in_service(&self, index: u32, moment: &mut Moment<'_>) {
        let replaced = self.rollout.as_ref();
        let replaced = replaced.is_some_and(|rollout| rollout.is_replacing(index));
        if replaced || self.is_awaited(index) {
            self.look_at_available(index, moment);
        }
    }
}
