//! What one draw says about a requirement.

use super::requirement::{Comparison, Kind, Requirement, Statistic, Subject};
use super::study::Case;
use crate::model::record::catalogue::{Failure, Metric, Scope};
use crate::model::record::cut::Cut;
use crate::model::record::outcome::{Figures, Layout};
use crate::stats::Claim;
use crate::units::SimDuration;

/// Reads off a draw the number that a requirement is about.
pub(super) struct Gauge<'a> {
    requirement: &'a Requirement,
    place: Place,
}

/// Where the number stands in an outcome.
enum Place {
    /// A failure, counted until an instant. A fleet that has no collector in service counts as
    /// failed, which the column of its collectors tells.
    Failure {
        position: usize,
        until: f64,
        collectors: Option<usize>,
    },
    /// A metric. `cut` tells of draws in which kills cut it off.
    Metric {
        column: usize,
        metric: Metric,
        cut: Option<Cut>,
    },
}

impl<'a> Gauge<'a> {
    /// The gauge of a requirement in a case, or why the case has no such number.
    pub(super) fn of(
        requirement: &'a Requirement,
        case: &Case,
        layout: &Layout,
    ) -> Result<Self, &'static str> {
        let is_meant = |scope: &Scope| scope.name(&case.blueprint) == requirement.subject.scope();
        let scope = Scope::all(&case.blueprint).into_iter().find(is_meant);
        let scope = scope.ok_or("the case has no such scope")?;
        let place = match &requirement.subject {
            Subject::Failure {
                failure, within, ..
            } => {
                let position = layout.failure(scope, *failure);
                let position = position.ok_or("the scope has no such failure")?;
                if let Some(absence) = failure.absence(scope, &case.blueprint) {
                    return Err(absence);
                }
                // A fleet that is short of room shows nothing but that.
                let collectors = layout.column(scope, Metric::CollectorsEnd);
                Place::Failure {
                    position,
                    until: within.map_or(f64::INFINITY, SimDuration::secs_f64),
                    collectors: collectors.filter(|_| *failure != Failure::Pending),
                }
            }
            Subject::Metric { metric, .. } => {
                let column = layout.column(scope, *metric);
                let column = column.ok_or("the scope has no such metric")?;
                let cut = metric.is_cut_by_kills();
                Place::Metric {
                    column,
                    metric: *metric,
                    cut: cut
                        .then(|| Cut::of(scope, &case.blueprint, layout))
                        .flatten(),
                }
            }
        };
        Ok(Self { requirement, place })
    }

    /// Why a case in which no draw has a number has none.
    pub(super) const fn absence(&self) -> &'static str {
        match self.place {
            Place::Failure { .. } => "no draw was simulated",
            Place::Metric { metric, .. } => metric.absence(),
        }
    }

    /// Whether the draw has a value of its own, and is not merely beyond any limit.
    pub(super) fn has_value(&self, draw: &impl Figures) -> bool {
        match self.place {
            Place::Failure { .. } => true,
            Place::Metric { column, .. } => {
                !draw.value(column).is_nan() && !draw.is_unserved(column)
            }
        }
    }

    /// What a draw counts as. A draw in which no collector was in service lies beyond any limit, and
    /// one in which a kill cut the metric off: above each in an expectation, and on the wrong side in a
    /// goal. `None` for a draw in which the metric has no meaning.
    pub(super) fn number(&self, draw: &impl Figures) -> Option<f64> {
        match self.place {
            Place::Failure {
                position,
                until,
                collectors,
            } => {
                let is_unserved = collectors.is_some_and(|of| draw.is_unserved(of));
                Some(match (is_unserved && self.is_goal(), self.wants_much()) {
                    (false, _) => draw.share(position, until),
                    (true, true) => 0.0,
                    (true, false) => 1.0,
                })
            }
            Place::Metric { column, cut, .. } => {
                let is_beyond = is_beyond(draw, column, cut);
                self.metric(draw.value(column), is_beyond)
            }
        }
    }

    fn metric(&self, value: f64, is_beyond: bool) -> Option<f64> {
        if value.is_nan() && !is_beyond {
            return None;
        }
        let wants_much = self.is_goal() && self.wants_much();
        let yes = |happens: bool| if happens { 1.0 } else { 0.0 };
        let Subject::Metric {
            exceeds: Some((comparison, limit)),
            ..
        } = self.requirement.subject
        else {
            return Some(match (is_beyond, wants_much) {
                (false, _) => value,
                (true, false) => f64::INFINITY,
                (true, true) => f64::NEG_INFINITY,
            });
        };
        Some(match (is_beyond, self.requirement.kind) {
            (false, _) => yes(comparison.holds(value, limit)),
            (true, Kind::Goal) => yes(!wants_much),
            (true, Kind::Expectation) => yes(is_upwards(comparison)),
        })
    }

    /// Whether a number speaks against the requirement.
    pub(super) fn is_against(&self, number: f64) -> bool {
        let limit = match (self.requirement.statistic, self.wants_much()) {
            (Statistic::Probability, false) => 0.0,
            (Statistic::Probability, true) => 1.0,
            (Statistic::Quantile(_) | Statistic::Mean, _) => self.requirement.limit,
        };
        if self.wants_much() {
            number < limit
        } else {
            number > limit
        }
    }

    /// The number that speaks most for a requirement on a probability or a quantile.
    pub(super) const fn best(requirement: &Requirement) -> f64 {
        match (requirement.statistic, is_upwards(requirement.comparison)) {
            (Statistic::Probability, false) => 0.0,
            (Statistic::Probability, true) => 1.0,
            (Statistic::Quantile(_) | Statistic::Mean, false) => f64::NEG_INFINITY,
            (Statistic::Quantile(_) | Statistic::Mean, true) => f64::INFINITY,
        }
    }

    fn is_goal(&self) -> bool {
        self.requirement.kind == Kind::Goal
    }

    const fn wants_much(&self) -> bool {
        is_upwards(self.requirement.comparison)
    }
}

/// Whether a draw only shows that its number is beyond what was seen.
fn is_beyond(draw: &impl Figures, column: usize, cut: Option<Cut>) -> bool {
    draw.is_unserved(column) || cut.is_some_and(|cut| cut.is_in(draw))
}

/// The claim that a requirement makes of the numbers of its draws.
pub(super) fn claim(requirement: &Requirement) -> Claim {
    Claim {
        statistic: requirement.statistic,
        comparison: requirement.comparison,
        limit: requirement.limit,
        range: requirement.range,
    }
}

const fn is_upwards(comparison: Comparison) -> bool {
    matches!(comparison, Comparison::Greater | Comparison::AtLeast)
}
