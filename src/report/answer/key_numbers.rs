//! The numbers a capacity review asks for, per scope: median and 95th percentile against the limit.

use super::grid::{self, Cell};
use super::style::Page;
use crate::fleet::catalogue::{Metric, Scope, Unit};
use crate::report::numbers::{bytes, exact, human};
use crate::report::view::View;

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
        Metric::MemoryPeak,
        "resident memory of the busiest, peak",
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
        Metric::MemoryRestartPeak,
        "… if restarted at the horizon",
        memory_limit,
    ),
    number(
        Metric::CpuPeak,
        "CPU of the busiest collector, peak",
        cpu_limit,
    ),
    number(Metric::LossRatio, "samples missed or lost", no_limit),
    number(Metric::ConnectionsPeak, "connections, peak", no_limit),
    number(
        Metric::RolloutPeakSeconds,
        "longest rollout of the collectors",
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
        Metric::CatchUpRatio,
        "sending rate after an outage over the steady one",
        no_limit,
    ),
];

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

/// The numbers of a case.
pub(super) fn section(page: &mut Page, view: &View<'_>, named: bool) {
    let of = if named {
        format!(" of case {}", view.name())
    } else {
        String::new()
    };
    let mut rows = vec![heading(&format!("numbers{of}"), ["median", "p95", "limit"])];
    for scope in Scope::all(view.blueprint()) {
        let numbers: Vec<_> = KEY_NUMBERS
            .iter()
            .filter_map(|number| row(view, scope, number))
            .collect();
        if !numbers.is_empty() {
            rows.push(heading(&format!("  {}", title(view, scope)), [""; 3]));
            rows.extend(numbers);
        }
    }
    grid::add(page, "", &rows);
    page.blank();
}

fn heading(text: &str, columns: [&str; 3]) -> Vec<Cell> {
    let mut cells = vec![Cell::text(text)];
    cells.extend(columns.map(Cell::number));
    cells
}

/// The name of a scope, of a fleet with its topology.
fn title(view: &View<'_>, scope: Scope) -> String {
    let name = view.scope(scope);
    match scope {
        Scope::Fleet(id) => format!("{name} ({})", view.blueprint().fleets[id].topology.name),
        _ => name,
    }
}

fn row(view: &View<'_>, scope: Scope, number: &KeyNumber) -> Option<Vec<Cell>> {
    let summary = &view.metric(scope, number.metric)?.summary;
    let unit = number.metric.info().unit;
    let unfelt = match unit {
        // Their number is news where somebody sets it.
        Unit::Count if number.metric == Metric::CollectorsPeak => {
            replicas_max(view, scope).is_none()
        }
        Unit::Factor => summary.p95 < 1.0005,
        Unit::Seconds => summary.p95 <= 0.0,
        _ => false,
    };
    if unfelt {
        return None;
    }
    let text = |value: f64| match number.metric {
        Metric::CollectorsEnd
        | Metric::CollectorsPeak
        | Metric::ConnectionsPeak
        | Metric::PortsPeak
            if value < 1e6 =>
        {
            exact(value)
        }
        _ => human(value, unit),
    };
    Some(vec![
        Cell::text(format!("    {}", number.label)),
        Cell::number(text(summary.p50)),
        Cell::number(text(summary.p95)),
        Cell::number((number.limit)(view, scope).unwrap_or_default()),
    ])
}
