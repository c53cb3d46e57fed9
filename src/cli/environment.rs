//! What a manifest says of the machine and the hour; no result depends on it.
#![expect(
    clippy::disallowed_methods,
    reason = "the clock is read for the manifest only, never by simulated code"
)]

use std::fs;
use std::num::NonZero;
use std::thread;
use std::time::Instant;

/// When a scenario started.
pub(super) struct Clock {
    started: jiff::Timestamp,
    instant: Instant,
}

impl Clock {
    /// Starts now.
    pub(super) fn start() -> Self {
        Self {
            started: jiff::Timestamp::now(),
            instant: Instant::now(),
        }
    }

    /// The start in UTC, `2026-11-22T14:15:30Z`.
    pub(super) fn started(&self) -> String {
        self.started.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
    }

    /// Seconds since the start.
    pub(super) fn elapsed_seconds(&self) -> f64 {
        self.instant.elapsed().as_secs_f64()
    }
}

/// Name of this machine; empty where Linux does not tell it.
pub(super) fn host() -> String {
    fs::read_to_string("/proc/sys/kernel/hostname")
        .map(|name| name.trim().to_owned())
        .unwrap_or_default()
}

/// Threads used when the user names no number.
pub(super) fn cores() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get)
}
