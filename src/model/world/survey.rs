//! A look over all nodes of a pool at once: what everybody on them wants.

use std::mem::take;

use crate::model::node::Board;
use crate::model::node::waterfill::Claim;
use crate::model::process::collector::Life;

use super::World;
use super::collect::small;
use super::neighbour::{CONVERSION, whole_bytes};
use super::place::Run;

/// What everybody wants of the nodes of a pool.
#[derive(Clone, Debug, Default)]
pub(super) struct Survey {
    pub board: Board,
    /// The collectors, with the claim of one of them that has nothing to do.
    runs: Vec<(Run, Claim)>,
    /// Cores that each of them wants, run by run; below zero if it is not in service.
    demands: Vec<f64>,
    /// Bytes that each collector of the last run does not exceed.
    bytes: Vec<f64>,
}

/// The collectors in service on one node. Kept to use its memory again.
#[derive(Clone, Debug, Default)]
pub(super) struct Crowd {
    /// What each of them wants of the cores, with its fleet and index.
    pub claims: Vec<Claim>,
    pub owners: Vec<(usize, u32)>,
    /// What each of them holds of the memory.
    pub members: Vec<Member>,
}

/// A collector in the memory of a node.
#[derive(Clone, Copy, Debug)]
pub(super) struct Member {
    pub fleet: usize,
    pub index: u32,
    /// Bytes that it holds, or more.
    pub usage: f64,
    /// What its fleet's requests and limits add to its score.
    pub adjustment: f64,
    /// Whether the bytes are what it holds.
    pub is_measured: bool,
}

impl Crowd {
    /// Bytes that its members hold together, or more.
    pub(super) fn bytes(&self) -> f64 {
        self.members.iter().map(|member| member.usage).sum()
    }
}

impl Survey {
    /// Gathers the claims of the collectors on a node.
    pub(super) fn claims_on(&self, node: usize, crowd: &mut Crowd) {
        crowd.owners.clear();
        crowd.claims.clear();
        let (node, nodes) = (small(node), small(self.board.nodes()));
        let mut past = 0;
        for &(run, idle) in &self.runs {
            for number in run.numbers_on(node, nodes) {
                let demand = self.demands[past + number as usize];
                if demand >= 0.0 {
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
        let resources = &self.blueprint.fleets[run.fleet].resources;
        let idle = Claim {
            weight: CONVERSION.weight(resources.cpu_request_cores),
            demand: 0.0,
            cap: resources.cpu_limit_cores.unwrap_or(f64::INFINITY),
        };
        survey.runs.push((run, idle));
        let past = survey.demands.len();
        self.survey_collectors(run, now, survey);
        let memory = &self.fleets[run.fleet].memory;
        for bytes in &mut survey.bytes {
            *bytes = if *bytes >= 0.0 {
                whole_bytes(memory.resident(*bytes)).as_f64()
            } else {
                0.0
            };
        }
        // Collectors on nodes that the pool has just lost count for nothing.
        let nodes = survey.board.nodes().max(1);
        let rounds = if run.strewn { usize::MAX } else { 1 };
        for demands in survey.demands[past..].chunks(nodes).take(rounds) {
            survey.board.claim(demands, idle);
        }
        for bytes in survey.bytes.chunks(nodes).take(rounds) {
            survey.board.hold(bytes);
        }
    }

    /// What each collector of a run wants of the cores, and live bytes that it does not exceed.
    fn survey_collectors(&self, run: Run, now: u64, survey: &mut Survey) {
        let state = &self.fleets[run.fleet];
        let snapshot = state.snapshot(now);
        let at_ease = state.memory.live_at_ease();
        survey.bytes.clear();
        for index in (run.base..).take(run.count as usize) {
            let collector = &state.collectors[index as usize];
            if collector.life != Life::Up {
                survey.demands.push(-1.0);
                survey.bytes.push(-1.0);
                continue;
            }
            let weights = state.weights_of(index);
            let (mut cores, live_most) = snapshot.glance(&collector.process, weights);
            if live_most > at_ease {
                let live = snapshot.live(&collector.process, weights);
                cores *= state.memory.gc_factor(live);
            }
            survey.demands.push(cores);
            survey.bytes.push(live_most);
            let node = index - run.base;
            if collector.cpu_grant < 1.0 && (run.strewn || (node as usize) < survey.board.nodes()) {
                let node = node as usize % survey.board.nodes();
                survey.board.trouble(node);
            }
        }
    }
}
