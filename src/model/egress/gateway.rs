//! An egress in one draw: the ports of steady connections, of surges and of short-lived
//! connections.

use crate::engine::RandomStream;
use crate::model::blueprint::id::index_by;
use crate::model::blueprint::{Answer, Egress, EgressId, EndpointId};
use crate::model::load::timeline::Grid;
use crate::model::record::catalogue::EgressMetric;
use crate::units::{SimDuration, SimTime};

use super::inventory::Inventory;
use super::set::PortSet;
use super::supply::{PortsEach, Supply, Wanted};
use super::surge::{Granted, Opened};
use super::{PoolKey, PortsExhausted};

/// An egress in one draw.
#[derive(Clone, Debug)]
pub(in crate::model) struct Gateway<'a> {
    blueprint: &'a Egress,
    inventory: Inventory<'a>,
    /// One set of ports per destination, or one for all destinations.
    sets: Vec<PortSet>,
    peaks: Peaks,
    /// Time in which some connection had no port, up to `blocked_since`.
    blocked: SimDuration,
    /// Since when some connection has had no port.
    blocked_since: Option<SimTime>,
    /// When the next ports of a surge are free.
    planned: Option<SimTime>,
}

/// Highest values of an egress.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Peaks {
    in_use: f64,
    ratio: f64,
    wanted: f64,
    blocked: f64,
    addresses: f64,
}

index_by!(EgressId: Gateway<'a>, 'a);

/// What a change of the demand for ports leads to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::model) enum Shortage {
    /// So many connections have no port from now on.
    Began(f64),
    /// Every connection has a port again.
    Ended,
}

impl<'a> Gateway<'a> {
    /// An unused egress to these endpoints.
    pub(in crate::model) fn new(blueprint: &'a Egress, endpoints: Vec<EndpointId>) -> Self {
        let set = |endpoints| PortSet::new(blueprint, endpoints);
        let sets = match blueprint.limits.sharing {
            PoolKey::Shared => vec![set(endpoints)],
            _ => endpoints.into_iter().map(|id| set(vec![id])).collect(),
        };
        Self {
            blueprint,
            inventory: Inventory::of(blueprint),
            sets,
            peaks: Peaks::default(),
            blocked: SimDuration::ZERO,
            blocked_since: None,
            planned: None,
        }
    }

    /// Number of sets of ports.
    pub(in crate::model) fn sets(&self) -> usize {
        self.sets.len()
    }

    /// Endpoints that the connections of a set lead to.
    pub(in crate::model) fn endpoints(&self, set: usize) -> &[EndpointId] {
        &self.sets[set].endpoints
    }

    /// The set of ports that connections to an endpoint use.
    pub(in crate::model) fn set_of(&self, endpoint: EndpointId) -> Option<usize> {
        let leads_there = |set: &PortSet| set.endpoints.contains(&endpoint);
        self.sets.iter().position(leads_there)
    }

    /// Ports that a steady connection takes on average. The endpoint closes it after
    /// `lifetime_seconds`, or gives this `answer` during an outage. A retry takes at most
    /// `retry_seconds`.
    pub(in crate::model) fn ports_per_connection(
        &self,
        lifetime_seconds: f64,
        answer: Option<Answer>,
        retry_seconds: f64,
    ) -> PortsEach {
        let limits = &self.blueprint.limits;
        if answer == Some(Answer::Refused) {
            // Nothing is open, and every retry dials anew.
            return PortsEach {
                open: 0.0,
                held: limits.hold_of_reset().secs_f64() / retry_seconds,
            };
        }
        // Little's law: a connection that is redialled as soon as it closes takes 1 + W/L ports.
        PortsEach {
            open: 1.0,
            held: limits.hold_after_close.secs_f64() / lifetime_seconds.max(1e-3),
        }
    }

    /// Sets the demand of the steady connections of a set, from `now` on.
    pub(in crate::model) fn steady(&mut self, set: usize, wanted: Wanted, now: SimTime) -> Supply {
        let supply = self.sets[set].demand(self.inventory, wanted, now);
        self.look(set, now);
        supply
    }

    /// Ports for connections with which collectors work off a backlog. Each of the collectors wants
    /// `wanted` connections to an endpoint on top of its steady ones.
    pub(in crate::model) fn grant(
        &mut self,
        (set, endpoint): (usize, EndpointId),
        wanted: &[u32],
        now: SimTime,
        chance: impl Fn(usize) -> RandomStream,
    ) -> Vec<Granted> {
        self.sets[set].grant(self.inventory, (endpoint, wanted), now, chance)
    }

