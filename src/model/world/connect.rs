//! Connections and the source ports they compete for.

use crate::engine::Calendar;
use crate::model::blueprint::{Answer, Blueprint, Egress};
use crate::model::egress::{Block, PoolKey, PortPool, PortsExhausted};
use crate::model::pipeline::remote_write::BACK_OFF_SECONDS;
use crate::model::record::catalogue::Scope;
use crate::model::record::outcome::What;
use crate::units::SimTime;

use super::collect::small;
use super::send::Wish;
use super::{Event, World};

/// Seconds for which a client keeps an idle connection open.
///
/// Source: prometheus/common, `config/http_config.go`, idle connection timeout of 5 min (read
/// 2026-11).
const IDLE_SECONDS: f64 = 300.0;

/// A way out in one draw.
#[derive(Clone, Debug)]
pub(super) struct EgressState {
    /// One per set of ports: per destination, or one for all.
    pub sets: Vec<PortSet>,
    pub ports_peak: f64,
    pub blocked_peak: f64,
    pub blocked_nanos: u64,
    /// Since when some connection has had no port.
    blocked_since: Option<u64>,
    surge_ends: u64,
}

/// Connections that compete for the same ports.
#[derive(Clone, Debug)]
pub(super) struct PortSet {
    pub endpoints: Vec<usize>,
    /// Ports that exist: of the whole set, or of one node's block.
    pub capacity: f64,
    /// Whether each node has such a set for itself.
    pub per_node: bool,
    /// Ports of short-lived connections, followed one by one.
    pub jobs: PortPool,
    /// Evicted connections whose jobs have ended since: they had no port to give back.
    forgotten: u64,
    /// Extra ports of a surge, until it ends.
    surge: f64,
    pub in_use: f64,
}

impl EgressState {
    /// An unused way out.
    pub(super) fn new(blueprint: &Blueprint, plan: &Egress) -> Self {
        let via = |endpoint: &usize| {
            let egress = blueprint.endpoints[*endpoint].via;
            egress.is_some_and(|egress| blueprint.egresses[egress].name == plan.name)
        };
        let endpoints: Vec<usize> = (0..blueprint.endpoints.len()).filter(via).collect();
        let capacity = match plan.limits.sharing {
            // A node's block doubles until it has what it may have.
            PoolKey::PerNodeBlock(Block::Dynamic { ports_max, .. }) => ports_max,
            _ => plan.limits.pool_capacity(plan.addresses),
        };
        let set = |endpoints: Vec<usize>| PortSet {
            endpoints,
            capacity: f64::from(capacity),
            per_node: matches!(plan.limits.sharing, PoolKey::PerNodeBlock(_)),
            jobs: plan.limits.pool(plan.addresses),
            forgotten: 0,
            surge: 0.0,
            in_use: 0.0,
        };
        let sets = match plan.limits.sharing {
            PoolKey::Shared => vec![set(endpoints)],
            _ => endpoints
                .into_iter()
                .map(|endpoint| set(vec![endpoint]))
                .collect(),
        };
        Self {
            sets,
            ports_peak: 0.0,
            blocked_peak: 0.0,
            blocked_nanos: 0,
            blocked_since: None,
            surge_ends: 0,
        }
    }

    /// A short-lived connection takes a port of a set; returns how many are in use then.
    pub(super) fn dial(
        &mut self,
        set: usize,
        uniform: f64,
        now: SimTime,
    ) -> Result<f64, PortsExhausted> {
        let set = &mut self.sets[set];
        set.jobs.take(now, uniform)?;
        let steady = set.capacity - f64::from(set.jobs.capacity());
        set.in_use = steady + f64::from(set.jobs.in_use(now));
        self.ports_peak = self.ports_peak.max(set.in_use);
        Ok(set.in_use)
    }

    /// A short-lived connection ends, and gives its port back if no newer one has it by now.
    ///
    /// Simplified: the first jobs that end are those whose connections were evicted.
    pub(super) fn hang_up(&mut self, set: usize, now: SimTime) {
        let set = &mut self.sets[set];
        if set.forgotten < set.jobs.tally().evicted {
            set.forgotten += 1;
        } else {
            set.jobs.give_back(now, 1);
        }
    }

