//! The write-ahead log of a process: since when it holds what has died.

use crate::model::load::timeline::Episode;
use crate::units::SimTime;

/// Truncation of the write-ahead log.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Truncation {
    /// Nanoseconds between two truncations; 0 = series leave memory when they die.
    pub every: u64,
    /// Nanoseconds for which dead series are kept at the least.
    pub keep_min: u64,
    /// Nanoseconds for which they are kept at the most while the endpoint does not advance.
    pub keep_max: u64,
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
    /// Nanosecond of its start; truncations follow from there.
    pub started: u64,
    /// Series that died before this nanosecond are gone.
    pub kept_from: u64,
    /// First nanosecond of which its log held samples at its start.
    pub wal_from: u64,
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
    /// Nanosecond at which they are gone.
    pub until: u64,
}

impl Extra {
    /// Live bytes right after `at`.
    pub fn at(&self, at: u64) -> f64 {
        if at < self.until { self.live } else { 0.0 }
    }
}

impl Process {
    /// Whether its log begins after `at`: the first process of a fleet that runs already stands for
    /// one that began a truncation earlier, of which nothing is known to have died.
    pub(super) fn is_yet_to_start(&self, at: u64) -> bool {
        at < self.kept_from
    }

    /// The process ends at `now`: its log has what moved away and was not yet collected.
    pub fn keep_residue(&mut self, now: u64) {
        self.residue = self.residue.map(|residue| Extra {
            live: residue.at(now),
            until: u64::MAX,
        });
    }

    /// Takes over the log of the process that `stopped` before it: samples, and series that had moved
    /// away, until the first truncation and until the queues let go.
    pub fn bring_back(&mut self, stopped: &Self, every: u64) {
        self.wal_from = stopped.wal_from.min(self.started);
        let periods = [1, 1 + QUEUE_PERIODS];
        for ((residue, old), periods) in self.residue.iter_mut().zip(stopped.residue).zip(periods) {
            *residue = Extra {
                live: old.live,
                until: self.started.saturating_add(periods * every),
            };
        }
    }

    /// From `now` on the WAL and the queues hold so many live bytes of series that moved away, below zero
    /// for those of targets that came, which had died before.
    pub fn leave_behind(&mut self, residue: [f64; 2], truncation: Truncation, now: u64) {
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
            let until = collected.saturating_add(periods * every);
            self.residue[place] = Extra { live, until };
        }
    }

    /// Live bytes of series that moved away and are not yet collected, and of shards that work off a
    /// backlog, right after `at`.
    pub fn extra_at(&self, at: u64) -> f64 {
        self.residue[0].at(at) + self.residue[1].at(at) + self.shards.at(at)
    }

    /// The same, without what is below zero.
    pub(super) fn extra_most(&self, at: u64) -> f64 {
        let [log, queue] = self.residue.map(|residue| residue.at(at).max(0.0));
        log + queue + self.shards.at(at)
    }

    /// The next nanosecond after `at` at which extra bytes are gone that no truncation collects.
    pub(super) fn extra_ends(&self, at: u64) -> u64 {
        if self.shards.until > at {
            self.shards.until
        } else {
            u64::MAX
        }
    }
}

/// Since when a process holds dead series, by holder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::model) struct Kept {
    /// In the table of its log.
    pub(in crate::model) in_wal: u64,
    /// In the queues of its endpoints.
    pub(in crate::model) in_queues: u64,
}

/// The rule of truncation, and the times at which the endpoint does not advance.
#[derive(Clone, Debug)]
pub(super) struct Log {
    pub(super) truncation: Truncation,
    /// In order of time, apart from each other.
    pub(super) stalls: Vec<Episode>,
}

impl Log {
    /// Nanosecond since which a process holds dead series at `at`, before a truncation at `at`.
    pub(super) fn kept_from(&self, process: &Process, at: u64) -> u64 {
        self.kept_by(process, at, 0)
    }

    /// Nanosecond since which the queues of a process hold the labels of dead series at `at`.
    pub(super) fn queued_from(&self, process: &Process, at: u64) -> u64 {
        self.kept_by(process, at, QUEUE_PERIODS)
    }

    /// What the truncation has left that was so many periods before the last one.
    fn kept_by(&self, process: &Process, at: u64, back: u64) -> u64 {
        let every = self.truncation.every;
        if every == 0 {
            return at;
        }
        let passed = at.saturating_sub(process.started).saturating_sub(1) / every;
        let passed = passed.saturating_sub(back);
        let truncated = process.started + passed * every;
        self.kept_after(truncated, passed)
            .map_or(process.kept_from, |kept| kept.max(process.kept_from))
    }

    /// Nanosecond since which a log keeps what has died after its truncation at `truncated`, if one
    /// of its last `passed` truncations removed anything. The later the truncation, the later that
    /// nanosecond.
    fn kept_after(&self, mut truncated: u64, passed: u64) -> Option<u64> {
        let Truncation {
            every,
            keep_min,
            keep_max,
            ..
        } = self.truncation;
        for _ in 0..passed {
            let previous = truncated.saturating_sub(every);
            match self.stall_at(truncated) {
                None => return Some(truncated - keep_min.min(truncated)),
                // The endpoint advanced between the two truncations, up to the start of the stall.
                Some(stall) if stall.from > SimTime::from_nanos(previous) => {
                    return Some(
                        (stall.from - SimTime::from_nanos(keep_min.min(stall.from.nanos())))
                            .nanos(),
                    );
                }
                Some(stall) if truncated - stall.from.nanos() > keep_max => {
                    return Some(truncated - keep_max);
                }
                Some(_) => truncated = previous,
            }
        }
        None
    }

    /// Since when a log that has always been there, and its queues, keep what has died after a truncation
    /// at `truncated`; 0 if they keep everything.
    pub(super) fn kept_by_old(&self, truncated: Option<u64>) -> Kept {
        let kept = |truncated: Option<u64>| {
            truncated.map_or(0, |truncated| {
                let passed = truncated / self.truncation.every.max(1);
                self.kept_after(truncated, passed).unwrap_or(0)
            })
        };
        let back = QUEUE_PERIODS * self.truncation.every;
        Kept {
            in_wal: kept(truncated),
            in_queues: kept(truncated.and_then(|truncated| truncated.checked_sub(back))),
        }
    }

    /// Since when a process holds what has died at `at`.
    pub(super) fn kept(&self, process: &Process, at: u64) -> Kept {
        Kept {
            in_wal: self.kept_from(process, at),
            in_queues: self.queued_from(process, at),
        }
    }

    /// First truncation of a process after `at`; never without truncations.
    pub(super) fn next_truncation(&self, process: &Process, at: u64) -> u64 {
        next_truncation(process.started, self.truncation.every, at)
    }

    /// The time around `at` in which the endpoint does not advance.
    pub(super) fn stall_at(&self, at: u64) -> Option<&Episode> {
        stall_at(&self.stalls, at)
    }
}

/// First truncation after `at` of a process started at `started`, `u64::MAX` without truncations.
pub fn next_truncation(started: u64, every: u64, at: u64) -> u64 {
    if every == 0 {
        return u64::MAX;
    }
    started.saturating_add((at.saturating_sub(started) / every + 1).saturating_mul(every))
}

/// The one of some stalls, in order and apart from each other, that is around `at`.
pub fn stall_at(stalls: &[Episode], at: u64) -> Option<&Episode> {
    let next = stalls.partition_point(|stall| stall.to < SimTime::from_nanos(at));
    stalls
        .get(next)
        .filter(|stall| stall.from < SimTime::from_nanos(at))
}
