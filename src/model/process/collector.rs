//! One Alloy process: a state machine without a clock.

use crate::model::wal::Process;
use crate::units::{SimDuration, SimTime};

/// The back-off after the second kill in a row. After the first kill a container starts again at once.
///
/// Source: kubernetes/kubernetes, `pkg/kubelet/kuberuntime/kuberuntime_manager.go`, `doBackOff` (read
/// 2026-11).
const BACK_OFF_FIRST: SimDuration = SimDuration::from_secs(10);

/// The longest back-off, from which on a crash loop repeats itself.
///
/// Source: Kubernetes documentation, "Pod lifecycle", container restarts (read 2026-11).
pub const BACK_OFF_LONGEST: SimDuration = SimDuration::from_mins(5);

/// Time in service after which a kill starts the back-off anew.
///
/// Source: Kubernetes documentation, "Pod lifecycle", container restarts (read 2026-11).
const BACK_OFF_RESET: SimDuration = SimDuration::from_mins(10);

/// The phase of one collector process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Life {
    /// The node or pod of the collector does not exist.
    #[default]
    Absent,
    /// In service.
    Up,
    /// Between two processes, or replaying.
    Down,
}

/// What a replay of a WAL restores.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Replayed {
    /// Live bytes.
    pub live: f64,
    /// MiB of segments.
    pub mib: f64,
    /// Resident series.
    pub series: f64,
}

/// When a process began. In the warm-up a process may stand for one that began a truncation period
/// later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Began {
    /// Start of the process, from which its truncations are counted.
    pub started: SimTime,
    /// Since when the process holds dead series.
    pub kept_from: SimTime,
}

impl Began {
    /// A process that starts with an empty WAL.
    pub const fn empty(at: SimTime) -> Self {
        Self {
            started: at,
            kept_from: at,
        }
    }
}

/// Kills of one collector after another, without a long time in service in between.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Crashes {
    /// Number of kills since an operator helped, if one did.
    streak: u8,
    /// Time of the first of those kills.
    since: SimTime,
    /// Time of the first kill, whether or not an operator helped later.
    failing_since: Option<SimTime>,
    /// Live bytes at the last kill.
    live: f64,
}

/// One collector: its current process, and what its account needs.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Collector {
    /// The phase of the process.
    pub life: Life,
    /// What the memory of the process depends on.
    pub process: Process,
    /// Instant up to which the collector is accounted for.
    pub settled: SimTime,
    /// Instant up to which its memory has been followed for the tracks.
    pub observed: SimTime,
    /// Highest live bytes of this process and earlier ones, in service.
    pub live_peak: f64,
    /// Share of its CPU demand that its node grants.
    pub cpu_grant: f32,
    /// OOM kills so far.
    pub oom_kills: u32,
    /// Those of them by its node, not by a limit of its own.
    pub node_kills: u32,
    /// Starts so far, the first included.
    pub starts: u32,
    /// Time of the next planned interruption; never for none.
    pub interrupted_at: SimTime,
    /// Time of its one planned event; never for none.
    pub due: SimTime,
    /// Instant from which ring peers scrape the targets of its last process that ended.
    pub taken_at: SimTime,
    /// What a replay of its WAL restores at the next start.
    pub replayed: Replayed,
    /// Interruptions and replays drawn so far.
    pub drawn: u32,
    /// Kills since its last long time in service.
    crashes: Crashes,
    /// Version of its planned events: an event with an older stamp is stale.
    stamp: u16,
}

impl Collector {
    /// A process is in service from `now` on.
    pub fn start(&mut self, now: SimTime, began: Began) {
        self.life = Life::Up;
        self.process = Process::new(began.started, began.kept_from);
        self.settled = now;
        self.cpu_grant = 1.0;
        self.starts += 1;
        self.supersede();
    }

    /// The process ends, and its planned events become stale.
    pub fn stop(&mut self) {
        assert!(self.life == Life::Up, "only a running process can stop");
        self.life = Life::Down;
        self.supersede();
    }

