//! How the collectors of a cluster come into service: in order or at once, and with targets from which
//! size of the cluster on.

use std::collections::BTreeMap;

use crate::model::blueprint::{PodManagement, Start};
use crate::model::load::draw::Purpose;
use crate::model::load::driver::weight_value;
use crate::model::moment::{Event, Moment};
use crate::model::process::collector::Life;
use crate::units::{nanos, small};

use super::Fleet;
use super::cascade::Recent;
use super::end::End;
use super::facts::Facts;

/// Cores that the replay of a log uses at the most: with less it takes as much longer.
///
/// INFERRED: a log is read segment after segment; prometheus/prometheus decodes and loads it in a few
/// goroutines, of which one is the slowest.
const REPLAY_CORES: f64 = 1.0;

/// Where the members of a group are in their life together.
#[derive(Clone, Debug, Default)]
pub(super) struct GroupLife {
    /// Pods that are created only when those with lower numbers are available, each with the
    /// nanosecond from which there is a place for it.
    pub held_back: BTreeMap<u32, u64>,
    pub readiness: Readiness,
    /// Weight per stream that nobody owns; empty if there is none.
    pub unowned: Vec<u64>,
    /// How often each member of a Deployment has been replaced under a new name.
    pub generations: BTreeMap<u32, u32>,
    pub recent: Recent,
}

/// Whether the members of a group take targets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Readiness {
    /// The cluster is large enough, or nobody waits for that.
    #[default]
    Ready,
    /// It is too small since then.
    NotReady { since: u64 },
    /// It is too small, but was so for too long to wait any longer.
    DeadlinePassed,
}

