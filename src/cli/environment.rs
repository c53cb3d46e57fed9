//! What a manifest says of the machine and the hour; no result depends on it.
#![expect(
    clippy::disallowed_methods,
    reason = "the clock is read for the manifest only, never by simulated code"
)]

use std::num::NonZero;
use std::time::Instant;
use std::{env, fs, thread};

use serde_json::{Value, json};

/// When a scenario started.
pub(super) struct Clock {
    timestamp: jiff::Timestamp,
    instant: Instant,
}

impl Clock {
    /// Starts now.
    pub(super) fn start() -> Self {
        Self {
            timestamp: jiff::Timestamp::now(),
            instant: Instant::now(),
        }
    }
}

/// The `environment` block of a scenario that started with `clock` and ends now.
pub(super) fn describe(clock: &Clock, threads: Option<usize>) -> Value {
    // Empty where the system does not tell it as Linux does.
    let host = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    json!({
        "host": host.trim(),
        "system": format!("{}-{}", env::consts::ARCH, env::consts::OS),
        "cores": cores,
        "threads": threads.unwrap_or(cores),
        "started_utc": clock.timestamp.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        "elapsed_seconds": clock.instant.elapsed().as_secs_f64(),
    })
}
