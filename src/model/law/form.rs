//! A law as people state it: a value, percentiles, bounds or moments.

use crate::model::law::{Law, P95_SCORE, Scale};

/// How a quantity is stated, in base units.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Form {
    /// One value.
    Value(f64),
    /// 5th and 95th percentile.
    P5P95(f64, f64),
    /// Median and 95th percentile.
    P50P95(f64, f64),
    /// 5th percentile, median and 95th percentile.
    P5P50P95(f64, f64, f64),
    /// Lower and upper bound, uniform between.
    MinMax(f64, f64),
    /// Mean and standard deviation.
    MeanSd(f64, f64),
}

/// Which values a quantity can have. The domain decides the family of the law.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Domain {
    /// Above zero: lognormal.
    Positive,
    /// Any: normal.
    Signed,
    /// From 0 to 1: logit-normal.
    Fraction,
}

impl Domain {
    /// The scale on which laws of this domain are normal.
    const fn scale(self) -> Scale {
        match self {
            Self::Positive => Scale::Log,
            Self::Signed => Scale::Linear,
            Self::Fraction => Scale::Logit,
        }
    }

    /// The law whose normal scale has this centre and width.
    const fn law(self, centre: f64, width: f64) -> Law {
        match self {
            Self::Positive => Law::LogNormal {
                mu: centre,
                sigma: width,
            },
            Self::Signed => Law::Normal {
                mean: centre,
                sd: width,
            },
            Self::Fraction => Law::LogitNormal {
                mu: centre,
                sigma: width,
            },
        }
    }

    /// Whether a value of this domain can be a percentile.
    fn holds(self, value: f64) -> bool {
        match self {
            Self::Positive => value > 0.0,
            Self::Signed => true,
            Self::Fraction => value > 0.0 && value < 1.0,
        }
    }

    /// The values of the domain, in words.
    const fn words(self) -> &'static str {
        match self {
            Self::Positive => "percentiles must be above zero",
            Self::Signed => "percentiles must be numbers",
            Self::Fraction => "percentiles must lie between 0 % and 100 %, ends excluded",
        }
    }
}

impl Form {
    /// The law of a quantity of `domain` that is stated in this form.
    ///
    /// # Errors
    ///
    /// In words, if the numbers make no law: out of order, or outside the domain.
    pub fn law(self, domain: Domain) -> Result<Law, &'static str> {
        match self {
            Self::Value(value) => Ok(Law::Fixed(value)),
            Self::P5P95(p5, p95) => {
                let (low, high) = ordered(domain, p5, p95)?;
                let width = (high - low) / (2.0 * P95_SCORE);
                Ok(domain.law(f64::midpoint(low, high), width))
            }
            Self::P50P95(p50, p95) => {
                let (middle, high) = ordered(domain, p50, p95)?;
                Ok(domain.law(middle, (high - middle) / P95_SCORE))
            }
            Self::P5P50P95(p5, p50, p95) => {
                ordered(domain, p5, p50)?;
                ordered(domain, p50, p95)?;
                Ok(Law::two_piece(domain.scale(), p5, p50, p95))
            }
            Self::MinMax(min, max) if min < max => Ok(Law::Uniform { min, max }),
            Self::MinMax(..) => Err("min must be below max"),
            Self::MeanSd(mean, sd) => moments(domain, mean, sd),
        }
    }

    /// The law of a factor around a median of 1.
    ///
    /// # Errors
    ///
    /// In words, if the form is not percentiles on both sides of 1.
    pub fn factor(self) -> Result<Law, &'static str> {
        match self {
            Self::P5P95(p5, p95) if 0.0 < p5 && p5 < 1.0 && 1.0 < p95 => {
                Ok(Law::two_piece(Scale::Log, p5, 1.0, p95))
            }
            Self::P5P95(..) => {
                Err("a spread holds factors around the median: p5 between 0 and 1, p95 above 1")
            }
            _ => Err("a spread is given by p5 and p95, as factors around the median"),
        }
    }
}

/// Two percentiles on the normal scale, in order.
fn ordered(domain: Domain, low: f64, high: f64) -> Result<(f64, f64), &'static str> {
    if !domain.holds(low) || !domain.holds(high) {
        return Err(domain.words());
    }
    if low < high {
        let scale = domain.scale();
        Ok((scale.forward(low), scale.forward(high)))
    } else {
        Err("percentiles must increase: p5 below p50 below p95")
    }
}

/// The law with the given mean and standard deviation.
///
/// Lognormal by moments: σ² = ln(1 + (sd/mean)²), μ = ln(mean) - σ²/2.
fn moments(domain: Domain, mean: f64, sd: f64) -> Result<Law, &'static str> {
    if sd <= 0.0 {
        return Err("sd must be above zero; for a known value write it alone");
    }
    match domain {
        Domain::Positive if mean > 0.0 => {
            let variance = (sd / mean).powi(2).ln_1p();
            Ok(domain.law(mean.ln() - variance / 2.0, variance.sqrt()))
        }
        Domain::Positive => Err("mean must be above zero"),
        Domain::Signed => Ok(domain.law(mean, sd)),
        Domain::Fraction => Err("a share is stated by percentiles or by min and max"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(a: f64, b: f64) {
        assert!((a - b).abs() <= 1e-9 * b.abs().max(1.0), "{a} is not {b}");
    }

    #[test]
    fn percentiles_come_back_in_every_domain() {
        for domain in [Domain::Positive, Domain::Signed, Domain::Fraction] {
            let law = Form::P5P95(0.01, 0.04).law(domain).unwrap();
            close(law.at(-P95_SCORE), 0.01);
            close(law.at(P95_SCORE), 0.04);
            let law = Form::P5P50P95(0.01, 0.015, 0.04).law(domain).unwrap();
            close(law.median(), 0.015);
            close(law.at(P95_SCORE), 0.04);
            let law = Form::P50P95(0.01, 0.04).law(domain).unwrap();
            close(law.median(), 0.01);
            close(law.at(P95_SCORE), 0.04);
        }
    }

    #[test]
    fn moments_come_back() {
        let law = Form::MeanSd(10.0, 5.0).law(Domain::Positive).unwrap();
        close(law.mean(), 10.0);
        close(law.scv(), 0.25);
    }

    #[test]
    fn what_makes_no_law_is_refused() {
        for (form, domain) in [
            (Form::P5P95(2.0, 1.0), Domain::Positive),
            (Form::P5P95(1.0, 1.0), Domain::Positive),
            (Form::P5P95(0.0, 1.0), Domain::Positive),
            (Form::P5P95(0.5, 1.0), Domain::Fraction),
            (Form::P5P50P95(1.0, 3.0, 2.0), Domain::Signed),
            (Form::MinMax(1.0, 1.0), Domain::Signed),
            (Form::MeanSd(1.0, 0.0), Domain::Signed),
            (Form::MeanSd(0.5, 0.1), Domain::Fraction),
            (Form::P5P95(f64::NAN, 1.0), Domain::Positive),
        ] {
            assert!(form.law(domain).is_err(), "{form:?} {domain:?}");
        }
        assert!(Form::P5P95(1.2, 2.0).factor().is_err());
    }
}
