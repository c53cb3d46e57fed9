//! A result depends on the scenario and its seed alone: not on threads, not on the order of the file,
//! not on what else the scenario holds.

use std::sync::Mutex;
use std::sync::atomic::AtomicBool;

use alloy_sim::experiment::results::Results;
use alloy_sim::model::record::catalogue::{Metric, Track};
use alloy_sim::model::record::outcome::Outcome;
use alloy_sim::report::{Artifact, Sources};
use alloy_sim::{Archive, Block, Options, Stopped, Study, Worker, run_all};

use crate::support::files::render;
use crate::support::platform::of_pods;
use crate::support::scene::{Bits, Scene, blueprint, outcomes, play, play_all, results, study};

/// Two fleets over shared nodes, with unknowns, spreads and noise everywhere.
const MIXED: &str = r#"
format = 1
meta = { name = "mixed" }
experiment = { horizon = "20d", seed = 7, draws = 24 }
"#;

/// Its sections: each stands for itself, so any order is the same scenario.
const SECTIONS: [&str; 8] = [
    r#"
[[cluster]]
name = "prod"
[[cluster.pool]]
name = "general"
nodes = { start = 12, growth_per_30d = "10%" }
node = { cpu = 8, memory = "32GiB" }
node_failures = "30d"
[[cluster.pool]]
name = "telemetry"
nodes = 3
node = { cpu = 8, memory = "64GiB" }
"#,
    r#"
[[workload]]
name = "apps"
runs_on = ["prod.general"]
pods = { start = { p5 = 250, p95 = 350 }, growth_per_30d = { p5 = "1%", p95 = "9%" }, season = { daily = "30%" } }
series_per_pod = { p5 = 300, p95 = 9000 }
rollouts = { per_day = 2, share = "20%" }
incidents = { per_30d = 2, factor = { p5 = 2, p95 = 6 }, time_to_fix = "3h" }
cpu_per_pod = { p5 = 0.02, p95 = 0.4 }
"#,
    r#"
[[workload]]
name = "machines"
kind = "machine"
runs_on = ["prod.general", "prod.telemetry"]
series_per_target = 900
"#,
    r#"
[[fleet]]
name = "central"
topology = "centralized"
replicas = 3
runs_on = ["prod.telemetry"]
collects = { metrics = ["apps"] }
sends_to = ["near"]
resources = { memory = { limit = "5GiB" } }
"#,
    r#"
[[fleet]]
name = "daemons"
topology = "host-daemon"
runs_on = ["prod.general", "prod.telemetry"]
collects = { metrics = ["machines"] }
sends_to = ["far"]
"#,
    r#"
[[endpoint]]
name = "near"
signal = "metrics"
outages = [{ at = "5d", for = "90m" }]
"#,
    r#"
[[endpoint]]
name = "far"
signal = "metrics"
via = "nat"
"#,
    r#"
[[egress]]
name = "nat"
provider = "aws"
"#,
];

fn mixed(order: impl IntoIterator<Item = usize>) -> String {
    let sections = order.into_iter().map(|section| SECTIONS[section]);
    MIXED.to_owned() + &sections.collect::<String>()
}

fn mixed_in_order() -> String {
    mixed(0..SECTIONS.len())
}

/// All files but what the environment says in the manifest.
fn files(results: &Results) -> Vec<Artifact> {
    let sources = Sources {
        version: "test",
        scenario_text: "",
        selection: alloy_sim::report::Selection::default(),
        resolved_toml: "",
        environment: &serde_json::Value::Null,
    };
    render(results, &sources)
}

#[test]
fn one_thread_and_four_write_the_same_bytes() {
    let text = mixed_in_order();
    let alone = files(&results(study(&text), 1));
    let together = files(&results(study(&text), 4));
    for (left, right) in alone.iter().zip(&together) {
        assert!(left == right, "{} differs", left.name);
    }
    assert_eq!(alone.len(), together.len());
}

/// The goal holds at the second look. Other studies fill the time of a look, and change nothing.
#[test]
fn rounds_until_settled_do_not_depend_on_threads() {
    let of = |draws: &str| {
        let changes = ["workload.apps.pods = 10\nexperiment.draws = ", draws].concat();
        let require = "probability(any oom in fleet.all) < 0.8%";
        let goal = format!("[[goal]]\nname = \"rare\"\nrequire = \"{require}\"\n");
        [of_pods(&changes), goal].concat()
    };
    let (fixed, open) = (of("512"), of("\"until settled\""));
    let alone = results(study(&open), 1);
    assert_eq!(alone.draws, 512);
    let together = results(study(&open), 4);
    for (left, right) in files(&alone).iter().zip(&files(&together)) {
        assert!(left == right, "{} differs", left.name);
    }
    // The same as a fixed number of draws, but for what the files say of that number.
    let fixed = results(study(&fixed), 4);
    let tables = |results: &Results| {
        let files = files(results).into_iter();
        let tables = files.filter(|file| file.name.split('.').next_back() == Some("csv"));
        tables.collect::<Vec<_>>()
    };
    assert!(tables(&alone) == tables(&fixed));
}

