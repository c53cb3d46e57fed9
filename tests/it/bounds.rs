//! What a study takes: estimated, and used. `docs/bounds.md` has the table.
//!
//! `UPDATE_BOUNDS=1 cargo test --test it bounds` runs every shipped scenario and writes what it used.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use alloy_sim::experiment::estimate::{Estimate, Look};

use crate::scenario::load_bytes;
use crate::scenarios::shipped;

const PROGRAM: &str = env!("CARGO_BIN_EXE_alloy-sim");
const THREADS: usize = 2;
const HEAD: &str = "| scenario | events estimated | used | MiB of memory estimated | used | MiB of disk estimated \
                    | used |\n|---|---|---|---|---|---|---|\n";
const BEGIN: &str = "<!-- measured -->\n";
const END: &str = "<!-- end -->";
const MIB: f64 = 1_048_576.0;

/// Events, MiB of memory, MiB of disk.
type Taken = [f64; 3];

fn estimated(name: &str, text: &str) -> Taken {
    let study = load_bytes(name, text.as_bytes()).unwrap().study;
    let look = Look {
        clock: &|| Duration::ZERO,
        is_over: &|| false,
    };
    let estimate = Estimate::of(&study, THREADS).with_events(&study, look);
    let events = estimate.run.unwrap().events;
    [events, estimate.memory / MIB, estimate.disk / MIB]
}

fn bytes_below(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    let sizes = entries.map(|entry| {
        let data = entry.metadata().unwrap();
        if data.is_dir() {
            bytes_below(&entry.path())
        } else {
            data.len()
        }
    });
    sizes.sum()
}

/// What a run of a shipped scenario takes.
fn used(name: &str) -> Taken {
    let out = tempfile::tempdir().unwrap();
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("scenarios/{name}.toml"));
    let mut run = Command::new(PROGRAM);
    run.arg("run").arg(file).args(["--quiet", "--timings"]);
    run.args(["--keep-blocks", "--threads", "2", "--out"]);
    let told = run.arg(out.path()).output().unwrap().stderr;
    let told = String::from_utf8(told).unwrap();
    let events = told.lines().find(|line| line.contains(" events, "));
    let (events, _) = events.unwrap().trim().split_once(' ').unwrap();
    let (_, memory) = told.split_once("peak memory of the process: ").unwrap();
    let (memory, _) = memory.split_once(" MiB").unwrap();
    let disk = bytes_below(out.path()) as f64 / MIB;
    [events.parse().unwrap(), memory.parse().unwrap(), disk]
}

/// The rows of the table in the document, by scenario: what was used.
fn listed(document: &str) -> BTreeMap<String, Taken> {
    let (_, table) = document.split_once(BEGIN).unwrap();
    let (table, _) = table.split_once(END).unwrap();
    let rows = table.lines().skip(2).map(|line| {
        let cells: Vec<_> = line.split('|').map(str::trim).collect();
        let taken = [3, 5, 7].map(|cell| cells[cell].replace(',', "").parse().unwrap());
        (cells[1].to_owned(), taken)
    });
    rows.collect()
}

fn row(name: &str, guess: Taken, used: Taken) -> String {
    let mut row = format!("| {name} |");
    for (place, (guess, used)) in guess.into_iter().zip(used).enumerate() {
        let digits = usize::from(place > 0);
        write!(row, " {guess:.digits$} | {used:.digits$} |").unwrap();
    }
    row
}

#[test]
fn what_a_run_takes_is_within_a_factor_of_two() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/bounds.md");
    let mut document = fs::read_to_string(&path).unwrap();
    if std::env::var_os("UPDATE_BOUNDS").is_some() {
        let rows = shipped().into_iter().map(|(name, text)| {
            let row = row(&name, estimated(&name, &text), used(&name));
            format!("{row}\n")
        });
        let rows: String = rows.collect();
        let (before, rest) = document.split_once(BEGIN).unwrap();
        let (_, after) = rest.split_once(END).unwrap();
        document = format!("{before}{BEGIN}{HEAD}{rows}{END}{after}");
        fs::write(&path, &document).unwrap();
    }
    let listed = listed(&document);
    let mut far = Vec::new();
    for (name, text) in shipped() {
        let guess = estimated(&name, &text);
        let used = listed[&name];
        // Disk is not promised so closely.
        let most = [2.0, 2.0, 4.0];
        let is_near = |(place, most): (usize, f64)| {
            let ratio = guess[place] / used[place];
            (1.0 / most..=most).contains(&ratio)
        };
        if !most.into_iter().enumerate().all(is_near) {
            far.push(row(&name, guess, used));
        }
    }
    assert!(far.is_empty(), "\n{}\n", far.join("\n"));
}
