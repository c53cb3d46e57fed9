//! `[[workload]]`: what emits telemetry.

use super::super::measured;
use super::{Context, Dimension, Fields, Node, Spec, Value, name, profiles, spans, trend};
use crate::model::blueprint::{
    Giant, Incidents, Jobs, LogBurst, LogLines, PodDemand, PoolId, Rollouts, SeriesPerTarget,
    Workload, WorkloadKind,
};
use crate::model::law::Quantity;
use crate::units::SimDuration;

/// Greatest number of pods of a workload.
const PODS_MAX: f64 = 10_000_000.0;
/// Greatest number of series of one target.
const SERIES_MAX: f64 = 1e9;

/// Where the length of a line comes from.
const LINE_SOURCE: &str = "INFERRED: lines of applications in text or JSON, 100 to 1,000 bytes";

/// Where the size of a file comes from.
const ROTATION_SOURCE: &str = "Kubernetes docs, KubeletConfiguration, containerLogMaxSize";

/// The words for kinds.
const KINDS: [(&str, WorkloadKind); 4] = [
    ("application", WorkloadKind::Application),
    ("machine", WorkloadKind::Machine),
    ("job", WorkloadKind::Job),
    ("serverless", WorkloadKind::Serverless),
];

pub(super) fn read(fields: &mut Fields<'_>, context: &Context<'_>) -> Workload {
    let name = name(fields);
    let kind = fields.choice("kind", &KINDS, Some("application"));
    let is_long_lived = kind == WorkloadKind::Application || kind == WorkloadKind::Serverless;
    if is_long_lived {
        fields.default_to(context.preset.section("workload"));
    }
    let needs_count = is_long_lived && !fields.is_any_lost(&["kind"]);
    let count_default = (!needs_count).then(|| Node::integer(1));
    let placements = [("even", true), ("random", false)];
    let (scrape_interval, scrape_timeout) = scrapes(fields);
    Workload {
        name,
        kind,
        runs_on: runs_on(fields, kind, context),
        count: trend::read(fields, "pods", context, 0.0..=PODS_MAX, count_default),
        series: series(fields, context),
        kept: kept(fields),
        scrape_interval,
        scrape_timeout,
        rollouts: fields.table("rollouts", rollouts),
        restarts_per_day: restarts(fields),
        incidents: fields.table("incidents", incidents),
        giants: giants(fields),
        logs: logs(fields),
        spans: spans::load(fields),
        profiles: profiles::load(fields),
        demand: demand(fields),
        jobs: jobs(fields, kind),
        even_placement: fields.choice("placement", &placements, Some("even")),
    }
}

fn runs_on(fields: &mut Fields<'_>, kind: WorkloadKind, context: &Context<'_>) -> Vec<PoolId> {
    let pools = fields.references("runs_on", ("pool", &context.pools), PoolId::new);
    let needs_pools = kind != WorkloadKind::Serverless && !fields.is_any_lost(&["kind"]);
    if needs_pools && fields.is_empty("runs_on") {
        let message = format!("{} runs on no pool", fields.path());
        let help = "write runs_on = [\"cluster.pool\"]; only serverless workloads need none";
        fields.wrong("runs_on", message, help);
    }
    pools
}

/// The interval and the time-out of a scrape. The time-out is 10 s by default, or the interval if
/// that is shorter.
///
/// Source: Grafana Alloy documentation, `prometheus.scrape`, `scrape_timeout` (read 2026-11).
fn scrapes(fields: &mut Fields<'_>) -> (SimDuration, SimDuration) {
    const DEFAULT: SimDuration = SimDuration::from_secs(10);
    let interval = fields.duration("scrape_interval", 1.0..=86_400.0, Some("60s"));
    let default = Dimension::Time.write(DEFAULT.min(interval).secs_f64());
    let timeout = fields.duration("scrape_timeout", 0.001..=86_400.0, Some(&default));
    if timeout > interval && !fields.is_any_lost(&["scrape_interval", "scrape_timeout"]) {
        let message = "scrape_timeout is longer than scrape_interval";
        let help = "Prometheus and Alloy refuse that; lower the time-out";
        fields.wrong("scrape_timeout", message, help);
    }
    (interval, timeout)
}

