//! Profiles: loops without a queue, in outages, on the ring and in processes that end.

mod costs;
mod findings;
mod moves;
mod oracle;
mod outage;

use alloy_sim::model::record::catalogue::Metric;

use crate::support::platform::platform;
use crate::support::scene::{Scene, blueprint, play};

/// One collector that asks 300 pods for five profiles each every 15 s. Nothing happens to it but what a
/// test adds.
const SCRAPED: &str = r#"
    experiment.horizon = "3h"
    experiment.start = "cold"
    experiment.grid = "1m"
    cluster.prod.pool = [{ name = "general", nodes = 10, node = { cpu = 64, memory = "512GiB" }, drains = "never" }]
    workload = [{ name = "apps", runs_on = ["prod.general"], pods = 300 }]
    workload.apps.restarts_per_day = "0%"
    fleet = [{ name = "all", topology = "centralized", controller = "deployment", replicas = 1 }]
    fleet.all.collects = { profiles = ["apps"] }
    fleet.all.sends_to = ["pyroscope"]
    fleet.all.restarts = "never"
    fleet.all.cpu_factor = 1
    endpoint = [{ name = "pyroscope", signal = "profiles", latency = "10ms" }]
    egress = []
"#;

/// Profiles that fall due in three hours: 100 a second.
const OFFERED: f64 = 100.0 * 10_800.0;

/// The text of the platform of profiles, changed.
pub(crate) fn text(changes: &str) -> String {
    platform(&[SCRAPED, changes].concat())
}

/// One draw of the platform, changed.
pub(crate) fn scene(changes: &str) -> Scene {
    play(blueprint(&text(changes)), 1, 1)
}

pub(crate) fn value(scene: &Scene, metric: Metric) -> f64 {
    scene.value("fleet.all", metric)
}

/// The fates of profiles, which add up to what was offered.
const FATES: [Metric; 9] = [
    Metric::ProfilesSent,
    Metric::ProfilesSendFailed,
    Metric::ProfilesRejected,
    Metric::ProfilesLostRestart,
    Metric::ProfilesPending,
    Metric::ProfilesSkipped,
    Metric::ProfilesSkippedFirst,
    Metric::ProfilesMissedCpu,
    Metric::ProfilesMissedDown,
];

/// Sum of all fates.
fn fates(scene: &Scene) -> f64 {
    FATES.map(|metric| value(scene, metric)).iter().sum()
}

/// Asserts that every profile has a fate.
#[track_caller]
fn assert_all_told(scene: &Scene) {
    let offered = value(scene, Metric::ProfilesOffered);
    let told = fates(scene);
    assert!((told - offered).abs() < 1.0, "{told} of {offered}");
}
