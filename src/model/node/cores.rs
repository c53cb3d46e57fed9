//! The cores of the nodes of a pool: how they are granted, and how much applications slow down.

use std::mem::take;

use crate::model::blueprint::FleetId;
use crate::units::{SimDuration, small};

use super::latency::{LANES, Slowdown};
use super::{Contention, NodeState, Pool, PoolSnapshot, PoolTally};

/// The slowdown that counts for an application that collectors overload. Under overload the queue
/// of requests has no steady state.
///
/// Simplified: a fluid queue of requests would grow for as long as the overload lasts. The share of
/// time in overload is reported instead.
const OVERLOADED: f64 = 100.0;

/// Slowdown from which an application counts as slowed.
const SLOWED_FROM: f64 = 1.1;

/// Slowdown from which it counts as a failure.
const SLOWED_FAILURE: f64 = 1.5;

/// The slowdown of the applications of a pool.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::model) struct Noticed {
    /// Worst slowdown of any node.
    pub worst: f64,
    /// The first node on which the slowdown is a failure, with the factor.
    pub failed: Option<(u32, f64)>,
    /// The first node that its applications overload by themselves, with their demand over its
    /// cores.
    pub overloaded: Option<(u32, f64)>,
}

/// What one evaluation of all nodes of a pool finds.
#[derive(Clone, Copy, Debug)]
struct Findings {
    tally: PoolTally,
    noticed: Noticed,
}

impl Findings {
    /// Notes a node with a slowdown of `index`, whose contenders together demand `ratio` of its
    /// cores.
    fn note(&mut self, node: usize, index: f64, ratio: f64) {
        let index = index.min(OVERLOADED);
        let tally = &mut self.tally;
        tally.cpu_peak_ratio = tally.cpu_peak_ratio.max(ratio);
        tally.node_cells += 1.0;
        tally.slowdown_sum += index;
        tally.slowed += f64::from(u8::from(index > SLOWED_FROM));
        let noticed = &mut self.noticed;
        noticed.worst = noticed.worst.max(index);
        if index >= SLOWED_FAILURE {
            noticed.failed.get_or_insert((small(node), index));
        }
    }

    /// Notes a node whose cores are short for a cell of `seconds`.
    fn note_contention(
        &mut self,
        node: usize,
        (contention, level): (&Contention<'_>, f64),
        seconds: f64,
    ) {
        let noise = contention.noise();
        let collectors = contention
            .collectors
            .iter()
            .map(|contender| contender.limit());
        let demand = contention.application.demand + collectors.sum::<f64>();
        let wanted = contention.application.limit();
        let granted = contention.application.grant(level);
        self.note(node, noise.index(), demand / contention.cores);
        let is_overloaded = |slowdown| slowdown == Slowdown::Overloaded;
        let count = |slowdown| f64::from(u8::from(is_overloaded(slowdown)));
        if is_overloaded(noise.alone) {
            let ratio = contention.application.demand / contention.cores;
            self.noticed.overloaded.get_or_insert((small(node), ratio));
        }
        let tally = &mut self.tally;
        tally.overloaded += count(noise.with_collectors);
        tally.overloaded_alone += count(noise.alone);
        tally.displaced += (wanted.min(contention.cores) - granted).max(0.0) * seconds;
    }
}

impl Pool {
    /// Shares the cores of every node out for a cell of this length. `grant(fleet, index, share)`
    /// gets the granted share of each collector on a node without enough cores.
    pub(in crate::model) fn share_cores(
        &mut self,
        snapshot: &PoolSnapshot,
        cores: f64,
        cell: SimDuration,
        mut grant: impl FnMut(FleetId, u32, f64),
    ) -> Noticed {
        let seconds = cell.secs_f64();
        let mut findings = Findings {
            tally: self.tally,
            noticed: Noticed {
                worst: 0.0,
                failed: None,
                overloaded: None,
            },
        };
        let mut occupants = take(&mut self.occupants);
        for first in (0..snapshot.totals.nodes()).step_by(LANES) {
            for (node, state) in (first..).zip(snapshot.totals.look(first)) {
                match state {
                    NodeState::Idle => {}
                    NodeState::Calm { index, demand } => findings.note(node, index, demand / cores),
                    NodeState::Busy => {
                        snapshot.contenders_on(node, &mut occupants);
                        let contention = Contention {
                            cores,
                            application: snapshot.totals.application(node),
                            collectors: &occupants.contenders,
                        };
                        let level = contention.level();
                        findings.note_contention(node, (&contention, level), seconds);
                        for (contender, &(fleet, index)) in
                            occupants.contenders.iter().zip(&occupants.owners)
                        {
                            let limit = contender.limit();
                            let share = contender.grant(level) / limit;
                            grant(fleet, index, if limit > 0.0 { share } else { 1.0 });
                        }
                    }
                }
            }
        }
        self.occupants = occupants;
        let tally = &mut findings.tally;
        tally.slowdown_peak = tally.slowdown_peak.max(findings.noticed.worst);
        self.tally = findings.tally;
        findings.noticed
    }
}
