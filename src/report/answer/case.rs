//! One case: its verdict, its bottleneck and when, its other failures, or what is nearest to its
//! limit.

use super::grid::{self, Cell};
use super::style::Page;
use crate::report::brief::{Brief, CaseBrief, FailureBrief, Reason};
use crate::report::numbers::{exact, percent};
use crate::report::timeline::Timeline;
use crate::report::words;
use crate::stats::Verdict;

/// Note on a verdict that only compares cases.
const NO_EXIT_CODE: &str = "  (compared only: no goal names this case)";

/// The verdict of a case in a word.
fn verdict(case: &CaseBrief) -> &'static str {
    case.verdict.map_or("no goal", words::safety)
}

/// The note after the name of a case whose verdict decides no exit code.
fn note(case: &CaseBrief) -> &'static str {
    if case.verdict.is_some() && !case.decides {
        NO_EXIT_CODE
    } else {
        ""
    }
}

/// The paragraph of one case.
pub(super) fn paragraph(page: &mut Page, brief: &Brief, case: &CaseBrief) {
    let word = verdict(case);
    let head = match case.verdict {
        Some(verdict) => format!("{}  {}", page.painted(word, verdict), case.label),
        None if brief.goals.list.is_empty() => case.label.clone(),
        None => format!("{word}  {}", case.label),
    };
    page.line(&format!("{head}{}", note(case)));
    reasons(page, case);
    match &case.binding {
        Some(binding) => breaks(page, brief.timeline, case, binding),
        None => nothing_breaks(page, case),
    }
    for (endpoint, ratio) in &case.unlimited {
        let note = format!(
            "note: after an outage, endpoint {endpoint} is sent {} the steady rate and takes it all; \
             state its capacity if it cannot",
            ratio.text()
        );
        page.wrapped(&note, "    ");
    }
    page.blank();
}

/// Why the case has its verdict.
fn reasons(page: &mut Page, case: &CaseBrief) {
    let reasons = &case.reasons;
    for (text, goals) in [
        ("fails", &reasons.failing),
        ("not settled", &reasons.unsettled),
    ] {
        for Reason { name, value, asked } in goals {
            let text = format!("{text}: {name}, {value}, asked for {asked}");
            page.hanging("    ", &text, "      ");
        }
    }
    let holds = case.verdict == Some(Verdict::Holds);
    if let Some(failure) = reasons.unasked.filter(|_| holds) {
        let text = format!(
            "every goal holds, and none is about {}",
            words::happens(failure)
        );
        page.wrapped(&text, "    ");
    }
}

fn breaks(page: &mut Page, timeline: Timeline, case: &CaseBrief, binding: &FailureBrief) {
    let failure = binding.failure;
    let text = format!(
        "{} {} first: {} in {}, in {} of draws",
        failure.info().binds,
        words::bind(failure),
        words::happens(failure),
        binding.scope,
        binding.odds(),
    );
    page.wrapped(&text, "    ");
    page.wrapped(&binding.when(timeline), "    ");
    list(page, "    also: ", &case.others);
}

/// Failures with their probabilities, one per line, the first after `start`.
fn list(page: &mut Page, start: &str, failures: &[FailureBrief]) {
    let indent = " ".repeat(start.len());
    for (index, row) in failures.iter().enumerate() {
        let start = if index == 0 { start } else { &indent };
        let happens = words::happens(row.failure);
        let text = format!("{happens}, {}: {}", row.scope, row.odds());
        page.hanging(start, &text, &indent);
    }
}

fn nothing_breaks(page: &mut Page, case: &CaseBrief) {
    let draws = exact(case.draws as f64);
    let none = match case.unseen {
        Some(most) => format!(
            "nothing breaks in {draws} draws (p <= {} at 95 %)",
            percent(most)
        ),
        None => format!("nothing can break in this case, in {draws} draws"),
    };
    page.wrapped(&none, "    ");
    // An unsafe restart is no bottleneck, but decides the verdict.
    list(page, "    but: ", &case.others);
    for (scope, what, share) in &case.losses {
        let text = format!("but {} of the {what} of {scope} are lost", share.text());
        page.wrapped(&text, "    ");
    }
    if let Some(nearest) = case.nearest_in_words() {
        page.wrapped(&format!("nearest limit: {nearest}"), "    ");
    }
}

/// One line per case.
pub(super) fn table(page: &mut Page, brief: &Brief) {
    let row = |case: &CaseBrief| {
        let finding = match (&case.binding, case.others.first(), case.nearest_in_words()) {
            (Some(binding), _, _) => format!(
                "{} in {}, half by {}",
                words::happens(binding.failure),
                binding.odds(),
                brief.timeline.day(binding.half_seconds)
            ),
            (None, Some(row), _) => format!(
                "nothing breaks, but {} in {}",
                words::happens(row.failure),
                row.odds()
            ),
            (None, None, Some(nearest)) => format!("nothing breaks; {nearest}"),
            (None, None, None) => "nothing breaks".to_owned(),
        };
        let mut cells = vec![Cell::name(&case.label), Cell::text(finding)];
        if !brief.goals.list.is_empty() {
            cells.insert(0, Cell::verdict(verdict(case), case.verdict));
        }
        cells
    };
    let rows: Vec<_> = brief.cases.iter().map(row).collect();
    grid::add(page, "", &rows);
    if brief.cases.iter().any(|case| !note(case).is_empty()) {
        let named = brief.cases.iter().filter(|case| case.decides);
        let named: Vec<_> = named.map(|case| case.label.as_str()).collect();
        let text = format!(
            "goals name {}; every other case is compared only",
            named.join("; ")
        );
        page.wrapped(&text, "");
    }
}
