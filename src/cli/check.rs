//! `alloy-sim check`: shows all problems, simulates nothing.

use super::arguments::CheckArguments;
use super::terminal::{Output, count};
use super::{Exit, input};
use crate::experiment::draws::Draws;
use crate::experiment::requirement::Kind;
use crate::report;
use crate::scenario::Overrides;

/// Checks the files, and prints a line for each file without problems.
pub(super) fn check(arguments: &CheckArguments) -> Result<Exit, Exit> {
    let overrides = Overrides {
        settings: arguments.selection.set.clone(),
        cases: arguments.selection.case.clone(),
        ..Overrides::default()
    };
    let scenarios = input::load(&arguments.files, &overrides)?;
    let mut output = Output::default();
    let mut warning_count = 0;
    for scenario in &scenarios {
        let study = &scenario.checked.study;
        let of_kind = |kind| {
            let requirements = study.requirements.iter();
            requirements.filter(|each| each.kind == kind).count()
        };
        input::show_problems(&scenario.checked.warnings, &scenario.source);
        warning_count += scenario.checked.warnings.len();
        output.line(&format!(
            "{}: {}: {}, {}, {}, {}, {}",
            scenario.source.name,
            study.name,
            count(study.cases.len(), "case"),
            draws_of(study.draws),
            count(of_kind(Kind::Goal), Kind::Goal.word()),
            count(of_kind(Kind::Expectation), Kind::Expectation.word()),
            count(scenario.checked.warnings.len(), "warning"),
        ));
        output.line(report::platform(study).trim_end());
    }
    output.finish()?;
    if arguments.deny_warnings && warning_count > 0 {
        return Err(Exit::WrongScenario);
    }
    Ok(Exit::Good)
}

fn draws_of(draws: Draws) -> String {
    match draws {
        Draws::Fixed(draws) => count(draws as usize, "draw"),
        Draws::UntilSettled { most } => {
            format!("draws until settled, at most {most}")
        }
    }
}
