//! The WAL of a process: since when it holds dead series.

use super::Ramp;
use crate::model::load::timeline::Episode;
use crate::units::{SimDuration, SimTime};

/// Truncation of the WAL.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Truncation {
    /// Time between two truncations; zero = series leave memory when they die.
    pub every: SimDuration,
    /// Least time for which dead series are kept.
    pub keep_min: SimDuration,
    /// Greatest time for which dead series are kept while the endpoint does not advance.
    pub keep_max: SimDuration,
    /// Whether a truncation is skipped while no endpoint has taken anything since the one before.
    pub skips: bool,
    /// Samples of a full segment; infinite if segments never get full.
    pub full: f64,
    /// Share of the bytes of dead series that the queues of endpoints hold.
    pub in_queues: f64,
    /// Truncations for which the queues hold a dead series longer than the WAL.
    pub queue_periods: u64,
}

impl Truncation {
    /// Since when dead series are kept by a truncation at `truncated`, when all endpoints have taken
    /// what was scraped up to `sent`.
    fn keeps(self, sent: SimTime, truncated: SimTime) -> SimTime {
        sent.before(self.keep_min)
            .max(truncated.before(self.keep_max))
    }

    /// Most truncations for which queues hold a dead series longer than the WAL.
    pub const QUEUE_PERIODS_MAX: u64 = 3;

    /// Truncations from the one that finds a series dead to the one that takes its segment. The
    /// queues then let go of its labels. That is one where a truncation period fills a segment. Else
    /// it is 2 and 3 in turn, of which the greater counts for the peak. `rate` is the samples per
    /// second of a mean collector.
    ///
    /// Source: prometheus/prometheus, `storage/remote/queue_manager.go`, `SeriesReset`, v3.13.2;
    /// the rule of segments in this folder.
    ///
    /// Simplified: one number for all collectors of a fleet, by their mean load.
    pub fn queue_periods(every: SimDuration, full: f64, rate: f64) -> u64 {
        if rate * every.secs_f64() >= full {
            1
        } else {
            Self::QUEUE_PERIODS_MAX
        }
    }
}

/// The state of a process that decides which dead series it still holds.
///
/// Simplified: the copies of a replay stay until the process ends, even where their series die
/// earlier.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Process {
    /// Start of the process, from which its truncations are counted.
    pub started: SimTime,
    /// First instant whose dead series the process may hold. Series that died earlier are gone.
    pub kept_from: SimTime,
    /// First instant of which the WAL held samples at the start of the process.
    pub wal_from: SimTime,
    /// Closed segments of the WAL at the start of the process.
    pub brought: u32,
    /// Correction for targets that changed owner: positive for series that left and are not yet
    /// truncated, negative for dead series the new owner never held. One value for the WAL, one for
    /// the queues.
    pub residue: [Extra; 2],
    /// Live bytes of shards that work off a backlog.
    pub shards: Extra,
    /// Live bytes of spans that wait for their endpoints.
    pub spans: Ramp,
    /// Live bytes of series that are derived from spans of what is gone.
    pub remembered: Ramp,
    /// Live bytes of the copies of labels that its replay made.
    copies: f32,
    /// Live bytes of what series left behind whose targets moved away for good.
    leaked: f32,
}

/// Live bytes that a process has until an instant.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Extra {
    /// Live bytes; may be negative.
    pub live: f64,
    /// First instant without them.
    pub until: SimTime,
}

impl Extra {
    /// Live bytes right after `at`.
    pub fn at(&self, at: SimTime) -> f64 {
        if at < self.until { self.live } else { 0.0 }
    }
}

impl Process {
    /// A process that starts at `started` without segments of an earlier one, and holds what has died
    /// since `kept_from`.
    pub fn new(started: SimTime, kept_from: SimTime) -> Self {
        Self {
            started,
            kept_from,
            wal_from: started,
            ..Self::default()
        }
    }

    /// Whether the history of the process begins after `at`. The first process of a running fleet
    /// stands for one that started a truncation earlier. No dead series are known of that earlier
    /// process.
    pub(super) fn is_yet_to_start(&self, at: SimTime) -> bool {
        at < self.kept_from
    }

    /// The process ends at `now`. The residue that is not yet collected stays in its WAL.
    pub fn keep_residue(&mut self, now: SimTime) {
        self.residue = self.residue.map(|residue| Extra {
            live: residue.at(now),
            until: SimTime::NEVER,
        });
    }

