//! The WAL on disk: since when it holds samples.

use super::{Log, Process, Resident};
use crate::units::{SimDuration, SimTime};

/// Truncations after which nothing is left of an older WAL: each leaves a third.
const FORGOTTEN_AFTER: u64 = 16;

impl Log {
    /// Whether a truncation at `truncated` removes anything. That is so if the sender has advanced
    /// since the truncation before, or is too far behind.
    pub(super) fn removes(&self, truncated: SimTime) -> bool {
        let previous = truncated.before(self.truncation.every);
        self.stall_at(truncated).is_none_or(|stall| {
            stall.from > previous || truncated - stall.from > self.truncation.keep_max
        })
    }

    /// How far a WAL reaches back after a truncation, if it reached back `length` before.
    ///
    /// Source: prometheus/prometheus, `tsdb/agent/db.go`, `truncate`: the first two thirds of the segments
    /// become a checkpoint (read 2026-11).
    ///
    /// Simplified: two thirds of the time, not of the segments. At a steady rate all segments hold
    /// as much.
    fn after_truncation(&self, truncated: SimTime, length: SimDuration) -> SimDuration {
        if self.removes(truncated) {
            length / 3
        } else {
            length
        }
    }
}

impl Resident {
    /// First instant of which the WAL of a process holds samples at `at`, before a truncation at
    /// `at`.
    pub fn wal_begins(&self, process: &Process, at: SimTime) -> SimTime {
        let every = self.log.truncation.every;
        if every.is_zero() {
            return at;
        }
        let passed = at.just_before().since(process.started) / every;
        let (mut truncated, mut length) = if passed > FORGOTTEN_AFTER {
            let first = process.started + every * (passed - FORGOTTEN_AFTER);
            (first, every / 2)
        } else {
            let began = process.wal_from.min(process.started);
            (process.started, process.started - began)
        };
        while truncated + every < at {
            truncated += every;
            length = self.log.after_truncation(truncated, length + every);
        }
        truncated.before(length).min(at)
    }

    /// The last truncation of a process up to `at`; `None` before the first. A WAL is longest right
    /// before a truncation.
    pub fn last_truncation(&self, process: &Process, at: SimTime) -> Option<SimTime> {
        let every = self.log.truncation.every;
        if every.is_zero() {
            return None;
        }
        let passed = at.since(process.started) / every;
        (passed > 0).then(|| process.started + every * passed)
    }

    /// The longest time that a WAL covers, beyond what it covered at the start of its process.
    pub fn wal_longest(&self) -> SimDuration {
        let every = self.log.truncation.every;
        let stalled = self.log.stalls.iter().map(|stall| stall.to - stall.from);
        every
            + every / 2
            + stalled
                .max()
                .map_or(SimDuration::ZERO, |stalled| stalled + every)
    }
}
