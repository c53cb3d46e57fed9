//! Requests, starts and removals of autoscaled replicas.

use crate::model::autoscale::{Pod, Room};
use crate::model::blueprint::ClusterId;
use crate::model::load::draw::{Occasion, Purpose};
use crate::model::moment::{Event, Moment};
use crate::model::process::collector::{Began, Collector, Life};
use crate::model::record::outcome::RecordKind;
use crate::model::topology::Assignment;
use crate::units::{SimDuration, SimTime, Span, small};

use super::Fleet;
use super::end::End;
use super::facts::Facts;

impl Fleet<'_> {
    /// A new replica is requested. The replica waits for a node, starts, and replays the WAL on its
    /// volume.
    pub(in crate::model) fn request(
        &mut self,
        index: u32,
        room: Option<Room>,
        moment: &mut Moment<'_>,
    ) {
        let now = moment.now;
        if self.scaling().pod(index) == Pod::Leaving {
            // The replica comes back once the former one is gone.
            return;
        }
        let cluster = self.scaled_cluster(index);
        let replicas = index - self.members(cluster).start + 1;
        let wait = room.map_or(SimDuration::ZERO, |room| {
            self.wait_for_node(cluster, (room, replicas), moment)
        });
        let placed = now + wait;
        let seconds = self.start_seconds(index, moment);
        let collector = &mut self.collectors[index as usize];
        collector.supersede();
        collector.due = placed + SimDuration::from_secs_f64(seconds);
        let event = Event::ReplicaStarted {
            stamp: collector.stamp(),
            collector: self.plan.collector_id(index),
        };
        moment.schedule(collector.due, event);
        self.scaling_mut()
            .set_pod(index, Pod::Pending { since: now, placed });
    }

    /// A replica that existed before replays the WAL on its volume. The series in this WAL died
    /// long ago, and stay until the next truncation. Returns whether the replica survives.
    fn replay_former(&mut self, index: u32, former: &Collector, moment: &mut Moment<'_>) -> bool {
        let now = moment.now;
        let plan = self.plan.blueprint;
        if !plan.wal.on_volume || former.replayed.series <= 0.0 {
            return true;
        }
        let occasion = Occasion::new(index, former.drawn);
        let law = plan.memory.replay_peak;
        let factor = moment
            .draw
            .noise(Purpose::ReplayPeak, self.plan.key, law, occasion);
        let needed = former.replayed.live * factor.max(1.0);
        self.tally.replay_live = self.tally.replay_live.max(needed);
        if needed > self.plan.memory.live_max() {
            self.replay_killed(index, needed, moment);
            return false;
        }
        let truncation = self.plan.resident.truncation();
        if truncation.every > SimDuration::ZERO {
            let bytes = self.plan.memory.per_series;
            let process = &mut self.collectors[index as usize].process;
            let held = [bytes.wal, bytes.queue].map(|bytes| former.replayed.series * bytes);
            process.leave_behind(held, truncation, now);
            self.replan_memory(index, moment);
        }
        true
    }

    /// A replica is asked to stop. The process of the replica ends, and its targets are missed
    /// until others own them.
    pub(super) fn terminate(&mut self, index: u32, moment: &mut Moment<'_>) {
        let now = moment.now;
        let pod = self.scaling().pod(index);
        match pod {
            Pod::Gone | Pod::Leaving => return,
            Pod::Pending { .. } => self.note_pending(index, moment),
            Pod::Running { .. } => self.end_if_up(index, End::RESTART, moment),
        }
        self.withdraw(index, moment);
        // The replica does not wait to be created either.
        self.leave_order(index);
        let collector = &mut self.collectors[index as usize];
        // The replica does not start again.
        collector.supersede();
        collector.end_loop();
        collector.due = SimTime::NEVER;
        if matches!(pod, Pod::Pending { .. }) {
            self.scaling_mut().set_pod(index, Pod::Gone);
            return;
        }
        self.settle(index, now);
        let streams = self.plan.streams.len();
        for stream in 0..streams {
            if self.plan.streams[stream].is_own() {
                // The replica's own series end with it.
                let slot = &mut self.weights[index as usize * streams + stream];
                self.carried.weights[stream] -= u64::from(std::mem::take(slot));
            }
        }
        self.scaling_mut().set_pod(index, Pod::Leaving);
    }

    /// Removes replicas that were asked to stop, once no targets of theirs wait for a new owner.
    pub(super) fn dismiss(&mut self, cluster: ClusterId, moment: &mut Moment<'_>) -> Facts {
        if self.scaling.is_none() {
            return Facts::default();
        }
        let now = moment.now;
        let assignment = self.plan.blueprint.topology.assignment;
        // Hashmod depends on the number of replicas, so it changes at once.
        let at_once = assignment == Assignment::Hashmod;
        let mut gone = Vec::new();
        for index in self.members(cluster) {
            let is_leaving = self.scaling().pod(index) == Pod::Leaving;
            let has_none = self.weights_of(index).iter().all(|&weight| weight == 0);
            if is_leaving && (at_once || has_none) {
                self.settle(index, now);
                self.pipelines.traces.give_up_waiting(index);
                self.collectors[index as usize].leave();
                self.scaling_mut().set_pod(index, Pod::Gone);
                self.leave_rollout(index, moment);
                gone.push(index);
            }
        }
        if gone.is_empty() {
            return Facts::default();
        }
        self.count_existing(cluster);
        let facts = if at_once {
            self.rebalance(cluster, moment)
        } else {
            Facts::default()
        };
        let first = self.members(cluster).start;
        let replicas = self.scaling().replicas_of(cluster);
        gone.retain(|index| index - first < replicas);
        facts.and(Facts {
            ports_changed: true,
            wanted: gone,
        })
    }

    /// Counts the collectors of a cluster up to the last one that exists.
    ///
    /// Simplified: with several clusters each cluster is strewn over the pool from its first node
    /// on.
    fn count_existing(&mut self, cluster: ClusterId) {
        let exists = |&index: &u32| self.collectors[index as usize].life != Life::Absent;
        let members = self.members(cluster);
        let last = members.clone().rev().find(exists);
        self.cohorts[cluster.index()].alive = last.map_or(0, |last| last - members.start + 1);
    }

    /// A pending replica got a node or is no longer wanted.
    fn note_pending(&mut self, index: u32, moment: &Moment<'_>) {
        let recorded = Span::new(moment.grid.warm_up, moment.now);
        self.scaling_mut().note_pending(index, recorded);
    }

    /// A new replica is in service. Returns whether it survives the replay of the WAL on its
    /// volume.
    pub(in crate::model) fn start_replica(&mut self, index: u32, moment: &mut Moment<'_>) -> bool {
        let now = moment.now;
        let cluster = self.scaled_cluster(index);
        self.note_pending(index, moment);
        self.scaling_mut()
            .set_pod(index, Pod::Running { since: now });
        self.settle_total(now);
        let former = self.collectors[index as usize];
        self.join(index, Began::empty(now), moment);
        self.count_existing(cluster);
        moment.note(self.scope(), Some(index), RecordKind::Started, f64::NAN);
        self.replay_former(index, &former, moment)
    }

    /// Time until there is a node for the last of `replicas` replicas of a cluster.
    fn wait_for_node(
        &mut self,
        cluster: ClusterId,
        (room, replicas): (Room, u32),
        moment: &Moment<'_>,
    ) -> SimDuration {
        let key = self.plan.key;
        let scaling = self.scaling_mut();
        let law = scaling.node_provisioning();
        let seconds = |asked: u32| {
            let occasion = Occasion::new(small(cluster.index()), asked);
            moment.draw.noise(Purpose::Provisioning, key, law, occasion)
        };
        let now = moment.now;
        scaling.wait_for_node(cluster, room.lacking(replicas), now, seconds)
    }
}
