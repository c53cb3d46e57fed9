//! The autoscalers of centralized fleets: when they look, what they see, what they ask for.

use crate::engine::Calendar;
use crate::model::autoscale::Pod;
use crate::model::record::catalogue::{Metric, Scope};
use crate::model::record::outcome::What;
use crate::units::SimTime;

use super::collect::small;
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
            self.rouse(fleet, self.scaled_group(fleet, index), calendar);
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

    /// The group of a collector.
    pub(super) fn scaled_group(&self, fleet: usize, index: u32) -> usize {
        self.group_of(fleet, index)
            .expect("autoscaled collectors are members")
    }

    /// The autoscalers of a fleet that has some.
    pub(super) fn scaling(&mut self, fleet: usize) -> &mut Scaling {
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
