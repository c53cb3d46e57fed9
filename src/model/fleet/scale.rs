//! The autoscalers of a centralized fleet.

use crate::model::autoscale::Room;
use crate::model::moment::{Event, Moment};
use crate::model::record::outcome::What;
use crate::units::small;

use super::Fleet;
use super::facts::Facts;
use super::scaling::Scaling;

impl Fleet<'_> {
    /// The autoscalers of a fleet begin to look.
    pub(in crate::model) fn plan_scaling(&mut self, moment: &mut Moment<'_>) {
        for group in 0..self.groups.len() {
            self.rouse(group, moment);
        }
    }

    /// Something touched a group: what it uses is measured at the next occasion.
    pub(in crate::model) fn rouse(&mut self, group: usize, moment: &mut Moment<'_>) {
        let now = moment.now;
        let Some(scaling) = &self.scaling else {
            return;
        };
        let next = scaling.measurement_from(now);
        let is_done = scaling.scalers[group].measured == Some(next);
        let at = if is_done { next + scaling.sync } else { next };
        self.plan_measurement(group, at, moment);
    }

    /// The same for the group of a collector.
    pub(super) fn rouse_for(&mut self, index: u32, moment: &mut Moment<'_>) {
        if self.scaling.is_some() {
            self.rouse(self.scaled_group(index), moment);
        }
    }

    /// Plans a measurement, unless one is planned earlier.
    fn plan_measurement(&mut self, group: usize, at: u64, moment: &mut Moment<'_>) {
        let scaler = &mut self.scaling().scalers[group];
        if at < scaler.due {
            scaler.due = at;
            let event = Event::UsageMeasured {
                fleet: self.plan.id,
                group: small(group),
            };
            moment.schedule(at, event);
        }
    }

    /// What the replicas of a group use is measured; the next measurement is the next one that can
    /// lead to anything.
    pub(in crate::model) fn measure_usage(
        &mut self,
        group: usize,
        room: Option<Room>,
        moment: &mut Moment<'_>,
    ) -> Facts {
        let now = moment.now;
        let scaler = &mut self.scaling().scalers[group];
        if scaler.due != now {
            // An earlier one has taken its place.
            return Facts::default();
        }
        scaler.due = u64::MAX;
        self.measure(group, now);
        let lag = self.scaling().lag;
        let facts = if lag == 0 {
            self.review_replicas(group, room, moment)
        } else {
            let event = Event::ReplicasReviewed {
                fleet: self.plan.id,
                group: small(group),
            };
            moment.schedule(now + lag, event);
            Facts::default()
        };
        let scaling = self.scaling();
        let (restless_until, sync) = (scaling.scalers[group].restless_until, scaling.sync);
        let next = if now < restless_until {
            now + sync
        } else {
            let quiet_until = self.quiet_until(group, now);
            self.scaling().measurement_from(quiet_until.max(now + 1))
        };
        self.plan_measurement(group, next, moment);
        facts
    }

    /// An autoscaler sees what was measured one lag ago.
    pub(in crate::model) fn review_replicas(
        &mut self,
        group: usize,
        room: Option<Room>,
        moment: &mut Moment<'_>,
    ) -> Facts {
        let now = moment.now;
        let scaling = self.scaling();
        let wanted = scaling.review(group, now);
        if wanted != scaling.scalers[group].replicas {
            scaling.disturb(group, now);
            return self.scale(group, wanted, room, moment);
        }
        Facts::default()
    }

    /// A group is to have another number of replicas: new ones are asked for, or the last ones go.
    fn scale(
        &mut self,
        group: usize,
        wanted: u32,
        room: Option<Room>,
        moment: &mut Moment<'_>,
    ) -> Facts {
        let now = moment.now;
        self.settle_total(now);
        let first = self.members(group).start;
        let scaling = self.scaling();
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
        moment.note(self.scope(), None, what, f64::from(wanted));
        if let Some(room) = room {
            let scaler = &mut self.scaling().scalers[group];
            scaler.nodes.review(room, (before, wanted), now);
        }
        for member in before..wanted {
            self.request(first + member, room, moment);
        }
        for member in (wanted..before).rev() {
            self.terminate(first + member, moment);
        }
        let facts = self.dismiss(group, moment);
        self.rouse(group, moment);
        facts
    }

    /// The group of a collector.
    pub(in crate::model) fn scaled_group(&self, index: u32) -> usize {
        self.cluster_of(index)
            .expect("autoscaled collectors are members")
    }

    /// The autoscalers of a fleet that has some.
    pub(super) fn scaling(&mut self) -> &mut Scaling {
        let scaling = self.scaling.as_mut();
        scaling.expect("the fleet is autoscaled")
    }

    /// Whether the autoscalers look at every occasion, even where nothing can change.
    #[cfg(test)]
    pub(in crate::model) fn keep_autoscalers_awake(&mut self, awake: bool) {
        let scalers = self.scaling.iter_mut();
        for scaler in scalers.flat_map(|scaling| &mut scaling.scalers) {
            scaler.restless_until = if awake { u64::MAX } else { 0 };
        }
    }
}
