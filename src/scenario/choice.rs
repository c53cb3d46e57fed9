//! The cases that the command line chooses, and what goals decide then.

use super::check::place;
use super::fields::Sink;
use super::names::Names;
use super::problem::Problem;
use super::requirement::section;
use super::tree::Table;
use crate::experiment::requirement::{Kind, Requirement};
use crate::experiment::study::Study;

/// Keeps only the cases with these names, and what requirements say about them. Without names all
/// cases stay.
///
/// A goal decides on those of its cases that are chosen. A goal without any is shown, decides
/// nothing, and is a warning. An expectation is about its cases alone, so it goes with them.
pub(super) fn choose(
    study: &mut Study,
    wanted: &[String],
    names: &Names,
    root: &Table,
    sink: &Sink,
) {
    if wanted.is_empty() {
        return;
    }
    let mut chosen = Vec::new();
    for text in wanted {
        match names.find(text) {
            Some(name) => chosen.push(name.to_owned()),
            None => sink.report(unknown(text, names)),
        }
    }
    if sink.has_errors() {
        return;
    }
    study.cases.retain(|case| chosen.contains(&case.name));
    for requirement in &mut study.requirements {
        requirement.cases.retain(|case| chosen.contains(case));
        if requirement.cases.is_empty() && requirement.kind == Kind::Goal {
            sink.report(undecided(requirement, root));
        }
    }
    let is_about =
        |requirement: &Requirement| requirement.kind == Kind::Goal || !requirement.cases.is_empty();
    study.requirements.retain(is_about);
}

fn unknown(text: &str, names: &Names) -> Problem {
    let message = format!("there is no case `{}` to choose", super::short(text));
    Problem::error(message, None).help(names.suggest_one(text))
}

fn undecided(goal: &Requirement, root: &Table) -> Problem {
    let span = place(root, section(Kind::Goal), &goal.name, "cases");
    let message = format!(
        "goal `{}` names none of the chosen cases, so it decides no exit code",
        goal.name
    );
    let help = "its verdict on the chosen cases is shown; choose a case that it names as well, or add the case \
                to its `cases`";
    Problem::warning(message, span).help(help)
}
