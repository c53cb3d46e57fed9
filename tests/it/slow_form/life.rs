//! Processes that begin, end and begin again; nodes that come and go.

use alloy_sim::model::blueprint::Start;
use alloy_sim::model::load::draw::{Occasion, Purpose};
use rand_distr::{Distribution, Exp1};

use super::collector::{Life, Sending};
use super::event_loop::Slow;
use super::plan::Segment;
use super::tally::{add, first};

const SECOND: u64 = 1_000_000_000;

/// A process that served for longer begins its back-off anew.
const BACK_OFF_RESET: u64 = 600 * SECOND;

/// How long a crash loop lasts until somebody deletes the WAL.
const LOG_DELETED: u64 = 4 * 3_600 * SECOND;

impl Slow<'_> {
    pub(super) fn populate(&mut self) {
        let every = self.plan.every();
        for index in 0..self.plan.nodes[0] {
            let started = match self.plan.blueprint.start {
                Start::Cold => 0,
                Start::Running => {
                    let phase = self.plan.draw.unit(Purpose::Phase, self.plan.key, index, 0);
                    #[expect(
                        clippy::cast_possible_truncation,
                        clippy::cast_sign_loss,
                        reason = "a share"
                    )]
                    let started = (phase * every as f64) as u64;
                    started
                }
            };
            self.begin(index, started, false);
            if self.plan.blueprint.start == Start::Running {
                // It stands for one that has run for long, and has 2 and 3 closed segments in turn.
                let turn = self.plan.draw.unit(Purpose::Phase, self.plan.key, index, 1);
                let closed = if turn < 0.5 { 3 } else { 2 };
                self.collectors[index as usize].closed = vec![started; closed];
            }
        }
    }

    /// A process begins now; `started` differs only at the very first instant.
    pub(super) fn begin(&mut self, index: u32, started: u64, keeps_log: bool) {
        let every = self.plan.every();
        self.collectors[index as usize].begin(self.now, started, every, keeps_log);
    }

    /// A process that has survived its start begins to serve.
    pub(super) fn serve(&mut self, index: u32) {
        let collector = &mut self.collectors[index as usize];
        collector.life = Life::Serving;
        for (queue, away_since) in collector.queues.iter_mut().zip(&self.away_since) {
            if away_since.is_some() {
                queue.sending = Sending::Stalled {
                    since: self.now,
                    own: collector.open_from,
                    is_lost: false,
                };
            }
        }
        let Some(mean) = self.plan.blueprint.fleets[0].interruptions.restart_interval else {
            return;
        };
        collector.drawn += 1;
        let key = self.plan.key;
        let mut stream = self
            .plan
            .draw
            .stream(Purpose::Restart, key, index, collector.drawn);
        let gap: f64 = Exp1.sample(&mut stream);
        collector.interrupted_at = self.now + rounded(gap * mean.centre.median());
    }

    pub(super) fn resize(&mut self) {
        if !self.now.is_multiple_of(self.plan.grid.cell.nanos())
            || self.now >= self.plan.grid.end.nanos()
        {
            return;
        }
        let wanted = self.plan.nodes[self.plan.cell(self.now)] as usize;
        for index in 0..self.collectors.len() {
            let exists = self.collectors[index].exists();
            if index < wanted && !exists {
                let small = u32::try_from(index).unwrap();
                self.begin(small, self.now, false);
                self.serve(small);
            } else if index >= wanted && exists {
                let segment = self.here();
                if self.collectors[index].life == Life::Serving {
                    // With the pods that its node has from now on, though it is gone.
                    self.look_at_replay(index);
                }
                self.flush(index);
                let collector = &mut self.collectors[index];
                let lost = collector.end(&segment, &self.plan);
                (collector.life, collector.starts_at) = (Life::Gone, u64::MAX);
                (collector.futile, collector.streak, collector.failing_since) = (0, 0, None);
                for (delivery, lost) in self.tally.deliveries.iter_mut().zip(lost) {
                    add(&mut delivery.lost_exit, lost);
                }
            } else if self.now == 0 && exists {
                self.serve(u32::try_from(index).unwrap());
            }
        }
    }

    /// A stopped collector starts: with a volume it has replayed its log, if it survives that. After
    /// four hours of a crash loop somebody deletes the WAL.
    pub(super) fn start(&mut self, index: u32) {
        let collector = &mut self.collectors[index as usize];
        let since = collector.looping_since;
        let looping = collector.streak > 0 && collector.futile == 0;
        let deleted = self.plan.on_volume() && looping && self.now >= since + LOG_DELETED;
        if deleted {
            collector.streak = 0;
        }
        let keeps_log = self.plan.on_volume() && !deleted;
        self.begin(index, self.now, keeps_log);
        self.tally.restarts += 1;
        if keeps_log {
            let collector = &self.collectors[index as usize];
            let law = self.plan.blueprint.fleets[0].memory.replay_peak;
            let occasion = Occasion::new(index, collector.drawn);
            let key = self.plan.key;
            let factor = self
                .plan
                .draw
                .noise(Purpose::ReplayPeak, key, law, occasion);
            let live = collector.logged.0 * factor.max(1.0);
            if self.plan.counted(live) > self.plan.limit {
                first(&mut self.tally.first_unsafe, self.now);
                self.kill(index, live);
                return;
            }
        }
        if self.collectors[index as usize].futile == 0 {
            self.serve(index);
            self.hand_back(index);
        }
    }

    pub(super) fn kill(&mut self, index: u32, live: f64) {
        let on_volume = self.plan.on_volume();
        let collector = &mut self.collectors[index as usize];
        // A replay that cannot succeed has the random numbers of the last one.
        collector.killed_live = match (collector.futile, on_volume) {
            (0, _) => live,
            (_, true) => collector.killed_live,
            (_, false) => collector.killed_live.max(live),
        };
        if self.now.saturating_sub(collector.started) > BACK_OFF_RESET {
            (collector.streak, collector.failing_since) = (0, None);
        }
        if collector.streak == 0 {
            collector.looping_since = self.now;
        }
        collector.failing_since.get_or_insert(self.now);
        let back_off = match collector.streak {
            0 => 0,
            earlier => (10 << (earlier - 1).min(8)).min(300) * SECOND,
        };
        collector.streak += 1;
        collector.kills += 1;
        self.tally.kills += 1;
        first(&mut self.tally.first_kill, self.now);
        self.stop(index, Some(back_off));
    }

    /// A process ends; the next one starts after a pause and the replay. Before that it waits for the back-off
    /// if it was killed, or flushes if it was asked to stop.
    pub(super) fn stop(&mut self, index: u32, back_off: Option<u64>) {
        let segment = self.here();
        let law = self.plan.blueprint.fleets[0].interruptions;
        let collector = &mut self.collectors[index as usize];
        if back_off.is_none() {
            // Another pod takes over, without a history.
            collector.streak = 0;
            if self.now.saturating_sub(collector.started) > BACK_OFF_RESET {
                collector.failing_since = None;
            }
        }
        let wait = back_off.unwrap_or_else(|| self.flush(index as usize));
        let collector = &mut self.collectors[index as usize];
        let lost = collector.end(&segment, &self.plan);
        let is_loss = lost.iter().any(|&lost| self.whole(lost) > 0.0);
        for (delivery, lost) in self.tally.deliveries.iter_mut().zip(lost) {
            add(&mut delivery.lost_restart, lost);
        }
        if is_loss {
            self.look_at_lost_with_processes();
        }
        let collector = &mut self.collectors[index as usize];
        if collector.futile > 0 {
            // The pauses of a crash loop that cannot end are drawn once.
            collector.futile -= 1;
            collector.starts_at = self.now + collector.cycle;
            return;
        }
        collector.drawn += 1;
        let occasion = Occasion::new(index, collector.drawn);
        let noise = |purpose, law| self.plan.draw.noise(purpose, self.plan.key, law, occasion);
        let mut seconds = noise(Purpose::Gap, law.restart_gap).max(0.0);
        if self.plan.on_volume() {
            let rate = noise(Purpose::Replay, law.replay_series_per_second);
            seconds += collector.logged.1 / rate.max(1.0);
        }
        collector.cycle = wait + rounded(seconds);
        collector.starts_at = self.now + collector.cycle;
        self.plan_takeover(index);
        if back_off == Some(300 * SECOND) {
            let cycles = self.hopeless_until(index).saturating_sub(self.now)
                / self.collectors[index as usize].cycle;
            self.collectors[index as usize].futile = cycles.saturating_sub(1);
        }
    }

    /// Backlogs that processes took with them are a loss of data from a minute of the fleet's inflow on.
    fn look_at_lost_with_processes(&mut self) {
        let segment = self.here();
        let intervals = self.plan.intervals;
        let exist = self.collectors.iter().filter(|one| one.exists());
        let inflow: f64 = exist.map(|one| one.inflow(&segment, intervals)).sum();
        let lost = self.tally.delivered(|delivery| delivery.lost_restart);
        if self.whole(lost) > 60.0 * inflow {
            first(&mut self.tally.first_loss, self.now);
        }
    }

    /// Until when a collector in a crash loop has no chance: its log stays too large until somebody
    /// deletes it, or what it carries is too much for an empty one; not past its node or the lead-in.
    fn hopeless_until(&self, index: u32) -> u64 {
        let (plan, now) = (&self.plan, self.now);
        let collector = &self.collectors[index as usize];
        let hopeless = if plan.on_volume() {
            let least = plan.blueprint.fleets[0]
                .memory
                .replay_peak
                .at(-8.0)
                .max(1.0);
            if plan.counted(collector.logged.0 * least) > plan.limit {
                collector.looping_since + LOG_DELETED
            } else {
                now
            }
        } else {
            let fits = |segment: &&Segment| {
                let live = segment.common + plan.per_series.all() * collector.series(segment);
                plan.counted(live) <= plan.limit
            };
            let bearable = plan.segments[self.segment..].iter().find(fits);
            bearable.map_or(plan.grid.end.nanos(), |segment| segment.at)
        };
        let leaves = (plan.cell(now)..plan.grid.cells()).find(|&cell| plan.nodes[cell] <= index);
        let leaves = leaves.map_or(plan.grid.end.nanos(), |cell| {
            plan.grid.start_of(cell).nanos()
        });
        let recorded = if now < plan.grid.warm_up.nanos() {
            plan.grid.warm_up.nanos()
        } else {
            plan.grid.end.nanos()
        };
        hopeless.min(leaves).min(recorded)
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "far below 2^64"
)]
fn rounded(seconds: f64) -> u64 {
    (seconds * 1e9).round() as u64
}
