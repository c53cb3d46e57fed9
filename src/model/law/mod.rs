//! Uncertain quantities: their laws, and the kinds of uncertainty.

pub mod form;

use crate::engine::key_of;
use crate::stats;

/// The standard normal score of the 95th percentile, to the last bit of an `f64`.
///
/// Source: NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.1 (read 2026-11).
pub const P95_SCORE: f64 = 1.644_853_626_951_472_2;

/// The law of a quantity, as a function of a standard normal score.
///
/// One normal score per quantity, entity and draw decides the value, whatever the law is. So two
/// cases that differ in a law see the same luck (common random numbers).
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Law {
    /// Always the same value.
    Fixed(f64),
    /// `exp(mu + sigma z)`: positive quantities given by two percentiles.
    LogNormal {
        /// Logarithm of the median.
        mu: f64,
        /// Standard deviation of the logarithm.
        sigma: f64,
    },
    /// `mean + sd z`: signed quantities.
    Normal {
        /// Mean and median.
        mean: f64,
        /// Standard deviation.
        sd: f64,
    },
    /// `1 / (1 + exp(-(mu + sigma z)))`: fractions given by two percentiles.
    LogitNormal {
        /// Logit of the median.
        mu: f64,
        /// Standard deviation of the logit.
        sigma: f64,
    },
    /// A normal law on a transformed scale, whose halves have their own widths. So the law meets
    /// three given percentiles: the 5th, the 50th and the 95th.
    TwoPiece {
        /// Scale on which the two halves are normal.
        scale: Scale,
        /// Median on that scale.
        median: f64,
        /// Standard deviation below the median, on that scale.
        below: f64,
        /// Standard deviation above the median, on that scale.
        above: f64,
    },
    /// Uniform between two bounds.
    Uniform {
        /// Lower bound.
        min: f64,
        /// Upper bound.
        max: f64,
    },
}

/// The scale on which a two-piece law is normal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// The quantity itself.
    Linear,
    /// The logarithm of the quantity.
    Log,
    /// The logit of the quantity.
    Logit,
}

impl Scale {
    /// From the quantity to the scale.
    pub fn forward(self, value: f64) -> f64 {
        match self {
            Self::Linear => value,
            Self::Log => value.ln(),
            Self::Logit => (value / (1.0 - value)).ln(),
        }
    }

    /// From the scale back to the quantity.
    pub fn back(self, value: f64) -> f64 {
        match self {
            Self::Linear => value,
            Self::Log => value.exp(),
            Self::Logit => 1.0 / (1.0 + (-value).exp()),
        }
    }
}

impl Law {
    /// The law with the given 5th, 50th and 95th percentiles, normal in two pieces on `scale`.
    pub fn two_piece(scale: Scale, p5: f64, p50: f64, p95: f64) -> Self {
        let median = scale.forward(p50);
        Self::TwoPiece {
            scale,
            median,
            below: (median - scale.forward(p5)) / P95_SCORE,
            above: (scale.forward(p95) - median) / P95_SCORE,
        }
    }

    /// The value at the standard normal score `z`; never decreasing in `z`.
    pub fn at(self, z: f64) -> f64 {
        match self {
            Self::Fixed(value) => value,
            Self::LogNormal { mu, sigma } => (mu + sigma * z).exp(),
            Self::Normal { mean, sd } => mean + sd * z,
            Self::LogitNormal { mu, sigma } => Scale::Logit.back(mu + sigma * z),
            Self::TwoPiece {
                scale,
                median,
                below,
                above,
            } => scale.back(median + z * if z < 0.0 { below } else { above }),
            Self::Uniform { min, max } => min + (max - min) * stats::normal_cdf(z),
        }
    }

    /// The median: half of the draws stay below this value.
    pub fn median(self) -> f64 {
        self.at(0.0)
    }

    /// Whether every draw gives the same value.
    pub fn is_fixed(self) -> bool {
        self.at(-1.0).to_bits() == self.at(1.0).to_bits()
    }

    /// Mean of the law. The mean of a two-piece or logit law is integrated over 201 equally likely
    /// scores; all others are exact.
    pub fn mean(self) -> f64 {
        match self {
            Self::Fixed(value) => value,
            Self::LogNormal { mu, sigma } => (mu + sigma * sigma / 2.0).exp(),
            Self::Normal { mean, .. } => mean,
            Self::Uniform { min, max } => f64::midpoint(min, max),
            Self::LogitNormal { .. } | Self::TwoPiece { .. } => {
                let cells = 201;
                let score =
                    |cell: i32| stats::normal_quantile((f64::from(cell) + 0.5) / f64::from(cells));
                (0..cells).map(|cell| self.at(score(cell))).sum::<f64>() / f64::from(cells)
            }
        }
    }

