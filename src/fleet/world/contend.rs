//! Nodes shared by applications and collectors: CPU, latency, memory.

use std::time::Duration;

use crate::engine::Calendar;
use crate::fleet::blueprint::WorkloadKind;
use crate::fleet::catalogue::Scope;
use crate::fleet::collector::Life;
use crate::fleet::draw::Purpose;
use crate::fleet::node::memory::{Protection, Resident, oom_victim};
use crate::fleet::node::waterfill::Claim;
use crate::fleet::node::weight::Conversion;
use crate::fleet::node::{Contention, latency::Slowdown};
use crate::fleet::outcome::What;
use crate::fleet::timeline::Timeline;
use crate::units::Bytes;

use super::collect::small;
use super::{Event, World};

/// How requests become weights.
///
/// Source: Kubernetes blog, 30 January 2026: the conversion of runc from 1.3.2 (read 2026-11).
const CONVERSION: Conversion = Conversion::Quadratic;

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

/// What one workload takes from the nodes of a pool.
#[derive(Clone, Debug)]
pub(super) struct Application {
    /// Pods per node, per cell.
    pub pods: Vec<f64>,
    pub cpu_per_pod: f64,
    /// Law of the factor between a node and the mean.
    pub spread: crate::fleet::law::Law,
    pub key: u64,
    pub memory_per_pod: f64,
    pub cpu_request: f64,
    pub memory_request: f64,
}

impl Application {
    /// Everything with a demand that runs on a pool.
    pub(super) fn all_on(world: &mut World<'_>, pool: usize, timelines: &[Timeline]) -> Vec<Self> {
        let grid = world.grid;
        let mut applications = Vec::new();
        for (id, workload) in world.blueprint.workloads.iter().enumerate() {
            if !workload.runs_on.contains(&pool) {
                continue;
            }
            let path = format!("workload.{}", workload.name);
            let demand = &workload.demand;
            let cpu_per_pod = world
                .draw
                .centre(&format!("{path}.cpu_per_pod"), &demand.cpu_cores);
            let memory_per_pod = world
                .draw
                .centre(&format!("{path}.memory_per_pod"), &demand.memory_bytes);
            if cpu_per_pod <= 0.0 && memory_per_pod <= 0.0 {
                continue;
            }
            let per_node = |cell: usize| {
                let nodes: u32 = workload
                    .runs_on
                    .iter()
                    .map(|&on| world.pools[on].nodes[cell])
                    .sum();
                let pods = timelines[id].smooth_targets(&grid, cell)
                    * timelines[id].steps_at(&grid, grid.start_of(cell));
                pods / f64::from(nodes.max(1))
            };
            applications.push(Self {
                pods: (0..grid.cells()).map(per_node).collect(),
                cpu_per_pod,
                spread: demand.cpu_cores.spread,
                key: crate::engine::key_of(&path),
                memory_per_pod,
                cpu_request: demand.cpu_request_cores,
                memory_request: demand.memory_request_bytes,
            });
        }
        applications
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
        for node in 0..self.pools[pool].alive {
            self.examine_cpu(pool, node, now.nanos());
            self.examine_memory(pool, node, calendar);
        }
        let next = now + Duration::from_nanos(self.grid.cell);
        if next.nanos() < self.grid.end {
            calendar.schedule(next, Event::NodesExamined { pool: small(pool) });
        }
    }

    fn examine_cpu(&mut self, pool: usize, node: u32, now: u64) {
        let (application, baseline) = self.application_claim(pool, node, now);
        if baseline <= 0.0 {
            return;
        }
        let mut claims = Vec::new();
        let mut owners = Vec::new();
        self.each_collector_on(pool, node, |world, fleet, index| {
            if world.fleets[fleet].collectors[index as usize].life == Life::Up {
                claims.push(world.collector_claim(fleet, index, now));
                owners.push((fleet, index));
            }
        });
        let cores = self.blueprint.pools[pool].node.cpu_cores;
        let contention = Contention {
            cores,
            application,
            collectors: &claims,
        };
        self.note_contention(pool, (node, now), &contention);
        let level = contention.level();
        for (claim, (fleet, index)) in claims.iter().zip(owners) {
            let limit = claim.limit();
            let grant = if limit > 0.0 {
                claim.grant(level) / limit
            } else {
                1.0
            };
            self.grant(fleet, index, grant, now);
        }
    }

