//! What a queue model counts, and the batches it is counted in.

use alloy_sim::engine::{Calendar, Model, run};
use alloy_sim::units::{SimDuration, SimTime};

use super::verdict::Estimate;

/// Counts and sums since the simulation began; lengths in nanoseconds.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tally {
    /// Until when the integrals are complete.
    until: SimTime,
    pub(crate) arrivals: u64,
    /// Service time brought along by all arrivals, also those turned away.
    offered: u64,
    /// Services begun, those begun after waiting, and the waiting in sum.
    begun: u64,
    waited: u64,
    wait: u64,
    pub(crate) departures: u64,
    pub(crate) sojourn: u64,
    /// Integral of the number of customers, and of its square.
    pub(crate) number: u64,
    number_squared: u128,
    /// Time during which all servers were busy.
    full: u64,
}

impl Tally {
    /// Integrates up to `now`, while `number` customers were present at `server_count` servers.
    pub(crate) fn integrate(&mut self, now: SimTime, number: u64, server_count: u64) {
        let length = (now - self.until).nanos();
        self.number += number * length;
        self.number_squared += u128::from(number * number) * u128::from(length);
        if number >= server_count {
            self.full += length;
        }
        self.until = now;
    }

    pub(crate) fn arrive(&mut self, service: SimDuration) {
        self.arrivals += 1;
        self.offered += service.nanos();
    }

    pub(crate) fn begin(&mut self, wait: SimDuration) {
        self.begun += 1;
        self.waited += u64::from(wait > SimDuration::ZERO);
        self.wait += wait.nanos();
    }

    pub(crate) fn depart(&mut self, sojourn: SimDuration) {
        self.departures += 1;
        self.sojourn += sojourn.nanos();
    }

    pub(crate) fn wait_mean(&self) -> f64 {
        self.wait as f64 / self.begun as f64 / 1e9
    }

    pub(crate) fn waited_share(&self) -> f64 {
        self.waited as f64 / self.begun as f64
    }

    pub(crate) fn sojourn_mean(&self) -> f64 {
        self.sojourn as f64 / self.departures as f64 / 1e9
    }

    pub(crate) fn number_mean(&self) -> f64 {
        self.number as f64 / self.length()
    }

    pub(crate) fn number_variance(&self) -> f64 {
        self.number_squared as f64 / self.length() - self.number_mean().powi(2)
    }

    /// By PASTA, the share of arrivals that find all servers busy, with less noise.
    pub(crate) fn full_share(&self) -> f64 {
        self.full as f64 / self.length()
    }

    fn offered_mean(&self) -> f64 {
        self.offered as f64 / self.length()
    }

    fn length(&self) -> f64 {
        self.until.nanos() as f64
    }

    /// What was counted after `earlier`.
    fn since(&self, earlier: &Self) -> Self {
        Self {
            until: SimTime::ZERO + (self.until - earlier.until),
            arrivals: self.arrivals - earlier.arrivals,
            offered: self.offered - earlier.offered,
            begun: self.begun - earlier.begun,
            waited: self.waited - earlier.waited,
            wait: self.wait - earlier.wait,
            departures: self.departures - earlier.departures,
            sojourn: self.sojourn - earlier.sojourn,
            number: self.number - earlier.number,
            number_squared: self.number_squared - earlier.number_squared,
            full: self.full - earlier.full,
        }
    }
}

/// A queue model that counts.
pub(crate) trait Queue: Model {
    /// Schedules the first arrival.
    fn begin(&mut self, calendar: &mut Calendar<Self::Event>);
    /// The tally, complete until `now`.
    fn tally(&mut self, now: SimTime) -> Tally;
    /// The mean load it is offered, in servers.
    fn load(&self) -> f64;
}

/// Simulates so many seconds, after a hundredth to warm up; returns what each of
/// 100 batches counted.
fn batches<Q: Queue>(queue: &mut Q, seconds: u32) -> Vec<Tally> {
    const BATCH_COUNT: u64 = 100;
    let batch_length = SimDuration::from_secs(seconds.into()) / BATCH_COUNT;
    let mut calendar = Calendar::new();
    queue.begin(&mut calendar);
    let mut tally_after_batch = || {
        let horizon = calendar.now() + batch_length;
        run(queue, &mut calendar, horizon);
        queue.tally(horizon)
    };
    let mut before = tally_after_batch();
    let mut count_batch = || {
        let after = tally_after_batch();
        after.since(&std::mem::replace(&mut before, after))
    };
    (0..BATCH_COUNT).map(|_| count_batch()).collect()
}

/// Estimates the mean of `value`.
pub(crate) fn estimate<Q: Queue>(
    mut queue: Q,
    seconds: u32,
    value: impl Fn(&Tally) -> f64,
) -> Estimate {
    let values: Vec<f64> = batches(&mut queue, seconds).iter().map(value).collect();
    Estimate::from_batches(&values)
}

/// Estimates the mean of `value` with the offered load as a control variate. Not for values that
/// are nearly the offered load itself.
pub(crate) fn estimate_controlled<Q: Queue>(
    mut queue: Q,
    seconds: u32,
    value: impl Fn(&Tally) -> f64,
) -> Estimate {
    let pair = |batch: &Tally| (value(batch), batch.offered_mean());
    let pairs: Vec<(f64, f64)> = batches(&mut queue, seconds).iter().map(pair).collect();
    Estimate::from_controlled_batches(&pairs, queue.load())
}
