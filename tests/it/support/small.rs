//! Results of small scenarios, for tests of what is told about results.

use std::sync::LazyLock;

use alloy_sim::experiment::results::Results;

use super::platform::platform;
use super::scene::{results, study};

/// Draws of each case of the three.
pub(crate) const DRAWS: u32 = 100;

/// Five central replicas of 11 GiB that share eight million series.
const CENTRAL: &str = r#"
    preset = "alloy-docs"
    meta.question = "Do 5 central replicas carry 8M series to June with P(OOM) below 1 %?"
    experiment.horizon = "180d"
    experiment.draws = 100
    experiment.seed = 20261122
    cluster.prod.pool.general.nodes = { start = 1000, growth_per_30d = { p5 = "1%", p95 = "4%" } }
    cluster.prod.pool.telemetry.nodes = 5
    cluster.prod.pool.telemetry.node = { cpu = 16, memory = "64GiB" }
    cluster.prod.pool.telemetry.drains = "never"
    workload.hosts.series_per_target = { p5 = 7000, p95 = 9000 }
    fleet.all.topology = "centralized"
    fleet.all.replicas = 5
    fleet.all.runs_on = ["prod.telemetry"]
    fleet.all.resources = { memory = { request = "11GiB", limit = "11GiB" }, cpu = { request = 4, limit = 4 } }
    endpoint.backend.outages = [{ at = "40d", for = "20m" }]
"#;

/// A thousand daemons behind an address whose ports others have nearly taken.
const DAEMONS: &str = r#"
    preset = "alloy-docs"
    meta.name = "edge-ports"
    meta.question = "Do the ports of one address last until June?"
    experiment.horizon = "180d"
    experiment.draws = 100
    cluster.prod.pool.general.nodes = { start = 1000, growth_per_30d = { p5 = "1%", p95 = "12%" } }
    cluster.prod.pool.shop.nodes = 2
    cluster.prod.pool.shop.node = { cpu = 4, memory = "16GiB" }
    cluster.prod.pool.shop.drains = "never"
    workload.hosts.series_per_target = { p5 = 500, p95 = 2000 }
    workload.apps.kind = "application"
    workload.apps.runs_on = ["prod.shop"]
    workload.apps.pods = 2
    workload.apps.series_per_pod = 20000
    workload.apps.cpu_per_pod = 2.8
    workload.apps.cpu_request_per_pod = 2
    fleet.all.runs_on = ["prod.general", "prod.shop"]
    fleet.all.collects = { metrics = ["hosts", "apps"] }
    fleet.all.resources = { memory = { request = "1GiB", limit = "1GiB" }, cpu = { request = 1, limit = 1 } }
    egress.nat.background_connections = 62850
    expect = [{ name = "one address does not suffice", require = "probability(any ports_exhausted in egress.nat) >= 5%", reason = "the platform moves to a second address in May" }, { name = "little loss", require = "p95(loss_ratio in fleet.all) < 0.1%", reason = "outages are short" }]
"#;

/// Central replicas, changed.
pub(crate) fn central(changes: &str) -> Results {
    results(study(&platform(&[CENTRAL, changes].concat())), 2)
}

/// Cases in which memory binds first.
pub(crate) fn memory_bound() -> &'static Results {
    static RESULTS: LazyLock<Results> = LazyLock::new(|| {
        central(
            r#"
    meta.name = "platform-2027h1"
    experiment.start_date = "2026-12-01"
    variant = [{ name = "seven", set = { "fleet.all.replicas" = 7 } }, { name = "ample", set = { "fleet.all.resources.memory" = { request = "60GiB", limit = "60GiB" } } }]
    goal = [{ name = "no OOM", require = "probability(any oom in fleet.all) < 1%", cases = "all" }, { name = "little loss", require = "p95(loss_ratio in fleet.all) < 0.1%" }]"#,
        )
    });
    &RESULTS
}

/// One case without a goal in which ports bind first, without a date.
pub(crate) fn port_bound() -> &'static Results {
    static RESULTS: LazyLock<Results> = LazyLock::new(|| results(study(&platform(DAEMONS)), 2));
    &RESULTS
}

/// A sweep of many cases without any failure.
pub(crate) fn sweep() -> &'static Results {
    static RESULTS: LazyLock<Results> = LazyLock::new(|| {
        central(
            r#"
    meta.name = "replica-sweep"
    cluster.prod.pool.telemetry.nodes = 16
    experiment.start_date = "2026-12-01"
    fleet.all.resources.memory = { request = "60GiB", limit = "60GiB" }
    sweep = { "fleet.all.replicas" = [5, 9, 10, 11, 12, 13, 14, 15, 16] }
    goal = [{ name = "little loss", require = "p95(loss_ratio in fleet.all) < 0.1%" }]"#,
        )
    });
    &RESULTS
}
