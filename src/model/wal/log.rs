//! The WAL of a process: since when it holds dead series.

use crate::model::load::timeline::Episode;
use crate::units::{SimDuration, SimTime};

/// Truncation of the WAL.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Truncation {
    /// Time between two truncations; zero = series leave memory when they die.
    pub every: SimDuration,
    /// Least time for which dead series are kept.
    pub keep_min: SimDuration,
    /// Greatest time for which dead series are kept while the endpoint does not advance.
    pub keep_max: SimDuration,
    /// Share of the bytes of dead series that the queues of endpoints hold. Queues hold a series
    /// for [`QUEUE_PERIODS`] truncations longer than the WAL.
    pub in_queues: f64,
}

/// Truncations from the one that finds a series dead to the checkpoint that covers the series. The
/// queues then let go of its labels, 2 to 4 periods after its death.
///
/// Source: prometheus/prometheus, `tsdb/agent/db.go` (a truncation makes a checkpoint of the first two
/// thirds of the segments) and `storage/remote/queue_manager.go`, `SeriesReset` (read 2026-11).
/// INFERRED: the number, also from a measurement of ours (not published).
///
/// Simplified: the same number for small and large WALs. A WAL of many segments per period lets go
/// a period earlier.
pub const QUEUE_PERIODS: u64 = 2;

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
    /// Correction for targets that changed owner: positive for series that left and are not yet
    /// truncated, negative for dead series the new owner never held. One value for the WAL, one for
    /// the queues.
    pub residue: [Extra; 2],
    /// Live bytes of shards that work off a backlog.
    pub shards: Extra,
    /// Live bytes of the copies of labels that its replay made.
    pub copies: f64,
    /// Live bytes of what series left behind whose targets moved away for good.
    pub leaked: f64,
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
    pub fn bring_back(&mut self, stopped: &Self, every: SimDuration) {
        self.wal_from = stopped.wal_from.min(self.started);
        self.copies = stopped.copies;
        let periods = [1, 1 + QUEUE_PERIODS];
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
        let periods = [0, QUEUE_PERIODS];
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

    /// Live bytes that stay until the process ends.
    pub fn lasting(&self) -> f64 {
        self.copies + self.leaked
    }

    /// [`Process::extra_at`] without what is negative.
    pub(super) fn extra_most(&self, at: SimTime) -> f64 {
        let [log, queue] = self.residue.map(|residue| residue.at(at).max(0.0));
        log + queue + self.shards.at(at) + self.lasting()
    }

    /// First instant after `at` at which extra bytes end without a truncation.
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
    /// In the series table of its WAL.
    pub(in crate::model) in_wal: SimTime,
    /// In the queues of its endpoints.
    pub(in crate::model) in_queues: SimTime,
}

/// The rule of truncation, and the times at which the endpoint does not advance.
#[derive(Clone, Debug)]
pub(super) struct Log {
    pub(super) truncation: Truncation,
    /// In order of time, disjoint.
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

    /// Since when dead series are kept after the truncation `back` periods before the last one.
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

    /// Since when a WAL keeps dead series after its truncation at `truncated`. `None` if none of
    /// its last `passed` truncations removed anything. The result never falls as `truncated` grows.
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

    /// Since when a WAL as old as the simulation, and its queues, keep dead series. The last
    /// truncation was at `truncated`; [`SimTime::ZERO`] if they keep everything.
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

/// First truncation after `at` of a process started at `started`; [`SimTime::NEVER`] without
/// truncations.
pub fn next_truncation(started: SimTime, every: SimDuration, at: SimTime) -> SimTime {
    if every.is_zero() {
        return SimTime::NEVER;
    }
    started + every * (at.since(started) / every + 1)
}

/// The one of `stalls` in which `at` lies. Stalls are disjoint and in order of time.
pub fn stall_at(stalls: &[Episode], at: SimTime) -> Option<&Episode> {
    let next = stalls.partition_point(|stall| stall.to < at);
    stalls.get(next).filter(|stall| stall.from < at)
}
