//! Nodes shared by applications and collectors: CPU, latency, memory.

use std::mem::take;
use std::time::Duration;

use crate::engine::Calendar;
use crate::fleet::catalogue::Scope;
use crate::fleet::collector::Life;
use crate::fleet::node::latency::{LANES, Slowdown};
use crate::fleet::node::memory::{Protection, Resident, oom_victim};
use crate::fleet::node::waterfill::Claim;
use crate::fleet::node::{Board, Contention, Sight};
use crate::fleet::outcome::What;
use crate::fleet::snapshot::Snapshot;

use super::collect::small;
use super::neighbour::{CONVERSION, bytes};
use super::nodes::PoolTally;
use super::place::Run;
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

/// The collectors in service on one node: kept to use its memory again.
#[derive(Clone, Debug, Default)]
pub(super) struct Crowd {
    /// Fleet and index of each.
    owners: Vec<(usize, u32)>,
    claims: Vec<Claim>,
    residents: Vec<Resident>,
}

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
        let board = self.survey(pool, now.nanos());
        self.examine_cpu(pool, &board, now.nanos());
        self.examine_memory(pool, &board, calendar);
        self.pools[pool].board = board;
        let next = now + Duration::from_nanos(self.grid.cell);
        if next.nanos() < self.grid.end {
            calendar.schedule(next, Event::NodesExamined { pool: small(pool) });
        }
    }

    /// What everybody wants of the nodes of a pool.
    fn survey(&mut self, pool: usize, now: u64) -> Board {
        let mut board = take(&mut self.pools[pool].board);
        let state = &self.pools[pool];
        let (cores, cell) = (self.blueprint.pools[pool].node.cpu_cores, self.cell_of(now));
        board.clear(
            state.alive as usize,
            cores,
            self.application_weight(pool, cell),
        );
        for application in &state.applications {
            board.want(application.cores(cell), application.sizes());
        }
        for run in self.runs_on(pool) {
            self.survey_run(run, now, &mut board);
        }
        board
    }

    /// Adds what the collectors of a run want.
    fn survey_run(&self, run: Run, now: u64, board: &mut Board) {
        let state = &self.fleets[run.fleet];
        let prices = state.streams.iter().map(|stream| stream.cores);
        let snapshot = Snapshot::new(&state.resident, now, prices);
        let idle = self.idle_claim(run.fleet);
        let at_ease = state.memory.live_at_ease();
        let nodes = board.nodes();
        let count = if run.strewn {
            run.count as usize
        } else {
            nodes.min(run.count as usize)
        };
        let mut next = 0;
        for index in (run.base..).take(count) {
            let node = next;
            next = if node + 1 == nodes { 0 } else { node + 1 };
            let collector = &state.collectors[index as usize];
            if collector.life != Life::Up {
                continue;
            }
            let weights = state.weights_of(index);
            let live_most = snapshot.live_most(&collector.process, weights);
            let mut claim = idle;
            claim.demand = snapshot.cores(weights);
            if live_most > at_ease {
                let live = snapshot.live(&collector.process, weights);
                claim.demand *= state.memory.gc_factor(live);
            }
            board.claim(node, claim);
            // Usage is rounded.
            board.hold(node, state.memory.resident(live_most) + 1.0);
            if collector.cpu_grant < 1.0 {
                board.trouble(node);
            }
        }
    }

    fn examine_cpu(&mut self, pool: usize, board: &Board, now: u64) {
        let cores = self.blueprint.pools[pool].node.cpu_cores;
        let mut findings = Findings {
            tally: self.pools[pool].tally,
            worst: 0.0,
            failed: None,
        };
        for first in (0..board.nodes()).step_by(LANES) {
            for (node, sight) in (first..).zip(board.look(first)) {
                match sight {
                    Sight::Idle => {}
                    Sight::Calm { index, demand } => findings.note(node, index, demand / cores),
                    Sight::Busy => {
                        let demand = board.demand(node);
                        self.contend((pool, node), demand, now, &mut findings);
                    }
                }
            }
        }
        let worst = findings.worst;
        findings.tally.slowdown_peak = findings.tally.slowdown_peak.max(worst);
        self.pools[pool].tally = findings.tally;
        self.observer.slowdown(pool, worst);
        if let Some((node, index)) = findings.failed {
            self.observer.slowed(pool, node, (now, index));
        }
    }

    /// Shares the cores of one node on which applications want `demand` of them.
    fn contend(
        &mut self,
        (pool, node): (usize, usize),
        demand: f64,
        now: u64,
        findings: &mut Findings,
    ) {
        let mut crowd = take(&mut self.pools[pool].crowd);
        crowd.owners.clear();
        crowd.claims.clear();
        for (fleet, index) in self.collectors_on(pool, small(node)) {
            if self.fleets[fleet].collectors[index as usize].life == Life::Up {
                crowd.claims.push(self.collector_claim(fleet, index, now));
                crowd.owners.push((fleet, index));
            }
        }
        let contention = Contention {
            cores: self.blueprint.pools[pool].node.cpu_cores,
            application: Claim {
                weight: self.application_weight(pool, self.cell_of(now)),
                demand,
                cap: f64::INFINITY,
            },
            collectors: &crowd.claims,
        };
        let level = contention.level();
        self.note_contention(node, &contention, level, findings);
        for (claim, &(fleet, index)) in crowd.claims.iter().zip(&crowd.owners) {
            let limit = claim.limit();
            let grant = if limit > 0.0 {
                claim.grant(level) / limit
            } else {
                1.0
            };
            self.grant(fleet, index, grant, now);
        }
        self.pools[pool].crowd = crowd;
    }

    fn note_contention(
        &self,
        node: usize,
        contention: &Contention<'_>,
        level: f64,
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

    /// Weight of the applications on a node of a pool.
    fn application_weight(&self, pool: usize, cell: usize) -> f64 {
        let applications = self.pools[pool].applications.iter();
        let weight: f64 = applications
            .map(|application| application.weight(cell))
            .sum();
        weight.max(CONVERSION.weight(None))
    }

    /// The claim of a collector of a fleet that has nothing to do.
    fn idle_claim(&self, fleet: usize) -> Claim {
        let resources = &self.blueprint.fleets[fleet].resources;
        Claim {
            weight: CONVERSION.weight(resources.cpu_request_cores),
            demand: 0.0,
            cap: resources.cpu_limit_cores.unwrap_or(f64::INFINITY),
        }
    }

    fn collector_claim(&self, fleet: usize, index: u32, now: u64) -> Claim {
        let state = &self.fleets[fleet];
        let segment = state.resident.driver.segment(now);
        Claim {
            demand: state.cores_at(index, segment, now),
            ..self.idle_claim(fleet)
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

    /// Looks at the memory of the node that carries a collector which has just started.
    pub(super) fn examine_memory_of(
        &mut self,
        fleet: usize,
        index: u32,
        calendar: &mut Calendar<Event>,
    ) {
        if let Some((pool, node)) = self.node_of(fleet, index)
            && self.is_examined(pool)
        {
            self.fill_memory(pool, node, calendar);
        }
    }

    /// Looks at the memory of the nodes that may be fuller than any before, or full.
    fn examine_memory(&mut self, pool: usize, board: &Board, calendar: &mut Calendar<Event>) {
        let capacity = self.blueprint.pools[pool].node.memory.as_f64();
        let applications = self.application_memory(pool, calendar.now().nanos());
        for node in 0..board.nodes() {
            let least = self.pools[pool].tally.memory_peak_ratio.min(1.0);
            if (applications + board.held(node)) / capacity > least {
                self.fill_memory(pool, small(node), calendar);
            }
        }
    }

    /// Kills the first victim of a node whose memory is exceeded.
    fn fill_memory(&mut self, pool: usize, node: u32, calendar: &mut Calendar<Event>) {
        let now = calendar.now().nanos();
        let mut crowd = take(&mut self.pools[pool].crowd);
        crowd.owners.clear();
        crowd.residents.clear();
        for (fleet, index) in self.collectors_on(pool, node) {
            if self.fleets[fleet].collectors[index as usize].life == Life::Up {
                crowd
                    .residents
                    .push(self.collector_resident(fleet, index, now));
                crowd.owners.push((fleet, index));
            }
        }
        let residents = crowd.residents.iter();
        let collectors: u64 = residents.map(|resident| resident.usage.count()).sum();
        let used = collectors as f64 + self.application_memory(pool, now);
        let ratio = used / self.blueprint.pools[pool].node.memory.as_f64();
        let tally = &mut self.pools[pool].tally;
        tally.memory_peak_ratio = tally.memory_peak_ratio.max(ratio);
        if ratio > 1.0 {
            self.run_out(pool, (node, used), &mut crowd, calendar);
        }
        self.pools[pool].crowd = crowd;
    }

    /// The kernel kills somebody on a node that uses more memory than it has.
    fn run_out(
        &mut self,
        pool: usize,
        (node, used): (u32, f64),
        crowd: &mut Crowd,
        calendar: &mut Calendar<Event>,
    ) {
        let now = calendar.now().nanos();
        let cell = self.cell_of(now);
        self.pools[pool].tally.node_ooms += 1;
        let applications = self.pools[pool].applications.iter();
        crowd
            .residents
            .extend(applications.filter_map(|application| application.pod(cell)));
        self.observer.node_oom(pool, node, (now, used));
        let capacity = self.blueprint.pools[pool].node.memory;
        let victim = oom_victim(&crowd.residents, capacity);
        if let Some(&(fleet, index)) = victim.and_then(|victim| crowd.owners.get(victim)) {
            self.kill(fleet, index, (now, What::NodeOomKilled), calendar);
        } else {
            self.pools[pool].tally.app_kills += 1;
            let scope = Scope::Pool(pool);
            self.observer
                .note(scope, Some(node), (now, What::AppKilled, used));
        }
    }

    fn collector_resident(&self, fleet: usize, index: u32, now: u64) -> Resident {
        let state = &self.fleets[fleet];
        let resources = &self.blueprint.fleets[fleet].resources;
        let process = &state.collectors[index as usize].process;
        let live = state
            .resident
            .live_at(process, state.weights_of(index), now);
        let request = resources.memory_request.unwrap_or_default();
        let none = resources.memory_request.is_none()
            && resources.memory_limit.is_none()
            && resources.cpu_request_cores.is_none();
        let guaranteed = resources.memory_request.is_some()
            && resources.memory_request == resources.memory_limit
            && resources.cpu_request_cores == resources.cpu_limit_cores;
        Resident {
            usage: bytes(state.memory.resident(live)),
            request,
            priority: 0,
            protection: match (none, guaranteed) {
                (true, _) => Protection::BestEffort,
                (_, true) => Protection::Guaranteed,
                _ => Protection::Burstable { request },
            },
        }
    }

    /// Bytes that the applications of one node of a pool use.
    fn application_memory(&self, pool: usize, now: u64) -> f64 {
        let cell = self.cell_of(now);
        let applications = self.pools[pool].applications.iter();
        applications
            .map(|application| application.memory(cell))
            .sum()
    }

    /// The cell of the grid that holds `now`.
    pub(super) fn cell_of(&self, now: u64) -> usize {
        let cell = usize::try_from(now / self.grid.cell).expect("cells are few");
        cell.min(self.grid.cells() - 1)
    }
}
