//! What a manifest and `--timings` state of the machine and the hour. No result depends on it.
#![expect(
    clippy::disallowed_methods,
    reason = "the clock is read to be shown, never by simulated code"
)]

use std::num::NonZero;
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use rustix::time::ClockId;
use serde_json::{Value, json};

use crate::experiment::stopwatch::Stopwatch;

/// When the simulation of all scenarios started.
pub(super) struct Clock {
    timestamp: jiff::Timestamp,
    instant: Instant,
}

impl Clock {
    /// Starts a clock now.
    pub(super) fn start() -> Self {
        Self {
            timestamp: jiff::Timestamp::now(),
            instant: Instant::now(),
        }
    }

    /// Time since the start of the clock.
    pub(super) fn elapsed(&self) -> Duration {
        self.instant.elapsed()
    }
}

/// Computing time of this thread.
pub(super) fn thread_time() -> Duration {
    let time = rustix::time::clock_gettime(ClockId::ThreadCPUTime);
    time.try_into().expect("a thread computes since it began")
}

/// Number of threads that simulate, where the user asks for `wanted`.
pub(super) fn threads(wanted: Option<u16>) -> usize {
    wanted.map_or_else(cores, usize::from)
}

fn cores() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get)
}

/// The peak memory of the process. `None` unless the system reports it as Linux does.
pub(super) fn peak_memory_bytes() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let mut lines = status.lines();
    let peak = lines.find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = peak.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kibibytes << 10)
}

/// The `environment` block of a scenario that `stopwatch` measured and that ends now.
pub(super) fn describe(clock: &Clock, stopwatch: &Stopwatch<'_>, threads: usize) -> Value {
    let started = clock.timestamp + stopwatch.begin();
    // Empty unless the system reports it as Linux does.
    let host = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    json!({
        "host": host.trim(),
        "system": format!("{}-{}", env::consts::ARCH, env::consts::OS),
        "cores": cores(),
        "threads": threads,
        "started_utc": started.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        "elapsed_seconds": stopwatch.elapsed().as_secs_f64(),
    })
}
