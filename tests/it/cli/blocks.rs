//! Draws that are kept: interrupted runs, shares of several machines, and what is refused.

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use super::desk::{Desk, HOLDS, UNSETTLED, scenario_with_goal, tiny_scenario};
use super::interrupt;

/// Two cases with an unknown and event records, of some seconds on one thread.
fn long_scenario(draws: &str) -> String {
    let text = scenario_with_goal("fleet", 10, HOLDS, "")
        .replace("draws = 10", draws)
        .replace("horizon = \"1d\"", "horizon = \"90d\"")
        .replace(
            "series_per_pod = 100\n",
            "series_per_pod = { p5 = 50, p95 = 200 }\nrollouts = { per_day = 50 }\n",
        );
    format!("{text}\n[sweep]\n\"fleet.metrics.replicas\" = [2]\n")
}

/// Every file of a folder of results with its bytes, without what may differ between two runs.
fn results(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    for place in [folder.to_owned(), folder.join("charts")] {
        for entry in fs::read_dir(place).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                continue;
            }
            let mut bytes = fs::read(&path).unwrap();
            if path.ends_with("manifest.json") {
                let text = String::from_utf8(bytes).unwrap();
                bytes = text.split("\"environment\"").next().unwrap().into();
            }
            files.push((path.file_name().unwrap().to_string_lossy().into(), bytes));
        }
    }
    files.sort();
    files
}

#[test]
fn shares_make_the_results_of_one_run() {
    let desk = Desk::new();
    desk.put("a.toml", long_scenario("draws = 40"));
    let whole = desk.run(&["run", "a.toml", "--quiet"]);
    whole.expect(0, &[]);
    for number in 1..=3 {
        let (share, out) = (format!("{number}/3"), format!("part{number}"));
        let threads = number.to_string();
        let ended = desk.run(&[
            "run",
            "a.toml",
            "--shard",
            &share,
            "--out",
            &out,
            "--threads",
            &threads,
        ]);
        ended.expect(0, &[]);
        assert!(
            ended.stdout.contains(&format!("share {share} of fleet")),
            "{}",
            ended.stdout
        );
        assert_eq!(desk.listing(&out), [".fleet.blocks"]);
    }
    let merged = desk.run(&[
        "merge",
        "part3",
        "part1/.fleet.blocks",
        "part2",
        "--out",
        "merged",
        "--quiet",
    ]);
    merged.expect(0, &[]);
    let (left, right) = (desk.path("output/fleet"), desk.path("merged/fleet"));
    assert!(results(&left) == results(&right));
    assert_eq!(desk.listing("merged"), ["fleet"]);
    assert_eq!(desk.listing("part1"), [".fleet.blocks"], "shares stay");
}

#[test]
fn shares_go_on_until_the_verdicts_are_settled() {
    let desk = Desk::new();
    let text = scenario_with_goal("fleet", 10, UNSETTLED, "")
        .replace("draws = 10", "draws = \"until settled\"")
        .replace("< 1%", "< 0.7%");
    desk.put("a.toml", text);
    let whole = desk.run(&["run", "a.toml", "--quiet"]);
    whole.expect(0, &[]);
    let parts = ["part1", "part2"];
    let compute = || {
        for (share, out) in ["1/2", "2/2"].iter().zip(parts) {
            let ended = desk.run(&["run", "a.toml", "--shard", share, "--out", out]);
            ended.expect(0, &[]);
        }
    };
    let merge = || desk.run(&["merge", "part1", "part2", "--out", "merged", "--quiet"]);
    let mut rounds = 0;
    let merged = loop {
        compute();
        rounds += 1;
        let merged = merge();
        if merged.code != Some(5) {
            break merged;
        }
        assert!(
            merged.stderr.contains("run every share once more"),
            "{}",
            merged.stderr
        );
    };
    merged.expect(0, &[]);
    assert!(rounds > 1, "the first round does not settle the goal");
    let (left, right) = (desk.path("output/fleet"), desk.path("merged/fleet"));
    assert!(results(&left) == results(&right));
}

#[test]
fn a_killed_run_goes_on_where_it_was() {
    let desk = Desk::new();
    desk.put("a.toml", long_scenario("draws = 600"));
    let whole = desk.run(&["run", "a.toml", "--quiet", "--out", "whole"]);
    whole.expect(0, &[]);
    let mut kept = 0;
    for attempt in 0..3 {
        let mut program = desk.program();
        program.args(["run", "a.toml", "--resume", "--quiet"]);
        let mut program = program
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        thread::sleep(Duration::from_millis(1_300 + 70 * attempt));
        // The end may have come first.
        let _ = program.kill();
        program.wait().unwrap();
        let blocks = desk.path("output/.fleet.blocks");
        kept = kept.max(fs::read_dir(blocks).map_or(0, Iterator::count));
    }
    assert!(kept > 0, "some attempt was killed with draws on the disk");
    let resumed = desk.run(&["run", "a.toml", "--resume", "--quiet"]);
    resumed.expect(0, &[]);
    let (left, right) = (desk.path("whole/fleet"), desk.path("output/fleet"));
    assert!(results(&left) == results(&right));
    assert_eq!(
        desk.listing("output"),
        ["fleet"],
        "blocks go when results are there"
    );
}

