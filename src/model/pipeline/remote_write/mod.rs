//! How fast a collector's remote write sends, and what an outage of its endpoint costs.

mod recovery;
mod shards;

use crate::model::blueprint::RemoteWrite;
use crate::model::wal::{Walk, Written};
use crate::units::{SimDuration, SimTime, Span};

use recovery::BATCHES_PER_SHARD;
pub use recovery::{
    BACK_OFF_FIRST_SECONDS, BACK_OFF_LONGEST_SECONDS, Pause, Reach, Recovery, attempts,
};
pub use shards::TICK_SECONDS;

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
    /// The truncation that ends the drain, if one does.
    pub cut: Option<Cut>,
}

/// A truncation that takes the segment after the one that a sender reads. The sender reads its own
/// segment to the end.
///
/// Simplified: it sends the rest of its own segment at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    /// When it comes.
    pub at: SimTime,
    /// Lost share of the backlog at that instant, in parts per billion.
    pub lost: u32,
}

impl Cut {
    /// A truncation at `at`, before which a sender was to read from `position` on. It loses what was
    /// written since `lost_from`.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "parts of a billion"
    )]
    pub fn new(at: SimTime, position: SimTime, lost_from: SimTime) -> Self {
        let lost = at.since(lost_from).nanos() as f64;
        let behind = at.since(position).nanos().max(1) as f64;
        Self {
            at,
            lost: ((lost / behind).min(1.0) * 1e9).round() as u32,
        }
    }

    /// Lost share of the backlog.
    pub fn share(self) -> f64 {
        f64::from(self.lost) / 1e9
    }
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

    /// Samples per second with every shard busy, as far as the reader of the WAL keeps up.
    pub fn capacity(&self) -> f64 {
        self.rate(self.settings.shards_max)
            .min(f64::from(self.settings.samples_read_per_second))
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

/// The truncation that ends a drain; `None` if none does. `lag` is the age of the oldest sample at the
/// start of the drain.
pub fn drain_cut<W: Written>(walk: &mut Walk<'_, W>, drain: Span, lag: SimDuration) -> Option<Cut> {
    let Span { from, to: until } = drain;
    let position = |at: SimTime| at.before(share_of(lag, until - at, until - from));
    let (at, lost_from) = walk.first_loss(drain, position)?;
    Some(Cut::new(at, position(at), lost_from))
}

/// `whole · part / of` without overflow.
fn share_of(whole: SimDuration, part: SimDuration, of: SimDuration) -> SimDuration {
    let [whole, part, of] = [whole, part, of].map(|length| u128::from(length.nanos()));
    u64::try_from(whole * part / of.max(1)).map_or(SimDuration::MAX, SimDuration::from_nanos)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sender(latency_seconds: f64) -> Sender {
        let settings = RemoteWrite {
            samples_per_send: 2_000,
            shards_min: 1,
            shards_max: 50,
            samples_read_per_second: u32::MAX,
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
}
