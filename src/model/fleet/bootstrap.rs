//! How collectors come into service: the duration of a start, and starts in order or at once.

use crate::model::blueprint::{PodManagement, Start};
use crate::model::load::draw::{Occasion, Purpose};
use crate::model::load::driver::weight_value;
use crate::model::moment::{Event, Moment};
use crate::model::process::collector::{Collector, Life};
use crate::units::{SimDuration, SimTime};

use super::Fleet;
use super::end::End;

/// Most cores that the replay of a WAL uses. With fewer cores the replay slows down in proportion.
///
/// INFERRED: a WAL is read segment after segment. prometheus/prometheus decodes and loads it in a
/// few goroutines, one of which is the slowest.
const REPLAY_CORES: f64 = 1.0;

impl Fleet<'_> {
    /// Draws the seconds that a collector takes to start, with its replay.
    pub(super) fn start_seconds(&mut self, index: u32, moment: &Moment<'_>) -> f64 {
        let plan = self.plan.blueprint;
        let collector = &mut self.collectors[index as usize];
        collector.drawn += 1;
        let occasion = Occasion::new(index, collector.drawn);
        let replays = collector.replayed.series > 0.0;
        let law = plan.interruptions.restart_gap;
        let gap = moment
            .draw
            .noise(Purpose::Gap, self.plan.key, law, occasion);
        let replay = if plan.wal.on_volume && replays {
            self.replay_seconds(occasion, moment)
        } else {
            0.0
        };
        gap.max(0.0) + replay
    }

    /// Draws the seconds that a replay of a collector's WAL takes.
    fn replay_seconds(&self, occasion: Occasion, moment: &Moment<'_>) -> f64 {
        let law = self.plan.blueprint.interruptions;
        let noise = |purpose, law| moment.draw.noise(purpose, self.plan.key, law, occasion);
        let per_second = noise(Purpose::Replay, law.replay_series_per_second).max(1.0);
        let per_mib = noise(Purpose::ReplayLog, law.replay_seconds_per_mib).max(0.0);
        let stopped = &self.collectors[occasion.entity as usize];
        let seconds = stopped.replayed.series / per_second + stopped.replayed.mib * per_mib;
        let cores = self.plan.cpu_cap.min(REPLAY_CORES) / REPLAY_CORES;
        seconds / cores.max(1e-3)
    }

    /// Whether a collector has been in service for long enough, so that the next pod may follow.
    pub(super) fn is_available(&self, index: u32, now: SimTime) -> bool {
        let ready = self.plan.blueprint.lifecycle.updates.min_ready;
        is_available(&self.collectors[index as usize], ready, now)
    }

    fn is_ordered(&self) -> bool {
        let plan = self.plan.blueprint;
        plan.lifecycle.pod_management == PodManagement::Ordered && !self.clusters.is_empty()
    }

    /// Whether a pod waits for a collector to become available.
    pub(super) fn is_awaited(&self, index: u32) -> bool {
        self.cluster_of(index)
            .is_some_and(|cluster| !self.clusters[cluster].order.is_empty())
    }

    /// Whether a pod of an ordered `StatefulSet` must wait to be created. A killed container starts
    /// again in its pod, whatever other pods do. Any other end takes a new pod.
    pub(super) fn waits_for_turn(&mut self, index: u32, end: End, moment: &mut Moment<'_>) -> bool {
        let now = moment.now;
        let away = match end {
            End::Asked { away } | End::NodeLost { away } => away,
            End::Killed { .. } => return false,
        };
        if !self.is_ordered() {
            return false;
        }
        let cluster = self.cluster_of(index).expect("ordered pods are members");
        let ready = self.plan.blueprint.lifecycle.updates.min_ready;
        let is_missing = |lower: u32| is_missing(&self.collectors[lower as usize], ready, now);
        let order = &mut self.clusters[cluster].order;
        if order.is_turn_of(index, is_missing) {
            return false;
        }
        order.wait(index, now + away);
        let collector = &mut self.collectors[index as usize];
        collector.due = SimTime::NEVER;
        // The start after this wait has its own random numbers.
        collector.drawn += 1;
        // Lower pods may be in service already, and may have become available while no pod waited.
        for lower in self.members(cluster).start..index {
            if self.collectors[lower as usize].life == Life::Up {
                self.look_at_available(lower, moment);
            }
        }
        true
    }

    /// Schedules the instant at which a collector in service becomes available.
    pub(super) fn look_at_available(&self, index: u32, moment: &mut Moment<'_>) {
        let ready = self.plan.blueprint.lifecycle.updates.min_ready;
        let started = self.collectors[index as usize].process.started;
        let at = (started + ready).max(moment.now);
        let fleet = self.plan.id;
        let event = Event::CollectorAvailable { fleet, index };
        moment.schedule(at, event);
    }

    /// Creates the next pod of an ordered `StatefulSet` if the pods before it are available.
    pub(super) fn create_next(&mut self, index: u32, moment: &mut Moment<'_>) {
        let now = moment.now;
        let Some(cluster) = self.cluster_of(index) else {
            return;
        };
        let ready = self.plan.blueprint.lifecycle.updates.min_ready;
        let collector = |index: u32| &self.collectors[index as usize];
        let next = self.clusters[cluster].order.next(
            |index| collector(index).life == Life::Down,
            |lower| is_missing(collector(lower), ready, now),
        );
        if let Some((next, from)) = next {
            let away = from.since(now);
            self.plan_start(next, End::Asked { away }, moment);
        }
    }

    /// Whether a pod does not exist at the start of a cold start.
    pub(super) fn starts_later(&self, index: u32, moment: &Moment<'_>) -> bool {
        moment.blueprint.start == Start::Cold
            && self.is_ordered()
            && self
                .clusters
                .iter()
                .all(|cluster| cluster.members().start != index)
    }

    /// At a cold start only the first pod of an ordered `StatefulSet` is created. The second pod
    /// follows at once where `min_ready` is zero.
    pub(super) fn start_later(&mut self, index: u32, moment: &mut Moment<'_>) {
        self.enrol(index, moment);
        let now = moment.now;
        self.collectors[index as usize].await_turn(now);
        self.plan_start(index, End::RESTART, moment);
    }

    /// Removes a pod from those that wait to be created. Returns whether it waited.
    pub(super) fn leave_order(&mut self, index: u32) -> bool {
        self.cluster_of(index)
            .is_some_and(|cluster| self.clusters[cluster].order.leave(index))
    }

    /// A collector owns targets again whose series are still in its memory. Such series count once.
    pub(super) fn reclaim(&mut self, index: u32, now: SimTime) {
        let process = self.collectors[index as usize].process;
        let mut owned = [0.0; 2];
        for (stream, &weight) in self.weights_of(index).iter().enumerate() {
            if !self.plan.streams[stream].is_own() {
                let held = self.plan.resident.held_back(&process, stream, now);
                for (owned, held) in owned.iter_mut().zip(held) {
                    *owned += weight_value(weight) * held.alive;
                }
            }
        }
        let process = &mut self.collectors[index as usize].process;
        for (residue, owned) in process.residue.iter_mut().zip(owned) {
            if residue.live > 0.0 {
                residue.live = (residue.live - owned).max(0.0);
            }
        }
    }
}

/// Whether a collector is in service for at least `ready`.
fn is_available(collector: &Collector, ready: SimDuration, now: SimTime) -> bool {
    let started = collector.process.started;
    // In the warm-up a process may stand for one that began a truncation period earlier.
    collector.life == Life::Up && (started > now || now - started >= ready)
}

/// Whether a collector exists and is not available.
fn is_missing(collector: &Collector, ready: SimDuration, now: SimTime) -> bool {
    collector.life != Life::Absent && !is_available(collector, ready, now)
}
