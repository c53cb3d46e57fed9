//! The observed numbers of the validation that are nearest to the fleets of a scenario.
//!
//! The document has them in tables, so a row is read as people read it: its text says which signal was
//! observed, of how many series, and on what.

use minijinja::{Value, context};

use crate::model::blueprint::Fleet;
use crate::model::record::catalogue::{Metric, Scope};
use crate::report::view::View;

/// Most rows of a signal.
const ROWS_MAX: usize = 4;

/// A row whose text names the topology counts as so much nearer, as the logarithm of a size.
const TOPOLOGY_BONUS: f64 = 0.7;

/// A row that set a constant confirms nothing, so it counts as so much farther.
const CALIBRATION_MALUS: f64 = 0.8;

/// The same for a row of which no size is known.
const UNSIZED_MALUS: f64 = 1.0;

/// What a row is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Signal {
    Metrics,
    Logs,
    Traces,
    Profiles,
    Egress,
}

/// A row of the document.
#[derive(Clone, Debug)]
struct Observed<'a> {
    signal: Signal,
    /// Series of one collector, if the text says so.
    series: Option<f64>,
    what: String,
    source: &'a str,
    cells: [&'a str; 6],
}

impl Signal {
    const ALL: [Self; 5] = [
        Self::Metrics,
        Self::Logs,
        Self::Traces,
        Self::Profiles,
        Self::Egress,
    ];

    /// The signal of a text; `None` where the text names none.
    fn of(text: &str) -> Option<Self> {
        let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
        if has(&["spans", "traces", "limiter", "gRPC"]) {
            Some(Self::Traces)
        } else if has(&["profiles"]) {
            Some(Self::Profiles)
        } else if has(&["ports"]) {
            Some(Self::Egress)
        } else if has(&["lines", "log ", "files", "retries", "containers"]) {
            Some(Self::Logs)
        } else if has(&["series", "samples", "outage", "refused", "shards"]) {
            Some(Self::Metrics)
        } else {
            None
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Metrics => "metrics",
            Self::Logs => "logs",
            Self::Traces => "traces",
            Self::Profiles => "profiles",
            Self::Egress => "ports",
        }
    }

    fn is_in(self, view: &View<'_>) -> bool {
        let blueprint = view.blueprint();
        let any = |has: fn(&Fleet) -> bool| blueprint.fleets.iter().any(has);
        match self {
            Self::Metrics => any(Fleet::has_series),
            Self::Logs => any(|fleet| !fleet.logs_of.is_empty()),
            Self::Traces => any(|fleet| !fleet.traces_of.is_empty()),
            Self::Profiles => any(|fleet| !fleet.profiles_of.is_empty()),
            Self::Egress => !blueprint.egresses.is_empty(),
        }
    }
}

/// The nearest rows of each signal that a case has.
pub(super) fn rows(view: &View<'_>, document: &str) -> Vec<Value> {
    let observed = observed(document);
    let of_signal = |signal: Signal| {
        let mut own: Vec<&Observed<'_>> =
            observed.iter().filter(|row| row.signal == signal).collect();
        own.sort_by(|left, right| distance(view, left).total_cmp(&distance(view, right)));
        own.truncate(ROWS_MAX);
        own
    };
    let signals = Signal::ALL.into_iter().filter(|signal| signal.is_in(view));
    let row = |row: &Observed<'_>| {
        let [observed, p5, median, p95, inside, role] = row.cells;
        let inside = inside.trim_matches('*');
        context! {
            signal => row.signal.word(), what => row.what.as_str(), source => row.source,
            observed, p5, median, p95, inside, role,
        }
    };
    signals.flat_map(of_signal).map(row).collect()
}

