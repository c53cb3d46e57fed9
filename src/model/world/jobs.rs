//! Short-lived pods with a sidecar: they arrive, run, flush and end.

use crate::model::blueprint::{FleetId, Start};
use crate::model::job::Luck;
use crate::model::moment::Calendar;
use crate::units::{SimDuration, SimTime};

use super::World;

impl World<'_> {
    /// Schedules the first arrival of a fleet's jobs, and begins the jobs in progress.
    pub(super) fn plan_jobs(&mut self, fleet: FleetId, calendar: &mut Calendar) {
        if self.fleets[fleet].jobs().plan.is_none() {
            return;
        }
        let blueprint = self.setting.blueprint;
        let endpoints = blueprint.fleets[fleet].sends_to.iter();
        let dials = endpoints.filter_map(|&endpoint| self.set_of(endpoint));
        let dials = dials.collect();
        self.fleets[fleet].dial_to(dials);
        if blueprint.start == Start::Running {
            for (luck, age) in self.fleets[fleet].standing_jobs(&self.setting.draw) {
                self.begin_job(fleet, luck, age, calendar);
            }
        }
        self.fleets[fleet].plan_arrival(&mut self.setting.moment(calendar));
    }

    /// A job starts with its sidecar, which connects to its endpoints.
    pub(super) fn job_arrived(&mut self, fleet: FleetId, calendar: &mut Calendar) {
        let luck = self.fleets[fleet].jobs().next;
        self.begin_job(fleet, luck, SimDuration::ZERO, calendar);
        self.fleets[fleet].plan_arrival(&mut self.setting.moment(calendar));
    }

    fn begin_job(&mut self, fleet: FleetId, luck: Luck, age: SimDuration, calendar: &mut Calendar) {
        let connected = self.take_ports(fleet, luck.port, calendar.now());
        let moment = &mut self.setting.moment(calendar);
        self.fleets[fleet].begin_job(luck, age, connected, moment);
    }

    /// The pod of a job is gone. The sidecar gives its ports back if it was `connected`.
    pub(super) fn job_ended(&mut self, fleet: FleetId, connected: bool, now: SimTime) {
        self.fleets[fleet].end_job();
        if connected {
            let all = self.fleets[fleet].jobs().dials.len();
            self.give_ports_back(fleet, all, now);
        }
    }

    /// Takes a port to each endpoint of a fleet, or no port if any endpoint has none.
    fn take_ports(&mut self, fleet: FleetId, uniform: f64, now: SimTime) -> bool {
        let (gateways, observer) = (&mut self.gateways, &mut self.setting.observer);
        let dials = &self.fleets[fleet].jobs().dials;
        let refused = dials.iter().position(|&(egress, set)| {
            let dialled = gateways[egress].dial(set, uniform, now);
            if let Ok(in_use) = dialled {
                observer.ports(egress, in_use);
            }
            dialled.is_err()
        });
        if let Some(dial) = refused {
            observer.exhausted(dials[dial].0, now, 1.0);
            self.give_ports_back(fleet, dial, now);
        }
        refused.is_none()
    }

    /// Closes the first `count` connections of a job's sidecar.
    fn give_ports_back(&mut self, fleet: FleetId, count: usize, now: SimTime) {
        for &(egress, set) in &self.fleets[fleet].jobs().dials[..count] {
            self.gateways[egress].hang_up(set, now);
        }
    }
}
