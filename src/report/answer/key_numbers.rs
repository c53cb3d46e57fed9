//! The numbers a capacity review asks for, per scope: median and 95th percentile against the limit.

use super::grid::{self, Cell};
use super::style::Page;
use crate::model::record::catalogue::{Metric, Scope, Unit};
use crate::report::numbers::{bytes, exact, human};
use crate::report::view::View;
use crate::stats::Summary;

/// A number of the table.
struct KeyNumber {
    metric: Metric,
    label: &'static str,
    /// What it must not pass, as text.
    limit: fn(&View<'_>, Scope) -> Option<String>,
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
    number(Metric::LogPeak, "write-ahead log, largest", no_limit),
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
    limit: fn(&View<'_>, Scope) -> Option<String>,
) -> KeyNumber {
    KeyNumber {
        metric,
        label,
        limit,
    }
}

fn no_limit(_: &View<'_>, _: Scope) -> Option<String> {
    None
}

fn replicas_max(view: &View<'_>, scope: Scope) -> Option<String> {
    let Scope::Fleet(id) = scope else { return None };
    view.blueprint().replicas_max(id).map(|max| max.to_string())
}

fn memory_limit(view: &View<'_>, scope: Scope) -> Option<String> {
    view.memory_limit(scope).map(bytes)
}

fn cpu_limit(view: &View<'_>, scope: Scope) -> Option<String> {
    let Scope::Fleet(id) = scope else { return None };
    let limit = view.blueprint().fleets[id].resources.cpu_limit_cores?;
    Some(human(limit, Metric::CpuPeak.info().unit))
}

fn port_limit(view: &View<'_>, scope: Scope) -> Option<String> {
    view.port_capacity(scope).map(exact)
}

fn addresses(view: &View<'_>, scope: Scope) -> Option<String> {
    let Scope::Egress(id) = scope else {
        return None;
    };
    Some(view.blueprint().egresses[id].addresses.to_string())
}

/// A line of the table: what it is, median, 95th percentile, limit.
#[derive(Clone, PartialEq)]
struct Line {
    label: String,
    values: [String; 3],
}

/// The numbers of a case; of a further one only those that differ from the base.
pub(super) fn section(page: &mut Page, view: &View<'_>, named: bool) {
    let base = View::new(view.results, 0);
    let is_base = std::ptr::eq(view.case, base.case);
    let mut rows = Vec::new();
    for scope in Scope::all(view.blueprint()) {
        let mut lines = lines(view, scope);
        if !is_base {
            let known =
                same_scope(&base, &title(view, scope)).map(|other| self::lines(&base, other));
            lines.retain(|line| !known.iter().flatten().any(|other| other == line));
        }
        if !lines.is_empty() {
            rows.push(cells(
                &format!("  {}", title(view, scope)),
                &[const { String::new() }; 3],
            ));
            rows.extend(lines.iter().map(|line| cells(&line.label, &line.values)));
        }
    }
    let of = match (named, is_base) {
        (false, _) => String::new(),
        (true, true) => format!(" of case {}", view.label()),
        (true, false) if rows.is_empty() => format!(" of case {}: as base", view.label()),
        (true, false) => format!(" of case {}, unlike base", view.label()),
    };
    let head = ["median", "p95", "limit"].map(str::to_owned);
    let head = if rows.is_empty() { &head[..0] } else { &head };
    rows.insert(0, cells(&format!("numbers{of}"), head));
    grid::add(page, "", &rows);
    page.blank();
}

fn cells(label: &str, values: &[String]) -> Vec<Cell> {
    let mut cells = vec![Cell::text(label)];
    cells.extend(values.iter().map(Cell::number));
    cells
}

/// The scope of a case with this title.
fn same_scope(view: &View<'_>, wanted: &str) -> Option<Scope> {
    Scope::all(view.blueprint())
        .into_iter()
        .find(|&scope| title(view, scope) == wanted)
}

fn lines(view: &View<'_>, scope: Scope) -> Vec<Line> {
    KEY_NUMBERS
        .iter()
        .filter_map(|number| line(view, scope, number))
        .collect()
}

/// The name of a scope, of a fleet with its topology.
fn title(view: &View<'_>, scope: Scope) -> String {
    let name = view.scope(scope);
    match scope {
        Scope::Fleet(id) => format!("{name} ({})", view.blueprint().fleets[id].topology.name),
        _ => name,
    }
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
        Metric::LogPeak => !has_volume(view, scope),
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

fn line(view: &View<'_>, scope: Scope, number: &KeyNumber) -> Option<Line> {
    let summary = &view.metric(scope, number.metric)?.summary;
    if is_unfelt(view, scope, number.metric, summary.p95) {
        return None;
    }
    let [p50, p95] = value(view, scope, number.metric, summary);
    let limit = (number.limit)(view, scope).unwrap_or_default();
    Some(Line {
        label: format!("    {}", number.label),
        values: [p50, p95, limit],
    })
}

/// Median and 95th percentile of a number, as text.
pub(super) fn value(
    view: &View<'_>,
    scope: Scope,
    metric: Metric,
    summary: &Summary,
) -> [String; 2] {
    let text = |value: f64| match metric {
        Metric::MemoryLimitNeeded if value.is_infinite() => {
            format!("> {}", memory_limit(view, scope).unwrap_or_default())
        }
        Metric::CollectorsEnd
        | Metric::CollectorsPeak
        | Metric::ConnectionsPeak
        | Metric::OomCount
        | Metric::CascadePeak
        | Metric::JobsUnseen
        | Metric::PortsPeak
            if value < 1e6 =>
        {
            exact(value)
        }
        _ => human(value, metric.info().unit),
    };
    let needed = match metric {
        Metric::MemoryLimitNeeded => view.limit_needed(scope),
        _ => None,
    };
    needed.unwrap_or([summary.p50, summary.p95]).map(text)
}
