//! Collectors that come and go with nodes and pods.

use crate::engine::key_of;
use crate::model::blueprint::{ClusterId, WorkloadId};
use crate::model::cluster::sharing::entity_size;
use crate::model::load::draw::Purpose;
use crate::model::load::driver::weight;
use crate::model::moment::{Event, Moment};
use crate::model::pipeline::{Ending, QueueId, Stream};
use crate::model::process::collector::Began;
use crate::model::record::outcome::RecordKind;
use crate::model::topology::{Assignment, Population};

use super::facts::Facts;
use super::{Cohort, Fleet};
use crate::units::{SimTime, Span};

impl Fleet<'_> {
    /// Schedules the next instant at which nodes or pods come or go.
    pub(in crate::model) fn plan_resize(&self, moment: &mut Moment<'_>) {
        if self.scaling.is_some() {
            return;
        }
        let here = moment.cell();
        let changed = |cell: &usize| {
            self.cohorts
                .iter()
                .any(|cohort| cohort.counts[*cell] != cohort.alive)
        };
        if let Some(cell) = (here + 1..moment.grid.cells()).find(changed) {
            let fleet = self.plan.id;
            moment.schedule(moment.grid.start_of(cell), Event::FleetResized { fleet });
        }
    }

    /// Nodes or pods came or went. Collectors come and go with their nodes or pods, the newest
    /// first.
    pub(in crate::model) fn resize(&mut self, moment: &mut Moment<'_>) -> Facts {
        let now = moment.now;
        let cell = moment.cell();
        self.settle_total(now);
        for cohort in 0..self.cohorts.len() {
            let Cohort { base, alive, .. } = self.cohorts[cohort];
            let wanted = self.cohorts[cohort].counts[cell];
            self.cohorts[cohort].alive = wanted;
            for index in base + alive..base + wanted {
                if self.is_pending(index) {
                    self.wait_for_room(index, moment);
                } else {
                    self.join(index, Began::empty(now), moment);
                }
            }
            for index in (base + wanted..base + alive).rev() {
                self.leave(index, moment);
            }
        }
        let mut facts = Facts {
            ports_changed: true,
            ..Facts::default()
        };
        for cluster in ClusterId::all(self.clusters.len()) {
            facts = facts.and(self.rebalance(cluster, moment));
        }
        facts
    }

    /// Whether a collector that exists still exists right after `now`.
    pub(in crate::model) fn is_wanted(&self, index: u32, moment: &Moment<'_>) -> bool {
        let cell = moment.cell();
        let holds = |cohort: &Cohort| {
            cohort.base <= index && index < cohort.base + cohort.alive.min(cohort.counts[cell])
        };
        self.cohorts.iter().any(holds)
    }

    /// A collector is created, with a process that began as `began` says.
    pub(super) fn join(&mut self, index: u32, began: Began, moment: &mut Moment<'_>) {
        self.enrol(index, moment);
        let collector = &mut self.collectors[index as usize];
        collector.start(moment.now, began);
        self.pipelines.reset(index);
        self.start_tail(index, true, moment);
        self.start_profiles(index, moment);
        self.serve_from_now(index, moment);
    }

    /// A collector exists from now on, with its local targets and its own series.
    pub(super) fn enrol(&mut self, index: u32, moment: &Moment<'_>) {
        self.weigh(index, moment);
        let streams = self.plan.streams.len();
        for stream in 0..streams {
            self.carried.weights[stream] +=
                u64::from(self.weights[index as usize * streams + stream]);
        }
    }

    /// The node or pod of a collector is gone.
    fn leave(&mut self, index: u32, moment: &mut Moment<'_>) {
        let now = moment.now;
        self.note_end(index, moment);
        self.settle(index, now);
        self.flush(index, now);
        let metrics = &mut self.pipelines.metrics;
        let lost = metrics.lose(index, |delivery| &mut delivery.lost_exit);
        self.stop_tail(index, Ending::Gone, moment);
        self.stop_profiles(index, now, moment.draw);
        let lost_spans = self.end_spans(index, Ending::Gone, now);
        self.note_lost_spans(index, lost_spans, moment);
        self.pipelines.reset(index);
        let streams = self.plan.streams.len();
        for stream in 0..streams {
            let weight = std::mem::take(&mut self.weights[index as usize * streams + stream]);
            self.carried.weights[stream] -= u64::from(weight);
        }
        self.collectors[index as usize].leave();
        self.leave_rollout(index, moment);
        if lost > 0.0 {
            moment.note(self.scope(), Some(index), RecordKind::DataLost, lost);
        }
    }

    /// Sets the weights of a collector in its local targets and in its own series.
    fn weigh(&mut self, index: u32, moment: &Moment<'_>) {
        let plan = self.plan.blueprint;
        let cohort = self.cohort_of(index);
        let streams = self.plan.streams.len();
        let local = plan.topology.assignment == Assignment::Local;
        let mut weights = vec![0; streams];
        for (slot, stream) in weights.iter_mut().zip(&self.plan.streams) {
            *slot = match stream.workload {
                None if stream.is_own() => weight(1.0),
                // Clients share it out as a workload of theirs.
                None => 0,
                Some(_) if !local => 0,
                Some(workload) => {
                    let value = self.local_weight((cohort, index), (workload, stream), moment);
                    weight(value / stream.unit)
                }
            };
        }
        self.weights[index as usize * streams..][..streams].copy_from_slice(&weights);
    }

    /// The load of a workload on the node or pod of a collector, over the mean.
    fn local_weight(
        &self,
        (cohort, index): (&Cohort, u32),
        (workload, stream): (WorkloadId, &Stream),
        moment: &Moment<'_>,
    ) -> f64 {
        let plan = &moment.blueprint.workloads[workload];
        let elsewhere = match (cohort.pool, cohort.workload) {
            (Some(pool), _) => !plan.runs_on.contains(&pool),
            (_, Some(pods)) => pods != workload,
            _ => false,
        };
        if elsewhere {
            return 0.0;
        }
        let owner = key_of(&format!("workload.{}", plan.name));
        let per_pod = self.plan.blueprint.topology.population == Population::PerPod;
        // Nodes of different pools are different entities. Pods are entities of their workload.
        let owner = cohort.pool.map_or(owner, |pool| {
            owner ^ key_of(&moment.blueprint.pools[pool].name)
        });
        let entity = index - cohort.base;
        let size = if per_pod {
            entity_size(moment.draw, Purpose::Weight, owner, entity, &plan.series)
        } else {
            let sigma2 = stream.scv.ln_1p();
            let score = moment.draw.normal(Purpose::Weight, owner, entity, 0);
            (sigma2.sqrt() * score - sigma2 / 2.0).exp()
        };
        // Each giant target sits on its own node or pod, from the first one on.
        let population = f64::from(cohort.alive.max(1));
        let giant = stream
            .giants
            .get(entity as usize)
            .map_or(0.0, |share| share * population);
        size * stream.ordinary + giant
    }

    /// Position of a collector among those that exist, in the order of their numbers.
    pub(super) fn position(&self, index: u32) -> u32 {
        let mut before = 0;
        for cohort in &self.cohorts {
            if index < cohort.base + cohort.alive || cohort.base > index {
                return before + index.saturating_sub(cohort.base);
            }
            before += cohort.alive;
        }
        before
    }

    /// Plans the first events of a collector that has just come into service.
    pub(super) fn serve_from_now(&mut self, index: u32, moment: &mut Moment<'_>) {
        let now = moment.now;
        let position = self.position(index);
        let metrics = &mut self.pipelines.metrics;
        metrics.changes += 1;
        for route in 0..metrics.routes.len() {
            let way = &metrics.routes[route];
            if way.is_down || position >= way.starved_from {
                let collector = index;
                metrics.queue_mut(QueueId { collector, route }).stall(now);
            }
        }
        self.look_at_span_queues(index, moment);
        self.remember(index, now);
        self.draw_interruption(index, moment);
        self.replan_memory(index, moment);
    }

    /// Schedules the first event of a collector: too little memory, or its next interruption.
    pub(super) fn replan_memory(&mut self, index: u32, moment: &mut Moment<'_>) {
        let now = moment.now;
        let end = moment.grid.end;
        let collector = &mut self.collectors[index as usize];
        collector.supersede();
        let (stamp, number) = (collector.stamp(), self.plan.collector_id(index));
        let interrupted = collector.interrupted_at.max(now).min(end);
        let process = collector.process;
        let limit = self.plan.memory.live_max();
        let span = (now, interrupted);
        let exceeded = if limit.is_finite() {
            self.plan.resident.first_above(
                &process,
                self.weights_of(index),
                Span::new(span.0, span.1),
                limit,
            )
        } else {
            None
        };
        let (due, event) = match exceeded {
            Some(at) => (
                at,
                Event::MemoryExceeded {
                    stamp,
                    collector: number,
                },
            ),
            None => (
                interrupted,
                Event::CollectorInterrupted {
                    stamp,
                    collector: number,
                },
            ),
        };
        let planned = if due < end { due } else { SimTime::NEVER };
        self.collectors[index as usize].due = planned;
        moment.schedule(planned, event);
    }
}
