//! What to watch in production: the metric that shows each failure coming, and its threshold.

use minijinja::{Value, context};

use crate::model::record::catalogue::Failure;
use crate::report::brief::Brief;
use crate::report::words;

/// A signal of a failure in production.
struct Signal {
    /// The expression in `PromQL`, or the name of a metric of the provider.
    expression: &'static str,
    /// The threshold, and what passing it means.
    threshold: &'static str,
    /// The document that names the metric.
    source: &'static str,
}

/// The signals of a failure.
const fn signal(failure: Failure) -> Signal {
    let (expression, threshold, source) = match failure {
        Failure::Pending => (
            "kube_pod_status_unschedulable",
            "any pod of the collectors for 5 minutes",
            "kube-state-metrics, docs/metrics/workload/pod-metrics.md",
        ),
        Failure::Oom => (
            "container_memory_working_set_bytes / on (namespace, pod, container) container_spec_memory_limit_bytes",
            "above the share that this page shows at p95; kills: kube_pod_container_status_last_terminated_reason{reason=\"OOMKilled\"}",
            "cAdvisor, docs/storage/prometheus.md; kube-state-metrics, pod-metrics.md",
        ),
        Failure::OomNode | Failure::NodeOom => (
            "node_memory_MemAvailable_bytes",
            "below the eviction threshold of the kubelet, 100 MiB by default; kills: increase(node_vmstat_oom_kill[5m]) > 0",
            "node_exporter, collectors meminfo and vmstat; Kubernetes docs, node-pressure eviction",
        ),
        Failure::CpuShort => (
            "rate(container_cpu_cfs_throttled_periods_total[5m]) / rate(container_cpu_cfs_periods_total[5m])",
            "above a quarter for 15 minutes, or scrape_duration_seconds near the scrape interval",
            "cAdvisor, docs/storage/prometheus.md; alert CPUThrottlingHigh of kubernetes-mixin",
        ),
        Failure::SpansLost => (
            "otelcol_exporter_queue_size / otelcol_exporter_queue_capacity",
            "above 60 % for 5 minutes; refused: rate(otelcol_receiver_refused_spans_total[5m]) > 0, by memory rate(otelcol_processor_memory_limiter_refused_spans_total[5m]) > 0; lost: rate(otelcol_exporter_enqueue_failed_spans_total[5m]) > 0 or rate(otelcol_exporter_send_failed_spans_total[5m]) > 0",
            "OpenTelemetry docs, collector internal telemetry, and collector scaling; names as Alloy shows them at /metrics",
        ),
        Failure::DataLost => (
            "prometheus_remote_storage_queue_highest_timestamp_seconds - prometheus_remote_storage_queue_highest_sent_timestamp_seconds",
            "above half an hour: the WAL is cut every two hours; prometheus_remote_storage_shards_desired above prometheus_remote_storage_shards_max says why",
            "Alloy docs, prometheus.remote_write, debug metrics; Prometheus changelog, #17065: it replaces highest_timestamp_in_seconds",
        ),
        Failure::LogsLost => (
            "rate(loki_write_dropped_bytes_total[5m])",
            "above 0; the label reason says why: ingester_error, rate_limited, stream_limited, queue_is_full. Before a rotation: loki_source_file_file_bytes_total - loki_source_file_read_bytes_total grows",
            "Alloy docs, loki.write and loki.source.file, debug metrics",
        ),
        Failure::ProfilesLost => (
            "rate(pyroscope_write_dropped_profiles_total[5m])",
            "above 0",
            "Alloy docs, pyroscope.write, debug metrics",
        ),
        Failure::RestartUnsafe => (
            "prometheus_remote_write_wal_storage_active_series",
            "above the series per collector on this page: then the replay of the WAL needs more than the limit",
            "Alloy docs, prometheus.remote_write, debug metrics",
        ),
        Failure::NodeOverloaded | Failure::NeighbourSlowed => (
            "rate(node_pressure_cpu_waiting_seconds_total[5m])",
            "above 0.1 on nodes that collectors share with applications",
            "node_exporter, collector pressure; the threshold INFERRED: a tenth of the time somebody waits",
        ),
        Failure::PortsExhausted => (
            "AWS: ErrorPortAllocation; Google Cloud: nat/port_usage, and nat/dropped_sent_packets_count with the reason OUT_OF_RESOURCES; Azure: SNATConnectionCount with the state Failed; Linux: node_nf_conntrack_entries / node_nf_conntrack_entries_limit",
            "above 0 for errors; above 70 % of the ports of this page for usage",
            "AWS VPC user guide, NAT gateway metrics; Google Cloud NAT, monitoring; Azure NAT gateway, metrics; node_exporter, collector conntrack",
        ),
    };
    Signal {
        expression,
        threshold,
        source,
    }
}

/// The signals of the failures that any case can have, those that happen first.
pub(super) fn rows(brief: &Brief) -> Vec<Value> {
    let seen = |failure: Failure| {
        let mut cases = brief.cases.iter();
        cases.any(|case| {
            let mut failures = case.binding.iter().chain(&case.others);
            failures.any(|row| row.failure == failure)
        })
    };
    let goals = |failure: Failure| {
        let word = format!(" {} ", failure.info().word);
        let mut goals = brief.goals.list.iter();
        goals.any(|goal| goal.claim.contains(&word))
    };
    let mut failures = Failure::ALL.to_vec();
    failures.retain(|&failure| seen(failure) || goals(failure));
    failures.sort_by_key(|&failure| !seen(failure));
    let row = |failure: Failure| {
        let Signal {
            expression,
            threshold,
            source,
        } = signal(failure);
        let happens = words::happens(failure);
        context! { happens, expression, threshold, source, seen => seen(failure) }
    };
    failures.into_iter().map(row).collect()
}
