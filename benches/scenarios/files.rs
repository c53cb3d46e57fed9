//! Scenario files from end to end.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use alloy_sim::experiment::results::Results;
use alloy_sim::experiment::study::Study;
use alloy_sim::report::{self, Sources, Style};
use alloy_sim::scenario::Checked;

use super::load;

/// Folders whose files are measured, and a single file.
pub(crate) const PLACES: [&str; 3] = [
    "scenarios",
    "benches/scenarios",
    "tests/it/fixtures/design-example.toml",
];

/// A scenario file.
pub(crate) struct File {
    /// Where it is, from the root of the repository.
    pub(crate) path: String,
    /// What it says.
    pub(crate) text: String,
}

/// The files of one of [`PLACES`], by name.
pub(crate) fn files(place: &str) -> Vec<File> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths = vec![root.join(place)];
    if paths[0].is_dir() {
        let entries = fs::read_dir(&paths[0]).expect("the folder is in the repository");
        let entries = entries.map(|entry| entry.expect("the folder can be read").path());
        let is_scenario = |path: &_| Path::extension(path).is_some_and(|end| end == "toml");
        paths = entries.filter(|path| is_scenario(path)).collect();
        paths.sort();
    }
    let read = |path: &Path| File {
        path: path
            .strip_prefix(root)
            .unwrap_or(path)
            .display()
            .to_string(),
        text: fs::read_to_string(path).expect("the file is in the repository"),
    };
    paths.iter().map(|path| read(path)).collect()
}

/// What `alloy-sim check` does with a file.
pub(crate) fn check(file: &File) -> Checked {
    load::check(&file.path, &file.text)
}

/// What `alloy-sim run` does with all of these files at once, short of writing their results: returns the
/// bytes of answers and of files. Each study is changed first.
pub(crate) fn run(files: &[&File], threads: usize, change: impl Fn(&mut Study)) -> (usize, usize) {
    let mut checked: Vec<_> = files.iter().map(|file| check(file)).collect();
    for checked in &mut checked {
        change(&mut checked.study);
    }
    let studies = checked
        .iter()
        .map(|checked| checked.study.clone())
        .collect();
    let bytes = [const { AtomicUsize::new(0) }; 2];
    load::run(studies, threads, &|index, results| {
        let results = results.expect("nothing interrupts it");
        let (answer, artifacts) = render(files[index], &checked[index].resolved_toml, &results);
        bytes[0].fetch_add(answer, Ordering::Relaxed);
        bytes[1].fetch_add(artifacts, Ordering::Relaxed);
    });
    let [answer, artifacts] = bytes.map(AtomicUsize::into_inner);
    (answer, artifacts)
}

fn render(file: &File, resolved_toml: &str, results: &Results) -> (usize, usize) {
    let sources = Sources {
        version: env!("CARGO_PKG_VERSION"),
        scenario_text: &file.text,
        selection: report::Selection::default(),
        resolved_toml,
        environment: &serde_json::Value::Null,
    };
    let style = Style {
        colour: false,
        width: 80,
    };
    let mut artifacts: Vec<report::Artifact> = Vec::new();
    report::render(results, &sources, &mut artifacts).expect("memory takes all files");
    let brief = report::brief(results).expect("draws in memory can be read");
    let bytes = artifacts.iter().map(|artifact| artifact.bytes.len()).sum();
    (report::answer(&brief, style).len(), bytes)
}
