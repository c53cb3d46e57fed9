//! What is counted in the recorded time.

use super::collector::{Delivery, Intake, Moves};
use super::plan::STREAMS;

/// What is counted from the start of the recorded time.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    pub intake: Intake,
    /// One per endpoint.
    pub deliveries: Vec<Delivery>,
    pub kills: u32,
    pub restarts: u32,
    pub down_nanos: u128,
    pub lived_nanos: u128,
    pub collectors_start: usize,
    pub series_peak: f64,
    pub series_end: f64,
    pub series_of_one_peak: f64,
    pub inflow_of_one_peak: f64,
    pub backlog_peak: f64,
    pub backlog_age_peak: u64,
    /// Whether a sender could not keep up, so that its backlog has peaks between the looks at it.
    pub lagged: bool,
    pub drain_peak: u64,
    /// Seconds.
    pub stop_peak: f64,
    /// Work that stops flushed.
    pub flushed: u128,
    pub shards_peak: u32,
    /// One per endpoint.
    pub catch_up_ratio: Vec<f64>,
    pub restart_live: f64,
    pub moves: Moves,
    pub first_kill: Option<u64>,
    pub first_loss: Option<u64>,
    pub first_unsafe: Option<u64>,
}

impl Tally {
    /// Nothing yet.
    pub(super) fn new(endpoints: usize) -> Self {
        Self {
            deliveries: vec![Delivery::default(); endpoints],
            catch_up_ratio: vec![1.0; endpoints],
            ..Self::default()
        }
    }

    /// Work of one fate, to all endpoints.
    pub(super) fn delivered(&self, fate: impl Fn(&Delivery) -> [u128; STREAMS]) -> [u128; STREAMS] {
        let mut sum = [0; STREAMS];
        for delivery in &self.deliveries {
            add(&mut sum, fate(delivery));
        }
        sum
    }
}

/// The earlier of what was seen first and `at`.
pub(super) fn first(seen: &mut Option<u64>, at: u64) {
    *seen = Some(seen.map_or(at, |seen| seen.min(at)));
}

/// Adds work to sums, stream by stream.
pub(super) fn add(sums: &mut [u128; STREAMS], work: [u128; STREAMS]) {
    for (sum, work) in sums.iter_mut().zip(work) {
        *sum += work;
    }
}
