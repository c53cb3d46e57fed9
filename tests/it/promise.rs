//! A scenario that was accepted once stays accepted.
//!
//! The files below `accepted` are those that `check` accepted before the model was given its nouns: the
//! shipped scenarios, fixtures, and small inputs that went wrong. Each is still accepted, or it is refused
//! with the key that took the place of its own, or refusing it is right.

use std::fs;
use std::path::{Path, PathBuf};

use alloy_sim::scenario::Severity;

use crate::scenario::load_bytes;

/// What a message names that refuses a key which another one replaced.
const NEW_KEYS: [&str; 1] = ["[[expect]]"];

/// Files that are rightly refused, as the first line of each says.
const REFUSAL_IS_RIGHT: [&str; 7] = [
    "end-of-calendar.toml",
    "escapes-and-formulas.toml",
    "ledger-overflow-negative.toml",
    "ledger-overflow-panic.toml",
    "ledger-overflow-silent.toml",
    "noncharacters.toml",
    "too-large-for-memory.toml",
];

/// All files, by name.
fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/accepted");
    let folders = fs::read_dir(folder).unwrap();
    let entries = folders.flat_map(|folder| fs::read_dir(folder.unwrap().path()).unwrap());
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

#[test]
fn what_was_accepted_still_is() {
    let files = files();
    assert!(files.len() >= 60, "{}", files.len());
    for path in files {
        let file = path.file_name().unwrap().to_str().unwrap();
        let Err(problems) = load_bytes(file, &fs::read(&path).unwrap()) else {
            assert!(!REFUSAL_IS_RIGHT.contains(&file), "{file} is accepted");
            continue;
        };
        for problem in problems
            .iter()
            .filter(|problem| problem.severity == Severity::Error)
        {
            let is_replaced = NEW_KEYS
                .iter()
                .any(|key| format!("{problem:?}").contains(key));
            let is_right = REFUSAL_IS_RIGHT.contains(&file);
            assert!(is_replaced || is_right, "{file}: {problem:#?}");
        }
    }
}
