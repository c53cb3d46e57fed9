//! Nodes shared by applications and collectors: who gets how much CPU, and how slow it gets.

use std::mem::take;
use std::time::Duration;

use crate::engine::Calendar;
use crate::model::node::latency::{LANES, Slowdown};
use crate::model::node::{Contention, Sight};

use super::collect::small;
use super::nodes::PoolTally;
use super::survey::{Crowd, Survey};
use super::{Event, World};

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
}

impl World<'_> {
    /// Whether anything on the nodes of a pool can meet a collector.
    pub(super) fn is_examined(&self, pool: usize) -> bool {
        !self.pools[pool].applications.is_empty()
    }

    /// One cell of the grid: every node of a pool is looked at.
    ///
    /// Simplified: shared CPU and memory are compared once per cell, memory also when a collector
    /// starts, and each look finds one victim at the most.
    pub(super) fn nodes_examined(&mut self, pool: usize, calendar: &mut Calendar<Event>) {
        let now = calendar.now();
        self.pools[pool].alive = self.nodes_now(pool, now.nanos());
        let survey = self.survey(pool, now.nanos());
        self.examine_cpu(pool, &survey, now.nanos());
        self.examine_memory(pool, &survey.board, calendar);
        self.pools[pool].survey = survey;
        let next = now + Duration::from_nanos(self.grid.cell);
        if next.nanos() < self.grid.end {
            calendar.schedule(next, Event::NodesExamined { pool: small(pool) });
        }
    }

    fn examine_cpu(&mut self, pool: usize, survey: &Survey, now: u64) {
        let cores = self.blueprint.pools[pool].node.cpu_cores;
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
                        self.note_contention(node, (&contention, level), &mut findings);
                        self.grant_all(&crowd, level, now);
                    }
                }
            }
        }
        self.pools[pool].crowd = crowd;
        let worst = findings.worst;
        findings.tally.slowdown_peak = findings.tally.slowdown_peak.max(worst);
        self.pools[pool].tally = findings.tally;
        self.observer.slowdown(pool, worst);
        if let Some((node, index)) = findings.failed {
            self.observer.slowed(pool, node, (now, index));
        }
    }

    fn note_contention(
        &self,
        node: usize,
        (contention, level): (&Contention<'_>, f64),
        findings: &mut Findings,
    ) {
        let noise = contention.noise();
        let collectors = contention.collectors.iter().map(|claim| claim.limit());
        let demand = contention.application.demand + collectors.sum::<f64>();
        let wanted = contention.application.limit();
        let granted = contention.application.grant(level);
        let seconds = self.grid.cell as f64 / 1e9;
        findings.note(node, noise.index(), demand / contention.cores);
        let overloaded = noise.with_collectors == Slowdown::Overloaded;
        let tally = &mut findings.tally;
        tally.overloaded += f64::from(u8::from(overloaded));
        tally.displaced += (wanted.min(contention.cores) - granted).max(0.0) * seconds;
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
            self.grant(fleet, index, grant, now);
        }
    }

    /// A collector's node grants it a share of its CPU demand from now on.
    fn grant(&mut self, fleet: usize, index: u32, grant: f64, now: u64) {
        let state = &mut self.fleets[fleet];
        #[expect(clippy::cast_possible_truncation, reason = "a share keeps its meaning")]
        let grant = grant.clamp(0.0, 1.0) as f32;
        if state.collectors[index as usize].cpu_grant.to_bits() != grant.to_bits() {
            state.settle(index, now);
            state.collectors[index as usize].cpu_grant = grant;
        }
    }

    /// The cell of the grid that holds `now`.
    pub(super) fn cell_of(&self, now: u64) -> usize {
        let cell = usize::try_from(now / self.grid.cell).expect("cells are few");
        cell.min(self.grid.cells() - 1)
    }
}
