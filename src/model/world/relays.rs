//! Fleets that send to fleets: what flows between them, and when nobody is there to receive.

use crate::model::blueprint::{EndpointId, FleetId, PoolId};
use crate::model::endpoint::Endpoint;
use crate::model::fleet::Relay;
use crate::model::moment::{Calendar, Event};
use crate::units::{SimDuration, SimTime};

use super::World;

/// How long a receiver is first expected to be away. Each longer wait is twice as long.
const AWAY: SimDuration = SimDuration::from_hours(1);

impl World<'_> {
    /// Relays what clients have sent to each fleet that an event touches.
    pub(super) fn relay_before(&mut self, event: Event, calendar: &mut Calendar) {
        let touched = (0..self.relays.len()).rev();
        let Some(last) = touched.clone().find(|&number| self.touches(number, event)) else {
            return;
        };
        // A receiver may be a client of the next one.
        for number in 0..=last {
            let relay = &mut self.relays[number];
            relay.run(&mut self.fleets, calendar.now());
            if !matches!(event, Event::Relayed { .. } | Event::Observed { .. }) {
                relay.disturb(calendar.now());
            }
            let moment = &mut self.setting.moment(calendar);
            relay.forecast(&mut self.fleets, moment);
        }
    }

    /// Sees whether fleets that others send to have come or gone, and plans the next relays.
    pub(super) fn look_at_relays(&mut self, calendar: &mut Calendar) {
        for number in 0..self.relays.len() {
            let relay = &self.relays[number];
            let is_up = self.fleets[relay.fleet].serves_any();
            if is_up != relay.is_up {
                self.relays[number].is_up = is_up;
                for endpoint in self.relays[number].endpoints() {
                    if is_up {
                        self.backend_came(endpoint, calendar);
                    } else {
                        self.backend_went(endpoint, calendar);
                    }
                }
            }
            let moment = &mut self.setting.moment(calendar);
            self.relays[number].plan(&self.fleets, moment);
        }
    }

    /// What clients have sent reaches the fleet that they send to. A receiver that is still away stays
    /// away for longer than anybody thought.
    pub(super) fn relayed(&mut self, fleet: FleetId, calendar: &mut Calendar) {
        let now = calendar.now();
        let away = |relay: &&Relay| relay.fleet == fleet && !relay.is_up;
        let Some(endpoints) = self.relays.iter().find(away).map(Relay::endpoints) else {
            return;
        };
        for endpoint in endpoints {
            let outage = self.endpoints[endpoint].last_outage();
            let Some(outage) = outage.filter(|outage| outage.to == now) else {
                continue;
            };
            let until = now + outage.length();
            self.endpoints[endpoint].stay_away_until(until);
            self.follow_outage(endpoint, calendar);
            calendar.schedule(until, Event::Relayed { fleet });
        }
    }

    /// No collector of the fleet behind an endpoint is in service any more.
    fn backend_went(&mut self, endpoint: EndpointId, calendar: &mut Calendar) {
        let until = calendar.now() + AWAY;
        self.endpoints[endpoint].lose_backend(calendar.now(), until);
        self.follow_outage(endpoint, calendar);
        self.outage_started(endpoint, calendar);
        if let Some(fleet) = self.endpoints[endpoint].backend() {
            calendar.schedule(until, Event::Relayed { fleet });
        }
    }

    /// A collector of the fleet behind an endpoint is in service again.
    fn backend_came(&mut self, endpoint: EndpointId, calendar: &mut Calendar) {
        self.endpoints[endpoint].stay_away_until(calendar.now());
        self.follow_outage(endpoint, calendar);
        self.outage_ended(endpoint, calendar);
    }

    fn follow_outage(&mut self, endpoint: EndpointId, calendar: &mut Calendar) {
        let moment = &mut self.setting.moment(calendar);
        let backend: &Endpoint<'_> = &self.endpoints[endpoint];
        for fleet in &mut self.fleets {
            fleet.follow_outage((endpoint, backend), moment);
        }
    }

    /// Whether an event touches a fleet that others send to.
    fn touches(&self, number: usize, event: Event) -> bool {
        let relay = &self.relays[number];
        let is_it = |fleet: FleetId| fleet == relay.fleet;
        let plan = &self.setting.blueprint.fleets[relay.fleet];
        let leads_to = |endpoint: &EndpointId| plan.sends_to.contains(endpoint);
        let runs_on = |pool: PoolId| plan.runs_on.contains(&pool);
        match event {
            Event::FleetResized { fleet }
            | Event::TargetsReplaced { fleet }
            | Event::TargetsTakenOver { fleet, .. }
            | Event::UsageMeasured { fleet, .. }
            | Event::ReplicasReviewed { fleet, .. }
            | Event::RolloutStarted { fleet, .. }
            | Event::RouterUpgraded { fleet, .. }
            | Event::PodSurged { fleet, .. }
            | Event::CollectorAvailable { fleet, .. }
            | Event::WaitEnded { fleet, .. }
            | Event::JobArrived { fleet }
            | Event::JobEnded { fleet, .. }
            | Event::JobLostSamples { fleet, .. }
            | Event::Relayed { fleet } => is_it(fleet),
            Event::MemoryExceeded { collector, .. }
            | Event::CollectorInterrupted { collector, .. }
            | Event::CollectorStarted { collector, .. }
            | Event::ReplicaStarted { collector, .. } => is_it(self.locate(collector).0),
            Event::OutageStarted { endpoint }
            | Event::OutageEnded { endpoint }
            | Event::CapacityDealt { endpoint } => leads_to(&endpoint),
            Event::NodesExamined { pool }
            | Event::DrainWaveStarted { pool }
            | Event::NodeDrained { pool, .. }
            | Event::NodeFailed { pool, .. }
            | Event::ZoneFailed { pool, .. } => runs_on(pool),
            Event::SurgeEnded { .. } | Event::HorizonBegan | Event::Observed { .. } => true,
        }
    }

    /// Accounts for all that flowed between fleets up to the end. Panics if anything got lost on the
    /// way but for the rounding of parts.
    pub(super) fn finish_relays(&mut self, end: SimTime) {
        for relay in &self.relays {
            relay.run(&mut self.fleets, end);
        }
        for relay in &self.relays {
            relay.assert_arrived(&self.fleets);
        }
    }
}
