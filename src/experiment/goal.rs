//! What the reviewer wants to hold, with a probability.

use std::time::Duration;

use crate::model::record::catalogue::{Failure, Metric, Unit};
pub use crate::stats::{Comparison, Statistic};

/// A claim about a statistic of the draws.
#[derive(Clone, Debug, PartialEq)]
pub struct Goal {
    /// Name, unique in its scenario.
    pub name: String,
    /// The claim as written.
    pub text: String,
    /// Which statistic of the draws.
    pub statistic: Statistic,
    /// Of what.
    pub subject: Subject,
    /// Which side of the limit is wanted.
    pub comparison: Comparison,
    /// The limit, in base units.
    pub limit: f64,
    /// Names of the cases that decide the exit code; every case is evaluated.
    pub cases: Vec<String>,
    /// What is expected of it.
    pub expect: Expect,
}

/// What a goal speaks of.
#[derive(Clone, Debug, PartialEq)]
pub enum Subject {
    /// Any occurrence of a failure in a scope, until an instant or the horizon.
    Failure {
        /// Which failure.
        failure: Failure,
        /// Name of the scope: `fleet.metrics`.
        scope: String,
        /// Window from the start; `None` = the horizon.
        within: Option<Duration>,
    },
    /// A metric of a scope.
    Metric {
        /// Which metric.
        metric: Metric,
        /// Name of the scope.
        scope: String,
        /// For [`Statistic::Probability`]: what the metric is compared with, draw by draw.
        exceeds: Option<(Comparison, f64)>,
    },
}

impl Subject {
    /// Name of the scope it speaks of.
    pub fn scope(&self) -> &str {
        match self {
            Self::Failure { scope, .. } | Self::Metric { scope, .. } => scope,
        }
    }
}

impl Goal {
    /// Unit of the statistic and of the limit.
    pub fn unit(&self) -> Unit {
        match (&self.statistic, &self.subject) {
            (Statistic::Mean | Statistic::Quantile(_), Subject::Metric { metric, .. }) => {
                metric.info().unit
            }
            _ => Unit::Ratio,
        }
    }
}

/// What is expected of a goal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expect {
    /// It holds.
    Holds,
    /// It fails, a known miss of the model.
    Fails {
        /// Why the model misses it.
        reason: String,
    },
}
