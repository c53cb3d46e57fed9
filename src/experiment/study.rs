//! What to run: cases, draws and requirements.

use super::draws::Draws;
use super::requirement::Requirement;
use crate::model::blueprint::Blueprint;
#[cfg(test)]
use crate::model::blueprint::Start;
use crate::model::law::{P95_SCORE, Quantity};
use crate::units::SimDuration;

/// Everything that one scenario asks for.
#[derive(Clone, Debug, PartialEq)]
pub struct Study {
    /// Name, `[a-z0-9-]+`; also the name of the output folder.
    pub name: String,
    /// The question that the scenario answers, in the user's words.
    pub question: String,
    /// Date of the start of the measured horizon, `YYYY-MM-DD`, if the file gives one.
    pub start_date: Option<String>,
    /// Seed of all random numbers.
    pub seed: u64,
    /// Draws per case: how often the unknowns are drawn.
    pub draws: Draws,
    /// Replications per draw, averaged within the draw; 1 unless noise is large.
    pub replications: u32,
    /// The cases, base first.
    pub cases: Vec<Case>,
    /// Paths that variants and sweeps change, in their order.
    pub paths: Vec<String>,
    /// The requirements: the goals, then the expectations.
    pub requirements: Vec<Requirement>,
}

/// One resolved point of a scenario's variants and sweep.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// Name of the case: `base` or the name of a variant, with the settings of a sweep.
    pub name: String,
    /// Name of the variant of the case; `base` for none.
    pub variant: String,
    /// Settings of the sweep in this case: path and value as written.
    pub settings: Vec<(String, String)>,
    /// The value at each of the study's paths, in short; `None` where the case has none.
    pub values: Vec<Option<String>>,
    /// What exists in this case.
    pub blueprint: Blueprint,
    /// Every quantity of this case and everything that its presets state, with roles, for the
    /// report.
    pub inputs: Vec<Input>,
}

/// A quantity that the scenario or its defaults give, or another value of a preset.
#[derive(Clone, Debug, PartialEq)]
pub struct Input {
    /// Path of the quantity: `fleet.metrics.memory_per_series`.
    pub path: String,
    /// Its role.
    pub role: Role,
    /// Its law as written: `p5 3 KB, p95 12 KB`.
    pub law: String,
    /// The law itself, in base units; `None` for a word.
    pub quantity: Option<Quantity>,
    /// The base unit; empty for a word.
    pub unit: &'static str,
    /// Origin of the value: the `source` in the file, or that of the default.
    pub source: String,
}

impl Input {
    /// The 5th percentile, the median and the 95th percentile in base units. For a spread or noise
    /// they lie around the median of the unknown. NaN for a word.
    pub fn percentiles(&self) -> [f64; 3] {
        let Some(Quantity { centre, spread, .. }) = self.quantity else {
            return [f64::NAN; 3];
        };
        [-P95_SCORE, 0.0, P95_SCORE].map(|score| match self.role {
            Role::Known | Role::Unknown => centre.at(score) * spread.median(),
            Role::Spread | Role::Noise if spread.is_fixed() => centre.at(score) * spread.median(),
            Role::Spread | Role::Noise => centre.median() * spread.at(score),
        })
    }
}

/// The role of a quantity: its kind of uncertainty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Given and fixed.
    Known,
    /// Drawn once per draw.
    Unknown,
    /// Drawn per entity, persistent.
    Spread,
    /// Drawn per occurrence.
    Noise,
}

impl Role {
    /// The word used in reports.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Known => "known",
            Self::Unknown => "unknown",
            Self::Spread => "spread",
            Self::Noise => "noise",
        }
    }
}

impl Study {
    /// The horizon of the longest case.
    pub fn horizon(&self) -> SimDuration {
        let horizons = self.cases.iter().map(|case| case.blueprint.horizon);
        horizons.max().unwrap_or_default()
    }
}

#[cfg(test)]
impl Study {
    /// A study of so many cases without any collector.
    pub(super) fn empty(cases: usize, draws: u32) -> Self {
        let blueprint = Blueprint {
            horizon: SimDuration::from_hours(1),
            start: Start::Cold,
            grid: SimDuration::from_hours(1),
            pools: Vec::new(),
            workloads: Vec::new(),
            fleets: Vec::new(),
            endpoints: Vec::new(),
            egresses: Vec::new(),
        };
        let case = Case {
            name: "base".into(),
            variant: "base".into(),
            settings: Vec::new(),
            values: Vec::new(),
            blueprint,
            inputs: Vec::new(),
        };
        Self {
            name: "a".into(),
            question: String::new(),
            start_date: None,
            seed: 1,
            draws: Draws::Fixed(draws),
            replications: 1,
            cases: vec![case; cases],
            paths: Vec::new(),
            requirements: Vec::new(),
        }
    }
}
