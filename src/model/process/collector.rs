//! One Alloy process: a state machine without a clock.

use crate::model::wal::{Extra, Process};
use crate::units::SimTime;

/// Length of the first back-off after a kill, and of the longest, in seconds.
///
/// Source: Kubernetes documentation, "Pod lifecycle", container restarts (read 2026-11).
const BACK_OFF_SECONDS: (u64, u64) = (10, 300);

/// Nanoseconds of the longest back-off: from here on a crash loop repeats itself.
pub const BACK_OFF_LONGEST: u64 = BACK_OFF_SECONDS.1 * 1_000_000_000;

/// Nanoseconds in service after which a kill starts the back-off anew.
///
/// Source: Kubernetes documentation, "Pod lifecycle", container restarts (read 2026-11).
const BACK_OFF_RESET: u64 = 600_000_000_000;

/// Where in its life a collector is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Life {
    /// Its node or pod does not exist.
    #[default]
    Absent,
    /// In service.
    Up,
    /// Between two processes, or replaying.
    Down,
}

/// What a WAL brings back when it is replayed.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Replayed {
    /// Live bytes.
    pub live: f64,
    /// MiB of segments.
    pub mib: f64,
    /// Resident series.
    pub series: f64,
}

/// One Alloy process and what the accounts need to know of it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Collector {
    /// Where in its life it is.
    pub life: Life,
    /// What its memory depends on.
    pub process: Process,
    /// Nanosecond up to which everything is accounted for.
    pub settled: u64,
    /// Nanosecond up to which its memory has been followed for the tracks.
    pub observed: u64,
    /// Highest live bytes of this and earlier processes, in service.
    pub live_peak: f64,
    /// Share of its CPU demand that its node grants.
    pub cpu_grant: f32,
    /// Kills for memory so far.
    pub oom_kills: u32,
    /// Starts so far, the first included.
    pub starts: u32,
    /// Nanosecond of the next interruption that is planned, `u64::MAX` for none.
    pub interrupted_at: u64,
    /// Nanosecond of the one event that is planned for it, `u64::MAX` for none.
    pub due: u64,
    /// Nanosecond from which peers scrape the targets of the last process that ended.
    pub taken_at: u64,
    /// What its WAL brings back at the next start.
    pub replayed: Replayed,
    /// Interruptions and replays drawn so far.
    pub drawn: u32,
    /// Kills since it was last long in service.
    streak: u8,
    /// Nanosecond of the first of those kills.
    looping_since: u64,
    /// Recognises superseded events.
    stamp: u16,
}

impl Collector {
    /// A collector in service since `started`, holding what died since `kept_from`.
    pub fn start(&mut self, now: u64, started: u64, kept_from: u64) {
        self.life = Life::Up;
        self.process = Process {
            started: SimTime::from_nanos(started),
            kept_from: SimTime::from_nanos(kept_from),
            wal_from: SimTime::from_nanos(started),
            residue: [Extra::default(); 2],
            shards: Extra::default(),
        };
        self.settled = now;
        self.cpu_grant = 1.0;
        self.starts += 1;
        self.supersede();
    }

    /// The process ends; what was planned for it no longer holds.
    pub fn stop(&mut self) {
        assert!(self.life == Life::Up, "only a running process can stop");
        self.life = Life::Down;
        self.supersede();
    }

    /// The pod is to be created later, for the first time.
    pub fn await_turn(&mut self, now: u64) {
        self.life = Life::Down;
        self.settled = now;
    }

    /// The pod or node is gone.
    pub fn leave(&mut self) {
        self.life = Life::Absent;
        self.supersede();
    }

    /// Counts a kill at `now` and returns the back-off in nanoseconds before the next start.
    pub fn kill(&mut self, now: u64) -> u64 {
        self.reset_back_off(now);
        if self.streak == 0 {
            self.looping_since = now;
        }
        self.oom_kills += 1;
        let (first, longest) = BACK_OFF_SECONDS;
        let seconds = first
            .saturating_mul(1 << u64::from(self.streak.min(8)))
            .min(longest);
        self.streak = self.streak.saturating_add(1);
        seconds * 1_000_000_000
    }

    /// A process that ends at `now` after long service is in no crash loop.
    pub fn reset_back_off(&mut self, now: u64) {
        if now.saturating_sub(self.process.started.nanos()) > BACK_OFF_RESET {
            self.streak = 0;
        }
    }

    /// Nanosecond of the first kill of a crash loop, if it is in one.
    pub fn looping_since(&self) -> Option<u64> {
        (self.streak > 0).then_some(self.looping_since)
    }

    /// Somebody ended the crash loop.
    pub fn end_loop(&mut self) {
        self.streak = 0;
    }

    /// The stamp that events planned now must carry.
    pub fn stamp(&self) -> u16 {
        self.stamp
    }

    /// Makes every planned event of this collector stale.
    pub fn supersede(&mut self) {
        self.stamp = self.stamp.wrapping_add(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn back_off_doubles_to_five_minutes_and_resets() {
        let mut collector = Collector::default();
        let mut now = 0;
        collector.start(now, now, now);
        let mut seconds = Vec::new();
        for _ in 0..7 {
            now += 1_000_000_000;
            let back_off = collector.kill(now);
            collector.stop();
            seconds.push(back_off / 1_000_000_000);
            now += back_off;
            collector.start(now, now, now);
        }
        assert_eq!(seconds, [10, 20, 40, 80, 160, 300, 300]);
        now += BACK_OFF_RESET + 1;
        assert_eq!(collector.kill(now) / 1_000_000_000, 10);
    }
}
