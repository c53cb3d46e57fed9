//! `docs/presets.md`, made from the presets of the program.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use super::{files, scenario};
use crate::support::scene::study;

const HEAD: &str = "\
# Presets

<!-- Generated from `src/scenario/preset` by `tests/it/presets/document.rs`; a test compares. -->

A preset holds what a scenario gets where it says nothing. [scenario.md](scenario.md#presets) says how to
choose one and how to write one. All sources are public, where the text does not say otherwise, and were
read in November 2026. `INFERRED` marks what no source gives: it is our reasoning from what the sources
say, and its width is our uncertainty. Roles and forms of quantities are those of
[scenario.md](scenario.md#quantities).
";

/// The section about one preset.
fn section(name: &str, text: &str) -> String {
    let file: toml::Table = toml::from_str(text).unwrap();
    let about = file["about"].as_str().unwrap();
    let mut section = format!("\n## `{name}`\n\n{about}\n");
    if let Some(base) = file.get("based_on").and_then(toml::Value::as_str) {
        writeln!(
            section,
            "\nEverything that is not listed is as in `{base}`."
        )
        .unwrap();
    }
    section.push_str("\n| key | value | role | source | remarks |\n|---|---|---|---|---|\n");
    let (mut header, mut remarks) = ("", Vec::new());
    for line in text.lines() {
        if line.is_empty() {
            remarks.clear();
        } else if let Some(remark) = line.strip_prefix("# ") {
            remarks.push(remark);
        } else if let Some(path) = line.strip_prefix('[') {
            header = path.trim_end_matches(']');
        } else if let Some((key, value)) = line.split_once(" = ").filter(|_| !header.is_empty()) {
            let path = format!("{header}.{key}");
            let remarks = std::mem::take(&mut remarks).join(" ");
            let (value, source) = value_and_source(value);
            let role = role(name, key);
            writeln!(
                section,
                "| `{path}` | {value} | {role} | {source} | {remarks} |"
            )
            .unwrap();
        }
    }
    section
}

/// `p50 6KB, p95 12KB` and the source of a value as a file has it.
fn value_and_source(text: &str) -> (String, String) {
    let line: toml::Table = toml::from_str(&format!("x = {text}")).unwrap();
    let value = line["x"].as_table().unwrap();
    let word = |value: &toml::Value| value.to_string().trim_matches('"').to_owned();
    // The order of the file, which the parser does not keep.
    let mut parts: Vec<(Option<usize>, String)> = value
        .iter()
        .filter(|(key, _)| *key != "source")
        .map(|(key, part)| {
            let stated = if key == "value" {
                word(part)
            } else {
                format!("{key} {}", word(part))
            };
            (text.find(&format!("{key} = ")), stated)
        })
        .collect();
    parts.sort();
    let parts: Vec<String> = parts.into_iter().map(|(_, part)| part).collect();
    (parts.join(", "), word(&value["source"]))
}

/// The role of a key in a scenario with the preset.
fn role(preset: &str, key: &str) -> &'static str {
    let study = study(&scenario(preset));
    let mut inputs = study.cases[0].inputs.iter();
    let found = inputs.find(|input| input.path.ends_with(&format!(".{key}")));
    found.map_or("known", |input| input.role.word())
}

fn document() -> String {
    let sections = files().into_iter().map(|(name, path)| {
        let text = fs::read_to_string(path).unwrap();
        section(&name, &text)
    });
    HEAD.to_owned() + &sections.collect::<String>()
}

#[test]
fn docs_presets_md_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/presets.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, document()).unwrap();
    }
    let file = fs::read_to_string(path).unwrap_or_default();
    assert!(
        file == document(),
        "run `UPDATE_DOCS=1 cargo test docs_presets_md`"
    );
}
