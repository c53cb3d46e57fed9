//! A number that changes over months, weeks and days, with its unknowns drawn.

use crate::model::blueprint::{Season, Step, Trend};

const DAY_SECONDS: f64 = 86_400.0;
const MONTH_SECONDS: f64 = 30.0 * DAY_SECONDS;

/// A [`Trend`] with its unknowns drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct DrawnTrend {
    start: f64,
    growth_log_per_second: f64,
    season: Season,
    steps: Vec<Step>,
}

impl DrawnTrend {
    /// The trend with this start and growth per 30 days.
    pub fn new(start: f64, growth_per_30d: f64, trend: &Trend) -> Self {
        Self {
            start,
            growth_log_per_second: growth_per_30d.max(-0.999_999).ln_1p() / MONTH_SECONDS,
            season: trend.season,
            steps: trend.steps.clone(),
        }
    }

    /// Value without steps at `seconds` from the start of the measured horizon; it may be negative.
    pub fn smooth(&self, seconds: f64) -> f64 {
        let growth = if self.growth_log_per_second == 0.0 {
            1.0
        } else {
            (self.growth_log_per_second * seconds).exp()
        };
        self.start * growth * season(&self.season, seconds)
    }

    /// Product of the steps up to `seconds`, those at that instant included.
    pub fn stepped(&self, seconds: f64) -> f64 {
        let passed = self
            .steps
            .iter()
            .filter(|step| step.at.secs_f64() <= seconds);
        passed.map(|step| step.factor).product()
    }

    /// Instants of the steps, in seconds from the start of the measured horizon.
    pub fn step_seconds(&self) -> impl Iterator<Item = f64> + '_ {
        self.steps.iter().map(|step| step.at.secs_f64())
    }
}

/// Daily cosine times weekly step, each with mean 1.
fn season(season: &Season, seconds: f64) -> f64 {
    let daily = season.daily.get();
    let weekly = season.weekly.get();
    let mut factor = 1.0;
    if daily > 0.0 {
        let phase = (seconds - season.peak_at.secs_f64()) / DAY_SECONDS;
        factor *= 1.0 + daily * (phase * std::f64::consts::TAU).cos();
    }
    if weekly > 0.0 {
        let day = (seconds / DAY_SECONDS).floor() + f64::from(season.first_weekday);
        let weekend = day.rem_euclid(7.0) >= 5.0;
        let mean = 1.0 - weekly * 2.0 / 7.0;
        factor *= if weekend { 1.0 - weekly } else { 1.0 } / mean;
    }
    factor
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::{Fraction, SimDuration};

    #[test]
    fn growth_compounds_and_steps_multiply() {
        let mut trend = Trend::constant(100.0);
        trend.steps.push(Step {
            at: SimDuration::from_secs(10),
            factor: 2.0,
        });
        let drawn = DrawnTrend::new(100.0, 0.1, &trend);
        assert!((drawn.smooth(2.0 * MONTH_SECONDS) - 121.0).abs() < 1e-9);
        assert_eq!((drawn.stepped(9.9), drawn.stepped(10.0)), (1.0, 2.0));
    }

    #[test]
    fn waves_keep_the_mean() {
        let mut trend = Trend::constant(1.0);
        trend.season.daily = Fraction::clamped(0.3);
        trend.season.weekly = Fraction::clamped(0.4);
        let drawn = DrawnTrend::new(1.0, 0.0, &trend);
        let hours = 24 * 7;
        let sum: f64 = (0..hours)
            .map(|hour| drawn.smooth(f64::from(hour) * 3_600.0 + 1_800.0))
            .sum();
        assert!((sum / f64::from(hours) - 1.0).abs() < 1e-12);
    }
}
