//! What `alloy-sim init` writes.

/// A scenario that runs as it stands and asks a real question.
pub const STARTER: &str = r#"# Which question? Change the numbers below to yours, then: alloy-sim run <this file>
format = 1
[meta]
name = "my-fleet"
question = "Do 3 central replicas carry our metrics for 90 days with P(OOM) below 1 %?"
[experiment]
horizon = "90d"
[[cluster]]
name = "prod"
[[cluster.pool]]
name = "general"
nodes = 40
node = { cpu = 16, memory = "64GiB" }
[[workload]]
name = "apps"                # one target per pod
runs_on = ["prod.general"]
pods = { start = 900, growth_per_30d = { p5 = "1%", p95 = "4%" } }
series_per_pod = { p5 = 200, p95 = 4000 }     # pods differ: 90 % of them lie between
rollouts = { per_day = 4, share = "5%" }
[[fleet]]
name = "metrics"
topology = "centralized"     # or "host-daemon", "sidecar"
replicas = 3
collects = { metrics = ["apps"] }
sends_to = ["backend"]
resources = { memory = { request = "4GiB", limit = "12GiB" }, cpu = { request = 1 } }
[[endpoint]]
name = "backend"
signal = "metrics"
[sweep]
"fleet.metrics.replicas" = [2, 3, 5]
[[goal]]
name = "no OOM"
require = "probability(any oom in fleet.metrics) < 1%"
"#;
