//! STAND-INS for the layers below, until they land: what this layer calls, with the same shapes.
//!
//! Each item says what replaces it. Everything made up is in this one file.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use crate::experiment::current::{self, CurrentDraw};
use crate::experiment::goal::{Comparison, Expect, Goal, Statistic, Subject};
use crate::experiment::plan::Study;
use crate::experiment::results::{GoalResult, Results};
use crate::fleet::catalogue::Failure;
use crate::stats::{Interval, Verdict};

/// → `scenario::Source`.
pub(super) struct Source {
    pub(super) name: String,
    pub(super) bytes: Vec<u8>,
}

/// → `scenario::Overrides`.
#[derive(Default)]
pub(super) struct Overrides {
    pub(super) draws: Option<u32>,
    pub(super) seed: Option<u64>,
}

/// → `scenario::Checked`.
pub(super) struct Checked {
    pub(super) study: Study,
    pub(super) resolved_toml: String,
    pub(super) warnings: Vec<Problem>,
}

/// → `scenario::Problem`.
pub(super) struct Problem {
    message: String,
}

/// → `scenario::Loaded`.
pub(super) struct Loaded {
    pub(super) result: Result<Checked, Vec<Problem>>,
}

/// How `scenario` gets a file that a scenario names.
type Read<'a> = dyn Fn(&str, &str) -> Result<Vec<u8>, String> + 'a;

/// → `scenario::load`; one entry per source, in their order. `read` gets the name of the scenario
/// file and the path it gives, which is relative to that file.
pub(super) fn load(sources: &[Source], _read: &Read<'_>, overrides: &Overrides) -> Vec<Loaded> {
    let load_one = |source: &Source| load_one(source, overrides);
    let results: Vec<_> = sources.iter().map(load_one).collect();
    let names = results.iter().map(|result| result.as_ref().ok());
    let names: Vec<_> = names
        .map(|checked| checked.map(|checked| checked.study.name.clone()))
        .collect();
    let twin = |index: usize| {
        let name = names[index].as_ref()?;
        let is_twin = |other: &usize| *other != index && names[*other].as_ref() == Some(name);
        let other = (0..names.len()).find(is_twin)?;
        Some(format!(
            "`{name}` is also the name of {}",
            sources[other].name
        ))
    };
    let results = results.into_iter().enumerate();
    let results = results.map(|(index, result)| match twin(index) {
        Some(message) => Err(message),
        None => result,
    });
    let problems = |message| vec![Problem { message }];
    results
        .map(|result| Loaded {
            result: result.map_err(problems),
        })
        .collect()
}

fn load_one(source: &Source, overrides: &Overrides) -> Result<Checked, String> {
    let text = std::str::from_utf8(&source.bytes).map_err(|error| error.to_string())?;
    let table: toml::Table = text.parse().map_err(|error| format!("{error}"))?;
    let find = |section: &str, key: &str| table.get(section).and_then(|t| t.get(key)).cloned();
    let name = find("meta", "name").and_then(|name| name.as_str().map(ToOwned::to_owned));
    let name = name.ok_or("[meta] has no name")?;
    let draws = find("experiment", "draws").and_then(|draws| draws.as_integer());
    let draws = u32::try_from(draws.unwrap_or(1_000)).map_err(|error| error.to_string())?;
    let goals = table.get("goal").and_then(toml::Value::as_array);
    let study = Study {
        name,
        question: String::new(),
        start_date: None,
        seed: overrides.seed.unwrap_or(1),
        draws: overrides.draws.unwrap_or(draws),
        replications: 1,
        cases: Vec::new(),
        goals: goals.into_iter().flatten().map(goal).collect(),
    };
    let mut warnings = Vec::new();
    if study.draws < 299 {
        let message = format!("{} draws cannot settle a goal at 1%", study.draws);
        warnings.push(Problem { message });
    }
    Ok(Checked {
        study,
        resolved_toml: text.to_owned(),
        warnings,
    })
}

fn goal(table: &toml::Value) -> Goal {
    let read = |key: &str| {
        let value = table.get(key).and_then(toml::Value::as_str);
        value.unwrap_or_default().to_owned()
    };
    let text = read("require");
    let percent = text.rsplit(' ').next().unwrap_or_default();
    let percent: f64 = percent.trim_end_matches('%').parse().unwrap_or_default();
    Goal {
        name: read("name"),
        statistic: Statistic::Probability,
        subject: Subject::Failure {
            failure: Failure::Oom,
            scope: "fleet.metrics".into(),
            within: None,
        },
        comparison: if text.contains('>') {
            Comparison::Greater
        } else {
            Comparison::Less
        },
        limit: percent / 100.0,
        cases: vec!["base".into()],
        expect: match read("expect").as_str() {
            "fails" => Expect::Fails {
                reason: read("reason"),
            },
            _ => Expect::Holds,
        },
        text,
    }
}

