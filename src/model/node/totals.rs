//! The nodes of a pool side by side, and which of them are calm.
//!
//! A node is *calm* if demand fits its cores and each collector would keep its full demand even if
//! the application used all it may. No water-filling is needed then. Nodes are evaluated [`LANES`]
//! at a time.

use super::contention::Noise;
use super::latency::{LANES, Slowdown, slowdowns};
use super::waterfill::Contender;

/// What applications and collectors ask of the nodes of one pool at one instant. Columns are padded
/// to whole lanes with idle nodes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NodeTotals {
    nodes: usize,
    cores: f64,
    /// Weight of the applications of a node.
    weight: f64,
    /// Cores that the applications of each node demand.
    demands: Vec<f64>,
    /// Cores that the collectors of each node take together: demand within the cap.
    taken: Vec<f64>,
    /// Level at which every collector of each node has its full demand.
    saturation: Vec<f64>,
    /// Upper bound of the bytes of the collectors of each node together.
    held: Vec<f64>,
}

/// The state of one node.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum NodeState {
    /// No application demands CPU.
    Idle,
    /// Every contender gets its full demand. Collectors slow requests by a factor.
    Calm {
        /// `Noise::index` of the node.
        index: f64,
        /// Cores that all contenders demand together.
        demand: f64,
    },
    /// Some contender may get too little, or got too little before: water-filling decides.
    Busy,
}

impl NodeTotals {
    /// Begins anew with `nodes` nodes of `cores`, whose applications have this weight.
    pub fn clear(&mut self, nodes: usize, cores: f64, weight: f64) {
        (self.nodes, self.cores, self.weight) = (nodes, cores, weight);
        let columns = [
            &mut self.demands,
            &mut self.taken,
            &mut self.saturation,
            &mut self.held,
        ];
        for column in columns {
            column.clear();
            column.resize(nodes.next_multiple_of(LANES), 0.0);
        }
    }

    /// Number of nodes.
    pub fn nodes(&self) -> usize {
        self.nodes
    }

    /// Adds an application that demands `cores` of every node, times the size of that node if nodes
    /// differ.
    pub fn want(&mut self, cores: f64, sizes: Option<&[f64]>) {
        let demands = &mut self.demands[..self.nodes];
        match sizes {
            Some(sizes) => {
                for (demand, size) in demands.iter_mut().zip(sizes) {
                    *demand += cores * size;
                }
            }
            None => {
                for demand in demands {
                    *demand += cores;
                }
            }
        }
    }

    /// Adds one collector on each node from the first on, with its demand in cores. Otherwise the
    /// collectors equal `alike`. A negative demand stands for no collector.
    pub fn add(&mut self, demands: &[f64], alike: Contender) {
        let columns = self.taken.iter_mut().zip(&mut self.saturation);
        for ((taken, saturation), &demand) in columns.zip(demands) {
            let limit = lesser(greater(demand, 0.0), alike.cap);
            *taken += limit;
            *saturation = greater(limit / alike.weight, *saturation);
        }
    }

    /// Adds one collector on each node from the first on, with an upper bound of its bytes.
    pub fn hold(&mut self, bytes: &[f64]) {
        for (held, bytes) in self.held.iter_mut().zip(bytes) {
            *held += bytes;
        }
    }

    /// Makes a node busy, whatever its collectors demand.
    pub fn trouble(&mut self, node: usize) {
        self.saturation[node] = f64::INFINITY;
    }

    /// Demand of the applications of a node.
    pub fn application(&self, node: usize) -> Contender {
        Contender {
            weight: self.weight,
            demand: self.demands[node],
            cap: f64::INFINITY,
        }
    }

    /// Upper bound of the bytes of all collectors of a node together.
    pub fn held(&self, node: usize) -> f64 {
        self.held[node]
    }

    /// The states of [`LANES`] nodes from `first` on, a multiple of [`LANES`]. Nodes past the last
    /// are idle.
    pub fn look(&self, first: usize) -> [NodeState; LANES] {
        let (demands, taken) = (lanes(&self.demands, first), lanes(&self.taken, first));
        let saturation = lanes(&self.saturation, first);
        // The same as water-filling, to the last bit.
        let level = taken.map(|taken| (self.cores - taken) / self.weight);
        let mut shares = level.map(|level| lesser(self.weight * level, self.cores));
        let mut loads = demands;
        let mut states = [NodeState::Idle; LANES];
        let mut any = false;
        for lane in 0..LANES {
            let (load, demand) = (demands[lane], demands[lane] + taken[lane]);
            let fits = demand <= self.cores && load < shares[lane];
            if load > 0.0 && fits && saturation[lane] <= level[lane] {
                any = true;
                states[lane] = NodeState::Calm { index: 1.0, demand };
                continue;
            }
            if load > 0.0 {
                states[lane] = NodeState::Busy;
            }
            (loads[lane], shares[lane]) = (0.5 * self.cores, self.cores);
        }
        if any {
            self.listen(&mut states, &loads, &shares);
        }
        states
    }

    /// Fills in the slowdown of the requests on calm nodes.
    fn listen(&self, states: &mut [NodeState; LANES], loads: &[f64; LANES], shares: &[f64; LANES]) {
        let found = slowdowns(loads, shares, self.cores);
        for (lane, state) in states.iter_mut().enumerate() {
            if let NodeState::Calm { index, .. } = state {
                let noise = Noise {
                    with_collectors: Slowdown::Steady(found.on_shares[lane]),
                    alone: Slowdown::Steady(found.on_all[lane]),
                    is_crowded: shares[lane] < self.cores,
                };
                *index = noise.index();
            }
        }
    }
}

/// [`f64::min`] of two numbers, as one instruction.
const fn lesser(left: f64, right: f64) -> f64 {
    if left < right { left } else { right }
}

/// [`f64::max`] of two numbers, as one instruction.
const fn greater(left: f64, right: f64) -> f64 {
    if left > right { left } else { right }
}

fn lanes(column: &[f64], first: usize) -> [f64; LANES] {
    *column[first..]
        .first_chunk()
        .expect("columns have whole lanes")
}
