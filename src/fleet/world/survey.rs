//! A look over all nodes of a pool at once: what everybody on them wants.

use std::mem::take;

use crate::fleet::collector::Life;
use crate::fleet::node::Board;
use crate::fleet::node::memory::Resident;
use crate::fleet::node::waterfill::Claim;

use super::World;
use super::neighbour::CONVERSION;
use super::place::Run;

/// What everybody wants of the nodes of a pool.
#[derive(Clone, Debug, Default)]
pub(super) struct Survey {
    pub board: Board,
    /// The collectors, with the claim of one of them that has nothing to do.
    runs: Vec<(Run, Claim)>,
    /// Cores that each of them wants, run by run; not a number if it is not in service.
    demands: Vec<f64>,
}

/// The collectors in service on one node. Kept to use its memory again.
#[derive(Clone, Debug, Default)]
pub(super) struct Crowd {
    /// Fleet and index of each.
    pub owners: Vec<(usize, u32)>,
    /// What each of them wants of the cores.
    pub claims: Vec<Claim>,
    /// What each of them holds of the memory.
    pub residents: Vec<Resident>,
}

impl Survey {
    /// Gathers the claims of the collectors on a node.
    pub(super) fn claims_on(&self, node: usize, crowd: &mut Crowd) {
        crowd.owners.clear();
        crowd.claims.clear();
        let nodes = super::collect::small(self.board.nodes());
        let node = super::collect::small(node);
        let mut past = 0;
        for &(run, idle) in &self.runs {
            for number in run.numbers_on(node, nodes) {
                let demand = self.demands[past + number as usize];
                if !demand.is_nan() {
                    crowd.claims.push(Claim { demand, ..idle });
                    crowd.owners.push((run.fleet, run.base + number));
                }
            }
            past += run.count as usize;
        }
    }

    /// Begins anew.
    fn clear(&mut self) {
        self.runs.clear();
        self.demands.clear();
    }
}

impl World<'_> {
    /// What everybody wants of the nodes of a pool.
    pub(super) fn survey(&mut self, pool: usize, now: u64) -> Survey {
        let mut survey = take(&mut self.pools[pool].survey);
        let (state, cell) = (&self.pools[pool], self.cell_of(now));
        let applications = state.applications.iter();
        let weight: f64 = applications
            .map(|application| application.weight(cell))
            .sum();
        survey.board.clear(
            state.alive as usize,
            self.blueprint.pools[pool].node.cpu_cores,
            weight.max(CONVERSION.weight(None)),
        );
        for application in &state.applications {
            let cores = application.cores(cell);
            survey.board.want(cores, application.sizes());
        }
        survey.clear();
        for run in self.runs_on(pool) {
            self.survey_run(run, now, &mut survey);
        }
        survey
    }

    /// Adds what the collectors of a run want.
    fn survey_run(&self, run: Run, now: u64, survey: &mut Survey) {
        let state = &self.fleets[run.fleet];
        let resources = &self.blueprint.fleets[run.fleet].resources;
        let mut claim = Claim {
            weight: CONVERSION.weight(resources.cpu_request_cores),
            demand: 0.0,
            cap: resources.cpu_limit_cores.unwrap_or(f64::INFINITY),
        };
        survey.runs.push((run, claim));
        let snapshot = state.snapshot(now);
        let at_ease = state.memory.live_at_ease();
        let board = &mut survey.board;
        let nodes = board.nodes();
        let mut node = 0;
        for index in (run.base..).take(run.count as usize) {
            if node == nodes {
                if !run.strewn {
                    // The pool has just lost these.
                    survey.demands.push(f64::NAN);
                    continue;
                }
                node = 0;
            }
            let collector = &state.collectors[index as usize];
            if collector.life == Life::Up {
                let weights = state.weights_of(index);
                let (cores, live_most) = snapshot.glance(&collector.process, weights);
                claim.demand = cores;
                if live_most > at_ease {
                    let live = snapshot.live(&collector.process, weights);
                    claim.demand *= state.memory.gc_factor(live);
                }
                survey.demands.push(claim.demand);
                board.claim(node, claim);
                // Usage is rounded.
                board.hold(node, state.memory.resident(live_most) + 1.0);
                if collector.cpu_grant < 1.0 {
                    board.trouble(node);
                }
            } else {
                survey.demands.push(f64::NAN);
            }
            node += 1;
        }
    }
}
