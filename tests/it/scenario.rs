//! Scenario files: what loads, what it means, and that nothing panics.

use alloy_sim::cli::problem::render;
use alloy_sim::scenario::{Checked, Loaded, Overrides, Problem, STARTER, Source, load};

const EXAMPLE: &str = include_str!("fixtures/design-example.toml");

/// No scenario here has other files, but for one.
fn read(_file: &str, path: &str) -> Result<Vec<u8>, String> {
    match path {
        "series.csv" => Ok(b"target,series\na,100\nb,250\nc,40000\n".to_vec()),
        _ => Err(format!("{path} does not exist")),
    }
}

/// What one text becomes.
pub(crate) fn load_bytes(name: &str, bytes: &[u8]) -> Result<Checked, Vec<Problem>> {
    let source = Source {
        name: name.to_owned(),
        bytes: bytes.to_vec(),
    };
    let mut loaded: Vec<Loaded> = load(&[source], &read, &Overrides::default());
    loaded.remove(0).result
}

fn checked(text: &str) -> Checked {
    load_bytes("test.toml", text.as_bytes()).unwrap_or_else(|problems| {
        let shown: Vec<String> = problems
            .iter()
            .map(|problem| render(problem, text, false))
            .collect();
        panic!("{}", shown.join("\n"))
    })
}

#[test]
fn the_example_of_the_design_loads() {
    let checked = checked(EXAMPLE);
    let names: Vec<&str> = checked
        .study
        .cases
        .iter()
        .map(|case| case.name.as_str())
        .collect();
    assert_eq!(
        names,
        [
            "base",
            "host daemon",
            "base, fleet.metrics.replicas=3",
            "base, fleet.metrics.replicas=4",
            "base, fleet.metrics.replicas=6",
        ]
    );
}

#[test]
fn the_starter_loads_without_a_warning() {
    let checked = checked(STARTER);
    assert_eq!(checked.study.cases.len(), 3);
    let shown: Vec<String> = checked
        .warnings
        .iter()
        .map(|problem| render(problem, STARTER, false))
        .collect();
    assert!(shown.is_empty(), "{}", shown.join("\n"));
}

#[test]
fn a_resolved_scenario_is_the_same_scenario() {
    for text in [EXAMPLE, STARTER] {
        let first = checked(text);
        let second = checked(&first.resolved_toml);
        assert!(first.study == second.study, "{}", first.resolved_toml);
        for (a, b) in first
            .resolved_toml
            .lines()
            .zip(second.resolved_toml.lines())
        {
            assert_eq!(a, b);
        }
    }
}
