//! The write-ahead log of a process: since when it holds what has died.

use crate::fleet::timeline::Episode;

/// Truncation of the write-ahead log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Truncation {
    /// Nanoseconds between two truncations; 0 = series leave memory when they die.
    pub every: u64,
    /// Nanoseconds for which dead series are kept at the least.
    pub keep_min: u64,
    /// Nanoseconds for which they are kept at the most while the endpoint does not advance.
    pub keep_max: u64,
}

/// What of a process decides which dead series it still holds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Process {
    /// Nanosecond of its start; truncations follow from there.
    pub started: u64,
    /// Series that died before this nanosecond are gone.
    pub kept_from: u64,
    /// Live bytes of series that moved away and are not yet collected; below zero for those of targets
    /// that came, which had died before.
    pub residue: f64,
    /// Nanosecond at which they are.
    pub residue_until: u64,
}

impl Process {
    /// Whether its log begins after `at`: the first process of a fleet that runs already stands for
    /// one that began a truncation earlier, of which nothing is known to have died.
    pub(super) fn is_yet_to_start(&self, at: u64) -> bool {
        at < self.kept_from
    }

    /// Live bytes of series that moved away and are not yet collected right after `at`.
    pub fn residue_at(&self, at: u64) -> f64 {
        if at < self.residue_until {
            self.residue
        } else {
            0.0
        }
    }
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
        let every = self.truncation.every;
        if every == 0 {
            return at;
        }
        let passed = at.saturating_sub(process.started).saturating_sub(1) / every;
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
        } = self.truncation;
        for _ in 0..passed {
            let previous = truncated.saturating_sub(every);
            match self.stall_at(truncated) {
                None => return Some(truncated - keep_min.min(truncated)),
                // The endpoint advanced between the two truncations, up to the start of the stall.
                Some(stall) if stall.from > previous => {
                    return Some(stall.from - keep_min.min(stall.from));
                }
                Some(stall) if truncated - stall.from > keep_max => {
                    return Some(truncated - keep_max);
                }
                Some(_) => truncated = previous,
            }
        }
        None
    }

    /// As [`Self::kept_after`] for a log that has always been there; 0 if it keeps everything.
    pub(super) fn kept_by_old(&self, truncated: Option<u64>) -> u64 {
        truncated.map_or(0, |truncated| {
            let passed = truncated / self.truncation.every.max(1);
            self.kept_after(truncated, passed).unwrap_or(0)
        })
    }

    /// First truncation of a process after `at`; never without truncations.
    pub(super) fn next_truncation(&self, process: &Process, at: u64) -> u64 {
        let every = self.truncation.every;
        if every == 0 {
            return u64::MAX;
        }
        let passed = at.saturating_sub(process.started) / every;
        process.started.saturating_add((passed + 1) * every)
    }

    /// The time around `at` in which the endpoint does not advance.
    pub(super) fn stall_at(&self, at: u64) -> Option<&Episode> {
        let next = self.stalls.partition_point(|stall| stall.to < at);
        self.stalls.get(next).filter(|stall| stall.from < at)
    }
}
