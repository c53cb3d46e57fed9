//! The program as a user meets it: arguments, files, folders, signals, exit codes.
//!
//! Every test has its own folder and runs the real binary in it.

mod blocks;
mod bounds;
mod desk;
mod format;
mod interrupts;
mod kills;
mod options;
mod refusals;
mod ring;
mod size;
mod words;

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use desk::{Desk, Ended, FAILS, HOLDS, UNSETTLED, scenario_with_goal, tiny_scenario};

#[test]
fn help_shows_examples_and_exit_codes() {
    let desk = Desk::new();
    for (name, arguments) in [
        ("help", vec!["--help"]),
        ("help_run", vec!["run", "--help"]),
        ("help_check", vec!["check", "--help"]),
        ("help_init", vec!["init", "--help"]),
        ("help_size", vec!["size", "--help"]),
        ("help_compare", vec!["compare", "--help"]),
        ("help_ring", vec!["ring", "--help"]),
        ("help_explain", vec!["explain", "--help"]),
        ("help_completions", vec!["completions", "--help"]),
    ] {
        let ended = desk.run(&arguments);
        ended.expect(0, &[]);
        insta::assert_snapshot!(name, ended.stdout);
    }
}

#[test]
fn version_is_one_line() {
    let ended = Desk::new().run(&["--version"]);
    ended.expect(0, &[]);
    assert_eq!(
        ended.stdout,
        concat!("alloy-sim ", env!("CARGO_PKG_VERSION"), "\n")
    );
}

#[test]
fn wrong_arguments_end_with_two() {
    let desk = Desk::new();
    desk.put("a.toml", tiny_scenario("a"));
    for arguments in [
        vec![],
        vec!["run"],
        vec!["check"],
        vec!["simulate"],
        vec!["run", "a.toml", "--draws", "0"],
        vec!["run", "a.toml", "--draws", "many"],
        vec!["run", "a.toml", "--seed", "-1"],
        vec!["run", "a.toml", "--threads", "0"],
        vec!["run", "a.toml", "--fast"],
        vec!["ring"],
    ] {
        let ended = desk.run(&arguments);
        ended.expect(2, &["--help"]);
        assert_eq!(ended.stdout, "");
    }
    assert_eq!(desk.listing("."), ["a.toml"]);
}

#[test]
fn a_run_answers_and_leaves_a_folder() {
    let desk = Desk::new();
    desk.put("a.toml", tiny_scenario("edge"));
    let ended = desk.run(&["run", "a.toml", "--seed", "7", "--threads", "1"]);
    ended.expect(0, &[]);
    assert!(ended.stdout.contains("edge"), "{}", ended.stdout);
    assert!(ended.stdout.contains("results in output/edge"));
    // Not a terminal: no colours anywhere, no progress.
    assert!(!ended.stdout.contains('\x1b'));
    assert!(!ended.stderr.contains('\x1b'));
    assert_eq!(desk.listing("output"), ["edge"]);
    for name in ["manifest.json", "scenario.toml", "summary.csv"] {
        assert!(desk.listing("output/edge").contains(&name.to_owned()));
    }
}

#[test]
fn a_second_run_replaces_the_first() {
    let desk = Desk::new();
    desk.put("a.toml", tiny_scenario("edge"));
    desk.run(&["run", "a.toml"]).expect(0, &[]);
    let kept = desk.path("output/edge/summary.csv");
    fs::write(&kept, "to be replaced").unwrap();
    desk.run(&["run", "a.toml"]).expect(0, &[]);
    assert_ne!(fs::read_to_string(kept).unwrap(), "to be replaced");
    assert_eq!(desk.listing("output"), ["edge"]);
}

#[test]
fn quiet_is_one_line_per_scenario() {
    let desk = Desk::new();
    desk.put("a.toml", tiny_scenario("a"));
    desk.put("b.toml", tiny_scenario("b"));
    let ended = desk.run(&["run", "--quiet", "a.toml", "b.toml", "--out", "r"]);
    ended.expect(0, &[]);
    let expected = "a: every goal holds, results in r/a\nb: every goal holds, results in r/b\n";
    assert_eq!(ended.stdout, expected);
    assert_eq!(ended.stderr, "");
}

