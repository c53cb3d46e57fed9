//! The life of an autoscaled replica: asked for, placed, started, sent away, gone.

use crate::engine::Calendar;
use crate::model::autoscale::Pod;
use crate::model::load::draw::Purpose;
use crate::model::process::collector::{Collector, Life};
use crate::model::record::catalogue::Scope;
use crate::model::record::outcome::What;
use crate::model::topology::Assignment;
use crate::units::SimTime;

use super::fail::End;
use super::{Event, World};

impl World<'_> {
    /// A new replica is asked for: it waits for a node, starts and replays what its volume holds.
    pub(super) fn ask_for(&mut self, fleet: usize, index: u32, calendar: &mut Calendar<Event>) {
        let now = calendar.now().nanos();
        if self.scaling(fleet).pods[index as usize] == Pod::Leaving {
            // It comes back once the one before it is gone.
            return;
        }
        let group = self.scaled_group(fleet, index);
        let replicas = index - self.fleets[fleet].members(group).start + 1;
        let placed = now + self.wait_for_node(fleet, group, replicas, calendar);
        let seconds = self.start_seconds(fleet, index);
        let state = &mut self.fleets[fleet];
        let collector = &mut state.collectors[index as usize];
        collector.supersede();
        collector.due = placed + SimTime::from_secs_f64(seconds).nanos();
        let event = Event::ReplicaStarted {
            stamp: collector.stamp(),
            collector: state.first + index,
        };
        calendar.schedule(SimTime::from_nanos(collector.due), event);
        self.scaling(fleet).pods[index as usize] = Pod::Pending { since: now, placed };
    }

    /// A new replica is in service.
    pub(super) fn replica_started(&mut self, collector: u32, calendar: &mut Calendar<Event>) {
        let (fleet, index) = self.locate(collector);
        let now = calendar.now().nanos();
        let group = self.scaled_group(fleet, index);
        self.note_pending(fleet, index, now);
        self.scaling(fleet).pods[index as usize] = Pod::Running { since: now };
        let state = &mut self.fleets[fleet];
        state.settle_total(now);
        let former = state.collectors[index as usize];
        self.join(fleet, index, (now, now, now), calendar);
        self.count_existing(fleet, group);
        let scope = Scope::Fleet(fleet);
        self.observer
            .note(scope, Some(index), (now, What::Started, f64::NAN));
        if self.replay_former(fleet, index, &former, calendar) {
            self.rebalance(fleet, group, calendar);
            self.examine_memory_of(fleet, index, calendar);
            self.in_service(fleet, index, calendar);
        }
        self.rouse(fleet, group, calendar);
        self.examine_ports_of(fleet, calendar);
        self.note_connections(fleet, 0.0);
    }

    /// A replica that has been there before replays the log on its volume: series that are long gone,
    /// until the next truncation. Returns whether it survives.
    fn replay_former(
        &mut self,
        fleet: usize,
        index: u32,
        former: &Collector,
        calendar: &mut Calendar<Event>,
    ) -> bool {
        let now = calendar.now().nanos();
        let plan = &self.blueprint.fleets[fleet];
        if !plan.wal.on_volume || former.replayed_series <= 0.0 {
            return true;
        }
        let state = &mut self.fleets[fleet];
        let occasion = (index, former.drawn);
        let law = plan.memory.replay_peak;
        let factor = self
            .draw
            .noise(Purpose::ReplayPeak, state.key, law, occasion);
        let needed = former.replayed_live * factor.max(1.0);
        state.tally.replay_live = state.tally.replay_live.max(needed);
        if needed > state.memory.live_max() {
            self.replay_killed(fleet, index, needed, calendar);
            return false;
        }
        let truncation = state.resident.truncation();
        if truncation.every > 0 {
            let bytes = state.memory.per_series;
            let process = &mut state.collectors[index as usize].process;
            let held = [bytes.logged, bytes.queued].map(|bytes| former.replayed_series * bytes);
            process.leave_behind(held, truncation, now);
            self.replan_memory(fleet, index, calendar);
        }
        true
    }

    /// A replica is asked to go: its process ends, its targets are missed until others own them.
    pub(super) fn send_away(&mut self, fleet: usize, index: u32, calendar: &mut Calendar<Event>) {
        let now = calendar.now().nanos();
        let pod = self.scaling(fleet).pods[index as usize];
        match pod {
            Pod::Gone | Pod::Leaving => return,
            Pod::Pending { .. } => self.note_pending(fleet, index, now),
            Pod::Running { .. } => self.end_if_up(fleet, index, End::Asked { away: 0 }, calendar),
        }
        // Nor does it wait for its turn to start.
        self.release_held_back(fleet, index);
        let state = &mut self.fleets[fleet];
        let collector = &mut state.collectors[index as usize];
        // It does not start again.
        collector.supersede();
        collector.end_loop();
        collector.due = u64::MAX;
        if matches!(pod, Pod::Pending { .. }) {
            self.scaling(fleet).pods[index as usize] = Pod::Gone;
            return;
        }
        state.settle(index, now);
        let streams = state.streams.len();
        for stream in 0..streams {
            if state.streams[stream].workload.is_none() {
                // Its own series end with it.
                let slot = &mut state.weights[index as usize * streams + stream];
                state.carried[stream] -= u64::from(std::mem::take(slot));
            }
        }
        self.scaling(fleet).pods[index as usize] = Pod::Leaving;
    }

    /// Replicas that were asked to go are gone once nobody waits for their targets.
    pub(super) fn dismiss(&mut self, fleet: usize, group: usize, calendar: &mut Calendar<Event>) {
        if self.fleets[fleet].scaling.is_none() {
            return;
        }
        let now = calendar.now().nanos();
        let assignment = self.blueprint.fleets[fleet].topology.assignment;
        // Who is there is part of every target's rule: it changes at once.
        let at_once = assignment == Assignment::Hashmod;
        let mut gone = Vec::new();
        for index in self.fleets[fleet].members(group) {
            let is_leaving = self.scaling(fleet).pods[index as usize] == Pod::Leaving;
            let state = &mut self.fleets[fleet];
            let has_none = state.weights_of(index).iter().all(|&weight| weight == 0);
            if is_leaving && (at_once || has_none) {
                state.settle(index, now);
                state.collectors[index as usize].leave();
                self.scaling(fleet).pods[index as usize] = Pod::Gone;
                self.leave_rollout(fleet, index, calendar);
                gone.push(index);
            }
        }
        if gone.is_empty() {
            return;
        }
        self.count_existing(fleet, group);
        if at_once {
            self.rebalance(fleet, group, calendar);
        }
        let first = self.fleets[fleet].members(group).start;
        for index in gone {
            if index - first < self.scaling(fleet).scalers[group].replicas {
                self.ask_for(fleet, index, calendar);
            }
        }
        self.examine_ports_of(fleet, calendar);
        self.note_connections(fleet, 0.0);
    }

    /// Counts the collectors of a group that exist, up to the last one.
    ///
    /// Simplified: with several clusters each group is strewn over the pool from its first node on.
    fn count_existing(&mut self, fleet: usize, group: usize) {
        let state = &mut self.fleets[fleet];
        let exists = |&index: &u32| state.collectors[index as usize].life != Life::Absent;
        let members = state.members(group);
        let last = members.clone().rev().find(exists);
        state.blocks[group].alive = last.map_or(0, |last| last - members.start + 1);
    }

    /// A pending replica does not wait for a node any longer, or is no longer wanted.
    fn note_pending(&mut self, fleet: usize, index: u32, now: u64) {
        let lead = self.grid.lead;
        let scaling = self.scaling(fleet);
        if let Pod::Pending { since, placed } = scaling.pods[index as usize] {
            let waited = placed.min(now).saturating_sub(since.max(lead));
            scaling.tally.pending_nanos += u128::from(waited);
        }
    }
}
