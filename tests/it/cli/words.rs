//! Commands that explain and start: `explain`, `completions`, `man`, `schema`, `init`.

use std::fs;
use std::path::Path;

use super::desk::Desk;

/// Words, each with parts of its explanation.
const EXPLAINED: [(&str, [&str; 3]); 24] = [
    ("metrics", ["oom_count", "loss_ratio", "ports_peak"]),
    ("keys", ["[[fleet]]", "memory_per_series", "queue_by"]),
    (
        "growth_per_30d",
        ["a trend", "growth_per_180d", "default: \"0%\""],
    ),
    ("cpu", ["spanmetrics", "servicegraph", "autoscaling"]),
    ("case", ["column of", "summary.csv", "text"]),
    (
        "fleet.metrics.resources.memory.limit",
        [
            "resources: key of [[fleet]]",
            "request and limit",
            "is both",
        ],
    ),
    (
        "cluster.prod.pool.general.nodes.growth_per_90d",
        ["a trend", "growth_per_180d", "0%"],
    ),
    (
        "growth_per_90d",
        ["growth_per_30d: key of a trend", "compounding", "0%"],
    ),
    ("fleet.metrics", ["topology", "replicas", "sends_to"]),
    ("SAFE", ["SAFE: verdict", "every goal", "holds"]),
    ("unsafe", ["UNSAFE: verdict", "fails", "99"]),
    ("UNSETTLED", ["verdict", "draws", "exit code 5"]),
    ("OOM", ["oom: failure", "fleet", "in a claim"]),
    (
        "until-settled",
        ["draws: key of [experiment]", "per case", "1,000"],
    ),
    (
        "until settled",
        ["draws: key of [experiment]", "per case", "1,000"],
    ),
    ("anonymous memory", ["size of memory", "kills", "heap"]),
    ("working-set", ["size of memory", "kubelet", "HPA"]),
    ("breaks first", ["column of the answer", "failure", "draws"]),
    ("needs", ["column of the answer", "memory limit", "p95"]),
    ("killed", ["column of the answer", "share", "killed"]),
    ("lost", ["column of the answer", "signal", "p95"]),
    ("requested", ["column of the answer", "memory", "request"]),
    (
        "for",
        [
            "outages: key of",
            "log_bursts: key of",
            "zone_failures: key of",
        ],
    ),
    (
        "host-daemon",
        ["topology: key of [[fleet]]", "centralized", "sidecar"],
    ),
];

#[test]
fn keys_metrics_and_codes_are_explained() {
    let desk = Desk::new();
    for (name, word) in [
        ("explain_path", "fleet.metrics.replicas"),
        ("explain_metric", "loss_ratio"),
        ("explain_failure", "oom"),
        ("explain_code", "99"),
        ("explain_codes", "codes"),
        ("explain_table", "season"),
    ] {
        let ended = desk.run(&["explain", word]);
        ended.expect(0, &[]);
        insta::assert_snapshot!(name, ended.stdout);
    }
    for (word, parts) in EXPLAINED {
        let ended = desk.run(&["explain", word]);
        ended.expect(0, &[]);
        for part in parts {
            assert!(ended.stdout.contains(part), "{part} in {}", ended.stdout);
        }
    }
    desk.run(&["explain", "loss_rate"]).expect(
        2,
        &["nothing explains 'loss_rate'", "did you mean 'loss_ratio'"],
    );
    desk.run(&["explain", "fleet.metrics.replica"])
        .expect(2, &["did you mean 'replicas'"]);
    desk.run(&["explain", "Unsettle"])
        .expect(2, &["did you mean 'UNSETTLED'"]);
    desk.run(&["explain", "zebra"])
        .expect(2, &["try a list: keys"]);
}

/// Every word that messages and tables use has an article.
#[test]
fn every_metric_and_failure_is_explained() {
    let desk = Desk::new();
    let listed =
        desk.run(&["explain", "metrics"]).stdout + &desk.run(&["explain", "failures"]).stdout;
    let page = include_str!("../../../docs/output.md");
    let metrics = page
        .split("## Metrics")
        .nth(1)
        .unwrap()
        .split("## Tracks")
        .next()
        .unwrap();
    let words = metrics
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    let missing: Vec<&str> = words
        .filter(|word| !listed.lines().any(|line| line == *word))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn shells_and_manuals_know_every_command() {
    let desk = Desk::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let ended = desk.run(&["completions", shell]);
        ended.expect(0, &[]);
        for word in ["check", "--deny-warnings", "--set", "explain"] {
            let word = if shell == "fish" {
                word.trim_start_matches('-')
            } else {
                word
            };
            assert!(ended.stdout.contains(word), "{word} for {shell}");
        }
    }
    let page = desk.run(&["man"]);
    page.expect(0, &[]);
    assert!(page.stdout.contains(".TH alloy"), "{}", page.stdout);
    for word in ["run", "deny", "peers", "template"] {
        assert!(page.stdout.contains(word), "{word}");
    }
    let parsed = desk.shell("\"$PROGRAM\" completions bash > c && bash -n c");
    parsed.expect(0, &[]);
    desk.run(&["completions", "cmd"]).expect(2, &["bash"]);
}

#[test]
fn the_schema_is_printed() {
    let printed = Desk::new().run(&["schema"]);
    printed.expect(0, &[]);
    assert_eq!(
        printed.stdout,
        include_str!("../../../docs/scenario.schema.json")
    );
}

#[test]
fn every_shipped_scenario_is_a_template() {
    let desk = Desk::new();
    let listed = desk.run(&["init", "--list"]);
    listed.expect(0, &[]);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();
        let question = listed.stdout.split(&format!("{name}\n    ")).nth(1);
        let question = question.unwrap_or_else(|| panic!("{name} in {}", listed.stdout));
        assert!(question.lines().next().unwrap().ends_with('?'), "{name}");
        desk.run(&["init", "--template", name]).expect(0, &[]);
        let written = fs::read_to_string(desk.path(&format!("{name}.toml"))).unwrap();
        let shipped = fs::read_to_string(&path).unwrap();
        assert_eq!(
            written,
            shipped.replace("../docs/scenario", "scenario"),
            "{name}"
        );
    }
    let checked = desk.shell("\"$PROGRAM\" check *.toml > /dev/null");
    checked.expect(0, &[]);
    desk.run(&["init", "-t", "memory-limits", "x.toml"])
        .expect(2, &["did you mean 'memory-limit'", "--list"]);
    assert!(!desk.path("x.toml").exists());
    desk.run(&["init", "-t", "memory-limit"])
        .expect(1, &["memory-limit.toml exists"]);
}