/// → `cli::problem`, with annotate-snippets.
pub(super) fn explain(problem: &Problem, source: &Source, _colour: bool) -> String {
    format!("error: {}\n --> {}", problem.message, source.name)
}

/// → `scenario::STARTER`.
pub(super) const STARTER: &str = "format = 1\n\n[meta]\nname = \"starter\"\n";

/// → `experiment::Progress`.
#[derive(Clone, Copy)]
pub(super) struct Progress {
    pub(super) case: usize,
    pub(super) draws_done: u32,
    pub(super) draws_total: u32,
    pub(super) failed_draws: u32,
}

/// → `experiment::Options`.
pub(super) struct Options<'a> {
    pub(super) threads: Option<usize>,
    pub(super) interrupted: &'a AtomicBool,
    pub(super) on_progress: &'a (dyn Fn(Progress) + Sync),
}

/// → `experiment::Interrupted`.
pub(super) struct Interrupted;

/// → `experiment::run`: here a millisecond of sleep per draw, and no draw fails.
pub(super) fn run(study: Study, options: &Options<'_>) -> Result<Results, Interrupted> {
    assert!(options.threads.is_none_or(|threads| threads > 0));
    for draw in 0..study.draws {
        if options.interrupted.load(Ordering::Relaxed) {
            return Err(Interrupted);
        }
        let _entered = current::enter(CurrentDraw { case: 0, draw });
        thread::sleep(Duration::from_millis(1));
        (options.on_progress)(Progress {
            case: 0,
            draws_done: draw + 1,
            draws_total: study.draws,
            failed_draws: 0,
        });
    }
    let upper = 1.0 - 0.05_f64.powf(1.0 / f64::from(study.draws));
    let goals = study.goals.iter().map(|goal| GoalResult {
        goal: goal.clone(),
        case: 0,
        gates: true,
        estimate: Some(0.0),
        interval: Interval {
            low: 0.0,
            high: upper,
        },
        verdict: match (
            goal.comparison.holds(0.0, goal.limit),
            goal.comparison.holds(upper, goal.limit),
        ) {
            (true, true) => Verdict::Holds,
            (false, false) => Verdict::Fails,
            _ => Verdict::NotEnoughEvidence,
        },
        more_draws: None,
    });
    Ok(Results {
        goals: goals.collect(),
        study,
        cases: Vec::new(),
        events_handled: 0,
        collector_days: 0.0,
    })
}

/// → `report::Style`.
#[derive(Clone, Copy)]
pub(super) struct Style {
    pub(super) colour: bool,
    pub(super) width: usize,
}

/// → `report::answer`.
pub(super) fn answer(results: &Results, style: Style) -> String {
    let rule = "-".repeat(style.width);
    let bold = if style.colour { "\x1b[1m" } else { "" };
    let Study { name, draws, .. } = &results.study;
    let rows = results.goals.iter();
    let rows = rows.map(|row| format!("{:?}: {}", row.verdict, row.goal.text));
    let rows = rows.collect::<Vec<_>>().join("\n");
    format!("{bold}{name}: {draws} draws\n{rule}\n{rows}")
}

/// → `report::Sources`.
pub(super) struct Sources<'a> {
    pub(super) version: &'a str,
    pub(super) scenario_text: &'a str,
    pub(super) resolved_toml: &'a str,
    pub(super) environment: &'a serde_json::Value,
}

/// → `report::Artifact`.
pub(super) struct Artifact {
    pub(super) name: String,
    pub(super) bytes: Vec<u8>,
}

/// → `report::render`.
pub(super) fn render(results: &Results, sources: &Sources<'_>) -> Vec<Artifact> {
    let manifest = serde_json::json!({
        "program": "alloy-sim",
        "version": sources.version,
        "seed": results.study.seed,
        "scenario_bytes": sources.scenario_text.len(),
        "environment": sources.environment,
    });
    let summary = "draw,value\n".repeat(results.study.draws.max(500) as usize);
    let artifact = |name: &str, text: String| Artifact {
        name: name.into(),
        bytes: text.into_bytes(),
    };
    vec![
        artifact("summary.csv", summary),
        artifact("scenario.toml", sources.resolved_toml.to_owned()),
        artifact("manifest.json", format!("{manifest:#}\n")),
    ]
}