    /// Collectors work off a backlog until `drained` with more connections than steady ones.
    pub(in crate::model) fn surge(
        &mut self,
        set: usize,
        opened: Opened,
        (now, drained): (SimTime, SimTime),
    ) {
        let hold = self.blueprint.limits.hold_after_close;
        self.sets[set].surges.begin(opened, drained, hold);
        self.look(set, now);
    }

    /// An endpoint resets all its connections.
    pub(in crate::model) fn reset(&mut self, endpoint: EndpointId, now: SimTime) {
        let hold = self.blueprint.limits.hold_of_reset();
        for set in &mut self.sets {
            set.surges.reset(endpoint, now, hold);
        }
    }

    /// The next instant at which a surge gives ports back, unless it is planned already.
    pub(in crate::model) fn plan(&mut self, now: SimTime) -> Option<SimTime> {
        let sets = self.sets.iter_mut();
        let next = sets.filter_map(|set| set.surges.settle(now)).min();
        let is_planned = next == self.planned;
        self.planned = next;
        next.filter(|_| !is_planned)
    }

    /// Whether a surge gives ports back at this instant.
    pub(in crate::model) fn is_due(&self, now: SimTime) -> bool {
        self.planned == Some(now)
    }

    /// Notes what the connections of a set take and want.
    fn look(&mut self, set: usize, now: SimTime) {
        let set = &mut self.sets[set];
        let (in_use, wanted) = set.look(now);
        let peaks = &mut self.peaks;
        peaks.in_use = peaks.in_use.max(in_use);
        peaks.ratio = peaks.ratio.max(in_use / set.capacity());
        peaks.wanted = peaks.wanted.max(wanted);
        let addresses = self.inventory.addresses_needed(set.nodes(), wanted);
        peaks.addresses = peaks.addresses.max(addresses);
    }

    /// Whether connections without a port begin or end to exist at `now`.
    pub(in crate::model) fn shortage(&mut self, now: SimTime) -> Option<Shortage> {
        let lacking = self.sets.iter().map(PortSet::lacking).fold(0.0, f64::max);
        self.peaks.blocked = self.peaks.blocked.max(lacking);
        match (self.blocked_since, lacking > 0.0) {
            (None, true) => {
                self.blocked_since = Some(now);
                Some(Shortage::Began(lacking))
            }
            (Some(since), false) => {
                self.blocked += now - since;
                self.blocked_since = None;
                Some(Shortage::Ended)
            }
            _ => None,
        }
    }

    /// A short-lived connection takes a port of a set. Returns how many ports are then in use.
    pub(in crate::model) fn dial(
        &mut self,
        set: usize,
        uniform: f64,
        now: SimTime,
    ) -> Result<f64, PortsExhausted> {
        if let Err(exhausted) = self.sets[set].jobs.take(now, uniform) {
            self.peaks.blocked = self.peaks.blocked.max(1.0);
            return Err(exhausted);
        }
        self.look(set, now);
        Ok(self.sets[set].in_use())
    }

    /// A short-lived connection ends. The connection gives its port back unless a newer one has
    /// taken that.
    pub(in crate::model) fn hang_up(&mut self, set: usize, now: SimTime) {
        self.sets[set].hang_up(now);
    }

    /// The measured horizon begins. Counts of the warm-up are reset.
    pub(in crate::model) fn begin_horizon(&mut self) {
        self.peaks = Peaks::default();
        (self.blocked, self.blocked_since) = (SimDuration::ZERO, None);
    }

    /// Ports in use in the set that uses the most.
    pub(in crate::model) fn in_use(&self) -> f64 {
        self.sets.iter().map(PortSet::in_use).fold(0.0, f64::max)
    }

    /// A metric of the egress.
    pub(in crate::model) fn value(&self, metric: EgressMetric, grid: &Grid) -> f64 {
        match metric {
            EgressMetric::PortsPeak => self.peaks.in_use,
            EgressMetric::PortsPeakRatio if self.sets.is_empty() => f64::NAN,
            EgressMetric::PortsPeakRatio => self.peaks.ratio,
            EgressMetric::PortsWantedPeak => self.peaks.wanted,
            EgressMetric::PortsEnd => self.in_use(),
            EgressMetric::PortsBlockedPeak => self.peaks.blocked,
            EgressMetric::PortsBlockedSeconds => self.blocked_until(grid.end).secs_f64(),
            EgressMetric::AddressesNeeded => self.peaks.addresses.max(1.0),
        }
    }

