//! Scenario files: what loads, what it means, and that nothing panics.

use std::fs;
use std::path::Path;

use alloy_sim::Draws;
use alloy_sim::cli::problem::render;
use alloy_sim::experiment::study::{Role, Study};
use alloy_sim::model::blueprint::{Blueprint, CountOrPercent, MemoryTest, SeriesPerTarget};
use alloy_sim::model::egress::{PoolKey, Provider};
use alloy_sim::model::law::{Law, Quantity};
use alloy_sim::scenario::{Checked, DrawsAsked, Loaded, Overrides, Problem, STARTER, Source, load};
use alloy_sim::units::SimDuration;

const EVERYTHING: &str = include_str!("fixtures/everything.toml");
const EXAMPLE: &str = include_str!("fixtures/design-example.toml");

/// Other files of the scenarios here: one of series, and presets.
fn read(_file: &str, path: &str) -> Result<Vec<u8>, String> {
    let presets = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/presets");
    match path {
        "series.csv" => Ok(b"target,series\na,100\nb,250\nc,40000\n".to_vec()),
        _ => fs::read(presets.join(path)).map_err(|_| format!("{path} does not exist")),
    }
}

/// What one text becomes.
pub(crate) fn load_bytes(name: &str, bytes: &[u8]) -> Result<Checked, Vec<Problem>> {
    let source = Source {
        name: name.to_owned(),
        bytes: bytes.to_vec(),
    };
    let mut loaded: Vec<Loaded> = load(&[source], &read, &Overrides::default());
    loaded.remove(0).result
}

pub(crate) fn checked(text: &str) -> Checked {
    load_bytes("test.toml", text.as_bytes()).unwrap_or_else(|problems| {
        let shown: Vec<String> = problems
            .iter()
            .map(|problem| render(problem, text, false))
            .collect();
        panic!("{}", shown.join("\n"))
    })
}

#[test]
fn the_example_of_the_design_loads() {
    let checked = checked(EXAMPLE);
    let names: Vec<&str> = checked
        .study
        .cases
        .iter()
        .map(|case| case.name.as_str())
        .collect();
    assert_eq!(
        names,
        [
            "base",
            "host daemon",
            "replicas=3",
            "replicas=4",
            "replicas=6",
        ]
    );
}

#[test]
fn the_starter_loads_without_a_warning() {
    let checked = checked(STARTER);
    assert_eq!(checked.study.cases.len(), 3);
    let shown: Vec<String> = checked
        .warnings
        .iter()
        .map(|problem| render(problem, STARTER, false))
        .collect();
    assert!(shown.is_empty(), "{}", shown.join("\n"));
}

#[test]
fn a_resolved_scenario_is_the_same_scenario() {
    for text in [EXAMPLE, STARTER, EVERYTHING] {
        let first = checked(text);
        let second = checked(&first.resolved_toml);
        assert!(first.study == second.study, "{}", first.resolved_toml);
        for (a, b) in first
            .resolved_toml
            .lines()
            .zip(second.resolved_toml.lines())
        {
            assert_eq!(a, b);
        }
    }
}

/// The document cut at its section headers: what stands before the first, and the sections. A
/// section keeps the headers below it.
fn sections(text: &str) -> (String, Vec<String>) {
    let (mut head, mut sections) = (String::new(), Vec::<String>::new());
    for line in text.lines() {
        let is_header = line.starts_with('[') && !line.contains('.');
        match sections.last_mut() {
            _ if is_header => sections.push(format!("{line}\n")),
            Some(section) => section.extend([line, "\n"]),
            None => head.extend([line, "\n"]),
        }
    }
    (head, sections)
}

#[test]
fn the_order_of_sections_changes_nothing() {
    let study = checked(EVERYTHING).study;
    let (head, mut sections) = sections(EVERYTHING);
    let (variants, others): (Vec<_>, Vec<_>) = sections.drain(..).partition(|section| {
        section.starts_with("[[variant")
            || section.starts_with("[[goal")
            || section.starts_with("[[expect")
    });
    let turned: String = others.iter().rev().chain(&variants).cloned().collect();
    let permuted: Study = checked(&format!("{head}{turned}")).study;
    assert!(permuted == study);
}

#[test]
fn the_life_cycle_reaches_the_blueprint() {
    let study = checked(EVERYTHING).study;
    let blueprint = &study.cases[0].blueprint;
    let life = &blueprint.fleets[0].lifecycle;
    assert_eq!(life.grace, SimDuration::from_secs(45));
    assert_eq!(life.updates.at, [SimDuration::from_hours(15 * 24)]);
    assert_eq!(life.updates.max_unavailable, CountOrPercent::Share(0.25));
    assert_eq!(life.updates.surge, CountOrPercent::Share(0.25));
    assert_eq!(
        blueprint.fleets[1].lifecycle.updates.max_unavailable,
        CountOrPercent::Count(5)
    );
}

