//! The write-ahead log of a process: since when it holds what has died.

use crate::model::load::timeline::Episode;
use crate::units::{SimDuration, SimTime};

/// Truncation of the write-ahead log.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Truncation {
    /// Time between two truncations; none = series leave memory when they die.
    pub every: SimDuration,
    /// How long dead series are kept at the least.
    pub keep_min: SimDuration,
    /// How long they are kept at the most while the endpoint does not advance.
    pub keep_max: SimDuration,
    /// Share of what dead series hold that is held by the queues of endpoints: it stays for
    /// [`QUEUE_PERIODS`] truncations more.
    pub in_queues: f64,
}

/// Truncations after the one that finds a series dead until a checkpoint covers it, so that the queues
/// let go of its labels: 2 to 4 periods in all since it died.
///
/// Source: prometheus/prometheus, `tsdb/agent/db.go` (a truncation makes a checkpoint of the first two
/// thirds of the segments) and `storage/remote/queue_manager.go`, `SeriesReset` (read 2026-11).
/// INFERRED: the number, also from a measurement of ours (not published).
///
/// Simplified: the same for small and large logs; one of many segments per period lets go a period
/// earlier.
pub const QUEUE_PERIODS: u64 = 2;

/// What of a process decides which dead series it still holds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Process {
    /// When it started; truncations follow from there.
    pub started: SimTime,
    /// Series that died before this instant are gone.
    pub kept_from: SimTime,
    /// First instant of which its log held samples at its start.
    pub wal_from: SimTime,
    /// Live bytes of series that moved away and are not yet collected, in the WAL and in the queues; below
    /// zero for those of targets that came, which had died before.
    pub residue: [Extra; 2],
    /// Live bytes of shards that work off a backlog.
    pub shards: Extra,
}

/// Live bytes that a process has for a while.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Extra {
    /// How many.
    pub live: f64,
    /// When they are gone.
    pub until: SimTime,
}

impl Extra {
    /// Live bytes right after `at`.
    pub fn at(&self, at: SimTime) -> f64 {
        if at < self.until { self.live } else { 0.0 }
    }
}

impl Process {
    /// Whether its log begins after `at`: the first process of a fleet that runs already stands for
    /// one that began a truncation earlier, of which nothing is known to have died.
    pub(super) fn is_yet_to_start(&self, at: SimTime) -> bool {
        at < self.kept_from
    }

    /// The process ends at `now`: its log has what moved away and was not yet collected.
    pub fn keep_residue(&mut self, now: SimTime) {
        self.residue = self.residue.map(|residue| Extra {
            live: residue.at(now),
            until: SimTime::NEVER,
        });
    }

    /// Takes over the log of the process that `stopped` before it: samples, and series that had moved
    /// away, until the first truncation and until the queues let go.
    pub fn bring_back(&mut self, stopped: &Self, every: SimDuration) {
        self.wal_from = stopped.wal_from.min(self.started);
        let periods = [1, 1 + QUEUE_PERIODS];
        for ((residue, old), periods) in self.residue.iter_mut().zip(stopped.residue).zip(periods) {
            *residue = Extra {
                live: old.live,
                until: self.started + every * periods,
            };
        }
    }

    /// From `now` on the WAL and the queues hold so many live bytes of series that moved away, below zero
    /// for those of targets that came, which had died before.
    pub fn leave_behind(&mut self, residue: [f64; 2], truncation: Truncation, now: SimTime) {
        let every = truncation.every;
        let periods = [0, QUEUE_PERIODS];
        for (place, (live, periods)) in residue.into_iter().zip(periods).enumerate() {
            // What died before is gone with the next truncation; what moved away counts as younger.
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

    /// Live bytes of series that moved away and are not yet collected, and of shards that work off a
    /// backlog, right after `at`.
    pub fn extra_at(&self, at: SimTime) -> f64 {
        self.residue[0].at(at) + self.residue[1].at(at) + self.shards.at(at)
    }

    /// The same, without what is below zero.
    pub(super) fn extra_most(&self, at: SimTime) -> f64 {
        let [log, queue] = self.residue.map(|residue| residue.at(at).max(0.0));
        log + queue + self.shards.at(at)
    }

    /// The next instant after `at` at which extra bytes are gone that no truncation collects.
    pub(super) fn extra_ends(&self, at: SimTime) -> SimTime {
        if self.shards.until > at {
            self.shards.until
        } else {
            SimTime::NEVER
        }
    }
}

/// Since when a process holds dead series, by holder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::model) struct Kept {
    /// In the table of its log.
    pub(in crate::model) in_wal: SimTime,
    /// In the queues of its endpoints.
    pub(in crate::model) in_queues: SimTime,
}

/// The rule of truncation, and the times at which the endpoint does not advance.
#[derive(Clone, Debug)]
pub(super) struct Log {
    pub(super) truncation: Truncation,
    /// In order of time, apart from each other.
    pub(super) stalls: Vec<Episode>,
}

impl Log {
    /// Since when a process holds dead series at `at`, before a truncation at `at`.
    pub(super) fn kept_from(&self, process: &Process, at: SimTime) -> SimTime {
        self.kept_by(process, at, 0)
    }

