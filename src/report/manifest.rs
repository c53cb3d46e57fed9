//! `manifest.json`: the inputs of the results, and the hashes that prove them.

use std::collections::BTreeMap;

use serde::Serializer as _;
use serde_json::{Serializer, Value, json};

use super::Sources;
use super::artifact::{Artifact, sha256};
use super::page;
use crate::experiment::results::Results;

/// Name of the file, which also marks a folder as one of this program.
const NAME: &str = "manifest.json";

/// Version of the format of this file.
const FORMAT: u32 = 1;

/// The manifest of `artifacts`, which are all other files of the study.
pub(super) fn render(results: &Results, sources: &Sources<'_>, artifacts: &[Artifact]) -> Artifact {
    let study = &results.study;
    let hashes = artifacts.iter();
    let hashes = hashes.map(|artifact| (artifact.name.as_str(), sha256(&artifact.bytes)));
    let hashes: BTreeMap<&str, String> = hashes.collect();
    let entry = |artifact: &Artifact| {
        let (name, bytes) = (artifact.name.as_str(), artifact.bytes.len());
        let entry = json!({ "bytes": bytes, "sha256": hashes[name] });
        (name.to_owned(), entry)
    };
    let entries: Value = artifacts.iter().map(entry).collect();
    let cases: Vec<&str> = study.cases.iter().map(|case| case.name.as_str()).collect();
    let text_hash = sha256(sources.scenario_text.as_bytes());
    // A list, so that the file keeps this order.
    let manifest = [
        ("program", json!("alloy-sim")),
        ("format", json!(FORMAT)),
        ("version", json!(sources.version)),
        ("scenario", json!(study.name)),
        ("question", json!(study.question)),
        ("start_date", json!(study.start_date)),
        ("horizon_seconds", json!(study.horizon().secs_f64())),
        ("seed", json!(study.seed)),
        ("draws", json!(results.draws)),
        ("replications", json!(study.replications)),
        ("cases", json!(cases)),
        (
            "command_line",
            json!({ "set": sources.selection.settings, "case": sources.selection.cases }),
        ),
        ("events_handled", json!(results.events_handled)),
        ("collector_days", json!(results.collector_days)),
        ("scenario_text_sha256", json!(text_hash)),
        ("artifacts", entries),
        ("result_sha256", json!(result_hash(&hashes))),
        ("environment", sources.environment.clone()),
    ];
    let mut bytes = Vec::new();
    Serializer::pretty(&mut bytes)
        .collect_map(manifest)
        .expect("a manifest is plain data");
    bytes.push(b'\n');
    let name = NAME.to_owned();
    Artifact { name, bytes }
}

/// The SHA-256 over one line `hash  name` per artifact but the page, in the order of names.
/// `sha256sum` prints the same lines, so that anybody can check the hash. The page names the file as
/// the command line did, so equal results may have unequal pages.
fn result_hash(hashes: &BTreeMap<&str, String>) -> String {
    let lines = hashes
        .iter()
        .filter(|(name, _)| **name != page::NAME)
        .map(|(name, hash)| format!("{hash}  {name}\n"));
    sha256(lines.collect::<String>().as_bytes())
}
