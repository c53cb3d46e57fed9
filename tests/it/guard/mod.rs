//! The shipped scenarios as they are meant to be used: `alloy-sim run scenarios/*.toml`, to the verdict.
//!
//! Two hashes per scenario stand in `tests/hashes.toml`. `numbers` covers the values of `draws.csv` and
//! `timeseries.csv` whose names `columns.txt` lists: a commit that only changes the structure keeps it, and
//! one that changes it says why in the changelog. `result` is the `result_sha256` of the manifest: new
//! wording, files and columns change it too.
//!
//! `UPDATE_HASHES=1 cargo test guard` renews the list.

mod numbers;
mod safety;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde::{Deserialize, Serialize};

/// The two hashes of one scenario.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
struct Hashes {
    numbers: String,
    result: String,
}

/// Hashes by the name of their scenario.
type List = BTreeMap<String, Hashes>;

const PROGRAM: &str = env!("CARGO_BIN_EXE_alloy-sim");

const HEAD: &str = "# What every shipped scenario gives. `UPDATE_HASHES=1 cargo test guard` writes this file; \
                    tests/it/guard says\n# what the hashes cover and when they may change.\n\n";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The shipped files, in the order of their names.
fn files() -> Vec<String> {
    let entries = fs::read_dir(root().join("scenarios")).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    let mut files: Vec<String> = paths.map(|path| path.display().to_string()).collect();
    files.sort();
    files
}

/// Parts of that run's answer that the README shows.
fn excerpts() -> Vec<String> {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let parts = readme.split("<!-- of: alloy-sim run --details scenarios/*.toml -->\n```text\n");
    let blocks = parts.skip(1).map(|part| part.split("```").next().unwrap());
    let blocks: Vec<_> = blocks.map(str::to_owned).collect();
    assert!(!blocks.is_empty(), "the README shows a table");
    blocks
}

/// What the folder of a result hashes to.
fn hashes_of(folder: &Path) -> Hashes {
    let manifest = fs::read_to_string(folder.join("manifest.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap();
    Hashes {
        numbers: numbers::hash(folder),
        result: manifest["result_sha256"].as_str().unwrap().to_owned(),
    }
}

/// The differences between two lists, a line each.
fn differences(listed: &List, found: &List) -> Vec<String> {
    let mut lines = Vec::new();
    for (name, now) in found {
        match listed.get(name) {
            None => lines.push(format!("{name}: not listed")),
            Some(before) if before.numbers != now.numbers => {
                lines.push(format!("{name}: other numbers"));
            }
            Some(before) if before.result != now.result => {
                lines.push(format!("{name}: other files, same numbers"));
            }
            Some(_) => {}
        }
    }
    let gone = listed.keys().filter(|name| !found.contains_key(*name));
    lines.extend(gone.map(|name| format!("{name}: listed, and not there")));
    lines
}

#[test]
fn shipped_scenarios_reach_their_verdict_with_the_listed_hashes() {
    let out = tempfile::tempdir().unwrap();
    let run = Command::new(PROGRAM)
        .args(["run", "--details"])
        .args(files())
        .arg("--out")
        .arg(out.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&run.stdout);
    assert_eq!(run.status.code(), Some(0), "{said}");
    for block in excerpts() {
        assert!(said.contains(&block), "not in the answer:\n{block}");
    }
    let folders = fs::read_dir(out.path()).unwrap();
    let paths = folders.map(|entry| entry.unwrap().path());
    let folders: Vec<_> = paths.filter(|path| path.is_dir()).collect();
    let unsafe_cases: Vec<_> = folders
        .iter()
        .flat_map(|folder| safety::violations(folder))
        .collect();
    assert!(unsafe_cases.is_empty(), "\n{}\n", unsafe_cases.join("\n"));
    let name = |folder: &Path| folder.file_name().unwrap().to_str().unwrap().to_owned();
    let found: List = folders
        .iter()
        .map(|folder| (name(folder), hashes_of(folder)))
        .collect();
    assert_eq!(found.len(), files().len());
    let path = root().join("tests/hashes.toml");
    if std::env::var_os("UPDATE_HASHES").is_some() {
        let text = toml::to_string(&found).unwrap();
        fs::write(&path, format!("{HEAD}{text}")).unwrap();
    }
    let listed: List = toml::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    let lines = differences(&listed, &found);
    assert!(lines.is_empty(), "\n{}\n", lines.join("\n"));
}

#[test]
fn a_list_that_differs_is_noticed() {
    let hashes = |numbers: &str, result: &str| Hashes {
        numbers: numbers.to_owned(),
        result: result.to_owned(),
    };
    let list = |rows: &[(&str, Hashes)]| -> List {
        let rows = rows.iter();
        rows.map(|(name, hashes)| ((*name).to_owned(), hashes.clone()))
            .collect()
    };
    let listed = list(&[("a", hashes("1", "1")), ("b", hashes("1", "1"))]);
    assert!(differences(&listed, &listed).is_empty());
    let found = list(&[("a", hashes("2", "2")), ("c", hashes("1", "1"))]);
    let lines = differences(&listed, &found);
    assert_eq!(
        lines,
        [
            "a: other numbers",
            "c: not listed",
            "b: listed, and not there"
        ]
    );
    let found = list(&[("a", hashes("1", "2")), ("b", hashes("1", "1"))]);
    assert_eq!(
        differences(&listed, &found),
        ["a: other files, same numbers"]
    );
}
