//! `--format`: one document or one comment on standard output, and nothing else.

use std::collections::BTreeSet;

use serde_json::Value;

use super::desk::{Desk, Ended, FAILS, HOLDS, UNSETTLED, scenario_with_goal, tiny_scenario};

/// The schema as the program prints it.
fn schema(desk: &Desk) -> Value {
    let printed = desk.run(&["schema", "--answer"]);
    printed.expect(0, &[]);
    serde_json::from_str(&printed.stdout).unwrap()
}

/// The document of a command, which its schema must allow.
#[track_caller]
fn document(desk: &Desk, ended: &Ended) -> Value {
    let document: Value = serde_json::from_str(&ended.stdout).unwrap();
    let validator = jsonschema::validator_for(&schema(desk)).unwrap();
    let mistakes = validator.iter_errors(&document);
    let mistakes = mistakes.map(|error| format!("{}: {error}", error.instance_path()));
    let mistakes: Vec<_> = mistakes.collect();
    assert!(mistakes.is_empty(), "{mistakes:#?}");
    assert_eq!(document["exit"]["code"], ended.code.unwrap());
    document
}

/// A scenario with everything that an answer can have: kills, a date, cases, an unknown that decides.
fn rich(name: &str) -> String {
    let more = r#"
[[expect]]
name = "nothing is ever killed"
require = "probability(any oom in fleet.metrics) < 1%"
reason = "to be shown wrong"
[[variant]]
name = "small"
set = { "fleet.metrics.resources.memory" = { request = "80MiB", limit = "80MiB" } }
"#;
    let goal = "probability(any oom in fleet.metrics within 12h) < 5%";
    let text = scenario_with_goal(name, 60, goal, &format!("cases = \"all\"\n{more}"));
    text.replace("seed = 1", "seed = 1\nstart_date = 2027-01-01")
        .replace(
            "series_per_pod = 100",
            "series_per_pod = { p5 = 50, p95 = 5000 }",
        )
}

fn keys(value: &Value, into: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                into.insert(key.clone());
                keys(value, into);
            }
        }
        Value::Array(list) => list.iter().for_each(|value| keys(value, into)),
        _ => {}
    }
}

/// The names of all properties that a schema describes.
fn properties(schema: &Value, into: &mut BTreeSet<String>) {
    match schema {
        Value::Object(map) => {
            if let Some(Value::Object(own)) = map.get("properties") {
                into.extend(own.keys().cloned());
            }
            map.values().for_each(|value| properties(value, into));
        }
        Value::Array(list) => list.iter().for_each(|value| properties(value, into)),
        _ => {}
    }
}

