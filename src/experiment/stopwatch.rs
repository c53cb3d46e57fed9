//! Where an experiment spends its time. The clocks are the caller's, and no result depends on them.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Tells a time that only grows, from any thread.
pub type Clock<'a> = &'a (dyn Fn() -> Duration + Sync);

/// What a stopwatch reads.
#[derive(Clone, Copy)]
pub struct Clocks<'a> {
    /// Time since some instant.
    pub wall: Clock<'a>,
    /// Time that the calling thread has computed.
    pub thread: Clock<'a>,
}

/// What an experiment spends its time on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// All draws of all cases, from the first to begin to the last to end.
    Draws,
    /// Computed within draws, over all threads: timelines, drivers and fleets are built.
    Drivers,
    /// Computed within draws, over all threads: events are handled, outcomes are written.
    Simulate,
    /// The worst draw of each case is simulated again, with its event records.
    Record,
    /// Outcomes become intervals and verdicts.
    Reduce,
}

/// Adds up what each phase takes.
pub struct Stopwatch<'a> {
    clocks: Clocks<'a>,
    nanos: [AtomicU64; Phase::Reduce as usize + 1],
}

impl<'a> Stopwatch<'a> {
    /// A stopwatch that reads `clocks` and stands at zero.
    pub fn new(clocks: Clocks<'a>) -> Self {
        Self {
            clocks,
            nanos: Default::default(),
        }
    }

    /// Time spent on a phase so far.
    pub fn spent(&self, phase: Phase) -> Duration {
        Duration::from_nanos(self.nanos[phase as usize].load(Ordering::Relaxed))
    }

    /// Does `work` and adds its time to `phase`.
    pub(super) fn time<T>(&self, phase: Phase, work: impl FnOnce() -> T) -> T {
        let clock = match phase {
            Phase::Drivers | Phase::Simulate => self.clocks.thread,
            Phase::Draws | Phase::Record | Phase::Reduce => self.clocks.wall,
        };
        let begin = clock();
        let done = work();
        let spent = clock().saturating_sub(begin);
        let nanos = u64::try_from(spent.as_nanos()).unwrap_or(u64::MAX);
        self.nanos[phase as usize].fetch_add(nanos, Ordering::Relaxed);
        done
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_phase_has_its_own_sum() {
        let ticks = [AtomicU64::new(0), AtomicU64::new(0)];
        // Every reading is so many seconds after the one before.
        let read = |clock: usize, step| ticks[clock].fetch_add(step, Ordering::Relaxed);
        let clocks = Clocks {
            wall: &|| Duration::from_secs(read(0, 100)),
            thread: &|| Duration::from_secs(read(1, 1)),
        };
        let stopwatch = Stopwatch::new(clocks);
        let nested = stopwatch.time(Phase::Draws, || stopwatch.time(Phase::Simulate, || 7));
        stopwatch.time(Phase::Simulate, || ());
        assert_eq!(nested, 7);
        assert_eq!(stopwatch.spent(Phase::Draws), Duration::from_secs(100));
        assert_eq!(stopwatch.spent(Phase::Simulate), Duration::from_secs(2));
        assert_eq!(stopwatch.spent(Phase::Reduce), Duration::ZERO);
    }
}
