//! What connections demand of the ports of a set, and what they get.

/// Ports that one connection takes on average.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::model) struct PortsEach {
    /// By the connection itself.
    pub open: f64,
    /// By its predecessors, held since they closed.
    pub held: f64,
}

/// Collectors that want the same number of steady connections to one endpoint.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::model) struct Group {
    pub collectors: f64,
    /// Connections that each of them wants.
    pub connections: f64,
    pub ports: PortsEach,
}

/// Demand of steady connections for the ports of a set.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::model) struct Wanted {
    pub groups: Vec<Group>,
    /// Nodes on which the collectors run.
    pub nodes: f64,
}

/// What steady connections get of the ports of a set.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::model) struct Supply {
    /// Share of the collectors that have a port.
    pub share: f64,
    /// Connections that each of these collectors has at most.
    pub level: f64,
}

impl Group {
    fn ports_per_connection(&self, evicts: bool) -> f64 {
        let held = if evicts { 0.0 } else { self.ports.held };
        self.ports.open + held
    }
}

impl Wanted {
    /// Ports in the way of other connections: those that are open, and those that are held unless
    /// the NAT evicts these.
    pub(super) fn ports(&self, evicts: bool) -> f64 {
        self.ports_at(f64::INFINITY, evicts)
    }

    /// Ports that are held after a close.
    pub(super) fn held(&self) -> f64 {
        let held = |group: &Group| group.collectors * group.connections * group.ports.held;
        self.groups.iter().map(held).sum()
    }

    /// Nodes on which some collector runs, if collectors are spread over all nodes. Jobs, which are
    /// no steady collectors, run on every node.
    pub(super) fn busy(&self) -> f64 {
        let collectors: f64 = self.groups.iter().map(|group| group.collectors).sum();
        let busy = if collectors > 0.0 {
            self.nodes.min(collectors)
        } else {
            self.nodes
        };
        busy.max(1.0)
    }

    /// Most connections of a collector with which `ports` ports suffice. Below one, the share of the
    /// collectors for which a single connection each suffices.
    ///
    /// Simplified: ports are divided evenly. Who is first gets them, so the slowest has fewer.
    pub(super) fn level(&self, ports: f64, evicts: bool) -> f64 {
        if self.ports(evicts) <= ports {
            return f64::INFINITY;
        }
        let mut heights: Vec<f64> = self.groups.iter().map(|group| group.connections).collect();
        heights.sort_by(f64::total_cmp);
        let mut below = 0.0;
        for height in heights {
            let [least, most] = [below, height].map(|level| self.ports_at(level, evicts));
            if most > ports {
                return below + (height - below) * (ports - least).max(0.0) / (most - least);
            }
            below = height;
        }
        below
    }

    /// Ports if no collector has more than `level` connections.
    fn ports_at(&self, level: f64, evicts: bool) -> f64 {
        let ports = |group: &Group| {
            let connections = group.collectors * group.connections.min(level);
            connections * group.ports_per_connection(evicts)
        };
        self.groups.iter().map(ports).sum()
    }
}
