//! `alloy-sim ring`: who owns which targets, as a user asks for it.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::process::Stdio;

use serde_json::{Value, json};

use super::desk::{Desk, Ended};

/// What `--owners` printed: address and owner.
fn owners(ended: &Ended) -> BTreeMap<String, String> {
    ended.expect(0, &[]);
    let mut reader = csv::Reader::from_reader(ended.stdout.as_bytes());
    let header = reader.headers().unwrap().clone();
    let at = |name| header.iter().position(|column| column == name).unwrap();
    let (owner, address) = (at("owner"), at("label.__address__"));
    let rows = reader.records().map(Result::unwrap);
    rows.map(|row| (row[address].to_owned(), row[owner].to_owned()))
        .collect()
}

#[test]
fn owners_are_those_of_alloys_own_library() {
    let vectors = include_str!("../fixtures/ring-vectors.json");
    let vectors: Vec<Value> = serde_json::from_str(vectors).unwrap();
    for vector in vectors {
        let desk = Desk::new();
        let targets = vector["labels"].as_array().unwrap();
        let mut sheet = "job,__meta_uid,__address__,namespace\n".to_owned();
        let (mut groups, mut expected) = (Vec::new(), BTreeMap::new());
        for (number, target) in targets.iter().enumerate() {
            let labels = target["labels"].as_object().unwrap();
            assert_eq!(labels.len(), 3);
            let label = |name: &str| labels[name].as_str().unwrap();
            let (job, namespace, address) =
                (label("job"), label("namespace"), label("__address__"));
            sheet += &[job, &number.to_string(), address, namespace].join(",");
            sheet.push('\n');
            let rest = json!({"namespace": namespace, "job": job, "__meta_uid": "any"});
            groups.push(json!({"targets": [address], "labels": rest}));
            let owner = target["owner"].as_str().unwrap();
            expected.insert(address.to_owned(), owner.to_owned());
        }
        assert!(expected.len() >= 10);
        desk.put("targets.csv", sheet);
        desk.put("targets.json", Value::from(groups).to_string());
        let peers = vector["nodes"].as_array().unwrap().iter();
        let peers: Vec<&str> = peers.map(|peer| peer.as_str().unwrap()).collect();
        let peers = peers.join(",");
        for file in ["targets.csv", "targets.json"] {
            let ended = desk.run(&["ring", file, "--owners", "--peers", &peers]);
            assert_eq!(owners(&ended), expected, "{file}");
        }
    }
}

/// The bodies of the blocks of `document` that begin with this word, each with what follows it.
fn blocks<'a>(document: &'a str, language: &str) -> Vec<(&'a str, &'a str)> {
    let fence = format!("```{language}\n");
    let starts = document.match_indices(&fence);
    let body =
        |(at, fence): (usize, &str)| document[at + fence.len()..].split_once("```\n").unwrap();
    starts.map(body).collect()
}

#[test]
fn the_document_shows_what_the_program_prints() {
    let document = include_str!("../../../docs/ring.md");
    let desk = Desk::new();
    desk.put("targets.csv", blocks(document, "csv")[0].0);
    let commands = blocks(document, "sh");
    assert_eq!(commands.len(), 3);
    for (command, after) in commands {
        let mut words = command.split_whitespace();
        assert_eq!(words.next(), Some("alloy-sim"));
        let ended = desk.run(&words.collect::<Vec<_>>());
        ended.expect(0, &[]);
        let shown = blocks(after, "text")[0].0;
        assert_eq!(
            shown, ended.stdout,
            "docs/ring.md after {command}\n{}",
            ended.stdout
        );
    }
}

const SHEET: &str = "__address__,job,series\na:1,x,10\nb:1,x,20\nc:1,,70\na:1,x,10\n";

#[test]
fn names_and_file_may_stand_as_one_is_used_to() {
    let desk = Desk::new();
    desk.put("t.csv", SHEET);
    let first = desk.run(&["ring", "t.csv", "--peers", "p-0", "p-1", "p-2"]);
    first.expect(0, &[]);
    let head = "3 targets with 100 series on 3 peers\ndropped: 1 target ";
    assert!(first.stdout.starts_with(head), "{}", first.stdout);
    for arguments in [
        &["ring", "--peers", "p-0", "p-1", "p-2", "--", "t.csv"][..],
        &["ring", "--peers=p-0,p-1,p-2", "t.csv"],
        &["ring", "t.csv", "-p", "p-0,p-1", "p-2"],
        &["ring", "-p", "p-0", "-p", "p-1", "p-2", "--", "t.csv"],
    ] {
        let ended = desk.run(arguments);
        ended.expect(0, &[]);
        assert_eq!(ended.stdout, first.stdout, "{arguments:?}");
    }
    let mut program = desk.program();
    program.args(["ring", "-", "--peers", "p-0,p-1,p-2"]);
    program.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = program.stderr(Stdio::piped()).spawn().unwrap();
    let bytes = SHEET.as_bytes();
    child.stdin.take().unwrap().write_all(bytes).unwrap();
    let piped = Ended::from(child.wait_with_output().unwrap());
    piped.expect(0, &[]);
    assert_eq!(piped.stdout, first.stdout);
}

