//! `alloy-sim check`: shows all problems and what a run takes. It looks at the beginning of some draws.

use super::arguments::CheckArguments;
use super::budget::Care;
use super::terminal::{Output, count};
use super::{Exit, environment, input};
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
    let mut exit = Exit::Good;
    let threads = environment::threads(arguments.threads);
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
        let budget = &arguments.budget;
        let estimate = budget.estimate(study, threads, (Care::Shown, &|| false));
        output.line(&report::estimated(&estimate, threads));
        if let Some(problem) = budget.refusal(scenario, &estimate) {
            input::show_problems(&[problem], &scenario.source);
            exit = Exit::WrongScenario;
        }
    }
    output.finish()?;
    if arguments.deny_warnings && warning_count > 0 {
        exit = Exit::WrongScenario;
    }
    Ok(exit)
}

fn draws_of(draws: Draws) -> String {
    match draws {
        Draws::Fixed(draws) => count(draws as usize, "draw"),
        Draws::UntilSettled { most } => {
            format!("draws until settled, at most {most}")
        }
    }
}