    /// Replays the WAL of the process `stopped`, which ran before. The replay restores its samples,
    /// and its residue until the first truncation and until the queues let go.
    pub fn bring_back(&mut self, stopped: &Self, truncation: Truncation) {
        self.wal_from = stopped.wal_from.min(self.started);
        (self.brought, self.copies) = (stopped.brought, stopped.copies);
        let every = truncation.every;
        let periods = [1, 1 + truncation.queue_periods];
        for ((residue, old), periods) in self.residue.iter_mut().zip(stopped.residue).zip(periods) {
            *residue = Extra {
                live: old.live,
                until: self.started + every * periods,
            };
        }
    }

    /// Sets the residue of the WAL and of the queues from `now` on, in live bytes. The residue is
    /// positive for series that moved away, and negative for dead series that never came with a
    /// target.
    pub fn leave_behind(&mut self, residue: [f64; 2], truncation: Truncation, now: SimTime) {
        let every = truncation.every;
        let periods = [0, truncation.queue_periods];
        for (place, (live, periods)) in residue.into_iter().zip(periods).enumerate() {
            // The next truncation ends a negative residue. A positive one counts as younger.
            let since = if live > 0.0 {
                now + truncation.keep_min
            } else {
                now
            };
            let collected = next_truncation(self.started, every, since);
            let until = collected + every * periods;
            self.residue[place] = Extra { live, until };
        }
    }

    /// Live bytes right after `at` of the residue, of shards that work off a backlog, and of what
    /// stays until the process ends.
    pub fn extra_at(&self, at: SimTime) -> f64 {
        self.residue[0].at(at) + self.residue[1].at(at) + self.shards.at(at) + self.lasting()
    }

    /// Adds live bytes of what series leave behind; series that come back find theirs again.
    pub fn leak(&mut self, live: f64) {
        self.leaked = single((f64::from(self.leaked) + live).max(0.0));
    }

    /// Sets the live bytes of the copies that a replay makes. Nothing is left behind then.
    pub fn copy(&mut self, live: f64) {
        (self.copies, self.leaked) = (single(live), 0.0);
    }

    /// Live bytes that stay until the process ends.
    pub fn lasting(&self) -> f64 {
        f64::from(self.copies) + f64::from(self.leaked)
    }

    /// The most of [`Process::extra_at`] and of spans from `at` on, without what is negative.
    pub(super) fn extra_most(&self, at: SimTime) -> f64 {
        let [log, queue] = self.residue.map(|residue| residue.at(at).max(0.0));
        log + queue
            + self.shards.at(at)
            + self.spans.most(at)
            + self.remembered.most(at)
            + self.lasting()
    }

    /// First instant after `at` at which extra bytes end without a truncation.
    pub(super) fn extra_ends(&self, at: SimTime) -> SimTime {
        let shards = if self.shards.until > at {
            self.shards.until
        } else {
            SimTime::NEVER
        };
        shards
            .min(self.spans.next(at))
            .min(self.remembered.next(at))
    }
}

/// Since when a process holds dead series, by holder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::model) struct Kept {
    /// In the series table of its WAL.
    pub(in crate::model) in_wal: SimTime,
    /// In the queues of its endpoints.
    pub(in crate::model) in_queues: SimTime,
}

/// The rule of truncation, and the times at which an endpoint of the WAL does not advance.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Log {
    /// The rule.
    pub truncation: Truncation,
    /// When an endpoint is down, in order of time. Of outages that overlap, the one that began later
    /// lasts longer.
    pub stalls: Vec<Episode>,
}

impl Log {
    /// Since when a process holds dead series at `at`, before a truncation at `at`.
    pub(super) fn kept_from(&self, process: &Process, at: SimTime) -> SimTime {
        self.kept_by(process, at, 0)
    }

    /// Since when the queues of a process hold the labels of dead series at `at`.
    pub(super) fn queued_from(&self, process: &Process, at: SimTime) -> SimTime {
        self.kept_by(process, at, self.truncation.queue_periods)
    }

    /// Since when dead series are kept after the truncation `back` periods before the last one.
    fn kept_by(&self, process: &Process, at: SimTime, back: u64) -> SimTime {
        let every = self.truncation.every;
        if every.is_zero() {
            return at;
        }
        let passed = at.just_before().since(process.started) / every;
        let Some(passed) = passed.checked_sub(back).filter(|&passed| passed > 0) else {
            return process.kept_from;
        };
        let truncated = process.started + every * passed;
        let stall = self.stall_at(truncated).map(|stall| stall.from);
        // A process that began in an outage has sent nothing yet.
        let stall = stall.map(|from| {
            if from > process.started {
                from
            } else {
                SimTime::ZERO
            }
        });
        let sent = stall.unwrap_or(truncated);
        self.truncation
            .keeps(sent, truncated)
            .max(process.kept_from)
    }

