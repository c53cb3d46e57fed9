//! `manifest.json`: the inputs of the results, and the hashes that prove them.

use std::collections::BTreeMap;

use serde::Serializer as _;
use serde_json::{Serializer, Value, json};

use super::Sources;
use super::artifact::sha256;
use super::page;
use super::shelf::Listed;
use crate::experiment::results::Results;

/// Name of the file, which also marks a folder as one of this program.
pub(super) const NAME: &str = "manifest.json";

/// Version of the format of this file.
const FORMAT: u32 = 1;

/// The manifest of a study whose other files are `listed`.
pub(super) fn render(results: &Results, sources: &Sources<'_>, listed: &[Listed]) -> String {
    let study = &results.study;
    let hashes = listed.iter();
    let hashes = hashes.map(|file| (file.name.as_str(), file.sha256.as_str()));
    let hashes: BTreeMap<&str, &str> = hashes.collect();
    let entry = |file: &Listed| {
        let entry = json!({ "bytes": file.bytes, "sha256": file.sha256 });
        (file.name.clone(), entry)
    };
    let entries: Value = listed.iter().map(entry).collect();
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
    String::from_utf8(bytes).expect("JSON is text")
}

/// The SHA-256 over one line `hash  name` per artifact but the page, in the order of names.
/// `sha256sum` prints the same lines, so that anybody can check the hash. The page names the file as
/// the command line did, so equal results may have unequal pages.
fn result_hash(hashes: &BTreeMap<&str, &str>) -> String {
    let lines = hashes
        .iter()
        .filter(|(name, _)| **name != page::NAME)
        .map(|(name, hash)| format!("{hash}  {name}\n"));
    sha256(lines.collect::<String>().as_bytes())
}
