//! The numbers a capacity review asks for, per scope: median and 95th percentile against the limit.

use super::amount::{Amount, Form};
use crate::model::record::catalogue::{Metric, Scope, Unit};
use crate::report::view::View;
use crate::stats::Summary;

/// The numbers of one scope.
#[derive(Clone, Debug)]
pub(in crate::report) struct ScopeNumbers {
    /// Name of the scope.
    pub(in crate::report) scope: String,
    /// Topology of a fleet.
    pub(in crate::report) topology: Option<&'static str>,
    /// Its numbers, in the order of a review.
    pub(in crate::report) rows: Vec<NumberRow>,
}

/// One number.
#[derive(Clone, Debug)]
pub(in crate::report) struct NumberRow {
    /// Which metric it is.
    pub(in crate::report) metric: Metric,
    /// What it is, in words.
    pub(in crate::report) label: &'static str,
    /// Median over the draws.
    pub(in crate::report) median: Amount,
    /// 95th percentile over the draws.
    pub(in crate::report) p95: Amount,
    /// What it must not pass.
    pub(in crate::report) limit: Option<Amount>,
    /// Whether it tells a reader something: not so a loss of nothing.
    pub(in crate::report) is_news: bool,
}

/// A number that a review asks for.
struct KeyNumber {
    metric: Metric,
    label: &'static str,
    /// What it must not pass.
    limit: fn(&View<'_>, Scope) -> Option<Amount>,
}

/// The table, in order; each scope shows those of its kind that have a value.
const KEY_NUMBERS: &[KeyNumber] = &[
    number(Metric::CollectorsEnd, "collectors at the horizon", no_limit),
    number(Metric::CollectorsPeak, "collectors, peak", replicas_max),
    number(
        Metric::PendingSeconds,
        "new replicas waiting for a node, summed",
        no_limit,
    ),
    number(
        Metric::SeriesPerCollectorPeak,
        "active series per collector, peak",
        no_limit,
    ),
    number(
        Metric::MemoryRest,
        "resident memory of the largest, at rest",
        no_limit,
    ),
    number(
        Metric::MemoryPeak,
        "resident memory of the busiest, peak",
        no_limit,
    ),
    number(
        Metric::MemoryRestartResident,
        "resident memory of the largest, restart",
        no_limit,
    ),
    number(
        Metric::MemorySum,
        "resident memory of all, peaks summed",
        no_limit,
    ),
    number(
        Metric::MemoryLimitNeeded,
        "memory limit needed in service",
        memory_limit,
    ),
    number(
        Metric::MemoryReplayPeak,
        "memory limit needed, worst replay",
        memory_limit,
    ),
    number(
        Metric::MemoryRestartPeak,
        "memory limit needed, restart at the end",
        memory_limit,
    ),
    number(Metric::OomCount, "kills for memory", no_limit),
    number(
        Metric::CascadePeak,
        "kills one after another, most",
        no_limit,
    ),
    number(Metric::WalPeak, "write-ahead log, largest", no_limit),
    number(
        Metric::CpuPeak,
        "CPU of the busiest collector, peak",
        cpu_limit,
    ),
    number(Metric::LossRatio, "samples missed or lost", no_limit),
    number(
        Metric::MissedDown,
        "samples missed, nobody scraped",
        no_limit,
    ),
    number(
        Metric::MissedCpu,
        "samples missed, too little CPU",
        no_limit,
    ),
    number(
        Metric::MissedPull,
        "samples missed, jobs too short",
        no_limit,
    ),
    number(
        Metric::LostRestart,
        "samples lost, collectors ended",
        no_limit,
    ),
    number(
        Metric::LostTruncation,
        "samples lost, log truncated",
        no_limit,
    ),
    number(
        Metric::LostOverload,
        "samples lost, lasting overload",
        no_limit,
    ),
    number(
        Metric::LostRejected,
        "samples refused by endpoints",
        no_limit,
    ),
    number(Metric::LostExit, "samples lost, pods ended", no_limit),
    number(Metric::JobsUnseen, "jobs that nobody saw", no_limit),
    number(Metric::ConnectionsPeak, "connections, peak", no_limit),
    number(
        Metric::RolloutPeakSeconds,
        "longest rollout of the collectors",
        no_limit,
    ),
    number(
        Metric::RolloutBlockedCount,
        "rollouts held up by a kill",
        no_limit,
    ),
    number(
        Metric::DrainSeconds,
        "longest catching up after an outage",
        no_limit,
    ),
    number(
        Metric::SlowdownPeak,
        "response time of neighbours, worst",
        no_limit,
    ),
    number(
        Metric::SlowdownMean,
        "response time of neighbours, mean",
        no_limit,
    ),
    number(Metric::PortsPeak, "ports in use, peak", port_limit),
    number(Metric::AddressesNeeded, "addresses needed", addresses),
    number(
        Metric::EndpointLost,
        "samples lost on the way to it",
        no_limit,
    ),
    number(
        Metric::CatchUpRatio,
        "sending rate after an outage over the steady one",
        no_limit,
    ),
];

/// A cause of loss that is smaller than this share of the greatest one is left out.
const CAUSE_MIN: f64 = 0.01;

const fn number(
    metric: Metric,
    label: &'static str,
    limit: fn(&View<'_>, Scope) -> Option<Amount>,
) -> KeyNumber {
    KeyNumber {
        metric,
        label,
        limit,
    }
}

fn no_limit(_: &View<'_>, _: Scope) -> Option<Amount> {
    None
}

fn replicas_max(view: &View<'_>, scope: Scope) -> Option<Amount> {
    let Scope::Fleet(id) = scope else { return None };
    let max = view.blueprint().replicas_max(id)?;
    Some(Amount::new(f64::from(max), Unit::Count, Form::Whole))
}

fn memory_limit(view: &View<'_>, scope: Scope) -> Option<Amount> {
    let limit = view.memory_limit(scope)?;
    Some(Amount::rounded(limit, Unit::Bytes))
}

fn cpu_limit(view: &View<'_>, scope: Scope) -> Option<Amount> {
    let Scope::Fleet(id) = scope else { return None };
    let limit = view.blueprint().fleets[id].resources.cpu_limit_cores?;
    Some(Amount::rounded(limit, Unit::Cores))
}

fn port_limit(view: &View<'_>, scope: Scope) -> Option<Amount> {
    let ports = view.port_capacity(scope)?;
    Some(Amount::new(ports, Unit::Count, Form::Whole))
}

fn addresses(view: &View<'_>, scope: Scope) -> Option<Amount> {
    let Scope::Egress(id) = scope else {
        return None;
    };
    let addresses = f64::from(view.blueprint().egresses[id].addresses);
    Some(Amount::new(addresses, Unit::Count, Form::Whole))
}

/// The numbers of a case.
pub(super) fn of(view: &View<'_>) -> Vec<ScopeNumbers> {
    let scopes = Scope::all(view.blueprint()).into_iter();
    let numbers = scopes.map(|scope| ScopeNumbers {
        scope: view.scope(scope),
        topology: match scope {
            Scope::Fleet(id) => Some(view.blueprint().fleets[id].topology.name),
            _ => None,
        },
        rows: KEY_NUMBERS
            .iter()
            .filter_map(|number| row(view, scope, number))
            .collect(),
    });
    numbers.collect()
}

fn row(view: &View<'_>, scope: Scope, number: &KeyNumber) -> Option<NumberRow> {
    let summary = &view.metric(scope, number.metric)?.summary;
    let [median, p95] = amounts(view, scope, number.metric, summary);
    Some(NumberRow {
        metric: number.metric,
        label: number.label,
        median,
        p95,
        limit: (number.limit)(view, scope),
        is_news: !is_unfelt(view, scope, number.metric, summary.p95),
    })
}

/// Median and 95th percentile of a number.
fn amounts(view: &View<'_>, scope: Scope, metric: Metric, summary: &Summary) -> [Amount; 2] {
    let unit = metric.info().unit;
    let amount = |value: f64| match (metric, memory_limit(view, scope)) {
        (Metric::MemoryLimitNeeded, Some(limit)) if value.is_infinite() => Amount {
            form: Form::Exceeded,
            ..limit
        },
        _ if is_whole(metric) && value < 1e6 => Amount::new(value, unit, Form::Whole),
        _ => Amount::rounded(value, unit),
    };
    let needed = match metric {
        Metric::MemoryLimitNeeded => view.limit_needed(scope),
        _ => None,
    };
    needed.unwrap_or([summary.p50, summary.p95]).map(amount)
}

/// Whether a metric counts what people count one by one.
const fn is_whole(metric: Metric) -> bool {
    matches!(
        metric,
        Metric::CollectorsEnd
            | Metric::CollectorsPeak
            | Metric::ConnectionsPeak
            | Metric::OomCount
            | Metric::CascadePeak
            | Metric::JobsUnseen
            | Metric::PortsPeak
    )
}

/// Whether a number would be no news.
fn is_unfelt(view: &View<'_>, scope: Scope, metric: Metric, p95: f64) -> bool {
    match metric {
        // Their number is news where somebody sets it.
        Metric::CollectorsPeak => replicas_max(view, scope).is_none(),
        Metric::CascadePeak => p95 < 2.0,
        Metric::OomCount | Metric::JobsUnseen | Metric::RolloutBlockedCount => p95 <= 0.0,
        // With one endpoint the fleets have said it.
        Metric::EndpointLost if view.blueprint().endpoints.len() < 2 => true,
        // Bytes on a disk that dies with its pod are nobody's question.
        Metric::WalPeak => !has_volume(view, scope),
        _ if metric.info().unit == Unit::Samples => p95 <= CAUSE_MIN * greatest_cause(view, scope),
        _ => match metric.info().unit {
            Unit::Factor => p95 < 1.005,
            Unit::Seconds | Unit::Bytes => p95 <= 0.0,
            _ => false,
        },
    }
}

fn has_volume(view: &View<'_>, scope: Scope) -> bool {
    matches!(scope, Scope::Fleet(id) if view.blueprint().fleets[id].wal.on_volume)
}

/// The 95th percentile of what most samples of a scope are missed or lost by.
fn greatest_cause(view: &View<'_>, scope: Scope) -> f64 {
    let causes = KEY_NUMBERS.iter().map(|number| number.metric);
    let causes = causes.filter(|metric| metric.info().unit == Unit::Samples);
    let p95 = |metric| Some(view.metric(scope, metric)?.summary.p95);
    causes.filter_map(p95).fold(0.0, f64::max)
}
