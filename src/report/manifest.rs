//! `manifest.json`: what made the results, and the hashes that prove it.

use std::collections::BTreeMap;

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::Sources;
use super::artifact::{Artifact, sha256};
use crate::experiment::results::Results;

/// Name of the file, also what marks a folder as ours.
const NAME: &str = "manifest.json";

/// Version of this file's shape.
const FORMAT: u32 = 1;

#[derive(Serialize)]
struct Manifest<'a> {
    program: &'static str,
    format: u32,
    version: &'a str,
    scenario: &'a str,
    question: &'a str,
    start_date: Option<&'a str>,
    horizon_seconds: f64,
    seed: u64,
    draws: u32,
    replications: u32,
    cases: Vec<&'a str>,
    events_handled: u64,
    collector_days: f64,
    scenario_text_sha256: String,
    artifacts: BTreeMap<&'a str, Entry>,
    result_sha256: String,
    environment: &'a serde_json::Value,
}

#[derive(Serialize)]
struct Entry {
    bytes: usize,
    sha256: String,
}

/// The manifest of `artifacts`, which are all files of the study but this one.
pub(super) fn render(results: &Results, sources: &Sources<'_>, artifacts: &[Artifact]) -> Artifact {
    let study = &results.study;
    let entry = |artifact: &Artifact| Entry {
        bytes: artifact.bytes.len(),
        sha256: artifact.sha256(),
    };
    let entries: BTreeMap<&str, Entry> = artifacts
        .iter()
        .map(|artifact| (artifact.name.as_str(), entry(artifact)))
        .collect();
    let manifest = Manifest {
        program: "alloy-sim",
        format: FORMAT,
        version: sources.version,
        scenario: &study.name,
        question: &study.question,
        start_date: study.start_date.as_deref(),
        horizon_seconds: study.horizon().secs_f64(),
        seed: study.seed,
        draws: study.draws,
        replications: study.replications,
        cases: study.cases.iter().map(|case| case.name.as_str()).collect(),
        events_handled: results.events_handled,
        collector_days: results.collector_days,
        scenario_text_sha256: sha256(sources.scenario_text.as_bytes()),
        result_sha256: result_hash(&entries),
        artifacts: entries,
        environment: sources.environment,
    };
    let text = serde_json::to_string_pretty(&manifest).expect("a manifest is plain data");
    Artifact::text(NAME, &(text + "\n"))
}

/// The SHA-256 over one line `hash  name` per artifact in the order of names, as `sha256sum` prints
/// them, so that anybody can check it.
fn result_hash(entries: &BTreeMap<&str, Entry>) -> String {
    let mut hasher = Sha256::new();
    for (name, entry) in entries {
        hasher.update(format!("{}  {name}\n", entry.sha256));
    }
    super::artifact::hexadecimal(&hasher.finalize())
}