    /// The recorded time begins: what was counted before does not count.
    pub(super) fn begin_record(&mut self) {
        (self.ports_peak, self.blocked_peak, self.blocked_nanos) = (0.0, 0.0, 0);
        self.blocked_since = None;
    }

    /// Nanoseconds in which some connection had no port, up to `now`.
    pub(super) fn blocked_until(&self, now: u64) -> u64 {
        self.blocked_nanos
            + self
                .blocked_since
                .map_or(0, |since| now.saturating_sub(since))
    }
}

impl World<'_> {
    /// Looks at the ports of every egress that a fleet uses.
    pub(super) fn examine_ports_of(&mut self, fleet: usize, calendar: &mut Calendar<Event>) {
        let endpoints = self.blueprint.fleets[fleet].sends_to.iter();
        let mut used: Vec<usize> = endpoints
            .filter_map(|&endpoint| self.blueprint.endpoints[endpoint].via)
            .collect();
        used.sort_unstable();
        used.dedup();
        for egress in used {
            self.examine_ports(egress, calendar);
        }
    }

    /// Looks at the ports on the way to an endpoint that went away or came back; only one that refuses
    /// connections changes what they take.
    pub(super) fn examine_ports_to(&mut self, endpoint: usize, calendar: &mut Calendar<Event>) {
        let outages = &self.blueprint.endpoints[endpoint].outages;
        let refuses = outages
            .iter()
            .any(|outage| outage.answer == Answer::Refused);
        if let Some(egress) = self.blueprint.endpoints[endpoint].via
            && refuses
        {
            self.examine_ports(egress, calendar);
        }
    }

    /// Compares the ports that steady connections want with those that exist; the newest collectors
    /// go without.
    pub(super) fn examine_ports(&mut self, egress: usize, calendar: &mut Calendar<Event>) {
        let now = calendar.now().nanos();
        let mut blocked = 0.0_f64;
        for set in 0..self.egresses[egress].sets.len() {
            let steady = self.steady_ports(egress, set);
            let wanted = steady + self.egresses[egress].sets[set].surge;
            let capacity = self.egresses[egress].sets[set].capacity;
            let jobs = &mut self.egresses[egress].sets[set].jobs;
            let taken_by_jobs = f64::from(jobs.in_use(calendar.now()));
            jobs.set_capacity(whole(capacity - wanted));
            let total = wanted + taken_by_jobs;
            self.egresses[egress].sets[set].in_use = total.min(capacity);
            blocked = blocked.max(total - capacity);
            self.observer.ports(egress, total.min(capacity));
            let state = &mut self.egresses[egress];
            state.ports_peak = state.ports_peak.max(total);
            let share = if steady > capacity {
                capacity / steady
            } else {
                1.0
            };
            self.starve(egress, set, share, calendar);
        }
        self.note_blocked(egress, blocked.max(0.0), now);
    }

    fn note_blocked(&mut self, egress: usize, blocked: f64, now: u64) {
        let state = &mut self.egresses[egress];
        state.blocked_peak = state.blocked_peak.max(blocked);
        match (state.blocked_since, blocked > 0.0) {
            (None, true) => {
                state.blocked_since = Some(now);
                self.observer.exhausted(egress, now, blocked);
            }
            (Some(since), false) => {
                state.blocked_nanos += now - since;
                state.blocked_since = None;
                let scope = Scope::Egress(egress);
                self.observer
                    .note(scope, None, (now, What::PortsRelieved, f64::NAN));
            }
            _ => {}
        }
    }

    /// Ports that the steady connections of one set take, held ones and background included.
    fn steady_ports(&self, egress: usize, set: usize) -> f64 {
        let plan = &self.blueprint.egresses[egress];
        let set = &self.egresses[egress].sets[set];
        let hold = plan.limits.hold_after_close.as_secs_f64();
        let ports = |&endpoint: &usize| {
            let state = &self.endpoints[endpoint];
            let factor = if state.answer == Some(Answer::Refused) {
                // Nothing is open, and every retry dials anew.
                hold / BACK_OFF_SECONDS.1
            } else {
                // Little's law: a connection redialled as soon as it closes takes 1 + W/L ports.
                1.0 + hold / state.lifetime_seconds.max(1e-3)
            };
            let fleets = self.senders_to(endpoint).into_iter();
            factor
                * fleets
                    .map(|fleet| self.connections(fleet, endpoint))
                    .sum::<f64>()
        };
        let steady: f64 = set.endpoints.iter().map(ports).sum();
        let background = f64::from(plan.background_connections);
        if set.per_node {
            steady / self.nodes_behind(set).max(1.0)
        } else {
            steady + background
        }
    }

    /// Nodes whose collectors send through a set.
    fn nodes_behind(&self, set: &PortSet) -> f64 {
        let mut pools: Vec<usize> = Vec::new();
        for &endpoint in &set.endpoints {
            for fleet in self.senders_to(endpoint) {
                pools.extend(&self.blueprint.fleets[fleet].runs_on);
            }
        }
        pools.sort_unstable();
        pools.dedup();
        pools
            .iter()
            .map(|&pool| f64::from(self.pools[pool].alive))
            .sum()
    }

    /// Steady connections of a fleet to one endpoint.
    pub(super) fn connections(&self, fleet: usize, endpoint: usize) -> f64 {
        let state = &self.fleets[fleet];
        let alive = state.alive();
        let mut ways = state.routes.iter();
        let Some(way) = ways.find(|way| way.endpoint == Some(endpoint)) else {
            // An endpoint of another signal.
            return f64::from(alive);
        };
        let sender = &way.sender;
        if sender.settings.http2 {
            return f64::from(alive);
        }
        let segment = state.resident.driver.segment(state.carried_settled);
        let mean = state.total_in(segment).1 / f64::from(alive.max(1));
        let least = sender.steady_shards(0.0);
        if sender.steady_shards(mean * UNEVEN) == least {
            return f64::from(alive) * f64::from(sender.connections(least));
        }
        let shards = |index: u32| {
            let inflow = state.carried_by(index, segment).1;
            f64::from(sender.connections(sender.steady_shards(inflow)))
        };
        self.existing(fleet).into_iter().map(shards).sum()
    }

    /// Steady connections of a fleet to all its endpoints.
    pub(super) fn all_connections(&self, fleet: usize) -> f64 {
        let endpoints = self.blueprint.fleets[fleet].sends_to.iter();
        endpoints
            .map(|&endpoint| self.connections(fleet, endpoint))
            .sum()
    }

    /// Notes the connections of a fleet, `extra` ones on top of its steady ones.
    pub(super) fn note_connections(&mut self, fleet: usize, extra: f64) {
        let open = u64::from(whole(self.all_connections(fleet) + extra));
        let tally = &mut self.fleets[fleet].tally;
        tally.connections_peak = tally.connections_peak.max(open);
    }

    /// Lets the first `share` of the collectors behind a set send, and no others.
    fn starve(&mut self, egress: usize, set: usize, share: f64, calendar: &mut Calendar<Event>) {
        let now = calendar.now().nanos();
        let endpoints = self.egresses[egress].sets[set].endpoints.clone();
        for endpoint in endpoints {
            let mut relieved = Vec::new();
            for (fleet, route) in self.routes_to(endpoint) {
                let starved_from = self.fleets[fleet].routes[route].starved_from;
                if share >= 1.0 && starved_from == u32::MAX {
                    continue;
                }
                let existing = self.existing(fleet);
                let served = if share < 1.0 {
                    whole(existing.len() as f64 * share)
                } else {
                    u32::MAX
                };
                self.fleets[fleet].routes[route].starved_from = served;
                for (position, &index) in existing.iter().enumerate() {
                    let position = small(position);
                    if position >= served && position < starved_from {
                        self.stall((fleet, route), index, now);
                    } else if position < served
                        && position >= starved_from
                        && !self.fleets[fleet].routes[route].is_down
                    {
                        relieved.extend(self.wish((fleet, route), index, now));
                    }
                }
            }
            let scale = self.scale_of(endpoint, relieved.iter().map(|wish| wish.rate).sum());
            for wish in &relieved {
                self.drain(wish, scale, calendar);
            }
        }
    }

    /// The connections with which a fleet works off an outage, until they are idle and released.
    pub(super) fn surge(
        &mut self,
        endpoint: usize,
        wishes: &[Wish],
        calendar: &mut Calendar<Event>,
    ) {
        let now = calendar.now().nanos();
        let connections = |wish: &Wish| {
            let sender = self.fleets[wish.fleet].routes[wish.route].sender;
            let steady = sender.steady_shards(wish.pause.inflow);
            f64::from(sender.connections(wish.recovery.shards_peak))
                - f64::from(sender.connections(steady))
        };
        let extra_of = |fleet: usize| -> (usize, f64) {
            let own = wishes.iter().filter(|wish| wish.fleet == fleet);
            (fleet, own.map(connections).sum())
        };
        let senders = self.senders_to(endpoint).into_iter();
        let extras: Vec<(usize, f64)> = senders.map(extra_of).collect();
        let extra: f64 = extras.iter().map(|&(_, extra)| extra).sum();
        for (fleet, extra) in extras {
            self.note_connections(fleet, extra);
        }
        let Some((egress, set)) = self.set_of(endpoint) else {
            return;
        };
        if extra <= 0.0 {
            return;
        }
        let drained = wishes
            .iter()
            .map(|wish| self.drained_at(wish))
            .fold(now, u64::max);
        let hold = self.blueprint.egresses[egress]
            .limits
            .hold_after_close
            .as_secs_f64();
        let idle = SimTime::from_secs_f64(IDLE_SECONDS + hold).nanos();
        let ends = drained.saturating_add(idle).min(self.grid.end);
        let set_state = &self.egresses[egress].sets[set];
        let sharers = if set_state.per_node {
            self.nodes_behind(set_state).max(1.0)
        } else {
            1.0
        };
        let state = &mut self.egresses[egress];
        state.sets[set].surge += extra / sharers;
        state.surge_ends = state.surge_ends.max(ends);
        self.peak_of_surge(egress, calendar);
        let at = SimTime::from_nanos(self.egresses[egress].surge_ends);
        calendar.schedule(
            at,
            Event::SurgeEnded {
                egress: small(egress),
            },
        );
    }

    /// A surge adds to the peak, and blocks dials, but takes no port from a connection that is open.
    fn peak_of_surge(&mut self, egress: usize, calendar: &mut Calendar<Event>) {
        let now = calendar.now().nanos();
        let mut blocked = 0.0_f64;
        for set in 0..self.egresses[egress].sets.len() {
            let steady = self.steady_ports(egress, set);
            let state = &mut self.egresses[egress];
            let taken_by_jobs = f64::from(state.sets[set].jobs.in_use(calendar.now()));
            let wanted = steady + state.sets[set].surge + taken_by_jobs;
            let capacity = state.sets[set].capacity;
            state.ports_peak = state.ports_peak.max(wanted);
            blocked = blocked.max(wanted - capacity);
            self.observer.ports(egress, wanted.min(capacity));
        }
        self.note_blocked(egress, blocked.max(0.0), now);
    }

    /// The egress and the set of ports that connections to an endpoint use.
    pub(super) fn set_of(&self, endpoint: usize) -> Option<(usize, usize)> {
        let egress = self.blueprint.endpoints[endpoint].via?;
        let sets = &self.egresses[egress].sets;
        let set = sets
            .iter()
            .position(|set| set.endpoints.contains(&endpoint))?;
        Some((egress, set))
    }

    /// A short-lived connection found no port.
    pub(super) fn refuse(&mut self, egress: usize, now: u64) {
        let state = &mut self.egresses[egress];
        state.blocked_peak = state.blocked_peak.max(1.0);
        self.observer.exhausted(egress, now, 1.0);
    }

    fn drained_at(&self, wish: &Wish) -> u64 {
        match self.fleets[wish.fleet].sending_of(wish.index, wish.route) {
            crate::model::process::collector::Sending::Draining(drain) => drain.until,
            _ => 0,
        }
    }

    /// The last connections of a surge have given their ports back.
    pub(super) fn surge_ended(&mut self, egress: usize, calendar: &mut Calendar<Event>) {
        if self.egresses[egress].surge_ends > calendar.now().nanos() {
            return;
        }
        for set in &mut self.egresses[egress].sets {
            set.surge = 0.0;
        }
        self.examine_ports(egress, calendar);
    }
}

/// How much larger than the mean a collector is taken to be at the most before each is looked at.
const UNEVEN: f64 = 32.0;

/// The whole number below, 0 for negative numbers.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "casts saturate"
)]
fn whole(value: f64) -> u32 {
    value.floor() as u32
}
