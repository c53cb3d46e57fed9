//! What clients send reaches the fleet behind an endpoint, and what that fleet refuses goes back.
//!
//! A relay accounts for clients first, and then for the fleet that receives. It runs before each
//! event that touches the receiver, at each point of the tracks, and again and again while anything
//! waits.

use crate::model::blueprint::signal::Signal;
use crate::model::blueprint::{Blueprint, Client, CollectorId, EndpointId, FleetId};
use crate::model::moment::{Event, Moment};
use crate::model::process::collector::Life;
use crate::units::{SimDuration, SimTime};

use super::Fleet;

/// Shortest and longest time between two relays while anything waits.
///
/// INFERRED: a second shows the burst after an outage, and a queue takes minutes to fill.
const EVERY: (SimDuration, SimDuration) = (SimDuration::from_secs(1), SimDuration::from_secs(60));

/// Relays within the time since the last disturbance: how finely what follows it is seen.
const PER_SINCE: u64 = 8;

/// A fleet that other fleets send to.
#[derive(Clone, Debug)]
struct Relay {
    /// The fleet that receives.
    fleet: FleetId,
    /// The fleets that send to it.
    clients: Vec<Client>,
    /// The endpoints that lead to it and that take nothing at present.
    away: Vec<EndpointId>,
    /// When something last happened to the receiver.
    disturbed: SimTime,
    /// The next relay that is planned; never for none.
    next: SimTime,
}

/// All fleets that other fleets send to, in the order in which telemetry flows.
#[derive(Clone, Debug)]
pub(in crate::model) struct Relays(Vec<Relay>);

impl Relays {
    /// The relays of a blueprint.
    pub(in crate::model) fn of(blueprint: &Blueprint) -> Self {
        let of = |fleet: FleetId| Relay {
            fleet,
            clients: blueprint.clients(fleet),
            away: Vec::new(),
            disturbed: SimTime::ZERO,
            next: SimTime::NEVER,
        };
        Self(blueprint.gateways().into_iter().map(of).collect())
    }

    /// Leaves out the relays of fleets that belong to another world.
    pub(in crate::model) fn retain(&mut self, here: impl Fn(FleetId) -> bool) {
        self.0.retain(|relay| here(relay.fleet));
    }

    /// The last relay that an event touches.
    pub(in crate::model) fn last_touched(
        &self,
        event: Event,
        blueprint: &Blueprint,
        fleet_of: impl Fn(CollectorId) -> FleetId,
    ) -> Option<usize> {
        let touches = |relay: &Relay| relay.is_touched(event, blueprint, &fleet_of);
        self.0.iter().rposition(touches)
    }