impl Fleet<'_> {
    /// Seconds that a collector takes to start, drawn anew, its replay included.
    pub(super) fn start_seconds(&mut self, index: u32, moment: &Moment<'_>) -> f64 {
        let plan = self.plan.blueprint;
        let collector = &mut self.collectors[index as usize];
        collector.drawn += 1;
        let (occasion, replays) = ((index, collector.drawn), collector.replayed_series > 0.0);
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

    /// Seconds in which the log of a collector is replayed on an occasion.
    fn replay_seconds(&self, occasion: (u32, u32), moment: &Moment<'_>) -> f64 {
        let law = self.plan.blueprint.interruptions;
        let noise = |purpose, law| moment.draw.noise(purpose, self.plan.key, law, occasion);
        let per_second = noise(Purpose::Replay, law.replay_series_per_second).max(1.0);
        let per_mib = noise(Purpose::ReplayLog, law.replay_seconds_per_mib).max(0.0);
        let stopped = &self.collectors[occasion.0 as usize];
        let seconds = stopped.replayed_series / per_second + stopped.replayed_mib * per_mib;
        let cores = self.plan.cpu_cap.min(REPLAY_CORES) / REPLAY_CORES;
        seconds / cores.max(1e-3)
    }

    /// Whether a collector is in service for so long that the next pod may follow.
    pub(super) fn is_available(&self, index: u32, now: u64) -> bool {
        let collector = &self.collectors[index as usize];
        let ready = nanos(self.plan.blueprint.lifecycle.updates.min_ready);
        let started = collector.process.started;
        // In the lead-in a process may stand for one that began a truncation earlier.
        collector.life == Life::Up && (started > now || now - started >= ready)
    }

    fn is_ordered(&self) -> bool {
        let plan = self.plan.blueprint;
        plan.lifecycle.pod_management == PodManagement::Ordered && !self.groups.is_empty()
    }

    /// The group of a collector.
    pub(super) fn group_of(&self, index: u32) -> Option<usize> {
        let members = self.groups.first()?.members;
        Some((index / members.max(1)) as usize)
    }

    /// Whether a pod waits for this one.
    pub(super) fn is_awaited(&self, index: u32) -> bool {
        self.group_of(index)
            .is_some_and(|group| !self.groups[group].life.held_back.is_empty())
    }

    /// Whether some pod of a group with a lower number is not available.
    fn waits_for_lower(&self, index: u32, now: u64) -> bool {
        let group = self.group_of(index).expect("ordered pods are members");
        let mut lower = self.groups[group].base..index;
        lower.any(|lower| {
            self.collectors[lower as usize].life != Life::Absent && !self.is_available(lower, now)
        })
    }

    /// Whether a pod of an ordered `StatefulSet` must wait with its start. A killed container starts
    /// again in its pod, whatever the others do; everything else takes a new pod.
    pub(super) fn is_held_back(&mut self, index: u32, end: End, moment: &mut Moment<'_>) -> bool {
        let now = moment.now;
        let away = match end {
            End::Asked { away } | End::NodeLost { away } => away,
            End::Killed { .. } => return false,
        };
        if !self.is_ordered() || !self.waits_for_lower(index, now) {
            return false;
        }
        let group = self.group_of(index).expect("ordered pods are members");
        let collector = &mut self.collectors[index as usize];
        collector.due = u64::MAX;
        // What follows from this end has random numbers of its own.
        collector.drawn += 1;
        let held_back = &mut self.groups[group].life.held_back;
        held_back.insert(index, now.saturating_add(away));
        // Those before it may be in service already, and available before anybody asked.
        for lower in self.groups[group].base..index {
            if self.collectors[lower as usize].life == Life::Up {
                self.look_at_available(lower, moment);
            }
        }
        true
    }

    /// Looks again at the instant at which a collector in service becomes available.
    pub(super) fn look_at_available(&self, index: u32, moment: &mut Moment<'_>) {
        let ready = nanos(self.plan.blueprint.lifecycle.updates.min_ready);
        let started = self.collectors[index as usize].process.started;
        let at = started.saturating_add(ready).max(moment.now);
        let fleet = self.plan.id;
        let event = Event::CollectorAvailable { fleet, index };
        moment.schedule(at, event);
    }

    /// The next pod of an ordered `StatefulSet` is created if those before it are available.
    pub(super) fn create_next(&mut self, index: u32, moment: &mut Moment<'_>) {
        let now = moment.now;
        let Some(group) = self.group_of(index) else {
            return;
        };
        let collectors = &self.collectors;
        let held_back = &mut self.groups[group].life.held_back;
        // Pods that are no longer wanted hold nobody back.
        held_back.retain(|&index, _| collectors[index as usize].life == Life::Down);
        let Some((&next, &from)) = held_back.first_key_value() else {
            return;
        };
        if !self.waits_for_lower(next, now) {
            self.release_held_back(next);
            let away = from.saturating_sub(now);
            self.plan_start(next, End::Asked { away }, moment);
        }
    }

    /// Whether a pod is not there yet at a cold start.
    pub(super) fn starts_later(&self, index: u32, moment: &Moment<'_>) -> bool {
        moment.blueprint.start == Start::Cold
            && self.is_ordered()
            && !index.is_multiple_of(self.groups[0].members)
    }

    /// At a cold start only the first pod of an ordered `StatefulSet` is created; the second one follows
    /// at once if the first need not be ready for any time.
    pub(super) fn start_later(&mut self, index: u32, moment: &mut Moment<'_>) {
        self.enrol(index, moment);
        let now = moment.now;
        self.collectors[index as usize].await_turn(now);
        self.plan_start(index, End::Asked { away: 0 }, moment);
    }

    /// Members of a crash-looping group that never came into service, taken out of their queue.
    pub(in crate::model) fn release_held_back(&mut self, index: u32) -> bool {
        let Some(group) = self.group_of(index) else {
            return false;
        };
        let life = &mut self.groups[group].life;
        life.held_back.remove(&index).is_some()
    }

    /// Whether the members of a group take targets, now that some may have come or gone.
    ///
    /// Source: grafana/alloy, `internal/service/cluster`, minimum cluster size and its deadline, and
    /// Grafana Alloy documentation, `alloy run`, `--cluster.wait-for-size` (read 2026-11).
    ///
    /// Simplified: members count once they are in service, and one clock runs for all of them.
    pub(super) fn takes_targets(&mut self, group: usize, moment: &mut Moment<'_>) -> bool {
        let wait = self.plan.blueprint.lifecycle.wait;
        if wait.size < 2 {
            return true;
        }
        let now = moment.now;
        let members = self.owners(group, now).into_iter();
        let size = members.filter(|&owns| owns).count();
        let plan = &mut self.groups[group];
        let before = plan.life.readiness;
        if size >= wait.size as usize {
            plan.life.readiness = Readiness::Ready;
        } else if before == Readiness::Ready {
            plan.life.readiness = Readiness::NotReady { since: now };
            if !wait.timeout.is_zero() {
                let at = now.saturating_add(nanos(wait.timeout));
                let event = Event::WaitEnded {
                    fleet: self.plan.id,
                    group: small(group),
                };
                moment.schedule(at, event);
            }
        }
        self.note_wait(group, before, moment);
        !matches!(
            self.groups[group].life.readiness,
            Readiness::NotReady { .. }
        )
    }

    /// Adds up the time in which a group took no targets, if that has ended.
    fn note_wait(&mut self, group: usize, before: Readiness, moment: &Moment<'_>) {
        let (lead, now) = (moment.grid.lead, moment.now);
        if let Readiness::NotReady { since } = before
            && self.groups[group].life.readiness != before
        {
            self.tally.not_ready_nanos += now.max(lead) - since.max(lead);
        }
    }

    /// A cluster that is still too small takes its targets all the same.
    pub(in crate::model) fn end_wait(&mut self, group: usize, moment: &mut Moment<'_>) -> Facts {
        let now = moment.now;
        let timeout = nanos(self.plan.blueprint.lifecycle.wait.timeout);
        let readiness = &mut self.groups[group].life.readiness;
        let before = *readiness;
        if let Readiness::NotReady { since } = before
            && since.saturating_add(timeout) == now
        {
            *readiness = Readiness::DeadlinePassed;
            self.note_wait(group, before, moment);
            return self.rebalance(group, moment);
        }
        Facts::default()
    }

    /// Leaves `unowned` of each stream of a group without an owner: its samples are missed. Returns
    /// whether some had none before. To be called when the total is accounted for.
    pub(super) fn leave_unowned(&mut self, group: usize, unowned: Vec<u64>) -> bool {
        let before = std::mem::replace(&mut self.groups[group].life.unowned, unowned);
        let after = self.groups[group].life.unowned.clone();
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

    /// A collector owns targets again whose series are still in its memory: they count once.
    pub(super) fn reclaim(&mut self, index: u32, now: u64) {
        let process = self.collectors[index as usize].process;
        let mut owned = [0.0; 2];
        for (stream, &weight) in self.weights_of(index).iter().enumerate() {
            if self.plan.streams[stream].workload.is_some() {
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
