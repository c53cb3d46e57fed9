//! What the deployment guide and the code say about a fleet of profiles.

use super::text;
use crate::support::scene::{results, study};

/// Whether the base case of a platform says something.
fn says(changes: &str, what: &str) -> bool {
    let results = results(study(&text(changes)), 1);
    let mut findings = results.cases[0].findings.iter();
    findings.any(|finding| finding.text.contains(what))
}

#[test]
fn a_gap_that_no_metric_shows() {
    let away = "    endpoint.pyroscope.outages = [{ at = \"1h\", for = \"30m\" }]\n";
    assert!(says(away, "no metric of a collector shows the gap"));
    assert!(!says("", "no metric of a collector shows the gap"));
    assert!(says(away, "are given up in the median"));
}

#[test]
fn a_cluster_that_shares_targets() {
    let three = "    fleet.all.replicas = 3\n";
    assert!(says(three, "size the limit for one replica less"));
    assert!(says(three, "clustering or hashmod"));
    assert!(!says("", "size the limit for one replica less"));
    let tight = r#"
    fleet.all.replicas = 4
    fleet.all.memory_per_profiled_target = "34MiB"
    fleet.all.resources = { memory = { limit = "1950MiB" } }
    fleet.all.updates = { at = ["1h"], max_unavailable = 1, surge = 0 }
    fleet.all.restart_gap = "5m"
    "#;
    assert!(says(tight, "a kill leads to the next"));
    assert!(says(three, "; the busiest takes "));
    // What a kill cut off is not quoted.
    let killed = format!(
        "{three}    fleet.all.memory_per_profiled_target = \"34MiB\"\n    \
         fleet.all.resources = {{ memory = {{ limit = \"100MiB\" }} }}\n"
    );
    assert!(!says(&killed, "the busiest takes 1"));
}
