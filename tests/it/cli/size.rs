//! `alloy-sim size`.

use std::fs;

use super::desk::{Desk, HOLDS, scenario_with_goal, tiny_scenario};

#[test]
fn the_smallest_size_comes_with_values_to_paste() {
    let desk = Desk::new();
    desk.put("a.toml", tiny_scenario("a"));
    let limit = "fleet.metrics.resources.memory.limit=64MiB..1GiB/64MiB";
    let ended = desk.run(&["size", "a.toml", "--free", limit]);
    ended.expect(0, &[]);
    insta::assert_snapshot!("size", ended.stdout);
    let again = desk.run(&["size", "a.toml", "-f", limit, "-j", "1"]);
    assert_eq!(again.stdout, ended.stdout);
}

/// The sizes of a case have all that its variant sets, and of a point of a sweep all that it sets.
#[test]
fn a_case_is_sized_from_its_own_values() {
    let desk = Desk::new();
    let more = r#"[[variant]]
name = "many"
set = { "workload.apps.pods" = 1000 }
[sweep]
"workload.apps.pods" = [1000]"#;
    desk.put("a.toml", scenario_with_goal("a", 10, HOLDS, more));
    let stated = tiny_scenario("b").replace("pods = 10\n", "pods = 1000\n");
    desk.put("b.toml", stated);
    let limit = "fleet.metrics.resources.memory.limit=64MiB..2GiB/64MiB";
    let sentence = |arguments: &[&str]| {
        let ended = desk.run(&[&["size", "-f", limit], arguments].concat());
        ended.expect(0, &[]);
        let lines = ended.stdout.lines();
        let line = lines
            .filter(|line| line.starts_with("SIZE"))
            .collect::<String>();
        let (_, size) = line.split_once("memory.limit=").expect("a size is named");
        size.split(' ').next().expect("it has a value").to_owned()
    };
    let [base, stated] = ["a.toml", "b.toml"].map(|file| sentence(&[file]));
    assert_ne!(base, stated);
    for case in ["many", "pods=1000"] {
        assert_eq!(sentence(&["a.toml", "--case", case]), stated, "{case}");
    }
    let of_variant = desk.run(&["size", "-f", limit, "a.toml", "--case", "many"]);
    assert!(
        of_variant
            .stdout
            .contains("into the set of the variant many")
    );
    assert!(!of_variant.stdout.contains("[[variant]]"));
    let by_cores = desk.run(&["size", "-f", limit, "a.toml", "-m", "cpu"]);
    for part in ["Smallest by cores requested", "1 core, "] {
        assert!(by_cores.stdout.contains(part), "{}", by_cores.stdout);
    }
    desk.run(&["size", "a.toml", "--case", "more"])
        .expect(3, &["there is no case `more`"]);
}

#[test]
fn what_cannot_be_sized_says_why() {
    let desk = Desk::new();
    desk.put("a.toml", tiny_scenario("a"));
    let (without, _) = tiny_scenario("b")
        .split_once("[[goal]]")
        .map(|(left, right)| (left.to_owned(), right.to_owned()))
        .unwrap();
    desk.put("b.toml", without);
    let paths = "fleet.metrics.replica=1..3";
    let twice = [
        "-f",
        "fleet.metrics.replicas=1..2",
        "-f",
        "fleet.metrics.replicas=3..4",
    ];
    let many = [
        "-f",
        "fleet.metrics.replicas=1..100/1",
        "-f",
        "fleet.metrics.resources.memory.limit=1GiB..100GiB/1GiB",
    ];
    for (arguments, code, said) in [
        (vec!["a.toml", "--free", "replicas"], 2, "write path=2..8"),
        (vec!["a.toml", "--free", paths], 3, "replicas"),
        (
            vec!["a.toml", "--confidence", "40%"],
            2,
            "between 50% and 100%",
        ),
        (vec!["b.toml"], 3, "(any oom in fleet.metrics) < 1%"),
        ([vec!["a.toml"], twice.to_vec()].concat(), 3, "free twice"),
        (
            [vec!["a.toml"], many.to_vec()].concat(),
            3,
            "give a greater step",
        ),
    ] {
        let ended = desk.run(&[vec!["size"], arguments].concat());
        ended.expect(code, &[said]);
        assert!(ended.stdout.is_empty());
    }
}

/// Of several fleets the hint names the one that goals are about, and what that one has. Nodes set the
/// number of daemons.
#[test]
fn the_hint_fits_the_topology() {
    const DAEMONS: &str = r#"
[[workload]]
name = "hosts"
kind = "machine"
runs_on = ["prod.general"]
series_per_target = 100
[[fleet]]
name = "agent"
topology = "host-daemon"
runs_on = ["prod.general"]
collects = { metrics = ["hosts"] }
sends_to = ["mimir"]
resources = { memory = { limit = "1GiB" } }
"#;
    let desk = Desk::new();
    desk.put("a.toml", scenario_with_goal("a", 10, HOLDS, DAEMONS));
    let about_daemons = HOLDS.replace("fleet.metrics", "fleet.agent");
    desk.put(
        "b.toml",
        scenario_with_goal("b", 10, &about_daemons, DAEMONS),
    );
    let limit = |fleet: &str| format!("--free fleet.{fleet}.resources.memory.limit=");
    let ended = desk.run(&["size", "a.toml"]);
    let both = format!("--free fleet.metrics.replicas=2..8 {}", limit("metrics"));
    ended.expect(3, &["the fleets agent, metrics", &both]);
    let ended = desk.run(&["size", "b.toml"]);
    ended.expect(3, &[&format!("metrics: {}128MiB..2GiB", limit("agent"))]);
    assert!(!ended.stderr.contains("replicas"), "{}", ended.stderr);
}

