//! The numbers of a capacity review, per scope: median and 95th percentile beside the limit.

use super::amount::{Amount, Form};
use crate::model::record::catalogue::{Metric, Scope, Unit};
use crate::report::view::View;

/// The numbers of one scope.
#[derive(Clone, Debug)]
pub(in crate::report) struct ScopeNumbers {
    /// Name of the scope.
    pub(in crate::report) scope: String,
    /// Topology of a fleet.
    pub(in crate::report) topology: Option<&'static str>,
    /// The numbers, in the order of a review.
    pub(in crate::report) rows: Vec<NumberRow>,
}

/// One number.
#[derive(Clone, Debug)]
pub(in crate::report) struct NumberRow {
    /// The metric.
    pub(in crate::report) metric: Metric,
    /// Name of the number.
    pub(in crate::report) label: &'static str,
    /// Median over the draws.
    pub(in crate::report) median: Amount,
    /// 95th percentile over the draws.
    pub(in crate::report) p95: Amount,
    /// The limit that the number must not exceed.
    pub(in crate::report) limit: Option<Amount>,
    /// Whether the number tells a reader something. A loss of zero tells nothing.
    pub(in crate::report) is_news: bool,
}

/// Metrics with their names, one per line.
macro_rules! named {
    ($($metric:ident, $label:literal;)*) => {
        &[$((Metric::$metric, $label),)*]
    };
}

/// The numbers of a capacity review, in order. A scope shows the numbers of its kind that have a
/// value.
const KEY_NUMBERS: &[(Metric, &str)] = named! {
    CollectorsEnd, "collectors at the horizon";
    CollectorsPeak, "collectors, peak";
    PendingSeconds, "collectors waiting for a node, summed";
    SeriesPerCollectorPeak, "active series per collector, peak";
    MemoryRest, "anonymous memory of the largest, at rest";
    MemoryPeak, "anonymous memory of the busiest, peak";
    MemoryRestartResident, "anonymous memory of the largest, restart";
    MemorySum, "anonymous memory of all, peaks summed";
    MemoryLimitNeeded, "memory limit needed in service";
    MemoryReplayPeak, "memory limit needed, worst replay";
    MemoryRestartPeak, "memory limit needed, restart at the end";
    OomCount, "kills for memory";
    OomNodeCount, "kills by the node";
    CascadePeak, "kills one after another, most";
    WalPeak, "write-ahead log, largest";
    CpuPeak, "CPU of the busiest collector, peak";
    LossRatio, "samples missed or lost";
    MissedDown, "samples missed, nobody scraped";
    MissedCpu, "samples missed, too little CPU";
    LogsLate, "log bytes that waited, too little CPU";
    LogsLossRatio, "log bytes lost";
    LogsLostRetries, "log bytes lost, batches given up";
    LogsLostLimited, "log bytes lost, endpoint at its limit";
    LogsLostRotation, "log bytes lost, files rotated";
    LogsLostOverflow, "log bytes dropped, queues full";
    LogsLostRestart, "log bytes lost, collectors ended";
    LogsLostExit, "log bytes lost, nodes or pods gone";
    LogsLostRejected, "log bytes refused by endpoints";
    LogsMissed, "log bytes that nobody tailed";
    LogsDoubled, "log bytes sent twice";
    LogsLag, "log lines, greatest lag";
    SpansLossRatio, "spans refused or lost";
    ProfilesLossRatio, "profiles missed or lost";
    MissedPull, "samples missed, jobs too short";
    LostRestart, "samples lost, collectors ended";
    LostTruncation, "samples lost, log truncated";
    LostOverload, "samples lost, lasting overload";
    LostRejected, "samples refused by endpoints";
    LostExit, "samples lost, pods ended";
    JobsUnseen, "jobs that nobody saw";
    ConnectionsPeak, "connections, peak";
    RolloutPeakSeconds, "longest rollout of the collectors";
    RolloutBlockedCount, "rollouts held up by a kill";
    DrainSeconds, "longest catching up after an outage";
    SlowdownPeak, "response time of neighbours, worst";
    SlowdownMean, "response time of neighbours, mean";
    OverloadedShare, "node time overloaded";
    OverloadedAloneShare, "node time overloaded by applications alone";
    PortsPeak, "ports in use, peak";
    PortsWantedPeak, "ports wanted, peak";
    AddressesNeeded, "addresses needed";
    EndpointLost, "samples lost on the way to it";
    CatchUpRatio, "sending rate after an outage over the steady one";
};

/// The name of the memory limit that is needed where only replays were killed for want of it.
const TO_RESTART: &str = "memory limit needed, restarts included";

/// Share of the greatest cause of loss below which another cause is left out.
const CAUSE_MIN: f64 = 0.01;

