//! What a reviewer reads, word for word: the answer and the titles of the charts.
//!
//! `LOOK_DIR=/tmp/look cargo test --test it golden` also writes the files, to look at them.

use std::path::Path;

use alloy_sim::experiment::results::Results;
use alloy_sim::report::{Artifact, Sources, render};

use crate::support::synthetic;

fn files(results: &Results) -> Vec<Artifact> {
    let environment = serde_json::Value::Null;
    let sources = Sources {
        version: "0.1.0",
        scenario_text: "",
        resolved_toml: "",
        environment: &environment,
    };
    let files = render(results, &sources);
    if let Some(folder) = std::env::var_os("LOOK_DIR") {
        for file in &files {
            let path = Path::new(&folder)
                .join(&results.study.name)
                .join(&file.name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, &file.bytes).unwrap();
        }
    }
    files
}

/// One line per chart: its file and its finding.
fn titles(results: &Results) -> String {
    let line = |file: &Artifact| {
        let text = std::str::from_utf8(&file.bytes).unwrap();
        let title = text.split_once("<title>")?.1.split_once("</title>")?.0;
        Some(format!("{}: {title}", file.name))
    };
    files(results)
        .iter()
        .filter_map(line)
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn charts_of_a_memory_bound_scenario_say_so() {
    insta::assert_snapshot!(titles(&synthetic::memory_bound()));
}

#[test]
fn charts_of_a_port_bound_scenario_say_so() {
    insta::assert_snapshot!(titles(&synthetic::port_bound()));
}

#[test]
fn charts_of_a_sweep_without_failures_compare_its_cases() {
    insta::assert_snapshot!(titles(&synthetic::sweep()));
}
