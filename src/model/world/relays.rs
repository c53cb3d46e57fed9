//! Fleets that send to fleets: what flows between them, and when nobody is there to receive.

use crate::model::blueprint::{EndpointId, FleetId};
use crate::model::moment::{Calendar, Event};
use crate::units::{SimDuration, SimTime};

use super::World;

/// How long a receiver is first expected to be away. Each longer wait is twice as long.
const AWAY: SimDuration = SimDuration::from_hours(1);

impl World<'_> {
    /// Relays what clients have sent to each fleet that an event touches.
    pub(super) fn relay_before(&mut self, event: Event, calendar: &mut Calendar) {
        let blueprint = self.setting.blueprint;
        let Some(last) = self
            .relays
            .last_touched(event, blueprint, |id| self.locate(id).0)
        else {
            return;
        };
        let moment = &mut self.setting.moment(calendar);
        self.relays.run(last, event, (&mut self.fleets, moment));
    }

    /// Sees whether fleets that others send to have come or gone, and plans the next relays.
    pub(super) fn look_at_relays(&mut self, calendar: &mut Calendar) {
        for (endpoint, is_up) in self.relays.changes(&self.fleets) {
            let now = calendar.now();
            if is_up {
                self.expect_backend(endpoint, now, calendar);
                self.outage_ended(endpoint, calendar);
            } else {
                self.endpoints[endpoint].lose_backend(now);
                self.expect_backend(endpoint, now + AWAY, calendar);
                self.outage_started(endpoint, calendar);
            }
        }
        let moment = &mut self.setting.moment(calendar);
        self.relays.plan(&self.fleets, moment);
    }

    /// A receiver that is still away stays away for longer than anybody thought.
    pub(super) fn relayed(&mut self, fleet: FleetId, calendar: &mut Calendar) {
        for endpoint in self.relays.waited_for(fleet) {
            let outage = self.endpoints[endpoint].last_outage();
            if let Some(outage) = outage.filter(|outage| outage.to == calendar.now()) {
                self.expect_backend(endpoint, outage.to + outage.length(), calendar);
            }
        }
    }

    /// The outage of an endpoint lasts until `to`, as far as anybody knows.
    fn expect_backend(&mut self, endpoint: EndpointId, to: SimTime, calendar: &mut Calendar) {
        self.endpoints[endpoint].stay_away_until(to);
        let moment = &mut self.setting.moment(calendar);
        for fleet in &mut self.fleets {
            fleet.follow_outage((endpoint, &self.endpoints[endpoint]), moment);
        }
        if let Some(fleet) = self.endpoints[endpoint]
            .backend()
            .filter(|_| to > moment.now)
        {
            moment.schedule(to, Event::Relayed { fleet });
        }
    }
}
