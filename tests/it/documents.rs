//! The documents say what the code says: simplifications, providers, keys of scenario files.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use alloy_sim::cli::problem::render;
use alloy_sim::model::egress::Provider;

use crate::scenario::load_bytes;

const MODEL: &str = include_str!("../../docs/model.md");
const SCENARIO: &str = include_str!("../../docs/scenario.md");
const EVERYTHING: &str = include_str!("fixtures/everything.toml");

/// Name and text of every file below `src/<folder>`, named from `src`.
fn sources(folder: &str) -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    let mut folders: Vec<PathBuf> = vec![root.join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(&root).unwrap().display().to_string();
                files.push((name, fs::read_to_string(&path).unwrap()));
            }
        }
    }
    files.sort();
    files
}

/// The first word after a keyword that declares something, in the first such line.
fn declared<'a>(lines: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    const KEYWORDS: [&str; 8] = [
        "fn", "struct", "enum", "type", "trait", "mod", "static", "const",
    ];
    let name = |line: &'a str| {
        let words: Vec<&str> = line
            .split(|letter: char| !letter.is_alphanumeric() && letter != '_')
            .collect();
        // `const fn f` declares f: the last keyword of the line decides.
        let keyword = words.iter().rposition(|word| KEYWORDS.contains(word))?;
        words.get(keyword + 1).copied()
    };
    lines
        .map(str::trim)
        .filter(|line| !line.starts_with("//"))
        .find_map(name)
}

/// `file: item` of every `Simplified:` in doc comments.
fn simplified(files: &[(String, String)]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (file, text) in files {
        let lines: Vec<&str> = text.lines().collect();
        for (at, line) in lines.iter().enumerate() {
            let is_doc = line.trim_start().starts_with("//");
            if is_doc && line.contains("Simplified:") {
                let item = declared(lines[at..].iter().copied());
                let item = item.unwrap_or_else(|| panic!("{file}:{} documents nothing", at + 1));
                found.insert(format!("{file}: {item}"));
            }
        }
    }
    found
}

/// First cells of the tables below a heading, without their quotes.
fn first_cells(document: &str, heading: &str) -> BTreeSet<String> {
    let section = document.split(heading).nth(1).expect("the heading exists");
    let end = section.find("\n## ").unwrap_or(section.len());
    let rows = section[..end]
        .lines()
        .filter_map(|line| line.strip_prefix("| `"));
    rows.filter_map(|row| row.split('`').next())
        .map(str::to_owned)
        .collect()
}

#[test]
fn every_simplification_has_its_row() {
    let code = simplified(&sources(""));
    let documented = first_cells(MODEL, "\n## Simplifications\n");
    let missing: Vec<_> = code.difference(&documented).collect();
    let stale: Vec<_> = documented.difference(&code).collect();
    assert!(!code.is_empty());
    assert!(
        missing.is_empty() && stale.is_empty(),
        "docs/model.md, Simplifications: missing {missing:#?}, stale {stale:#?}"
    );
}

#[test]
fn a_new_simplification_is_noticed() {
    let text = "/// Holds.\n///\n/// Simplified: less.\n#[expect(x, reason = \"a\")]\npub const fn f() {}\n";
    let found = simplified(&[("a.rs".to_owned(), text.to_owned())]);
    assert_eq!(found, BTreeSet::from(["a.rs: f".to_owned()]));
}

#[test]
fn every_provider_has_its_row_in_the_model() {
    for provider in Provider::NAMED {
        let quoted = format!("| `{}` |", provider.name());
        assert!(MODEL.contains(&quoted), "docs/model.md lacks {quoted}");
    }
}

/// What a method of the reader is called on, up to its first argument.
const READERS: [&str; 2] = ["fields", "table"];

/// Keys that the reader asks for: the first text after `fields.something(` or `(fields,`.
fn keys_read(files: &[(String, String)]) -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    for (_, text) in files {
        for reader in READERS {
            for (at, _) in text.match_indices(reader) {
                let after = &text[at + reader.len()..];
                let argument = match after.chars().next() {
                    Some('.') => after
                        .split_once('(')
                        .filter(|(method, _)| is_word(&method[1..])),
                    Some(',') => Some(("", &after[1..])),
                    _ => None,
                };
                let quoted = argument.and_then(|(_, rest)| rest.trim_start().strip_prefix('"'));
                if let Some((key, _)) = quoted.and_then(|rest| rest.split_once('"'))
                    && is_word(key)
                {
                    keys.insert(key.to_owned());
                }
            }
        }
    }
    keys
}

/// Whether the reference names a key, by itself or in an example.
fn is_documented(key: &str) -> bool {
    SCENARIO.contains(&format!("`{key}`")) || SCENARIO.contains(&format!(" {key} = "))
}

fn is_word(text: &str) -> bool {
    text.bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

#[test]
fn the_reference_has_every_key_that_is_read() {
    let known = keys_read(&sources("scenario"));
    assert!(known.len() > 60, "the keys are found: {known:?}");
    let missing: Vec<_> = known.iter().filter(|key| !is_documented(key)).collect();
    assert!(missing.is_empty(), "docs/scenario.md lacks {missing:?}");
}

#[test]
fn the_reference_has_no_key_that_nobody_reads() {
    let code: String = sources("scenario")
        .into_iter()
        .map(|(_, text)| text)
        .collect();
    let stale: Vec<String> = first_cells(SCENARIO, "\n## Sections\n")
        .into_iter()
        .filter(|key| !code.contains(&format!("\"{key}\"")))
        .collect();
    assert!(
        stale.is_empty(),
        "docs/scenario.md names {stale:?}, which nobody reads"
    );
}

#[test]
fn the_scenario_with_every_key_is_covered() {
    for line in EVERYTHING.lines().filter(|line| !line.starts_with('#')) {
        let Some((key, _)) = line.split_once(" = ") else {
            continue;
        };
        let key = key.trim_matches('"');
        if !key.contains('.') {
            assert!(is_documented(key), "docs/scenario.md lacks `{key}`");
        }
    }
}

#[test]
fn examples_load() {
    let mut loaded = 0;
    for example in SCENARIO.split("```toml\n").skip(1) {
        let example = example.split("```").next().unwrap();
        if !example.starts_with("format") {
            continue;
        }
        loaded += 1;
        if let Err(problems) = load_bytes("docs/scenario.md", example.as_bytes()) {
            let shown: Vec<String> = problems
                .iter()
                .map(|problem| render(problem, example, false))
                .collect();
            panic!("{}", shown.join("\n"));
        }
    }
    assert!(loaded > 0, "docs/scenario.md has an example");
}
