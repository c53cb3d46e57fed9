//! The autoscalers of a centralized fleet.

use crate::model::autoscale::{Change, Room, Scaling};
use crate::model::blueprint::ClusterId;
use crate::model::moment::{Event, Moment};
use crate::model::record::outcome::RecordKind;
use crate::units::SimTime;

use super::Fleet;
use super::facts::Facts;

impl Fleet<'_> {
    /// Schedules the first measurements of the autoscalers of a fleet.
    pub(in crate::model) fn plan_scaling(&mut self, moment: &mut Moment<'_>) {
        for cluster in ClusterId::all(self.clusters.len()) {
            self.requeue(cluster, moment);
        }
    }

    /// Something touched a cluster, so its utilisation is measured at the next occasion.
    pub(in crate::model) fn requeue(&mut self, cluster: ClusterId, moment: &mut Moment<'_>) {
        let has_room = !self.is_pending(self.members(cluster).start);
        let scaling = self.scaling.as_mut().filter(|_| has_room);
        let at = scaling.and_then(|scaling| scaling.requeue(cluster, moment.now));
        self.schedule_measurement(cluster, at, moment);
    }

    /// [`Fleet::requeue`] for the cluster of a collector.
    pub(super) fn requeue_for(&mut self, index: u32, moment: &mut Moment<'_>) {
        if self.scaling.is_some() {
            self.requeue(self.scaled_cluster(index), moment);
        }
    }

    fn schedule_measurement(
        &self,
        cluster: ClusterId,
        at: Option<SimTime>,
        moment: &mut Moment<'_>,
    ) {
        if let Some(at) = at {
            let event = Event::UsageMeasured {
                fleet: self.plan.id,
                cluster,
            };
            moment.schedule(at, event);
        }
    }

    /// Measures the utilisation of the replicas of a cluster. Schedules the next measurement that
    /// can change anything.
    pub(in crate::model) fn measure_usage(
        &mut self,
        cluster: ClusterId,
        room: Option<Room>,
        moment: &mut Moment<'_>,
    ) -> Facts {
        let now = moment.now;
        if !self.scaling_mut().take_due(cluster, now) {
            return Facts::default();
        }
        self.measure(cluster, now);
        let lag = self.scaling().lag();
        let facts = if lag.is_zero() {
            self.review_replicas(cluster, room, moment)
        } else {
            let event = Event::ReplicasReviewed {
                fleet: self.plan.id,
                cluster,
            };
            moment.schedule(now + lag, event);
            Facts::default()
        };
        let rests = !self.scaling().is_dirty(cluster, now);
        let quiet_until = rests.then(|| self.quiet_until(cluster, now));
        let at = self.scaling_mut().plan_next(cluster, now, quiet_until);
        self.schedule_measurement(cluster, at, moment);
        facts
    }

    /// An autoscaler sees what was measured one lag ago.
    pub(in crate::model) fn review_replicas(
        &mut self,
        cluster: ClusterId,
        room: Option<Room>,
        moment: &mut Moment<'_>,
    ) -> Facts {
        let now = moment.now;
        let scaling = self.scaling_mut();
        let Some(wanted) = scaling.review(cluster, now) else {
            return Facts::default();
        };
        scaling.mark_dirty(cluster, now);
        self.scale(cluster, wanted, room, moment)
    }

    /// A cluster gets another number of replicas: new ones are requested, or the last ones
    /// terminated.
    fn scale(
        &mut self,
        cluster: ClusterId,
        wanted: u32,
        room: Option<Room>,
        moment: &mut Moment<'_>,
    ) -> Facts {
        let now = moment.now;
        self.settle_total(now);
        let first = self.members(cluster).start;
        let before = self.scaling_mut().ask_for(cluster, wanted);
        let what = if wanted > before {
            RecordKind::ScaledUp
        } else {
            RecordKind::ScaledDown
        };
        moment.note(self.scope(), None, what, f64::from(wanted));
        if let Some(room) = room {
            let change = Change {
                before,
                after: wanted,
            };
            self.scaling_mut().review_nodes(cluster, room, change, now);
        }
        for member in before..wanted {
            self.request(first + member, room, moment);
        }
        for member in (wanted..before).rev() {
            self.terminate(first + member, moment);
        }
        let facts = self.dismiss(cluster, moment);
        self.requeue(cluster, moment);
        facts
    }

    /// The cluster of a collector.
    pub(in crate::model) fn scaled_cluster(&self, index: u32) -> ClusterId {
        self.cluster_of(index)
            .expect("autoscaled collectors are members")
    }

    /// The autoscalers of an autoscaled fleet.
    pub(super) fn scaling(&self) -> &Scaling {
        let scaling = self.scaling.as_ref();
        scaling.expect("the fleet is autoscaled")
    }

    /// [`Fleet::scaling()`], mutable.
    pub(super) fn scaling_mut(&mut self) -> &mut Scaling {
        let scaling = self.scaling.as_mut();
        scaling.expect("the fleet is autoscaled")
    }

    /// Whether the autoscalers skip no evaluation, even where none can change anything.
    #[cfg(test)]
    pub(in crate::model) fn keep_autoscalers_awake(&mut self, awake: bool) {
        if let Some(scaling) = &mut self.scaling {
            scaling.keep_awake(awake);
        }
    }
}