    /// Since when the queues of a process hold the labels of dead series at `at`.
    pub(super) fn queued_from(&self, process: &Process, at: SimTime) -> SimTime {
        self.kept_by(process, at, QUEUE_PERIODS)
    }

    /// What the truncation has left that was so many periods before the last one.
    fn kept_by(&self, process: &Process, at: SimTime, back: u64) -> SimTime {
        let every = self.truncation.every;
        if every.is_zero() {
            return at;
        }
        let passed = at.just_before().since(process.started) / every;
        let passed = passed.saturating_sub(back);
        let truncated = process.started + every * passed;
        self.kept_after(truncated, passed)
            .map_or(process.kept_from, |kept| kept.max(process.kept_from))
    }

    /// Since when a log keeps what has died after its truncation at `truncated`, if one of its last
    /// `passed` truncations removed anything. The later the truncation, the later that instant.
    fn kept_after(&self, mut truncated: SimTime, passed: u64) -> Option<SimTime> {
        let Truncation {
            every,
            keep_min,
            keep_max,
            ..
        } = self.truncation;
        for _ in 0..passed {
            let previous = truncated.before(every);
            match self.stall_at(truncated) {
                None => return Some(truncated.before(keep_min)),
                // The endpoint advanced between the two truncations, up to the start of the stall.
                Some(stall) if stall.from > previous => {
                    return Some(stall.from.before(keep_min));
                }
                Some(stall) if truncated - stall.from > keep_max => {
                    return Some(truncated.before(keep_max));
                }
                Some(_) => truncated = previous,
            }
        }
        None
    }

    /// Since when a log that has always been there, and its queues, keep what has died after a truncation
    /// at `truncated`; [`SimTime::ZERO`] if they keep everything.
    pub(super) fn kept_by_old(&self, truncated: Option<SimTime>) -> Kept {
        let every = self.truncation.every.max(SimDuration::NANO);
        let kept = |truncated: Option<SimTime>| {
            truncated.map_or(SimTime::ZERO, |truncated| {
                let passed = (truncated - SimTime::ZERO) / every;
                self.kept_after(truncated, passed).unwrap_or(SimTime::ZERO)
            })
        };
        let back = self.truncation.every * QUEUE_PERIODS;
        Kept {
            in_wal: kept(truncated),
            in_queues: kept(truncated.and_then(|truncated| truncated.checked_before(back))),
        }
    }

    /// Since when a process holds what has died at `at`.
    pub(super) fn kept(&self, process: &Process, at: SimTime) -> Kept {
        Kept {
            in_wal: self.kept_from(process, at),
            in_queues: self.queued_from(process, at),
        }
    }

    /// First truncation of a process after `at`; never without truncations.
    pub(super) fn next_truncation(&self, process: &Process, at: SimTime) -> SimTime {
        next_truncation(process.started, self.truncation.every, at)
    }

    /// The time around `at` in which the endpoint does not advance.
    pub(super) fn stall_at(&self, at: SimTime) -> Option<&Episode> {
        stall_at(&self.stalls, at)
    }
}

/// First truncation after `at` of a process started at `started`, never without truncations.
pub fn next_truncation(started: SimTime, every: SimDuration, at: SimTime) -> SimTime {
    if every.is_zero() {
        return SimTime::NEVER;
    }
    started + every * (at.since(started) / every + 1)
}

/// The one of some stalls, in order and apart from each other, that is around `at`.
pub fn stall_at(stalls: &[Episode], at: SimTime) -> Option<&Episode> {
    let next = stalls.partition_point(|stall| stall.to < at);
    stalls.get(next).filter(|stall| stall.from < at)
}