#[test]
fn two_sides_differ_by_what_their_draws_say() {
    let desk = Desk::new();
    desk.put("now.toml", tiny_scenario("now"));
    let more = "[[variant]]\nname = \"small\"\nset = { \"fleet.metrics.resources.memory\" = { request = \"64MiB\", limit = \"64MiB\" } }\n";
    desk.put("then.toml", scenario_with_goal("then", 10, HOLDS, more));
    let same = desk.run(&["compare", "now.toml", "now.toml"]);
    same.expect(0, &[]);
    assert!(
        same.stdout.contains("are the same in every draw"),
        "{}",
        same.stdout
    );
    let condition = "oom worse by more than 5%";
    let worse = [
        "compare",
        "now.toml",
        "then.toml:small",
        "-n",
        "100",
        "--fail-if",
        condition,
    ];
    let ended = desk.run(&worse);
    ended.expect(99, &[]);
    insta::assert_snapshot!("compare", ended.stdout);
    let markdown = desk.run(&[worse.as_slice(), &["--format", "markdown"]].concat());
    insta::assert_snapshot!("compare_markdown", markdown.stdout);
}

#[test]
fn folders_are_compared_in_pairs_or_said_not_to_be() {
    let desk = Desk::new();
    desk.put("now.toml", tiny_scenario("now"));
    desk.run(&["run", "-q", "now.toml", "-o", "one"])
        .expect(0, &[]);
    desk.run(&["run", "-q", "now.toml", "-o", "two", "--seed", "9"])
        .expect(0, &[]);
    let same = desk.run(&["compare", "one/now", "one/now"]);
    same.expect(0, &[]);
    assert!(
        same.stdout.contains("10 paired draws, seed 1"),
        "{}",
        same.stdout
    );
    let apart = desk.run(&["compare", "one/now", "two/now"]);
    apart.expect(0, &[]);
    assert!(
        apart.stdout.contains("not paired: unequal seed"),
        "{}",
        apart.stdout
    );
    desk.run(&["compare", "one/now", "one/now:big"])
        .expect(3, &["it has no case `big`; it has base"]);
    desk.run(&[
        "run",
        "-q",
        "now.toml",
        "-o",
        "one",
        "--set",
        "meta.name=late",
    ])
    .expect(0, &[]);
    let listed = "one holds results in: one/late, one/now; name one";
    desk.run(&["compare", "one", "one/now"])
        .expect(3, &[listed]);
    desk.run(&["compare", "one/now", "one:base"])
        .expect(3, &[listed]);
    fs::create_dir(desk.path("empty")).unwrap();
    desk.run(&["compare", "empty", "one/now"])
        .expect(1, &["empty/manifest.json"]);
    let condition = "foo worse by more than 1%";
    desk.run(&["compare", "one/now", "one/now", "--fail-if", condition])
        .expect(3, &["neither a column"]);
    for (condition, why) in [
        ("oom worse by more than 1", "write 1%"),
        ("samples_sent worse by more than 10", "is not worse"),
        ("ports_exhausted worse by more than 1%", "neither side"),
    ] {
        desk.run(&["compare", "one/now", "one/now", "--fail-if", condition])
            .expect(3, &[why]);
    }
}

/// With equal seeds the draws of both are the same, as far as both have them.
#[test]
fn of_unequal_draws_the_first_are_compared_and_unequal_horizons_are_refused() {
    let desk = Desk::new();
    desk.put("now.toml", tiny_scenario("now"));
    desk.put(
        "long.toml",
        tiny_scenario("long").replace("\"1d\"", "\"2d\""),
    );
    desk.run(&["run", "-q", "now.toml", "-o", "few"])
        .expect(0, &[]);
    desk.run(&["run", "-q", "now.toml", "-o", "many", "-n", "25"])
        .expect(0, &[]);
    for (a, b) in [("few", "many"), ("many", "few")] {
        let ended = desk.run(&["compare", &format!("{a}/now"), &format!("{b}/now")]);
        ended.expect(0, &[]);
        for part in [
            "10 paired draws, the first of 25, seed 1",
            "are the same in every draw",
        ] {
            assert!(ended.stdout.contains(part), "{}", ended.stdout);
        }
    }
    desk.run(&["compare", "now.toml", "long.toml"])
        .expect(3, &["the horizons are unequal, 24 h and 2 d"]);
}
