//! How fast a collector's remote write sends, and what an outage of its endpoint costs.

mod recovery;
mod shards;

use crate::model::blueprint::RemoteWrite;
use crate::model::wal::{Truncation, next_truncation};
use crate::units::{SimDuration, SimTime, Span};

use recovery::BATCHES_PER_SHARD;
pub use recovery::{BACK_OFF_FIRST_SECONDS, BACK_OFF_LONGEST_SECONDS, Pause, Reach, Recovery};
pub use shards::TICK_SECONDS;

/// Divisor of the time between truncations: a sender further behind than one third loses data.
///
/// Source: Grafana Alloy documentation, `prometheus.remote_write`, data retention (read 2026-11).
pub const LAG_SHARE: u64 = 3;

/// CPU time to send a sample of a backlog, in full batches, over that of a sample in steady state.
///
/// INFERRED: 1.5 against 2.14 microseconds. Both are from a measurement of ours (not published) of
/// Prometheus 2.42 in agent mode, whose queue is Alloy's.
pub const CATCH_UP_CPU: f64 = 1.5 / 2.14;

/// The sender of metrics of one fleet to one endpoint in one draw.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sender {
    /// Queue settings.
    pub settings: RemoteWrite,
    /// Mean seconds until an endpoint has accepted a batch, retries included.
    pub latency_seconds: f64,
}

/// How a backlog is worked off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Drain {
    /// When the drain begins.
    pub from: SimTime,
    /// When the backlog is worked off.
    pub until: SimTime,
    /// When a truncation takes the rest of the backlog, if that comes first.
    pub cut: Option<SimTime>,
}

/// Mean seconds until a batch is accepted, with all retries and waits. A request takes `latency`
/// seconds and fails with the probability `errors`.
///
/// Source: prometheus/prometheus, `storage/remote/queue_manager.go`, `sendWriteRequestWithBackoff`,
/// v3.13.2: retried without end.
pub fn batch_seconds(latency: f64, errors: f64) -> f64 {
    const RETRIES_MAX: i32 = 10_000;
    let (mut seconds, mut reached, mut wait) = (latency, errors, BACK_OFF_FIRST_SECONDS);
    for _ in 0..RETRIES_MAX {
        if reached < 1e-12 {
            break;
        }
        seconds += reached * (wait + latency);
        reached *= errors;
        wait = (2.0 * wait).min(BACK_OFF_LONGEST_SECONDS);
    }
    seconds
}

impl Sender {
    /// Samples per second with `shards` shards: shards × batch / mean latency.
    ///
    /// Source: Grafana Alloy documentation, `prometheus.remote_write`, Tune `max_shards`
    /// (read 2026-11).
    pub fn rate(&self, shards: u32) -> f64 {
        f64::from(shards) * f64::from(self.settings.samples_per_send) / self.latency_seconds
    }

    /// Samples per second with every shard busy.
    pub fn capacity(&self) -> f64 {
        self.rate(self.settings.shards_max)
    }

    /// Samples that `shards` full shards hold.
    pub fn samples_held(&self, shards: u32) -> f64 {
        f64::from(shards) * BATCHES_PER_SHARD * f64::from(self.settings.samples_per_send)
    }

    /// Shards that a steady inflow needs.
    pub fn steady_shards(&self, inflow: f64) -> u32 {
        let RemoteWrite {
            shards_min,
            shards_max,
            ..
        } = self.settings;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "float to integer casts saturate"
        )]
        let needed = (inflow / self.rate(1)).ceil() as u32;
        needed.clamp(shards_min, shards_max)
    }

    /// Connections to one endpoint with `shards` shards at work.
    pub fn connections(&self, shards: u32) -> u32 {
        if self.settings.http2 { 1 } else { shards }
    }
}

/// Whether a pause loses the backlog of a process that `started` before it. A truncation overtakes
/// a sender that is behind by more than a third of what was written. After that, truncations remove
/// nothing until the WAL has reached its greatest age. `frozen` says since when another queue of
/// the same WAL stops truncations at an instant.
///
/// Source: Grafana Alloy documentation, `prometheus.remote_write`, data retention; grafana/agent
/// issue 400 (read 2026-11).
pub fn pause_loses(
    started: SimTime,
    truncation: Truncation,
    pause: Span,
    frozen: impl Fn(SimTime) -> Option<SimTime>,
) -> bool {
    let Truncation {
        every, keep_max, ..
    } = truncation;
    let since = pause.from;
    let mut truncated = next_truncation(started, every, since);
    while truncated <= pause.to {
        let held = frozen(truncated).map_or(since, |other| other.min(since));
        let removes = held > truncated.before(every) || truncated - held > keep_max;
        if removes && truncated - since > every / LAG_SHARE {
            return true;
        }
        truncated += every;
    }
    false
}

