//! Kills at random moments of writing: results are old or new, and never absent.

use std::fs;
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use super::desk::{Desk, HOLDS, scenario_with_goal};

/// Kills in all.
const KILLS: u64 = 40;

/// Starts a run that replaces the results by those of a seed.
fn start(desk: &Desk, seed: &str) -> Child {
    let mut program = desk.program();
    program.args(["run", "--quiet", "a.toml", "--seed", seed]);
    program.stdout(Stdio::null()).stderr(Stdio::null());
    program.spawn().unwrap()
}

/// Size and SHA-256 of every file, as the manifest has them, and as the files are.
fn listed_and_found(results: &Path) -> [Vec<String>; 2] {
    let manifest = fs::read(results.join("manifest.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_slice(&manifest).unwrap();
    let artifacts = manifest["artifacts"].as_object().unwrap();
    let listed = artifacts.iter().map(|(name, entry)| {
        format!(
            "{name} {} {}",
            entry["bytes"],
            entry["sha256"].as_str().unwrap()
        )
    });
    let found = artifacts.keys().map(|name| {
        let bytes = fs::read(results.join(name)).unwrap();
        format!("{name} {} {}", bytes.len(), sha256(&results.join(name)))
    });
    [listed.collect(), found.collect()]
}

fn sha256(path: &Path) -> String {
    let told = std::process::Command::new("sha256sum").arg(path).output();
    let told = String::from_utf8(told.unwrap().stdout).unwrap();
    told.split_once(' ').unwrap().0.to_owned()
}

/// Waits until the run writes, or has ended.
fn wait_until_it_writes(desk: &Desk, child: &mut Child) {
    let first = desk.path("output/.edge.alloy-sim/new/summary.csv");
    while !first.exists() && child.try_wait().unwrap().is_none() {
        thread::sleep(Duration::from_micros(200));
    }
}

/// A reader polls for the results meanwhile, by the paths that a script would read.
#[test]
fn a_reader_finds_old_or_new_results_whenever_a_run_is_killed() {
    let desk = Desk::new();
    desk.put("a.toml", scenario_with_goal("edge", 400, HOLDS, ""));
    let results = desk.path("output/edge");
    let mut hashes = Vec::new();
    for seed in ["2", "1"] {
        assert!(start(&desk, seed).wait().unwrap().success());
        hashes.push(desk.result_hash("output/edge"));
    }
    fs::write(results.join("notes.md"), "by hand").unwrap();
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let mut polls = 0_u64;
            while !is_over.load(Ordering::Relaxed) {
                let there = fs::metadata(&results).is_ok_and(|found| found.is_dir());
                assert!(there, "there were no results after {polls} polls");
                polls += 1;
            }
            polls
        });
        for kill in 0..KILLS {
            let mut child = start(&desk, if kill % 2 == 0 { "1" } else { "2" });
            wait_until_it_writes(&desk, &mut child);
            // Any moment of the writing, which takes some tens of milliseconds: steps of a prime.
            thread::sleep(Duration::from_micros(kill * 7_919 % 50_000));
            let _ = child.kill();
            child.wait().unwrap();
            assert!(hashes.contains(&desk.result_hash("output/edge")));
            let [listed, found] = listed_and_found(&results);
            assert_eq!(listed, found, "after kill {kill}");
            let notes = fs::read_to_string(results.join("notes.md"));
            assert_eq!(notes.unwrap(), "by hand", "after kill {kill}");
        }
        is_over.store(true, Ordering::Relaxed);
        assert!(reader.join().unwrap() > KILLS);
    });
    assert!(start(&desk, "2").wait().unwrap().success());
    assert_eq!(desk.listing("output"), ["edge"]);
}