/// What was measured goes to standard error; the answer and the files know nothing of it.
#[test]
fn timings_change_no_result() {
    let desk = Desk::new();
    desk.put("a.toml", tiny_scenario("a"));
    let plain = desk.run(&["run", "a.toml"]);
    let hash = desk.result_hash("output/a");
    let timed = desk.run(&["run", "a.toml", "--timings", "-j", "2"]);
    timed.expect(0, &["timings: 1 file read and checked in "]);
    assert_eq!(timed.stdout, plain.stdout);
    assert_eq!(desk.result_hash("output/a"), hash);
    let table = timed
        .stderr
        .split_once("timings of a: 1 case x ")
        .unwrap()
        .1;
    assert!(table.contains(" draws\n"), "{table}");
    for row in [
        "drivers",
        "simulate",
        "record",
        "reduce",
        "render",
        "all of it",
        "wall",
    ] {
        let is_row = |line: &str| line.trim_start().starts_with(row) && line.ends_with(" s");
        assert!(table.lines().any(is_row), "{row} in {table}");
    }
    for part in [
        " events, ",
        " collector-days per second and core\n",
        "timings of 1 scenario on 2 threads: ",
        " cores busy\n",
        "peak memory of the process: ",
    ] {
        assert!(table.contains(part), "{part} in {table}");
    }
    assert_eq!(plain.stderr, "");
}

#[test]
fn timings_are_told_of_each_scenario_and_when_quiet() {
    let desk = Desk::new();
    desk.put("a.toml", tiny_scenario("a"));
    desk.put("b.toml", tiny_scenario("b"));
    let ended = desk.run(&["run", "--quiet", "--timings", "a.toml", "b.toml"]);
    ended.expect(0, &["timings of a: ", "timings of b: "]);
    assert_eq!(ended.stdout.lines().count(), 2);
}

#[test]
fn goals_decide_the_code() {
    let desk = Desk::new();
    let expect = |require| format!("[[expect]]\nname = \"as seen\"\nrequire = \"{require}\"");
    for (name, goal, more, code, said) in [
        ("holds", HOLDS, String::new(), 0, "every goal holds"),
        ("fails", FAILS, String::new(), 99, "a goal fails"),
        (
            "unsettled",
            UNSETTLED,
            String::new(),
            5,
            "the draws do not settle a goal",
        ),
        (
            "expected",
            HOLDS,
            expect(HOLDS),
            0,
            "every goal holds, every expectation holds",
        ),
        (
            "broken",
            HOLDS,
            expect(FAILS),
            99,
            "every goal holds, an expectation fails",
        ),
        (
            "open",
            HOLDS,
            expect(UNSETTLED),
            5,
            "every goal holds, the draws do not settle an expectation",
        ),
        (
            "broken-and-open",
            UNSETTLED,
            expect(FAILS),
            99,
            "the draws do not settle a goal, an expectation fails",
        ),
    ] {
        let file = format!("{name}.toml");
        desk.put(&file, scenario_with_goal(name, 10, goal, &more));
        let ended = desk.run(&["run", "--quiet", &file]);
        ended.expect(code, &[]);
        let line = format!("{name}: {said}, results in output/{name}\n");
        assert_eq!(ended.stdout, line);
        // A failed goal is an answer: its results are there.
        assert!(desk.path("output").join(name).is_dir());
    }
    let all = ["run", "holds.toml", "unsettled.toml", "fails.toml"];
    desk.run(&all).expect(99, &[]);
    desk.run(&all[..3]).expect(5, &[]);
}

#[test]
fn a_scenario_without_a_goal_has_no_verdict() {
    let desk = Desk::new();
    let stated = scenario_with_goal("a", 10, HOLDS, "").replace("[[goal]]", "[[expect]]");
    desk.put("a.toml", stated);
    let ended = desk.run(&["run", "a.toml"]);
    ended.expect(0, &[]);
    assert!(
        ended
            .stdout
            .contains("\nNo goal is stated, so no case has a verdict.\n")
    );
    for word in ["SAFE", "UNSAFE", "UNSETTLED"] {
        assert!(!ended.stdout.contains(word), "{}", ended.stdout);
    }
    let quiet = desk.run(&["run", "--quiet", "a.toml"]).stdout;
    assert!(quiet.starts_with("a: no goal was stated, every expectation holds, "));
    let scenario = tiny_scenario("b");
    let (without, _) = scenario.split_once("[[goal]]").unwrap();
    desk.put("b.toml", without);
    let quiet = desk.run(&["run", "-q", "b.toml"]).stdout;
    assert_eq!(quiet, "b: no goal was stated, results in output/b\n");
}

