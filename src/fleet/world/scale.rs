//! Replicas that come and go with what they use: the autoscalers of centralized fleets.

use crate::engine::Calendar;
use crate::fleet::autoscale::Pod;
use crate::fleet::catalogue::{Metric, Scope};
use crate::fleet::collector::{Collector, Life};
use crate::fleet::draw::Purpose;
use crate::fleet::outcome::What;
use crate::fleet::sender::next_truncation;
use crate::fleet::topology::Assignment;
use crate::units::SimTime;

use super::collect::small;
use super::fail::End;
use super::scaling::Scaling;
use super::{Event, World};

impl World<'_> {
    /// The autoscalers of a fleet begin to look.
    pub(super) fn plan_scaling(&mut self, fleet: usize, calendar: &mut Calendar<Event>) {
        for group in 0..self.fleets[fleet].groups.len() {
            self.rouse(fleet, group, calendar);
        }
    }

    /// Something touched a group: what it uses is measured at the next occasion.
    pub(super) fn rouse(&mut self, fleet: usize, group: usize, calendar: &mut Calendar<Event>) {
        let now = calendar.now().nanos();
        let Some(scaling) = &self.fleets[fleet].scaling else {
            return;
        };
        let next = scaling.measurement_from(now);
        let is_done = scaling.scalers[group].measured == Some(next);
        let at = if is_done { next + scaling.sync } else { next };
        self.plan_measurement(fleet, group, at, calendar);
    }

    /// The same for the group of a collector.
    pub(super) fn rouse_for(&mut self, fleet: usize, index: u32, calendar: &mut Calendar<Event>) {
        if self.fleets[fleet].scaling.is_some() {
            self.rouse(fleet, self.group_of(fleet, index), calendar);
        }
    }

    /// Plans a measurement, unless one is planned earlier.
    fn plan_measurement(
        &mut self,
        fleet: usize,
        group: usize,
        at: u64,
        calendar: &mut Calendar<Event>,
    ) {
        let scaler = &mut self.scaling(fleet).scalers[group];
        if at < scaler.due {
            scaler.due = at;
            let event = Event::UsageMeasured {
                fleet: u16::try_from(fleet).expect("fleets are few"),
                group: small(group),
            };
            calendar.schedule(SimTime::from_nanos(at), event);
        }
    }

    /// What the replicas of a group use is measured; the next measurement is the next one that can
    /// lead to anything.
    pub(super) fn usage_measured(
        &mut self,
        fleet: usize,
        group: usize,
        calendar: &mut Calendar<Event>,
    ) {
        let now = calendar.now().nanos();
        let scaler = &mut self.scaling(fleet).scalers[group];
        if scaler.due != now {
            // An earlier one has taken its place.
            return;
        }
        scaler.due = u64::MAX;
        self.fleets[fleet].measure(group, now);
        let lag = self.scaling(fleet).lag;
        if lag == 0 {
            self.replicas_reviewed(fleet, group, calendar);
        } else {
            let event = Event::ReplicasReviewed {
                fleet: u16::try_from(fleet).expect("fleets are few"),
                group: small(group),
            };
            calendar.schedule(SimTime::from_nanos(now + lag), event);
        }
        let scaling = self.scaling(fleet);
        let (restless_until, sync) = (scaling.scalers[group].restless_until, scaling.sync);
        let next = if now < restless_until {
            now + sync
        } else {
            let quiet_until = self.fleets[fleet].quiet_until(group, now);
            self.scaling(fleet)
                .measurement_from(quiet_until.max(now + 1))
        };
        self.plan_measurement(fleet, group, next, calendar);
    }

    /// An autoscaler sees what was measured one lag ago.
    pub(super) fn replicas_reviewed(
        &mut self,
        fleet: usize,
        group: usize,
        calendar: &mut Calendar<Event>,
    ) {
        let now = calendar.now().nanos();
        let scaling = self.scaling(fleet);
        let wanted = scaling.review(group, now);
        if wanted != scaling.scalers[group].replicas {
            scaling.disturb(group, now);
            self.scale(fleet, group, wanted, calendar);
        }
    }

    /// A group is to have another number of replicas: new ones are asked for, or the last ones go.
    fn scale(&mut self, fleet: usize, group: usize, wanted: u32, calendar: &mut Calendar<Event>) {
        let now = calendar.now().nanos();
        self.fleets[fleet].settle_total(now);
        let first = self.fleets[fleet].members(group).start;
        let scaling = self.scaling(fleet);
        let before = std::mem::replace(&mut scaling.scalers[group].replicas, wanted);
        let replicas = scaling.replicas();
        scaling.highest = scaling.highest.max(replicas);
        let tally = &mut scaling.tally;
        tally.replicas_peak = tally.replicas_peak.max(replicas);
        let what = if wanted > before {
            tally.ups += 1;
            What::ScaledUp
        } else {
            tally.downs += 1;
            What::ScaledDown
        };
        self.observer
            .note(Scope::Fleet(fleet), None, (now, what, f64::from(wanted)));
        self.review_nodes(fleet, group, (before, now));
        for member in before..wanted {
            self.ask_for(fleet, first + member, calendar);
        }
        for member in (wanted..before).rev() {
            self.send_away(fleet, first + member, calendar);
        }
        self.dismiss(fleet, group, calendar);
        self.rouse(fleet, group, calendar);
    }

    /// A new replica is asked for: it waits for a node, starts and replays what its volume holds.
    fn ask_for(&mut self, fleet: usize, index: u32, calendar: &mut Calendar<Event>) {
        let now = calendar.now().nanos();
        if self.scaling(fleet).pods[index as usize] == Pod::Leaving {
            // It comes back once the one before it is gone.
            return;
        }
        let group = self.group_of(fleet, index);
        let replicas = index - self.fleets[fleet].members(group).start + 1;
        let placed = now + self.wait_for_node(fleet, group, replicas, calendar);
        let plan = &self.blueprint.fleets[fleet];
        let state = &mut self.fleets[fleet];
        let collector = &mut state.collectors[index as usize];
        collector.drawn += 1;
        let occasion = (index, collector.drawn);
        let law = plan.interruptions;
        let gap = self
            .draw
            .noise(Purpose::Gap, state.key, law.restart_gap, occasion);
        let mut seconds = gap.max(0.0);
        if plan.wal.on_volume && collector.replayed_series > 0.0 {
            let law = law.replay_series_per_second;
            let rate = self.draw.noise(Purpose::Replay, state.key, law, occasion);
            seconds += collector.replayed_series / rate.max(1.0);
        }
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
        let group = self.group_of(fleet, index);
        self.note_wait(fleet, index, now);
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
        if needed > state.memory.live_max() {
            self.replay_killed(fleet, index, needed, calendar);
            return false;
        }
        let truncation = state.resident.truncation();
        if truncation.every > 0 {
            let process = &mut state.collectors[index as usize].process;
            process.residue = former.replayed_series * state.memory.live_per_series;
            process.residue_until =
                next_truncation(process.started, truncation.every, now + truncation.keep_min);
            self.replan_memory(fleet, index, calendar);
        }
        true
    }

    /// A replica is asked to go: its process ends, its targets are missed until others own them.
    fn send_away(&mut self, fleet: usize, index: u32, calendar: &mut Calendar<Event>) {
        let now = calendar.now().nanos();
        let pod = self.scaling(fleet).pods[index as usize];
        match pod {
            Pod::Gone | Pod::Leaving => return,
            Pod::Pending { .. } => self.note_wait(fleet, index, now),
            Pod::Running { .. } => self.end_if_up(fleet, index, End::Asked { away: 0 }, calendar),
        }
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
    fn note_wait(&mut self, fleet: usize, index: u32, now: u64) {
        let lead = self.grid.lead;
        let scaling = self.scaling(fleet);
        if let Pod::Pending { since, placed } = scaling.pods[index as usize] {
            let waited = placed.min(now).saturating_sub(since.max(lead));
            scaling.tally.pending_nanos += u128::from(waited);
        }
    }

    /// The group of a collector.
    fn group_of(&self, fleet: usize, index: u32) -> usize {
        (index / self.fleets[fleet].groups[0].members) as usize
    }

    /// The autoscalers of a fleet that has some.
    fn scaling(&mut self, fleet: usize) -> &mut Scaling {
        let scaling = self.fleets[fleet].scaling.as_mut();
        scaling.expect("the fleet is autoscaled")
    }

    /// What the autoscalers of a fleet did, NaN without any.
    pub(super) fn scaling_value(&self, fleet: usize, metric: Metric) -> f64 {
        let Some(scaling) = &self.fleets[fleet].scaling else {
            return f64::NAN;
        };
        let tally = &scaling.tally;
        match metric {
            Metric::ScaleUpCount => tally.ups as f64,
            Metric::ScaleDownCount => tally.downs as f64,
            Metric::PendingSeconds => {
                let (lead, end) = (self.grid.lead, self.grid.end);
                let waits = |pod: &Pod| match *pod {
                    Pod::Pending { since, placed } => {
                        placed.min(end).saturating_sub(since.max(lead))
                    }
                    _ => 0,
                };
                let still: u64 = scaling.pods.iter().map(waits).sum();
                (tally.pending_nanos + u128::from(still)) as f64 / 1e9
            }
            other => unreachable!("{other:?} is not a metric of autoscalers"),
        }
    }

    /// Highest number of collectors of a fleet in the recorded time.
    pub(super) fn collectors_peak(&self, fleet: usize) -> f64 {
        let state = &self.fleets[fleet];
        let jobs = f64::from(self.jobs[fleet].running_peak);
        if let Some(scaling) = &state.scaling {
            return f64::from(scaling.tally.replicas_peak) + jobs;
        }
        let cells = self.cell_of(self.grid.lead)..self.grid.cells();
        let count = |cell: usize| {
            state
                .blocks
                .iter()
                .map(|block| block.counts[cell])
                .sum::<u32>()
        };
        f64::from(cells.map(count).max().unwrap_or(0)) + jobs
    }
}
