//! How one sender works off the backlog of a pause, tick by tick.

use super::Sender;
use super::shards::{Sent, ShardBounds, ShardRule, TICK_SECONDS};

/// Seconds of the first wait before a retry. Waits double up to the longest.
///
/// Source: Grafana Alloy documentation, `prometheus.remote_write`, `min_backoff` (read 2026-11).
pub const BACK_OFF_FIRST_SECONDS: f64 = 0.03;

/// Seconds of the longest wait before a retry.
///
/// Source: Grafana Alloy documentation, `prometheus.remote_write`, `max_backoff` (read 2026-11).
pub const BACK_OFF_LONGEST_SECONDS: f64 = 5.0;

/// Batches that a full shard holds: five in its queue, one that fills, one on its way.
///
/// Source: prometheus/prometheus, `storage/remote/queue_manager.go`, v3.13.2: capacity over
/// `max_samples_per_send` in the channel, for Alloy's defaults 10,000 and 2,000.
pub(super) const BATCHES_PER_SHARD: f64 = 7.0;

/// Seconds after which a batch is sent that is not full.
///
/// Source: Grafana Alloy documentation, `prometheus.remote_write`, `batch_send_deadline`
/// (read 2026-11).
const BATCH_DEADLINE_SECONDS: f64 = 5.0;

/// Ticks after which a recovery that does not converge counts as going on unchanged.
const TICKS_MAX: u32 = 10_000;

/// A pause of an endpoint: the backlog, and the phases of the sender at its end.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pause {
    /// Seconds without any sample sent.
    pub seconds: f64,
    /// Samples that wait in the WAL.
    pub backlog: f64,
    /// Inflow in samples per second.
    pub inflow: f64,
    /// Seconds until the next tick of the shard rule, from 0 to 10.
    pub tick_in: f64,
    /// Phase of the end of the pause between two retries, from 0 to 1.
    pub retry_phase: f64,
    /// Seconds until an attempt fails during the pause.
    pub attempt_seconds: f64,
}

/// What bounds a sender that works off a backlog.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reach {
    /// Samples per second that the collector has the CPU to send.
    pub rate_max: f64,
    /// Connections at first: requests on their way at once.
    pub connections: f64,
    /// Connections from `more_in` seconds on.
    pub connections_later: f64,
    /// Seconds until `connections_later` count.
    pub more_in: f64,
}

impl Reach {
    /// A sender that CPU alone bounds.
    pub const fn of_cpu(rate_max: f64) -> Self {
        Self {
            rate_max,
            connections: f64::INFINITY,
            connections_later: f64::INFINITY,
            more_in: 0.0,
        }
    }

    /// The same with another bound of the rate.
    #[must_use]
    fn at_most(self, rate_max: f64) -> Self {
        Self {
            rate_max: self.rate_max.min(rate_max),
            ..self
        }
    }
}

/// How a backlog is worked off.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Recovery {
    /// Seconds until the backlog is worked off, infinite if that never happens.
    pub seconds: f64,
    /// Most shards at once, during the recovery and shortly after. A batch that waited out the
    /// pause makes the sender want more shards even without a backlog.
    pub shards_peak: u32,
}

impl Sender {
    /// Works off the backlog of a pause, within its reach. Shards without a connection of their own
    /// wait for one that is idle.
    ///
    /// Simplified: between ticks every busy shard sends full batches at the mean latency. All
    /// shards find the endpoint back at the same retry.
    pub fn recover(&self, pause: &Pause, reach: Reach) -> Recovery {
        let reach = reach.at_most(f64::from(self.settings.samples_read_per_second));
        let shards = self.steady_shards(pause.inflow);
        let batch = self.batch(pause.inflow, shards);
        let bounds = ShardBounds {
            least: self.settings.shards_min,
            greatest: self.settings.shards_max,
        };
        let mut rule = ShardRule::steady(pause.inflow, batch, self.latency_seconds, bounds);
        #[expect(clippy::cast_possible_truncation, reason = "casts saturate")]
        rule.idle((pause.seconds / TICK_SECONDS) as i32);
        let wait = back_off(pause.seconds) + pause.attempt_seconds.min(pause.seconds);
        let resumed = pause.retry_phase * wait;
        let course = Course {
            sender: self,
            pause,
            reach,
            // The number of shards changes no sooner than two waits after the last failure.
            fixed_until: resumed + wait,
            now: 0.0,
            backlog: pause.backlog,
            shards,
            changing: None,
            resumed: resumed + self.latency_seconds,
            partial_until: 0.0,
            drained: None,
        };
        course.run(rule, batch)
    }

