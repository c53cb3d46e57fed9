//! What every reader of the output folder relies on, whatever the scenario.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use alloy_sim::Draws;
use alloy_sim::experiment::outcomes::Outcomes;
use alloy_sim::experiment::study::Role;
use alloy_sim::model::law::Quantity;
use alloy_sim::report::{Artifact, Selection, Sources, Style, brief, output_doc};

use crate::support::files::render;
use crate::support::scene::outcomes;
use crate::support::small;

fn files(results: &alloy_sim::experiment::results::Results) -> Vec<Artifact> {
    let sources = Sources {
        version: "0.1.0",
        scenario_text: "format = 1\n",
        selection: Selection::default(),
        resolved_toml: "format = 1\n",
        environment: &serde_json::json!({ "host": "test" }),
    };
    render(results, &sources)
}

fn tables(files: &[Artifact]) -> impl Iterator<Item = &Artifact> {
    files.iter().filter(|file| {
        Path::new(&file.name)
            .extension()
            .is_some_and(|end| end == "csv")
    })
}

fn text<'a>(files: &'a [Artifact], name: &str) -> &'a str {
    let file = files.iter().find(|file| file.name == name).unwrap();
    std::str::from_utf8(&file.bytes).unwrap()
}

#[test]
fn docs_output_md_is_up_to_date() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/output.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(path, output_doc()).unwrap();
    }
    let file = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        file == output_doc(),
        "run `UPDATE_DOCS=1 cargo test docs_output_md`"
    );
}

/// A row per case, and a column per path that any case changes, with the value in effect.
#[test]
fn cases_are_told_apart_by_their_paths() {
    let table = |text: &str| {
        let mut study = crate::scenario::checked(text).study;
        study.draws = Draws::Fixed(1);
        for case in &mut study.cases {
            case.blueprint.horizon = alloy_sim::units::SimDuration::from_hours(2);
        }
        let results = crate::support::scene::results(study, 2);
        let files = files(&results);
        let mut reader = csv::Reader::from_reader(self::text(&files, "cases.csv").as_bytes());
        let heads = reader.headers().unwrap().clone();
        let is_told = |head: &str| !head.starts_with("needs_") && head != "cut_off";
        let told: Vec<usize> = (0..heads.len()).filter(|&at| is_told(&heads[at])).collect();
        let rows = [heads]
            .into_iter()
            .chain(reader.records().map(Result::unwrap));
        let mut writer = csv::Writer::from_writer(Vec::new());
        for row in rows {
            writer
                .write_record(told.iter().map(|&at| &row[at]))
                .unwrap();
        }
        String::from_utf8(writer.into_inner().unwrap()).unwrap()
    };
    let variant = "[[variant]]\nname = \"daemon\"\nset = { \"fleet.metrics.topology\" = \"host-daemon\", \
                   \"fleet.metrics.runs_on\" = [\"prod.general\"] }\nunset = [\"fleet.metrics.replicas\"]\n[sweep]";
    let expected = "\
scenario,case,variant,requested_memory_bytes,requested_cores,requested_addresses,requested_volumes,fleet.metrics.replicas,fleet.metrics.topology,fleet.metrics.runs_on
my-fleet,base,base,12884901888,3,0,0,3,centralized,
my-fleet,daemon,daemon,171798691840,40,0,0,,host-daemon,\"[\"\"prod.general\"\"]\"
my-fleet,replicas=2,base,8589934592,2,0,0,2,centralized,
my-fleet,replicas=5,base,21474836480,5,0,0,5,centralized,
";
    let starter = alloy_sim::scenario::STARTER;
    assert_eq!(table(&starter.replace("[sweep]", variant)), expected);
}

