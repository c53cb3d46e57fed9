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
        self.sets[set].grant((endpoint, wanted), now, chance)
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

    use super::super::NatLimits;
    use super::*;
    use crate::properties::properties;

    fn second(seconds: u64) -> SimTime {
        SimTime::ZERO + SimDuration::from_secs(seconds)
    }

    fn wanted(ports: f64, nodes: f64) -> Wanted {
        Wanted { ports, nodes }
    }

    fn egress(sharing: PoolKey, ports: u32) -> Egress {
        Egress {
            name: "nat".to_owned(),
            limits: NatLimits {
                ports_per_address: ports,
                sharing,
                hold_after_close: SimDuration::from_mins(1),
                ..NatLimits::PLAIN
            },
            addresses: 1,
            background_connections: 10,
        }
    }

    fn endpoints() -> Vec<EndpointId> {
        EndpointId::all(2).collect()
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
    fn the_share_with_a_port_is_what_exists_over_what_is_wanted() {
        let shared = egress(PoolKey::Shared, 100);
        let mut gateway = Gateway::new(&shared, endpoints());
        let enough = gateway.steady(0, wanted(80.0, 1.0), SimTime::ZERO);
        assert!((enough.share - 1.0).abs() < 1e-12);
        assert!(
            (enough.in_use - 90.0).abs() < 1e-12,
            "with 10 in the background"
        );
        let short = gateway.steady(0, wanted(190.0, 1.0), SimTime::ZERO);
        assert!((short.share - 0.5).abs() < 1e-12);
        assert!((short.lacking - 100.0).abs() < 1e-12);
        assert!((gateway.addresses_needed() - 2.0).abs() < 1e-12);
    }

    #[test]
    fn each_node_has_its_block() {
        let block = PortBlock::Static { ports: 64 };
        let apart = egress(PoolKey::PerNodeBlock(block), 64_512);
        let mut gateway = Gateway::new(&apart, endpoints());
        let supply = gateway.steady(0, wanted(1_280.0, 10.0), SimTime::ZERO);
        assert!(
            (supply.share - 0.5).abs() < 1e-12,
            "128 wanted of 64 on each node"
        );
    }

    #[test]
    fn a_connection_takes_one_port_and_those_that_are_held() {
        let shared = egress(PoolKey::Shared, 100);
        let gateway = Gateway::new(&shared, endpoints());
        let steady = gateway.ports_per_connection(120.0, None, 5.0);
        assert!((steady - 1.5).abs() < 1e-12);
        let timeout = gateway.ports_per_connection(120.0, Some(Answer::Timeout), 5.0);
        assert!((timeout - 1.5).abs() < 1e-12);
        let refused = gateway.ports_per_connection(120.0, Some(Answer::Refused), 5.0);
        assert!((refused - 12.0).abs() < 1e-12);
    }

    #[test]
    fn a_surge_ends_when_its_last_connections_have_given_their_ports_back() {
        let shared = egress(PoolKey::Shared, 100);
        let mut gateway = Gateway::new(&shared, endpoints());
        gateway.steady(0, wanted(20.0, 1.0), SimTime::ZERO);
        let ends = gateway.surge(0, 50.0, second(1), SimTime::NEVER);
        assert_eq!(ends, second(361), "idle for 5 min, held for one");
        let peak = gateway.peak_of_surge(0, SimTime::ZERO);
        assert!((peak.in_use - 80.0).abs() < 1e-12);
        assert!(!gateway.end_surge(ends.just_before()));
        assert!(gateway.end_surge(ends));
        let after = gateway.steady(0, wanted(20.0, 1.0), ends);
        assert!((after.in_use - 30.0).abs() < 1e-12);
    }

    #[test]
    fn time_without_ports_adds_up() {
        let shared = egress(PoolKey::Shared, 100);
        let mut gateway = Gateway::new(&shared, endpoints());
        assert_eq!(gateway.block(5.0, second(10)), Some(Shortage::Began));
        assert_eq!(gateway.block(7.0, second(20)), None, "it goes on");
        assert_eq!(gateway.block(0.0, second(30)), Some(Shortage::Ended));
        assert_eq!(gateway.block(1.0, second(90)), Some(Shortage::Began));
        assert_eq!(
            gateway.blocked_until(second(100)),
            SimDuration::from_secs(20 + 10)
        );
        assert!((gateway.blocked_peak - 7.0).abs() < 1e-12);
    }

    /// Something that may happen to a gateway.
    #[derive(Clone, Copy, Debug)]
    enum Step {
        Want(u32),
        Surge(u32),
        EndSurge,
        Dial,
        HangUp,
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            (0..150_u32).prop_map(Step::Want),
            (1..50_u32).prop_map(Step::Surge),
            Just(Step::EndSurge),
            Just(Step::Dial),
            Just(Step::HangUp),
        ]
    }

    proptest! {
        #![proptest_config(properties(256))]

        /// Whatever happens, no more ports are in use than exist, and every port is accounted for.
        /// Connections that are served demand no more than exists.
        #[test]
        fn ports_are_neither_made_nor_lost(
            steps in prop::collection::vec((step(), 1..30_u64), 1..60),
        ) {
            let shared = egress(PoolKey::Shared, 100);
            let mut gateway = Gateway::new(&shared, endpoints());
            let (mut now, mut open) = (SimTime::ZERO, 0);
            for (step, seconds) in steps {
                now += SimDuration::from_secs(seconds);
                match step {
                    Step::Want(ports) => {
                        let supply = gateway.steady(0, wanted(f64::from(ports), 1.0), now);
                        prop_assert!((0.0..=1.0).contains(&supply.share));
                        prop_assert!(supply.in_use <= 100.0);
                        let wanted = f64::from(ports) + 10.0;
                        prop_assert!(wanted * supply.share <= 100.0 + 1e-9);
                    }
                    Step::Surge(extra) => {
                        gateway.surge(0, f64::from(extra), now, SimTime::NEVER);
                        prop_assert!(gateway.peak_of_surge(0, now).in_use <= 100.0);
                    }
                    Step::EndSurge => {
                        gateway.end_surge(now);
                    }
                    Step::Dial => open += u32::from(gateway.dial(0, 0.5, now).is_ok()),
                    Step::HangUp if open > 0 => {
                        gateway.hang_up(0, now);
                        open -= 1;
                    }
                    Step::HangUp => {}
                }
                gateway.assert_conserved();
            }
        }
    }
}