/// A thread keeps memory from draw to draw, and from case to case, but nothing that is in it.
#[test]
fn a_draw_does_not_know_what_its_thread_did_before() {
    let text = format!(
        "{}\n[sweep]\n\"fleet.central.replicas\" = [2, 5]\n",
        mixed_in_order()
    );
    let in_turn = results(study(&text), 1);
    assert_eq!(in_turn.cases.len(), 3);
    let cases = in_turn.study.cases.iter().zip(&in_turn.cases);
    for (index, (case, results)) in cases.enumerate() {
        let alone = play(case.blueprint.clone(), in_turn.study.seed, 24);
        // As text, for NaN is not equal to NaN.
        let text = |outcomes: &[Outcome]| format!("{outcomes:?}");
        let is_same = text(&alone.outcomes) == text(&outcomes(results));
        assert!(is_same, "case {}", case.name);
        let block = Block {
            case: index,
            draws: 5..9,
        };
        let drawn = block.simulate(&in_turn.study, &mut Worker::default());
        let drawn: Vec<_> = drawn.unwrap().into_iter().map(|one| one.outcome).collect();
        let is_same = text(&drawn) == text(&outcomes(results)[5..9]);
        assert!(is_same, "a block of case {}", case.name);
    }
}

/// Studies whose blocks are kept in memory.
fn archives(studies: &[Study]) -> Vec<Archive> {
    studies.iter().cloned().map(Archive::in_memory).collect()
}

/// Studies side by side give what each gives alone, whichever ends first.
#[test]
fn studies_side_by_side_do_not_disturb_each_other() {
    let texts = [(9, 5), (1, 1), (3, 70)].map(|(seed, draws)| {
        let seeds = format!("seed = {seed}, draws = {draws}");
        mixed_in_order().replace("seed = 7, draws = 24", &seeds)
    });
    let studies = texts.each_ref().map(|text| study(text)).to_vec();
    let ended = Mutex::new(Vec::new());
    let options = Options {
        threads: 3,
        interrupted: &AtomicBool::new(false),
        on_progress: &|_| {},
        stopwatches: &[],
    };
    run_all(archives(&studies), &options, &|index, results| {
        ended.lock().unwrap().push((index, results.unwrap()));
    });
    let mut ended = ended.into_inner().unwrap();
    ended.sort_by_key(|(index, _)| *index);
    assert_eq!(ended.len(), studies.len());
    for (study, (_, together)) in studies.into_iter().zip(&ended) {
        let alone = files(&results(study, 1));
        assert!(alone == files(together), "{}", together.study.seed);
        let worst = together.cases[0].worst.as_ref().unwrap();
        assert!(!worst.records.is_empty(), "{}", together.study.seed);
    }
}

/// Every value of every scope that all variations of the scenario have.
fn bits(scene: &Scene) -> Vec<Bits> {
    let names = [
        "fleet.central",
        "fleet.daemons",
        "pool.prod.general",
        "egress.nat",
        "endpoint.near",
    ];
    names.map(|name| scene.bits(name)).to_vec()
}

#[test]
fn the_seed_decides() {
    let play = |seed| bits(&play(blueprint(&mixed_in_order()), seed, 4));
    assert!(play(1) == play(1));
    assert!(play(1) != play(2));
}

#[test]
fn the_order_of_the_file_changes_nothing() {
    let straight = bits(&play(blueprint(&mixed_in_order()), 1, 6));
    for order in [[7, 6, 5, 4, 3, 2, 1, 0], [3, 0, 5, 2, 7, 4, 6, 1]] {
        let other = bits(&play(blueprint(&mixed(order)), 1, 6));
        assert!(straight == other, "{order:?}");
    }
    let pools = mixed_in_order().replace(
        r#"["prod.general", "prod.telemetry"]"#,
        r#"["prod.telemetry", "prod.general"]"#,
    );
    let other = bits(&play(blueprint(&pools), 1, 6));
    assert!(straight == other, "the order of a list of names");
}