    /// The pod waits to be created for the first time.
    pub fn await_turn(&mut self, now: SimTime) {
        self.life = Life::Down;
        self.settled = now;
    }

    /// The pod or node is gone.
    pub fn leave(&mut self) {
        self.life = Life::Absent;
        self.crashes = Crashes::default();
        self.supersede();
    }

    /// A kill at `now`, with `live` bytes. Returns the back-off before the next start.
    pub fn kill(&mut self, now: SimTime, live: f64) -> SimDuration {
        self.reset_back_off(now);
        let crashes = &mut self.crashes;
        if crashes.streak == 0 {
            crashes.since = now;
        }
        crashes.failing_since.get_or_insert(now);
        crashes.live = live;
        let earlier = crashes.streak;
        crashes.streak = crashes.streak.saturating_add(1);
        match earlier {
            0 => SimDuration::ZERO,
            _ => (BACK_OFF_FIRST * (1 << u64::from(earlier.min(8) - 1))).min(BACK_OFF_LONGEST),
        }
    }

    /// Some of the starts in vain that follow a kill needed `live` bytes.
    pub fn note_crash(&mut self, live: f64) {
        self.live_peak = self.live_peak.max(live);
        self.crashes.live = self.crashes.live.max(live);
    }

    /// Counts OOM kills, by its node or by a limit of its own.
    pub fn count_kills(&mut self, kills: u64, by_node: bool) {
        let kills = u32::try_from(kills).unwrap_or(u32::MAX);
        self.oom_kills = self.oom_kills.saturating_add(kills);
        if by_node {
            self.node_kills = self.node_kills.saturating_add(kills);
        }
    }

    /// A new pod replaces the pod of the process that ends at `now`. A new pod has no back-off.
    pub fn replace_pod(&mut self, now: SimTime) {
        self.reset_back_off(now);
        self.crashes.streak = 0;
    }

    /// Ends a crash loop if the process that ends at `now` was long in service.
    fn reset_back_off(&mut self, now: SimTime) {
        if now.since(self.process.started) > BACK_OFF_RESET {
            (self.crashes.streak, self.crashes.failing_since) = (0, None);
        }
    }

    /// Time of the first kill of the crash loop; `None` outside one.
    pub fn looping_since(&self) -> Option<SimTime> {
        (self.crashes.streak > 0).then_some(self.crashes.since)
    }

    /// Since when the collector has failed, if it is down after a kill or in a crash loop at `now`.
    pub fn failing_since(&self, now: SimTime) -> Option<SimTime> {
        let is_failing = self.life == Life::Down && self.crashes.streak > 0;
        let failing_since = self.crashes.failing_since;
        failing_since.filter(|_| is_failing || self.looping_with(now).is_some())
    }

    /// Live bytes at the last kill of a crash loop that has not ended at `now`. The last start was
    /// killed, too, and the present process has not served for long.
    pub fn looping_with(&self, now: SimTime) -> Option<f64> {
        let is_new = now.since(self.process.started) <= BACK_OFF_RESET;
        let loops = self.life == Life::Down || is_new;
        (loops && self.crashes.streak > 1).then_some(self.crashes.live)
    }

    /// An operator ended the crash loop.
    pub fn end_loop(&mut self) {
        self.crashes.streak = 0;
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
        let mut now = SimTime::ZERO;
        collector.start(now, Began::empty(now));
        let mut seconds = Vec::new();
        for _ in 0..8 {
            now += SimDuration::from_secs(1);
            let back_off = collector.kill(now, 1.0);
            collector.stop();
            seconds.push(back_off.secs_f64());
            now += back_off;
            collector.start(now, Began::empty(now));
        }
        assert_eq!(seconds, [0.0, 10.0, 20.0, 40.0, 80.0, 160.0, 300.0, 300.0]);
        now += BACK_OFF_RESET;
        let mut late = collector;
        assert_eq!(late.kill(now.just_after(), 1.0), SimDuration::ZERO);
        assert_eq!(collector.kill(now, 1.0), BACK_OFF_LONGEST);
    }
}
