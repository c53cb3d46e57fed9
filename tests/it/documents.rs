//! The documents say what the code says: simplifications, providers, keys of scenario files.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use alloy_sim::cli::problem::render;
use alloy_sim::model::egress::Provider;
use alloy_sim::model::record::catalogue::{Failure, Metric};

use crate::scenario::load_bytes;

const SIMPLIFICATIONS: &str = include_str!("../../docs/model/simplifications.md");
const SCENARIO: &str = include_str!("../../docs/scenario.md");
const EVERYTHING: &str = include_str!("fixtures/everything.toml");

/// Name and text of every file below `src/<folder>`, named from `src`.
pub(crate) fn sources(folder: &str) -> Vec<(String, String)> {
    files_below("src", folder, "rs")
}

/// `docs/model.md` and every page below `docs/model`.
fn model() -> String {
    let pages = files_below("docs", "model", "md").into_iter();
    let pages = pages.map(|(_, text)| text);
    pages.fold(
        include_str!("../../docs/model.md").to_owned(),
        |all, page| all + &page,
    )
}

/// Name and text of every file below `<root>/<folder>` that ends so, named from the root.
fn files_below(root: &str, folder: &str, ending: &str) -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(root);
    let mut files = Vec::new();
    let mut folders: Vec<PathBuf> = vec![root.join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path
                .extension()
                .is_some_and(|extension| extension == ending)
            {
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

/// What stands below a heading, up to the next of its kind.
fn section<'a>(document: &'a str, heading: &str) -> &'a str {
    let section = document.split(heading).nth(1).expect("the heading exists");
    &section[..section.find("\n## ").unwrap_or(section.len())]
}

/// First cells of all tables of a text, without their quotes.
fn first_cells(text: &str) -> BTreeSet<String> {
    let rows = text.lines().filter_map(|line| line.strip_prefix("| `"));
    rows.filter_map(|row| row.split('`').next())
        .map(str::to_owned)
        .collect()
}

/// A goal may be about every failure and every metric, so the page of scenarios lists all of them.
#[test]
fn every_subject_of_a_goal_is_listed() {
    let page = include_str!("../../docs/scenario.md");
    let metrics = Metric::ALL.iter().map(|metric| metric.info().column);
    let failures = Failure::ALL.iter().map(|failure| failure.info().word);
    let is_missing = |word: &&str| !page.contains(&format!("`{word}`"));
    let missing: Vec<&str> = metrics.chain(failures).filter(is_missing).collect();
    assert!(missing.is_empty(), "docs/scenario.md: {missing:?}");
}

#[test]
fn every_simplification_has_its_row() {
    let code = simplified(&sources(""));
    let documented = first_cells(SIMPLIFICATIONS);
    let missing: Vec<_> = code.difference(&documented).collect();
    let stale: Vec<_> = documented.difference(&code).collect();
    assert!(!code.is_empty());
    assert!(
        missing.is_empty() && stale.is_empty(),
        "docs/model/simplifications.md: missing {missing:#?}, stale {stale:#?}"
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
    let model = model();
    for provider in Provider::NAMED {
        let quoted = format!("| `{}` |", provider.name());
        assert!(
            model.contains(&quoted),
            "the pages of the model lack {quoted}"
        );
    }
}

#[test]
fn the_model_names_files_that_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let model = model();
    let quoted = model.split('`').skip(1).step_by(2);
    let paths = quoted.filter(|code| code.starts_with("src/") || code.starts_with("tests/"));
    let paths: BTreeSet<&str> = paths.collect();
    assert!(paths.len() > 20, "paths are found: {paths:?}");
    let stale: Vec<_> = paths
        .into_iter()
        .filter(|path| !root.join(path).exists())
        .collect();
    assert!(stale.is_empty(), "the pages of the model name {stale:?}");
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
    let stale: Vec<String> = first_cells(section(SCENARIO, "\n## Sections\n"))
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
