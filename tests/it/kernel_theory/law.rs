//! Laws of service times.

use alloy_sim::engine::RandomStream;
use alloy_sim::units::SimDuration;
use rand_distr::{Distribution, Exp1, LogNormal};

/// How long a service takes, in seconds.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Law {
    /// A constant, and an exponential part with this mean.
    Exponential { constant: f64, mean: f64 },
    /// Lognormal with this mean.
    LogNormal { law: LogNormal<f64>, mean: f64 },
}

impl Law {
    pub(crate) fn exponential(mean: f64) -> Self {
        Self::Exponential {
            constant: 0.0,
            mean,
        }
    }

    pub(crate) fn constant(constant: f64) -> Self {
        Self::Exponential {
            constant,
            mean: 0.0,
        }
    }

    /// Lognormal with this mean and coefficient of variation.
    pub(crate) fn log_normal(mean: f64, variation: f64) -> Self {
        Self::LogNormal {
            law: LogNormal::from_mean_cv(mean, variation).unwrap(),
            mean,
        }
    }

    pub(crate) fn mean(self) -> f64 {
        match self {
            Self::Exponential { constant, mean } => constant + mean,
            Self::LogNormal { mean, .. } => mean,
        }
    }

    pub(crate) fn sample(self, stream: &mut RandomStream) -> SimDuration {
        seconds(match self {
            Self::Exponential { constant, mean } if mean > 0.0 => {
                constant + mean * exponential(stream)
            }
            Self::Exponential { constant, .. } => constant,
            Self::LogNormal { law, .. } => law.sample(stream),
        })
    }
}

/// Exponential with mean 1.
pub(crate) fn exponential(stream: &mut RandomStream) -> f64 {
    Exp1.sample(stream)
}

/// So many seconds, cut to nanoseconds.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "short lengths"
)]
pub(crate) fn seconds(count: f64) -> SimDuration {
    SimDuration::from_nanos((count * 1e9) as u64)
}
