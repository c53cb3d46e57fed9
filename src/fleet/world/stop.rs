//! Graceful stops: what a collector that is asked to end still sends, and how long that takes.

use crate::fleet::collector::Sending;
use crate::units::SimTime;

use super::World;
use super::fail::End;
use super::fleet::FleetState;
use super::settle::left_over;
use super::setup::nanos;

/// Nanoseconds for which a sender flushes at the most, whatever the grace period.
///
/// Source: grafana/alloy, `internal/component/prometheus/remotewrite/remote_write.go`,
/// `remoteFlushDeadline` of 1 min (read 2026-11).
const FLUSH_LONGEST: u64 = 60_000_000_000;

/// What waits to be sent as a collector stops.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Unsent {
    /// Samples.
    samples: f64,
    /// Samples per second that leave it, 0 while its endpoint is away.
    rate: f64,
}

impl World<'_> {
    /// How a process really ends: one that is asked to stop flushes first, and stays away for so much
    /// longer. Killed ones and those whose node is gone flush nothing.
    pub(super) fn flush_before(&mut self, fleet: usize, index: u32, end: End, now: u64) -> End {
        match end {
            End::Asked { away } => End::Asked {
                away: away.saturating_add(self.flush(fleet, index, now)),
            },
            End::Killed { .. } | End::NodeLost { .. } => end,
        }
    }

    /// A collector that is asked to stop sends what it can of its backlog; returns the nanoseconds
    /// that this takes. Its targets are handed over as it begins.
    ///
    /// Simplified: a steady sender stops at once, and an endpoint that is away or back at the start of
    /// a stop is so until its end.
    pub(super) fn flush(&mut self, fleet: usize, index: u32, now: u64) -> u64 {
        let limit = nanos(self.blueprint.fleets[fleet].lifecycle.grace).min(FLUSH_LONGEST);
        let state = &mut self.fleets[fleet];
        let unsent = state.unsent(index, now);
        if unsent.samples <= 0.0 {
            return 0;
        }
        let needed = SimTime::from_secs_f64(unsent.samples / unsent.rate).nanos();
        let takes = limit.min(needed);
        if unsent.rate > 0.0 {
            state.send_part(index, (takes, needed));
        }
        state.tally.stop_peak_nanos = state.tally.stop_peak_nanos.max(takes);
        takes
    }
}

impl FleetState {
    /// How much a collector has not sent at `now`, up to which it is settled, and how fast it leaves.
    ///
    /// Simplified: a flush goes on at the rate of the drain that it ends, as if the log could still be
    /// read; Prometheus' sender only flushes what its shards hold.
    fn unsent(&self, index: u32, now: u64) -> Unsent {
        let samples = self.backlog_samples(index);
        let taken_in = || self.inflow(index, now).min(self.sender.capacity());
        let rate = match self.collectors[index as usize].sending {
            Sending::Steady => f64::INFINITY,
            Sending::Stalled { .. } => 0.0,
            // What comes in leaves too, however little the backlog falls.
            Sending::Draining(drain) if drain.until == u64::MAX => taken_in(),
            Sending::Draining(drain) => {
                samples / (drain.until.saturating_sub(now) as f64 / 1e9) + taken_in()
            }
        };
        Unsent { samples, rate }
    }

    /// Sends `part` of every `of` of a collector's backlog; all of it if `of` is 0.
    fn send_part(&mut self, index: u32, (part, of): (u64, u64)) {
        let streams = self.streams.len();
        for stream in 0..streams {
            let slot = &mut self.backlog[index as usize * streams + stream];
            let kept = left_over(*slot, of - part, of);
            self.ledger.accounts[stream].sent += *slot - kept;
            *slot = kept;
        }
    }
}
