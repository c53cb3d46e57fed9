//! One set of ports of an egress, and what takes them.

use crate::engine::RandomStream;
use crate::model::blueprint::{Egress, EndpointId};
use crate::units::{SimTime, floor};

use super::inventory::{Blocks, Inventory};
use super::supply::{Supply, Wanted};
use super::surge::{Granted, Surges, granted};
use super::{Admission, PortPool};

/// Connections that compete for the same ports, or for the ports of one node on each of some nodes.
///
/// Simplified: where each node has ports of its own, connections are spread evenly over the nodes.
#[derive(Clone, Debug)]
pub(super) struct PortSet {
    pub endpoints: Vec<EndpointId>,
    /// Whether each node has ports of its own.
    is_per_node: bool,
    /// Open connections of others.
    background: f64,
    admission: Admission,
    blocks: Blocks,
    wanted: Wanted,
    /// Connections of surges.
    pub surges: Surges,
    /// Ports of short-lived connections, which are followed one by one.
    pub jobs: PortPool,
    /// Evicted connections whose jobs have ended since. Such connections had no port to give back.
    forgotten: u64,
    in_use: f64,
    /// Ports that are demanded and do not exist.
    lacking: f64,
}

impl PortSet {
    /// An unused set of ports to these endpoints.
    pub(super) fn new(egress: &Egress, endpoints: Vec<EndpointId>) -> Self {
        let inventory = Inventory::of(egress);
        Self {
            endpoints,
            is_per_node: inventory.block().is_some(),
            background: f64::from(egress.background_connections),
            admission: egress.limits.admission,
            blocks: inventory.blocks(0.0, 0.0),
            wanted: Wanted::default(),
            surges: Surges::default(),
            jobs: PortPool::of(&egress.limits),
            forgotten: 0,
            in_use: 0.0,
            lacking: 0.0,
        }
    }

    /// Nodes that have ports of their own; one for a set that all nodes share.
    pub(super) fn nodes(&self) -> f64 {
        if self.is_per_node {
            self.wanted.nodes.max(1.0)
        } else {
            1.0
        }
    }

    /// Nodes on which collectors run; one for a set that all nodes share.
    fn sites(&self) -> f64 {
        if self.is_per_node {
            self.wanted.busy()
        } else {
            1.0
        }
    }

    /// Ports of the set, or of a node.
    pub(super) fn capacity(&self) -> f64 {
        self.blocks.ports
    }

    /// Ports in use, of the set or of a node.
    pub(super) fn in_use(&self) -> f64 {
        self.in_use
    }

    /// Ports that are demanded and do not exist.
    pub(super) fn lacking(&self) -> f64 {
        self.lacking
    }

    /// Whether a port that is held makes way for a new connection.
    fn evicts(&self) -> bool {
        self.admission.evicts_held()
    }

    /// Ports of all nodes that the connections of others leave. These are there first.
    fn left_by_others(&self) -> f64 {
        let each = self.blocks.ports - self.background / self.nodes();
        each.max(0.0) * self.sites() * self.blocks.served
    }

    /// Ports that surges have in the way of other connections.
    fn surged(&self, now: SimTime) -> f64 {
        let held = if self.evicts() {
            0.0
        } else {
            self.surges.held(now).0
        };
        self.surges.open(now) + held
    }

    /// Sets the demand of steady connections.
    ///
    /// Simplified: steady connections find ports at once, also while a surge has or had these.
    pub(super) fn demand(
        &mut self,
        inventory: Inventory<'_>,
        wanted: Wanted,
        now: SimTime,
    ) -> Supply {
        self.wanted = wanted;
        let each = self.demanded(now);
        self.blocks = inventory.blocks(self.nodes(), each);
        let served = self.blocks.served;
        let ports = self.left_by_others() / served.max(f64::MIN_POSITIVE);
        let level = self.wanted.level(ports, self.evicts());
        Supply {
            share: served * level.min(1.0),
            level: level.max(1.0),
        }
    }

    /// Ports that are demanded of the set, or of a node.
    fn demanded(&mut self, now: SimTime) -> f64 {
        let all = self.wanted.ports(self.evicts())
            + self.surged(now)
            + self.surges.lacking(now)
            + f64::from(self.jobs.in_use(now));
        self.background / self.nodes() + all / self.sites()
    }

    /// Ports in use and ports wanted, of the set or of a node. Short-lived connections get what the
    /// others leave.
    pub(super) fn look(&mut self, now: SimTime) -> (f64, f64) {
        let others = self.wanted.ports(self.evicts()) + self.surged(now);
        self.jobs
            .set_capacity(floor(self.left_by_others() - others));
        let wanted = self.demanded(now);
        let evictable = if self.evicts() {
            (self.wanted.held() + self.surges.held(now).0) / self.sites()
        } else {
            0.0
        };
        self.in_use = (wanted + evictable).min(self.blocks.ports);
        let served = self.sites() * self.blocks.served;
        self.lacking =
            served * (wanted - self.blocks.ports).max(0.0) + (self.sites() - served) * wanted;
        (self.in_use, wanted)
    }

    /// Ports for connections on top of the steady ones. Steady connections keep their ports.
    pub(super) fn grant(
        &mut self,
        inventory: Inventory<'_>,
        (endpoint, wanted): (EndpointId, &[u32]),
        now: SimTime,
        chance: impl Fn(usize) -> RandomStream,
    ) -> Vec<Granted> {
        let all: f64 = wanted.iter().copied().map(f64::from).sum();
        self.surges.reuse(endpoint, all, now);
        let each = self.demanded(now) + all / self.sites();
        self.blocks = inventory.blocks(self.nodes(), each);
        let taken =
            self.wanted.ports(self.evicts()) + self.surged(now) + f64::from(self.jobs.in_use(now));
        let free = (self.left_by_others() - taken).max(0.0);
        let (held, until) = if self.evicts() {
            (0.0, now)
        } else {
            self.surges.held(now)
        };
        let free = [floor(free), floor(free + held)];
        if self.is_per_node {
            let sharers = (self.sites() * self.blocks.served).max(wanted.len() as f64);
            let most = free.map(|free| floor(f64::from(free) / sharers));
            return wanted
                .iter()
                .map(|wanted| Granted {
                    first: most[0].min(*wanted),
                    later: most[1].min(*wanted),
                    later_at: until,
                })
                .collect();
        }
        granted(free, wanted, until, chance)
    }

    /// A short-lived connection ends.
    ///
    /// Simplified: the first jobs that end are those whose connections were evicted.
    pub(super) fn hang_up(&mut self, now: SimTime) {
        if self.forgotten < self.jobs.tally().evicted {
            self.forgotten += 1;
        } else {
            self.jobs.give_back(now, 1);
        }
    }
}