/// The cells of a column of a table, in the rows of a case.
fn cells(files: &[Artifact], table: &str, case: &str, column: &str) -> Vec<String> {
    let mut reader = csv::Reader::from_reader(text(files, table).as_bytes());
    let heads = reader.headers().unwrap().clone();
    let at = |name: &str| heads.iter().position(|head| head == name).unwrap();
    let (case_at, at) = (at("case"), at(column));
    let rows = reader.records().map(Result::unwrap);
    let rows = rows.filter(|row| &row[case_at] == case);
    rows.map(|row| row[at].to_owned()).collect()
}

/// A value that a kill cut off is marked in every table and in the answer, and with the same share.
#[test]
fn what_a_kill_cut_off_is_marked_everywhere() {
    let results = small::memory_bound();
    let files = files(results);
    let number = |cell: &String| cell.parse::<f64>().unwrap();
    for (case, needs) in [("base", "> 11 GiB"), ("ample", "")] {
        let marks = cells(&files, "draws.csv", case, "fleet.all.cut_off");
        let kills = cells(&files, "draws.csv", case, "fleet.all.oom_first_seconds");
        let is_killed: Vec<bool> = kills.iter().map(|cell| !cell.is_empty()).collect();
        let is_marked: Vec<bool> = marks.iter().map(|cell| cell == "1").collect();
        assert_eq!(is_marked, is_killed, "no node kills anything here");
        let share = is_marked.iter().filter(|it| **it).count() as f64 / marks.len() as f64;
        assert_eq!(share > 0.05, case == "base", "{share}");
        let metrics = cells(&files, "summary.csv", case, "metric");
        let cut_off = cells(&files, "summary.csv", case, "cut_off");
        for (metric, cut_off) in metrics.iter().zip(&cut_off) {
            let is_memory = metric.contains("memory_limit_needed") || metric == "memory_peak_bytes";
            assert!(
                !is_memory || (number(cut_off) - share).abs() < 1e-12,
                "{metric}"
            );
            let is_other = metric.contains("loss") || metric == "oom" || metric.contains("cpu");
            assert!(!is_other || cut_off.is_empty(), "{metric}");
        }
        let in_time = cells(&files, "timeseries.csv", case, "cut_off");
        let most = in_time.iter().filter(|cell| !cell.is_empty()).map(number);
        assert!(
            (most.fold(0.0, f64::max) - share).abs() < 1e-12,
            "by the end"
        );
        let of_case = cells(&files, "cases.csv", case, "cut_off");
        assert!((number(&of_case[0]) - share).abs() < 1e-12);
        let need = number(&cells(&files, "cases.csv", case, "needs_p95_bytes")[0]);
        let limit = 11.0 * f64::from(1 << 30);
        assert_eq!((need - limit).abs() < 1.0, case == "base", "{need}");
        let style = Style {
            colour: false,
            width: 100,
        };
        let answer = alloy_sim::report::answer(&brief(results).unwrap(), style);
        let row = answer.lines().find(|line| line.starts_with(case)).unwrap();
        assert!(row.contains(needs), "{row}");
        let page = text(&files, "index.html");
        assert!(page.contains("&gt; 11 GiB") && page.contains("GiB *"));
    }
}

/// What decides the base, after its killed draws have shown little memory, and with so many of their kills
/// by nodes.
fn deciding(of_nodes: impl Fn(f64) -> f64) -> String {
    let mut results = small::memory_bound().clone();
    let case = &mut results.cases[0];
    let place = |name: &str| {
        let mut columns = case.layout.columns.iter();
        let place = columns.position(|(_, metric)| metric.info().column == name);
        place.unwrap()
    };
    let [needed, kills, by_node] =
        ["memory_limit_needed_bytes", "oom_count", "oom_node_count"].map(place);
    let mut changed = outcomes(case);
    for draw in changed.iter_mut().filter(|draw| draw.values[kills] > 0.0) {
        draw.values[needed] = 1.0;
        draw.values[by_node] = of_nodes(draw.values[kills]);
    }
    case.outcomes = Outcomes::in_memory(&changed);
    let style = Style {
        colour: false,
        width: 300,
    };
    let answer = alloy_sim::report::answer(&brief(&results).unwrap(), style);
    let line = answer
        .lines()
        .find(|line| line.starts_with("What decides it"));
    line.unwrap_or_default().to_owned()
}

