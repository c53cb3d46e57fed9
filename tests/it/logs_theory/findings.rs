//! What the code of Alloy says about sources of lines and their log.

use super::TAILED;
use crate::support::platform::platform;
use crate::support::scene::{results, study};

/// Whether the base case of the daemons says something.
fn says(changes: &str, what: &str) -> bool {
    let text = platform(&[TAILED, changes].concat());
    let results = results(study(&text), 1);
    let mut findings = results.cases[0].findings.iter();
    findings.any(|finding| finding.text.contains(what))
}

#[test]
fn streams_through_the_api_server() {
    let streams = "    workload.hosts.logs_per_pod = \"1kB/s\"\n    workload.hosts.log_files_per_pod = 500\n    fleet.all.log_source = \"kubernetes-api\"\n    fleet.all.discovery = \"node\"\n    experiment.start = \"cold\"\n";
    assert!(says(streams, "the API server holds 50,000 streams"));
    assert!(says(streams, "opens five streams a second"));
    let files = streams.replace("kubernetes-api", "files");
    assert!(!says(&files, "the API server"));
    let many = streams.replace("= 500", "= 10000");
    assert!(says(&many, "use up its five calls a second"));
    assert!(!says(streams, "use up its five calls a second"));
}

#[test]
fn clients_and_logs_in_an_outage() {
    let away = "    workload.hosts.logs_per_pod = \"100kB/s\"\n    endpoint.backend.outages = [{ at = \"1h\", for = \"2h\" }]\n    experiment.draws = 1\n";
    let pushed = [away, "    fleet.all.log_source = \"push\"\n"].concat();
    assert!(says(&pushed, "clients that push hold their lines"));
    assert!(!says(away, "clients that push hold their lines"));
    let logged = [away, "    fleet.all.loki_write.wal = true\n"].concat();
    assert!(says(&logged, "sent or not"));
    let short = logged.replace("2h", "30m");
    assert!(says(&short, "outlasts an outage"));
}
