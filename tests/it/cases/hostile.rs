//! Texts, names and dates that once broke an answer.

use std::collections::BTreeSet;

use alloy_sim::Draws;
use alloy_sim::experiment::results::Results;
use alloy_sim::model::record::catalogue::{Scope, Track};
use alloy_sim::report::{Artifact, Selection, Sources};

use crate::invalid::messages;
use crate::support::files::render;
use crate::support::scene::{results, study};

const CALENDAR: &str = include_str!("end-of-calendar.toml");
const LONG: &str = include_str!("long-case-name.toml");
const COLLIDING: &str = include_str!("colliding-case-names.toml");
const FLEETS: &str = include_str!("eight-fleets.toml");
const ESCAPES: &str = include_str!("escapes-and-formulas.toml");
const NONCHARACTERS: &str = include_str!("noncharacters.toml");

fn few(text: &str) -> Results {
    let mut study = study(text);
    study.draws = Draws::Fixed(3);
    results(study, 2)
}

fn files(results: &Results) -> Vec<Artifact> {
    let sources = Sources {
        version: "0",
        scenario_text: "",
        selection: Selection::default(),
        resolved_toml: "",
        environment: &serde_json::Value::Null,
    };
    render(results, &sources)
}

#[track_caller]
fn assert_refused(text: &str, parts: &[&str]) {
    let shown = messages("test.toml", text.as_bytes());
    for part in parts {
        assert!(shown.contains(part), "{part} in {shown}");
    }
}

#[test]
fn a_horizon_stays_within_the_calendar() {
    assert_refused(CALENDAR, &["ends past the year 9998", "start_date"]);
    let earlier = CALENDAR.replace("9999-12-01", "9998-11-01");
    assert!(!files(&few(&earlier)).is_empty());
}

#[test]
fn folders_of_cases_are_short_and_their_own() {
    for text in [LONG, COLLIDING] {
        let results = few(text);
        let files = files(&results);
        let names: BTreeSet<String> = files.iter().map(|file| file.name.to_lowercase()).collect();
        assert_eq!(names.len(), files.len(), "every file has its own name");
        let parts = names.iter().flat_map(|name| name.split('/'));
        assert!(parts.map(str::len).max() <= Some(60));
        let is_drawn = |folder: &&str| names.iter().any(|name| name.starts_with(*folder));
        let folders = names.iter().filter_map(|name| name.rsplit_once('/'));
        let folders: BTreeSet<&str> = folders.map(|(folder, _)| folder).filter(is_drawn).collect();
        assert_eq!(folders.len(), results.cases.len(), "a folder per case");
    }
}

#[test]
fn each_scope_has_its_tracks_however_many_there_are() {
    let results = few(FLEETS);
    let case = &results.study.cases[0];
    let layout = &results.cases[0].layout;
    for scope in Scope::all(&case.blueprint) {
        let mut tracks = Track::ALL.iter();
        let has_some = tracks.any(|track| track.info().scope == scope.kind());
        let is_followed = layout.tracks.iter().any(|(of, _)| *of == scope);
        assert_eq!(has_some, is_followed, "{}", scope.name(&case.blueprint));
    }
    let files = files(&results);
    for chart in ["charts/ports.svg", "charts/memory.svg"] {
        assert!(files.iter().any(|file| file.name == chart), "{chart}");
    }
}

#[test]
fn letters_that_show_something_else_are_refused() {
    assert_refused(
        ESCAPES,
        &[
            "control character U+001B",
            "the direction of the text, U+202E",
        ],
    );
    assert_refused(NONCHARACTERS, &["U+FFFE"]);
}

/// What is left of it without such letters: names that a spreadsheet takes for formulas, and markup.
#[test]
fn names_are_neither_formulas_nor_markup() {
    let text = ESCAPES
        .replace("\\u001b", "")
        .replace("\\u0007", "")
        .replace("\\u202e", "")
        .replace("\\u2066", "")
        .replace("\\t", "")
        .replace("\\u000a", " ")
        .replace("expect = \"fails\"\n", "")
        .replace("reason = ", "# reason = ");
    let results = few(&text);
    for file in files(&results) {
        let text = String::from_utf8(file.bytes).unwrap();
        let is_markup = [".svg", ".html"].iter().any(|end| file.name.ends_with(end));
        assert!(
            !is_markup || !text.contains("<script>alert"),
            "{}",
            file.name
        );
        if file.name.split('.').next_back() == Some("csv") {
            let mut reader = csv::ReaderBuilder::new();
            let mut reader = reader.has_headers(false).from_reader(text.as_bytes());
            for cell in reader.records().flat_map(|record| {
                let record = record.unwrap();
                record.iter().map(str::to_owned).collect::<Vec<_>>()
            }) {
                let is_formula = cell.starts_with(['=', '+', '-', '@']);
                assert!(
                    !is_formula || cell.parse::<f64>().is_ok(),
                    "{}: {cell}",
                    file.name
                );
            }
        }
    }
}
