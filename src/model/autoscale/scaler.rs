//! The autoscaler of one cluster: what it sees, what it remembers, and when it looks next.

use super::{Measurements, Nodes, Pod, Readings, Rules, Stabilizer, Usage};
use crate::model::blueprint::ClusterId;
use crate::model::blueprint::id::index_by;
use crate::units::{SimDuration, SimTime};

/// The autoscaler of one cluster.
#[derive(Clone, Debug)]
pub(super) struct Scaler {
    /// Replicas asked for.
    pub(super) replicas: u32,
    /// Nodes that were added for them.
    pub(super) nodes: Nodes,
    stabilizer: Stabilizer,
    measurements: Measurements,
    /// When the next measurement is planned.
    due: SimTime,
    /// When the last one was.
    measured: Option<SimTime>,
    /// When the last look was, if it recommended anything.
    last_stable: Option<SimTime>,
    /// Up to this instant every look may change something, for what was recommended before.
    dirty_until: SimTime,
}

index_by!(ClusterId: Scaler);

impl Scaler {
    /// One that has seen nothing of so many replicas.
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

    /// A planned measurement is due; returns false if an earlier one has taken its place.
    pub(super) fn take_due(&mut self, now: SimTime) -> bool {
        let is_due = self.due == now;
        if is_due {
            self.due = SimTime::NEVER;
        }
        is_due
    }

    /// Whether the last measurement was at this instant.
    pub(super) fn has_measured(&self, at: SimTime) -> bool {
        self.measured == Some(at)
    }

    /// What the pods use is measured, by ordinal; `None` without a process.
    pub(super) fn measure(&mut self, now: SimTime, usages: Vec<Option<Usage>>) {
        self.measurements.measure(now, usages);
        self.measured = Some(now);
    }

    /// Memory and CPU of `pods` as measured at `at` or last before.
    pub(super) fn see(&mut self, at: SimTime, pods: &[Pod]) -> Readings {
        self.measurements.see(at, pods)
    }

    /// From `now` on every look counts until what was recommended is forgotten, and for `more` time.
    pub(super) fn mark_dirty(&mut self, now: SimTime, more: SimDuration) {
        let until = now + self.stabilizer.rules().memory() + more;
        self.dirty_until = self.dirty_until.max(until);
    }

    /// Whether every look may change something.
    pub(super) fn is_dirty(&self, now: SimTime) -> bool {
        now < self.dirty_until
    }

    /// Whether a recommendation is of the replicas that there are.
    pub(super) fn is_stable(&self, desired: u32) -> bool {
        self.stabilizer.rules().bound(desired) == self.replicas
    }

    /// The number of replicas that the autoscaler wants, for which the metrics recommend `desired`, if
    /// they say anything. It looks every `sync`, but is not asked while nothing can change.
    pub(super) fn review(&mut self, now: SimTime, sync: SimDuration, desired: Option<u32>) -> u32 {
        if self.last_stable.is_some_and(|at| now - at > sync) {
            // What it would have said each time since. Where nothing is measured it says nothing.
            self.stabilizer.rested(now.before(sync), self.replicas);
        }
        self.last_stable = desired.map(|_| now);
        let current = self.replicas;
        desired.map_or(current, |desired| {
            self.stabilizer.review(now, current, desired)
        })
    }

    /// Whether it looks at every occasion, even where nothing can change.
    #[cfg(test)]
    pub(super) fn keep_awake(&mut self, awake: bool) {
        self.dirty_until = if awake { SimTime::NEVER } else { SimTime::ZERO };
    }
}
