//! Every quantity of a study with its role, its law and its source.

use minijinja::{Value, context};

use crate::experiment::study::{Input, Role, Study};

/// The inputs in two groups: what varies, and what is fixed. An input that is not the same in all
/// cases names its case. On paper, fixed inputs only stand if the text of the scenario states them.
pub(super) fn groups(study: &Study, scenario: &str) -> Value {
    let is_shared = |input: &&Input| study.cases.iter().all(|case| case.inputs.contains(input));
    let base = study.cases.iter().take(1).flat_map(|case| &case.inputs);
    let shared: Vec<&Input> = base.filter(is_shared).collect();
    let own = study.cases.iter().flat_map(|case| {
        let inputs = case.inputs.iter();
        let own = inputs.filter(|input| !shared.contains(input));
        own.map(|input| (case.name.as_str(), input))
    });
    let all: Vec<(&str, &Input)> = shared.iter().map(|&input| ("", input)).chain(own).collect();
    let (fixed, varies): (Vec<_>, Vec<_>) = all
        .into_iter()
        .partition(|(_, input)| input.role == Role::Known);
    let unstated = |rows: &[(&str, &Input)]| rows.iter().filter(|row| is_unstated(row.1)).count();
    let is_printed = |input: &Input| input.role != Role::Known || is_stated(input, scenario);
    let unprinted = fixed.iter().filter(|(_, input)| !is_printed(input));
    let row = |(case, input): (&str, &Input)| row(case, input, is_printed(input));
    context! {
        unprinted => unprinted.count(),
        unstated => unstated(&varies) + unstated(&fixed),
        varies => varies.into_iter().map(row).collect::<Vec<_>>(),
        fixed => fixed.into_iter().map(row).collect::<Vec<_>>(),
    }
}

/// Whether nobody stated an input: the value is a default of the program, or was inferred.
fn is_unstated(input: &Input) -> bool {
    input.source == "default" || input.source.starts_with("INFERRED")
}

/// Whether the scenario states an input, by its source: its own, or one in the text.
fn is_stated(input: &Input, scenario: &str) -> bool {
    input.source == "this scenario" || (!is_unstated(input) && scenario.contains(&input.source))
}

fn row(case: &str, input: &Input, is_printed: bool) -> Value {
    context! {
        case,
        path => input.path.as_str(),
        role => input.role.word(),
        law => input.law.as_str(),
        source => input.source.as_str(),
        is_unstated => is_unstated(input),
        is_printed,
    }
}
