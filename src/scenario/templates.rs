//! Scenarios to start from: one for each decision, as they are shipped in `scenarios/`.

/// A scenario with its name.
#[derive(Clone, Copy, Debug)]
pub struct Template {
    /// Name of the scenario.
    pub name: &'static str,
    /// Content of the file.
    pub text: &'static str,
}

impl Template {
    /// The question that the scenario answers, in the words of its file.
    pub fn question(&self) -> &'static str {
        let mut lines = self.text.lines();
        let question = lines.find_map(|line| line.strip_prefix("question = \""));
        question.unwrap_or_default().trim_end_matches('"')
    }
}

/// The templates with these names.
macro_rules! templates {
    ($($name:literal)*) => {
        &[$(Template {
            name: $name,
            text: include_str!(concat!("../../scenarios/", $name, ".toml")),
        },)*]
    };
}

/// All templates, by name.
pub const TEMPLATES: &[Template] = templates! {
    "backend-outage"
    "backends-change"
    "batch-sidecars"
    "deployment-guide"
    "edge-gateway"
    "egress-exhaustion"
    "giant-targets"
    "grpc-scaling"
    "hpa-ratchet"
    "logs-outage"
    "memory-limit"
    "mixed-deployment"
    "noisy-neighbour"
    "one-process-or-two"
    "otlp-outage"
    "profiles-cluster"
    "reported-agent-400"
    "reported-alloy-1185"
    "reported-alloy-2649"
    "reported-alloy-3641"
    "reported-alloy-docs"
    "reported-tuist-12637"
    "rolling-restart"
    "short-jobs"
    "spanmetrics-growth"
    "statefulset-or-deployment"
    "tail-sampling"
    "three-topologies"
    "two-endpoints"
    "zone-loss"
};
