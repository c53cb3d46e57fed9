//! Starts after the first one, and crash loops.

use crate::model::load::draw::{Occasion, Purpose};
use crate::model::moment::{Event, Moment};
use crate::model::process::collector::{BACK_OFF_LONGEST, Began, Life};
use crate::model::record::outcome::RecordKind;
use crate::units::{SimDuration, SimTime};

use super::Fleet;
use super::end::End;

/// Time until an operator ends a crash loop by deleting the WAL that it replays.
///
/// INFERRED: hours rather than minutes or days. Azure/ARO-HCP issue 5390 shows that an operator has
/// to do it.
const WAL_DELETED_AFTER: SimDuration = SimDuration::from_hours(4);

impl Fleet<'_> {
    /// Schedules the instant at which a stopped collector serves again.
    pub(super) fn plan_start(&mut self, index: u32, end: End, moment: &mut Moment<'_>) {
        if self.waits_for_turn(index, end, moment) {
            return;
        }
        let seconds = self.start_seconds(index, moment);
        let plan = self.plan.blueprint;
        let wait = match end {
            End::Killed { back_off } => back_off,
            End::Asked { away } | End::NodeLost { away } => away,
        };
        let now = moment.now;
        let cycle = (wait + SimDuration::from_secs_f64(seconds)).max(SimDuration::NANO);
        let repeats = match end {
            End::Killed { back_off }
                if back_off == BACK_OFF_LONGEST && plan.autoscaling.is_none() =>
            {
                self.futile_starts(index, cycle, moment)
            }
            _ => 0,
        };
        let on_volume = plan.wal.on_volume;
        if !on_volume && repeats > 0 {
            // Each of these processes is in service for an instant, above its limit.
            let weights = self.weights_of(index);
            let peak = self.plan.resident.fresh_peak(weights, now, cycle, repeats);
            let collector = &mut self.collectors[index as usize];
            collector.note_crash(peak);
        }
        self.count_kills(index, self.kind_of_kill(), repeats);
        self.tally.restarts += repeats;
        if repeats > 0 {
            let looped = RecordKind::CrashLooped;
            moment.note(self.scope(), Some(index), looped, repeats as f64);
        }
        let at = now + cycle * (repeats + 1);
        let collector = &mut self.collectors[index as usize];
        collector.due = at;
        let event = Event::CollectorStarted {
            stamp: collector.stamp(),
            collector: self.plan.collector_id(index),
        };
        moment.schedule(at, event);
    }

    /// Number of starts in vain of a collector in a crash loop from `now` on, one every `cycle`.
    /// Each start meets the same load or replays the same WAL, until something changes.
    ///
    /// Simplified: the length of these cycles is drawn once, not for each of them.
    fn futile_starts(&self, index: u32, cycle: SimDuration, moment: &Moment<'_>) -> u64 {
        let now = moment.now;
        let plan = self.plan.blueprint;
        let limit = self.plan.memory.live_max();
        let hopeless_until = if plan.wal.on_volume {
            // Eight standard deviations down, no replay takes less memory.
            let least = plan.memory.replay_peak.at(-8.0).max(1.0);
            let live = self.collectors[index as usize].replayed.live * least;
            let since = self.collectors[index as usize]
                .looping_since()
                .unwrap_or(now);
            if live > limit {
                since + WAL_DELETED_AFTER
            } else {
                now
            }
        } else {
            let weights = self.weights_of(index);
            let bearable = self.plan.resident.first_bearable(weights, now, limit);
            let since = self.collectors[index as usize].looping_since();
            // An operator starts it with the peers that wait for it.
            let awaited = self.is_awaited(index);
            let helped = since.filter(|_| awaited).map(|at| at + WAL_DELETED_AFTER);
            helped.map_or(bearable, |at| bearable.min(at))
        };
        let last = hopeless_until.min(self.undisturbed_until(index, moment));
        (last.since(now) / cycle).saturating_sub(1)
    }

    /// Until when nothing but its own starts happens to a collector that is down. Then its node or
    /// pod goes, or the measured horizon begins, before which nothing counts.
    fn undisturbed_until(&self, index: u32, moment: &Moment<'_>) -> SimTime {
        let cells = moment.cell()..moment.grid.cells();
        let cohort = self.cohort_of(index);
        let leaves = cells.map(|cell| (moment.grid.start_of(cell), cohort.counts[cell]));
        let mut leaves = leaves.filter(|&(_, count)| cohort.base + count <= index);
        let leaves = leaves.next().map_or(moment.grid.end, |(at, _)| at);
        if moment.now < moment.grid.warm_up {
            leaves.min(moment.grid.warm_up)
        } else {
            leaves
        }
    }

    /// Whether a collector has been in a crash loop for so long that an operator ends it. Without a
    /// WAL to delete an operator does so only where other pods wait for the collector.
    pub(in crate::model) fn is_given_up(&self, index: u32, now: SimTime) -> bool {
        if !self.plan.blueprint.wal.on_volume && !self.is_awaited(index) {
            return false;
        }
        let since = self.collectors[index as usize].looping_since();
        since.is_some_and(|since| now >= since + WAL_DELETED_AFTER)
    }

    /// The collectors that share targets with a collector, with that collector.
    pub(in crate::model) fn peers(&self, index: u32) -> std::ops::Range<u32> {
        match self.cluster_of(index) {
            Some(cluster) => self.members(cluster),
            None => index..index + 1,
        }
    }

    /// Starts a collector without its WAL if it is in a crash loop, or waits for a collector in
    /// one. Returns whether it did.
    pub(in crate::model) fn start_if_stuck(&mut self, index: u32, moment: &mut Moment<'_>) -> bool {
        let waited = self.leave_order(index);
        let collector = &self.collectors[index as usize];
        let is_stuck = waited || collector.looping_since().is_some();
        if collector.life != Life::Down || !is_stuck {
            return false;
        }
        self.settle(index, moment.now);
        self.collectors[index as usize].end_loop();
        self.begin(index, moment.now, moment);
        true
    }

    /// A collector starts with what its WAL holds. Returns whether it survives the replay.
    pub(in crate::model) fn start_again(&mut self, index: u32, moment: &mut Moment<'_>) -> bool {
        let now = moment.now;
        let plan = self.plan.blueprint;
        self.settle(index, now);
        let stopped = self.collectors[index as usize];
        if !plan.wal.on_volume {
            self.begin(index, now, moment);
            return true;
        }
        // In the warm-up a WAL may not have begun yet.
        let kept_from = stopped.process.kept_from.min(now);
        let occasion = Occasion::new(index, stopped.drawn);
        let law = plan.memory.replay_peak;
        let factor = moment
            .draw
            .noise(Purpose::ReplayPeak, self.plan.key, law, occasion)
            .max(1.0);
        let replay_live = stopped.replayed.live * factor;
        self.tally.replay_live = self.tally.replay_live.max(replay_live);
        if replay_live > self.plan.memory.live_max() {
            let began = Began {
                started: now,
                kept_from,
            };
            let collector = &mut self.collectors[index as usize];
            collector.start(now, began);
            if kept_from < now {
                let truncation = self.plan.resident.truncation();
                collector.process.bring_back(&stopped.process, truncation);
            }
            self.tally.restarts += 1;
            self.replay_killed(index, replay_live, moment);
            return false;
        }
        self.begin(index, kept_from, moment);
        true
    }

    /// A process is in service, with what has died since `kept_from`.
    pub(in crate::model) fn begin(
        &mut self,
        index: u32,
        kept_from: SimTime,
        moment: &mut Moment<'_>,
    ) {
        let now = moment.now;
        let truncation = self.plan.resident.truncation();
        let collector = &mut self.collectors[index as usize];
        let stopped = collector.process;
        let began = Began {
            started: now,
            kept_from,
        };
        collector.start(now, began);
        if kept_from < now {
            collector.process.bring_back(&stopped, truncation);
        }
        self.tally.restarts += u64::from(collector.starts > 1);
        let scope = self.scope();
        moment.note(scope, Some(index), RecordKind::Started, f64::NAN);
        let is_first = self.collectors[index as usize].starts == 1;
        self.start_tail(index, is_first, moment);
        self.start_profiles(index, moment);
        self.serve_from_now(index, moment);
        self.in_service(index, moment);
    }
}