/// In the ranking of unknowns, too, a draw that a kill at the limit cut off lies beyond all others. One
/// with kills by nodes alone has the value that it shows.
#[test]
fn what_a_kill_cut_off_ranks_beyond_all_others() {
    let at_the_limit = deciding(|_| 0.0);
    assert!(
        at_the_limit.contains("fleet.all.memory_per_series (+0.9"),
        "{at_the_limit}"
    );
    let by_nodes = deciding(|kills| kills);
    assert!(
        !by_nodes.contains("fleet.all.memory_per_series (+0.9"),
        "{by_nodes}"
    );
}

/// What the command line set and took stands in the manifest, and in the command of the page.
#[test]
fn what_the_command_line_changed_can_be_repeated() {
    let settings = ["fleet.all.replicas = 7".to_owned()];
    let cases = ["base".to_owned()];
    let running = [("--draws", "until-settled".to_owned())];
    let sources = Sources {
        version: "0.1.0",
        scenario_text: "",
        selection: Selection {
            file: "fleets/big one.toml",
            settings: &settings,
            cases: &cases,
            running: &running,
        },
        resolved_toml: "",
        environment: &serde_json::Value::Null,
    };
    let files = render(small::port_bound(), &sources);
    let manifest: serde_json::Value = serde_json::from_str(text(&files, "manifest.json")).unwrap();
    let expected = serde_json::json!({ "set": settings, "case": cases });
    assert_eq!(manifest["command_line"], expected);
    let page = text(&files, "index.html");
    let command = "<pre>alloy-sim run &#x27;fleets&#x2f;big one.toml&#x27; --set &#x27;fleet.all.replicas = 7&#x27; \
                   --case base --draws until-settled</pre>";
    assert!(page.contains(command), "{page}");
}

/// A quantity has one row if it is the same in all cases, and one row per case if it is not.
#[test]
fn inputs_are_listed_once_or_per_case() {
    const OWN: &str = "fleet.metrics.differs";
    let mut results = small::sweep().clone();
    let cases = &mut Arc::make_mut(&mut results.study).cases;
    let names: Vec<_> = cases.iter().map(|case| case.name.clone()).collect();
    let mut own = cases[0].inputs[0].clone();
    let same = own.path.clone();
    assert!(cases.iter().all(|case| case.inputs.contains(&own)));
    own.path = OWN.to_owned();
    for (index, case) in cases.iter_mut().enumerate() {
        own.quantity = Some(Quantity::fixed(index as f64));
        own.role = Role::Known;
        case.inputs.push(own.clone());
    }
    let files = files(&results);
    let mut reader = csv::Reader::from_reader(text(&files, "inputs.csv").as_bytes());
    let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
    let of = |path: &str| -> Vec<_> { rows.iter().filter(|row| &row[2] == path).collect() };
    assert_eq!(of(&same).len(), 1);
    assert_eq!(&of(&same)[0][1], "", "the same in all cases");
    assert_eq!(of(OWN).len(), names.len());
    for (index, (row, name)) in of(OWN).iter().zip(&names).enumerate() {
        let index = index.to_string();
        let cells = [&row[1], &row[3], &row[6], &row[7], &row[8]];
        assert_eq!(cells, [name, "known", &index, &index, &index]);
    }
}

