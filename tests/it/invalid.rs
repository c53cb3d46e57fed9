//! Every kind of mistake, with the message its writer sees.

use std::fs;
use std::path::{Path, PathBuf};

use alloy_sim::cli::problem::render;
use alloy_sim::scenario::Severity;

use crate::scenario::load_bytes;

/// Everything that is said about one file; warnings of a file that loads included.
pub(crate) fn messages(name: &str, bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let problems = match load_bytes(name, bytes) {
        Ok(checked) => checked.warnings,
        Err(problems) => problems,
    };
    let shown: Vec<String> = problems
        .iter()
        .map(|problem| render(problem, &text, false))
        .collect();
    shown.join("\n\n")
}

/// The files with mistakes, in the order of their names.
fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/invalid");
    let entries = fs::read_dir(folder).unwrap();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

#[test]
fn every_mistake_has_its_message() {
    let files = files();
    assert!(files.len() >= 50);
    for path in files {
        let file = path.file_name().unwrap().to_str().unwrap().to_owned();
        let shown = messages(&file, &fs::read(&path).unwrap());
        assert!(!shown.is_empty(), "nothing is wrong with {file}");
        let is_warning = file.starts_with("warning-");
        assert_eq!(shown.starts_with("warning"), is_warning, "{file}: {shown}");
        insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!(file.trim_end_matches(".toml"), shown);
        });
    }
}

/// Every key of two files, misspelt alone, is one mistake with one message, and not its echoes.
#[test]
fn a_misspelt_key_is_one_mistake() {
    let everything = include_str!("fixtures/everything.toml");
    let (base, _) = everything.split_once("[[variant]]").unwrap();
    for text in [alloy_sim::scenario::STARTER, base] {
        let lines: Vec<&str> = text.lines().collect();
        let mut echoes = Vec::new();
        for (index, line) in lines.iter().enumerate() {
            let key = line.split([' ', '=']).next().unwrap_or_default();
            let is_key = key
                .chars()
                .all(|letter| letter.is_alphanumeric() || letter == '_');
            if !is_key || key.len() < 4 || !line.contains('=') {
                continue;
            }
            let mut lines = lines.clone();
            let misspelt = line.replacen(key, &format!("{key}x"), 1);
            lines[index] = &misspelt;
            let problems = load_bytes("x.toml", lines.join("\n").as_bytes())
                .err()
                .unwrap_or_default();
            let errors = problems
                .iter()
                .filter(|problem| problem.severity == Severity::Error);
            let errors: Vec<&str> = errors.map(|problem| problem.message.as_str()).collect();
            if errors.len() != 1 || !errors[0].starts_with("unknown key") {
                echoes.push(format!("{}: {line}: {errors:#?}", index + 1));
            }
        }
        assert!(echoes.is_empty(), "{}", echoes.join("\n"));
    }
}

#[test]
fn what_is_no_text_is_refused_early() {
    assert!(messages("a.toml", &[0xff, 0xfe, 0x00]).contains("byte 0 is not UTF-8"));
    let long = vec![b'#'; (4 << 20) + 1];
    assert!(messages("a.toml", &long).contains("more than the 4194304"));
    for deep in [
        "[".repeat(10_000),
        "{a=".repeat(10_000),
        "a.".repeat(10_000),
    ] {
        assert!(messages("a.toml", format!("x = {deep}").as_bytes()).starts_with("error"));
        assert!(messages("a.toml", deep.as_bytes()).starts_with("error"));
    }
}
