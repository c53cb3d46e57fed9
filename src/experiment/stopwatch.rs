//! Where an experiment spends its time. The clock is the caller's, and no result depends on it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Tells the time since some instant, from any thread.
pub type Clock<'a> = &'a (dyn Fn() -> Duration + Sync);

/// What an experiment spends its time on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// All draws of all cases, from the first to begin to the last to end.
    Draws,
    /// Within draws, summed over threads: timelines, drivers and fleets are built.
    Drivers,
    /// Within draws, summed over threads: events are handled, outcomes are written.
    Simulate,
    /// The worst draw of each case is simulated again, with its happenings written down.
    Record,
    /// Outcomes become intervals and verdicts.
    Reduce,
}

/// Adds up what each phase takes.
pub struct Stopwatch<'a> {
    clock: Clock<'a>,
    nanos: [AtomicU64; Phase::Reduce as usize + 1],
}

impl<'a> Stopwatch<'a> {
    /// A stopwatch that reads `clock` and stands at zero.
    pub fn new(clock: Clock<'a>) -> Self {
        Self {
            clock,
            nanos: Default::default(),
        }
    }

    /// Time spent on a phase so far.
    pub fn spent(&self, phase: Phase) -> Duration {
        Duration::from_nanos(self.nanos[phase as usize].load(Ordering::Relaxed))
    }

    /// Does `work` and adds its time to `phase`.
    pub(super) fn time<T>(&self, phase: Phase, work: impl FnOnce() -> T) -> T {
        let begin = (self.clock)();
        let done = work();
        let spent = (self.clock)().saturating_sub(begin);
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
        let ticks = AtomicU64::new(0);
        // Every reading of this clock is a second after the one before.
        let clock = || Duration::from_secs(ticks.fetch_add(1, Ordering::Relaxed));
        let stopwatch = Stopwatch::new(&clock);
        let nested = stopwatch.time(Phase::Draws, || stopwatch.time(Phase::Simulate, || 7));
        stopwatch.time(Phase::Simulate, || ());
        assert_eq!(nested, 7);
        assert_eq!(stopwatch.spent(Phase::Draws), Duration::from_secs(3));
        assert_eq!(stopwatch.spent(Phase::Simulate), Duration::from_secs(2));
        assert_eq!(stopwatch.spent(Phase::Reduce), Duration::ZERO);
    }
}
