//! Nodes shared by applications and collectors: who gets how much CPU, and how slow it gets.

use std::mem::take;

use crate::model::blueprint::PoolId;
use crate::model::node::latency::{LANES, Slowdown};
use crate::model::node::{Contention, Crowd, PoolTally, Sight, Survey};
use crate::units::small;

use super::World;

/// A slowdown counted for an application that collectors push over the edge, whose backlog has no
/// steady state.
///
/// Simplified: a fluid backlog would grow for as long as the overload lasts; it is flagged by the
/// share of time in overload instead.
const OVERLOADED: f64 = 100.0;

/// From here on a neighbour counts as slowed.
const SLOWED_FROM: f64 = 1.1;

/// From here on it counts as a failure.
const SLOWED_FAILURE: f64 = 1.5;

/// What one look at all nodes of a pool finds.
#[derive(Clone, Copy, Debug)]
struct Findings {
    tally: PoolTally,
    /// Worst slowdown.
    worst: f64,
    /// The first node on which it is a failure, and its slowdown.
    failed: Option<(u32, f64)>,
}

impl Findings {
    /// Notes a node whose applications are slowed by `index` and on which everybody together wants
    /// `ratio` of its cores.
    fn note(&mut self, node: usize, index: f64, ratio: f64) {
        let index = index.min(OVERLOADED);
        let tally = &mut self.tally;
        tally.cpu_peak_ratio = tally.cpu_peak_ratio.max(ratio);
        tally.node_cells += 1.0;
        tally.slowdown_sum += index;
        tally.slowed += f64::from(u8::from(index > SLOWED_FROM));
        self.worst = self.worst.max(index);
        if index >= SLOWED_FAILURE && self.failed.is_none() {
            self.failed = Some((small(node), index));
        }
    }

    /// Notes a node whose cores are short for a cell of so many seconds.
    fn note_contention(
        &mut self,
        node: usize,
        (contention, level): (&Contention<'_>, f64),
        seconds: f64,
    ) {
        let noise = contention.noise();
        let collectors = contention.collectors.iter().map(|claim| claim.limit());
        let demand = contention.application.demand + collectors.sum::<f64>();
        let wanted = contention.application.limit();
        let granted = contention.application.grant(level);
        self.note(node, noise.index(), demand / contention.cores);
        let overloaded = noise.with_collectors == Slowdown::Overloaded;
        let tally = &mut self.tally;
        tally.overloaded += f64::from(u8::from(overloaded));
        tally.displaced += (wanted.min(contention.cores) - granted).max(0.0) * seconds;
    }
}

impl World<'_> {
    /// Looks at the cores of every node of a pool.
    pub(super) fn examine_cpu(&mut self, pool: PoolId, survey: &Survey, now: u64) {
        let cores = self.setting.blueprint.pools[pool].node.cpu_cores;
        let mut findings = Findings {
            tally: self.pools[pool].tally,
            worst: 0.0,
            failed: None,
        };
        let mut crowd = take(&mut self.pools[pool].crowd);
        for first in (0..survey.board.nodes()).step_by(LANES) {
            for (node, sight) in (first..).zip(survey.board.look(first)) {
                match sight {
                    Sight::Idle => {}
                    Sight::Calm { index, demand } => findings.note(node, index, demand / cores),
                    Sight::Busy => {
                        survey.claims_on(node, &mut crowd);
                        let contention = Contention {
                            cores,
                            application: survey.board.application(node),
                            collectors: &crowd.claims,
                        };
                        let level = contention.level();
                        findings.note_contention(node, (&contention, level), self.cell_seconds());
                        self.grant_all(&crowd, level, now);
                    }
                }
            }
        }
        self.pools[pool].crowd = crowd;
        let worst = findings.worst;
        findings.tally.slowdown_peak = findings.tally.slowdown_peak.max(worst);
        self.pools[pool].tally = findings.tally;
        let observer = &mut self.setting.observer;
        observer.slowdown(pool, worst);
        if let Some((node, index)) = findings.failed {
            observer.slowed(pool, node, (now, index));
        }
    }

    fn cell_seconds(&self) -> f64 {
        self.setting.grid.cell as f64 / 1e9
    }

    /// The collectors of a node get what the level leaves them.
    fn grant_all(&mut self, crowd: &Crowd, level: f64, now: u64) {
        for (claim, &(fleet, index)) in crowd.claims.iter().zip(&crowd.owners) {
            let limit = claim.limit();
            let grant = if limit > 0.0 {
                claim.grant(level) / limit
            } else {
                1.0
            };
            self.fleets[fleet].grant(index, grant, now);
        }
    }
}