#[test]
fn files_that_cannot_be_read_are_named() {
    let desk = Desk::new();
    desk.put("good.toml", tiny_scenario("good"));
    fs::create_dir(desk.path("scenarios")).unwrap();
    for command in ["run", "check"] {
        let ended = desk.run(&[command, "good.toml", "none.toml", "scenarios"]);
        ended.expect(
            1,
            &[
                "failed to read none.toml: No such file",
                "scenarios is a folder",
                "scenarios/*.toml",
            ],
        );
        assert_eq!(ended.stdout, "");
    }
    assert_eq!(desk.listing("."), ["good.toml", "scenarios"]);
    desk.run(&["check", "/dev/zero"])
        .expect(1, &["failed to read /dev/zero: it is larger than 16 MiB"]);
}

#[test]
fn wrong_scenarios_are_named_and_nothing_runs() {
    let desk = Desk::new();
    desk.put("good.toml", tiny_scenario("good"));
    desk.put("empty.toml", "");
    desk.put("garbage.toml", [0xff, 0xfe, 0x00, 0x9f, 0x92, 0x96]);
    desk.put("torn.toml", "[meta\nname = ");
    for command in ["run", "check"] {
        let wrong = ["empty.toml", "garbage.toml", "torn.toml"];
        let mut arguments = vec![command, "good.toml"];
        arguments.extend(wrong);
        let ended = desk.run(&arguments);
        ended.expect(3, &wrong);
        assert_eq!(ended.stdout, "");
        for file in wrong {
            desk.run(&[command, file]).expect(3, &[file]);
        }
    }
    assert!(!desk.path("output").exists());
}

#[test]
fn a_mistake_in_a_preset_is_shown_in_its_own_file() {
    let desk = Desk::new();
    fs::create_dir(desk.path("fleets")).unwrap();
    let text = tiny_scenario("a").replace("format = 1", "format = 1\npreset = \"mine.toml\"");
    desk.put("fleets/a.toml", text);
    desk.put("fleets/mine.toml", "format = 1\n[fleet]\ngocg = 50\n");
    let place = "--> fleets/mine.toml:3:1";
    let shown = [place, "gocg = 50", "did you mean `gogc`?"];
    desk.run(&["check", "fleets/a.toml"]).expect(3, &shown);
    desk.put("fleets/mine.toml", "format = 1\n[fleet]\ngogc = 50\n");
    desk.run(&["check", "fleets/a.toml"]).expect(0, &[]);
}

#[test]
fn one_name_for_two_scenarios_is_refused() {
    let desk = Desk::new();
    desk.put("a.toml", tiny_scenario("same"));
    desk.put("b.toml", tiny_scenario("same"));
    let ended = desk.run(&["run", "a.toml", "b.toml"]);
    ended.expect(3, &["a.toml", "b.toml", "same"]);
    assert!(!desk.path("output").exists());
}

#[test]
fn a_file_given_twice_runs_once() {
    let desk = Desk::new();
    desk.put("a.toml", tiny_scenario("a"));
    let ended = desk.run(&["run", "--quiet", "a.toml", "./a.toml"]);
    ended.expect(0, &["./a.toml is given twice"]);
    assert_eq!(ended.stdout.lines().count(), 1);
}

#[test]
fn check_says_what_a_sound_file_holds() {
    let desk = Desk::new();
    // Ten draws cannot settle a goal at 1 %, which is worth a warning.
    desk.put("a.toml", scenario_with_goal("a", 10, UNSETTLED, ""));
    let ended = desk.run(&["check", "a.toml"]);
    ended.expect(0, &["a.toml"]);
    assert!(ended.stdout.starts_with("a.toml: a: "), "{}", ended.stdout);
    let sweep = "[sweep]\n\"fleet.metrics.replicas\" = [2, 3]\n";
    desk.put("b.toml", scenario_with_goal("b", 400, UNSETTLED, sweep));
    let ended = desk.run(&["check", "--threads", "2", "b.toml"]);
    insta::assert_snapshot!("check", ended.stdout);
    desk.run(&["check", "--deny-warnings", "a.toml"])
        .expect(3, &[]);
    assert!(!desk.path("output").exists());
}

#[test]
fn init_writes_once() {
    let desk = Desk::new();
    let ended = desk.run(&["init"]);
    ended.expect(0, &[]);
    assert!(ended.stdout.contains("alloy-sim run alloy-sim.toml"));
    desk.run(&["check", "alloy-sim.toml"]).expect(0, &[]);
    desk.put("mine.toml", "by hand");
    desk.run(&["init", "mine.toml"])
        .expect(1, &["mine.toml exists"]);
    assert_eq!(
        fs::read_to_string(desk.path("mine.toml")).unwrap(),
        "by hand"
    );
    desk.run(&["init", "no/such/place.toml"])
        .expect(1, &["failed to create no/such/place.toml"]);
}

