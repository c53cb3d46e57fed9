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

/// The scenario of a mistake, without it.
const PLAIN: &str = include_str!("invalid/request-above-limit.toml");

/// The messages of the errors of a text.
fn errors(text: &str) -> Vec<String> {
    let problems = load_bytes("x.toml", text.as_bytes()).err();
    let problems = problems.unwrap_or_default().into_iter();
    let errors = problems.filter(|problem| problem.severity == Severity::Error);
    errors.map(|problem| problem.message).collect()
}

/// What somebody may write in one place is one mistake, and the message names it.
#[test]
fn one_mistake_has_one_message() {
    let fits = PLAIN.replace("16GiB", "4GiB");
    let goal = "[[goal]]\nname = \"g\"\n\
                require = \"probability(any oom in fleet.metrics within 90d) < 1%\"\n";
    let range = "[[goal]]\nname = \"g\"\n\
                 require = \"mean(memory_peak_bytes in fleet.metrics) < 4Gi\"\n\
                 range = { min = \"0B\", max = 20000000000 }\n";
    let bare = range.replace("\"0B\"", "0");
    let limit = |limit: &str| fits.replace("limit = \"8GiB\"", &format!("limit = {limit}"));
    let topology = |word: &str| {
        let without = fits.replace("replicas = 3\n", "");
        without.replace("\"centralized\"", &format!("\"{word}\""))
    };
    let egress = |provider: &str| {
        format!(
            "{fits}[[egress]]\nname = \"nat\"\nprovider = \"{provider}\"\naddresses = \"automatic\"\n"
        )
    };
    let cores = fits.replace(
        "memory = {",
        "cpu = { request = 1, limit = \"2000M\" }, memory = {",
    );
    for (text, message) in [
        (limit("\"4gi\""), "write `4Gi`"),
        (limit("\"4 gb\""), "write `4GB`"),
        (limit("4"), "found 4"),
        (limit("\"4096\""), "`4096` is not an amount of data"),
        (limit("\"256Mb\""), "write `256MB`"),
        (limit("\"\""), "is not an amount of data"),
        (cores, "write `2000m`"),
        (topology("daemonset"), "is no `topology`"),
        (egress("gcp"), "is no `provider`"),
        (egress("AWS"), "is no `provider`"),
        (fits.replace("\"90d\"", "\"90\"") + goal, "is not a time"),
        (fits.clone() + range, "found 20000000000"),
        (fits.clone() + &bare, "found 0"),
        (
            fits.replace("draws = 2000", "draws = 0\ndraws_max = 9"),
            "is not between",
        ),
    ] {
        let errors = errors(&text);
        let is_it = errors.len() == 1 && errors[0].contains(message);
        assert!(is_it, "{message}: {errors:#?}");
    }
}

/// The values of a line with their keys: `{ min = 2, max = 10 }` has two.
fn values(line: &str) -> Vec<(&str, std::ops::Range<usize>)> {
    let is_word = |letter: char| letter.is_alphanumeric() || letter == '_';
    let mut values = Vec::new();
    for (at, _) in line.match_indices(" = ") {
        let before = &line[..at];
        let key = before
            .rfind(|letter| !is_word(letter))
            .map_or(0, |end| end + 1);
        let start = at + 3;
        let rest = &line[start..];
        let length = match rest.strip_prefix('"') {
            Some(text) => text.find('"').map(|end| end + 2),
            None if rest.starts_with(['{', '[']) => None,
            None => Some(rest.find([',', ' ', '}', ']']).unwrap_or(rest.len())),
        };
        if let Some(length) = length.filter(|_| key < at) {
            values.push((&before[key..], start..start + length));
        }
    }
    values
}

/// Every value of two files, made unreadable alone, is one mistake with one message, and not its echoes.
#[test]
fn a_value_that_cannot_be_read_is_one_mistake() {
    // Any text may stand here.
    let texts = [
        "name",
        "question",
        "source",
        "correlated",
        "about",
        "reason",
        "require",
        "preset",
        "via",
        "fleet",
        "measured",
    ];
    let everything = include_str!("fixtures/everything.toml");
    let (base, _) = everything.split_once("[[variant]]").unwrap();
    for text in [alloy_sim::scenario::STARTER, base] {
        let lines: Vec<&str> = text.lines().collect();
        let (mut echoes, mut count) = (Vec::new(), 0);
        for (index, line) in lines
            .iter()
            .enumerate()
            .filter(|(_, line)| !line.starts_with('#'))
        {
            for (key, range) in values(line) {
                if texts.contains(&key) {
                    continue;
                }
                let mut lines = lines.clone();
                let wrong = format!("{}\"?\"{}", &line[..range.start], &line[range.end..]);
                lines[index] = &wrong;
                let errors = errors(&lines.join("\n"));
                count += 1;
                if errors.len() != 1 {
                    echoes.push(format!("{}: {key} in {wrong}: {errors:#?}", index + 1));
                }
            }
        }
        assert!(count > 10, "{count} values");
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