    /// Samples of one batch in steady state.
    pub fn batch(&self, inflow: f64, shards: u32) -> f64 {
        let full = f64::from(self.settings.samples_per_send);
        let filled = inflow * BATCH_DEADLINE_SECONDS / f64::from(shards.max(1));
        filled.clamp(1.0, full)
    }
}

/// Requests of one shard that fail in an outage of some seconds. Each takes `attempt_seconds`, and
/// waits between them double from the first to the longest.
///
/// Source: prometheus/prometheus, `storage/remote/queue_manager.go`, `sendWriteRequestWithBackoff`,
/// v3.13.2: retried without end.
pub fn attempts(outage: f64, attempt_seconds: f64) -> f64 {
    let (mut count, mut at, mut wait) = (0.0, 0.0, BACK_OFF_FIRST_SECONDS);
    while at < outage && wait < BACK_OFF_LONGEST_SECONDS {
        count += 1.0;
        at += attempt_seconds + wait;
        wait = (2.0 * wait).min(BACK_OFF_LONGEST_SECONDS);
    }
    let left = (outage - at).max(0.0);
    count + (left / (attempt_seconds + BACK_OFF_LONGEST_SECONDS)).ceil()
}

/// Seconds between two retries after `pause` seconds.
fn back_off(pause: f64) -> f64 {
    // After waits of w seconds together, the next wait is w + the first.
    (pause + BACK_OFF_FIRST_SECONDS).min(BACK_OFF_LONGEST_SECONDS)
}

/// A change of the number of shards.
#[derive(Clone, Copy)]
struct Change {
    shards: u32,
    /// When the old shards have sent what they hold, in seconds since the endpoint answers again.
    at: f64,
}

/// A recovery in progress. Times are in seconds since the endpoint answers again.
struct Course<'a> {
    sender: &'a Sender,
    pause: &'a Pause,
    reach: Reach,
    fixed_until: f64,
    now: f64,
    backlog: f64,
    shards: u32,
    /// The change of shards in progress.
    changing: Option<Change>,
    /// When the batches that waited out the pause have arrived.
    resumed: f64,
    /// When batches that never fill have been sent.
    partial_until: f64,
    /// When the backlog was worked off.
    drained: Option<f64>,
}

