//! The fleet's parts against closed forms, brute force and recorded vectors.
//!
//! A theory test takes its number out of the simulated part, knows its standard error, and must
//! also reject a sibling whose rate is 5 % off; see [`Theory::assert`].

mod autoscale;
mod outage;
mod port_formulas;
mod ports;
mod ring;
mod ring_vectors;
mod scrape;
mod sender;
mod sharing;
mod side_by_side;

use alloy_sim::engine::{RandomStream, RandomStreams, key_of};

/// Batches whose means give a standard error.
const BATCHES: u32 = 32;

/// A number that theory knows and a simulation estimates.
struct Theory {
    expected: f64,
    /// The standard error allowed, over the expected value.
    error_max: f64,
}

/// The size of a batch: an eighth for a sibling, which a shorter run suffices to reject.
fn batch_size(full: u32, off: f64) -> u32 {
    if off > 1.0 { full / 8 } else { full }
}

/// What one simulation found.
struct Estimate {
    mean: f64,
    error: f64,
}

impl Theory {
    /// Asserts that `simulate(seed, 1.0)` agrees within four standard errors for seeds 1, 2 and 3,
    /// and that `simulate(seed, 1.05)`, with its rate 5 % too high, does not.
    fn assert(&self, simulate: impl Fn(u64, f64) -> Estimate) {
        for seed in 1..=3 {
            let Estimate { mean, error } = simulate(seed, 1.0);
            let (z, relative) = ((mean - self.expected) / error, error / self.expected);
            assert!(
                relative <= self.error_max,
                "seed {seed}: standard error {relative}"
            );
            assert!(
                z.abs() <= 4.0,
                "seed {seed}: {mean} is not {}, z {z}",
                self.expected
            );
            let sibling = simulate(seed, 1.05);
            let z = (sibling.mean - self.expected) / sibling.error;
            assert!(z.abs() > 4.0, "seed {seed}: the sibling passes, z {z}");
        }
    }
}

impl Estimate {
    /// The mean of `batch(0)`, `batch(1)`, ..., each the mean of an equal piece of one long run;
    /// the first piece is left out as warm-up.
    fn of_batches(mut batch: impl FnMut() -> f64) -> Self {
        batch();
        let means: Vec<f64> = (0..BATCHES).map(|_| batch()).collect();
        let count = f64::from(BATCHES);
        let mean = means.iter().sum::<f64>() / count;
        let squares: f64 = means.iter().map(|value| (value - mean).powi(2)).sum();
        Self {
            mean,
            error: (squares / (count - 1.0) / count).sqrt(),
        }
    }
}

/// Random numbers of one simulation.
struct Chance(RandomStream);

impl Chance {
    fn new(seed: u64) -> Self {
        Self(RandomStreams::new(seed, 0).stream(key_of("parts_theory"), 0, 0))
    }

    fn unit(&mut self) -> f64 {
        self.0.unit()
    }

    /// Exponential with this mean.
    fn exponential(&mut self, mean: f64) -> f64 {
        -mean * self.unit().ln()
    }
}

/// Pending instants, in seconds from zero, earliest first. Bits of positive floats sort as they do.
#[derive(Default)]
struct Agenda(std::collections::BinaryHeap<std::cmp::Reverse<(u64, u32)>>);

impl Agenda {
    fn push(&mut self, at: f64, what: u32) {
        self.0.push(std::cmp::Reverse((at.to_bits(), what)));
    }

    /// The next instant, infinite if nothing is pending.
    fn next(&self) -> f64 {
        self.0
            .peek()
            .map_or(f64::INFINITY, |entry| f64::from_bits(entry.0.0))
    }

    fn pop(&mut self) -> (f64, u32) {
        let (at, what) = self.0.pop().unwrap().0;
        (f64::from_bits(at), what)
    }

    fn len(&self) -> usize {
        self.0.len()
    }
}
