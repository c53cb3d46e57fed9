//! The nodes of a pool side by side, and which of them are in no trouble.
//!
//! A node is calm if its cores suffice for everyone and every collector would still get all it takes
//! if the application used all it may: then its collectors simply leave the rest to the application,
//! and no water has to be filled. Calm nodes are looked at [`LANES`] at a time.

use super::contention::Noise;
use super::latency::{LANES, Slowdown, slowdowns};
use super::waterfill::Claim;

/// What applications and collectors want of the nodes of one pool at one instant.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Board {
    cores: f64,
    /// Weight of the applications of a node.
    weight: f64,
    /// Cores that the applications of each node want.
    demands: Vec<f64>,
    /// Cores that the collectors of each node take at most, together.
    taken: Vec<f64>,
    /// Highest level at which a collector of each node has all it takes.
    saturation: Vec<f64>,
    /// More bytes than the collectors of each node hold.
    held: Vec<f64>,
}

/// What a look at one node shows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Sight {
    /// No application wants CPU.
    Idle,
    /// Everyone gets everything; the collectors slow requests by this factor.
    Calm {
        /// [`Noise::index`] of the node.
        index: f64,
        /// Cores that everyone wants together.
        demand: f64,
    },
    /// Somebody may get too little, or got too little before: water has to be filled.
    Busy,
}

impl Board {
    /// Clears the board for so many nodes of `cores`, whose applications have this weight.
    pub fn clear(&mut self, nodes: usize, cores: f64, weight: f64) {
        (self.cores, self.weight) = (cores, weight);
        let columns = [
            &mut self.demands,
            &mut self.taken,
            &mut self.saturation,
            &mut self.held,
        ];
        for column in columns {
            column.clear();
            column.resize(nodes, 0.0);
        }
    }

    /// Number of nodes.
    pub fn nodes(&self) -> usize {
        self.demands.len()
    }

    /// An application wants `cores` of every node, times the size of that node if nodes differ.
    pub fn want(&mut self, cores: f64, sizes: Option<&[f64]>) {
        match sizes {
            Some(sizes) => {
                for (demand, size) in self.demands.iter_mut().zip(sizes) {
                    *demand += cores * size;
                }
            }
            None => {
                for demand in &mut self.demands {
                    *demand += cores;
                }
            }
        }
    }

    /// A collector on a node claims cores.
    pub fn claim(&mut self, node: usize, claim: Claim) {
        self.taken[node] += claim.limit();
        self.saturation[node] = self.saturation[node].max(claim.saturation());
    }

    /// A collector on a node holds less than so many bytes.
    pub fn hold(&mut self, node: usize, bytes: f64) {
        self.held[node] += bytes;
    }

    /// A node is not to be called calm, whatever its collectors want.
    pub fn trouble(&mut self, node: usize) {
        self.saturation[node] = f64::INFINITY;
    }

    /// The claim of the applications of a node.
    pub fn application(&self, node: usize) -> Claim {
        Claim {
            weight: self.weight,
            demand: self.demands[node],
            cap: f64::INFINITY,
        }
    }

    /// More bytes than the collectors of a node hold together.
    pub fn held(&self, node: usize) -> f64 {
        self.held[node]
    }

    /// Looks at [`LANES`] nodes from `first` on; those past the last are idle.
    pub fn look(&self, first: usize) -> [Sight; LANES] {
        let mut sights = [Sight::Idle; LANES];
        let (mut loads, mut shares) = ([0.5 * self.cores; LANES], [self.cores; LANES]);
        let mut any = false;
        for (lane, node) in (first..self.nodes().min(first + LANES)).enumerate() {
            let (load, taken) = (self.demands[node], self.taken[node]);
            if load <= 0.0 {
                continue;
            }
            // As water-filling has it, to the last bit.
            let level = (self.cores - taken) / self.weight;
            let share = (self.weight * level).min(self.cores);
            let fits = load + taken <= self.cores && load < share;
            sights[lane] = if fits && self.saturation[node] <= level {
                (loads[lane], shares[lane], any) = (load, share, true);
                let (index, demand) = (1.0, load + taken);
                Sight::Calm { index, demand }
            } else {
                Sight::Busy
            };
        }
        if any {
            self.listen(&mut sights, (&loads, &shares));
        }
        sights
    }

    /// Fills in what the requests on calm nodes notice.
    fn listen(&self, sights: &mut [Sight; LANES], (loads, shares): (&[f64; LANES], &[f64; LANES])) {
        let (with_collectors, alone) = slowdowns(loads, shares, self.cores);
        for (lane, sight) in sights.iter_mut().enumerate() {
            if let Sight::Calm { index, .. } = sight {
                let noise = Noise {
                    with_collectors: Slowdown::Steady(with_collectors[lane]),
                    alone: Slowdown::Steady(alone[lane]),
                };
                *index = noise.index();
            }
        }
    }
}
