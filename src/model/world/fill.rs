//! The memory of nodes shared by applications and collectors: who is killed when it runs out.

use std::mem::take;

use crate::engine::Calendar;
use crate::model::node::Board;
use crate::model::node::memory::{Protection, adjusted_score, highest_score, oom_score};
use crate::model::process::collector::Life;
use crate::model::record::catalogue::Scope;
use crate::model::record::outcome::What;

use super::collect::small;
use super::neighbour::whole_bytes;
use super::nodes::PoolTally;
use super::survey::{Crowd, Member};
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
        let least = |tally: &PoolTally| tally.memory_peak_ratio.min(1.0);
        let mut seen = least(&self.pools[pool].tally);
        for node in 0..board.nodes() {
            if (board.held(node) + applications) / capacity > seen {
                self.fill_memory(pool, small(node), calendar);
                seen = least(&self.pools[pool].tally);
            }
        }
    }

    /// Kills the first victim of a node whose memory is exceeded. Bounds decide where they can: what
    /// each collector holds is not computed for a node that is fuller than it has room for, but no
    /// fuller than others have been.
    fn fill_memory(&mut self, pool: usize, node: u32, calendar: &mut Calendar<Event>) {
        let now = calendar.now().nanos();
        let mut crowd = take(&mut self.pools[pool].crowd);
        let mut least = self.gather(pool, node, now, &mut crowd);
        let applications = self.application_memory(pool, now);
        let capacity = self.blueprint.pools[pool].node.memory.as_f64();
        let ratio = |collectors: f64| (collectors + applications) / capacity;
        let most = ratio(crowd.bytes());
        let seen = self.pools[pool].tally.memory_peak_ratio;
        if most > seen || (most > 1.0 && ratio(least) <= 1.0) {
            self.measure_all(&mut crowd, now);
            least = crowd.bytes();
            self.pools[pool].tally.memory_peak_ratio = seen.max(ratio(least));
        }
        if ratio(least) > 1.0 {
            self.run_out(pool, node, &mut crowd, calendar);
        }
        self.pools[pool].crowd = crowd;
    }

    /// The kernel kills somebody on a node that uses more memory than it has.
    fn run_out(
        &mut self,
        pool: usize,
        node: u32,
        crowd: &mut Crowd,
        calendar: &mut Calendar<Event>,
    ) {
        let now = calendar.now().nanos();
        self.pools[pool].tally.node_ooms += 1;
        self.observer.node_oom(pool, now);
        if let Some((fleet, index)) = self.victim(pool, crowd, now) {
            self.kill(fleet, index, (now, What::NodeOomKilled), calendar);
        } else {
            self.pools[pool].tally.app_kills += 1;
            self.measure_all(crowd, now);
            let used = crowd.bytes() + self.application_memory(pool, now);
            let scope = Scope::Pool(pool);
            self.observer
                .note(scope, Some(node), (now, What::AppKilled, used));
        }
    }

    /// The collector that the kernel kills; `None` if it kills an application. Nobody whose score would
    /// not even do with all that it may hold is looked at more closely.
    fn victim(&self, pool: usize, crowd: &mut Crowd, now: u64) -> Option<(usize, u32)> {
        let cell = self.cell_of(now);
        let capacity = self.blueprint.pools[pool].node.memory;
        let applications = self.pools[pool].applications.iter();
        let pods = applications.filter_map(|application| application.pod(cell));
        let application = pods
            .map(|pod| oom_score(pod.usage, pod.protection, capacity))
            .fold(f64::NEG_INFINITY, f64::max);
        let score =
            |member: &Member| adjusted_score(member.usage, member.adjustment, capacity.as_f64());
        loop {
            let highest = highest_score(crowd.members.iter().map(score))?;
            let member = &mut crowd.members[highest];
            if score(member) < application {
                return None;
            }
            if member.is_measured {
                return Some((member.fleet, member.index));
            }
            self.measure(member, now);
        }
    }

    /// Gathers what the collectors on a node hold at the most; returns the bytes that they hold
    /// together at the least.
    fn gather(&self, pool: usize, node: u32, now: u64, crowd: &mut Crowd) -> f64 {
        let capacity = self.blueprint.pools[pool].node.memory;
        crowd.members.clear();
        let mut least = 0.0;
        for run in self.runs_on(pool) {
            let mut numbers = run.numbers_on(node, self.pools[pool].alive).peekable();
            if numbers.peek().is_none() {
                continue;
            }
            let state = &self.fleets[run.fleet];
            let snapshot = state.snapshot(now);
            let protection = self.protection(run.fleet);
            let adjustment = f64::from(protection.oom_score_adjustment(capacity));
            for number in numbers {
                let index = run.base + number;
                let collector = &state.collectors[index as usize];
                if collector.life == Life::Up {
                    let weights = state.weights_of(index);
                    let live = snapshot.live_between(&collector.process, weights);
                    // Usage is rounded.
                    least += state.memory.resident(live.0) - 1.0;
                    crowd.members.push(Member {
                        fleet: run.fleet,
                        index,
                        usage: whole_bytes(state.memory.resident(live.1)).as_f64(),
                        adjustment,
                        is_measured: false,
                    });
                }
            }
        }
        least
    }

    /// Finds what every collector of a crowd holds.
    fn measure_all(&self, crowd: &mut Crowd, now: u64) {
        for member in &mut crowd.members {
            self.measure(member, now);
        }
    }

    /// Finds what a collector of a crowd holds.
    fn measure(&self, member: &mut Member, now: u64) {
        let state = &self.fleets[member.fleet];
        let process = &state.collectors[member.index as usize].process;
        let weights = state.weights_of(member.index);
        let live = state.resident.live_at(process, weights, now);
        member.usage = whole_bytes(state.memory.resident(live)).as_f64();
        member.is_measured = true;
    }

    /// A collector of a fleet, as the kernel sees it.
    fn protection(&self, fleet: usize) -> Protection {
        let resources = &self.blueprint.fleets[fleet].resources;
        let none = resources.memory_request.is_none()
            && resources.memory_limit.is_none()
            && resources.cpu_request_cores.is_none();
        let guaranteed = resources.memory_request.is_some()
            && resources.memory_request == resources.memory_limit
            && resources.cpu_request_cores == resources.cpu_limit_cores;
        let request = resources.memory_request.unwrap_or_default();
        match (none, guaranteed) {
            (true, _) => Protection::BestEffort,
            (_, true) => Protection::Guaranteed,
            _ => Protection::Burstable { request },
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
