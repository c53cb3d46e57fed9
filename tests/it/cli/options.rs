//! Options that change what of a file runs: `--set`, `--case`, `-` and `--color`.

use std::fs;
use std::io::Write as _;
use std::process::Stdio;

use super::desk::{Desk, Ended, HOLDS, UNSETTLED, scenario_with_goal, tiny_scenario};

/// A scenario with a sweep over its replicas.
fn swept() -> String {
    let sweep = "[sweep]\n\"fleet.metrics.replicas\" = [2, 3]\n";
    scenario_with_goal("swept", 10, HOLDS, sweep)
}

fn cases_of(desk: &Desk, folder: &str) -> Vec<String> {
    let table = fs::read_to_string(desk.path(folder).join("cases.csv")).unwrap();
    let rows = table.lines().skip(1);
    rows.map(|row| row.split(',').nth(1).unwrap().to_owned())
        .collect()
}

#[test]
fn a_set_value_is_as_if_the_file_stated_it() {
    let desk = Desk::new();
    desk.put("a.toml", tiny_scenario("a"));
    let stated = tiny_scenario("a").replace("replicas = 1", "replicas = 2");
    let stated = stated.replace("limit = \"4GiB\" }, cpu", "limit = \"6GiB\" }, cpu");
    desk.put("b.toml", stated);
    let limit = "fleet.metrics.resources.memory.limit=6GiB";
    let set = [
        "run",
        "a.toml",
        "--set",
        "fleet.metrics.replicas=2",
        "--set",
        limit,
    ];
    let tables = || {
        let names = [
            "draws.csv",
            "summary.csv",
            "timeseries.csv",
            "goals.csv",
            "cases.csv",
            "scenario.toml",
        ];
        let path = |name| desk.path(&format!("output/a/{name}"));
        names.map(|name| fs::read_to_string(path(name)).unwrap())
    };
    desk.run(&set).expect(0, &[]);
    let when_set = tables();
    desk.run(&["run", "b.toml"]).expect(0, &[]);
    assert_eq!(tables(), when_set);
    let law = "workload.apps.pods={ start = 10, growth_per_30d = { p5 = \"1%\", p95 = \"4%\" } }";
    desk.run(&["check", "a.toml", "--set", law]).expect(0, &[]);
    let name = [
        "run",
        "a.toml",
        "--set",
        "meta.name=other",
        "--set",
        "experiment.draws=12",
    ];
    desk.run(&name).expect(0, &[]);
    assert_eq!(desk.listing("output"), ["a", "other"]);
}

#[test]
fn a_wrong_setting_is_shown_in_its_option() {
    let desk = Desk::new();
    desk.put("a.toml", tiny_scenario("a"));
    for (setting, parts) in [
        (
            "fleet.metric.replicas=2",
            ["--> --set:1:1", "did you mean `metrics`?"],
        ),
        (
            "fleet.metrics.replicas=many",
            ["--> --set:1:24", "must be a whole number, not a text"],
        ),
        (
            "fleet.metrics.replica=2",
            ["--> --set:1:1", "did you mean `replicas`?"],
        ),
        (
            "fleet.metrics.share='x",
            ["--> --set:1:21", "is not a value"],
        ),
        (
            "fleet.metrics.resources.memory.limit=4gib",
            ["^^^^", "write `4GiB`"],
        ),
        (
            "goal.x.require=1",
            ["--> --set:1:1", "change it in the file"],
        ),
        ("format=2", ["--> --set:1:1", "change it in the file"]),
    ] {
        desk.run(&["check", "a.toml", "--set", setting])
            .expect(3, &parts);
    }
    for setting in ["fleet.metrics.replicas", "=3", "fleet.metrics.replicas="] {
        let ended = desk.run(&["run", "a.toml", "--set", setting]);
        ended.expect(2, &["write a path, = and a value"]);
    }
    // A mistake of the file keeps its place beside one of an option.
    desk.put(
        "b.toml",
        tiny_scenario("b").replace("horizon = \"1d\"", "horizon = \"1 day\""),
    );
    let both = desk.run(&["check", "b.toml", "--set", "fleet.metrics.replicas=0"]);
    both.expect(3, &["--> b.toml:6:11", "--> --set:1:24"]);
}

#[test]
fn a_chosen_case_runs_alone() {
    let desk = Desk::new();
    desk.put("swept.toml", swept());
    desk.run(&["run", "swept.toml"]).expect(0, &[]);
    assert_eq!(
        cases_of(&desk, "output/swept"),
        ["base", "replicas=2", "replicas=3"]
    );
    for name in [
        "replicas=3",
        "replicas = 3",
        "base, fleet.metrics.replicas=3",
    ] {
        let ended = desk.run(&["run", "swept.toml", "--case", name]);
        ended.expect(0, &["goal `no OOM` names none of the chosen cases"]);
        assert_eq!(cases_of(&desk, "output/swept"), ["replicas=3"]);
    }
    let two = [
        "run",
        "swept.toml",
        "--case",
        "base",
        "--case",
        "replicas=2",
    ];
    let ended = desk.run(&two);
    ended.expect(0, &[]);
    assert_eq!(ended.stderr, "");
    assert_eq!(cases_of(&desk, "output/swept"), ["base", "replicas=2"]);
    desk.run(&["check", "swept.toml", "--case", "replica=2"])
        .expect(3, &["there is no case `replica=2`", "`replicas=2`"]);
    desk.run(&["check", "swept.toml", "--case", "base", "--case", "zebra"])
        .expect(3, &["there is no case `zebra`", "known: "]);
    desk.run(&["run", "swept.toml:replicas=2"]).expect(
        1,
        &["for one case of swept.toml write: swept.toml --case 'replicas=2'"],
    );
    // What a goal may write is no case to choose.
    let all = desk.run(&["check", "swept.toml", "--case", "all"]);
    let help = "leave --case out to take all cases";
    all.expect(3, &["there is no case `all`", help]);
    let near = desk.run(&["check", "swept.toml", "--case", "alt"]);
    near.expect(3, &["known: `base`, `replicas=2`, `replicas=3`"]);
    assert!(!near.stderr.contains("`all`"), "{}", near.stderr);
}

