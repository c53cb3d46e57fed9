//! Scenario texts from one platform: what a test does not state has a sensible default.

use toml::{Table, Value};

/// A thousand nodes with one machine target of 5,000 series each, a fleet `all`, an endpoint `backend` behind
/// `nat`. Nothing happens to its collectors but what a test adds.
pub(crate) const CALM: &str = r#"
format = 1
meta = { name = "platform" }
experiment = { horizon = "3d", draws = 1 }
[[cluster]]
name = "prod"
pool = [{ name = "general", nodes = 1000, node = { cpu = 64, memory = "512GiB" }, drains = "never" }]
[[workload]]
name = "hosts"
kind = "machine"
runs_on = ["prod.general"]
series_per_target = 5000
[[fleet]]
name = "all"
topology = "host-daemon"
runs_on = ["prod.general"]
collects = { metrics = ["hosts"] }
sends_to = ["backend"]
own_series = 0
restarts = "never"
[[endpoint]]
name = "backend"
signal = "metrics"
via = "nat"
latency = "100ms"
[[egress]]
name = "nat"
provider = "deployment-guide"
"#;

/// Changes after which one central collector scrapes a million series of pods, and all else is as the
/// deployment guide has it.
const PODS: &str = r#"
    preset = "deployment-guide"
    experiment.horizon = "1d"
    cluster.prod.pool = [{ name = "general", nodes = 10, node = { cpu = 64, memory = "512GiB" } }]
    workload = [{ name = "apps", runs_on = ["prod.general"], pods = 1000, series_per_pod = 1000 }]
    fleet = [{ name = "all", topology = "centralized", replicas = 1, collects = { metrics = ["apps"] }, sends_to = ["backend"] }]
    endpoint = [{ name = "backend", signal = "metrics" }]
"#;

/// Changes after which an hour's jobs have a sidecar each, and all else is as the preset `alloy-docs` has it.
const JOBS: &str = r#"
    preset = "alloy-docs"
    experiment.horizon = "1h"
    workload = [{ name = "batch", kind = "job", runs_on = ["prod.general"], series_per_pod = 100 }]
    workload.batch.jobs = { per_hour = 1200, lifetime = "30s", flush = "0s" }
    fleet = [{ name = "all", topology = "sidecar", collects = { metrics = ["batch"] }, sends_to = ["backend"] }]
"#;

/// The text of the platform of pods, changed.
pub(crate) fn of_pods(changes: &str) -> String {
    platform(&[PODS, changes].concat())
}

/// The text of the platform of jobs, changed.
pub(crate) fn of_jobs(changes: &str) -> String {
    of_pods(&[JOBS, changes].concat())
}

/// The text of the platform, with values in TOML at paths as variants write them:
/// `fleet.all.replicas = 3`. A name that does not exist yet is added.
pub(crate) fn platform(changes: &str) -> String {
    let mut root: Table = CALM.parse().unwrap();
    for line in changes.lines().filter(|line| !line.trim().is_empty()) {
        let (path, value) = line.split_once(" = ").unwrap();
        let value: Table = format!("value = {value}").parse().unwrap();
        let path: Vec<&str> = path.trim().split('.').collect();
        set(&mut root, &path, &value["value"]);
    }
    root.to_string()
}

fn set(table: &mut Table, path: &[&str], value: &Value) {
    let empty = || Value::Table(Table::new());
    match path {
        [key] => {
            table.insert((*key).to_owned(), value.clone());
        }
        [
            "cluster" | "pool" | "workload" | "fleet" | "endpoint" | "egress",
            name,
            rest @ ..,
        ] => {
            let items = table.entry(path[0]).or_insert(Value::Array(Vec::new()));
            set(named(items.as_array_mut().unwrap(), name), rest, value);
        }
        [key, rest @ ..] => {
            let inner = table.entry(*key).or_insert_with(empty);
            set(inner.as_table_mut().unwrap(), rest, value);
        }
        [] => panic!("a path ends in a key"),
    }
}

/// The item of that name, made if there is none.
fn named<'a>(items: &'a mut Vec<Value>, name: &str) -> &'a mut Table {
    let is_it = |item: &Value| item["name"].as_str() == Some(name);
    let at = items.iter().position(is_it).unwrap_or_else(|| {
        let name = ("name".to_owned(), Value::from(name));
        items.push(Value::Table(Table::from_iter([name])));
        items.len() - 1
    });
    items[at].as_table_mut().unwrap()
}

#[test]
fn paths_reach_what_is_there_and_add_what_is_not() {
    let text = platform(
        "fleet.all.own_series = 7
         fleet.edge.resources.memory.limit = \"1GiB\"
         cluster.prod.pool.general.nodes = 2",
    );
    let read: Table = text.parse().unwrap();
    assert_eq!(read["fleet"][0]["own_series"].as_integer(), Some(7));
    let limit = &read["fleet"][1]["resources"]["memory"]["limit"];
    assert_eq!(limit.as_str(), Some("1GiB"));
    let pool = &read["cluster"][0]["pool"][0];
    assert_eq!(pool["nodes"].as_integer(), Some(2));
}
