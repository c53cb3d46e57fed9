//! What a file requires of the draws: goals of a reviewer, and expectations of the author.

use crate::model::record::catalogue::{Failure, Metric, Unit};
use crate::stats::Interval;
pub use crate::stats::{Comparison, Statistic};
use crate::units::SimDuration;

/// Whether a requirement is what a reviewer needs, or what a file states about the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A `[[goal]]`: what a reviewer needs to hold. Only goals make the verdict of a case.
    Goal,
    /// An `[[expect]]`: what the file states about the model, good news or bad.
    Expectation,
}

impl Kind {
    /// The word used in messages and tables.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Goal => "goal",
            Self::Expectation => "expectation",
        }
    }
}

/// A claim about a statistic of the draws.
#[derive(Clone, Debug, PartialEq)]
pub struct Requirement {
    /// Goal or expectation.
    pub kind: Kind,
    /// Name, unique among those of its kind.
    pub name: String,
    /// The claim as written.
    pub text: String,
    /// The statistic of the draws.
    pub statistic: Statistic,
    /// The subject of the statistic.
    pub subject: Subject,
    /// The required side of the limit.
    pub comparison: Comparison,
    /// The limit, in base units.
    pub limit: f64,
    /// Where the draws of the subject lie, infinite if that is not known.
    pub range: Interval,
    /// Names of the cases that decide the exit code. A goal is shown for every case, an expectation
    /// for these.
    pub cases: Vec<String>,
    /// Why the expectation is stated. Empty for a goal, and where the file does not say.
    pub reason: String,
}

/// The subject of a requirement.
#[derive(Clone, Debug, PartialEq)]
pub enum Subject {
    /// Any occurrence of a failure in a scope, until an instant or the horizon.
    Failure {
        /// The failure.
        failure: Failure,
        /// Name of the scope: `fleet.metrics`.
        scope: String,
        /// Window from the start; `None` = the horizon.
        within: Option<SimDuration>,
    },
    /// A metric of a scope.
    Metric {
        /// The metric.
        metric: Metric,
        /// Name of the scope.
        scope: String,
        /// What the metric is compared with, draw by draw; for [`Statistic::Probability`].
        exceeds: Option<(Comparison, f64)>,
    },
}

impl Subject {
    /// Name of the scope of the subject.
    pub fn scope(&self) -> &str {
        match self {
            Self::Failure { scope, .. } | Self::Metric { scope, .. } => scope,
        }
    }
}

impl Requirement {
    /// Unit of the statistic and of the limit.
    pub fn unit(&self) -> Unit {
        match (&self.statistic, &self.subject) {
            (Statistic::Mean | Statistic::Quantile(_), Subject::Metric { metric, .. }) => {
                metric.info().unit
            }
            _ => Unit::Share,
        }
    }

    /// Whether the requirement decides the exit code for a case.
    pub fn names(&self, case: &str) -> bool {
        self.cases.iter().any(|name| name == case)
    }
}