    /// Time in which some connection had no port, up to `now`.
    fn blocked_until(&self, now: SimTime) -> SimDuration {
        let since = self.blocked_since;
        self.blocked + since.map_or(SimDuration::ZERO, |since| now.since(since))
    }

    /// Panics if a port of a short-lived connection is unaccounted for.
    pub(in crate::model) fn assert_conserved(&self) {
        let conserved = |set: &PortSet| set.jobs.is_conserved();
        assert!(
            self.sets.iter().all(conserved),
            "source ports are not conserved"
        );
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{Admission, Group, NatLimits, PortBlock};
    use super::*;
    use crate::engine::RandomStreams;
    use crate::properties::properties;

    fn second(seconds: u64) -> SimTime {
        SimTime::ZERO + SimDuration::from_secs(seconds)
    }

    const EACH: PortsEach = PortsEach {
        open: 1.0,
        held: 0.0,
    };

    /// As many collectors with one connection each.
    fn wanted(ports: f64, nodes: f64) -> Wanted {
        let groups = vec![Group {
            collectors: ports,
            connections: 1.0,
            ports: EACH,
        }];
        Wanted { groups, nodes }
    }

    fn egress(sharing: PoolKey, ports: u32) -> Egress {
        Egress {
            name: "nat".to_owned(),
            limits: NatLimits {
                ports_per_address: ports,
                sharing,
                hold_after_close: SimDuration::from_mins(1),
                hold_after_reset: Some(SimDuration::from_secs(10)),
                ..NatLimits::PLAIN
            },
            addresses: Some(1),
            background_connections: 10,
        }
    }

    fn endpoints() -> Vec<EndpointId> {
        EndpointId::all(2).collect()
    }

    fn near(found: f64, expected: f64) {
        assert!((found - expected).abs() < 1e-9, "{found} is not {expected}");
    }

    /// Collectors want `wanted` more connections each, until `drained`. Returns what they get.
    fn surge(
        gateway: &mut Gateway<'_>,
        wanted: &[u32],
        (now, drained): (SimTime, SimTime),
    ) -> Vec<Granted> {
        let endpoint = EndpointId::new(0);
        let streams = RandomStreams::new(1, 0);
        let chance = |at: usize| streams.stream(1, at as u64, 0);
        let granted = gateway.grant((0, endpoint), wanted, now, chance);
        let open: u32 = granted.iter().map(|granted| granted.later).sum();
        let all: u32 = wanted.iter().sum();
        let opened = Opened {
            endpoint,
            open: f64::from(open),
            lacking: f64::from(all - open),
        };
        gateway.surge(0, opened, (now, drained));
        granted
    }

    fn first(granted: &[Granted]) -> u32 {
        granted.iter().map(|granted| granted.first).sum()
    }

    #[test]
    fn sets_are_shared_or_one_per_endpoint() {
        let [near, far] = [0, 1].map(EndpointId::new);
        let shared = egress(PoolKey::Shared, 100);
        let gateway = Gateway::new(&shared, endpoints());
        assert_eq!(
            (gateway.set_of(near), gateway.set_of(far)),
            (Some(0), Some(0))
        );
        let apart = egress(PoolKey::PerDestination, 100);
        let gateway = Gateway::new(&apart, endpoints());
        assert_eq!(
            (gateway.set_of(near), gateway.set_of(far)),
            (Some(0), Some(1))
        );
        assert_eq!(gateway.set_of(EndpointId::new(2)), None);
    }

    #[test]
    fn the_connections_of_others_are_there_first() {
        let shared = egress(PoolKey::Shared, 100);
        let mut gateway = Gateway::new(&shared, endpoints());
        let enough = gateway.steady(0, wanted(80.0, 1.0), SimTime::ZERO);
        near(enough.share, 1.0);
        near(gateway.in_use(), 90.0);
        let short = gateway.steady(0, wanted(180.0, 1.0), SimTime::ZERO);
        near(short.share, 0.5);
        near(gateway.in_use(), 100.0);
        near(gateway.peaks.wanted, 190.0);
        near(gateway.peaks.ratio, 1.0);
        assert_eq!(gateway.shortage(SimTime::ZERO), Some(Shortage::Began(90.0)));
        near(gateway.peaks.addresses, 2.0);
    }

    #[test]
    fn each_node_has_its_block() {
        let block = PortBlock::Static { ports: 64 };
        let apart = egress(PoolKey::PerNodeBlock(block), 64_512);
        let mut gateway = Gateway::new(&apart, endpoints());
        let supply = gateway.steady(0, wanted(1_280.0, 10.0), SimTime::ZERO);
        // Each node wants 128 and has 64, of which others have one.
        near(supply.share, 63.0 / 128.0);
        near(gateway.in_use(), 64.0);
        assert!(gateway.peaks.addresses.is_infinite(), "the block is small");
        let supply = gateway.steady(0, wanted(2_016.0, 2_016.0), SimTime::ZERO);
        near(supply.share, 0.5);
    }

    #[test]
    fn a_collector_with_fewer_connections_than_it_wants_goes_on_with_them() {
        let shared = egress(PoolKey::Shared, 100);
        let mut gateway = Gateway::new(&shared, endpoints());
        let group = |collectors, connections| Group {
            collectors,
            connections,
            ports: EACH,
        };
        let groups = vec![group(10.0, 10.0), group(30.0, 1.0)];
        let all = Wanted { groups, nodes: 1.0 };
        let supply = gateway.steady(0, all, SimTime::ZERO);
        assert_eq!((supply.share, supply.level), (1.0, 6.0));
    }

    #[test]
    fn a_connection_takes_one_port_and_those_that_are_held() {
        let shared = egress(PoolKey::Shared, 100);
        let gateway = Gateway::new(&shared, endpoints());
        let ports = |answer| gateway.ports_per_connection(120.0, answer, 5.0);
        let all = |each: PortsEach| (each.open, each.held);
        assert_eq!(all(ports(None)), (1.0, 0.5));
        assert_eq!(all(ports(Some(Answer::Timeout))), (1.0, 0.5));
        // A refused dial is reset. Its port is held for ten seconds.
        assert_eq!(all(ports(Some(Answer::Refused))), (0.0, 2.0));
    }

    #[test]
    fn a_surge_ends_when_its_last_connections_have_given_their_ports_back() {
        let shared = egress(PoolKey::Shared, 100);
        let mut gateway = Gateway::new(&shared, endpoints());
        gateway.steady(0, wanted(20.0, 1.0), SimTime::ZERO);
        surge(&mut gateway, &[50], (SimTime::ZERO, second(1)));
        near(gateway.in_use(), 80.0);
        let mut ends = Vec::new();
        let mut now = SimTime::ZERO;
        while let Some(next) = gateway.plan(now) {
            assert!(gateway.is_due(next));
            gateway.steady(0, wanted(20.0, 1.0), next);
            ends.push((next, gateway.in_use()));
            now = next;
        }
        // Worked off, idle for 5 min, held for one.
        let expected = [(second(1), 80.0), (second(301), 80.0), (second(361), 30.0)];
        assert_eq!(ends, expected);
    }

    #[test]
    fn a_surge_gets_what_is_left_and_the_next_one_meets_fewer() {
        let shared = egress(PoolKey::Shared, 100);
        let mut gateway = Gateway::new(&shared, endpoints());
        gateway.steady(0, wanted(20.0, 1.0), SimTime::ZERO);
        let wants = [30; 5];
        let granted = surge(&mut gateway, &wants, (SimTime::ZERO, second(100)));
        assert_eq!(first(&granted), 70);
        assert!(granted.iter().any(|granted| *granted != granted_like(14)));
        near(gateway.in_use(), 100.0);
        near(gateway.peaks.wanted, 180.0);
        assert!(matches!(
            gateway.shortage(second(1)),
            Some(Shortage::Began(_))
        ));
        // Idle connections are used again.
        let again = surge(&mut gateway, &[40], (second(200), second(210)));
        assert_eq!(first(&again), 40);
        // The 30 that are idle still close at 400 s, the 40 at 510 s, and are held for a minute.
        gateway.plan(second(450));
        gateway.steady(0, wanted(20.0, 1.0), second(450));
        near(gateway.in_use(), 100.0);
        let next = surge(&mut gateway, &[80], (second(520), second(600)));
        assert_eq!(first(&next), 30, "40 are held");
        assert_eq!((next[0].later, next[0].later_at), (70, second(570)));
    }

    fn granted_like(first: u32) -> Granted {
        Granted {
            first,
            later: first,
            later_at: SimTime::ZERO,
        }
    }

    #[test]
    fn a_reset_closes_the_connections_of_a_surge() {
        let shared = egress(PoolKey::Shared, 100);
        let mut gateway = Gateway::new(&shared, endpoints());
        surge(&mut gateway, &[90], (SimTime::ZERO, second(100)));
        gateway.reset(EndpointId::new(0), second(50));
        let next = surge(&mut gateway, &[90], (second(55), second(90)));
        assert_eq!((next[0].first, next[0].later), (0, 90));
        assert_eq!(next[0].later_at, second(60));
    }

    #[test]
    fn a_held_port_makes_way_where_the_nat_evicts_it() {
        let mut shared = egress(PoolKey::Shared, 100);
        shared.limits.admission = Admission::Evicting {
            probes: 248,
            evicting: 120,
        };
        let mut gateway = Gateway::new(&shared, endpoints());
        surge(&mut gateway, &[90], (SimTime::ZERO, second(100)));
        let next = surge(&mut gateway, &[90], (second(410), second(500)));
        assert_eq!(first(&next), 90);
        near(gateway.in_use(), 100.0);
        near(gateway.peaks.wanted, 100.0);
    }

    #[test]
    fn time_without_ports_adds_up() {
        let shared = egress(PoolKey::Shared, 100);
        let mut gateway = Gateway::new(&shared, endpoints());
        let mut at = |ports: f64, now: u64| {
            gateway.steady(0, wanted(ports, 1.0), second(now));
            let shortage = gateway.shortage(second(now));
            (shortage, gateway.blocked_until(second(now)))
        };
        let after = SimDuration::from_secs;
        assert_eq!(at(95.0, 10), (Some(Shortage::Began(5.0)), after(0)));
        assert_eq!(at(97.0, 20), (None, after(10)), "it goes on");
        assert_eq!(at(90.0, 30), (Some(Shortage::Ended), after(20)));
        assert_eq!(at(91.0, 90), (Some(Shortage::Began(1.0)), after(20)));
        assert_eq!(at(91.0, 100), (None, after(30)));
        near(gateway.peaks.blocked, 7.0);
    }

    /// Something that may happen to a gateway.
    #[derive(Clone, Copy, Debug)]
    enum Step {
        Want(u32),
        Surge(u32),
        Reset,
        Dial,
        HangUp,
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            (0..150_u32).prop_map(Step::Want),
            (1..50_u32).prop_map(Step::Surge),
            Just(Step::Reset),
            Just(Step::Dial),
            Just(Step::HangUp),
        ]
    }

