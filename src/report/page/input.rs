//! Every quantity of a study with its role, its law and its source.

use minijinja::{Value, context};

use crate::experiment::study::{Input, Role, Study};

/// The inputs in two groups: what varies, and what is fixed. An input that is not the same in all
/// cases names its case.
pub(super) fn groups(study: &Study) -> Value {
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
    context! {
        unstated => unstated(&varies) + unstated(&fixed),
        varies => varies.into_iter().map(row).collect::<Vec<_>>(),
        fixed => fixed.into_iter().map(row).collect::<Vec<_>>(),
    }
}

/// Whether nobody stated an input: the value is a default of the program, or was inferred.
fn is_unstated(input: &Input) -> bool {
    input.source == "default" || input.source.starts_with("INFERRED")
}

fn row((case, input): (&str, &Input)) -> Value {
    context! {
        case,
        path => input.path.as_str(),
        role => input.role.word(),
        law => input.law.as_str(),
        source => input.source.as_str(),
        is_unstated => is_unstated(input),
    }
}
