//! Cardinality incidents are written down, in the order of time.

use alloy_sim::model::record::outcome::RecordKind;
use alloy_sim::model::world::{Recording, Replication, simulate};

use crate::support::scene::{SEEDS, blueprint};

const DAYS: f64 = 300.0;

/// One incident a day, of two hours, that triples the series.
const INCIDENTS: &str = r#"
format = 1
meta = { name = "incidents" }
experiment = { horizon = "300d", draws = 1 }
[[cluster]]
name = "prod"
pool = [{ name = "general", nodes = 2, drains = "never", node = { cpu = 8, memory = "32GiB" } }]
[[workload]]
name = "apps"
runs_on = ["prod.general"]
pods = 10
series_per_pod = 10
incidents = { per_30d = 30, factor = 3, time_to_fix = "2h" }
[[fleet]]
name = "all"
topology = "centralized"
replicas = 1
runs_on = ["prod.general"]
collects = { metrics = ["apps"] }
sends_to = ["backend"]
restarts = "never"
[[endpoint]]
name = "backend"
signal = "metrics"
"#;

#[test]
fn incidents_are_written_down() {
    let blueprint = blueprint(INCIDENTS);
    for seed in SEEDS {
        let (_, records) = simulate(&blueprint, seed, Replication::first_of(0), Recording::On);
        assert!(records.rows.is_sorted_by_key(|row| row.at));
        let of = |what: RecordKind| records.rows.iter().filter(move |row| row.what == what);
        let (began, ended) = (
            of(RecordKind::IncidentStarted),
            of(RecordKind::IncidentEnded),
        );
        assert!(began.clone().all(|row| (row.value - 3.0).abs() < 1e-12));
        // One may be open at the start, and one at the end.
        assert!(began.clone().count().abs_diff(ended.count()) <= 1);
        // Poisson: the deviation is the root of the mean.
        let score = (began.count() as f64 - DAYS) / DAYS.sqrt();
        assert!(score.abs() <= 4.0, "seed {seed}: {score}");
    }
}