    fn sharing() -> impl Strategy<Value = PoolKey> {
        prop_oneof![
            Just(PoolKey::Shared),
            Just(PoolKey::PerDestination),
            Just(PoolKey::PerNodeBlock(PortBlock::Static { ports: 40 })),
            Just(PoolKey::PerNodeBlock(PortBlock::Dynamic {
                ports_min: 8,
                ports_max: 32,
            })),
        ]
    }

    proptest! {
        #![proptest_config(properties(256))]

        /// Whatever happens, no more ports are in use than exist, and every port is accounted for.
        /// Connections that are served demand no more than exists.
        #[test]
        fn ports_are_neither_made_nor_lost(
            sharing in sharing(),
            nodes in 1..9_u32,
            steps in prop::collection::vec((step(), 1..90_u64), 1..60),
        ) {
            let egress = egress(sharing, 100);
            let mut gateway = Gateway::new(&egress, endpoints());
            let (mut now, mut open) = (SimTime::ZERO, 0);
            for (step, seconds) in steps {
                now += SimDuration::from_secs(seconds);
                match step {
                    Step::Want(ports) => {
                        let wanted = wanted(f64::from(ports), f64::from(nodes));
                        let supply = gateway.steady(0, wanted, now);
                        prop_assert!((0.0..=1.0).contains(&supply.share));
                        prop_assert!(f64::from(ports) * supply.share <= 100.0 + 1e-9);
                    }
                    Step::Surge(extra) => {
                        surge(&mut gateway, &[extra; 3], (now, now + SimDuration::from_secs(60)));
                    }
                    Step::Reset => gateway.reset(EndpointId::new(0), now),
                    Step::Dial => open += u32::from(gateway.dial(0, 0.5, now).is_ok()),
                    Step::HangUp if open > 0 => {
                        gateway.hang_up(0, now);
                        open -= 1;
                    }
                    Step::HangUp => {}
                }
                let exist = gateway.sets[0].capacity();
                prop_assert!(gateway.in_use() <= exist && exist <= 100.0);
                prop_assert!(gateway.peaks.ratio <= 1.0);
                prop_assert!(gateway.peaks.in_use <= gateway.peaks.wanted + 1e-9);
                gateway.assert_conserved();
            }
        }
    }
}
