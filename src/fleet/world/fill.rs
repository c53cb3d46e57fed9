//! The memory of nodes shared by applications and collectors: who is killed when it runs out.

use std::mem::take;

use crate::engine::Calendar;
use crate::fleet::catalogue::Scope;
use crate::fleet::collector::Life;
use crate::fleet::node::Board;
use crate::fleet::node::memory::{Protection, Resident, oom_victim};
use crate::fleet::outcome::What;
use crate::units::Bytes;

use super::collect::small;
use super::neighbour::bytes;
use super::survey::Crowd;
use super::{Event, World};

impl World<'_> {
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
    pub(super) fn examine_memory(
        &mut self,
        pool: usize,
        board: &Board,
        calendar: &mut Calendar<Event>,
    ) {
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
        self.residents_on(pool, node, now, &mut crowd);
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

    /// Gathers what the collectors on a node hold.
    fn residents_on(&self, pool: usize, node: u32, now: u64, crowd: &mut Crowd) {
        crowd.owners.clear();
        crowd.residents.clear();
        for run in self.runs_on(pool) {
            let mut numbers = run.numbers_on(node, self.pools[pool].alive).peekable();
            if numbers.peek().is_none() {
                continue;
            }
            let state = &self.fleets[run.fleet];
            let snapshot = state.snapshot(now);
            let mut resident = self.empty_resident(run.fleet);
            for number in numbers {
                let index = run.base + number;
                let collector = &state.collectors[index as usize];
                if collector.life == Life::Up {
                    let live = snapshot.live(&collector.process, state.weights_of(index));
                    resident.usage = bytes(state.memory.resident(live));
                    crowd.residents.push(resident);
                    crowd.owners.push((run.fleet, index));
                }
            }
        }
    }

    /// A collector of a fleet that uses no memory, as the kernel sees it.
    fn empty_resident(&self, fleet: usize) -> Resident {
        let resources = &self.blueprint.fleets[fleet].resources;
        let request = resources.memory_request.unwrap_or_default();
        let none = resources.memory_request.is_none()
            && resources.memory_limit.is_none()
            && resources.cpu_request_cores.is_none();
        let guaranteed = resources.memory_request.is_some()
            && resources.memory_request == resources.memory_limit
            && resources.cpu_request_cores == resources.cpu_limit_cores;
        Resident {
            usage: Bytes::default(),
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
}