/// The limit that a number must not exceed.
fn limit(view: &View<'_>, scope: Scope, metric: Metric) -> Option<Amount> {
    let whole = |value| Amount::new(value, Unit::Count, Form::Whole);
    let blueprint = view.blueprint();
    Some(match (metric, scope) {
        (Metric::CollectorsPeak, Scope::Fleet(id)) => whole(blueprint.replicas_max(id)?.into()),
        (Metric::MemoryLimitNeeded | Metric::MemoryReplayPeak | Metric::MemoryRestartPeak, _) => {
            Amount::rounded(view.memory_limit(scope)?, Unit::Bytes)
        }
        (Metric::CpuPeak, Scope::Fleet(id)) => {
            let limit = blueprint.fleets[id].resources.cpu_limit_cores?;
            Amount::rounded(limit, Unit::Cores)
        }
        (Metric::PortsPeak, _) => whole(view.port_capacity(scope)?),
        (Metric::AddressesNeeded, Scope::Egress(id)) => {
            whole(blueprint.egresses[id].addresses?.into())
        }
        _ => return None,
    })
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
        rows: rows(view, scope).collect(),
    });
    numbers.collect()
}

/// The key numbers of a scope that have a value.
fn rows(view: &View<'_>, scope: Scope) -> impl Iterator<Item = NumberRow> {
    KEY_NUMBERS.iter().filter_map(move |&(metric, label)| {
        let quantiles = quantiles(view, scope, metric)?;
        let cut = view.with_cut_off(scope, metric);
        let is_cut = cut.map_or([false; 2], |cut| cut.map(f64::is_infinite));
        let marked = |index: usize| {
            let amount = amount(view, scope, metric, quantiles[index]);
            match amount.form {
                Form::Rounded if is_cut[index] => {
                    Amount::new(amount.value, amount.unit, Form::CutOff)
                }
                _ => amount,
            }
        };
        let [median, p95] = [0, 1].map(marked);
        let is_of_restarts =
            metric == Metric::MemoryLimitNeeded && view.needs_more_to_restart(scope);
        Some(NumberRow {
            metric,
            label: if is_of_restarts { TO_RESTART } else { label },
            median,
            p95,
            limit: limit(view, scope, metric),
            is_news: !is_unfelt(view, scope, metric, quantiles[1]),
        })
    })
}

/// Median and 95th percentile of a number. What is needed may be infinite.
fn quantiles(view: &View<'_>, scope: Scope, metric: Metric) -> Option<[f64; 2]> {
    let needed = match metric {
        Metric::MemoryLimitNeeded => view.limit_needed(scope),
        Metric::AddressesNeeded => view.addresses_needed(scope),
        _ => None,
    };
    needed.or_else(|| {
        let summary = view.metric(scope, metric)?;
        Some([summary.p50, summary.p95])
    })
}

/// A value of a number.
fn amount(view: &View<'_>, scope: Scope, metric: Metric, value: f64) -> Amount {
    let unit = metric.info().unit;
    match limit(view, scope, metric) {
        Some(limit) if metric == Metric::MemoryLimitNeeded && value.is_infinite() => Amount {
            form: Form::Exceeded,
            ..limit
        },
        _ if metric == Metric::AddressesNeeded && value.is_infinite() => {
            Amount::new(value, unit, Form::Infinite)
        }
        _ if is_whole(metric) && value < 1e6 => Amount::new(value, unit, Form::Whole),
        _ => Amount::rounded(value, unit),
    }
}

/// Whether a metric is a number of things that people count one by one.
const fn is_whole(metric: Metric) -> bool {
    matches!(
        metric,
        Metric::CollectorsEnd
            | Metric::CollectorsPeak
            | Metric::ConnectionsPeak
            | Metric::OomCount
            | Metric::OomNodeCount
            | Metric::CascadePeak
            | Metric::JobsUnseen
            | Metric::PortsPeak
            | Metric::PortsWantedPeak
    )
}

/// Whether a number tells a reader nothing.
fn is_unfelt(view: &View<'_>, scope: Scope, metric: Metric, p95: f64) -> bool {
    match metric {
        // The number of collectors is news where an autoscaler sets it.
        Metric::CollectorsPeak => limit(view, scope, metric).is_none(),
        Metric::CascadePeak => p95 < 2.0,
        // What is wanted exists.
        Metric::PortsWantedPeak => {
            let in_use = view.metric(scope, Metric::PortsPeak);
            in_use.is_some_and(|in_use| p95 <= in_use.p95)
        }
        Metric::OomCount
        | Metric::OomNodeCount
        | Metric::JobsUnseen
        | Metric::LogsLate
        | Metric::RolloutBlockedCount
        | Metric::OverloadedShare
        | Metric::OverloadedAloneShare => p95 <= 0.0,
        // With one endpoint the fleets show the same number.
        Metric::EndpointLost if view.blueprint().endpoints.len() < 2 => true,
        // Bytes on a disk that ends with its pod do not matter.
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

/// The 95th percentile of the greatest cause of missed or lost samples of a scope.
fn greatest_cause(view: &View<'_>, scope: Scope) -> f64 {
    let causes = KEY_NUMBERS.iter().map(|&(metric, _)| metric);
    let causes = causes.filter(|metric| metric.info().unit == Unit::Samples);
    let p95 = |metric| Some(view.metric(scope, metric)?.p95);
    causes.filter_map(p95).fold(0.0, f64::max)
}