/// Series of one target, stated or measured.
fn series(fields: &mut Fields<'_>, context: &Context<'_>) -> SeriesPerTarget {
    let mut given = vec!["series_per_pod", "series_per_target", "measured"];
    given.retain(|key| fields.take(key).is_some());
    if let [_, second, ..] = given.as_slice() {
        let message = format!("{} both state the series of a target", given.join(" and "));
        fields.wrong(second, message, "keep one of them");
    }
    match given.first().copied() {
        Some("measured") => SeriesPerTarget::Measured(measured_series(fields, context)),
        Some(key) => {
            let spec = Spec::unknown(Dimension::Number).between(0.0, SERIES_MAX);
            SeriesPerTarget::Law(fields.quantity(key, &spec.spread(), None))
        }
        None => SeriesPerTarget::Unstated,
    }
}

/// Measured series: the name of a CSV file, or a list of numbers.
fn measured_series(fields: &mut Fields<'_>, context: &Context<'_>) -> Vec<f64> {
    let Some(node) = fields.take("measured") else {
        return vec![1.0];
    };
    let values = match &node.value {
        Value::Text(path) => {
            let bytes = context.files.get(path);
            bytes.and_then(|bytes| measured::series(&bytes, path))
        }
        Value::Array(nodes) => {
            let numbers: Option<Vec<f64>> = nodes.iter().map(Node::as_number).collect();
            let numbers = numbers.ok_or("measured must hold numbers, one per target".to_owned());
            numbers.and_then(|numbers| measured::checked(numbers, "measured"))
        }
        _ => Err(format!(
            "measured must be the name of a CSV file, not {}",
            node.kind()
        )),
    };
    match values {
        Ok(values) => {
            let numbers = values.iter().map(|value| Node::number(*value)).collect();
            fields.resolve("measured", Node::array(numbers));
            values
        }
        Err(message) => {
            fields.wrong("measured", message, "one row per target with its series");
            vec![1.0]
        }
    }
}

fn kept(fields: &mut Fields<'_>) -> Quantity {
    let spec = Spec::share().between(1e-6, 1.0);
    fields.quantity("kept", &spec, Some(Node::text("100%")))
}

/// Lines that one pod logs.
fn logs(fields: &mut Fields<'_>) -> LogLines {
    let rate = Spec::unknown(Dimension::ByteRate).between(0.0, 1e12);
    let bytes = Spec::unknown(Dimension::Bytes).between(1.0, 1e9);
    let files = Spec::unknown(Dimension::Number).between(0.0, 1e6);
    let line = vec![
        ("p50", Node::text("200B")),
        ("p95", Node::text("600B")),
        ("source", Node::text(LINE_SOURCE)),
    ];
    let rotated = Spec::unknown(Dimension::Bytes).between(1.0, 1e15);
    let rotation = vec![
        ("value", Node::text("10MiB")),
        ("source", Node::text(ROTATION_SOURCE)),
    ];
    LogLines {
        bytes_per_second: fields.quantity("logs_per_pod", &rate, Some(Node::text("0B/s"))),
        bytes_per_line: fields.quantity("bytes_per_line", &bytes, Some(Node::table(line))),
        files: fields.amount("log_files_per_pod", &files, Some(Node::integer(1))),
        rotated_at: fields.amount("log_rotated_at", &rotated, Some(Node::table(rotation))),
        bursts: log_bursts(fields),
    }
}

