//! What a reviewer reads, word for word: the answer and the titles of the charts.
//!
//! `LOOK_DIR=look cargo test --test it golden` also writes the files, to look at them.

use std::path::Path;

use alloy_sim::Draws;
use alloy_sim::experiment::results::Results;
use alloy_sim::report::{self, Artifact, Sources, Style, brief};

use crate::support::files::render;
use crate::support::platform::of_pods;
use crate::support::scene::{results, study};
use crate::support::small;

fn files(results: &Results) -> Vec<Artifact> {
    let environment = serde_json::Value::Null;
    let sources = Sources {
        version: "0.1.0",
        scenario_text: "",
        selection: report::Selection::default(),
        resolved_toml: "",
        environment: &environment,
    };
    let files = render(results, &sources);
    if let Some(folder) = std::env::var_os("LOOK_DIR") {
        for file in &files {
            let path = Path::new(&folder)
                .join(&results.study.name)
                .join(&file.name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, &file.bytes).unwrap();
        }
    }
    files
}

/// One line per chart: its file and its finding.
fn titles(results: &Results) -> String {
    let line = |file: &Artifact| {
        if !file.name.starts_with("charts/") {
            return None;
        }
        let text = std::str::from_utf8(&file.bytes).unwrap();
        let title = text.split_once("<title>")?.1.split_once("</title>")?.0;
        Some(format!("{}: {title}", file.name))
    };
    files(results)
        .iter()
        .filter_map(line)
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn charts_of_a_memory_bound_scenario_say_so() {
    insta::assert_snapshot!(titles(small::memory_bound()));
}

#[test]
fn charts_of_a_port_bound_scenario_say_so() {
    insta::assert_snapshot!(titles(small::port_bound()));
}

#[test]
fn charts_of_a_sweep_without_failures_compare_its_cases() {
    insta::assert_snapshot!(titles(small::sweep()));
}

/// The answer with all its details.
fn answer(results: &Results, style: Style) -> String {
    let brief = brief(results).unwrap();
    let short = report::answer(&brief, style);
    format!("{short}\n{}", report::details(&brief, style))
}

const PLAIN: Style = Style {
    colour: false,
    width: 100,
};

#[test]
fn the_answer_names_memory() {
    insta::assert_snapshot!(answer(small::memory_bound(), PLAIN));
}

#[test]
fn the_answer_without_a_goal_states_no_verdict() {
    insta::assert_snapshot!(answer(small::port_bound(), PLAIN));
}

/// A case that is safe by its goals says so where none of them is about what breaks.
#[test]
fn the_answer_says_what_no_goal_asks_for() {
    let says = |goal: &str| {
        let changes = r#"
            workload.apps.spans_per_pod = 100
            fleet.all.collects = { metrics = ["apps"], traces = ["apps"] }
            fleet.all.sends_to = ["backend", "tempo"]
            endpoint.tempo.signal = "traces"
            endpoint.tempo.outages = [{ at = "1h", for = "1h" }]
        "#;
        let goal = format!("\n[[goal]]\nname = \"one\"\nrequire = \"{goal}\"\n");
        let mut study = study(&[of_pods(changes), goal].concat());
        study.draws = Draws::Fixed(100);
        let text = answer(&results(study, 1), PLAIN);
        assert!(text.contains("\nSAFE  base\n"), "{text}");
        let is_first = text.contains("loses spans in") && text.contains("and no goal is about it");
        let is_detailed = text.contains("every goal holds, and none is about spans lost");
        assert_eq!(is_first, is_detailed, "{text}");
        is_first
    };
    assert!(says("p50(collectors_end in fleet.all) < 2"));
    assert!(!says("p50(spans_loss_ratio in fleet.all) < 90%"));
    assert!(!says("p50(spans_sent in fleet.all) > 1"));
}

#[test]
fn the_answer_to_many_cases_is_a_table() {
    insta::assert_snapshot!(answer(small::sweep(), PLAIN));
}

#[test]
fn colour_changes_nothing_but_colour() {
    let results = small::port_bound();
    let colour = answer(
        results,
        Style {
            colour: true,
            ..PLAIN
        },
    );
    let mut plain = String::new();
    for (index, part) in colour.split('\u{1b}').enumerate() {
        plain.push_str(if index == 0 {
            part
        } else {
            part.split_once('m').unwrap().1
        });
    }
    assert_ne!(colour, plain, "there is colour");
    assert_eq!(plain, answer(results, PLAIN));
}

/// Axes must stay readable from an hour to years, with and without dates.
#[test]
fn charts_survive_short_and_long_horizons() {
    let cases = [
        ("", "1h"),
        ("2026-12-01", "2d"),
        ("2026-12-24", "14d"),
        ("2026-12-24", "60d"),
        ("2026-11-15", "1095d"),
        ("", "1095d"),
    ];
    for (start, horizon) in cases {
        let date = match start {
            "" => String::new(),
            date => format!("experiment.start_date = \"{date}\"\n"),
        };
        let results = small::central(&format!(
            "{date}experiment.horizon = \"{horizon}\"\nexperiment.draws = 20\nendpoint.backend.outages = []"
        ));
        assert!(titles(&results).contains("charts/memory.svg"), "{horizon}");
    }
}

/// More fleets than a chart has room for, more cases than have charts of their own, long names.
#[test]
fn charts_survive_crowds() {
    let cases = r#"
    experiment.start_date = "2026-12-01"
    experiment.draws = 10
    sweep = { "fleet.all.replicas" = [6, 7, 8, 9, 10], "egress.nat.background_connections" = [4000, 8000, 16000, 32000, 64000] }
"#;
    let edge = |number: u32| {
        format!(
            r#"
    fleet.edge-{number}.topology = "host-daemon"
    fleet.edge-{number}.runs_on = ["prod.general"]
    fleet.edge-{number}.collects = {{ metrics = ["hosts"] }}
    fleet.edge-{number}.sends_to = ["backend"]
"#
        )
    };
    let edges: String = (0..4).map(edge).collect();
    let results = small::central(&[cases, &edges].concat());
    assert!(titles(&results).contains("charts/comparison.svg"));
    let wide = answer(&results, PLAIN)
        .lines()
        .map(|line| line.chars().count())
        .max();
    assert!(wide <= Some(130), "{wide:?} columns");
}

/// Of many cases every verdict has a row, no two rows have one name, and one sentence says how many
/// more draws are needed.
#[test]
fn ten_rows_show_every_verdict() {
    let memory = |size| format!("{{ request = \"{size}\", limit = \"{size}\" }}");
    let sizes = ["7GiB", "8GiB", "9GiB", "11GiB", "24GiB"]
        .map(memory)
        .join(", ");
    let results = small::central(&format!(
        r#"
        experiment.horizon = "20d"
        experiment.draws = 30
        cluster.prod.pool.telemetry.nodes = 16
        sweep = {{ "fleet.all.resources.memory" = [{sizes}], "fleet.all.replicas" = [4, 5, 6, 7] }}
        goal = [{{ name = "one", require = "probability(any oom in fleet.all) < 20%", cases = "all" }}]
        "#
    ));
    let text = report::answer(&brief(&results).unwrap(), PLAIN);
    let rows = || {
        text.lines()
            .skip_while(|line| !line.starts_with("case "))
            .skip(1)
    };
    let rows: Vec<&str> = rows().take_while(|line| !line.starts_with("  ")).collect();
    assert_eq!(rows.len(), 10, "{text}");
    let names = rows.iter().map(|row| row.split("  ").next().unwrap());
    let names: std::collections::BTreeSet<&str> = names.collect();
    assert_eq!(names.len(), 10, "{text}");
    let is_told = |name: &&&str| name.contains("resources.memory=") && !name.contains('{');
    assert!(names.iter().filter(is_told).count() > 6, "{text}");
    for verdict in ["  SAFE  ", "  UNSAFE  "] {
        assert!(rows.iter().any(|row| row.contains(verdict)), "{text}");
    }
    let smallest = text.split_once("Smallest case that holds: ").unwrap().1;
    let replicas = smallest
        .split(", ")
        .find(|part| part.contains("replicas="))
        .unwrap();
    let is_shown = |row: &&&str| row.contains(replicas) && row.contains("  SAFE  ");
    assert!(rows.iter().any(|row| is_shown(&row)), "{text}");
    assert!(
        text.matches("more draws would settle").count() <= 1,
        "{text}"
    );
}