impl Course<'_> {
    fn run(mut self, mut rule: ShardRule, batch: f64) -> Recovery {
        let mut peak = self.shards;
        let mut tick_at = self.pause.tick_in;
        let mut held_up = true;
        for _ in 0..TICKS_MAX {
            let mut sent = self.advance(tick_at, batch);
            let succeeded = sent.samples > 0.0 || (held_up && self.resumed <= tick_at);
            if succeeded && std::mem::take(&mut held_up) {
                // The batches that waited report the whole pause as their duration.
                let shards = f64::from(self.shards);
                sent.samples += batch * shards;
                sent.seconds += shards * (self.pause.seconds + self.resumed);
            }
            let wanted = rule.tick(sent, self.shards, self.backlog);
            let may_change = succeeded && tick_at >= self.fixed_until && self.changing.is_none();
            if may_change && wanted != self.shards {
                // The old shards first send what they hold, while the reader of the WAL waits.
                self.changing = Some(Change {
                    shards: wanted,
                    at: tick_at + BATCHES_PER_SHARD * self.sender.latency_seconds,
                });
                peak = peak.max(wanted);
            }
            // The batches that waited weigh less with every tick.
            let calm = self.drained.is_some() && may_change && wanted <= peak;
            if calm || self.is_final(peak, wanted) {
                break;
            }
            tick_at += TICK_SECONDS;
        }
        Recovery {
            seconds: self.drained.unwrap_or_else(|| self.rest()),
            shards_peak: peak,
        }
    }

    /// Whether nothing changes before the backlog is worked off. The greatest number of shards is
    /// at work, and falls only when the sender has caught up.
    fn is_final(&self, peak: u32, wanted: u32) -> bool {
        self.changing.is_none()
            && wanted == self.shards
            && self.shards == peak
            && peak == self.sender.settings.shards_max
            && self.now >= self.reach.more_in
    }

    /// Seconds until the backlog is worked off if nothing changes.
    fn rest(&self) -> f64 {
        let spare = self.rate() - self.pause.inflow;
        if spare > 0.0 {
            self.now + self.backlog / spare
        } else {
            f64::INFINITY
        }
    }

    fn rate(&self) -> f64 {
        let by_connections = self.sender.rate(1) * self.connections();
        let by_shards = self.sender.rate(self.shards);
        by_shards.min(by_connections).min(self.reach.rate_max)
    }

    /// Connections that there are now.
    fn connections(&self) -> f64 {
        if self.now < self.reach.more_in {
            self.reach.connections
        } else {
            self.reach.connections_later
        }
    }

    /// Seconds until a batch is accepted, with the wait for a connection while there is a backlog.
    fn batch_seconds(&self) -> f64 {
        if self.drained.is_some() {
            return self.sender.latency_seconds;
        }
        let sharers = f64::from(self.shards) / self.connections();
        self.sender.latency_seconds * sharers.max(1.0)
    }

    /// Sends until `to`. Batches are full while there is a backlog, then have the `batch` samples
    /// of steady state.
    fn advance(&mut self, to: f64, batch: f64) -> Sent {
        let mut sent = Sent::default();
        let full = f64::from(self.sender.settings.samples_per_send);
        while self.now < to {
            if let Some(change) = self.changing.take_if(|change| change.at <= self.now) {
                self.start_shards(change.shards);
            }
            let mut change = self.changing.map_or(f64::INFINITY, |change| change.at);
            if self.now < self.reach.more_in {
                change = change.min(self.reach.more_in);
            }
            let (mut until, rate, size) = if self.now < self.resumed {
                (to.min(self.resumed), 0.0, full)
            } else if self.drained.is_some() {
                (to.min(change), self.pause.inflow, batch)
            } else {
                (to.min(change), self.rate(), full)
            };
            let seconds = self.batch_seconds();
            let spare = rate - self.pause.inflow;
            let mut length = until - self.now;
            let clears = self.backlog <= spare * length || self.backlog <= 0.0;
            if self.drained.is_none() && self.now >= self.resumed && clears {
                length = self.backlog / spare.max(f64::MIN_POSITIVE);
                until = self.now + length;
                self.drained = Some(until.max(self.partial_until));
            }
            let samples = rate * length;
            sent.samples += samples;
            sent.seconds += samples / size * seconds;
            self.backlog = (self.backlog - spare * length).max(0.0);
            self.now = until;
        }
        sent
    }

    /// The old shards have sent what they held, so `shards` new ones begin.
    fn start_shards(&mut self, shards: u32) {
        self.shards = shards;
        let full = f64::from(shards) * f64::from(self.sender.settings.samples_per_send);
        if self.backlog < full {
            // A backlog smaller than one batch per shard leaves with the deadline of batches.
            let latency = self.sender.latency_seconds;
            self.partial_until = self.now + BATCH_DEADLINE_SECONDS + latency;
        }
    }
}
