//! Rollouts of a fleet: a new version or configuration of the collectors themselves.

use crate::engine::Calendar;
use crate::model::autoscale::Pod;
use crate::model::blueprint::{Controller, Updates};
use crate::model::load::draw::Purpose;
use crate::model::process::collector::Life;
use crate::model::record::catalogue::{Metric, Scope};
use crate::model::record::outcome::What;
use crate::units::SimTime;

use super::bootstrap::Readiness;
use super::collect::small;
use super::fail::End;
use super::scaling::Scaling;
use super::{Event, World};

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
    pub(super) fn is_replacing(&self, index: u32) -> bool {
        self.lanes.iter().any(|lane| lane.is_replacing(index))
    }
}

impl World<'_> {
    /// Plans the rollouts of a fleet.
    pub(super) fn plan_updates(&mut self, fleet: usize, calendar: &mut Calendar<Event>) {
        let updates = &self.blueprint.fleets[fleet].lifecycle.updates;
        for at in &updates.at {
            let event = Event::RolloutStarted {
                periodic: false,
                fleet: small(fleet),
            };
            let at = self.grid.instant(at.as_secs_f64());
            calendar.schedule(SimTime::from_nanos(at), event);
        }
        if let Some(every) = self.fleets[fleet].update_seconds {
            // The first is anywhere within one interval: the fleet has been running for long.
            let phase = self
                .draw
                .unit(Purpose::Update, self.fleets[fleet].key, 0, 0);
            plan_update(fleet, phase * every, calendar);
        }
    }

    /// A rollout begins. One that is still under way goes on with the newer version, from the start.
    pub(super) fn rollout_started(
        &mut self,
        fleet: usize,
        periodic: bool,
        calendar: &mut Calendar<Event>,
    ) {
        if let Some(every) = self.fleets[fleet].update_seconds.filter(|_| periodic) {
            plan_update(fleet, every, calendar);
        }
        let lanes = self.lanes(fleet);
        let state = &mut self.fleets[fleet];
        state.tally.rollouts += 1;
        let earlier = state.rollout.take();
        state.rollout = Some(Rollout {
            began: earlier.map_or(calendar.now().nanos(), |earlier| earlier.began),
            is_blocked: false,
            lanes,
        });
        let event = (calendar.now().nanos(), What::RolloutStarted, f64::NAN);
        self.observer.note(Scope::Fleet(fleet), None, event);
        self.go_on(fleet, calendar);
    }

    /// What each controller of a fleet has to replace. A `StatefulSet` begins with its highest number.
    ///
    /// Simplified: all clusters begin at the same instant, and their daemons share one budget.
    fn lanes(&self, fleet: usize) -> Vec<Lane> {
        let plan = &self.blueprint.fleets[fleet];
        let updates = &plan.lifecycle.updates;
        let state = &self.fleets[fleet];
        let exists = |&index: &u32| state.collectors[index as usize].life != Life::Absent;
        if state.groups.is_empty() {
            let clusters = self.blueprint.clusters_of(plan).max(1);
            let left: Vec<u32> = self.existing(fleet).into_iter().rev().collect();
            let budget = Budget::of(
                plan.lifecycle.controller,
                updates,
                small(left.len()) / clusters,
            );
            return vec![budget.lane(left, clusters)];
        }
        let lane = |group: &super::fleet::Group| {
            let members = group.base..group.base + group.members;
            let left: Vec<u32> = members.filter(exists).collect();
            let budget = Budget::of(plan.lifecycle.controller, updates, small(left.len()));
            budget.lane(left, 1)
        };
        state.groups.iter().map(lane).collect()
    }

    /// Replaces as many collectors as may be away or started on top; notes the end of the rollout.
    fn go_on(&mut self, fleet: usize, calendar: &mut Calendar<Event>) {
        let lanes = self.fleets[fleet].rollout.as_ref();
        for lane in 0..lanes.map_or(0, |rollout| rollout.lanes.len()) {
            while let Some((index, surges)) = self.next_to_replace(fleet, lane) {
                if surges {
                    self.surge_pod(fleet, index, calendar);
                } else {
                    self.rename(fleet, index);
                    self.end_if_up(fleet, index, End::Asked { away: 0 }, calendar);
                }
            }
        }
        let state = &mut self.fleets[fleet];
        if let Some(rollout) = &state.rollout
            && rollout.lanes.iter().all(Lane::is_done)
        {
            let now = calendar.now().nanos();
            let took = now - rollout.began;
            state.tally.rollout_peak_nanos = state.tally.rollout_peak_nanos.max(took);
            state.rollout = None;
            let event = (now, What::RolloutEnded, took as f64 / 1e9);
            self.observer.note(Scope::Fleet(fleet), None, event);
        }
    }

    /// Takes the next collector that may be replaced now, and whether its successor starts first.
    fn next_to_replace(&mut self, fleet: usize, lane: usize) -> Option<(u32, bool)> {
        let state = &mut self.fleets[fleet];
        let lane = &mut state.rollout.as_mut()?.lanes[lane];
        loop {
            let may_stop = small(lane.away.len()) < lane.away_max;
            let may_surge = small(lane.surging.len()) < lane.surging_max;
            if !may_stop && !may_surge {
                return None;
            }
            let index = lane.left.pop()?;
            if state.collectors[index as usize].life == Life::Absent {
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
    fn surge_pod(&mut self, fleet: usize, index: u32, calendar: &mut Calendar<Event>) {
        let state = &mut self.fleets[fleet];
        let collector = &mut state.collectors[index as usize];
        collector.drawn += 1;
        let occasion = (index, collector.drawn);
        let law = self.blueprint.fleets[fleet].interruptions.restart_gap;
        let gap = self.draw.noise(Purpose::Gap, state.key, law, occasion);
        let wait = SimTime::from_secs_f64(gap.max(0.0)).nanos();
        let at = SimTime::from_nanos(calendar.now().nanos().saturating_add(wait));
        calendar.schedule(
            at,
            Event::PodSurged {
                fleet: short(fleet),
                index,
            },
        );
    }

    /// A new pod is ready beside the one that it replaces, which stops. It has a name of its own, so
    /// the ring is drawn anew, and begins with an empty log.
    ///
    /// Simplified: the old pod stops as soon as the new one is ready, and hands its targets over
    /// without missing any.
    pub(super) fn pod_surged(&mut self, fleet: usize, index: u32, calendar: &mut Calendar<Event>) {
        let now = calendar.now().nanos();
        let surging = |lane: &Lane| lane.surging.contains(&index);
        let rollout = self.fleets[fleet].rollout.as_ref();
        if !rollout.is_some_and(|rollout| rollout.lanes.iter().any(surging)) {
            return;
        }
        let scaling = self.fleets[fleet].scaling.as_ref();
        let runs = |scaling: &Scaling| matches!(scaling.pods[index as usize], Pod::Running { .. });
        if !scaling.is_none_or(runs) {
            // Scaled away meanwhile: whoever dismisses it ends its part in the rollout.
            return;
        }
        self.make_room(fleet, index, now);
        self.end_if_up(fleet, index, End::Asked { away: 0 }, calendar);
        self.rename(fleet, index);
        self.fleets[fleet].settle(index, now);
        self.begin(fleet, index, now, calendar);
        let group = self.scaled_group(fleet, index);
        self.rebalance(fleet, group, calendar);
    }

    /// A collector has been in service for long enough, or is gone: the rollout goes on, and the next
    /// pod may be created.
    pub(super) fn collector_available(
        &mut self,
        fleet: usize,
        index: u32,
        calendar: &mut Calendar<Event>,
    ) {
        let now = calendar.now().nanos();
        let life = self.fleets[fleet].collectors[index as usize].life;
        if life != Life::Absent && !self.is_available(fleet, index, now) {
            return;
        }
        if let Some(rollout) = &mut self.fleets[fleet].rollout {
            for lane in &mut rollout.lanes {
                lane.away.retain(|&other| other != index);
                lane.surging.retain(|&other| other != index);
            }
            self.go_on(fleet, calendar);
        }
        self.create_next(fleet, index, calendar);
    }

    /// A collector is gone for good: a rollout does not wait for it.
    pub(super) fn leave_rollout(&self, fleet: usize, index: u32, calendar: &mut Calendar<Event>) {
        let rollout = self.fleets[fleet].rollout.as_ref();
        if rollout.is_some_and(|rollout| rollout.is_replacing(index)) {
            let fleet = short(fleet);
            let event = Event::CollectorAvailable { fleet, index };
            calendar.schedule(calendar.now(), event);
        }
    }

    /// A collector that a rollout replaced is killed before it is available: the rollout waits.
    pub(super) fn note_blocked_rollout(&mut self, fleet: usize, index: u32) {
        let state = &mut self.fleets[fleet];
        if let Some(rollout) = &mut state.rollout
            && !rollout.is_blocked
            && rollout.is_replacing(index)
        {
            rollout.is_blocked = true;
            state.tally.rollouts_blocked += 1;
        }
    }

    /// What the life of a fleet's collectors adds to the outcome.
    pub(super) fn lifecycle_value(&self, fleet: usize, metric: Metric) -> Option<f64> {
        let state = &self.fleets[fleet];
        let tally = &state.tally;
        let end = self.grid.end;
        let under_way = state
            .rollout
            .as_ref()
            .map_or(0, |rollout| end - rollout.began);
        let rolled_out = |value: f64| if tally.rollouts > 0 { value } else { f64::NAN };
        let waited = state.groups.iter().map(|group| match group.life.readiness {
            Readiness::NotReady { since } => end - since.max(self.grid.lead),
            _ => 0,
        });
        Some(match metric {
            Metric::StopSeconds => tally.stop_peak_nanos as f64 / 1e9,
            Metric::RolloutCount => f64::from(tally.rollouts),
            Metric::RolloutPeakSeconds => {
                rolled_out(tally.rollout_peak_nanos.max(under_way) as f64 / 1e9)
            }
            Metric::RolloutBlockedCount => rolled_out(f64::from(tally.rollouts_blocked)),
            Metric::NotReadySeconds => {
                if self.blueprint.fleets[fleet].lifecycle.wait.size > 1 {
                    (tally.not_ready_nanos + waited.sum::<u64>()) as f64 / 1e9
                } else {
                    f64::NAN
                }
            }
            Metric::CascadePeak => {
                if state.groups.is_empty() {
                    f64::NAN
                } else {
                    f64::from(tally.cascade_peak)
                }
            }
            _ => return None,
        })
    }
}

/// Plans the next of the rollouts that repeat.
fn plan_update(fleet: usize, seconds: f64, calendar: &mut Calendar<Event>) {
    let wait = SimTime::from_secs_f64(seconds).nanos();
    let at = calendar.now().nanos().saturating_add(wait);
    let event = Event::RolloutStarted {
        periodic: true,
        fleet: small(fleet),
    };
    calendar.schedule(SimTime::from_nanos(at), event);
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

/// A fleet's number as some events carry it.
pub(super) fn short(fleet: usize) -> u16 {
    u16::try_from(fleet).expect("fleets are few")
}

impl World<'_> {
    /// A collector of a rollout, or one that others wait for, is in service: looks again when it has
    /// been so for long enough.
    pub(super) fn in_service(&self, fleet: usize, index: u32, calendar: &mut Calendar<Event>) {
        let state = &self.fleets[fleet];
        let replaced = state.rollout.as_ref();
        let replaced = replaced.is_some_and(|rollout| rollout.is_replacing(index));
        if replaced || self.is_awaited(fleet, index) {
            self.look_at_available(fleet, index, calendar);
        }
    }
}