#[test]
fn an_interrupted_run_offers_to_go_on() {
    let desk = Desk::new();
    // Long enough to be interrupted on any machine, with blocks of a blink.
    desk.put("a.toml", scenario_with_goal("fleet", 1_000_000, HOLDS, ""));
    let begin = || {
        let mut program = desk.program();
        let program = program.args(["run", "a.toml"]);
        let program = program.stderr(Stdio::piped()).stdout(Stdio::piped());
        let program = program.spawn().unwrap();
        thread::sleep(Duration::from_secs(2));
        interrupt(program, "-INT")
    };
    let offer = "the same command with --resume goes on with them";
    begin().expect(130, &[offer]);
    assert_eq!(desk.listing("output"), [".fleet.blocks"]);
    begin().expect(
        130,
        &["holds draws of an interrupted run; --resume goes on with them"],
    );
}

#[test]
fn blocks_are_kept_if_asked_for() {
    let desk = Desk::new();
    desk.put("a.toml", tiny_scenario("tiny"));
    let ended = desk.run(&["run", "a.toml", "--quiet", "--keep-blocks"]);
    ended.expect(0, &[]);
    assert_eq!(desk.listing("output"), [".tiny.blocks", "tiny"]);
    let merged = desk.run(&["merge", "output", "--out", "merged", "--quiet"]);
    merged.expect(0, &[]);
    let (left, right) = (desk.path("output/tiny"), desk.path("merged/tiny"));
    assert!(results(&left) == results(&right));
}

#[test]
fn what_does_not_belong_together_is_refused() {
    let desk = Desk::new();
    desk.put("a.toml", tiny_scenario("tiny"));
    for (share, out) in [("1/2", "one"), ("2/2", "two"), ("2/2", "again")] {
        desk.run(&["run", "a.toml", "--shard", share, "--out", out]);
    }
    desk.put(
        "b.toml",
        tiny_scenario("tiny").replace("pods = 10", "pods = 11"),
    );
    desk.run(&["run", "b.toml", "--shard", "2/2", "--out", "other"]);
    let refused = |folders: &[&str], why: &str| {
        let arguments: Vec<&str> = ["merge"].iter().chain(folders).copied().collect();
        let ended = desk.run(&arguments);
        ended.expect(6, &[why]);
    };
    refused(&["one"], "blocks are missing, first draws");
    refused(&["one", "two", "again"], "is the same block as");
    refused(&["one", "two", "one"], "is given twice");
    refused(
        &["one", "other"],
        "different scenarios, draws or seeds of one name",
    );
    desk.put("empty", "");
    fs::remove_file(desk.path("empty")).unwrap();
    fs::create_dir(desk.path("empty")).unwrap();
    refused(&["empty"], "holds no blocks");
    let ended = desk.run(&["run", "b.toml", "--shard", "1/2", "--out", "one"]);
    ended.expect(6, &[]);
    assert!(
        ended.stderr.contains("another version of the scenario"),
        "{}",
        ended.stderr
    );
    // A foreign block, and a damaged one.
    let block = |folder: &str| {
        let folder = desk.path(folder).join(".tiny.blocks");
        let paths = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path());
        let mut blocks =
            paths.filter(|path| path.extension().is_some_and(|ending| ending == "block"));
        blocks.next().unwrap()
    };
    let stranger = desk
        .path("two/.tiny.blocks")
        .join(block("other").file_name().unwrap());
    fs::copy(block("other"), &stranger).unwrap();
    refused(&["one", "two"], "belongs to no draw of this study");
    fs::remove_file(stranger).unwrap();
    let path = block("two");
    let mut bytes = fs::read(&path).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    fs::write(&path, bytes).unwrap();
    refused(&["one", "two"], "is damaged");
    // Resuming mends it.
    let ended = desk.run(&["run", "a.toml", "--shard", "2/2", "--out", "two"]);
    ended.expect(0, &[]);
    let ended = desk.run(&["merge", "one", "two", "--quiet"]);
    ended.expect(0, &[]);
}

#[test]
fn a_wrong_share_is_a_wrong_argument() {
    let desk = Desk::new();
    desk.put("a.toml", tiny_scenario("tiny"));
    for share in ["0/3", "4/3", "1", "1/0", "a/b"] {
        let ended = desk.run(&["run", "a.toml", "--shard", share]);
        ended.expect(2, &["such as 1/3"]);
    }
}
