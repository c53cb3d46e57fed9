//! Presets are files: those of the program, and those of a user.

mod document;

use std::fs;
use std::path::{Path, PathBuf};

use alloy_sim::experiment::study::Role;
use alloy_sim::model::blueprint::{Fleet, MemoryTest};
use alloy_sim::model::law::Quantity;
use alloy_sim::model::record::catalogue::{Failure, Metric};
use alloy_sim::units::SimDuration;

use crate::scenario::checked;
use crate::support::platform::of_pods;
use crate::support::scene::{blueprint, changed, play, study};

/// The names of the program's presets with their files, in the order of the names.
fn files() -> Vec<(String, PathBuf)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/scenario/preset");
    let paths = fs::read_dir(folder).unwrap();
    let paths = paths.map(|entry| entry.unwrap().path());
    let name = |path: &Path| path.file_stem().unwrap().to_str().unwrap().to_owned();
    let mut files: Vec<(String, PathBuf)> = paths
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "toml")
        })
        .map(|path| (name(&path), path))
        .collect();
    files.sort();
    files
}

/// The scenario with a preset.
fn scenario(preset: &str) -> String {
    of_pods(&format!("preset = \"{preset}\""))
}

fn fleet(preset: &str) -> Fleet {
    blueprint(&scenario(preset)).fleets.remove(0)
}

/// Paths of values below a section of a preset that have no source.
fn unsourced(path: &str, value: &toml::Value, found: &mut Vec<String>) {
    const QUANTITY: [&str; 4] = ["value", "p5", "p50", "min"];
    match value {
        toml::Value::Table(table) if QUANTITY.iter().any(|key| table.contains_key(*key)) => {
            if !table.get("source").is_some_and(toml::Value::is_str) {
                found.push(path.to_owned());
            }
        }
        toml::Value::Table(table) => {
            for (key, value) in table {
                unsourced(&format!("{path}.{key}"), value, found);
            }
        }
        _ => found.push(path.to_owned()),
    }
}

#[test]
fn every_file_is_a_preset_whose_values_have_sources() {
    assert!(files().len() >= 3);
    for (name, path) in files() {
        let file: toml::Table = toml::from_str(&fs::read_to_string(path).unwrap()).unwrap();
        let mut found = Vec::new();
        for (key, value) in file.iter().filter(|(_, value)| value.is_table()) {
            unsourced(key, value, &mut found);
        }
        assert!(found.is_empty(), "{name}: no source of {found:?}");
        // Every preset has all constants of a collector, its own or another's.
        assert!(fleet(&name).memory.holders.wal.fixed > 0.0, "{name}");
    }
    let mut found = Vec::new();
    let value = toml::from_str("gogc = 5\nwal = { keep_min = { value = \"5m\" } }").unwrap();
    unsourced("fleet", &value, &mut found);
    assert_eq!(found, ["fleet.gogc", "fleet.wal.keep_min"]);
}

#[test]
fn a_process_that_is_not_written_in_go_is_a_file_of_the_user() {
    let document = include_str!("../../../docs/scenario.md");
    assert!(document.contains(include_str!("not-go.toml")));
    let fleet = fleet("not-go.toml");
    assert_eq!(fleet.memory.per_series, Some(Quantity::fixed(2_000.0)));
    assert_eq!(fleet.memory.test, MemoryTest::Direct);
    assert_eq!(fleet.cpu.gc_share, Quantity::fixed(0.0));
    assert_eq!(fleet.interruptions.restart_interval, None);
    // What it says nothing of is Alloy's.
    assert_eq!(fleet.wal.keep_max, SimDuration::from_hours(8));
    assert_eq!(fleet.remote_write.shards_max, 50);
    // A million series at 2 KB and 40 MB: the limit changes neither memory nor CPU.
    let with_limit = |limit: &str| {
        let set = format!("\"fleet.all.resources\" = {{ memory = {{ limit = \"{limit}\" }} }}");
        play(changed(&scenario("not-go.toml"), &set), 1, 1)
    };
    let (ample, tight) = (with_limit("64GB"), with_limit("2.04GB"));
    for scene in [&ample, &tight] {
        let peak = scene.value("fleet.all", Metric::MemoryPeak);
        assert!((peak - 2.04e9).abs() < 1.0, "{peak}");
        assert!(!scene.fails("fleet.all", Failure::Oom));
    }
    let cpu = |scene: &crate::support::scene::Scene| scene.value("fleet.all", Metric::CpuPeak);
    assert!((cpu(&ample) - cpu(&tight)).abs() < 1e-9);
    assert!(with_limit("2.03GB").fails("fleet.all", Failure::Oom));
}

