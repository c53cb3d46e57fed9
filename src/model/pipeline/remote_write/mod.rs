//! How fast a collector's remote write sends, and what a pause of its endpoint costs.

mod recovery;
mod shards;

use crate::model::blueprint::RemoteWrite;
use crate::model::wal::next_truncation;

use crate::units::{SimDuration, SimTime};
use recovery::BATCHES_PER_SHARD;
pub use recovery::{BACK_OFF_SECONDS, Pause, Recovery};
pub use shards::TICK_SECONDS;

/// Share of the WAL written since a truncation that the sender may be behind without losing data.
///
/// Source: Grafana Alloy documentation, `prometheus.remote_write`, data retention (read 2026-11).
pub const LAG_SHARE: u64 = 3;

/// CPU time to send a sample of a backlog, in full batches, over that of a sample sent as it comes.
///
/// INFERRED: 1.5 against 2.14 microseconds in a measurement of ours (not published) of Prometheus 2.42
/// in agent mode, whose queue is Alloy's.
pub const CATCH_UP_CPU: f64 = 1.5 / 2.14;

/// The sender of metrics of one fleet to one endpoint in one draw.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sender {
    /// Queue settings.
    pub settings: RemoteWrite,
    /// Mean seconds until a batch is through at its endpoint, retries included.
    pub latency_seconds: f64,
}

/// How a backlog is worked off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Drain {
    /// First nanosecond.
    pub from: u64,
    /// Nanosecond at which nothing is left.
    pub until: u64,
    /// Nanosecond at which a truncation takes what is left, if that comes first.
    pub cut: Option<u64>,
}

/// Mean seconds until a batch is through whose requests take `latency` seconds and fail with the
/// probability `errors`, all retries and the waits between them included.
///
/// Source: prometheus/prometheus, `storage/remote/queue_manager.go`, `sendWriteRequestWithBackoff`,
/// v3.13.2: retried without end.
pub fn batch_seconds(latency: f64, errors: f64) -> f64 {
    const RETRIES_MAX: i32 = 10_000;
    let (first, longest) = BACK_OFF_SECONDS;
    let (mut seconds, mut reached, mut wait) = (latency, errors, first);
    for _ in 0..RETRIES_MAX {
        if reached < 1e-12 {
            break;
        }
        seconds += reached * (wait + latency);
        reached *= errors;
        wait = (2.0 * wait).min(longest);
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

    /// Samples that so many full shards hold.
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

    /// Connections to one endpoint with this many shards at work.
    pub fn connections(&self, shards: u32) -> u32 {
        if self.settings.http2 { 1 } else { shards }
    }
}

/// Whether a pause from `since` to `until` loses the backlog of a process: the one truncation that
/// still happens comes when the sender is behind by more than a third of what was written, or a later
/// one when the WAL has reached its greatest age. `frozen` says since when another queue behind the same
/// log has held it back at an instant.
///
/// Source: Grafana Alloy documentation, `prometheus.remote_write`, data retention; grafana/agent
/// issue 400 (read 2026-11).
pub fn pause_loses(
    started: u64,
    (every, keep_max): (u64, u64),
    (since, until): (u64, u64),
    frozen: impl Fn(u64) -> Option<u64>,
) -> bool {
    let mut truncated = next_truncation(
        SimTime::from_nanos(started),
        SimDuration::from_nanos(every),
        SimTime::from_nanos(since),
    )
    .nanos();
    while truncated <= until {
        let held = frozen(truncated).map_or(since, |other| other.min(since));
        let removes = held > truncated.saturating_sub(every) || truncated - held > keep_max;
        if removes && truncated - since > every / LAG_SHARE {
            return true;
        }
        truncated = truncated.saturating_add(every);
    }
    false
}

/// Nanosecond at which a truncation takes what a drain has not yet worked off, if one does: `lag` is
/// the age of the oldest sample at the start of the drain; `removes` says whether a truncation removes
/// anything.
pub fn drain_cut(
    (started, every): (u64, u64),
    (from, until): (u64, u64),
    lag: u64,
    removes: impl Fn(u64) -> bool,
) -> Option<u64> {
    let mut truncated = next_truncation(
        SimTime::from_nanos(started),
        SimDuration::from_nanos(every),
        SimTime::from_nanos(from),
    )
    .nanos();
    while truncated < until {
        let left = share_of(lag, until - truncated, until - from);
        if left > every / LAG_SHARE && removes(truncated) {
            return Some(truncated);
        }
        truncated = truncated.saturating_add(every);
    }
    None
}

/// `whole · part / of` without overflow.
fn share_of(whole: u64, part: u64, of: u64) -> u64 {
    u64::try_from(u128::from(whole) * u128::from(part) / u128::from(of.max(1))).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: u64 = 60_000_000_000;
    const HOUR: u64 = 60 * MINUTE;

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
        let loses =
            |since, length| pause_loses(0, (2 * HOUR, 8 * HOUR), (since, since + length), |_| None);
        // The truncation at 2 h comes 30 min into the pause: less than a third of two hours.
        assert!(!loses(90 * MINUTE, HOUR));
        // It comes 50 min into it.
        assert!(loses(70 * MINUTE, HOUR));
        // The pause is over before it.
        assert!(!loses(10 * MINUTE, HOUR));
        assert!(loses(110 * MINUTE, 11 * HOUR));
        // The last truncation within it comes after 6 h 10 min, or after 8 h 10 min.
        assert!(!loses(110 * MINUTE, 8 * HOUR));
        assert!(loses(110 * MINUTE, 8 * HOUR + 11 * MINUTE));
    }

    #[test]
    fn another_queue_holds_the_truncation_back() {
        // It has been away since half past nothing; this one goes at 3:10 and is back at 5.
        let pause = (190 * MINUTE, 5 * HOUR);
        let loses = |frozen| pause_loses(0, (2 * HOUR, 8 * HOUR), pause, |_| frozen);
        assert!(loses(None), "the truncation at 4 h comes 50 min into it");
        assert!(!loses(Some(30 * MINUTE)));
        let late = |at: u64| (at > 0).then_some(30 * MINUTE);
        let pause = (9 * HOUR, 11 * HOUR);
        let loses = pause_loses(0, (2 * HOUR, 8 * HOUR), pause, late);
        assert!(loses, "the log is too old at 10 h");
    }

    #[test]
    fn a_slow_drain_is_cut_by_a_truncation() {
        let cut = |until, lag| drain_cut((0, 2 * HOUR), (HOUR, until), lag, |_| true);
        assert_eq!(cut(90 * MINUTE, HOUR), None);
        assert_eq!(cut(5 * HOUR, HOUR), Some(2 * HOUR));
        assert_eq!(cut(5 * HOUR, 30 * MINUTE), None);
        let held_back = drain_cut((0, 2 * HOUR), (HOUR, 5 * HOUR), HOUR, |at| at > 2 * HOUR);
        assert_eq!(held_back, None, "at 4 h little is left");
    }
}
