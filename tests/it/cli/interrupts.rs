//! Ctrl-C and SIGTERM, wherever the program is.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::desk::{Desk, Ended, HOLDS, scenario_with_goal, tiny_scenario};

/// A draw that takes minutes.
const LONG: &str = include_str!("../cases/long-draw.toml");

/// Time in which every signal is heard. A fifth of a second is the rule.
const HEARD: Duration = Duration::from_secs(2);

fn start(desk: &Desk, arguments: &[&str]) -> Child {
    let mut program = desk.program();
    program.args(arguments);
    let piped = program.stdout(Stdio::piped()).stderr(Stdio::piped());
    piped.spawn().unwrap()
}

/// Sends a signal, and checks that the process ends by it in time.
#[expect(
    clippy::disallowed_methods,
    reason = "how long a user waits is what is tested"
)]
fn interrupt(child: Child, signal: &str) -> Ended {
    let begin = Instant::now();
    let process = child.id().to_string();
    let kill = Command::new("kill").args([signal, &process]).status();
    assert!(kill.unwrap().success());
    let output = child.wait_with_output().unwrap();
    let waited = begin.elapsed();
    assert!(waited < HEARD, "{signal} was heard after {waited:?}");
    Ended::from(output)
}

#[test]
fn a_signal_is_heard_within_a_draw() {
    let goal = "[[goal]]\nname = \"g\"\nrequire = \"probability(any oom in fleet.f) < 50%\"\n";
    for draws in [1, 3] {
        let desk = Desk::new();
        let text = LONG.replace("draws = 1", &format!("draws = {draws}"));
        desk.put("long.toml", &text);
        desk.put("goal.toml", format!("{text}\n{goal}"));
        for signal in ["-INT", "-TERM"] {
            for arguments in [
                &["run", "long.toml"][..],
                &["compare", "long.toml", "long.toml"],
                &["size", "goal.toml"],
            ] {
                let child = start(&desk, arguments);
                thread::sleep(Duration::from_millis(500));
                let ended = interrupt(child, signal);
                ended.expect(130, &["interrupted"]);
                assert!(!desk.path("output/long-draw").exists());
            }
        }
        // A run that is only being estimated has made no folder yet.
        let is_clear = !desk.path("output").exists() || desk.listing("output").is_empty();
        assert!(is_clear, "{:?}", desk.listing("output"));
    }
}

/// The results that are being written are given up, and the old ones stay.
#[test]
fn a_signal_is_heard_while_results_are_written() {
    let desk = Desk::new();
    desk.put("a.toml", tiny_scenario("edge"));
    desk.run(&["run", "a.toml"]).expect(0, &[]);
    let old = desk.result_hash("output/edge");
    desk.put("a.toml", scenario_with_goal("edge", 40_000, HOLDS, ""));
    let mut child = start(&desk, &["run", "a.toml"]);
    let first = desk.path("output/.edge.alloy-sim/new/draws.csv");
    while !first.exists() {
        assert!(child.try_wait().unwrap().is_none(), "it ended");
        thread::sleep(Duration::from_millis(1));
    }
    let ended = interrupt(child, "-TERM");
    ended.expect(130, &["interrupted: edge has no new results"]);
    assert_eq!(desk.result_hash("output/edge"), old);
    assert_eq!(
        desk.listing("output"),
        [".edge.blocks", "edge"],
        "draws stay"
    );
}

/// The wait says for whom, and ends by a signal or with the other process.
#[test]
fn a_wait_for_another_process_is_told_and_can_be_interrupted() {
    let desk = Desk::new();
    desk.put("a.toml", tiny_scenario("edge"));
    let workshop = desk.path("output/.edge.alloy-sim");
    fs::create_dir_all(&workshop).unwrap();
    let mut lock = File::create(workshop.join("lock")).unwrap();
    lock.lock().unwrap();
    writeln!(lock, "alloy-sim, process 4242").unwrap();
    let waits = || {
        let mut child = start(&desk, &["run", "a.toml"]);
        let mut line = String::new();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        stderr.read_line(&mut line).unwrap();
        let said = "waiting for process 4242, which writes into output/edge\n";
        assert_eq!(line, said);
        child
    };
    for signal in ["-INT", "-TERM"] {
        let ended = interrupt(waits(), signal);
        assert_eq!(ended.code, Some(130), "{}", ended.stdout);
    }
    assert!(!desk.path("output/edge").exists());
    let child = waits();
    drop(lock);
    Ended::from(child.wait_with_output().unwrap()).expect(0, &[]);
    assert_eq!(desk.listing("output"), ["edge"]);
}

/// A command that looks at nothing is ended by force: here it waits for the end of its input.
#[test]
fn a_signal_is_heard_where_nothing_looks_at_it() {
    let desk = Desk::new();
    for signal in ["-INT", "-TERM"] {
        for command in ["run", "check"] {
            let mut program = desk.program();
            let piped = program.args([command, "-"]).stdin(Stdio::piped());
            let piped = piped.stdout(Stdio::piped()).stderr(Stdio::piped());
            let mut child = piped.spawn().unwrap();
            let input = child.stdin.take();
            thread::sleep(Duration::from_millis(200));
            let ended = interrupt(child, signal);
            drop(input);
            match command {
                "run" => ended.expect(130, &["interrupted: finished scenarios keep their results"]),
                // Nobody listens: the signal kills.
                _ => assert_eq!(ended.code, None),
            }
        }
    }
    assert_eq!(desk.listing("."), [""; 0]);
}
