//! Whether the draws can settle the goals and expectations.

use super::super::fields::Sink;
use super::super::problem::Problem;
use super::super::read::experiment::DRAWS_DEFAULT;
use super::super::requirement::section;
use super::super::tree::{Node, Table};
use super::{limits, place};
use crate::experiment::draws::Draws;
use crate::experiment::requirement::{Comparison, Requirement, Statistic};
use crate::experiment::study::Study;
use crate::stats::draws_to_settle;

/// One-sided level of a verdict.
const LEVEL: f64 = 0.05;

/// Warns of goals and expectations that stay unsettled even if no draw has the event.
pub(super) fn warn(study: &Study, root: &Table, sink: &Sink) {
    for requirement in &study.requirements {
        let kind = requirement.kind;
        let family = study.requirements.iter();
        let family = family.filter(|other| other.kind == kind);
        let gates: usize = family.map(|other| other.cases.len()).sum();
        if !limits::bind(requirement) {
            continue;
        }
        if requirement.statistic == Statistic::Mean && !requirement.range.is_finite() {
            let message = format!(
                "no number of draws settles the mean of {} `{}`: the range of its metric is not known",
                kind.word(),
                requirement.name
            );
            let span = place(root, section(kind), &requirement.name, "require");
            let help = "ask for the median or for p95, which draws can settle; or state the range of every \
                        draw: range = { min = …, max = … }";
            sink.report(Problem::warning(message, span).help(help));
        }
        let Some(probability) = probability_to_exclude(requirement) else {
            continue;
        };
        // Holm's first step compares the smallest p-value with this level.
        let needed = draws_to_settle(probability, LEVEL / gates.max(1) as f64);
        let most = study.draws.most();
        if needed.is_none_or(|needed| u64::from(most) < needed) {
            let message = format!(
                "{most} draws cannot settle {} `{}`, even if none of them has the event",
                kind.word(),
                requirement.name
            );
            let span = place(root, section(kind), &requirement.name, "require");
            let help = match needed {
                Some(needed) => {
                    let key = match study.draws {
                        Draws::Fixed(_) => "draws",
                        Draws::UntilSettled { .. } => "draws_max",
                    };
                    format!("set {key} to {needed} or more, or loosen the limit")
                }
                None => {
                    "no number of draws shows that something never happens; allow some".to_owned()
                }
            };
            sink.report(Problem::warning(message, span).help(help));
        }
    }
}

/// Fixes the number of draws of a study that has nothing to settle.
pub(in crate::scenario) fn bound(study: &mut Study, root: &Table, sink: &Sink) {
    let Draws::UntilSettled { most } = study.draws else {
        return;
    };
    let names_a_case = |each: &Requirement| study.cases.iter().any(|case| each.names(&case.name));
    if study.requirements.iter().any(names_a_case) {
        return;
    }
    let draws = DRAWS_DEFAULT.min(most);
    study.draws = Draws::Fixed(draws);
    let experiment = root.get("experiment").and_then(Node::as_table);
    let span = experiment.and_then(|table| table.get("draws")?.span);
    let message = format!(
        "no goal names a case that is simulated, so there is nothing to settle: {draws} draws"
    );
    let help = "state a [[goal]], or a number of draws";
    sink.report(Problem::warning(message, span).help(help));
}

/// The probability that draws without the event must exclude, if the requirement is about a
/// probability.
fn probability_to_exclude(requirement: &Requirement) -> Option<f64> {
    let probability = match requirement.comparison {
        Comparison::Less | Comparison::AtMost => requirement.limit,
        Comparison::Greater | Comparison::AtLeast => 1.0 - requirement.limit,
    };
    (requirement.statistic == Statistic::Probability && probability < 1.0).then_some(probability)
}
