//! What takes too much is refused before it is simulated, and a budget can be raised.

use super::desk::{Desk, tiny_scenario};

const TOO_LARGE: &str = include_str!("../cases/too-large-for-memory.toml");
const LONG: &str = include_str!("../cases/long-draw.toml");
const ROLLOUTS: &str = include_str!("../cases/deployment-rollouts.toml");
const GOALS: &str = include_str!("../cases/goals-times-cases.toml");

#[test]
fn a_platform_beyond_the_memory_is_refused_at_once() {
    let desk = Desk::new();
    // 10^11 sidecars have more series than can be counted. A hundredth of them is another matter.
    desk.put("larger.toml", TOO_LARGE);
    desk.run(&["check", "larger.toml"])
        .expect(3, &["can be counted for at most"]);
    desk.put(
        "large.toml",
        TOO_LARGE.replace("count = 10000", "count = 100"),
    );
    for command in ["check", "run", "run --shard 1/2", "run --quiet"] {
        // Two gigabytes of addresses: a world of it would abort.
        let ended = desk.shell(&format!(
            "ulimit -v 2000000; \"$PROGRAM\" {command} large.toml"
        ));
        ended.expect(
            3,
            &[
                "error: a run needs about",
                "more than 4 GiB: 1G collectors",
                "--> large.toml",
                "help: describe a part of the platform",
                "--max-memory",
            ],
        );
        assert!(!desk.path("output").exists(), "{command}");
    }
    let size = desk.run(&["compare", "large.toml", "large.toml"]);
    size.expect(3, &["a run needs about"]);
}

#[test]
fn budgets_can_be_lowered_and_raised() {
    let desk = Desk::new();
    desk.put("a.toml", tiny_scenario("a"));
    let refused = |arguments: &[&str], part: &str| {
        for command in ["check", "run"] {
            let ended = desk.run(&[&[command, "a.toml"], arguments].concat());
            ended.expect(3, &[part, "--> a.toml", "help: "]);
        }
    };
    refused(&["--max-memory", "1MiB"], "more than 1 MiB: 1 collectors");
    refused(&["--max-events", "10"], "more than 10: ");
    let raised = ["--max-memory", "1TiB", "--max-events", "1e15"];
    for command in ["check", "run"] {
        let ended = desk.run(&[&[command, "a.toml"], &raised[..]].concat());
        ended.expect(0, &[]);
    }
    for (option, value) in [
        ("--max-memory", "8"),
        ("--max-memory", "0B"),
        ("--max-events", "0"),
        ("--max-events", "nan"),
    ] {
        let ended = desk.run(&["run", "a.toml", option, value]);
        ended.expect(2, &[option]);
    }
}

#[test]
fn a_long_draw_is_estimated_without_being_simulated() {
    let desk = Desk::new();
    desk.put("long.toml", LONG);
    let ended = desk.run(&["check", "long.toml", "--max-events", "1e10"]);
    // A billion jobs an hour, each with a start and an end, for a day and the warm-up before it.
    ended.expect(3, &["events, more than 10G", "--max-events 1e11"]);
    desk.run(&["run", "long.toml", "--max-events", "1e10"])
        .expect(3, &["events, more than 10G"]);
    desk.run(&["check", "long.toml"]).expect(0, &[]);
    desk.put("rollouts.toml", ROLLOUTS);
    let ended = desk.run(&["check", "rollouts.toml"]);
    ended.expect(0, &[]);
    assert!(ended.stdout.contains("  estimated "), "{}", ended.stdout);
}

#[test]
fn goals_in_many_cases_share_what_they_say() {
    let desk = Desk::new();
    desk.put("goals.toml", GOALS);
    let ended = desk.run(&["run", "--quiet", "--timings", "goals.toml"]);
    let (_, peak) = ended
        .stderr
        .split_once("peak memory of the process: ")
        .unwrap();
    let (peak, _) = peak.split_once(" MiB").unwrap();
    let peak: f64 = peak.parse().unwrap();
    // 780 MiB when each of 25,000 rows had the names of 500 cases.
    assert!(peak < 250.0, "{peak} MiB");
}