    fn note_contention(
        &mut self,
        pool: usize,
        (node, now): (u32, u64),
        contention: &Contention<'_>,
    ) {
        let noise = contention.noise();
        let index = noise.index().min(OVERLOADED);
        let demand = contention.application.demand
            + contention
                .collectors
                .iter()
                .map(|claim| claim.limit())
                .sum::<f64>();
        let wanted = contention.application.limit();
        let granted = contention.application.grant(contention.level());
        let seconds = self.grid.cell as f64 / 1e9;
        let tally = &mut self.pools[pool].tally;
        tally.cpu_peak_ratio = tally.cpu_peak_ratio.max(demand / contention.cores);
        tally.node_cells += 1.0;
        tally.slowdown_sum += index;
        tally.slowdown_peak = tally.slowdown_peak.max(index);
        tally.slowed += f64::from(u8::from(index > SLOWED_FROM));
        let overloaded = noise.with_collectors == Slowdown::Overloaded;
        tally.overloaded += f64::from(u8::from(overloaded));
        tally.displaced += (wanted.min(contention.cores) - granted).max(0.0) * seconds;
        self.observer.slowdown(pool, index);
        if index >= SLOWED_FAILURE {
            self.observer.slowed(pool, node, (now, index));
        }
    }

    /// What the applications of a node want of its cores, and their demand.
    fn application_claim(&self, pool: usize, node: u32, now: u64) -> (Claim, f64) {
        let cell = self.cell_of(now);
        let mut claim = Claim {
            weight: 0.0,
            demand: 0.0,
            cap: f64::INFINITY,
        };
        for application in &self.pools[pool].applications {
            let pods = application.pods[cell];
            let size = if application.spread.is_fixed() {
                1.0
            } else {
                self.draw.noise(
                    Purpose::NodeDemand,
                    application.key,
                    application.spread,
                    (node, 0),
                )
            };
            claim.demand += pods * application.cpu_per_pod * size.max(0.0);
            claim.weight += pods * CONVERSION.weight(Some(application.cpu_request));
        }
        claim.weight = claim.weight.max(CONVERSION.weight(None));
        (claim, claim.demand)
    }

    fn collector_claim(&self, fleet: usize, index: u32, now: u64) -> Claim {
        let state = &self.fleets[fleet];
        let resources = &self.blueprint.fleets[fleet].resources;
        let segment = state.resident.driver.segment(now);
        Claim {
            weight: CONVERSION.weight(resources.cpu_request_cores),
            demand: state.cores_at(index, segment, now),
            cap: resources.cpu_limit_cores.unwrap_or(f64::INFINITY),
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
            self.examine_memory(pool, node, calendar);
        }
    }