#[test]
fn every_key_reaches_the_blueprint() {
    let study = checked(EVERYTHING).study;
    let blueprint = &study.cases[0].blueprint;
    let names = |names: Vec<&String>| {
        names
            .into_iter()
            .map(String::as_str)
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(
        names(blueprint.fleets.iter().map(|fleet| &fleet.name).collect()),
        "central edge gateway jobs receiver samplers"
    );
    assert_eq!(
        names(
            blueprint
                .workloads
                .iter()
                .map(|workload| &workload.name)
                .collect()
        ),
        "apps batch functions nodes"
    );
    let [apps, batch, functions, machines] = blueprint.workloads.as_slice() else {
        panic!()
    };
    assert_eq!(
        functions.series,
        SeriesPerTarget::Measured(vec![100.0, 250.0, 40_000.0])
    );
    assert_eq!(machines.count.start, Quantity::fixed(1.0));
    assert_eq!(apps.giants.len(), 1);
    assert_eq!(batch.jobs.unwrap().flush, SimDuration::from_secs(28));
    let [central, edge, gateway, jobs, receiver, _] = blueprint.fleets.as_slice() else {
        panic!()
    };
    // What a client collects is what its gateway receives.
    assert_eq!(gateway.traces_of, receiver.traces_of);
    assert!(!central.wal.on_volume && edge.wal.on_volume);
    assert_eq!(
        central.memory.logs.per_byte_per_second,
        Quantity::fixed(120.0)
    );
    assert_eq!(
        central.cpu.logs.seconds_per_byte,
        Some(Quantity::fixed(1.0 / 1_048_576.0))
    );
    assert_eq!(edge.interruptions.restart_interval, None);
    assert_eq!(
        (jobs.runs_on.as_slice(), jobs.memory.test),
        (
            [alloy_sim::model::blueprint::PoolId::new(0)].as_slice(),
            MemoryTest::Direct
        )
    );
    assert_eq!(blueprint.pools[0].nodes.season.first_weekday, 1);
    assert_eq!(
        blueprint.endpoints[1].outages[0].at,
        SimDuration::from_hours(240)
    );
    assert!(matches!(
        blueprint.egresses[0].limits.sharing,
        PoolKey::PerNodeBlock(_)
    ));
    let names: Vec<&str> = study.cases.iter().map(|case| case.name.as_str()).collect();
    assert_eq!(names.len(), 9, "{names:?}");
    assert_eq!(study.requirements[0].cases.len(), names.len());
}

/// Every form of a quantity under `pods` or `nodes` is the start of a trend whose growth is swept.
#[test]
fn a_sweep_widens_every_form_of_a_quantity() {
    let text = include_str!("invalid/warning-evidence.toml");
    let with = |key: &str, value: &str, sweep: &str| {
        let plain = ["pods = 900", "nodes = 40"].into_iter();
        let plain = plain.filter(|line| line.starts_with(key));
        let text = plain.fold(text.to_owned(), |text, line| {
            text.replace(line, &format!("{key} = {value}"))
        });
        format!("{text}\n[sweep]\n{sweep}\n")
    };
    let forms = [
        "950",
        "{ value = 950 }",
        "{ value = 950, source = \"a count\" }",
        "{ p5 = 900, p95 = 1000 }",
        "{ p50 = 900, p95 = 1000 }",
        "{ p5 = 800, p50 = 900, p95 = 1000 }",
        "{ min = 900, max = 1000 }",
        "{ mean = 900, sd = 10 }",
    ];
    let paths = [
        ("pods", "workload.apps.pods"),
        ("nodes", "cluster.prod.pool.general.nodes"),
    ];
    for (key, path) in paths {
        for form in forms {
            let growth = format!("\"{path}.growth_per_30d\" = [\"10%\"]");
            let whole = format!("\"{path}\" = [{{ start = {form}, growth_per_30d = \"10%\" }}]");
            let cases = [growth, whole].map(|sweep| checked(&with(key, form, &sweep)).study.cases);
            assert!(
                cases[0][1].blueprint == cases[1][1].blueprint,
                "{path} = {form}"
            );
        }
        // The number is the same everywhere: the message says so with a sweep as without.
        let form = "{ median = 900, spread = { p5 = 0.9, p95 = 1.1 } }";
        let growth = format!("\"{path}.growth_per_30d\" = [\"10%\"]");
        let refused = load_bytes("a.toml", with(key, form, &growth).as_bytes()).unwrap_err();
        let said: Vec<&str> = refused.iter().map(|each| each.message.as_str()).collect();
        let message = "this quantity is the same everywhere, so it has no spread";
        assert_eq!(said, [message], "{path}");
    }
}

/// A case on demand is the case of a sweep that has the same settings.
#[test]
fn a_document_resolves_further_cases() {
    let sweep = r#""fleet.metrics.resources.memory.limit" = ["13GiB", "14GiB"]
"endpoint.backend.latency" = [{ p50 = "90ms", p95 = "300ms" }]"#;
    let checked = checked(&STARTER.replace(r#""fleet.metrics.replicas" = [2, 3, 5]"#, sweep));
    let read = |_: &str, path: &str| Err(format!("{path} is not read here"));
    let points = checked.study.cases.iter();
    let points = points.filter(|case| case.variant == "base");
    assert!(points.clone().count() >= 3);
    for point in points {
        let settings = point.settings.iter();
        let settings: Vec<_> = settings.map(|(path, value)| (&**path, &**value)).collect();
        let case = checked.document.case(&settings, &read).unwrap();
        assert!(case == *point, "{}", point.name);
    }
    let limit = "fleet.metrics.resources.memory.limit";
    for (path, value, message) in [
        (limit, "3 parsecs", "`3 parsecs` is not a value"),
        (limit, "\"3 parsecs\"", "parsecs"),
        (limit, "\"1MiB\"", "limit"),
        ("fleet.none.replicas", "3", "none"),
    ] {
        let problems = checked.document.case(&[(path, value)], &read).unwrap_err();
        let found = problems[0].message.contains(message);
        assert!(found, "{path} = {value}: {problems:?}");
    }
}

#[test]
fn inputs_say_their_role_law_and_source() {
    let study = checked(EVERYTHING).study;
    let input = |path: &str| {
        let input = study.cases[0]
            .inputs
            .iter()
            .find(|input| input.path == path);
        input.unwrap_or_else(|| panic!("no input {path}"))
    };
    let series = input("workload.apps.series_per_pod");
    assert_eq!(series.role, Role::Spread);
    assert_eq!(
        series.law,
        "median (p5 900, p95 1500), spread (p5 0.2, p95 6)"
    );
    assert_eq!(series.source, "Mimir, 2026-10");
    assert_eq!(input("fleet.central.base_memory").role, Role::Known);
    assert_eq!(
        input("fleet.edge.memory_factor").law,
        "p5 0.6, p50 1.12, p95 2.7"
    );
    assert!(input("fleet.edge.memory_factor").source.contains("3641"));
    assert_eq!(input("endpoint.mimir.latency").role, Role::Noise);
}

/// The blueprint of the starter with a line more at the root and text replaced.
fn starter_with(root: &str, from: &str, to: &str) -> Blueprint {
    let text = STARTER
        .replace("format = 1", &format!("format = 1\n{root}"))
        .replace(from, to);
    checked(&text).study.cases[0].blueprint.clone()
}

#[test]
fn the_guides_preset_switches_everything() {
    let via = "signal = \"metrics\"\nvia = \"nat\"\n[[egress]]\nname = \"nat\"";
    let guide = starter_with("preset = \"deployment-guide\"", "signal = \"metrics\"", via);
    let fleet = &guide.fleets[0];
    assert_eq!(fleet.memory.per_series, Some(Quantity::fixed(10_000.0)));
    for nothing in [
        fleet.memory.base,
        fleet.memory.outside_heap,
        fleet.memory.per_watched_pod,
        guide.workloads[0].restarts_per_day,
    ] {
        assert_eq!(nothing, Quantity::fixed(0.0));
    }
    assert_eq!(
        (fleet.memory.test, fleet.memory.replay_peak),
        (MemoryTest::Direct, Law::Fixed(1.0))
    );
    assert!(fleet.remote_write.http2 && fleet.own_series.abs() < 1e-9);
    assert_eq!(fleet.wal.truncate_every, SimDuration::ZERO);
    assert_eq!(fleet.interruptions.restart_interval, None);
    assert_eq!(guide.pools[0].drain_interval, None);
    assert_eq!(guide.egresses[0].limits, Provider::DeploymentGuide.limits());
    let years = guide.endpoints[0].connection_lifetime.centre.median() / (365.0 * 86_400.0);
    assert!(years > 99.0, "{years}");
}

#[test]
fn each_switch_of_the_preset_can_be_set_alone() {
    let alone = |line: &str| {
        let to = format!("topology = \"centralized\"\n{line}");
        starter_with(
            "preset = \"deployment-guide\"",
            "topology = \"centralized\"",
            &to,
        )
    };
    let fleet = alone("base_memory = \"100MB\"").fleets.remove(0);
    assert_eq!(fleet.memory.base, Quantity::fixed(1e8));
    assert_eq!(fleet.memory.per_series, Some(Quantity::fixed(10_000.0)));
    assert!(
        !alone("remote_write = { http2 = false }").fleets[0]
            .remote_write
            .http2
    );
    let fleet = alone("wal = { truncate_every = \"2h\" }").fleets.remove(0);
    assert_eq!(fleet.wal.truncate_every, SimDuration::from_hours(2));
    assert!(
        alone("restarts = \"60d\"").fleets[0]
            .interruptions
            .restart_interval
            .is_some()
    );
    let fleet = alone("preset = \"alloy\"").fleets.remove(0);
    assert_eq!(fleet.memory.test, MemoryTest::GarbageCollected);
}

#[test]
fn a_known_value_may_carry_its_source() {
    let line = |value: &str| {
        let keys = [
            format!("own_series = {}", value.replace("VALUE", "800")),
            format!("memory_test = {}", value.replace("VALUE", "\"direct\"")),
            format!("relabel_stages = {}", value.replace("VALUE", "2")),
        ];
        let to = format!("topology = \"centralized\"\n{}", keys.join("\n"));
        starter_with("", "topology = \"centralized\"", &to)
    };
    let sourced = line("{ value = VALUE, source = \"our /metrics page\" }");
    assert!(line("VALUE") == sourced);
    assert!((sourced.fleets[0].own_series - 800.0).abs() < 1e-9);
}

#[test]
fn two_files_cannot_share_a_name() {
    let source = |name: &str| Source {
        name: name.to_owned(),
        bytes: STARTER.into(),
    };
    let loaded = load(
        &[source("a.toml"), source("b.toml")],
        &read,
        &Overrides::default(),
    );
    for (loaded, other) in loaded.iter().zip(["b.toml", "a.toml"]) {
        let problems = loaded.result.as_ref().unwrap_err();
        assert_eq!(
            problems[0].message,
            format!("`my-fleet` is also the name of {other}")
        );
        assert_eq!(&STARTER[problems[0].labels[0].span.clone()], "\"my-fleet\"");
    }
}

#[test]
fn amounts_are_read_as_kubernetes_writes_them() {
    let ours = checked(STARTER).study;
    let theirs = STARTER.replace("64GiB", "64Gi").replace("16GiB", "16384Mi");
    let theirs = theirs.replace("cpu = { request = 1 }", "cpu = { request = \"1000m\" }");
    assert_ne!(theirs, STARTER);
    let theirs = checked(&theirs).study;
    for (ours, theirs) in ours.cases.iter().zip(&theirs.cases) {
        assert!(ours.blueprint == theirs.blueprint);
    }
}

/// Growth over any time is growth over 30 days, compounded, at every percentile that is stated.
#[test]
fn growth_is_stated_over_any_time() {
    let growth = |text: &str| {
        let stated = "growth_per_30d = { p5 = \"1%\", p95 = \"4%\" }";
        let text = STARTER.replace(stated, text);
        let checked = checked(&text);
        let again = self::checked(&checked.resolved_toml).study;
        assert!(checked.study == again, "{}", checked.resolved_toml);
        let growth = checked.study.cases[0].blueprint.workloads[0]
            .count
            .growth_per_30d;
        [-1.0, 0.0, 1.0].map(|side| growth.centre.at(side * alloy_sim::model::law::P95_SCORE))
    };
    let close = |one: f64, other: f64| (one - other).abs() < 1e-9;
    let [low, _, high] = growth("growth_per_60d = { p5 = \"2.01%\", p95 = \"8.16%\" }");
    assert!(close(low, 0.01) && close(high, 0.04), "{low} {high}");
    let [_, middle, _] = growth("growth_per_180d = \"40%\"");
    assert!(close((1.0 + middle).powi(6), 1.4), "{middle}");
    let [_, middle, _] = growth("growth_per_26w = \"-50%\"");
    assert!(close((1.0 + middle).powf(182.0 / 30.0), 0.5), "{middle}");
}

#[test]
fn the_command_line_wins() {
    let source = Source {
        name: "a.toml".to_owned(),
        bytes: STARTER.into(),
    };
    let overrides = Overrides {
        draws: Some(DrawsAsked::Number(64)),
        seed: Some(u64::MAX),
        ..Overrides::default()
    };
    let checked = load(&[source], &read, &overrides).remove(0).result.unwrap();
    assert_eq!(
        (checked.study.draws, checked.study.seed),
        (Draws::Fixed(64), u64::MAX)
    );
    assert!(checked.resolved_toml.contains("draws = 64"));
    assert_eq!(checked.warnings.len(), 1);
}

/// A file that loads is also what its resolved form loads to; one that does not has a message.
fn loads_or_says_why(text: &str) {
    match load_bytes("x.toml", text.as_bytes()) {
        Ok(first) => {
            let second = load_bytes("resolved.toml", first.resolved_toml.as_bytes()).unwrap();
            assert!(
                first.study == second.study,
                "{text}\n# resolved\n{}",
                first.resolved_toml
            );
        }
        Err(problems) => {
            assert!(!problems.is_empty());
            assert!(
                problems
                    .iter()
                    .all(|problem| !render(problem, text, false).is_empty())
            );
        }
    }
}

proptest::proptest! {
    #![proptest_config(crate::support::properties::properties(32))]

    #[test]
    fn bytes_never_panic(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..400)) {
        let shown = load_bytes("x.toml", &bytes).unwrap_err();
        let text = String::from_utf8_lossy(&bytes);
        proptest::prop_assert!(shown.iter().all(|problem| !render(problem, &text, false).is_empty()));
    }

    /// Bytes of a good file replaced, dropped, doubled: good or refused, never a panic.
    #[test]
    fn broken_files_never_panic(edits in proptest::collection::vec((0..7_000_usize, 0..40_usize, 0..4_u8), 1..6)) {
        let mut text = EVERYTHING.to_owned();
        for (at, length, kind) in edits {
            let start = at.min(text.len());
            let end = (start + length).min(text.len());
            let replacement = match kind {
                0 => String::new(),
                1 => text[start..end].repeat(2),
                2 => "-1".to_owned(),
                _ => "\"\"".to_owned(),
            };
            text.replace_range(start..end, &replacement);
        }
        loads_or_says_why(&text);
    }

    /// Every value of a good file replaced by one of another kind.
    #[test]
    fn wrong_values_never_panic(line in 0..140_usize, value in 0..12_usize) {
        let values = ["true", "-1", "1e300", "\"\"", "[]", "{}", "[[1]]", "{ p5 = 1, p95 = 2 }", "9223372036854775807", "0.0", "\"never\"", "1979-05-27"];
        let replace = |(index, text): (usize, &str)| match text.split_once(" = ") {
            Some((key, _)) if index == line => format!("{key} = {}\n", values[value]),
            _ => format!("{text}\n"),
        };
        let text: String = EVERYTHING.lines().enumerate().map(replace).collect();
        loads_or_says_why(&text);
    }
}

#[test]
fn a_goal_may_speak_of_what_only_a_variant_has() {
    let text = STARTER.replace(
        "[sweep]",
        "[[variant]]\nname = \"two tiers\"\nset = { \"fleet.edge\" = { topology = \"host-daemon\", \
         runs_on = [\"prod.general\"], collects = { metrics = [\"apps\"] }, sends_to = [\"backend\"] } }\n[sweep]",
    );
    let text = format!(
        "{text}[[goal]]\nname = \"edge\"\nrequire = \"mean(loss_ratio in fleet.edge) < 1%\"\ncases = [\"two tiers\"]\n"
    );
    let first = checked(&text);
    assert_eq!(first.study.cases[1].blueprint.fleets.len(), 2);
    assert!(
        checked(&first.resolved_toml).study == first.study,
        "{}",
        first.resolved_toml
    );
}

#[test]
fn limits_on_size_are_held() {
    let many = "[[workload]]\nname = \"a\"\n".repeat(2_001);
    let problems = load_bytes("x.toml", format!("{STARTER}{many}").as_bytes()).unwrap_err();
    assert!(
        problems
            .iter()
            .any(|problem| problem.message.contains("more than 2000"))
    );
    let names = vec!["\"prod.general\""; 300_000].join(", ");
    let text = STARTER.replace("\"prod.general\"", &names);
    assert!(load_bytes("x.toml", text.as_bytes()).is_err());
    let noise = "x = 1\n".repeat(100_000).replace('x', "k");
    assert!(load_bytes("x.toml", noise.as_bytes()).is_err());
    let keys: String = (0..200_000)
        .flat_map(|key| [format!("k{key}"), "=1\n".to_owned()])
        .collect();
    assert!(load_bytes("x.toml", keys.as_bytes()).is_err());
}
