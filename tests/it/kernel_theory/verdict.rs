//! When a simulated number agrees with theory, and when it must not.

/// Every statistical test here runs with each of these.
const SEEDS: [u64; 3] = [1, 2, 3];
/// A larger standard error, relative to the expected value, would prove little.
const STANDARD_ERROR_MAX: f64 = 0.005;
/// A larger distance, in standard errors, is a disagreement.
const DISTANCE_MAX: f64 = 4.0;
/// The rate of arrivals that must be noticed, relative to the right one.
const WRONG_RATE: f64 = 1.05;

/// A simulated mean.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Estimate {
    mean: f64,
    standard_error: f64,
}

impl Estimate {
    /// From batch means.
    pub(crate) fn from_batches(values: &[f64]) -> Self {
        let count = values.len() as f64;
        let mean = values.iter().sum::<f64>() / count;
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        Self {
            mean,
            standard_error: (squares / (count - 1.0) / count).sqrt(),
        }
    }

    /// From pairs of batch means: the value of interest, and the load that the batch happened to
    /// be offered, whose exact mean is `load`. The load is a control variate: what regression on it
    /// explains is subtracted.
    ///
    /// Source: Asmussen, Glynn, "Stochastic Simulation", V.2.
    pub(crate) fn from_controlled_batches(batches: &[(f64, f64)], load: f64) -> Self {
        let count = batches.len() as f64;
        let mean = |of: &dyn Fn(f64, f64) -> f64| {
            batches
                .iter()
                .map(|&(value, offered)| of(value, offered))
                .sum::<f64>()
                / count
        };
        let (value_mean, offered_mean) = (mean(&|value, _| value), mean(&|_, offered| offered));
        let variance = mean(&|_, offered| (offered - offered_mean).powi(2));
        let covariance = mean(&|value, offered| (value - value_mean) * (offered - offered_mean));
        let slope = covariance / variance;
        let rest = |value: f64, offered: f64| value - value_mean - slope * (offered - offered_mean);
        let rest_variance = mean(&|value, offered| rest(value, offered).powi(2));
        // The slope is uncertain, too, which matters as far as the load was not the expected one.
        let shift = (offered_mean - load) / variance.sqrt();
        Self {
            mean: value_mean - slope * (offered_mean - load),
            standard_error: (rest_variance * (1.0 + shift * shift) / (count - 2.0)).sqrt(),
        }
    }

    /// The distance from `expected` in standard errors.
    fn distance(self, expected: f64) -> f64 {
        (self.mean - expected).abs() / self.standard_error
    }
}

/// How one simulation differs from the next.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Setting {
    pub(crate) seed: u64,
    /// What the rate of arrivals is multiplied with.
    pub(crate) rate_factor: f64,
    /// What the length is divided by.
    pub(crate) length_divisor: u32,
}

impl Setting {
    /// The model as it is.
    pub(crate) fn plain(seed: u64) -> Self {
        Self {
            seed,
            rate_factor: 1.0,
            length_divisor: 1,
        }
    }
}

/// Asserts that `simulate` gives `expected` for each seed, precisely, and that it does not with
/// 5 % more arrivals, not even in a quarter of the time.
pub(crate) fn check(expected: f64, simulate: impl Fn(Setting) -> Estimate) {
    for seed in SEEDS {
        let right = simulate(Setting::plain(seed));
        let error = right.standard_error / expected;
        assert!(
            error <= STANDARD_ERROR_MAX,
            "{right:?} is imprecise, {error} of {expected}"
        );
        let distance = right.distance(expected);
        assert!(
            distance <= DISTANCE_MAX,
            "{right:?} is {distance} standard errors from {expected}"
        );
        let wrong = simulate(Setting {
            seed,
            rate_factor: WRONG_RATE,
            length_divisor: 4,
        });
        let distance = wrong.distance(expected);
        assert!(distance > DISTANCE_MAX, "{wrong:?} passes for {expected}");
    }
}
