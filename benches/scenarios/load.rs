//! From the text of a scenario file to its results, as the command line does it.

use std::sync::atomic::AtomicBool;

use alloy_sim::experiment::archive::Archive;
use alloy_sim::experiment::run::{self, OnEnd, Options};
use alloy_sim::experiment::study::Study;
use alloy_sim::scenario::{self, Checked, Overrides, Source};

/// The scenario of a file that reads no others.
pub(crate) fn check(name: &str, text: &str) -> Checked {
    let source = Source {
        name: name.to_owned(),
        bytes: text.as_bytes().to_vec(),
    };
    let read = |_: &str, path: &str| Err(format!("{path} is not read here"));
    let mut loaded = scenario::load(&[source], &read, &Overrides::default());
    let loaded = loaded.pop().expect("one file gives one result");
    match loaded.result {
        Ok(checked) => checked,
        Err(problems) => panic!("{name}: {problems:#?}"),
    }
}

/// Runs studies side by side on so many threads.
pub(crate) fn run(studies: Vec<Study>, threads: usize, on_end: OnEnd<'_>) {
    let options = Options {
        threads,
        interrupted: &AtomicBool::new(false),
        on_progress: &|_| {},
        stopwatches: &[],
    };
    let archives = studies.into_iter().map(Archive::in_memory).collect();
    run::run_all(archives, &options, on_end);
}
