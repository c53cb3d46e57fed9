//! One case: its verdict, what binds first and when, what else breaks, or what is nearest.

use super::grid::{self, Cell};
use super::style::{Page, Status};
use crate::experiment::goal::Expect;
use crate::experiment::results::{FailureRow, GoalResult};
use crate::model::blueprint::{Endpoint, EndpointId};
use crate::model::record::catalogue::{Metric, Scope, Unit};
use crate::report::numbers::{exact, human, human_interval, percent};
use crate::report::view::View;
use crate::report::words;
use crate::stats::Verdict;

/// The verdict of a case from the goals that gate it.
struct CaseVerdict {
    word: &'static str,
    status: Option<Status>,
    note: &'static str,
}

impl CaseVerdict {
    fn of(view: &View<'_>) -> Self {
        let gating: Vec<_> = view.goals().filter(|result| result.gates).collect();
        let any = |verdict| gating.iter().any(|result| result.verdict == verdict);
        let (word, status) = if gating.is_empty() {
            ("no goal", None)
        } else if any(Verdict::Fails) {
            ("NO-GO", Some(Status::Bad))
        } else if any(Verdict::NotEnoughEvidence) {
            ("NOT ENOUGH EVIDENCE", Some(Status::Unsure))
        } else {
            ("GO", Some(Status::Good))
        };
        Self {
            word,
            status,
            note: expectation(&gating),
        }
    }
}

/// How the goals that gate a case compare with what the scenario expects of them.
fn expectation(gating: &[&GoalResult]) -> &'static str {
    let fails = |result: &&&GoalResult| result.verdict == Verdict::Fails;
    let known = |result: &&GoalResult| matches!(result.goal.expect, Expect::Fails { .. });
    if gating
        .iter()
        .any(|result| known(result) && result.verdict == Verdict::Holds)
    {
        return "  (a known miss holds, against expectation)";
    }
    let mut failing = gating.iter().filter(fails).peekable();
    if failing.peek().is_some() && failing.all(known) {
        return "  (as expected: a known miss)";
    }
    ""
}

/// The paragraph of one case.
pub(super) fn paragraph(page: &mut Page, view: &View<'_>) {
    let verdict = CaseVerdict::of(view);
    let word = match verdict.status {
        Some(status) => page.painted(verdict.word, status),
        None => verdict.word.to_owned(),
    };
    page.line(&format!("{word}  {}{}", view.label(), verdict.note));
    match view.binding() {
        Some(binding) => breaks(page, view, binding),
        None => nothing_breaks(page, view),
    }
    for (verdict, text) in [
        (Verdict::Fails, "goals that fail"),
        (Verdict::NotEnoughEvidence, "goals not settled"),
    ] {
        let gating = view
            .goals()
            .filter(|result| result.gates && result.verdict == verdict);
        let names: Vec<_> = gating.map(|result| result.goal.name.as_str()).collect();
        if !names.is_empty() {
            page.wrapped(&format!("{text}: {}", names.join(", ")), "    ");
        }
    }
    for note in unlimited_endpoints(view) {
        page.wrapped(&note, "    ");
    }
    page.blank();
}

fn breaks(page: &mut Page, view: &View<'_>, binding: &FailureRow) {
    let failure = binding.failure;
    let text = format!(
        "{} {} first: {} in {}, in {} of draws",
        failure.info().binds,
        words::bind(failure),
        words::happens(failure),
        view.scope(binding.scope),
        probability(binding),
    );
    page.wrapped(&text, "    ");
    page.wrapped(&when(view, binding), "    ");
    let others = view.failures().into_iter();
    list(
        page,
        view,
        "    also: ",
        others.filter(|row| !is(row, binding)),
    );
}

/// Failures with their probabilities, one per line, the first after `start`.
fn list<'a>(
    page: &mut Page,
    view: &View<'_>,
    start: &str,
    rows: impl Iterator<Item = &'a FailureRow>,
) {
    let indent = " ".repeat(start.len());
    for (index, row) in rows.enumerate() {
        let start = if index == 0 { start } else { &indent };
        let scope = view.scope(row.scope);
        let text = format!(
            "{}, {scope}: {}",
            words::happens(row.failure),
            probability(row)
        );
        page.hanging(start, &text, &indent);
    }
}

