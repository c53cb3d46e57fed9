//! What the numbers of a fleet rest on: its preset, and what the scenario says of its series.

use crate::experiment::study::{Case, Input, Role};

/// What a fleet that collects metrics rests on, one sentence for all fleets alike.
pub(super) fn of(case: &Case) -> Vec<String> {
    let mut said: Vec<(String, Vec<&str>)> = Vec::new();
    for fleet in &case.blueprint.fleets {
        let input = |key: &str| {
            let path = format!("fleet.{}.{key}", fleet.name);
            case.inputs.iter().find(|input| input.path == path)
        };
        let preset = input("preset").map_or("", |input| input.law.as_str());
        let memory = if fleet.metrics_of.is_empty() {
            ""
        } else if input("memory_per_series").is_some() {
            "; memory by one number, memory_per_series"
        } else if input("label_bytes").is_some_and(is_stated) {
            "; memory by terms, with label_bytes as stated"
        } else {
            "; memory by terms. State label_bytes and relabel_stages: without them the range is as \
             wide as public reports"
        };
        let sentence = format!("preset {preset}{memory}");
        match said.iter_mut().find(|(said, _)| *said == sentence) {
            Some((_, names)) => names.push(&fleet.name),
            None => said.push((sentence, vec![&fleet.name])),
        }
    }
    let shown =
        |(sentence, names): &(String, Vec<&str>)| format!("{}: {sentence}.", names.join(", "));
    said.iter().map(shown).collect()
}

/// Whether the scenario itself says something of a quantity.
fn is_stated(input: &Input) -> bool {
    input.role == Role::Known || input.source == "this scenario"
}
