//! `docs/scenario.schema.json` is what the reader wants, and every scenario here is valid by it.

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use alloy_sim::scenario::{STARTER, schema};
use serde_json::Value;

const EVERYTHING: &str = include_str!("fixtures/everything.toml");

/// The schema of the program, made once.
fn file() -> &'static str {
    static FILE: LazyLock<String> = LazyLock::new(made);
    &FILE
}

fn made() -> String {
    let series = |_: &str, path: &str| match path {
        "series.csv" => Ok(b"series\n100\n".to_vec()),
        _ => Err(format!("{path} is not here")),
    };
    schema(EVERYTHING, &series)
}

#[test]
fn docs_scenario_schema_json_is_up_to_date() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/scenario.schema.json");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(path, file()).unwrap();
    }
    let stored = fs::read_to_string(path).unwrap_or_default();
    assert!(
        stored == file(),
        "run `UPDATE_DOCS=1 cargo test docs_scenario_schema`"
    );
}

fn validator() -> jsonschema::Validator {
    jsonschema::validator_for(&serde_json::from_str(file()).unwrap()).unwrap()
}

fn mistakes(validator: &jsonschema::Validator, text: &str) -> Vec<String> {
    // JSON has no dates; editors take one for a text.
    let text = text.replace("start_date = 2026-12-01", "start_date = \"2026-12-01\"");
    let document: toml::Table = toml::from_str(&text).unwrap();
    let document: Value = serde_json::to_value(document).unwrap();
    let errors = validator.iter_errors(&document);
    errors
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect()
}

/// Name and text of every scenario that is shipped or tested.
fn scenarios() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = vec![
        ("starter".to_owned(), STARTER.to_owned()),
        ("everything".to_owned(), EVERYTHING.to_owned()),
        (
            "design".to_owned(),
            include_str!("fixtures/design-example.toml").to_owned(),
        ),
    ];
    let folders = [
        "scenarios",
        "tests/it/accepted/scenarios",
        "tests/it/accepted/cases",
    ];
    let entries = folders
        .into_iter()
        .flat_map(|folder| fs::read_dir(root.join(folder)).unwrap());
    for entry in entries {
        let path = entry.unwrap().path();
        files.push((
            path.display().to_string(),
            fs::read_to_string(&path).unwrap(),
        ));
    }
    files
}

#[test]
fn every_scenario_is_valid_and_names_the_schema() {
    let validator = validator();
    for (name, text) in scenarios() {
        let mistakes = mistakes(&validator, &text);
        assert!(mistakes.is_empty(), "{name}: {mistakes:#?}");
        let is_shipped = name.contains("/scenarios/") && !name.contains("/accepted/");
        if is_shipped || name == "starter" {
            let mut head = text.lines().take(2);
            assert!(head.any(|line| line.starts_with("#:schema ")), "{name}");
        }
    }
}

#[test]
fn mistakes_are_invalid() {
    let validator = validator();
    for (right, wrong) in [
        ("replicas = 3", "replica = 3"),
        ("replicas = 3", "replicas = 0"),
        ("\"centralized\"", "\"central\""),
        ("horizon = \"90d\"", "horizon = \"90 days\""),
        ("\"16GiB\"", "16"),
        ("p5 = \"1%\"", "p5 = 1"),
        ("format = 1", ""),
        ("name = \"general\"", ""),
        ("horizon = \"90d\"", ""),
        ("signal = \"metrics\"", ""),
        ("start = 900, ", ""),
        (
            "require = \"probability(any oom in fleet.metrics) < 1%\"",
            "",
        ),
    ] {
        let text = STARTER.replacen(right, wrong, 1);
        assert_ne!(text, STARTER, "{right}");
        assert!(!mistakes(&validator, &text).is_empty(), "{wrong}");
    }
    let kubernetes = STARTER
        .replace("16GiB", "16Gi")
        .replace("cpu = { request = 1 }", "cpu = { request = \"500m\" }");
    assert!(mistakes(&validator, &kubernetes).is_empty());
}

/// Every key of the scenario with every key is in the schema at its place.
#[test]
fn every_key_is_described() {
    let schema: Value = serde_json::from_str(file()).unwrap();
    for (section, key) in [
        ("workload", "series_per_pod"),
        ("fleet", "memory_per_series"),
        ("endpoint", "latency"),
        ("egress", "provider"),
        ("goal", "require"),
    ] {
        let property = &schema["properties"][section]["items"]["properties"][key];
        assert!(
            property["description"].is_string(),
            "{section}.{key}: {property}"
        );
    }
}
