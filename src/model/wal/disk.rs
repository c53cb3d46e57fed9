//! The write-ahead log on disk: since when it holds samples.

use super::{Log, Process, Resident};
use crate::units::{SimDuration, SimTime};

/// Truncations after which nothing is left of what a log was before: each leaves a third.
const FORGOTTEN_AFTER: u64 = 16;

impl Log {
    /// Whether a truncation at `truncated` removes anything: the sender has advanced since the one before,
    /// or is too far behind.
    pub(super) fn removes(&self, truncated: u64) -> bool {
        let previous = truncated.saturating_sub(self.truncation.every);
        self.stall_at(truncated).is_none_or(|stall| {
            stall.from > SimTime::from_nanos(previous)
                || truncated - stall.from.nanos() > self.truncation.keep_max
        })
    }

    /// Nanoseconds that a log reaches back after a truncation before which it reached back `length`.
    ///
    /// Source: prometheus/prometheus, `tsdb/agent/db.go`, `truncate`: the first two thirds of the segments
    /// become a checkpoint (read 2026-11).
    ///
    /// Simplified: of its time, not of its segments, which hold as much at a steady rate.
    fn after_truncation(&self, truncated: u64, length: u64) -> u64 {
        if self.removes(truncated) {
            length / 3
        } else {
            length
        }
    }
}

impl Resident {
    /// The first nanosecond of which the WAL of a process holds samples at `at`, before a truncation at
    /// `at`.
    pub fn wal_begins(&self, process: &Process, at: u64) -> u64 {
        let every = self.log.truncation.every;
        if every == 0 {
            return at;
        }
        let passed = at.saturating_sub(process.started).saturating_sub(1) / every;
        let (mut truncated, mut length) = if passed > FORGOTTEN_AFTER {
            let first = process.started + (passed - FORGOTTEN_AFTER) * every;
            (first, every / 2)
        } else {
            let began = process.wal_from.min(process.started);
            (process.started, process.started - began)
        };
        while truncated + every < at {
            truncated += every;
            length = self.log.after_truncation(truncated, length + every);
        }
        (truncated - length).min(at)
    }

    /// The last truncation of a process up to `at`, if there has been one: its log is longest right before
    /// it.
    pub fn last_truncation(&self, process: &Process, at: u64) -> Option<u64> {
        let every = self.log.truncation.every;
        let passed = at.saturating_sub(process.started).checked_div(every)?;
        (passed > 0).then(|| process.started + passed * every)
    }

    /// Nanoseconds that no log grows by beyond what it had at the start of its process.
    pub fn wal_longest(&self) -> u64 {
        let every = self.log.truncation.every;
        let stalled = self.log.stalls.iter().map(|stall| stall.to - stall.from);
        every
            + every / 2
            + stalled.max().map_or(0, |stalled| {
                (stalled + SimDuration::from_nanos(every)).nanos()
            })
    }
}
