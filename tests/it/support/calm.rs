//! A fleet that several tests disturb, each in its own way.

/// A thousand collectors of 5,000 series to which nothing happens but what a test adds.
pub(crate) const CALM: &str = r#"
format = 1
meta = { name = "calm" }
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
