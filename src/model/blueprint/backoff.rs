//! When `loki.write` and `pyroscope.write` send again what failed.

/// When a sender tries again, and when it gives up. Both components use one library for it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Backoff {
    /// Attempts to send something, the first one included.
    pub attempts: u32,
    /// Least seconds of the first wait.
    pub first_seconds: f64,
    /// Greatest seconds of a wait.
    pub longest_seconds: f64,
}