/// A goal decides on those of its cases that are chosen, and nothing without any.
#[test]
fn goals_decide_on_chosen_cases_alone() {
    let desk = Desk::new();
    let sweep = "cases = \"all\"\n[sweep]\n\"fleet.metrics.replicas\" = [2, 3]\n";
    desk.put("a.toml", scenario_with_goal("a", 10, UNSETTLED, sweep));
    let chosen = ["run", "a.toml", "--case", "replicas=2"];
    desk.run(&chosen).expect(5, &[]);
    let sweep = sweep.trim_start_matches("cases = \"all\"\n");
    desk.put("a.toml", scenario_with_goal("a", 10, UNSETTLED, sweep));
    desk.run(&chosen).expect(0, &["decides no exit code"]);
}

fn piped(desk: &Desk, arguments: &[&str], text: &str) -> Ended {
    let mut command = desk.program();
    command.args(arguments).stdin(Stdio::piped());
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(text.as_bytes())
        .unwrap();
    Ended::from(child.wait_with_output().unwrap())
}

#[test]
fn a_scenario_comes_from_standard_input() {
    let desk = Desk::new();
    let measured = tiny_scenario("piped").replace("series_per_pod = 100", "measured = \"a.csv\"");
    desk.put("a.csv", "series\n100\n200\n");
    piped(&desk, &["run", "-"], &measured).expect(0, &[]);
    assert_eq!(desk.listing("output"), ["piped"]);
    piped(&desk, &["check", "-"], "format = ").expect(3, &["--> standard input:1:"]);
    piped(&desk, &["check", "-", "-"], &measured).expect(0, &["- is given twice"]);
}

/// The command to repeat names the file and the values as they were given, and nothing else.
#[test]
fn the_command_to_repeat_is_the_one_that_was_given() {
    let desk = Desk::new();
    fs::create_dir(desk.path("fleets")).unwrap();
    desk.put("fleets/our fleet.toml", tiny_scenario("a"));
    let told = |ended: &Ended| {
        ended.expect(0, &[]);
        let line = ended.stdout.lines().last().unwrap();
        line.split('`').nth(1).unwrap().to_owned()
    };
    let plain = ["run", "fleets/our fleet.toml", "--format", "markdown"];
    let command = "alloy-sim run 'fleets/our fleet.toml'";
    assert_eq!(told(&desk.run(&plain)), command);
    let given = ["--seed", "7", "-n", "12", "--case", "base"];
    let set = ["--set", "fleet.metrics.replicas=2"];
    let command =
        format!("{command} --set fleet.metrics.replicas=2 --case base --draws 12 --seed 7");
    let ended = desk.run(&[&plain[..], &given, &set].concat());
    assert_eq!(told(&ended), command);
    let page = fs::read_to_string(desk.path("output/a/index.html")).unwrap();
    let on_page = command.replace('\'', "&#x27;").replace('/', "&#x2f;");
    assert!(page.contains(&on_page));
    let hash = desk.result_hash("output/a");
    desk.shell(&format!("alias alloy-sim=\"$PROGRAM\"\n{command}"))
        .expect(0, &[]);
    assert_eq!(desk.result_hash("output/a"), hash);
    let streamed = ["run", "-", "--format", "markdown"];
    let command = "alloy-sim run -  # with the same text on standard input";
    assert_eq!(told(&piped(&desk, &streamed, &tiny_scenario("a"))), command);
}

#[test]
fn colours_are_as_asked() {
    let desk = Desk::new();
    desk.put("empty.toml", "");
    let is_painted = |arguments: &[&str], variables: &[(&str, &str)]| {
        let mut command = desk.program();
        command
            .args(arguments)
            .env_remove("NO_COLOR")
            .env_remove("CLICOLOR_FORCE");
        let ended = Ended::from(command.envs(variables.iter().copied()).output().unwrap());
        ended.expect(3, &[]);
        ended.stderr.contains('\x1b')
    };
    assert!(!is_painted(&["check", "empty.toml"], &[]));
    assert!(is_painted(
        &["check", "empty.toml", "--color", "always"],
        &[]
    ));
    assert!(is_painted(
        &["--color=always", "check", "empty.toml"],
        &[("NO_COLOR", "1")]
    ));
    assert!(is_painted(
        &["check", "empty.toml"],
        &[("CLICOLOR_FORCE", "1")]
    ));
    assert!(!is_painted(
        &["check", "empty.toml"],
        &[("CLICOLOR_FORCE", "0")]
    ));
    let forced = [("CLICOLOR_FORCE", "1")];
    assert!(!is_painted(
        &["check", "--color", "never", "empty.toml"],
        &forced
    ));
    desk.run(&["check", "empty.toml", "--color", "blue"])
        .expect(2, &["always"]);
}