/// Times in which pods log more.
fn log_bursts(fields: &mut Fields<'_>) -> Vec<LogBurst> {
    let factor = Spec::unknown(Dimension::Number).between(1.0, 1e6);
    fields.tables_or_none("log_bursts", |table| LogBurst {
        at: table.duration("at", 0.0..=f64::MAX, None),
        lasts: table.duration("for", 1.0..=f64::MAX, None),
        factor: table.amount("factor", &factor, None),
        pods: table.count_or("pods", 1..=10_000, "all"),
    })
}

fn rollouts(fields: &mut Fields<'_>) -> Rollouts {
    let rate = Spec::unknown(Dimension::Number).between(0.0, 1_000.0);
    Rollouts {
        per_day: fields.quantity("per_day", &rate, None),
        share: fields.quantity("share", &Spec::share(), Some(Node::text("100%"))),
        over: fields.duration("over", 0.0..=30.0 * 86_400.0, Some("10m")),
    }
}

/// What one pod demands and requests of its node.
fn demand(fields: &mut Fields<'_>) -> PodDemand {
    let cores = Spec::unknown(Dimension::Cores).between(0.0, 10_000.0);
    let memory = Spec::unknown(Dimension::Bytes).between(0.0, 1e15);
    let zero = || Some(Node::integer(0));
    let nothing = || Some(Node::text("0B"));
    PodDemand {
        cpu_cores: fields.quantity("cpu_per_pod", &cores.spread(), zero()),
        memory_bytes: fields.quantity("memory_per_pod", &memory, nothing()),
        cpu_request_cores: fields.amount("cpu_request_per_pod", &cores, zero()),
        memory_request_bytes: fields.amount("memory_request_per_pod", &memory, nothing()),
    }
}

/// Reads what a preset may state of a workload of long-lived pods.
pub(super) fn preset(fields: &mut Fields<'_>) {
    restarts(fields);
}

fn restarts(fields: &mut Fields<'_>) -> Quantity {
    let spec = Spec::share().between(0.0, 100.0);
    fields.quantity("restarts_per_day", &spec, Some(Node::text("0%")))
}

fn incidents(fields: &mut Fields<'_>) -> Incidents {
    let rate = Spec::unknown(Dimension::Number).between(0.0, 1_000.0);
    let factor = Spec::unknown(Dimension::Number).between(1.0, 10_000.0);
    let time = Spec::unknown(Dimension::Time).between(1.0, 365.0 * 86_400.0);
    Incidents {
        per_30d: fields.quantity("per_30d", &rate, None),
        factor: fields.law("factor", &factor, None),
        time_to_fix: fields.law("time_to_fix", &time, None),
    }
}

fn giants(fields: &mut Fields<'_>) -> Vec<Giant> {
    let spec = Spec::unknown(Dimension::Number).between(1.0, SERIES_MAX);
    fields.tables("giant", |table| Giant {
        name: name(table),
        series: table.quantity("series", &spec, None),
    })
}

fn jobs(fields: &mut Fields<'_>, kind: WorkloadKind) -> Option<Jobs> {
    if fields.is_any_lost(&["kind"]) {
        fields.take("jobs");
        return None;
    }
    if kind != WorkloadKind::Job {
        let why = "only a workload of kind job has jobs";
        fields.forbid("jobs", why, "set kind = \"job\" or remove jobs");
        return None;
    }
    let jobs = fields.table("jobs", |table| {
        let rate = Spec::unknown(Dimension::Number).between(0.0, 1e9);
        let life = Spec::unknown(Dimension::Time).between(0.001, 365.0 * 86_400.0);
        Jobs {
            per_hour: table.quantity("per_hour", &rate, None),
            lifetime: table.law("lifetime", &life, None),
            flush: table.duration("flush", 0.0..=86_400.0, Some("2s")),
            push: table.boolean("push", Some(false)),
        }
    });
    if !fields.has("jobs") {
        let help = "write jobs = { per_hour = 200, lifetime = { p50 = \"90s\", p95 = \"20m\" } }";
        fields.missing("jobs", help);
    }
    jobs
}