/// The rows of the document that have a band. A row of `the same` is about what the row before it is.
fn observed(document: &str) -> Vec<Observed<'_>> {
    let mut rows: Vec<Observed<'_>> = Vec::new();
    let mut first = String::new();
    for line in document.lines() {
        let cells = line
            .strip_prefix("| ")
            .and_then(|line| line.strip_suffix(" |"));
        let cells: Vec<&str> = cells
            .map(|line| line.split(" | ").collect())
            .unwrap_or_default();
        let [what, source, observed, p5, median, p95, inside, role] = cells[..] else {
            continue;
        };
        let what = what.replace('`', "");
        let is_same = what.starts_with("the same");
        if !is_same {
            first.clone_from(&what);
        }
        let signal = Signal::of(if is_same { &first } else { &what });
        let Some(signal) = signal.filter(|_| ["calibration", "validation"].contains(&role)) else {
            continue;
        };
        let series = series(if is_same { &first } else { &what });
        let what = if is_same {
            format!("{first}; {what}")
        } else {
            what
        };
        rows.push(Observed {
            signal,
            series,
            what,
            source: source
                .split([']', ','])
                .next()
                .unwrap_or(source)
                .trim_start_matches('['),
            cells: [observed, p5, median, p95, inside, role],
        });
    }
    rows
}

/// The series of one collector in `8,000,000 series on 5 replicas`.
fn series(text: &str) -> Option<f64> {
    let number = |text: &str| -> Option<f64> { text.replace(',', "").parse().ok() };
    let before = text.split(" series").next()?;
    let all = number(before.rsplit(' ').next()?)?;
    let replicas = text
        .split(" on ")
        .nth(1)
        .and_then(|rest| rest.split_once(" replicas"));
    let replicas = replicas.and_then(|(count, _)| number(count)).unwrap_or(1.0);
    Some(all / replicas)
}

/// How far a row is from the fleets of a case: the logarithm of the sizes over each other.
fn distance(view: &View<'_>, row: &Observed<'_>) -> f64 {
    let scopes = Scope::all(view.blueprint()).into_iter();
    let sizes =
        scopes.filter_map(|scope| Some(view.metric(scope, Metric::SeriesPerCollectorPeak)?.p50));
    let apart = |series: f64| {
        let of_fleet = sizes.clone().filter(|size| *size > 0.0);
        let apart = of_fleet.map(|size| (series / size).ln().abs());
        apart.fold(f64::INFINITY, f64::min)
    };
    let size = match row.series {
        Some(series) if row.signal == Signal::Metrics => apart(series),
        _ => UNSIZED_MALUS,
    };
    let is_daemon = |fleet: &Fleet| fleet.topology.name.contains("daemon");
    let mut fleets = view.blueprint().fleets.iter();
    let words: &[&str] = if fleets.any(is_daemon) {
        &["daemon", "node"]
    } else {
        &["replicas"]
    };
    let is_alike = words.iter().any(|word| row.what.contains(word));
    let alike = if is_alike { -TOPOLOGY_BONUS } else { 0.0 };
    let role = if row.cells[5] == "calibration" {
        CALIBRATION_MALUS
    } else {
        0.0
    };
    size + alike + role
}

#[cfg(test)]
mod tests {
    use super::{Signal, observed, series};

    #[test]
    fn the_document_has_rows_of_every_signal() {
        let rows = observed(include_str!("../../../docs/validation.md"));
        for signal in Signal::ALL {
            assert!(rows.iter().any(|row| row.signal == signal), "{signal:?}");
        }
        let sized = rows.iter().filter(|row| row.series.is_some()).count();
        assert!(rows.len() > 100 && sized > 40, "{} {sized}", rows.len());
        let same = rows.iter().find(|row| row.what.contains("; the same"));
        assert!(same.is_some());
    }

    #[test]
    fn a_text_says_how_many_series_a_collector_has() {
        assert_eq!(
            series("8,000,000 series on 5 replicas hold, lost"),
            Some(1.6e6)
        );
        assert_eq!(series("50,000 series, 100 per target: CPU"), Some(5e4));
        assert_eq!(series("memory per series of the guide"), None);
    }
}
