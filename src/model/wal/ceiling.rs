//! A ceiling on how many things a process holds, above which it holds no more.

use crate::model::load::driver::{Driver, weight_value};

/// Streams whose units a process holds in live bytes only up to a number of things.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ceiling {
    /// Things per unit of each stream, zero of streams without a ceiling.
    pub things: Vec<f64>,
    /// Live bytes per unit of each stream that the ceiling bounds.
    pub live: Vec<f64>,
    /// Most things.
    pub most: f64,
}

impl Ceiling {
    /// Live bytes above the ceiling in a segment, which a process does not hold.
    pub(super) fn excess(&self, driver: &Driver, weights: &[u32], segment: usize) -> f64 {
        let (mut things, mut live) = (0.0, 0.0);
        let streams = driver.streams.iter().zip(weights);
        for ((stream, &weight), (&each, &bytes)) in streams.zip(self.things.iter().zip(&self.live))
        {
            let units = weight_value(weight) * stream.level[segment];
            things += units * each;
            live += units * bytes;
        }
        if things > self.most {
            live * (1.0 - self.most / things)
        } else {
            0.0
        }
    }
}
