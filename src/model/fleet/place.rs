//! Which collectors of a fleet are on which nodes, and their demand there.

use crate::model::blueprint::{Blueprint, ClusterId, PoolId, Requests, WorkloadId, WorkloadKind};
use crate::model::node::memory::Protection;
use crate::model::node::waterfill::Contender;
use crate::model::node::weight::cpu_weight;
use crate::model::node::{Member, Occupants, PoolSnapshot, Run, whole_bytes};
use crate::model::process::collector::Life;
use crate::model::topology::Population;
use crate::units::{Bytes, SimTime};

use super::snapshot::Needs;
use super::{Cohort, Fleet};

/// Where a collector runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::model) struct Place {
    pub pool: PoolId,
    /// Number of the collector in its cohort.
    pub number: u32,
    /// Whether the cohort is strewn over the nodes of the pool. Otherwise each collector has its
    /// own node.
    pub strewn: bool,
}

impl Cohort {
    /// The pool that the cohort runs on, and whether it is strewn over its nodes. `None` on machines
    /// of its own.
    fn place(&self) -> Option<(PoolId, bool)> {
        let followed = self.pool.map(|pool| (pool, false));
        followed.or_else(|| Some((self.home?, true)))
    }
}

impl Fleet<'_> {
    /// The collectors of the fleet on the nodes of a pool.
    pub(in crate::model) fn runs_on(
        &self,
        pool: PoolId,
        blueprint: &Blueprint,
    ) -> impl Iterator<Item = Run> {
        let stays = |workload: WorkloadId| blueprint.workloads[workload].kind != WorkloadKind::Job;
        let cohorts = self.cohorts.iter();
        let cohorts = cohorts.filter(move |cohort| cohort.workload.is_none_or(stays));
        cohorts.filter_map(move |cohort| {
            let (of, strewn) = cohort.place()?;
            (of == pool).then_some(Run {
                fleet: self.plan.id,
                base: cohort.base,
                count: cohort.alive,
                strewn,
            })
        })
    }

    /// Where a collector runs; `None` on machines of its own.
    pub(in crate::model) fn place_of(&self, index: u32) -> Option<Place> {
        let cohort = self.cohort_of(index);
        let (pool, strewn) = cohort.place()?;
        Some(Place {
            pool,
            number: index - cohort.base,
            strewn,
        })
    }

    /// Whether each collector of the fleet belongs to a node.
    pub(in crate::model) fn follows_nodes(&self) -> bool {
        self.cohorts[0].pool.is_some()
    }

    /// Adds the demand of the collectors of a run on their nodes.
    pub(in crate::model) fn add_run(&self, run: Run, now: SimTime, pool: &mut PoolSnapshot) {
        let resources = &self.plan.blueprint.resources;
        let idle = Contender {
            weight: cpu_weight(resources.cpu_request_cores),
            demand: 0.0,
            cap: resources.cpu_limit_cores.unwrap_or(f64::INFINITY),
        };
        pool.begin_run(run, idle);
        let snapshot = self.snapshot(now);
        let memory = &self.plan.memory;
        let at_ease = memory.live_at_ease();
        for index in run.indices() {
            let collector = &self.collectors[index as usize];
            if collector.life != Life::Up {
                pool.absent();
                continue;
            }
            let weights = self.weights_of(index);
            let Needs {
                mut cores,
                live_most,
            } = snapshot.look(&collector.process, weights);
            if live_most > at_ease {
                cores *= memory.gc_factor(snapshot.live(&collector.process, weights));
            }
            // Usage is rounded to whole bytes.
            pool.present(cores, memory.anonymous(live_most) + 1.0);
            if collector.cpu_grant < 1.0 {
                pool.trouble(run, index);
            }
        }
        pool.end_run();
    }

    /// The node of a collector grants it a share of its CPU demand from now on.
    pub(in crate::model) fn grant(&mut self, index: u32, grant: f64, now: SimTime) {
        #[expect(clippy::cast_possible_truncation, reason = "a share keeps its meaning")]
        let grant = grant.clamp(0.0, 1.0) as f32;
        if self.collectors[index as usize].cpu_grant.to_bits() != grant.to_bits() {
            self.settle(index, now);
            self.collectors[index as usize].cpu_grant = grant;
        }
    }

    /// Gathers upper bounds of the memory of a run's collectors on one of `nodes` nodes. Adds the
    /// lower bounds of their memory to `least`.
    pub(in crate::model) fn gather(
        &self,
        (run, node, nodes): (Run, u32, u32),
        (now, capacity): (SimTime, Bytes),
        occupants: &mut Occupants,
        least: &mut f64,
    ) {
        let mut numbers = run.numbers_on(node, nodes).peekable();
        if numbers.peek().is_none() {
            return;
        }
        let snapshot = self.snapshot(now);
        let memory = &self.plan.memory;
        let adjustment = f64::from(self.protection().oom_score_adjustment(capacity));
        for number in numbers {
            let index = run.base + number;
            let collector = &self.collectors[index as usize];
            if collector.life == Life::Up {
                let live = snapshot.live_between(&collector.process, self.weights_of(index));
                // Usage is rounded to whole bytes.
                *least += memory.anonymous(live.least) - 1.0;
                occupants.members.push(Member {
                    fleet: run.fleet,
                    index,
                    usage: whole_bytes(memory.anonymous(live.most)).as_f64(),
                    adjustment,
                    is_measured: false,
                });
            }
        }
    }

    /// Makes the memory of a collector exact.
    pub(in crate::model) fn measure_member(&self, member: &mut Member, now: SimTime) {
        let process = &self.collectors[member.index as usize].process;
        let weights = self.weights_of(member.index);
        let live = self.plan.resident.live_at(process, weights, now);
        member.usage = whole_bytes(self.plan.memory.anonymous(live)).as_f64();
        member.is_measured = true;
    }

    /// A collector, as the OOM killer sees it.
    fn protection(&self) -> Protection {
        let resources = &self.plan.blueprint.resources;
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

    /// Cores and bytes that the daemons of the fleet request on each node of a pool.
    pub(in crate::model) fn requested_by_daemons(&self, pool: PoolId) -> Requests {
        let plan = self.plan.blueprint;
        let is_daemon = plan.topology.population == Population::PerNode;
        let here = is_daemon && plan.runs_on.contains(&pool);
        self.requests(f64::from(u8::from(here)))
    }

    /// Cores and bytes that the replicas of the fleet request on each node of a pool. The replicas
    /// are strewn over `clusters` clusters of `nodes` nodes each.
    pub(in crate::model) fn requested_by_replicas(
        &self,
        pool: PoolId,
        (clusters, nodes): (f64, f64),
    ) -> Requests {
        let cohorts = ClusterId::all(self.cohorts.len()).zip(&self.cohorts);
        let here = cohorts.filter(|(_, of)| of.workload.is_none() && of.home == Some(pool));
        // An autoscaled fleet has a cohort per cluster.
        let count = |(cluster, of): (ClusterId, &Cohort)| {
            let scaling = self.scaling.as_ref();
            scaling.map_or(of.alive, |scaling| scaling.replicas_of(cluster))
        };
        let replicas: u32 = here.map(count).sum();
        self.requests(f64::from(replicas) / clusters / nodes)
    }

    /// The pool on whose nodes the replicas of a cluster run; `None` on machines of their own.
    pub(in crate::model) fn home_of(&self, cluster: ClusterId) -> Option<PoolId> {
        let first = self.members(cluster).start;
        self.cohort_of(first).home
    }

    /// Cores and bytes that `collectors` collectors request.
    fn requests(&self, collectors: f64) -> Requests {
        let resources = &self.plan.blueprint.resources;
        let cores = resources.cpu_request_cores.unwrap_or(0.0);
        let bytes = resources.memory_request.map_or(0.0, Bytes::as_f64);
        Requests { cores, bytes } * collectors
    }
}