#[test]
fn a_preset_of_a_user_is_named_as_the_source_of_its_values() {
    let study = study(&scenario("not-go.toml"));
    let source = |path: &str| {
        let inputs = study.cases[0].inputs.iter();
        let mut found = inputs.filter(|input| input.path == path);
        found.next().unwrap().source.clone()
    };
    assert_eq!(source("fleet.all.memory_per_series"), "not-go.toml");
    assert_eq!(source("fleet.all.outside_heap"), "resident when idle");
    assert!(source("fleet.all.restart_gap").starts_with("INFERRED"));
}

#[test]
fn known_values_of_a_preset_are_inputs() {
    let text = of_pods("preset = \"not-go.toml\"\nfleet.all.idle_memory = \"1MB\"");
    let study = study(&text);
    let input = |path: &str| {
        let mut inputs = study.cases[0].inputs.iter();
        let input = inputs.find(|input| input.path == path).unwrap();
        assert_eq!(input.role, Role::Known, "{path}");
        let [_, median, _] = input.percentiles();
        (
            input.law.as_str(),
            median,
            input.unit,
            input.source.as_str(),
        )
    };
    assert_eq!(
        input("fleet.all.wal.truncate_every"),
        ("0s", 0.0, "seconds", "not-go.toml")
    );
    let shards = "Alloy docs, prometheus.remote_write, block queue_config";
    assert_eq!(
        input("fleet.all.remote_write.shards_max"),
        ("50", 50.0, "count", shards)
    );
    assert_eq!(
        input("fleet.all.idle_memory"),
        ("1MB", 1e6, "bytes", "this scenario")
    );
    for (path, word) in [("memory_test", "direct"), ("restarts", "never")] {
        let (law, median, unit, source) = input(&format!("fleet.all.{path}"));
        assert_eq!((law, unit, source), (word, "", "not-go.toml"));
        assert!(median.is_nan(), "a word has no median");
    }
}

#[test]
fn a_fleet_may_have_a_preset_of_its_own() {
    let blueprint = blueprint(&of_pods("fleet.all.preset = \"not-go.toml\""));
    assert_eq!(
        blueprint.fleets[0].memory.per_series,
        Some(Quantity::fixed(2_000.0))
    );
    // A fleet's preset is for the fleet alone.
    assert_eq!(blueprint.pools[0].drain_interval, None);
    let lifetime = blueprint.endpoints[0].connection_lifetime;
    assert!(lifetime.centre.median() > 1e9);
}

#[test]
fn presets_can_be_swept() {
    let sweep = "[[sweep]]\n\"fleet.all.preset\" = [\"deployment-guide\", \"not-go.toml\"]\n";
    let study = study(&format!("{}{sweep}", scenario("alloy")));
    let names: Vec<&str> = study.cases.iter().map(|case| case.name.as_str()).collect();
    assert_eq!(
        names,
        ["base", "preset=deployment-guide", "preset=not-go.toml"]
    );
}

#[test]
fn a_resolved_scenario_holds_the_preset_of_a_user() {
    let variant = "[[variant]]\nname = \"alloy\"\nset = { preset = \"alloy\" }\n";
    let first = checked(&format!("{}{variant}", scenario("not-go.toml")));
    assert!(!first.resolved_toml.contains("preset = \"not-go.toml\""));
    let second = checked(&first.resolved_toml);
    assert!(first.study == second.study, "{}", first.resolved_toml);
}