    /// Since when a WAL as old as the simulation, and its queues, keep dead series at the latest. The
    /// last truncation was at `truncated`; [`SimTime::ZERO`] if they keep everything.
    pub(super) fn kept_by_old(&self, truncated: Option<SimTime>) -> Kept {
        let kept = |truncated: Option<SimTime>| {
            truncated.map_or(SimTime::ZERO, |truncated| match self.stall_at(truncated) {
                // A process that began in the outage keeps what it can.
                Some(_) => self.truncation.keeps(SimTime::ZERO, truncated),
                None => self.truncation.keeps(truncated, truncated),
            })
        };
        let back = self.truncation.every * self.truncation.queue_periods;
        Kept {
            in_wal: kept(truncated),
            in_queues: kept(truncated.and_then(|truncated| truncated.checked_before(back))),
        }
    }

    /// Whether a truncation at `at` is not skipped. A reader may have been `waiting` besides those
    /// that the outages hold up.
    ///
    /// Source: grafana/alloy, `internal/component/prometheus/remotewrite/remote_write.go`, `Run`,
    /// v1.18.1.
    pub(super) fn is_performed(
        &self,
        process: &Process,
        waiting: Option<SimTime>,
        at: SimTime,
    ) -> bool {
        let every = self.truncation.every;
        let previous = at.before(every);
        if !self.truncation.skips || previous <= process.started {
            return true;
        }
        // The time up to which series and samples may go, which a skipped truncation leaves.
        let mark = |at: SimTime| {
            let stall = self.stall_at(at).map(|stall| stall.from);
            let waiting = waiting.filter(|&since| since < at);
            let since = stall.into_iter().chain(waiting).min();
            let sent = since.map_or(Some(at), |since| (since > process.started).then_some(since));
            let sent = sent.map(|sent| signed(sent) - signed_length(self.truncation.keep_min));
            let oldest = signed(at) - signed_length(self.truncation.keep_max);
            sent.map_or(oldest, |sent| sent.max(oldest))
        };
        mark(at) != mark(previous)
    }

    /// The end of a time from `from` on in which no truncation is skipped.
    pub(super) fn calm_until(&self, from: SimTime, waiting: Option<SimTime>) -> SimTime {
        if !self.truncation.skips {
            return SimTime::NEVER;
        }
        let next = self.stalls.partition_point(|stall| stall.to < from);
        let stall = self
            .stalls
            .get(next)
            .map_or(SimTime::NEVER, |stall| stall.from);
        stall.min(waiting.unwrap_or(SimTime::NEVER))
    }

    /// How long the WAL of a process reaches back at most: what it brought along, four truncation
    /// periods, and the outage in which truncations are skipped.
    pub fn longest(&self, process: &Process) -> SimDuration {
        let Truncation {
            every, keep_max, ..
        } = self.truncation;
        let brought = process.started.since(process.wal_from);
        let stalled = self.stalls.iter().map(|stall| stall.to - stall.from).max();
        brought + every * 4 + stalled.unwrap_or_default().min(keep_max + every)
    }

    /// Since when a process holds dead series at `at`, by holder.
    pub(super) fn kept(&self, process: &Process, at: SimTime) -> Kept {
        Kept {
            in_wal: self.kept_from(process, at),
            in_queues: self.queued_from(process, at),
        }
    }

    /// First truncation of a process after `at`; [`SimTime::NEVER`] without truncations.
    pub(super) fn next_truncation(&self, process: &Process, at: SimTime) -> SimTime {
        next_truncation(process.started, self.truncation.every, at)
    }

    /// The stall in which `at` lies.
    pub(super) fn stall_at(&self, at: SimTime) -> Option<&Episode> {
        stall_at(&self.stalls, at)
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "bytes of memory, which seven digits tell"
)]
fn single(value: f64) -> f32 {
    value as f32
}

fn signed(at: SimTime) -> i128 {
    i128::from(at.nanos())
}

fn signed_length(length: SimDuration) -> i128 {
    i128::from(length.nanos())
}

/// First truncation after `at` of a process started at `started`; [`SimTime::NEVER`] without
/// truncations.
pub fn next_truncation(started: SimTime, every: SimDuration, at: SimTime) -> SimTime {
    if every.is_zero() {
        return SimTime::NEVER;
    }
    started + every * (at.since(started) / every + 1)
}

/// The one of `stalls` in which `at` lies, the first one if they overlap. Stalls begin and end in the
/// same order.
pub fn stall_at(stalls: &[Episode], at: SimTime) -> Option<&Episode> {
    let next = stalls.partition_point(|stall| stall.to < at);
    stalls.get(next).filter(|stall| stall.from < at)
}