#[test]
fn answers_as_json_are_what_the_schema_describes() {
    let desk = Desk::new();
    desk.put("rich.toml", rich("rich"));
    desk.put("tiny.toml", tiny_scenario("tiny"));
    let without = tiny_scenario("bare");
    desk.put("bare.toml", without.split("[[goal]]").next().unwrap());
    desk.put("open.toml", scenario_with_goal("open", 10, UNSETTLED, ""));
    let files = ["rich.toml", "tiny.toml", "bare.toml", "open.toml"];
    let ended = desk.run(&[["run", "--format", "json"].as_slice(), &files].concat());
    let run = document(&desk, &ended);
    assert_eq!(ended.code, Some(99));
    assert!(ended.stderr.starts_with("warning: 60 draws cannot settle"));
    let names: Vec<_> = run["answers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["scenario"])
        .collect();
    assert_eq!(names, ["rich", "tiny", "bare", "open"]);
    let verdicts: Vec<_> = run["answers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["verdict"])
        .collect();
    assert_eq!(
        verdicts,
        [
            &Value::from("UNSAFE"),
            &"SAFE".into(),
            &Value::Null,
            &"UNSETTLED".into()
        ]
    );

    let limit = "fleet.metrics.resources.memory.limit=64MiB..1GiB/64MiB";
    let size = desk.run(&["size", "tiny.toml", "--free", limit, "--format", "json"]);
    let size = document(&desk, &size);
    let condition = "oom worse by more than 1%";
    let compare = [
        "compare",
        "rich.toml",
        "rich.toml:small",
        "--fail-if",
        condition,
    ];
    let compare = desk.run(&[compare.as_slice(), &["--format", "json"]].concat());
    assert_eq!(compare.code, Some(99));
    let compare = document(&desk, &compare);

    let (mut seen, mut described) = (BTreeSet::new(), BTreeSet::new());
    for one in [&run, &size, &compare] {
        keys(one, &mut seen);
    }
    properties(&schema(&desk), &mut described);
    let dead: Vec<_> = described.difference(&seen).collect();
    assert!(dead.is_empty(), "no answer has {dead:?}");
}

/// With `--case`, goals may name none of the cases that are left: that is not a file without goals.
#[test]
fn a_case_that_no_goal_names_has_no_verdict() {
    let desk = Desk::new();
    let more = r#"cases = ["base"]
[[variant]]
name = "small"
set = { "fleet.metrics.resources.memory" = { request = "80MiB", limit = "80MiB" } }
"#;
    desk.put("one.toml", scenario_with_goal("one", 10, HOLDS, more));
    let run = |more: &[&str]| {
        let ended = desk.run(&[["run", "one.toml", "--case", "small"].as_slice(), more].concat());
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        ended
    };
    let why = "no goal names the case that was taken";
    let text = run(&[]).stdout;
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains(why), "{text}");
    assert!(run(&["--quiet"]).stdout.contains(why));
    let markdown = run(&["--format", "markdown"]).stdout;
    assert!(markdown.starts_with("**NO VERDICT**") && markdown.contains(why));
    let json = document(&desk, &run(&["--format", "json"]));
    assert_eq!(json["answers"][0]["no_verdict"], why);
    let page = std::fs::read_to_string(desk.path("output/one/index.html")).unwrap();
    assert!(page.contains("NO VERDICT") && page.contains(why));
    for told in [&text, &markdown, &page] {
        assert!(
            !told.contains("NO GOAL") && !told.contains("o goal is stated"),
            "{told}"
        );
    }
}

/// JSON, text and tables have one number for one thing.
#[test]
fn json_has_the_numbers_of_the_other_formats() {
    let desk = Desk::new();
    desk.put("rich.toml", rich("rich"));
    let json = document(&desk, &desk.run(&["run", "rich.toml", "--format", "json"]));
    let text = desk.run(&["run", "rich.toml"]).stdout;
    let answer = &json["answers"][0];
    let sentence = answer["sentence"].as_str().unwrap();
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        words(&text).contains(&words(sentence)),
        "{sentence}\n{text}"
    );
    let small = &answer["cases"][1];
    let needs = &small["needs"];
    assert_eq!(
        (&small["name"], &needs["is_above"]),
        (&"small".into(), &true.into())
    );
    assert_eq!(needs["memory_p95_bytes"], f64::from(80 << 20));
    let row = text.lines().find(|line| line.starts_with("small")).unwrap();
    assert!(row.contains("> 80 MiB") && row.contains("UNSAFE"), "{row}");
    let table = std::fs::read_to_string(desk.path("output/rich/cases.csv")).unwrap();
    let row = table.lines().nth(2).unwrap();
    let share = needs["cut_off"].as_f64().unwrap();
    assert!(
        row.contains(&format!(",83886080,{share},")),
        "{share}: {row}"
    );
    let decides = &answer["decides"];
    assert_eq!(decides["claim"]["limit"], 0.05);
    assert_eq!(decides["row"]["verdict"], "fails");
    assert!(
        decides["first"]["date"]
            .as_str()
            .unwrap()
            .starts_with("2027-01-01T")
    );
}

#[test]
fn a_document_is_all_that_goes_to_standard_output() {
    let desk = Desk::new();
    desk.put("tiny.toml", tiny_scenario("tiny"));
    desk.put("other.toml", scenario_with_goal("other", 10, FAILS, ""));
    desk.put(
        "wrong.toml",
        tiny_scenario("wrong").replace("replicas", "replica"),
    );
    let ended = desk.run(&["run", "tiny.toml", "wrong.toml", "--format", "json"]);
    ended.expect(3, &["replica"]);
    assert_eq!(ended.stdout, "", "nothing was simulated");
    let details = desk.run(&["run", "tiny.toml", "--format", "json", "--details"]);
    details.expect(2, &["--details is for text"]);
    let timed = desk.run(&["run", "tiny.toml", "--format", "json", "--timings"]);
    document(&desk, &timed);
    assert!(timed.stderr.contains("timings of tiny"));

    let ended = desk.run(&[
        "run",
        "tiny.toml",
        "--format",
        "markdown",
        "--set",
        "fleet.metrics.replicas = 2",
    ]);
    ended.expect(0, &[]);
    insta::assert_snapshot!("run_markdown", ended.stdout);
    let both = desk.run(&["run", "tiny.toml", "other.toml", "--format", "markdown"]);
    both.expect(99, &[]);
    let order = [
        "| **UNSAFE** | `other` |",
        "| **SAFE** | `tiny` |",
        "<summary>other</summary>",
        "<summary>tiny</summary>",
    ];
    let places = order.map(|part| both.stdout.find(part).unwrap());
    assert!(places.is_sorted(), "{}", both.stdout);
    assert!(both.stdout.matches("```").count().is_multiple_of(2));
    let limit = "fleet.metrics.resources.memory.limit=64MiB..1GiB/64MiB";
    let size = desk.run(&["size", "tiny.toml", "--free", limit, "--format", "markdown"]);
    insta::assert_snapshot!("size_markdown", size.stdout);
}

#[test]
fn an_answer_as_json_reads_like_the_text() {
    let desk = Desk::new();
    desk.put("tiny.toml", scenario_with_goal("tiny", 10, HOLDS, ""));
    let ended = desk.run(&["run", "tiny.toml", "--format", "json"]);
    insta::assert_snapshot!("run_json", ended.stdout);
}
