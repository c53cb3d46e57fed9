//! The words of reports for units, failures, verdicts and tones, each in one place.

use crate::experiment::requirement::{Statistic, Subject};
use crate::experiment::results::Tone;
use crate::model::record::catalogue::{Failure, Metric, Unit};
use crate::stats::Verdict;

/// The name of a unit in tables.
pub(super) const fn unit(unit: Unit) -> &'static str {
    match unit {
        Unit::Count => "count",
        Unit::Bytes => "bytes",
        Unit::Seconds => "seconds",
        Unit::Share | Unit::Ratio | Unit::Factor => "ratio",
        Unit::Cores => "cores",
        Unit::Samples => "samples",
        Unit::SamplesPerSecond => "samples_per_second",
        Unit::BytesPerSecond => "bytes_per_second",
        Unit::PerCollectorMonth => "per_collector_month",
    }
}

/// What a failure does, to be followed by "in 38 % of draws".
pub(super) const fn happens(failure: Failure) -> &'static str {
    match failure {
        Failure::Pending => "no room on any node",
        Failure::OomNode => "killed by its node",
        Failure::Oom => "out of memory",
        Failure::CpuShort => "too little CPU",
        Failure::SpansLost => "spans lost",
        Failure::DataLost => "data lost",
        Failure::LogsLost => "log lines lost",
        Failure::ProfilesLost => "profiles lost",
        Failure::RestartUnsafe => "unsafe to restart",
        Failure::NodeOom => "a node out of memory",
        Failure::NodeOverloaded => "a node overloaded by its applications",
        Failure::NeighbourSlowed => "neighbours slowed by half",
        Failure::PortsExhausted => "ports exhausted",
    }
}

/// What a scope does when it fails, as the verb after its name.
pub(super) const fn does(failure: Failure) -> &'static str {
    match failure {
        Failure::Pending => "finds no room on any node",
        Failure::OomNode => "is killed by its node",
        Failure::Oom => "runs out of memory",
        Failure::CpuShort => "is short of CPU",
        Failure::SpansLost => "loses spans",
        Failure::DataLost => "loses data",
        Failure::LogsLost => "loses log lines",
        Failure::ProfilesLost => "loses profiles",
        Failure::RestartUnsafe => "is unsafe to restart",
        Failure::NodeOom => "has a node out of memory",
        Failure::NodeOverloaded => "has a node overloaded by its applications",
        Failure::NeighbourSlowed => "slows neighbours by half",
        Failure::PortsExhausted => "exhausts its ports",
    }
}

/// What breaks, in a cell of a table.
pub(super) const fn short(failure: Failure) -> &'static str {
    match failure {
        Failure::Pending => "no room",
        Failure::OomNode => "node memory",
        Failure::Oom => "memory",
        Failure::CpuShort => "CPU",
        Failure::SpansLost => "spans",
        Failure::DataLost => "data",
        Failure::LogsLost => "logs",
        Failure::ProfilesLost => "profiles",
        Failure::RestartUnsafe => "restart",
        Failure::NodeOom => "memory of a node",
        Failure::NodeOverloaded => "CPU of a node",
        Failure::NeighbourSlowed => "neighbours",
        Failure::PortsExhausted => "ports",
    }
}

/// Parts of the names of metrics that say how bad a failure is.
pub(super) const fn family(failure: Failure) -> &'static [&'static str] {
    match failure {
        Failure::Pending => &["pending"],
        Failure::OomNode | Failure::Oom => &["memory", "oom"],
        Failure::CpuShort => &["cpu", "missed", "loss", "late"],
        Failure::SpansLost => &["spans", "traces", "loss"],
        Failure::DataLost => &["lost", "loss", "spans", "backlog"],
        Failure::LogsLost => &["logs"],
        Failure::ProfilesLost => &["profiles"],
        Failure::RestartUnsafe => &["restart", "memory"],
        Failure::NodeOom => &["node_memory"],
        Failure::NodeOverloaded => &["node_cpu", "overloaded"],
        Failure::NeighbourSlowed => &["slow"],
        Failure::PortsExhausted => &["ports", "addresses"],
    }
}

/// The verb after the bottleneck of a failure.
pub(super) const fn bind(failure: Failure) -> &'static str {
    match failure {
        Failure::PortsExhausted | Failure::LogsLost | Failure::ProfilesLost => "bind",
        _ => "binds",
    }
}

/// A metric that is a share of a limit, as the subject of a sentence.
pub(super) fn ratio_of(metric: Metric) -> &'static str {
    match metric {
        Metric::MemoryPeakRatio => "memory",
        Metric::MemoryRestartRatio => "memory at a restart",
        Metric::CpuPeakRatio => "CPU",
        Metric::NodeCpuPeakRatio => "node CPU",
        Metric::NodeMemoryPeakRatio => "node memory",
        Metric::PortsPeakRatio => "NAT ports",
        other => other.info().column,
    }
}

/// The word for a verdict on a claim.
pub(super) const fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Holds => "holds",
        Verdict::Fails => "fails",
        Verdict::Unsettled => "unsettled",
    }
}

/// In place of the verdict of a scenario: it states no goal, or its goals name none of the cases that
/// were taken.
pub(super) const fn unjudged(has_goals: bool) -> &'static str {
    if has_goals { "NO VERDICT" } else { "NO GOAL" }
}

/// The verdict of a case, from the gravest verdict on its goals.
pub(super) const fn safety(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Holds => "SAFE",
        Verdict::Unsettled => "UNSETTLED",
        Verdict::Fails => "UNSAFE",
    }
}

/// The word for a condition on a comparison.
pub(super) const fn passes(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Holds => "passes",
        Verdict::Unsettled => "unsettled",
        Verdict::Fails => "fails",
    }
}

/// The word for a search: whether it found a size.
pub(super) const fn found(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Holds => "SIZE",
        Verdict::Unsettled => "UNSETTLED",
        Verdict::Fails => "NONE",
    }
}

/// The word for a verdict on what a file states about the model.
pub(super) const fn expectation(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Holds => "as expected",
        Verdict::Unsettled => "unsettled",
        Verdict::Fails => "not as expected",
    }
}

/// The word for the tone of a finding.
pub(super) const fn tone(tone: Tone) -> &'static str {
    match tone {
        Tone::Against => "against",
        Tone::Limit => "limit",
        Tone::For => "for",
    }
}

/// The name of a statistic: `probability`, `mean`, `p99`.
pub(super) fn statistic(statistic: Statistic) -> String {
    match statistic {
        Statistic::Probability => "probability".to_owned(),
        Statistic::Mean => "mean".to_owned(),
        Statistic::Quantile(share) => {
            // The percent of a quantile, as in `p99.9`, without the rounding error of the product.
            let percent = (share * 1e10).round() / 1e8;
            if percent < 10.0 {
                format!("p0{percent}")
            } else {
                format!("p{percent}")
            }
        }
    }
}

/// The failure or metric of a requirement.
pub(super) fn subject(subject: &Subject) -> &'static str {
    match subject {
        Subject::Failure { failure, .. } => failure.info().word,
        Subject::Metric { metric, .. } => metric.info().column,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_named_by_percent() {
        assert_eq!(statistic(Statistic::Quantile(0.05)), "p05");
        assert_eq!(statistic(Statistic::Quantile(0.99)), "p99");
        assert_eq!(statistic(Statistic::Quantile(0.999)), "p99.9");
    }
}
