//! The autoscaler of one cluster: its measurements, its memory, and the time of its next
//! evaluation.

use super::{Measurements, Nodes, Pod, Readings, Rules, Stabilizer, Usage};
use crate::model::blueprint::ClusterId;
use crate::model::blueprint::id::index_by;
use crate::units::{SimDuration, SimTime};

/// The autoscaler of one cluster.
#[derive(Clone, Debug)]
pub(super) struct Scaler {
    /// Requested replicas.
    pub(super) replicas: u32,
    /// Nodes that were added for the replicas.
    pub(super) nodes: Nodes,
    stabilizer: Stabilizer,
    measurements: Measurements,
    /// When the next measurement is planned.
    due: SimTime,
    /// When the last measurement was.
    measured: Option<SimTime>,
    /// When the last evaluation was, if it recommended anything.
    last_stable: Option<SimTime>,
    /// Instant up to which every evaluation may change something, because of earlier
    /// recommendations.
    dirty_until: SimTime,
}

index_by!(ClusterId: Scaler);

impl Scaler {
    /// An autoscaler of `replicas` replicas that has seen nothing.
    pub(super) fn new(rules: Rules, replicas: u32) -> Self {
        Self {
            replicas,
            nodes: Nodes::default(),
            stabilizer: Stabilizer::new(rules),
            measurements: Measurements::default(),
            due: SimTime::NEVER,
            measured: None,
            last_stable: None,
            dirty_until: SimTime::ZERO,
        }
    }

    /// Plans a measurement, unless one is planned earlier; returns whether it did.
    pub(super) fn plan(&mut self, at: SimTime) -> bool {
        let is_earlier = at < self.due;
        self.due = self.due.min(at);
        is_earlier
    }

    /// A planned measurement is due. Returns false if an earlier measurement has replaced it.
    pub(super) fn take_due(&mut self, now: SimTime) -> bool {
        let is_due = self.due == now;
        if is_due {
            self.due = SimTime::NEVER;
        }
        is_due
    }

    /// Whether the last measurement was at `at`.
    pub(super) fn has_measured(&self, at: SimTime) -> bool {
        self.measured == Some(at)
    }

    /// Stores the utilisation of the pods, by ordinal; `None` without a process.
    pub(super) fn measure(&mut self, now: SimTime, usages: Vec<Option<Usage>>) {
        self.measurements.measure(now, usages);
        self.measured = Some(now);
    }

    /// The readings of `pods` from the last measurement up to `at`.
    pub(super) fn see(&mut self, at: SimTime, pods: &[Pod]) -> Readings {
        self.measurements.see(at, pods)
    }

    /// From `now` on every evaluation counts until today's recommendations are forgotten, and for
    /// `more` time.
    pub(super) fn mark_dirty(&mut self, now: SimTime, more: SimDuration) {
        let until = now + self.stabilizer.rules().memory() + more;
        self.dirty_until = self.dirty_until.max(until);
    }

    /// Whether every evaluation may change something.
    pub(super) fn is_dirty(&self, now: SimTime) -> bool {
        now < self.dirty_until
    }

    /// Whether `desired` leaves the number of replicas as it is.
    pub(super) fn is_stable(&self, desired: u32) -> bool {
        self.stabilizer.rules().bound(desired) == self.replicas
    }

    /// The number of replicas that the autoscaler wants where the metrics recommend `desired`,
    /// `None` without a measurement. The autoscaler evaluates every `sync`, but evaluations that
    /// change nothing are skipped.
    pub(super) fn review(&mut self, now: SimTime, sync: SimDuration, desired: Option<u32>) -> u32 {
        if self.last_stable.is_some_and(|at| now - at > sync) {
            // It recommended the same at every skipped evaluation. Without measurements it
            // recommends nothing.
            self.stabilizer.rested(now.before(sync), self.replicas);
        }
        self.last_stable = desired.map(|_| now);
        let current = self.replicas;
        desired.map_or(current, |desired| {
            self.stabilizer.review(now, current, desired)
        })
    }

    /// Whether no evaluation is skipped, even where none can change anything.
    #[cfg(test)]
    pub(super) fn keep_awake(&mut self, awake: bool) {
        self.dirty_until = if awake { SimTime::NEVER } else { SimTime::ZERO };
    }
}