#[test]
fn an_unwritable_place_is_told_before_anything_runs() {
    let desk = Desk::new();
    // Permission bits do not stop root, a regular file in the way does.
    desk.put("a-file", "");
    desk.put("a.toml", scenario_with_goal("a", 1_000_000, HOLDS, ""));
    let ended = desk.run(&["run", "a.toml", "--out", "a-file/below"]);
    ended.expect(1, &["a-file/below"]);
    assert_eq!(ended.stdout, "");
}

#[test]
fn what_others_wrote_is_left_alone() {
    let desk = Desk::new();
    desk.put("a.toml", scenario_with_goal("photos", 1_000_000, HOLDS, ""));
    fs::create_dir_all(desk.path("output/photos")).unwrap();
    desk.put("output/photos/cat.jpg", "cat");
    desk.run(&["run", "a.toml"]).expect(1, &["output/photos"]);
    desk.put("output/photos/manifest.json", "{\"name\": \"a web page\"}");
    desk.run(&["run", "a.toml"]).expect(1, &["output/photos"]);
    assert_eq!(desk.listing("output"), ["photos"]);
    assert_eq!(desk.listing("output/photos"), ["cat.jpg", "manifest.json"]);
}

#[test]
fn a_write_that_fails_leaves_the_old_results() {
    let desk = Desk::new();
    desk.put("a.toml", tiny_scenario("edge"));
    desk.run(&["run", "a.toml"]).expect(0, &[]);
    desk.put("output/edge/summary.csv", "old");
    // One block of 512 bytes per file: the limit sends SIGXFSZ, which kills by default.
    let ended = desk.shell("ulimit -f 1; exec \"$PROGRAM\" run a.toml --seed 2");
    ended.expect(1, &["failed to write", "File too large"]);
    assert_eq!(desk.listing("output"), ["edge"]);
    let kept = fs::read_to_string(desk.path("output/edge/summary.csv")).unwrap();
    assert_eq!(kept, "old");
}

#[test]
fn a_reader_that_leaves_early_is_no_error() {
    let desk = Desk::new();
    for name in ["a", "b", "c", "index.html"] {
        desk.put(&format!("{name}.toml"), tiny_scenario(name));
    }
    let script =
        "\"$PROGRAM\" run a.toml b.toml c.toml | head -n 1; \"$PROGRAM\" --help | head -n 1";
    let ended = desk.shell(script);
    ended.expect(0, &[]);
    assert_eq!(desk.listing("output"), ["a", "b", "c", "index.html"]);
    // Closed before the first line.
    let ended = desk.shell("{ sleep 0.2; \"$PROGRAM\" run a.toml; echo $? >code; } | true");
    ended.expect(0, &[]);
    assert_eq!(fs::read_to_string(desk.path("code")).unwrap(), "0\n");
}

#[test]
fn problems_that_nobody_reads_keep_their_code() {
    let desk = Desk::new();
    desk.put("empty.toml", "");
    let script = "{ sleep 0.2; \"$PROGRAM\" run empty.toml none.toml; echo $? >code; }";
    let ended = desk.shell(&format!("{script} 2>&1 | true"));
    ended.expect(0, &[]);
    assert_eq!(fs::read_to_string(desk.path("code")).unwrap(), "1\n");
}

#[test]
fn an_answer_that_nobody_takes_is_an_error() {
    let desk = Desk::new();
    desk.put("a.toml", tiny_scenario("a"));
    let ended = desk.shell("exec \"$PROGRAM\" run a.toml >/dev/full");
    ended.expect(1, &["failed to write to standard output"]);
    assert_eq!(desk.listing("output"), ["a"]);
}

/// Starts a run of `first` (a moment) and `second` (hours), and waits until the first is written.
fn start_long_run(desk: &Desk) -> Child {
    desk.put("first.toml", tiny_scenario("first"));
    desk.put(
        "second.toml",
        scenario_with_goal("second", 1_000_000, HOLDS, ""),
    );
    let child = start(desk, &["first.toml", "second.toml"]);
    thread::sleep(Duration::from_millis(200));
    child
}