fn is(row: &FailureRow, other: &FailureRow) -> bool {
    (row.scope, row.failure) == (other.scope, other.failure)
}

/// When the draws that fail do so.
fn when(view: &View<'_>, row: &FailureRow) -> String {
    let instant = |seconds: f64| {
        if seconds < 1.0 {
            "at the start".to_owned()
        } else {
            view.timeline.on_day(seconds)
        }
    };
    let first = row.first_seconds.first().map_or(0.0, |&seconds| seconds);
    let (first, end) = (instant(first), view.timeline.end());
    if row.draws_with < 2 {
        return format!("when: {first} in the only such draw; horizon {end}");
    }
    let half = view.half_time(row);
    if half < 1.0 {
        return format!("when: at the start in half of those draws; horizon {end}");
    }
    let half = view.timeline.day(half);
    format!("when: by {half} in half of those draws, the first {first}; horizon {end}")
}

fn probability(row: &FailureRow) -> String {
    format!(
        "{} {}",
        percent(row.probability),
        human_interval(row.interval, Unit::Ratio)
    )
}

fn nothing_breaks(page: &mut Page, view: &View<'_>) {
    page.wrapped(&none_failed(view), "    ");
    // What would have been fatal, had it happened, binds nothing and decides all the same.
    list(page, view, "    but: ", view.failures().into_iter());
    if let Some(nearest) = nearest(view) {
        page.wrapped(&format!("nearest limit: {nearest}"), "    ");
    }
}

/// What no failure in so many draws proves; every failure has the same interval then.
fn none_failed(view: &View<'_>) -> String {
    let draws = exact(view.draws() as f64);
    match view.case.failures.first() {
        Some(row) => format!(
            "nothing breaks in {draws} draws (p <= {} at 95 %)",
            percent(row.interval.high.min(1.0))
        ),
        None => format!("nothing can break in this case, in {draws} draws"),
    }
}

/// Endpoints whose capacity is not stated although collectors catch up at more than twice the
/// steady rate.
fn unlimited_endpoints(view: &View<'_>) -> Vec<String> {
    let endpoints = &view.blueprint().endpoints;
    let endpoints = EndpointId::all(endpoints.len()).zip(endpoints);
    let unlimited = endpoints.filter(|(_, plan)| plan.capacity_samples_per_second.is_none());
    let note = |(id, plan): (EndpointId, &Endpoint)| {
        let ratio = view
            .metric(Scope::Endpoint(id), Metric::CatchUpRatio)?
            .summary
            .p50;
        (ratio > 2.0).then(|| {
            format!(
                "note: after an outage, endpoint {} is sent {} the steady rate and takes it all; \
                 state its capacity if it cannot",
                plan.name,
                human(ratio, Unit::Factor)
            )
        })
    };
    unlimited.filter_map(note).collect()
}

fn nearest(view: &View<'_>) -> Option<String> {
    let (scope, metric, ratio) = view.case.nearest?;
    let name = words::ratio_of(metric);
    Some(format!(
        "{name} of {} at {} (median)",
        view.scope(scope),
        percent(ratio)
    ))
}

/// One line per case.
pub(super) fn table(page: &mut Page, cases: &[View<'_>]) {
    let row = |view: &View<'_>| {
        let verdict = CaseVerdict::of(view);
        let finding = match view.binding() {
            Some(binding) => format!(
                "{} in {}, half by {}",
                words::happens(binding.failure),
                probability(binding),
                view.timeline.day(view.half_time(binding))
            ),
            None => match (view.failures().first(), nearest(view)) {
                (Some(row), _) => format!(
                    "nothing breaks, but {} in {}",
                    words::happens(row.failure),
                    probability(row)
                ),
                (None, Some(nearest)) => format!("nothing breaks; {nearest}"),
                (None, None) => "nothing breaks".to_owned(),
            },
        };
        vec![
            Cell::status(verdict.word, verdict.status),
            Cell::name(&view.label()),
            Cell::text(finding + verdict.note),
        ]
    };
    let rows: Vec<_> = cases.iter().map(row).collect();
    grid::add(page, "", &rows);
}
