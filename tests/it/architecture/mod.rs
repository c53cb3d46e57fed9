//! The rules of the code itself: layers, their dependencies, sizes, sources of constants.
//!
//! Each rule is a function from text to violations, shown to catch one on a made-up file.

mod catalogue;
mod layers;
mod public;
mod rooms;
mod source;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use layers::Layers;
use rooms::Rooms;

/// Lines of code in a file, tests and comments aside.
const CODE_LINES_MAX: usize = 400;

/// Folders whose constants come from outside documents.
const SOURCED: [&str; 3] = ["model/egress/", "model/node/", "model/cluster/ring/"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file below `folder`, hidden ones too.
fn files_below(folder: &Path) -> Vec<PathBuf> {
    let skipped = [".git", "target", "output", "proptest-regressions"];
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let skip = skipped.iter().any(|name| path.ends_with(name));
        if path.is_dir() && !skip {
            files.extend(files_below(&path));
        } else if path.is_file() && !skip {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// Path from `src/` and text of every source file but the two roots.
fn sources_with_tests() -> Vec<(String, String)> {
    let src = root().join("src");
    let read = |path: PathBuf| {
        let name = path.strip_prefix(&src).unwrap().to_str().unwrap();
        (name.to_owned(), fs::read_to_string(&path).unwrap())
    };
    let is_rust = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "rs");
    let files = files_below(&src).into_iter().filter(is_rust).map(read);
    files
        .filter(|(name, _)| name != "lib.rs" && name != "main.rs")
        .collect()
}

/// The same without files of unit tests.
fn sources() -> Vec<(String, String)> {
    let mut files = sources_with_tests();
    let tests = files.iter().flat_map(|(name, text)| test_files(name, text));
    let skipped: BTreeSet<_> = tests.collect();
    files.retain(|(name, _)| !skipped.contains(name));
    files
}

/// The files that the file `name` declares as unit tests: `#[cfg(test)] mod differential;`.
fn test_files(name: &str, text: &str) -> Vec<String> {
    let folder = name.trim_end_matches("mod.rs").trim_end_matches(".rs");
    let folder = folder.trim_end_matches('/');
    let after = text.split("#[cfg(test)]").skip(1);
    let names = after.filter_map(|after| after.trim_start().strip_prefix("mod ")?.split_once(';'));
    let names = names.filter(|(name, _)| {
        name.chars()
            .all(|char| char.is_alphanumeric() || char == '_')
    });
    names
        .map(|(name, _)| format!("{folder}/{name}.rs"))
        .collect()
}

#[test]
fn files_of_unit_tests_are_recognised() {
    let text = "#[cfg(test)]\nmod differential;\nmod near;\n#[cfg(test)]\nmod tests { f(); }";
    let expected = ["engine/queue/differential.rs"];
    assert_eq!(test_files("engine/queue/mod.rs", text), expected);
    assert_eq!(test_files("engine/queue.rs", text), expected);
}

/// Applies a rule to the code of every file and shows what it found.
#[track_caller]
fn assert_none(rule: impl Fn(&str, &str) -> Vec<String>) {
    let found: Vec<_> = sources()
        .iter()
        .flat_map(|(name, text)| rule(name, text))
        .collect();
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}

fn table() -> Layers {
    Layers::read(&fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap())
}

fn by_code(rule: impl Fn(&str, &str) -> Vec<String>) -> impl Fn(&str, &str) -> Vec<String> {
    move |name, text| rule(name, &source::code_of(text))
}

#[test]
fn layers_use_only_what_the_table_allows() {
    let table = table();
    assert_none(by_code(|name, code| table.violations(name, code, false)));
    let found: Vec<_> = sources_with_tests()
        .iter()
        .flat_map(|(name, text)| table.violations(name, &source::without_comments(text), true))
        .collect();
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}

#[test]
fn a_use_against_the_table_is_caught() {
    let table = table();
    let caught = |name, code: &str| table.violations(name, &source::code_of(code), false);
    let layer = |name: &str, used: &str| format!("{name}: `stats` must not use `{used}`");
    let name = "stats/mean.rs";
    assert_eq!(
        caught(name, "use crate::{units::Bytes, model::law::Law};"),
        [layer(name, "model")]
    );
    assert_eq!(
        caught(name, "fn f() { crate::engine::now() }"),
        [layer(name, "engine")]
    );
    assert_eq!(
        caught(name, "use super::super::report::x;"),
        [layer(name, "report")]
    );
    assert_eq!(
        caught(name, "use serde::Serialize;"),
        [layer(name, "serde")]
    );
    assert_eq!(
        caught(name, "fn f() { plotters::draw(a, b); }"),
        [layer(name, "plotters")]
    );
    let fine =
        "use super::proportion; use crate::units::Bytes; use statrs::x; use thiserror::Error;";
    assert_eq!(caught(name, fine), [""; 0]);
    assert_eq!(
        caught("cli/run.rs", "use crate::model::law; use clap::Args;"),
        [""; 0]
    );
    assert_eq!(caught("shop/till.rs", "").len(), 1);

    let tests = "#[cfg(test)] mod tests { use crate::model::law; use proptest::prelude::*; }";
    assert_eq!(caught(name, tests), [""; 0]);
    let with_tests = table.violations(name, &source::without_comments(tests), true);
    assert_eq!(with_tests, [layer(name, "model")]);
}

#[test]
fn the_table_lists_every_layer_and_every_dependency() {
    let table = table();
    let folders = fs::read_dir(root().join("src")).unwrap();
    let folders = folders.map(|entry| entry.unwrap().path());
    let folders: BTreeSet<_> = folders
        .filter(|path| path.is_dir())
        .map(|path| path.file_name().unwrap().to_str().unwrap().to_owned())
        .collect();
    assert_eq!(folders, table.names());

    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let manifest: toml::Table = manifest.parse().unwrap();
    let of_section = |section: &str| manifest.get(section).and_then(toml::Value::as_table);
    let dependencies: BTreeSet<_> = ["dependencies", "dev-dependencies", "build-dependencies"]
        .into_iter()
        .filter_map(of_section)
        .flat_map(toml::Table::keys)
        .map(|name| name.replace('-', "_"))
        .collect();
    assert_eq!(dependencies, table.crates());
}

fn rooms() -> Rooms {
    Rooms::read(&fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap())
}

#[test]
fn rooms_use_only_rooms_below_them() {
    let rooms = rooms();
    assert_none(by_code(|name, code| rooms.violations(name, code)));
    let caught = |name, code: &str| rooms.violations(name, &source::code_of(code)).len();
    assert_eq!(
        caught("model/wal/log.rs", "use crate::model::fleet::Fleet;"),
        1
    );
    assert_eq!(
        caught("model/fleet/end.rs", "use crate::model::wal::Process;"),
        0
    );
    assert_eq!(caught("model/shop/till.rs", ""), 1);
    let clocks = "use crate::engine::Calendar; fn f(moment: &mut Moment<'_>) {}";
    assert_eq!(caught("model/process/memory.rs", clocks), 2);
    assert_eq!(caught("model/world/mod.rs", clocks), 0);
    let folders = fs::read_dir(root().join("src/model")).unwrap();
    let names = folders.map(|entry| entry.unwrap().path().file_stem().unwrap().to_owned());
    let names: BTreeSet<_> = names.filter_map(|name| name.into_string().ok()).collect();
    let listed: BTreeSet<_> = rooms
        .names()
        .map(str::to_owned)
        .chain(["mod".to_owned()])
        .collect();
    assert_eq!(names, listed, "the table lists every room");
}

#[test]
fn what_changes_itself_has_few_fields() {
    let files = sources();
    let room = |name: &str| name.split('/').take(2).collect::<Vec<_>>().join("/");
    let code: Vec<_> = files
        .iter()
        .map(|(name, text)| (name, room(name), source::code_of(text)))
        .collect();
    let whole = |wanted: &str| -> String {
        let inside = code.iter().filter(|(_, room, _)| room == wanted);
        let parts: Vec<&str> = inside.map(|(_, _, code)| code.as_str()).collect();
        format!("\n{}", parts.join("\n"))
    };
    let found = code
        .iter()
        .flat_map(|(name, room, code)| rooms::too_many_fields(name, code, &whole(room)));
    let found: Vec<_> = found.collect();
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}

/// Lines of code that the world's scripts may have.
const WORLD_LINES_MAX: usize = 1_250;

#[test]
fn the_world_is_scripts() {
    let files = sources().into_iter();
    let world = files.filter(|(name, _)| name.starts_with("model/world/"));
    let lines = world.map(|(_, text)| source::code_lines(&source::code_of(&text)));
    let lines: usize = lines.sum();
    assert!(
        lines < WORLD_LINES_MAX,
        "model/world has {lines} lines of code"
    );
}

/// What passes bytes on and opens nothing.
const PASSES_ON: [&str; 4] = ["Error", "ErrorKind", "Result", "Write"];

/// Nothing below `cli` does I/O. A file goes into whatever the caller hands in.
fn input_output(name: &str, code: &str) -> Vec<String> {
    let banned = ["env", "fs", "io", "net", "process"];
    let opens = |path: &[String]| match path {
        [root, module, rest @ ..] if root == "std" && banned.contains(&module.as_str()) => {
            let passes_on = rest
                .first()
                .is_some_and(|name| PASSES_ON.contains(&name.as_str()));
            module != "io" || !passes_on
        }
        _ => false,
    };
    let paths = source::paths(code).into_iter();
    let paths = paths.filter(|path| opens(path));
    let paths = paths.filter(|_| !name.starts_with("cli/"));
    paths
        .map(|path| format!("{name}: {} belongs to cli", path.join("::")))
        .collect()
}

#[test]
fn only_the_command_line_does_input_and_output() {
    assert_none(by_code(input_output));
    let code = "use std::{fmt, fs::{self, File}}; fn f() { std::env::var(x) }";
    assert_eq!(input_output("report/table.rs", code).len(), 3);
    assert_eq!(input_output("cli/run.rs", code).len(), 0);
    let handed_in = "use std::io::Write; fn f(sink: &mut dyn Write) -> std::io::Result<()> { g() }";
    assert_eq!(input_output("report/table.rs", handed_in).len(), 0);
    let open = "use std::io::{self, Write}; fn f() { std::io::stdout().flush() }";
    assert_eq!(input_output("report/table.rs", open).len(), 2);
}

/// A format of the answer lays out what the brief says, and computes nothing from results.
fn results_in_an_answer(name: &str, code: &str) -> Vec<String> {
    let words = source::words(code);
    let found = ["Results", "View"].into_iter();
    let found = found.filter(|banned| words.iter().any(|word| word == banned));
    let found = found.filter(|_| name.starts_with("report/answer/"));
    found
        .map(|banned| format!("{name}: {banned} is for report::brief"))
        .collect()
}

#[test]
fn an_answer_reads_nothing_but_the_brief() {
    assert_none(by_code(results_in_an_answer));
    let code = "use crate::report::view::View; fn f(results: &Results) {}";
    assert_eq!(results_in_an_answer("report/answer/case.rs", code).len(), 2);
    assert_eq!(results_in_an_answer("report/brief/case.rs", code).len(), 0);
}

fn too_long(name: &str, code: &str) -> Vec<String> {
    let lines = source::code_lines(code);
    let violation = || format!("{name}: {lines} lines of code, at most {CODE_LINES_MAX}");
    (lines > CODE_LINES_MAX)
        .then(violation)
        .into_iter()
        .collect()
}

#[test]
fn files_are_short() {
    assert_none(by_code(too_long));
    let code = |lines| source::code_of(&"x();\n// why\n\n".repeat(lines));
    assert_eq!(too_long("a.rs", &code(CODE_LINES_MAX)).len(), 0);
    assert_eq!(too_long("a.rs", &code(CODE_LINES_MAX + 1)).len(), 1);
}

#[test]
fn what_is_public_has_a_caller_outside_its_file() {
    let mut files = sources();
    let main = fs::read_to_string(root().join("src/main.rs")).unwrap();
    files.push(("main.rs".to_owned(), main));
    for (_, text) in &mut files {
        *text = source::code_of(text);
    }
    let found = public::violations(&files);
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}

/// Constants with a number and without a `Source:` or `INFERRED:` in their comments.
fn unsourced(name: &str, text: &str) -> Vec<String> {
    let code = source::code_of(text);
    let lines: Vec<_> = text.lines().collect();
    let public = |line: &&&str| line.trim_start().starts_with("pub") && line.contains(" const ");
    let constants = lines.iter().enumerate().filter(|(_, line)| public(line));
    let mut found = Vec::new();
    for (at, line) in constants.filter(|(_, line)| !line.contains(" fn ")) {
        if !code.contains(line.trim()) {
            continue; // in a test or a string
        }
        let above = lines[..at].iter().rev();
        let above = above.take_while(|line| line.trim_start().starts_with(['/', '#']));
        let end = lines[at..]
            .iter()
            .position(|line| line.trim_end().ends_with(';'));
        let own = &lines[at..=at + end.unwrap_or(0)];
        let value = source::code_of(&own.join("\n"));
        let value = value.split_once('=').map_or("", |(_, value)| value);
        let number = |char: char, before: char| {
            char.is_ascii_digit() && !before.is_alphanumeric() && before != '_'
        };
        let numeric = value
            .chars()
            .zip(std::iter::once(' ').chain(value.chars()))
            .any(|(char, before)| number(char, before));
        let sourced = |line: &&str| line.contains("Source:") || line.contains("INFERRED:");
        if numeric && !above.chain(own).any(sourced) {
            found.push(format!(
                "{name}: no `Source:` or `INFERRED:` on {}",
                line.trim()
            ));
        }
    }
    found
}

#[test]
fn constants_of_the_world_name_their_source() {
    assert_none(|name, text| {
        let outside = SOURCED.iter().any(|folder| name.starts_with(folder));
        if outside {
            unsourced(name, text)
        } else {
            Vec::new()
        }
    });
    let caught = |text: &str| unsourced("model/egress/aws.rs", text).len();
    assert_eq!(caught("/// Ports.\npub const PORTS: u32 = 55_000;"), 1);
    assert_eq!(
        caught("/// Ports.\n/// Source: AWS.\npub const PORTS: u32 = 55_000;"),
        0
    );
    assert_eq!(
        caught("/// INFERRED: a guess.\npub(super) const P: u32 = 1;"),
        0
    );
    assert_eq!(
        caught("pub(super) const P: Limits = Limits {\n    ports: 1,\n};"),
        1
    );
    assert_eq!(caught("pub const ALL: [Self; 4] = [Self::A, Self::B2];"), 0);
    assert_eq!(caught("pub const fn f() -> u32 { 3 }"), 0);
}

/// Paths that exist on one machine only.
fn machine_paths(name: &str, text: &str) -> Vec<String> {
    let places = [
        concat!("/wo", "rk/"),
        concat!("/ro", "ot/"),
        concat!("/ho", "me/"),
        concat!("/Us", "ers/"),
        concat!("/tm", "p/wt"),
    ];
    let found = places.iter().filter(|place| text.contains(**place));
    found
        .map(|place| format!("{name}: {place} is a place of one machine"))
        .collect()
}

#[test]
fn no_file_names_a_place_of_this_machine() {
    let mut found = Vec::new();
    for path in files_below(root()) {
        let name = path.strip_prefix(root()).unwrap().display().to_string();
        // What is no text holds no paths to read.
        if let Ok(text) = fs::read_to_string(&path) {
            found.extend(machine_paths(&name, &text));
        }
    }
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
    assert_eq!(
        machine_paths("a.md", concat!("see /ho", "me/me/a.md")).len(),
        1
    );
}
