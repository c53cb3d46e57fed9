//! What everyone asks of all nodes of a pool at one instant.

use crate::units::small;

use super::run::Run;
use super::waterfill::Contender;
use super::{NodeTotals, Occupants};

/// What everyone asks of the nodes of a pool.
#[derive(Clone, Debug, Default)]
pub(in crate::model) struct PoolSnapshot {
    pub totals: NodeTotals,
    /// Runs of collectors, each with the contender that an idle collector is.
    runs: Vec<(Run, Contender)>,
    /// Cores that each collector demands, run by run; negative if it is not in service.
    demands: Vec<f64>,
    /// Upper bounds of the bytes of each collector of the last run.
    bytes: Vec<f64>,
}

impl PoolSnapshot {
    /// Begins anew with `nodes` empty nodes, on which applications have this weight.
    pub(in crate::model) fn clear(&mut self, nodes: usize, cores: f64, weight: f64) {
        self.totals.clear(nodes, cores, weight);
        self.runs.clear();
        self.demands.clear();
    }

    /// Begins a run of collectors. An idle collector of the run is the contender `idle`.
    pub(in crate::model) fn begin_run(&mut self, run: Run, idle: Contender) {
        self.runs.push((run, idle));
        self.bytes.clear();
    }

    /// Adds a collector of the run that is not in service.
    pub(in crate::model) fn absent(&mut self) {
        self.demands.push(-1.0);
        self.bytes.push(0.0);
    }

    /// Adds a collector of the run that demands `cores` and holds at most `bytes`.
    pub(in crate::model) fn present(&mut self, cores: f64, bytes: f64) {
        self.demands.push(cores);
        self.bytes.push(bytes);
    }

    /// Puts the collectors of the last run on their nodes.
    pub(in crate::model) fn end_run(&mut self) {
        let &(run, idle) = self.runs.last().expect("a run has begun");
        let past = self.demands.len() - run.count as usize;
        // Collectors on nodes that the pool has just lost count for nothing.
        let nodes = self.totals.nodes().max(1);
        let rounds = if run.strewn { usize::MAX } else { 1 };
        for demands in self.demands[past..].chunks(nodes).take(rounds) {
            self.totals.add(demands, idle);
        }
        for bytes in self.bytes.chunks(nodes).take(rounds) {
            self.totals.hold(bytes);
        }
    }

    /// Marks the node of a collector as short of CPU, if the node still exists.
    pub(in crate::model) fn trouble(&mut self, run: Run, index: u32) {
        let node = (index - run.base) as usize;
        if run.strewn || node < self.totals.nodes() {
            self.totals.trouble(node % self.totals.nodes());
        }
    }

    /// Gathers the collectors on a node.
    pub(in crate::model) fn contenders_on(&self, node: usize, occupants: &mut Occupants) {
        occupants.owners.clear();
        occupants.contenders.clear();
        let (node, nodes) = (small(node), small(self.totals.nodes()));
        let mut past = 0;
        for &(run, idle) in &self.runs {
            for number in run.numbers_on(node, nodes) {
                let demand = self.demands[past + number as usize];
                if demand >= 0.0 {
                    occupants.contenders.push(Contender { demand, ..idle });
                    occupants.owners.push((run.fleet, run.base + number));
                }
            }
            past += run.count as usize;
        }
    }
}
