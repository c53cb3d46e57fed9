//! The rule by which a sender of metrics sets its number of shards, as in Prometheus and Alloy.

/// Seconds between two updates of the number of shards.
///
/// Source: prometheus/prometheus, `storage/remote/queue_manager.go`, `shardUpdateDuration`, v3.13.2.
pub const TICK_SECONDS: f64 = 10.0;

/// Weight of the newest rate in the sender's averages.
///
/// Source: prometheus/prometheus, `storage/remote/queue_manager.go`, `ewmaWeight`, v3.13.2.
const NEWEST: f64 = 0.2;

/// Share by which the desired number must differ from the present one to count.
///
/// Source: prometheus/prometheus, `storage/remote/queue_manager.go`, `shardToleranceFraction`,
/// v3.13.2.
const TOLERANCE: f64 = 0.3;

/// Share of the backlog that is to be worked off per second.
///
/// Source: prometheus/prometheus, `storage/remote/queue_manager.go`, `calculateDesiredShards`,
/// v3.13.2.
const CATCH_UP: f64 = 0.05;

/// Lag in seconds from which on the number of shards is not lowered.
///
/// Source: prometheus/prometheus, `storage/remote/queue_manager.go`, `calculateDesiredShards`,
/// v3.13.2.
const BEHIND_SECONDS: f64 = TICK_SECONDS;

/// What was sent since the last tick.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Sent {
    /// Samples.
    pub(super) samples: f64,
    /// Seconds that the batches took, retries included, summed over batches.
    pub(super) seconds: f64,
}

/// Bounds of the number of shards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ShardBounds {
    pub(super) least: u32,
    pub(super) greatest: u32,
}

/// The averages from which a sender computes its desired shards.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct ShardRule {
    /// Inflow in samples per second.
    inflow: f64,
    bounds: ShardBounds,
    /// Averages per second of what was sent.
    rates: Sent,
}

impl ShardRule {
    /// A sender that has long sent `inflow` samples per second. Batches have `batch` samples and
    /// take `latency` seconds each.
    pub(super) fn steady(inflow: f64, batch: f64, latency: f64, bounds: ShardBounds) -> Self {
        let rates = Sent {
            samples: inflow,
            seconds: inflow / batch * latency,
        };
        Self {
            inflow,
            bounds,
            rates,
        }
    }

    /// `ticks` ticks pass without any sample sent.
    pub(super) fn idle(&mut self, ticks: i32) {
        let kept = (1.0 - NEWEST).powi(ticks);
        self.rates.samples *= kept;
        self.rates.seconds *= kept;
    }

    /// The desired shards after a tick of ten seconds in which `sent` was sent. The sender has
    /// `shards` shards and `pending` unsent samples.
    pub(super) fn tick(&mut self, sent: Sent, shards: u32, pending: f64) -> u32 {
        let average = |old: &mut f64, new: f64| *old += NEWEST * (new / TICK_SECONDS - *old);
        average(&mut self.rates.samples, sent.samples);
        average(&mut self.rates.seconds, sent.seconds);
        if self.rates.samples <= 0.0 {
            return shards;
        }
        let per_sample = self.rates.seconds / self.rates.samples;
        let wanted = (per_sample * (self.inflow + CATCH_UP * pending)).ceil();
        let present = f64::from(shards);
        let near = (1.0 - TOLERANCE) * present <= wanted && wanted <= (1.0 + TOLERANCE) * present;
        let is_behind = pending > BEHIND_SECONDS * self.inflow;
        if near || (wanted < present && is_behind) {
            return shards;
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "float to integer casts saturate"
        )]
        let wanted = wanted as u32;
        wanted.clamp(self.bounds.least, self.bounds.greatest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: ShardBounds = ShardBounds {
        least: 1,
        greatest: 50,
    };

    /// Computed by hand from the source.
    #[test]
    fn a_steady_sender_keeps_its_shards() {
        // 1M series every 15 s at 0.5 s: 66,667 / 2,000 x 0.5 = 16.7.
        let mut rule = ShardRule::steady(1e6 / 15.0, 2_000.0, 0.5, BOUNDS);
        let sent = Sent {
            samples: 1e7 / 15.0,
            seconds: 1e7 / 15.0 / 2_000.0 * 0.5,
        };
        assert_eq!(rule.tick(sent, 17, 0.0), 17);
        assert_eq!(rule.tick(sent, 14, 0.0), 14, "within 30 %");
        assert_eq!(rule.tick(sent, 10, 0.0), 17);
        assert_eq!(
            rule.tick(sent, 40, 11e6 / 15.0),
            40,
            "not while it is behind"
        );
        // 1 s behind: 16.7 x 1.05 = 17.5.
        assert_eq!(rule.tick(sent, 40, 1e6 / 15.0), 18);
        // 60 s behind: 16.7 x (1 + 0.05 x 60) = 66.7.
        assert_eq!(rule.tick(sent, 17, 6e7 / 15.0), 50);
    }

    #[test]
    fn what_nobody_sends_is_forgotten_by_a_fifth_per_tick() {
        let mut rule = ShardRule::steady(100.0, 500.0, 0.1, BOUNDS);
        rule.idle(3);
        assert!((rule.rates.samples - 51.2).abs() < 1e-9);
        assert!((rule.rates.seconds - 0.010_24).abs() < 1e-12);
        // 100 samples in a batch of one minute: (0.01024 · 0.8 + 1.2) / (51.2 · 0.8 + 2) per
        // sample.
        let sent = Sent {
            samples: 100.0,
            seconds: 60.0,
        };
        // 0.02814 s per sample, times 100 + 0.05 · 20 · 100 per second: 5.6.
        assert_eq!(rule.tick(sent, 1, 2_000.0), 6);
    }
}