/// Starts a run of these files, and waits until the first is written.
fn start(desk: &Desk, files: &[&str]) -> Child {
    let mut program = desk.program();
    program.args(["run", "--quiet"]).args(files);
    let piped = program.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = piped.spawn().unwrap();
    let mut line = String::new();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    stdout.read_line(&mut line).unwrap();
    assert!(line.starts_with("first: "), "{line}");
    child
}

/// Sends a signal, and waits for the end.
fn interrupt(child: Child, signal: &str) -> Ended {
    let process = child.id().to_string();
    let kill = Command::new("kill").args([signal, &process]).status();
    assert!(kill.unwrap().success());
    Ended::from(child.wait_with_output().unwrap())
}

#[test]
fn an_interrupted_run_keeps_what_is_finished() {
    for signal in ["-INT", "-TERM"] {
        let desk = Desk::new();
        let child = start_long_run(&desk);
        let ended = interrupt(child, signal);
        ended.expect(130, &["interrupted", "second"]);
        assert_eq!(
            desk.listing("output"),
            [".second.blocks", "first", "index.html"]
        );
        assert!(desk.path("output/first/manifest.json").exists());
        let index = fs::read_to_string(desk.path("output/index.html")).unwrap();
        assert!(index.contains("first/index.html") && !index.contains("second/index.html"));
        assert!(index.contains("NO NEW RESULTS"));
    }
}

/// Whenever the interruption comes, every file of a run has its whole results or none, and the message
/// names those that have none.
#[test]
fn an_interruption_of_many_files_leaves_whole_results_or_none() {
    const DRAWS: [(&str, u32); 6] = [
        ("first", 10),
        ("second", 2_000),
        ("third", 2_000),
        ("fourth", 2_000),
        ("fifth", 1_000_000),
        ("sixth", 1_000_000),
    ];
    let desk = Desk::new();
    let file = |(name, _)| format!("{name}.toml");
    let files = DRAWS.map(file);
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    for (name, draws) in DRAWS {
        let text = scenario_with_goal(name, draws, HOLDS, "");
        desk.put(&file((name, draws)), text);
    }
    let whole = [&["run", "--quiet", "--out", "whole"], &files[..4]].concat();
    desk.run(&whole).expect(0, &[]);
    for millis in [0, 20, 50, 100, 200] {
        let child = start(&desk, &files);
        thread::sleep(Duration::from_millis(millis));
        let ended = interrupt(child, "-INT");
        let mut written = desk.listing("output");
        written.retain(|name| name != "index.html" && !name.starts_with('.'));
        let left: Vec<&str> = DRAWS
            .map(|(name, _)| name)
            .into_iter()
            .filter(|&name| !written.iter().any(|written| written == name))
            .collect();
        assert!(left.ends_with(&["fifth", "sixth"]));
        let said = format!(
            "interrupted: {} have no new results; finished scenarios keep theirs\n  the draws so far",
            left.join(", ")
        );
        ended.expect(130, &[&said]);
        for name in &written {
            let [now, then] = ["output", "whole"].map(|folder| format!("{folder}/{name}"));
            assert_eq!(desk.listing(&now), desk.listing(&then));
            assert_eq!(desk.result_hash(&now), desk.result_hash(&then));
        }
        fs::remove_dir_all(desk.path("output")).unwrap();
    }
}

#[test]
fn a_killed_run_leaves_nothing_half_written() {
    let desk = Desk::new();
    let mut child = start_long_run(&desk);
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(desk.listing("output"), ["first"]);
    desk.run(&["run", "first.toml"]).expect(0, &[]);
}

#[test]
fn runs_at_the_same_moment_do_not_disturb_each_other() {
    let desk = Desk::new();
    desk.put("a.toml", tiny_scenario("a"));
    let start = |_| {
        let mut program = desk.program();
        program.args(["run", "a.toml"]);
        let piped = program.stdout(Stdio::piped()).stderr(Stdio::piped());
        piped.spawn().unwrap()
    };
    let children: Vec<_> = (0..8).map(start).collect();
    for child in children {
        Ended::from(child.wait_with_output().unwrap()).expect(0, &[]);
    }
    assert_eq!(desk.listing("output"), ["a"]);
}

#[test]
fn a_draw_beyond_the_exact_range_ends_with_three() {
    let desk = Desk::new();
    desk.put("a.toml", crate::cases::range::BEYOND);
    let ended = desk.run(&["run", "a.toml"]);
    ended.expect(
        3,
        &[
            "error: draw ",
            "of case base",
            "`workload.w.series_per_pod`",
        ],
    );
    assert!(!desk.path("output/beyond-in-a-draw").exists());
}
