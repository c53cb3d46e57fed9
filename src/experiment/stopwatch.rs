//! Computing time of an experiment by phase. The clocks are the caller's, and no result depends on
//! them.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Reads a time that only grows, from any thread.
pub type Clock<'a> = &'a (dyn Fn() -> Duration + Sync);

/// The clocks that a stopwatch reads.
#[derive(Clone, Copy)]
pub struct Clocks<'a> {
    /// Time since some instant.
    pub wall: Clock<'a>,
    /// Computing time of the calling thread.
    pub thread: Clock<'a>,
}

/// What a study spends computing time on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Timelines, drivers and fleets of draws are built.
    Drivers,
    /// Events are handled, outcomes are written.
    Simulate,
    /// A worst draw is simulated again, with its event records.
    Record,
    /// Outcomes become intervals and verdicts.
    Reduce,
    /// Results become an answer and files.
    Render,
}

/// Adds up what each phase of a study computes, over all threads.
pub struct Stopwatch<'a> {
    clocks: Clocks<'a>,
    begin: OnceLock<Duration>,
    nanos: [AtomicU64; Phase::Render as usize + 1],
}

impl<'a> Stopwatch<'a> {
    /// A stopwatch that reads `clocks` and stands at zero.
    pub fn new(clocks: Clocks<'a>) -> Self {
        Self {
            clocks,
            begin: OnceLock::new(),
            nanos: Default::default(),
        }
    }

    /// Computing time spent on a phase so far.
    pub fn spent(&self, phase: Phase) -> Duration {
        Duration::from_nanos(self.nanos[phase as usize].load(Ordering::Relaxed))
    }

    /// Wall time at the start of the first phase; the present wall time if none has begun.
    pub fn begin(&self) -> Duration {
        *self.begin.get_or_init(|| (self.clocks.wall)())
    }

    /// Wall time since the first phase began.
    pub fn elapsed(&self) -> Duration {
        let begin = self.begin();
        (self.clocks.wall)().saturating_sub(begin)
    }

    /// Does `work` and adds its time to `phase`, if there is a stopwatch.
    pub fn time<T>(stopwatch: Option<&Self>, phase: Phase, work: impl FnOnce() -> T) -> T {
        let Some(Self {
            clocks,
            begin,
            nanos,
        }) = stopwatch
        else {
            return work();
        };
        begin.get_or_init(|| (clocks.wall)());
        let begin = (clocks.thread)();
        let done = work();
        let spent = (clocks.thread)().saturating_sub(begin);
        let spent = u64::try_from(spent.as_nanos()).unwrap_or(u64::MAX);
        nanos[phase as usize].fetch_add(spent, Ordering::Relaxed);
        done
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_phase_has_its_own_sum() {
        let ticks = [AtomicU64::new(0), AtomicU64::new(0)];
        // Every reading is `step` seconds after the one before.
        let read = |clock: usize, step| ticks[clock].fetch_add(step, Ordering::Relaxed);
        let clocks = Clocks {
            wall: &|| Duration::from_secs(read(0, 100)),
            thread: &|| Duration::from_secs(read(1, 1)),
        };
        let stopwatch = Stopwatch::new(clocks);
        let watch = Some(&stopwatch);
        let nested = Stopwatch::time(watch, Phase::Render, || {
            Stopwatch::time(watch, Phase::Simulate, || 7)
        });
        Stopwatch::time(watch, Phase::Simulate, || ());
        assert_eq!(nested, 7);
        assert_eq!(stopwatch.spent(Phase::Render), Duration::from_secs(3));
        assert_eq!(stopwatch.spent(Phase::Simulate), Duration::from_secs(2));
        assert_eq!(stopwatch.spent(Phase::Reduce), Duration::ZERO);
        assert_eq!(stopwatch.elapsed(), Duration::from_secs(100));
    }
}