    /// Relays up to the last one that an event touches. A receiver may be a client of the next one.
    pub(in crate::model) fn run(
        &mut self,
        last: usize,
        event: Event,
        (fleets, moment): (&mut [Fleet<'_>], &mut Moment<'_>),
    ) {
        for relay in &mut self.0[..=last] {
            relay.run(fleets, moment.now);
            if !matches!(event, Event::Relayed { .. } | Event::Observed { .. }) {
                relay.disturbed = moment.now;
            }
            relay.forecast(fleets, moment);
        }
    }

    /// Endpoints whose fleet has come into service or gone since the last look, and which of both.
    pub(in crate::model) fn changes(&mut self, fleets: &[Fleet<'_>]) -> Vec<(EndpointId, bool)> {
        let mut changes = Vec::new();
        for relay in &mut self.0 {
            for (endpoint, signal) in relay.endpoints() {
                let takes = fleets[relay.fleet.index()].takes(signal);
                let place = relay.away.iter().position(|&away| away == endpoint);
                match (takes, place) {
                    (true, Some(place)) => {
                        relay.away.swap_remove(place);
                        changes.push((endpoint, true));
                    }
                    (false, None) => {
                        relay.away.push(endpoint);
                        changes.push((endpoint, false));
                    }
                    _ => {}
                }
            }
        }
        changes
    }

    /// Plans the next relays.
    pub(in crate::model) fn plan(&mut self, fleets: &[Fleet<'_>], moment: &mut Moment<'_>) {
        for relay in &mut self.0 {
            relay.plan(fleets, moment);
        }
    }

    /// The endpoints that lead to a fleet, and that take nothing at present.
    pub(in crate::model) fn waited_for(&self, fleet: FleetId) -> Vec<EndpointId> {
        let here = self.0.iter().filter(|relay| relay.fleet == fleet);
        here.flat_map(|relay| relay.away.clone()).collect()
    }

    /// Accounts for all that flowed between fleets up to the end. Panics if anything got lost on the
    /// way but for the rounding of parts.
    pub(in crate::model) fn finish(&self, fleets: &mut [Fleet<'_>], end: SimTime) {
        for relay in &self.0 {
            relay.run(fleets, end);
        }
        for relay in &self.0 {
            relay.assert_arrived(fleets);
        }
    }
}

impl Relay {
    /// Whether an event touches the receiver.
    fn is_touched(
        &self,
        event: Event,
        blueprint: &Blueprint,
        fleet_of: impl Fn(CollectorId) -> FleetId,
    ) -> bool {
        let plan = &blueprint.fleets[self.fleet];
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
            | Event::Relayed { fleet } => fleet == self.fleet,
            Event::MemoryExceeded { collector, .. }
            | Event::CollectorInterrupted { collector, .. }
            | Event::CollectorStarted { collector, .. }
            | Event::ReplicaStarted { collector, .. } => fleet_of(collector) == self.fleet,
            Event::OutageStarted { endpoint }
            | Event::OutageEnded { endpoint }
            | Event::CapacityDealt { endpoint } => plan.sends_to.contains(&endpoint),
            Event::NodesExamined { pool }
            | Event::DrainWaveStarted { pool }
            | Event::NodeDrained { pool, .. }
            | Event::NodeFailed { pool, .. }
            | Event::ZoneFailed { pool, .. } => plan.runs_on.contains(&pool),
            Event::SurgeEnded { .. } | Event::HorizonBegan | Event::Observed { .. } => true,
        }
    }

    /// The endpoints behind which the receiver stands, with what they take.
    fn endpoints(&self) -> Vec<(EndpointId, Signal)> {
        let clients = self.clients.iter();
        let mut endpoints: Vec<(EndpointId, Signal)> = clients
            .map(|client| (client.endpoint, client.signal))
            .collect();
        endpoints.sort_unstable();
        endpoints.dedup();
        endpoints
    }

    /// Plans the next relay while anything waits. While nobody is there to receive, nothing flows.
    fn plan(&mut self, fleets: &[Fleet<'_>], moment: &mut Moment<'_>) {
        let now = moment.now;
        if self.next > now && self.next < SimTime::NEVER {
            return;
        }
        self.next = SimTime::NEVER;
        let receiver = &fleets[self.fleet.index()];
        let mut clients = self.clients.iter();
        let waits = |client: &Client| fleets[client.fleet.index()].is_waiting_for(client.endpoint);
        let is_up = receiver.takes(Signal::Traces);
        if is_up && (receiver.holds_spans() || clients.any(waits)) {
            let every = now.since(self.disturbed) / PER_SINCE;
            self.next = now + every.clamp(EVERY.0, EVERY.1);
            let fleet = self.fleet;
            moment.schedule(self.next, Event::Relayed { fleet });
        }
    }

    /// Work of each shipment that clients have sent.
    fn sent(&self, fleets: &[Fleet<'_>]) -> Vec<u128> {
        let shipments = fleets[self.fleet.index()].shipments().into_iter();
        let sent = shipments.map(|shipment| {
            let clients = self
                .clients
                .iter()
                .filter(|client| shipment.is_from(**client));
            let sent = clients
                .map(|client| fleets[client.fleet.index()].sent_along(client.endpoint, shipment));
            sent.sum()
        });
        sent.collect()
    }

    /// Accounts for clients and for the receiver up to now.
    fn run(&self, fleets: &mut [Fleet<'_>], now: SimTime) {
        for client in &self.clients {
            fleets[client.fleet.index()].settle_all(now);
        }
        let sent = self.sent(fleets);
        let receiver = &mut fleets[self.fleet.index()];
        receiver.receive(&sent, now);
        let refused = receiver.refused_spans();
        if refused > 0 {
            self.give_back(fleets, refused, now);
        }
    }

    /// Plans the memory that spans take where they wait.
    fn forecast(&self, fleets: &mut [Fleet<'_>], moment: &mut Moment<'_>) {
        fleets[self.fleet.index()].forecast_busy_spans(moment);
        for client in self.clients.iter().filter(|client| of_spans(**client)) {
            fleets[client.fleet.index()].forecast_busy_spans(moment);
        }
    }

    /// Panics if what clients sent and what arrived differ by more than the rounding of parts.
    fn assert_arrived(&self, fleets: &[Fleet<'_>]) {
        let sent = self.sent(fleets);
        fleets[self.fleet.index()].assert_arrived(&sent);
    }

    /// Work of spans that the receiver refused goes back to its clients, in proportion to what they
    /// have sent.
    fn give_back(&self, fleets: &mut [Fleet<'_>], refused: u128, now: SimTime) {
        let clients: Vec<&Client> = self
            .clients
            .iter()
            .filter(|client| of_spans(**client))
            .collect();
        let sent = |client: &Client| {
            let traces = &fleets[client.fleet.index()].pipelines.traces;
            traces.sent_to(client.endpoint) as f64
        };
        let sent: Vec<f64> = clients.iter().map(|client| sent(client)).collect();
        let shares = super::inlet::shared_out(refused, &sent);
        for (client, work) in clients.into_iter().zip(shares) {
            fleets[client.fleet.index()].take_back(client.endpoint, work, now);
        }
    }
}

/// Whether a client sends spans.
fn of_spans(client: Client) -> bool {
    client.signal == Signal::Traces
}

impl Fleet<'_> {
    /// Whether any collector of the fleet takes what clients send of a signal.
    ///
    /// Simplified: a gateway takes no lines while it cannot send them, as if its own queue were full at
    /// once.
    fn takes(&self, signal: Signal) -> bool {
        let up = |index: &u32| self.collectors[*index as usize].life == Life::Up;
        let is_blocked = signal == Signal::Logs && self.pipelines.logs.are_blocked();
        !is_blocked && self.existing().iter().any(up)
    }

    /// Whether any collector holds spans.
    fn holds_spans(&self) -> bool {
        let traces = &self.pipelines.traces;
        self.existing().iter().any(|&index| traces.is_busy(index))
    }

    /// Whether anything of the fleet waits for an endpoint.
    fn is_waiting_for(&self, endpoint: EndpointId) -> bool {
        let samples = self.route_to(endpoint);
        let samples = samples.is_some_and(|route| self.pipelines.metrics.is_waiting(route));
        let lines = self.log_route_to(endpoint).is_some();
        let behind = |index: &u32| self.pipelines.logs.is_behind(*index);
        samples
            || self.pipelines.traces.is_waiting(endpoint)
            || lines && self.existing().iter().any(behind)
    }
}