#[test]
fn wrong_names_end_with_two() {
    let desk = Desk::new();
    desk.put("t.csv", SHEET);
    let check = |arguments: &[&str], part: &str| {
        let ended = desk.run(&[&["ring"], arguments].concat());
        ended.expect(2, &["--help", part]);
        assert_eq!(ended.stdout, "");
    };
    check(&["t.csv"], "--peers");
    check(&["--peers", "a"], "<FILE>");
    // The file is taken for a peer.
    check(&["--peers", "a", "b", "t.csv"], "put it before the options");
    check(&["--peers", "a", "-"], "put it before the options");
    check(&["t.csv", "--peers", "a", "b", "a"], "'a' is named twice");
    check(&["t.csv", "--peers", "a", "", "b"], "--peers");
    check(
        &["t.csv", "-p", "a", "-d", "c"],
        "'c' is down but not among",
    );
    check(&["t.csv", "-p", "a,b", "-d", "b,a"], "all peers are down");
}

#[test]
fn wrong_files_say_everything_at_once() {
    let desk = Desk::new();
    let sheet = "__address__,job,job,,series\na:1,a,b,c,12\na:1,a\na:1,a,b,c,many\na:1,a,b,c,\n\
                 ,,,,5\na:1,\" a\",b,c,-1\na:1,a,\"x,y\",c,4,5,6\n";
    let groups = r#"[
  {"targets": ["a:1", 5, ""], "labels": {"job": "a", "port": 80, "job": "b"}, "series": 12},
  {"labels": {}},
  {"targets": ["b:1"], "label": {"a": "b"}},
  {"targets": "c:1", "series": "12"},
  7
]
"#;
    for (name, file, text) in [
        ("ring_wrong_csv", "t.csv", sheet),
        ("ring_wrong_json", "t.json", groups),
        (
            "ring_torn_json",
            "t.json",
            "[\n  {\"targets\": [\"a:1\"],}\n]\n",
        ),
        ("ring_object_json", "t.json", "{\"targets\": []}\n"),
        ("ring_semicolons", "t.csv", "__address__;job\na:1;x\n"),
        ("ring_no_header", "t.csv", "10.0.0.1:80,x\n10.0.0.2:80,x\n"),
        ("ring_other_format", "t.yaml", "- targets: [a:1]\n"),
    ] {
        desk.put(file, text);
        let ended = desk.run(&["ring", file, "--peers", "a", "b"]);
        ended.expect(3, &[file]);
        assert_eq!(ended.stdout, "");
        insta::assert_snapshot!(name, ended.stderr);
    }
    for (text, part) in [
        (&b""[..], "the file is empty"),
        (b"\n\n", "the file is empty"),
        (b"__address__\n", "the file has no targets"),
        (b"\xff\xfe", "byte 0 is not UTF-8"),
    ] {
        desk.put("t.csv", text);
        desk.run(&["ring", "t.csv", "-p", "a"]).expect(3, &[part]);
    }
    desk.put("t.json", "[]");
    let ended = desk.run(&["ring", "t.json", "-p", "a"]);
    ended.expect(3, &["the file has no targets"]);
    fs::create_dir(desk.path("folder.csv")).unwrap();
    for (file, part) in [
        ("none.csv", "failed to read none.csv: No such file"),
        ("folder.csv", "failed to read folder.csv: Is a directory"),
    ] {
        desk.run(&["ring", file, "-p", "a"]).expect(1, &[part]);
    }
}

#[test]
fn what_may_mislead_is_said_and_still_answered() {
    let desk = Desk::new();
    desk.put("t.csv", "\u{feff}instance,job\r\na:1, x\r\nb:1,x\r\n");
    let ended = desk.run(&["ring", "t.csv", "-p", "a"]);
    ended.expect(
        0,
        &["no column `__address__`", "space around it", "t.csv:2:5"],
    );
    assert!(ended.stdout.starts_with("2 targets on 1 peer\n"));
    desk.put("t.csv", SHEET);
    let ended = desk.run(&["ring", "t.csv", "--owners", "-p", "a"]);
    ended.expect(0, &["dropped: 1"]);
    assert_eq!(ended.stdout.lines().count(), 4);
}

#[test]
fn a_group_gives_its_labels_to_each_of_its_targets() {
    let desk = Desk::new();
    let groups = json!([
        {"targets": ["a:1", "b:1"], "labels": {"job": "x", "__address__": "z:1"}, "series": 5},
        {"targets": []},
        {"targets": ["c:1"], "series": 90.0},
    ]);
    desk.put("t.json", groups.to_string());
    desk.put(
        "t.csv",
        "__address__,job,Series\na:1,x,5\nb:1,x,5\nc:1,,90\n",
    );
    let of = |file| desk.run(&["ring", file, "--owners", "--peers", "p-0,p-1,p-2"]);
    let (json, csv) = (of("t.json"), of("t.csv"));
    assert_eq!(owners(&json).len(), 3);
    assert_eq!(json.stdout, csv.stdout);
}
