//! What to run: cases, draws and what is required of them.

use super::requirement::Requirement;
use crate::model::blueprint::Blueprint;
use crate::model::law::{P95_SCORE, Quantity};
use crate::units::SimDuration;

/// Everything one scenario asks for.
#[derive(Clone, Debug, PartialEq)]
pub struct Study {
    /// Name, `[a-z0-9-]+`; also the name of the output folder.
    pub name: String,
    /// The question it answers, in the user's words.
    pub question: String,
    /// Date of the start of the measured time, `YYYY-MM-DD`, if the file gives one.
    pub start_date: Option<String>,
    /// Seed of all random numbers.
    pub seed: u64,
    /// Draws per case: how often the unknown quantities are drawn.
    pub draws: u32,
    /// Replications per draw, averaged within the draw; 1 unless noise is large.
    pub replications: u32,
    /// The cases, base first.
    pub cases: Vec<Case>,
    /// What is required of the draws: the goals, then the expectations.
    pub requirements: Vec<Requirement>,
}

/// One resolved point of a scenario's variants and sweep.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// Name of the case: `base`, a variant's name, or those with the sweep's settings.
    pub name: String,
    /// Name of the variant it belongs to; `base` for none.
    pub variant: String,
    /// The sweep's settings of this case: path and value as written.
    pub settings: Vec<(String, String)>,
    /// What exists in this case.
    pub blueprint: Blueprint,
    /// Every quantity of this case and all that its presets state, with their roles, for the report.
    pub inputs: Vec<Input>,
}

/// A quantity as the scenario or its defaults give it, or another value that a preset has.
#[derive(Clone, Debug, PartialEq)]
pub struct Input {
    /// Where it stands: `fleet.metrics.memory_per_series`.
    pub path: String,
    /// Its role.
    pub role: Role,
    /// Its law as written: `p5 3 KB, p95 12 KB`.
    pub law: String,
    /// The law itself, in base units; `None` for a word.
    pub quantity: Option<Quantity>,
    /// The base unit; empty for a word.
    pub unit: &'static str,
    /// Where it comes from: the file's `source`, or the default's.
    pub source: String,
}

impl Input {
    /// The 5th percentile, the median and the 95th percentile in base units. A spread or noise is that
    /// around the median of what is unknown. A word has none: NaN.
    pub fn percentiles(&self) -> [f64; 3] {
        let Some(Quantity { centre, spread }) = self.quantity else {
            return [f64::NAN; 3];
        };
        [-P95_SCORE, 0.0, P95_SCORE].map(|score| match self.role {
            Role::Known | Role::Unknown => centre.at(score) * spread.median(),
            Role::Spread | Role::Noise if spread.is_fixed() => centre.at(score) * spread.median(),
            Role::Spread | Role::Noise => centre.median() * spread.at(score),
        })
    }
}

/// The kind of uncertainty a quantity has.
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
