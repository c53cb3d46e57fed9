//! Scenario files from the disk to checked scenarios, or all their problems. Also the bytes of
//! other files.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};

use super::blocks::FilesRead;
use super::problem;
use super::{Error, Exit, error, terminal};
use crate::scenario::{self, Checked, Overrides, Problem, Source};

/// Greatest size of a scenario file. Real files have kilobytes.
const SCENARIO_BYTES_MAX: u64 = 16 << 20;

/// Greatest size of a file of measured values.
const MEASURED_BYTES_MAX: u64 = 1 << 30;

/// Greatest size of a file of targets. A hundred thousand targets have tens of megabytes.
const TARGET_BYTES_MAX: u64 = 256 << 20;

/// The name of standard input in messages.
const STANDARD_INPUT: &str = "standard input";

/// A scenario ready to run.
pub(super) struct Scenario {
    /// The file as read.
    pub(super) source: Source,
    /// The checked scenario.
    pub(super) checked: Checked,
    /// The files that it names, by the paths in it.
    pub(super) files: BTreeMap<String, Vec<u8>>,
}

/// Reads and checks all files, and prints every problem.
///
/// # Errors
///
/// How the command ends if a file cannot be read or a scenario is wrong. Then no scenario may run.
pub(super) fn load(files: &[PathBuf], overrides: &Overrides) -> Result<Vec<Scenario>, Exit> {
    let mut exit = Exit::Good;
    let mut sources = Vec::new();
    for path in distinct(files) {
        match read_scenario(path) {
            Ok(source) => sources.push(source),
            Err(error) => {
                exit = exit.max(error::told(error));
                tell_of_case(path);
            }
        }
    }
    let files = FilesRead::default();
    let read = |file: &str, path: &str| files.read(|| read_beside(file, path), (file, path));
    let loaded = scenario::load(&sources, &read, overrides);
    let mut scenarios = Vec::new();
    for (source, loaded) in sources.into_iter().zip(loaded) {
        match loaded.result {
            Ok(checked) => scenarios.push(Scenario {
                files: files.take(&source.name),
                source,
                checked,
            }),
            Err(problems) => {
                show_problems(&problems, &source);
                exit = exit.max(Exit::WrongScenario);
            }
        }
    }
    match exit {
        Exit::Good => Ok(scenarios),
        _ => Err(exit),
    }
}

/// Only `compare` takes `file:case`. Says how a case is named for a path that looks so.
fn tell_of_case(path: &Path) {
    let text = path.to_string_lossy();
    if let Some((file, case)) = text
        .split_once(':')
        .filter(|(file, _)| Path::new(file).exists())
    {
        terminal::tell(&format!(
            "  for one case of {file} write: {file} --case '{case}'"
        ));
    }
}

/// The bytes of a file beside a scenario file, or why it cannot be read.
pub(super) fn read_beside(file: &str, path: &str) -> Result<Vec<u8>, String> {
    let path = Path::new(file).with_file_name("").join(path);
    read_limited(&path, MEASURED_BYTES_MAX).map_err(|error| error.to_string())
}

/// Prints problems or warnings of one file.
pub(super) fn show_problems(problems: &[Problem], source: &Source) {
    let text = String::from_utf8_lossy(&source.bytes);
    for problem in problems {
        let text = problem::render(problem, &text, terminal::has_colour(&io::stderr()));
        terminal::tell(&format!("{}\n", text.trim_end()));
    }
}

fn read_scenario(path: &Path) -> Result<Source, Error> {
    if path == Path::new("-") {
        return standard_input(SCENARIO_BYTES_MAX);
    }
    // A folder opens like a file. It fails only when read, with an unclear message.
    if path.is_dir() {
        return Err(Error::Folder(path.to_owned()));
    }
    source(path, read_limited(path, SCENARIO_BYTES_MAX))
}

/// The targets for the ring in a file, or in standard input for `-`, with a name for messages.
pub(super) fn read_targets(path: &Path) -> Result<Source, Error> {
    if path == Path::new("-") {
        return standard_input(TARGET_BYTES_MAX);
    }
    source(path, read_limited(path, TARGET_BYTES_MAX))
}

/// The name of a source as a command line states it.
pub(super) fn as_named(source: &Source) -> &str {
    match source.name.as_str() {
        STANDARD_INPUT => "-",
        name => name,
    }
}

/// What comes from standard input. Paths in it are relative to the current folder.
fn standard_input(limit: u64) -> Result<Source, Error> {
    source(
        Path::new(STANDARD_INPUT),
        limited(io::stdin().lock(), limit),
    )
}

/// What was read from `path`, under its name.
fn source(path: &Path, bytes: io::Result<Vec<u8>>) -> Result<Source, Error> {
    let bytes = bytes.map_err(Error::file("read", path))?;
    let name = path.display().to_string();
    Ok(Source { name, bytes })
}

/// Reads at most `limit` bytes, so that a device or a dump given by mistake cannot fill the memory.
fn read_limited(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    limited(File::open(path)?, limit)
}

fn limited(reader: impl Read, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        let message = format!("it is larger than {} MiB", limit >> 20);
        return Err(io::Error::new(ErrorKind::FileTooLarge, message));
    }
    Ok(bytes)
}

/// The files, each once. `run a.toml *.toml` names a file twice.
fn distinct(files: &[PathBuf]) -> Vec<&Path> {
    let mut seen = Vec::new();
    let mut distinct = Vec::new();
    for path in files {
        let place = fs::canonicalize(path).unwrap_or_else(|_| path.clone());
        if seen.contains(&place) {
            let path = path.display();
            terminal::tell(&format!("note: {path} is given twice and runs once"));
        } else {
            seen.push(place);
            distinct.push(path.as_path());
        }
    }
    distinct
}
