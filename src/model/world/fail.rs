//! What ends a process, and what follows.

use rand_distr::{Distribution, Exp1};

use crate::engine::Calendar;
use crate::model::load::draw::Purpose;
use crate::model::preset::MIB;
use crate::model::process::collector::{BACK_OFF_LONGEST, Life};
use crate::model::record::catalogue::{Failure, Scope};
use crate::model::record::outcome::What;
use crate::model::topology::{Assignment, Life as LifeOf};
use crate::units::SimTime;

use super::{Event, World};

/// Nanoseconds after which somebody ends a crash loop by deleting the write-ahead log that it replays.
///
/// INFERRED: hours rather than minutes or days; Azure/ARO-HCP issue 5390 shows that somebody has to.
const LOG_DELETED_AFTER: u64 = 4 * 3_600 * 1_000_000_000;

/// How a process ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// It was killed; others notice late.
    Killed {
        /// Nanoseconds of back-off before the next start.
        back_off: u64,
    },
    /// It was asked to stop; others notice at once.
    Asked {
        /// Nanoseconds until its node is there again, 0 if it only restarts.
        away: u64,
    },
    /// Its node is gone; others notice late.
    NodeLost {
        /// Nanoseconds until a node is there again.
        away: u64,
    },
}

impl World<'_> {
    /// Draws the next interruption of a collector that has just started at `now`.
    pub(super) fn draw_interruption(&mut self, fleet: usize, index: u32, now: u64) {
        let state = &mut self.fleets[fleet];
        let owner = state.key;
        let collector = &mut state.collectors[index as usize];
        collector.interrupted_at = u64::MAX;
        if let Some(mean) = state.restart_seconds {
            collector.drawn += 1;
            let mut stream = self
                .draw
                .stream(Purpose::Restart, owner, index, collector.drawn);
            let gap: f64 = Exp1.sample(&mut stream);
            collector.interrupted_at = SimTime::from_secs_f64(gap * mean)
                .nanos()
                .saturating_add(now);
        }
    }

    /// A collector needs more memory than its limit.
    pub(super) fn memory_exceeded(&mut self, collector: u32, calendar: &mut Calendar<Event>) {
        let (fleet, index) = self.locate(collector);
        let now = calendar.now().nanos();
        if !self.is_wanted(fleet, index, now) {
            // Its node or pod goes at this very instant.
            return;
        }
        self.kill(fleet, index, (now, What::OomKilled), calendar);
    }

    /// A collector is killed for memory: by its own limit, or by its node.
    pub(super) fn kill(
        &mut self,
        fleet: usize,
        index: u32,
        (now, what): (u64, What),
        calendar: &mut Calendar<Event>,
    ) {
        let state = &mut self.fleets[fleet];
        state.settle(index, now);
        let process = state.collectors[index as usize].process;
        let live = state
            .resident
            .live_at(&process, state.weights_of(index), now);
        let needed = state.memory.limit_needed(live);
        self.note_kill(fleet, index, now);
        let state = &mut self.fleets[fleet];
        let collector = &mut state.collectors[index as usize];
        // What was settled ends before `now`; a jump at `now` is what killed it.
        collector.live_peak = collector.live_peak.max(live);
        let back_off = collector.kill(now);
        state.tally.oom_kills += 1;
        let scope = Scope::Fleet(fleet);
        self.observer.killed(scope, index, (now, what, needed));
        self.end_process(fleet, index, End::Killed { back_off }, calendar);
    }

    /// A collector restarts for a reason of its own: an update, a crash, an operator.
    pub(super) fn collector_interrupted(&mut self, collector: u32, calendar: &mut Calendar<Event>) {
        let (fleet, index) = self.locate(collector);
        self.end_process(fleet, index, End::Asked { away: 0 }, calendar);
    }

    /// A process ends: its backlog is lost, its targets are missed until others take over or it is
    /// back.
    pub(super) fn end_process(
        &mut self,
        fleet: usize,
        index: u32,
        end: End,
        calendar: &mut Calendar<Event>,
    ) {
        let now = calendar.now().nanos();
        let life_of = self.blueprint.fleets[fleet].topology.life;
        self.note_end(fleet, index, now);
        self.note_loss(fleet, index, now);
        let state = &mut self.fleets[fleet];
        state.settle(index, now);
        let end = self.flush_before(fleet, index, end, now);
        let state = &mut self.fleets[fleet];
        let lost = match life_of {
            LifeOf::Own => state.lose(index, |account| &mut account.lost_restart),
            LifeOf::WithPod => state.lose(index, |account| &mut account.lost_exit),
        };
        let process = state.collectors[index as usize].process;
        let weights = state.weights_of(index);
        let live = state.resident.live_at(&process, weights, now);
        let series = state.resident.units_at(&process, weights, now);
        // One that gets too much at once dies on the way there, and has logged no more than fits.
        let fits = (state.memory.live_max() / live.max(f64::MIN_POSITIVE)).min(1.0);
        let kept_from = state.resident.replayed_from(&process, now);
        let (log_from, log_bytes) = (
            state.resident.log_begins(&process, now),
            state.log_bytes(index, now),
        );
        let collector = &mut state.collectors[index as usize];
        if !matches!(end, End::Killed { .. }) {
            collector.forgive(now);
        }
        collector.stop();
        (collector.process.kept_from, collector.process.log_from) = (kept_from, log_from);
        collector.process.keep_residue(now);
        collector.replayed_mib = log_bytes / MIB;
        (collector.replayed_live, collector.replayed_series) = (live * fits, series * fits);
        state.reset_sending(index);
        let scope = Scope::Fleet(fleet);
        self.observer
            .note(scope, Some(index), (now, What::Stopped, f64::NAN));
        if lost > 0.0 {
            self.observer
                .note(scope, Some(index), (now, What::DataLost, lost));
            self.fleets[fleet].note_lost_with_process(index, lost, now);
        }
        self.plan_start(fleet, index, end, calendar);
        self.plan_takeover(fleet, index, end, calendar);
        self.rouse_for(fleet, index, calendar);
    }

    /// Looks at what a collector takes with it when its process ends: the age of its backlog, that
    /// of the whole fleet, and whether its log would have survived a replay.
    pub(super) fn note_end(&mut self, fleet: usize, index: u32, now: u64) {
        self.fleets[fleet].note_age(index, now);
        self.note_backlog_before_loss(fleet, now);
        if self.fleets[fleet].collectors[index as usize].life == Life::Up {
            self.note_unsafe(fleet, index, now);
        }
    }

    /// Plans the instant at which a stopped collector serves again.
    pub(super) fn plan_start(
        &mut self,
        fleet: usize,
        index: u32,
        end: End,
        calendar: &mut Calendar<Event>,
    ) {
        if self.is_held_back(fleet, index, end, calendar) {
            return;
        }
        let seconds = self.start_seconds(fleet, index);
        let plan = &self.blueprint.fleets[fleet];
        let wait = match end {
            End::Killed { back_off } => back_off,
            End::Asked { away } | End::NodeLost { away } => away,
        };
        let now = calendar.now().nanos();
        let cycle = wait
            .saturating_add(SimTime::from_secs_f64(seconds).nanos())
            .max(1);
        let repeats = match end {
            End::Killed {
                back_off: BACK_OFF_LONGEST,
            } if plan.autoscaling.is_none() => self.futile_starts(fleet, index, now, cycle),
            _ => 0,
        };
        let state = &mut self.fleets[fleet];
        let on_volume = plan.wal.on_volume;
        if !on_volume && repeats > 0 {
            // Each of these processes is in service with too much, for an instant.
            let weights = state.weights_of(index);
            let peak = state.resident.fresh_peak(weights, (now, cycle), repeats);
            let collector = &mut state.collectors[index as usize];
            collector.live_peak = collector.live_peak.max(peak);
        }
        let collector = &mut state.collectors[index as usize];
        collector.oom_kills += u32::try_from(repeats).unwrap_or(u32::MAX);
        state.tally.oom_kills += repeats;
        state.tally.restarts += repeats;
        let at = SimTime::from_nanos(now.saturating_add((repeats + 1).saturating_mul(cycle)));
        collector.due = at.nanos();
        let event = Event::CollectorStarted {
            stamp: collector.stamp(),
            collector: state.first + index,
        };
        calendar.schedule(at, event);
    }

    /// How often a collector in a crash loop starts in vain from `now` on, every `cycle` nanoseconds,
    /// before anything changes: each start meets the same load, or replays the same log.
    ///
    /// Simplified: the length of these cycles is drawn once, not for each of them.
    fn futile_starts(&self, fleet: usize, index: u32, now: u64, cycle: u64) -> u64 {
        let plan = &self.blueprint.fleets[fleet];
        let state = &self.fleets[fleet];
        let limit = state.memory.live_max();
        let hopeless_until = if plan.wal.on_volume {
            // Eight standard deviations down, no replay is small enough.
            let least = plan.memory.replay_peak.at(-8.0).max(1.0);
            let live = state.collectors[index as usize].replayed_live * least;
            let since = state.collectors[index as usize]
                .looping_since()
                .unwrap_or(now);
            if live > limit {
                since + LOG_DELETED_AFTER
            } else {
                now
            }
        } else {
            let weights = state.weights_of(index);
            let bearable = state.resident.first_bearable(weights, now, limit);
            let since = state.collectors[index as usize].looping_since();
            // Peers that wait for this one are started with it some time.
            let awaited = self.is_awaited(fleet, index);
            let helped = since.filter(|_| awaited).map(|at| at + LOG_DELETED_AFTER);
            helped.map_or(bearable, |at| bearable.min(at))
        };
        let last = hopeless_until.min(self.undisturbed_until(fleet, index, now));
        (last.saturating_sub(now) / cycle).saturating_sub(1)
    }

    /// Until when nothing but its own starts happens to a collector that is down: its node or pod
    /// goes, or the recorded time begins, before which nothing counts.
    fn undisturbed_until(&self, fleet: usize, index: u32, now: u64) -> u64 {
        let cells = self.cell_of(now)..self.grid.cells();
        let blocks = &self.fleets[fleet].blocks;
        let block = blocks.iter().rfind(|block| block.base <= index);
        let block = block.expect("blocks start at 0");
        let leaves = cells.map(|cell| (self.grid.start_of(cell), block.counts[cell]));
        let mut leaves = leaves.filter(|&(_, count)| block.base + count <= index);
        let leaves = leaves.next().map_or(self.grid.end, |(at, _)| at);
        if now < self.grid.lead {
            leaves.min(self.grid.lead)
        } else {
            leaves
        }
    }

    /// Plans the instant at which the peers of a stopped collector own its targets.
    ///
    /// Simplified: all targets that move are scraped for the first time half an interval after the
    /// move, the mean of when each of them is.
    fn plan_takeover(
        &mut self,
        fleet: usize,
        index: u32,
        end: End,
        calendar: &mut Calendar<Event>,
    ) {
        let plan = &self.blueprint.fleets[fleet];
        if plan.topology.assignment != Assignment::Ring
            && plan.topology.assignment != Assignment::Balanced
        {
            return;
        }
        let state = &self.fleets[fleet];
        let occasion = (index, state.collectors[index as usize].drawn);
        let law = match end {
            End::Asked { .. } => plan.interruptions.leave_takeover,
            End::Killed { .. } | End::NodeLost { .. } => plan.interruptions.crash_takeover,
        };
        let taken = self
            .draw
            .noise(Purpose::Takeover, state.key, law, occasion)
            .max(0.0);
        // The new owners scrape a target for the first time at a uniform phase of its interval.
        let seconds = taken + state.shortest_interval() as f64 / 2e9;
        let at = calendar.now().nanos() + SimTime::from_secs_f64(seconds).nanos();
        let state = &mut self.fleets[fleet];
        state.collectors[index as usize].taken_at = at;
        let group = index / state.groups[0].members;
        let fleet = u16::try_from(fleet).expect("fleets are few");
        calendar.schedule(
            SimTime::from_nanos(at),
            Event::TargetsTakenOver { fleet, group },
        );
    }

    /// A collector has started and, with a volume, replayed its log: it serves, or dies of it.
    pub(super) fn collector_started(&mut self, collector: u32, calendar: &mut Calendar<Event>) {
        let (fleet, index) = self.locate(collector);
        let now = calendar.now().nanos();
        let looping = |since: Option<u64>| since.is_some_and(|at| now >= at + LOG_DELETED_AFTER);
        let state = &self.fleets[fleet];
        if looping(state.collectors[index as usize].looping_since()) {
            self.start_afresh(fleet, index, calendar);
        } else if !self.start_again(fleet, index, calendar) {
            return;
        }
        self.hand_back(fleet, index, calendar);
    }

    /// Somebody ends a crash loop: the log is deleted, and peers in the same plight start at the same
    /// time, so that no first one has to carry everything.
    ///
    /// Source: grafana/alloy issue 201 (users scale to zero and back up; read 2026-11).
    fn start_afresh(&mut self, fleet: usize, index: u32, calendar: &mut Calendar<Event>) {
        let now = calendar.now().nanos();
        let peers = match self.fleets[fleet].groups.first() {
            Some(group) => {
                let first = index / group.members * group.members;
                first..first + group.members
            }
            None => index..index + 1,
        };
        for peer in peers {
            let held_back = self.release_held_back(fleet, peer);
            let collector = &self.fleets[fleet].collectors[peer as usize];
            let is_stuck = held_back || collector.looping_since().is_some();
            if collector.life == Life::Down && is_stuck {
                let state = &mut self.fleets[fleet];
                state.settle(peer, now);
                state.collectors[peer as usize].end_loop();
                self.begin(fleet, peer, now, calendar);
            }
        }
    }

    /// A collector starts with what its log holds; returns whether it survives the replay.
    fn start_again(&mut self, fleet: usize, index: u32, calendar: &mut Calendar<Event>) -> bool {
        let now = calendar.now().nanos();
        let plan = &self.blueprint.fleets[fleet];
        let state = &mut self.fleets[fleet];
        state.settle(index, now);
        let stopped = state.collectors[index as usize];
        if !plan.wal.on_volume {
            self.begin(fleet, index, now, calendar);
            return true;
        }
        // In the lead-in a log may not have begun yet.
        let kept_from = stopped.process.kept_from.min(now);
        let occasion = (index, stopped.drawn);
        let law = plan.memory.replay_peak;
        let factor = self
            .draw
            .noise(Purpose::ReplayPeak, state.key, law, occasion)
            .max(1.0);
        let replay_live = stopped.replayed_live * factor;
        state.tally.replay_live = state.tally.replay_live.max(replay_live);
        if replay_live > state.memory.live_max() {
            state.collectors[index as usize].start(now, now, kept_from);
            state.tally.restarts += 1;
            self.replay_killed(fleet, index, replay_live, calendar);
            return false;
        }
        self.begin(fleet, index, kept_from, calendar);
        true
    }

    /// A process is in service, holding what died since `kept_from`.
    pub(super) fn begin(
        &mut self,
        fleet: usize,
        index: u32,
        kept_from: u64,
        calendar: &mut Calendar<Event>,
    ) {
        let now = calendar.now().nanos();
        let state = &mut self.fleets[fleet];
        let every = state.resident.truncation().every;
        let collector = &mut state.collectors[index as usize];
        let stopped = collector.process;
        collector.start(now, now, kept_from);
        if kept_from < now {
            collector.process.bring_back(&stopped, every);
        }
        state.tally.restarts += u64::from(collector.starts > 1);
        let scope = Scope::Fleet(fleet);
        self.observer
            .note(scope, Some(index), (now, What::Started, f64::NAN));
        self.serve_from_now(fleet, index, calendar);
        self.in_service(fleet, index, calendar);
        self.examine_memory_of(fleet, index, calendar);
    }

    /// A collector dies of its own replay; the next start replays the same log.
    pub(super) fn replay_killed(
        &mut self,
        fleet: usize,
        index: u32,
        live: f64,
        calendar: &mut Calendar<Event>,
    ) {
        let now = calendar.now().nanos();
        self.note_blocked_rollout(fleet, index);
        let state = &mut self.fleets[fleet];
        let needed = state.memory.limit_needed(live);
        let collector = &mut state.collectors[index as usize];
        let back_off = collector.kill(now);
        collector.stop();
        state.tally.oom_kills += 1;
        let scope = Scope::Fleet(fleet);
        self.observer.fail(scope, Failure::RestartUnsafe, now);
        let event = (now, What::OomKilled, needed);
        self.observer.killed(scope, index, event);
        self.plan_start(fleet, index, End::Killed { back_off }, calendar);
    }

    /// Ends the process of a collector if it has one.
    pub(super) fn end_if_up(
        &mut self,
        fleet: usize,
        index: u32,
        end: End,
        calendar: &mut Calendar<Event>,
    ) {
        if self.fleets[fleet].collectors[index as usize].life == Life::Up {
            self.end_process(fleet, index, end, calendar);
        }
    }
}