/// When a truncation takes what a drain has not yet worked off; `None` if none does. `lag` is the
/// age of the oldest sample at the start of the drain. `removes` says whether a truncation removes
/// anything.
pub fn drain_cut(
    started: SimTime,
    every: SimDuration,
    drain: Span,
    lag: SimDuration,
    removes: impl Fn(SimTime) -> bool,
) -> Option<SimTime> {
    let Span { from, to: until } = drain;
    let mut truncated = next_truncation(started, every, from);
    while truncated < until {
        let left = share_of(lag, until - truncated, until - from);
        if left > every / LAG_SHARE && removes(truncated) {
            return Some(truncated);
        }
        truncated += every;
    }
    None
}

/// `whole · part / of` without overflow.
fn share_of(whole: SimDuration, part: SimDuration, of: SimDuration) -> SimDuration {
    let [whole, part, of] = [whole, part, of].map(|length| u128::from(length.nanos()));
    u64::try_from(whole * part / of.max(1)).map_or(SimDuration::MAX, SimDuration::from_nanos)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRUNCATION: Truncation = Truncation {
        every: SimDuration::from_hours(2),
        keep_min: SimDuration::ZERO,
        keep_max: SimDuration::from_hours(8),
        in_queues: 0.0,
    };

    /// The instant `minutes` after the start.
    const fn at(minutes: u64) -> SimTime {
        SimTime::from_nanos(SimDuration::from_mins(minutes).nanos())
    }

    fn sender(latency_seconds: f64) -> Sender {
        let settings = RemoteWrite {
            samples_per_send: 2_000,
            shards_min: 1,
            shards_max: 50,
            http2: false,
        };
        Sender {
            settings,
            latency_seconds,
        }
    }

    #[test]
    fn the_documented_ceiling() {
        assert!((sender(0.5).capacity() - 200_000.0).abs() < 1e-6);
        assert_eq!(sender(0.1).steady_shards(1e6 / 60.0), 1);
        assert_eq!(sender(0.5).steady_shards(1e6 / 15.0), 17);
    }

    #[test]
    fn a_truncation_overtakes_a_long_pause_only() {
        let loses = |since, length| {
            let pause = Span::new(at(since), at(since + length));
            pause_loses(SimTime::ZERO, TRUNCATION, pause, |_| None)
        };
        // The truncation at 2 h comes 30 min into the pause: less than a third of two hours.
        assert!(!loses(90, 60));
        // The truncation comes 50 min into the pause.
        assert!(loses(70, 60));
        // The pause ends before the truncation.
        assert!(!loses(10, 60));
        assert!(loses(110, 11 * 60));
        // The last truncation of the pause comes after 6 h 10 min, or after 8 h 10 min.
        assert!(!loses(110, 8 * 60));
        assert!(loses(110, 8 * 60 + 11));
    }

    #[test]
    fn another_queue_holds_the_truncation_back() {
        // The other endpoint is down since 0:30. This one goes down at 3:10 and is back at 5:00.
        let pause = Span::new(at(190), at(5 * 60));
        let loses = |frozen| pause_loses(SimTime::ZERO, TRUNCATION, pause, |_| frozen);
        assert!(loses(None), "the truncation at 4 h comes 50 min into it");
        assert!(!loses(Some(at(30))));
        let late = |now: SimTime| (now > SimTime::ZERO).then_some(at(30));
        let pause = Span::new(at(9 * 60), at(11 * 60));
        let loses = pause_loses(SimTime::ZERO, TRUNCATION, pause, late);
        assert!(loses, "the log is too old at 10 h");
    }

    #[test]
    fn a_slow_drain_is_cut_by_a_truncation() {
        let cut = |until, lag, removes: fn(SimTime) -> bool| {
            let drain = Span::new(at(60), at(until));
            let lag = SimDuration::from_mins(lag);
            drain_cut(SimTime::ZERO, TRUNCATION.every, drain, lag, removes)
        };
        assert_eq!(cut(90, 60, |_| true), None);
        assert_eq!(cut(5 * 60, 60, |_| true), Some(at(2 * 60)));
        assert_eq!(cut(5 * 60, 30, |_| true), None);
        let held_back = cut(5 * 60, 60, |now| now > at(2 * 60));
        assert_eq!(held_back, None, "at 4 h little is left");
    }
}