#[test]
fn tables_are_rectangular_and_hold_no_nan() {
    for results in [small::memory_bound(), small::port_bound(), small::sweep()] {
        for file in tables(&files(results)) {
            let mut reader = csv::Reader::from_reader(file.bytes.as_slice());
            let width = reader.headers().unwrap().len();
            let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
            assert!(!rows.is_empty(), "{} has rows", file.name);
            for row in rows {
                assert_eq!(row.len(), width, "{}", file.name);
                let odd = |cell: &&str| ["NaN", "inf", "-inf", "-0"].contains(cell);
                assert_eq!(row.iter().find(odd), None, "{}", file.name);
            }
            assert!(
                !file.bytes.contains(&b'\r'),
                "{}: lines end in a line feed",
                file.name
            );
        }
    }
}

#[test]
fn draws_have_one_row_each() {
    let results = small::memory_bound();
    let files = files(results);
    let table = text(&files, "draws.csv");
    let rows = 3 * small::DRAWS as usize;
    assert_eq!(table.lines().count(), rows + 1);
    let header = table.lines().next().unwrap();
    for column in [
        "fleet.all.memory_peak_bytes",
        "fleet.all.oom_first_seconds",
        "unknown.fleet.all.memory_per_series",
    ] {
        assert!(header.split(',').any(|name| name == column), "{column}");
    }
}

/// Neither the machine nor the name of the file changes what the hash proves.
#[test]
fn the_environment_is_outside_the_result_hash() {
    let results = small::port_bound();
    let hash = |file: &str, environment: serde_json::Value| {
        let sources = Sources {
            version: "0.1.0",
            scenario_text: "",
            selection: Selection {
                file,
                ..Selection::default()
            },
            resolved_toml: "",
            environment: &environment,
        };
        let files = render(results, &sources);
        let manifest = text(&files, "manifest.json");
        let manifest: serde_json::Value = serde_json::from_str(manifest).unwrap();
        manifest["result_sha256"].as_str().unwrap().to_owned()
    };
    assert_eq!(
        hash("a.toml", serde_json::json!({ "host": "a" })),
        hash("./a.toml", serde_json::json!({ "host": "b" }))
    );
}

#[test]
fn the_same_results_give_the_same_bytes() {
    let results = small::memory_bound();
    assert_eq!(files(results), files(results));
}

#[test]
fn many_cases_are_drawn_as_base_and_comparison_only() {
    let files = files(small::sweep());
    let charts = files.iter().filter(|file| file.name.starts_with("charts/"));
    let folders = charts.filter(|file| file.name.matches('/').count() > 1);
    assert_eq!(folders.map(|file| &file.name).next(), None);
    assert!(
        files
            .iter()
            .any(|file| file.name == "charts/comparison.svg")
    );
}

#[test]
fn cases_with_alike_names_keep_their_own_charts() {
    let names = ["a b", "a-b", "…"];
    let variant = |(index, name)| {
        let replicas = 6 + index;
        format!(r#"{{ name = "{name}", set = {{ "fleet.all.replicas" = {replicas} }} }}"#)
    };
    let variants: Vec<String> = names.into_iter().enumerate().map(variant).collect();
    let variants = variants.join(", ");
    let files = files(&small::central(&format!(
        "experiment.draws = 20\nvariant = [{variants}]"
    )));
    let names: BTreeSet<_> = files.iter().map(|file| &file.name).collect();
    assert_eq!(names.len(), files.len());
}

#[test]
fn events_stop_at_a_limit_and_count_the_rest() {
    let mut results = small::central("experiment.draws = 20");
    let worst = results.cases[0].worst.as_mut().unwrap();
    let draw = worst.draw;
    worst.records = vec![worst.records[0]; 100_000];
    worst.omitted = 7;
    let files = files(&results);
    let rows: Vec<_> = text(&files, "events.csv").lines().skip(1).collect();
    assert_eq!(rows.len(), 100_000);
    let first = rows
        .iter()
        .filter(|row| row.contains(",first_failure,"))
        .count();
    let rest = 7 + 100_000 - (100_000 - 1 - first);
    assert_eq!(
        *rows.last().unwrap(),
        format!("platform,base,{draw},omitted,,,,,,{rest}")
    );
}