    /// Squared coefficient of variation: variance over squared mean, zero for a fixed law.
    pub fn scv(self) -> f64 {
        match self {
            Self::Fixed(_) => 0.0,
            Self::LogNormal { sigma, .. } => (sigma * sigma).exp_m1(),
            Self::Normal { mean, sd } => (sd / mean).powi(2),
            Self::Uniform { min, max } => ((max - min) / f64::midpoint(min, max)).powi(2) / 12.0,
            Self::LogitNormal { .. } | Self::TwoPiece { .. } => {
                let cells = 201;
                let mean = self.mean();
                let deviation = |cell: i32| {
                    let p = (f64::from(cell) + 0.5) / f64::from(cells);
                    (self.at(stats::normal_quantile(p)) / mean - 1.0).powi(2)
                };
                (0..cells).map(deviation).sum::<f64>() / f64::from(cells)
            }
        }
    }
}

/// A quantity with the two kinds of uncertainty the model keeps apart.
///
/// `centre` is *unknown*: drawn once per draw, the same for every entity. `spread` is how entities
/// (pods, collectors, requests) differ around the centre: a factor whose median is 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quantity {
    /// Law of the centre, drawn once per draw.
    pub centre: Law,
    /// Law of the factor between an entity and the centre; its median is 1.
    pub spread: Law,
    /// Key of the unknown that the centre follows. Quantities of one key are drawn with one score.
    /// `None` for a centre of its own.
    pub correlated: Option<u64>,
}

impl Quantity {
    /// A quantity that is known and the same for every entity.
    pub const fn fixed(value: f64) -> Self {
        Self {
            centre: Law::Fixed(value),
            spread: Law::Fixed(1.0),
            correlated: None,
        }
    }

    /// A quantity that is unknown and the same for every entity.
    pub const fn unknown(centre: Law) -> Self {
        Self {
            centre,
            spread: Law::Fixed(1.0),
            correlated: None,
        }
    }

    /// This quantity with its centre at the percentile that all quantities of this name share.
    #[must_use]
    pub fn correlated_as(self, name: &str) -> Self {
        Self {
            correlated: Some(key_of(&format!("correlated.{name}"))),
            ..self
        }
    }

    /// A quantity whose centre is known and whose entities differ. `law` is the law of an entity.
    pub fn spread(law: Law) -> Self {
        let median = law.median();
        let factor = match law {
            Law::Fixed(_) => Law::Fixed(1.0),
            Law::LogNormal { sigma, .. } => Law::LogNormal { mu: 0.0, sigma },
            Law::Normal { sd, .. } => Law::Normal {
                mean: 1.0,
                sd: sd / median,
            },
            Law::TwoPiece {
                scale: Scale::Log,
                below,
                above,
                ..
            } => Law::TwoPiece {
                scale: Scale::Log,
                median: 0.0,
                below,
                above,
            },
            Law::TwoPiece {
                scale,
                below,
                above,
                ..
            } => Law::TwoPiece {
                scale: Scale::Linear,
                median: 1.0,
                below: scale_width(scale, median, below),
                above: scale_width(scale, median, above),
            },
            Law::LogitNormal { mu, sigma } => Law::Normal {
                mean: 1.0,
                sd: sigma * (1.0 - Scale::Logit.back(mu)),
            },
            Law::Uniform { min, max } => Law::Uniform {
                min: min / median,
                max: max / median,
            },
        };
        Self {
            centre: Law::Fixed(median),
            spread: factor,
            correlated: None,
        }
    }
}

/// Width of a half on the linear scale, to first order, as a share of the median.
fn scale_width(scale: Scale, median: f64, width: f64) -> f64 {
    match scale {
        Scale::Linear => width / median,
        Scale::Log => width,
        Scale::Logit => width * (1.0 - median),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_come_back() {
        let close = |a: f64, b: f64| assert!((a / b - 1.0).abs() < 1e-12, "{a} is not {b}");
        let law = Law::two_piece(Scale::Log, 20.0, 60.0, 180.0);
        close(law.at(-P95_SCORE), 20.0);
        close(law.at(0.0), 60.0);
        close(law.at(P95_SCORE), 180.0);
    }

    #[test]
    fn a_spread_has_median_one() {
        let quantity = Quantity::spread(Law::two_piece(Scale::Log, 500.0, 3_000.0, 9_000.0));
        assert!((quantity.spread.median() - 1.0).abs() < 1e-12);
        let entity = quantity.centre.at(0.3) * quantity.spread.at(P95_SCORE);
        assert!((entity - 9_000.0).abs() < 1e-6);
    }
}