#[test]
fn a_bug_in_one_study_leaves_the_others_alone() {
    let draws = |draws| mixed_in_order().replace("draws = 24", &format!("draws = {draws}"));
    let studies = [3, 40, 3].map(|count| study(&draws(count))).to_vec();
    let ended = Mutex::new(Vec::new());
    let options = Options {
        threads: 2,
        interrupted: &AtomicBool::new(false),
        on_progress: &|progress| assert!(progress.study != 1, "as this test wants"),
        stopwatches: &[],
    };
    run_all(archives(&studies), &options, &|index, results| {
        ended.lock().unwrap().push((index, results.err()));
    });
    let mut ended = ended.into_inner().unwrap();
    ended.sort_by_key(|(index, _)| *index);
    assert_eq!(ended, [(0, None), (1, Some(Stopped::Bug)), (2, None)]);
}

/// What another cluster with a workload, a fleet, an endpoint and an egress of its own looks like.
/// Its names come first in any order.
const ELSEWHERE: &str = r#"
[[cluster]]
name = "a-lab"
pool = [{ name = "a-pool", nodes = { start = 5, growth_per_30d = { p5 = "1%", p95 = "20%" } }, node = { cpu = 4, memory = "8GiB" }, node_failures = "5d" }]
[[workload]]
name = "a-jobs"
kind = "job"
runs_on = ["a-lab.a-pool"]
series_per_pod = { p5 = 10, p95 = 900 }
jobs = { per_hour = { p5 = 50, p95 = 90 }, lifetime = { p50 = "5m", p95 = "20m" } }
[[workload]]
name = "a-workload"
runs_on = ["a-lab.a-pool"]
pods = { start = { p5 = 20, p95 = 60 } }
series_per_pod = { p5 = 10, p95 = 900 }
rollouts = { per_day = 5 }
[[fleet]]
name = "a-fleet"
topology = "sidecar"
collects = { metrics = ["a-jobs", "a-workload"] }
sends_to = ["a-endpoint"]
[[endpoint]]
name = "a-endpoint"
signal = "metrics"
via = "a-nat"
outages = [{ at = "1d", for = "2h" }]
[[egress]]
name = "a-nat"
provider = "azure"
"#;

#[test]
fn a_stranger_changes_nobody_elses_luck() {
    let alone = bits(&play(blueprint(&mixed_in_order()), 1, 6));
    let with = format!("{}{ELSEWHERE}", mixed_in_order());
    let beside = play(blueprint(&with), 1, 6);
    assert!(beside.value("fleet.a-fleet", Metric::JobCount) > 0.0);
    assert!(alone == bits(&beside));
}

/// What a limit on memory cannot change is the same to the bit, draw by draw.
#[test]
fn cases_see_the_same_luck() {
    let text = format!(
        "{}\n[sweep]\n\"fleet.central.resources.memory.limit\" = [\"3GiB\", \"4GiB\", \"64GiB\"]\n",
        mixed_in_order()
    );
    let cases = play_all(&text, 12);
    assert_eq!(cases.len(), 4);
    let same = [
        Metric::SeriesActivePeak,
        Metric::SeriesActiveEnd,
        Metric::SamplesOffered,
    ];
    let (_, base) = &cases[0];
    for (name, case) in &cases[1..] {
        for metric in same {
            let values = |scene: &Scene| scene.values("fleet.central", metric);
            assert_eq!(values(base), values(case), "{name}: {metric:?}");
        }
        let tracks = |scene: &Scene| scene.tracks("fleet.central", Track::Series);
        assert_eq!(tracks(base), tracks(case), "{name}");
        assert!(
            base.bits("fleet.daemons") == case.bits("fleet.daemons"),
            "{name}"
        );
        let unknowns = |scene: &Scene| {
            scene
                .outcomes
                .iter()
                .map(|draw| draw.unknowns.clone())
                .collect::<Vec<_>>()
        };
        assert_eq!(unknowns(base), unknowns(case), "{name}");
    }
    let kills = |case: usize| cases[case].1.value("fleet.central", Metric::OomCount);
    assert!(kills(1) > kills(3), "the limit matters at all");
}

/// The unknowns of a draw do not depend on how many draws there are.
#[test]
fn more_draws_keep_the_first_ones() {
    let text = mixed_in_order();
    let half = play(blueprint(&text), 1, 5);
    let whole = play(blueprint(&text), 1, 10);
    for (left, right) in half.outcomes.iter().zip(&whole.outcomes) {
        let bits = |values: &[f64]| {
            values
                .iter()
                .map(|value| value.to_bits())
                .collect::<Vec<_>>()
        };
        assert_eq!(bits(&left.values), bits(&right.values));
        assert_eq!(left.first, right.first);
    }
    let half = results(study(&text.replace("draws = 24", "draws = 5")), 2);
    let whole = results(study(&text.replace("draws = 24", "draws = 10")), 2);
    let firsts = |results: &Results| {
        outcomes(&results.cases[0])[..5]
            .iter()
            .map(|outcome| outcome.first.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(firsts(&half), firsts(&whole));
}
