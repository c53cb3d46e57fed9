//! The shipped scenarios: every file loads without a problem, opens with its question, and runs to
//! the last file of its folder.

use std::sync::atomic::AtomicBool;

use alloy_sim::Draws;
use alloy_sim::experiment::run::{Options, run};
use alloy_sim::model::record::outcome::Outcome;
use alloy_sim::report::{Sources, Style, answer, brief};
use alloy_sim::scenario::Checked;
use alloy_sim::units::SimDuration;

use crate::scenario::load_bytes;
use crate::support::files::render;
use crate::support::scene::outcomes;

/// Horizon of a short run.
const SHORT: SimDuration = SimDuration::from_hours(36);

/// Names and texts of all shipped scenarios, by name.
pub(crate) fn shipped() -> Vec<(String, String)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios");
    let mut files: Vec<(String, String)> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "toml"))
        .map(|path| {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            (name, std::fs::read_to_string(&path).unwrap())
        })
        .collect();
    files.sort();
    files
}

fn checked(name: &str, text: &str) -> Checked {
    let result = load_bytes(name, text.as_bytes());
    result.unwrap_or_else(|problems| panic!("{name}: {problems:#?}"))
}

#[test]
fn there_are_scenarios_to_copy() {
    assert!(shipped().len() >= 8);
}

#[test]
fn every_scenario_opens_with_its_question() {
    for (name, text) in shipped() {
        let comment: String = text
            .lines()
            .take_while(|line| line.starts_with('#'))
            .collect();
        assert!(
            comment.contains('?'),
            "{name} does not open with a question"
        );
        let checked = checked(&name, &text);
        assert_eq!(checked.study.name, name, "a file is called as its scenario");
        assert!(checked.study.question.ends_with('?'), "{name}");
        assert!(
            !checked.study.requirements.is_empty(),
            "{name} states nothing"
        );
    }
}

/// The only warning that a shipped scenario may raise is the one that it is about.
#[test]
fn scenarios_raise_no_warning_that_they_are_not_about() {
    for (name, text) in shipped() {
        let warnings = checked(&name, &text).warnings;
        let other = warnings
            .iter()
            .find(|warning| !warning.message.contains("sidecars collect"));
        assert!(other.is_none(), "{name}: {other:?}");
    }
}

/// The example that the format was designed with, with its 180 days, its variant and its sweep.
#[test]
fn the_example_of_the_format_runs() {
    let text = include_str!("fixtures/design-example.toml");
    let mut study = checked("design-example", text).study;
    study.draws = Draws::Fixed(2);
    let results = run(study, &quietly(&AtomicBool::new(false))).unwrap();
    assert_eq!(results.cases.len(), 5);
    let collectors = |case: usize| outcomes(&results.cases[case])[0].values[1];
    assert!(
        (collectors(0) - 5.0).abs() < 1e-9,
        "five replicas to the horizon"
    );
    assert!(
        collectors(1) > 1_000.0,
        "a daemon on every node of the growing pool"
    );
}

fn quietly(interrupted: &AtomicBool) -> Options<'_> {
    Options {
        threads: 2,
        interrupted,
        on_progress: &|_| {},
        stopwatches: &[],
    }
}

/// Bytes that the values of a draw take in memory.
fn kept_bytes(outcome: &Outcome) -> usize {
    let replicas: usize = outcome.replicas.iter().map(Vec::len).sum();
    size_of_val(&*outcome.values)
        + size_of_val(&*outcome.unserved)
        + size_of_val(&*outcome.unknowns)
        + size_of_val(&*outcome.tracks)
        + (outcome.first.len() + replicas) * size_of::<Option<f64>>()
}

#[test]
fn every_scenario_runs_and_renders_all_its_files() {
    for (name, text) in shipped() {
        let checked = checked(&name, &text);
        let mut study = checked.study;
        study.draws = Draws::Fixed(3);
        for case in &mut study.cases {
            case.blueprint.horizon = case.blueprint.horizon.min(SHORT);
        }
        let results = run(study, &quietly(&AtomicBool::new(false))).unwrap();
        let outcomes = results.cases.iter().flat_map(outcomes);
        let largest = outcomes.map(|outcome| kept_bytes(&outcome)).max().unwrap();
        assert!(
            largest <= 16 << 10,
            "{name} keeps {largest} bytes of a draw"
        );
        let files = render(
            &results,
            &Sources {
                version: "0",
                scenario_text: &text,
                selection: alloy_sim::report::Selection::default(),
                resolved_toml: &checked.resolved_toml,
                environment: &serde_json::json!({}),
            },
        );
        for wanted in ["summary.csv", "draws.csv", "timeseries.csv", "goals.csv"] {
            assert!(files.iter().any(|file| file.name == wanted), "{name}");
        }
        let charts = files
            .iter()
            .filter(|file| file.name.starts_with("charts/"))
            .count();
        assert!(charts > 0, "{name} has no chart");
        let style = Style {
            colour: false,
            width: 80,
        };
        assert!(!answer(&brief(&results).unwrap(), style).is_empty());
    }
}
