//! Plain mathematics of observations: quantiles, intervals, special functions. Does not know what it
//! measures.

use statrs::distribution::{ContinuousCDF, Normal};

/// Probability that a standard normal variable is at most `z`.
pub fn normal_cdf(z: f64) -> f64 {
    Normal::standard().cdf(z)
}

/// The score below which a standard normal variable stays with probability `p`.
pub fn normal_quantile(p: f64) -> f64 {
    Normal::standard().inverse_cdf(p)
}

/// An interval of a statistic. (Placeholder until the layer lands.)
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// Lower end; minus infinity if unbounded.
    pub low: f64,
    /// Upper end; infinity if unbounded.
    pub high: f64,
}

/// Three outcomes of a claim. (Placeholder until the layer lands.)
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It holds.
    Holds,
    /// It fails.
    Fails,
    /// The draws do not settle it.
    NotEnoughEvidence,
}

/// Statistics of a sample. (Placeholder until the layer lands.)
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// Number of observations.
    pub n: usize,
    /// Mean.
    pub mean: f64,
    /// Standard deviation.
    pub sd: f64,
    /// Smallest.
    pub min: f64,
    /// 5th percentile.
    pub p05: f64,
    /// Median.
    pub p50: f64,
    /// 95th percentile.
    pub p95: f64,
    /// 99th percentile.
    pub p99: f64,
    /// Largest.
    pub max: f64,
    /// 95 % interval of the mean.
    pub mean_interval: Interval,
    /// 95 % interval of the median.
    pub p50_interval: Interval,
    /// 95 % interval of the 95th percentile.
    pub p95_interval: Interval,
}
