//! Who carries what: collectors join and leave, targets change owners.

use crate::engine::{Calendar, key_of};
use crate::model::cluster::sharing::entity_size;
use crate::model::load::draw::Purpose;
use crate::model::load::driver::weight;
use crate::model::process::collector::{Life, Sending};
use crate::model::record::catalogue::Scope;
use crate::model::record::outcome::What;
use crate::model::topology::{Assignment, Population};
use crate::units::SimTime;

use super::fleet::Block;
use super::route::Route;
use super::setup::ONE;
use super::{Event, World};

impl World<'_> {
    /// The fleet and the index in it of a collector.
    pub(super) fn locate(&self, collector: u32) -> (usize, u32) {
        let fleet = self
            .fleets
            .partition_point(|fleet| fleet.first <= collector)
            - 1;
        // Fleets without collectors share their first number with the next one.
        (fleet, collector - self.fleets[fleet].first)
    }

    /// The stamp that events of a collector must carry to count.
    pub(super) fn stamp_of(&self, collector: u32) -> u16 {
        let (fleet, index) = self.locate(collector);
        self.fleets[fleet].collectors[index as usize].stamp()
    }

    /// Whether a collector's one planned event is due. Its stamp tells superseded events apart early;
    /// this tells them apart for certain, however often the stamp has wrapped since.
    pub(super) fn is_due(&self, collector: u32, now: SimTime) -> bool {
        let (fleet, index) = self.locate(collector);
        self.fleets[fleet].collectors[index as usize].due == now.nanos()
    }

    /// The next instant at which nodes or pods come or go.
    pub(super) fn plan_resize(&self, fleet: usize, calendar: &mut Calendar<Event>) {
        let now = calendar.now().nanos();
        let state = &self.fleets[fleet];
        if state.scaling.is_some() {
            return;
        }
        let here = usize::try_from(now / self.grid.cell).expect("cells are few");
        let changed = |cell: &usize| {
            state
                .blocks
                .iter()
                .any(|block| block.counts[*cell] != block.alive)
        };
        if let Some(cell) = (here + 1..self.grid.cells()).find(changed) {
            let at = SimTime::from_nanos(self.grid.start_of(cell));
            calendar.schedule(
                at,
                Event::FleetResized {
                    fleet: small(fleet),
                },
            );
        }
    }

    /// Nodes or pods came or went: their collectors come and go with them, the newest first.
    pub(super) fn fleet_resized(&mut self, fleet: usize, calendar: &mut Calendar<Event>) {
        let now = calendar.now().nanos();
        let cell = usize::try_from(now / self.grid.cell).expect("cells are few");
        self.fleets[fleet].settle_total(now);
        for block in 0..self.fleets[fleet].blocks.len() {
            let Block { base, alive, .. } = self.fleets[fleet].blocks[block];
            let wanted = self.fleets[fleet].blocks[block].counts[cell];
            self.fleets[fleet].blocks[block].alive = wanted;
            for index in base + alive..base + wanted {
                self.join(fleet, index, (now, now, now), calendar);
            }
            for index in (base + wanted..base + alive).rev() {
                self.leave(fleet, index, calendar);
            }
        }
        for group in 0..self.fleets[fleet].groups.len() {
            self.rebalance(fleet, group, calendar);
        }
        self.examine_ports_of(fleet, calendar);
        self.note_connections(fleet, 0.0);
        self.plan_resize(fleet, calendar);
    }

    /// Whether a collector that exists is still to exist right after `now`.
    pub(super) fn is_wanted(&self, fleet: usize, index: u32, now: u64) -> bool {
        let cell = self.cell_of(now);
        let holds = |block: &Block| {
            block.base <= index && index < block.base + block.alive.min(block.counts[cell])
        };
        self.fleets[fleet].blocks.iter().any(holds)
    }

    /// A collector comes into being: `(now, start of its process, instant since which it holds dead
    /// series)`.
    pub(super) fn join(
        &mut self,
        fleet: usize,
        index: u32,
        (now, started, kept_from): (u64, u64, u64),
        calendar: &mut Calendar<Event>,
    ) {
        self.enrol(fleet, index);
        let collector = &mut self.fleets[fleet].collectors[index as usize];
        collector.start(now, started, kept_from);
        self.fleets[fleet].reset_sending(index);
        self.serve_from_now(fleet, index, calendar);
    }

    /// A collector exists from now on, with what is its own to carry.
    pub(super) fn enrol(&mut self, fleet: usize, index: u32) {
        self.weigh(fleet, index);
        let state = &mut self.fleets[fleet];
        let streams = state.streams.len();
        for stream in 0..streams {
            state.carried[stream] += u64::from(state.weights[index as usize * streams + stream]);
        }
    }

    /// A collector's node or pod is gone.
    fn leave(&mut self, fleet: usize, index: u32, calendar: &mut Calendar<Event>) {
        let now = calendar.now().nanos();
        self.note_end(fleet, index, now);
        let state = &mut self.fleets[fleet];
        state.settle(index, now);
        self.flush(fleet, index, now);
        let state = &mut self.fleets[fleet];
        let lost = state.lose(index, |account| &mut account.lost_exit);
        let streams = state.streams.len();
        for stream in 0..streams {
            let weight = std::mem::take(&mut state.weights[index as usize * streams + stream]);
            state.carried[stream] -= u64::from(weight);
        }
        state.collectors[index as usize].leave();
        self.leave_rollout(fleet, index, calendar);
        if lost > 0.0 {
            self.observer.note(
                Scope::Fleet(fleet),
                Some(index),
                (now, What::DataLost, lost),
            );
        }
    }

    /// Weights of a collector whose targets are local to it, and of its own series.
    fn weigh(&mut self, fleet: usize, index: u32) {
        let state = &self.fleets[fleet];
        let plan = &self.blueprint.fleets[fleet];
        let block = state
            .blocks
            .iter()
            .rfind(|block| block.base <= index)
            .expect("blocks start at 0");
        let streams = state.streams.len();
        let local = plan.topology.assignment == Assignment::Local;
        let mut weights = vec![0; streams];
        for (slot, stream) in weights.iter_mut().zip(&state.streams) {
            *slot = match stream.workload {
                None => weight(1.0),
                Some(_) if !local => 0,
                Some(workload) => {
                    let value = self.local_weight(fleet, (block, index), workload, stream);
                    weight(value)
                }
            };
        }
        self.fleets[fleet].weights[index as usize * streams..][..streams].copy_from_slice(&weights);
    }

    /// What a collector carries of a workload on its own node or pod, over the mean.
    fn local_weight(
        &self,
        fleet: usize,
        (block, index): (&Block, u32),
        workload: usize,
        stream: &super::fleet::Stream,
    ) -> f64 {
        let plan = &self.blueprint.workloads[workload];
        let elsewhere = match (block.pool, block.workload) {
            (Some(pool), _) => !plan.runs_on.contains(&pool),
            (_, Some(pods)) => pods != workload,
            _ => false,
        };
        if elsewhere {
            return 0.0;
        }
        let owner = key_of(&format!("workload.{}", plan.name));
        let per_pod = self.blueprint.fleets[fleet].topology.population == Population::PerPod;
        // Nodes of different pools are different entities; pods are those of their workload.
        let owner = block.pool.map_or(owner, |pool| {
            owner ^ key_of(&self.blueprint.pools[pool].name)
        });
        let entity = index - block.base;
        let size = if per_pod {
            entity_size(&self.draw, Purpose::Weight, owner, entity, &plan.series)
        } else {
            let sigma2 = stream.scv.ln_1p();
            let score = self.draw.normal(Purpose::Weight, owner, entity, 0);
            (sigma2.sqrt() * score - sigma2 / 2.0).exp()
        };
        // A giant target sits on the first nodes or pods, one each.
        let population = f64::from(block.alive.max(1));
        let giant = stream
            .giants
            .get(entity as usize)
            .map_or(0.0, |share| share * population);
        size * stream.ordinary + giant
    }

    /// As many targets were replaced as there are: their keys, and so their owners, are new.
    pub(super) fn targets_replaced(&mut self, fleet: usize, calendar: &mut Calendar<Event>) {
        self.fleets[fleet].epoch += 1;
        for group in 0..self.fleets[fleet].groups.len() {
            let state = &mut self.fleets[fleet];
            let plan = &mut state.groups[group];
            plan.known.clear();
            for targets in plan.targets.iter_mut().flatten() {
                targets.renew(&self.draw, &plan.sharing, state.epoch);
            }
            self.share_out(fleet, group, false, calendar);
        }
        self.plan_epoch(fleet, calendar);
    }

    /// The next instant at which the keys of replaced targets are drawn anew.
    pub(super) fn plan_epoch(&self, fleet: usize, calendar: &mut Calendar<Event>) {
        let state = &self.fleets[fleet];
        if let Some(&at) = state.epochs.get(state.epoch as usize) {
            calendar.schedule(
                SimTime::from_nanos(at),
                Event::TargetsReplaced {
                    fleet: small(fleet),
                },
            );
        }
    }

    /// Targets move to the members of a group that are up.
    pub(super) fn rebalance(&mut self, fleet: usize, group: usize, calendar: &mut Calendar<Event>) {
        self.share_out(fleet, group, true, calendar);
    }

    /// Shares a group's targets out. What a collector loses this way stays in its memory if it
    /// `moves` (the target lives on elsewhere), and has died with its target otherwise.
    fn share_out(
        &mut self,
        fleet: usize,
        group: usize,
        moves: bool,
        calendar: &mut Calendar<Event>,
    ) {
        let now = calendar.now().nanos();
        let takes = self.takes_targets(fleet, group, calendar);
        let Some(mut shares) = self.shares(fleet, group, now) else {
            return;
        };
        self.fleets[fleet].settle_total(now);
        let unowned = if takes {
            Vec::new()
        } else {
            take_all(&mut shares)
        };
        let is_back = self.leave_unowned(fleet, group, unowned) && takes;
        let base = self.fleets[fleet].groups[group].base;
        let members = self.fleets[fleet].groups[group].members;
        for member in 0..members {
            let index = base + member;
            let share = |stream: &Vec<u32>| stream.get(member as usize).copied();
            let wanted: Vec<Option<u32>> = shares.iter().map(share).collect();
            if self.reweigh((fleet, index), &wanted, moves, now)
                && self.fleets[fleet].collectors[index as usize].life == Life::Up
            {
                if is_back {
                    self.reclaim(fleet, index, now);
                }
                self.replan_memory(fleet, index, calendar);
            }
        }
        self.dismiss(fleet, group, calendar);
        self.rouse(fleet, group, calendar);
    }

    /// Gives a collector its new weights; returns whether anything changed.
    pub(super) fn reweigh(
        &mut self,
        (fleet, index): (usize, u32),
        wanted: &[Option<u32>],
        moves: bool,
        now: u64,
    ) -> bool {
        let state = &mut self.fleets[fleet];
        let streams = state.streams.len();
        let slot = index as usize * streams;
        let changes = |(stream, wanted): (usize, &Option<u32>)| {
            wanted.is_some_and(|wanted| wanted != state.weights[slot + stream])
        };
        if !wanted.iter().enumerate().any(changes) {
            return false;
        }
        state.settle(index, now);
        self.note_memory(fleet, index, now);
        let state = &mut self.fleets[fleet];
        let before = moves.then(|| state.weights_of(index).to_vec());
        for (stream, wanted) in wanted.iter().enumerate() {
            let Some(wanted) = *wanted else { continue };
            let before = std::mem::replace(&mut state.weights[slot + stream], wanted);
            state.carried[stream] = state.carried[stream] + u64::from(wanted) - u64::from(before);
        }
        if let Some(before) = before {
            state.keep_residue(index, &before, now);
        }
        true
    }

    /// Plans what a collector that has just come into service will meet.
    pub(super) fn serve_from_now(
        &mut self,
        fleet: usize,
        index: u32,
        calendar: &mut Calendar<Event>,
    ) {
        let now = calendar.now().nanos();
        let position = self.position(fleet, index);
        let state = &mut self.fleets[fleet];
        for route in 0..state.routes.len() {
            let Route {
                is_down,
                starved_from,
                ..
            } = state.routes[route];
            if is_down || position >= starved_from {
                let queue = state.queue(index, route);
                state.sending[queue] = Sending::Stalled { since: now };
            }
        }
        self.draw_interruption(fleet, index, now);
        self.replan_memory(fleet, index, calendar);
    }

    /// Plans what a collector meets first: too little memory, or its next interruption.
    pub(super) fn replan_memory(
        &mut self,
        fleet: usize,
        index: u32,
        calendar: &mut Calendar<Event>,
    ) {
        let now = calendar.now().nanos();
        let end = self.grid.end;
        let state = &mut self.fleets[fleet];
        let collector = &mut state.collectors[index as usize];
        collector.supersede();
        let (stamp, number) = (collector.stamp(), state.first + index);
        let interrupted = collector.interrupted_at.max(now).min(end);
        let process = collector.process;
        let limit = state.memory.live_max();
        let span = (now, interrupted);
        let exceeded = if limit.is_finite() {
            state
                .resident
                .first_above(&process, state.weights_of(index), span, limit)
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
        let planned = if due < end { due } else { u64::MAX };
        state.collectors[index as usize].due = planned;
        calendar.schedule(SimTime::from_nanos(planned), event);
    }

    /// Position of a collector among those that exist, in the order of their numbers.
    pub(super) fn position(&self, fleet: usize, index: u32) -> u32 {
        let state = &self.fleets[fleet];
        let mut before = 0;
        for block in &state.blocks {
            if index < block.base + block.alive || block.base > index {
                return before + index.saturating_sub(block.base);
            }
            before += block.alive;
        }
        before
    }
}

/// Takes every share from its member; returns what they were together, stream by stream.
fn take_all(shares: &mut [Vec<u32>]) -> Vec<u64> {
    let take = |shares: &mut Vec<u32>| {
        let all = shares.iter().map(|&share| u64::from(share)).sum();
        shares.fill(0);
        all
    };
    shares.iter_mut().map(take).collect()
}

/// An index as an event carries it.
pub(super) fn small(index: usize) -> u32 {
    u32::try_from(index).expect("indices fit 32 bits")
}

const _: () = assert!(ONE <= u32::MAX as u64);