    /// Kills the first victim of a node whose memory is exceeded.
    fn examine_memory(&mut self, pool: usize, node: u32, calendar: &mut Calendar<Event>) {
        let now = calendar.now().nanos();
        let capacity = self.blueprint.pools[pool].node.memory;
        let mut residents = Vec::new();
        let mut owners = Vec::new();
        self.each_collector_on(pool, node, |world, fleet, index| {
            if world.fleets[fleet].collectors[index as usize].life == Life::Up {
                residents.push(world.collector_resident(fleet, index, now));
                owners.push((fleet, index));
            }
        });
        let collectors: u64 = residents
            .iter()
            .map(|resident| resident.usage.count())
            .sum();
        let applications = self.application_memory(pool, now);
        let used = collectors as f64 + applications;
        let ratio = used / capacity.as_f64();
        let tally = &mut self.pools[pool].tally;
        tally.memory_peak_ratio = tally.memory_peak_ratio.max(ratio);
        if ratio <= 1.0 {
            return;
        }
        tally.node_ooms += 1;
        residents.extend(self.application_residents(pool, now));
        self.observer.node_oom(pool, node, (now, used));
        let victim = oom_victim(&residents, capacity).and_then(|victim| owners.get(victim));
        if let Some(&(fleet, index)) = victim {
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
            .map(|application| application.pods[cell] * application.memory_per_pod)
            .sum()
    }

    /// One pod of each application on a node, as the kernel sees it.
    fn application_residents(&self, pool: usize, now: u64) -> Vec<Resident> {
        let cell = self.cell_of(now);
        let present = |pods: f64| pods > 0.0;
        let applications = self.pools[pool].applications.iter();
        applications
            .filter(|application| present(application.pods[cell]))
            .map(|application| {
                let request = bytes(application.memory_request);
                let none = application.memory_request <= 0.0 && application.cpu_request <= 0.0;
                Resident {
                    usage: bytes(application.memory_per_pod),
                    request,
                    priority: 0,
                    protection: if none {
                        Protection::BestEffort
                    } else {
                        Protection::Burstable { request }
                    },
                }
            })
            .collect()
    }

    /// The pool and node that carry a collector, if it runs on nodes.
    fn node_of(&self, fleet: usize, index: u32) -> Option<(usize, u32)> {
        let state = &self.fleets[fleet];
        let block = state.blocks.iter().rfind(|block| block.base <= index)?;
        let entity = index - block.base;
        if let Some(pool) = block.pool {
            return Some((pool, entity));
        }
        let pool = match block.workload {
            Some(workload) => *self.blueprint.workloads[workload].runs_on.first()?,
            None => *self.blueprint.fleets[fleet].runs_on.first()?,
        };
        Some((pool, entity % self.pools[pool].alive.max(1)))
    }

    /// Visits the collectors on one node of a pool.
    pub(super) fn each_collector_on(
        &self,
        pool: usize,
        node: u32,
        mut visit: impl FnMut(&Self, usize, u32),
    ) {
        let nodes = self.pools[pool].alive.max(1) as usize;
        for (fleet, plan) in self.blueprint.fleets.iter().enumerate() {
            for block in &self.fleets[fleet].blocks {
                let on_first = |runs_on: &[usize]| runs_on.first() == Some(&pool);
                let strewn = match (block.pool, block.workload) {
                    (Some(of), _) => {
                        if of == pool && node < block.alive {
                            visit(self, fleet, block.base + node);
                        }
                        continue;
                    }
                    (None, Some(workload)) => {
                        let workload = &self.blueprint.workloads[workload];
                        workload.kind != WorkloadKind::Job && on_first(&workload.runs_on)
                    }
                    (None, None) => on_first(&plan.runs_on),
                };
                if strewn {
                    for entity in (node..block.alive).step_by(nodes) {
                        visit(self, fleet, block.base + entity);
                    }
                }
            }
        }
    }

    /// Collectors on one node of a pool: `(fleet, index)`.
    pub(super) fn collectors_on(&self, pool: usize, node: u32) -> Vec<(usize, u32)> {
        let mut found = Vec::new();
        self.each_collector_on(pool, node, |_, fleet, index| found.push((fleet, index)));
        found
    }

    /// The cell of the grid that holds `now`.
    pub(super) fn cell_of(&self, now: u64) -> usize {
        let cell = usize::try_from(now / self.grid.cell).expect("cells are few");
        cell.min(self.grid.cells() - 1)
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "casts saturate"
)]
fn bytes(value: f64) -> Bytes {
    Bytes::new(value.round() as u64)
}
