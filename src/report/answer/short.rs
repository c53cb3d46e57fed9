//! The answer in ten lines: the sentence, the table of the cases, and what decides.

use super::grid::{self, Cell};
use super::requirements;
use super::style::Page;
use crate::model::blueprint::Priority;
use crate::model::record::catalogue::Unit;
use crate::report::brief::{Brief, CaseBrief, FailureBrief, MemoryNeed, Row};
use crate::report::numbers::{exact, human, percent};
use crate::report::timeline::Timeline;
use crate::report::words;
use crate::stats::Verdict;

/// Most failures that are listed beside what breaks first.
const OTHERS_MAX: usize = 3;

/// Most unknowns that are listed.
const UNKNOWNS_MAX: usize = 3;

/// A title of the table, and the cells below it.
pub(super) type Column = (&'static str, Vec<Cell>);

/// The sentence that can be read aloud.
pub(super) fn headline(page: &mut Page, brief: &Brief) {
    let headline = &brief.headline;
    match headline.verdict {
        Some(verdict) => {
            let word = words::safety(verdict);
            let start = format!("{}  ", page.painted(word, verdict));
            let indent = " ".repeat(word.len() + 2);
            page.hanging(&start, &headline.sentence, &indent);
        }
        None => page.wrapped(&headline.sentence, ""),
    }
    if headline.verdict.is_none() && !brief.goals.list.is_empty() {
        page.wrapped(&unjudged(brief), "");
    }
    if brief.goals.list.is_empty() {
        page.wrapped("No goal is stated, so no case has a verdict.", "");
        if !brief.offers.is_empty() {
            page.wrapped(
                "Goals that people set; each is a [[goal]] section with a name:",
                "",
            );
        }
        for claim in &brief.offers {
            page.line(&format!("  require = \"{claim}\""));
        }
    }
    page.blank();
}

/// The verdict of the scenario in a word.
pub(super) fn verdict_of(brief: &Brief) -> &'static str {
    let unjudged = words::unjudged(!brief.goals.list.is_empty());
    brief.headline.verdict.map_or(unjudged, words::safety)
}

/// Why a scenario with goals has no verdict.
pub(in crate::report) fn unjudged(brief: &Brief) -> String {
    let why = brief.without_verdict();
    format!("There is no verdict: {why}. The goals are only compared.")
}

/// The table of the cases, with its notes.
pub(super) fn table(page: &mut Page, brief: &Brief) {
    let shown = &brief.table.shown;
    let mut columns = columns(brief);
    let width = |columns: &[Column]| columns.iter().map(column_width).sum::<usize>();
    let requested = |case: &usize| brief.table.rows[*case].requested;
    let is_choice = |case: &usize| {
        requested(case)
            .by_size(&requested(&0), Priority::Memory)
            .is_ne()
    };
    let dispensable = if shown.iter().any(is_choice) {
        ["first", "requested"]
    } else {
        ["requested", "first"]
    };
    for dispensable in dispensable {
        if width(&columns) > page.width() {
            columns.retain(|(head, _)| *head != dispensable);
        }
    }
    let head = columns.iter().map(|(head, _)| Cell::text(*head)).collect();
    let mut rows: Vec<Vec<Cell>> = vec![head];
    for row in 0..shown.len() {
        rows.push(
            columns
                .iter()
                .map(|(_, cells)| cells[row].clone())
                .collect(),
        );
    }
    grid::add(page, "", &rows);
    let notes = [Some(notes(brief)), hidden(brief), also(brief)];
    for note in notes.into_iter().flatten() {
        page.wrapped(&note, "  ");
    }
    page.blank();
}

/// The width of a column and of the space before it.
fn column_width((head, cells): &Column) -> usize {
    let widest = cells.iter().map(Cell::width).max().unwrap_or(0);
    widest.max(head.chars().count()) + 2
}

/// The columns of the table, most important first.
pub(super) fn columns(brief: &Brief) -> Vec<Column> {
    let shown = || {
        let shown = brief.table.shown.iter();
        shown.map(|&case| (&brief.cases[case], &brief.table.rows[case]))
    };
    let has_goals = !brief.goals.list.is_empty();
    let many_fleets = shown().any(|(case, _)| fleet_count(case) > 1);
    let column = |head, cell: &dyn Fn(&CaseBrief, &Row) -> Cell| -> Column {
        (head, shown().map(|(case, row)| cell(case, row)).collect())
    };
    let mut columns = vec![column("case", &|case, _| Cell::text(&case.short))];
    if has_goals {
        columns.push(column("verdict", &|case, _| verdict(case)));
    }
    columns.push(column("breaks first", &|_, row| Cell::text(breaks(row))));
    columns.push(column("first", &|_, row| {
        Cell::text(first(row, brief.timeline))
    }));
    columns.push(column("needs p95", &|_, row| {
        Cell::number(memory(row, many_fleets))
    }));
    columns.push(column("killed", &|_, row| Cell::number(killed(row))));
    columns.push(column("lost p95", &|_, row| Cell::number(lost(row))));
    columns.push(column("requested", &|_, row| {
        let memory = row.requested.memory;
        Cell::number(if memory.is_nan() {
            "–".to_owned()
        } else {
            human(memory, Unit::Bytes)
        })
    }));
    columns
}

/// Number of fleets of a case.
pub(in crate::report) fn fleet_count(case: &CaseBrief) -> usize {
    let fleets = case.numbers.iter();
    fleets.filter(|numbers| numbers.topology.is_some()).count()
}

fn verdict(case: &CaseBrief) -> Cell {
    let word = case.verdict.map_or("no value", words::safety);
    Cell::verdict(word, case.verdict)
}

/// What breaks first, with its probability.
pub(in crate::report) fn breaks(row: &Row) -> String {
    match &row.breaks {
        Some(row) => format!("{} {}", words::short(row.failure), row.probability.text()),
        None => "nothing".to_owned(),
    }
}

/// When what breaks first happens in the earliest draw.
pub(in crate::report) fn first(row: &Row, timeline: Timeline) -> String {
    let first = row.breaks.as_ref().map(|row| row.first_seconds);
    first.map_or("–".to_owned(), |seconds| timeline.day(seconds))
}

/// The memory that is needed. With several fleets, of which one.
pub(in crate::report) fn memory(row: &Row, many_fleets: bool) -> String {
    match &row.memory {
        Some(need) if many_fleets => {
            let scope = need.scope.as_str();
            let name = scope.split_once('.').map_or(scope, |(_, name)| name);
            format!("{} {name}", need.p95.text())
        }
        Some(need) => need.p95.text(),
        None => "–".to_owned(),
    }
}

/// The share of draws with a kill. Where no draw has one, the greatest share that is not refuted.
pub(in crate::report) fn killed(row: &Row) -> String {
    if row.killed.value > 0.0 {
        return row.killed.text();
    }
    format!("0 (< {})", percent(row.killed_interval.high))
}

/// The greatest share that is lost, and of which signal.
pub(in crate::report) fn lost(row: &Row) -> String {
    match row.lost {
        Some((_, share)) if share.value <= 0.0 => "0".to_owned(),
        Some(("samples", share)) => share.text(),
        Some((signal, share)) => format!("{} {signal}", share.text()),
        None => "–".to_owned(),
    }
}

/// What a reader must know of the table.
pub(super) fn notes(brief: &Brief) -> String {
    let table = &brief.table;
    let rows = || table.shown.iter().map(|&case| &table.rows[case]);
    let is_cut = |row: &Row| row.memory.as_ref().is_some_and(MemoryNeed::is_cut_off);
    let mut notes =
        vec!["needs: memory of a collector; requested: memory of all; p95 over draws".to_owned()];
    if rows().any(is_cut) {
        notes.push(">: killed at this limit, so nobody saw how much it needs".to_owned());
    }
    let deciding: Vec<&str> = brief
        .cases
        .iter()
        .filter(|case| case.decides)
        .map(|case| case.label.as_str())
        .collect();
    if !deciding.is_empty() && deciding.len() < brief.cases.len() {
        let named = deciding.join("; ");
        notes.push(format!(
            "goals name {named}; other cases are only compared, each by itself"
        ));
    }
    notes.join(". ")
}

/// How many cases have no row.
pub(super) fn hidden(brief: &Brief) -> Option<String> {
    let shown = &brief.table.shown;
    let cases = brief.cases.iter().enumerate();
    let hidden: Vec<&CaseBrief> = cases
        .filter(|(index, _)| !shown.contains(index))
        .map(|(_, case)| case)
        .collect();
    if hidden.is_empty() {
        return None;
    }
    let verdicts = [Verdict::Holds, Verdict::Unsettled, Verdict::Fails].map(Some);
    let counts = verdicts.into_iter().filter_map(|verdict| {
        let count = hidden.iter().filter(|case| case.verdict == verdict).count();
        let word = verdict.map_or("", words::safety);
        (count > 0).then(|| format!("{count} {word}"))
    });
    let counts: Vec<String> = counts.collect();
    let counts = if counts.is_empty() {
        String::new()
    } else {
        format!(" ({})", counts.join(", "))
    };
    Some(format!(
        "and {} more cases{counts}: --details",
        hidden.len()
    ))
}

/// What else fails in the case of the headline.
pub(super) fn also(brief: &Brief) -> Option<String> {
    let case = &brief.cases[brief.headline.case];
    let row = &brief.table.rows[brief.headline.case];
    let is_new = |other: &&FailureBrief| {
        let first = row.breaks.as_ref();
        first.is_none_or(|row| (row.failure, &row.scope) != (other.failure, &other.scope))
    };
    let others: Vec<_> = case.others.iter().filter(is_new).collect();
    let texts = others.iter().take(OTHERS_MAX).map(|row| {
        let happens = words::happens(row.failure);
        format!("{happens} in {}, {}", row.scope, row.odds())
    });
    let texts: Vec<String> = texts.collect();
    if texts.is_empty() {
        return None;
    }
    let more = match others.len().saturating_sub(OTHERS_MAX) {
        0 => String::new(),
        count => format!("; {count} more: --details"),
    };
    Some(format!("{} also: {}{more}", case.label, texts.join("; ")))
}

/// The smallest case that holds, what decides and what would settle, one sentence each.
pub(super) fn closing(brief: &Brief) -> Vec<String> {
    let mut sentences = Vec::new();
    if let Some(case) = brief.table.smallest {
        let requested = brief.table.rows[case].requested.memory;
        let requested = if requested.is_nan() {
            String::new()
        } else {
            format!(", {} requested", human(requested, Unit::Bytes))
        };
        let label = &brief.cases[case].label;
        sentences.push(format!("Smallest case that holds: {label}{requested}."));
    }
    if !brief.influences.is_empty() {
        let shown = brief.influences.iter().take(UNKNOWNS_MAX);
        let shown = shown.map(|one| format!("{} ({:+.2})", one.path, one.correlation));
        let shown = shown.collect::<Vec<_>>().join(", ");
        sentences.push(format!("What decides it, by rank correlation: {shown}."));
    }
    sentences.extend(more_draws(brief));
    sentences
}

/// How many more draws would settle the case of the headline, else all cases that are not settled.
fn more_draws(brief: &Brief) -> Option<String> {
    let is_open = |case: &usize| {
        let case = &brief.cases[*case];
        case.decides && case.verdict == Some(Verdict::Unsettled)
    };
    let open: Vec<usize> = (0..brief.cases.len()).filter(is_open).collect();
    let rows = || brief.goals.list.iter().flat_map(|goal| &goal.rows);
    let needed = |cases: &[usize]| {
        let rows = rows().filter(|row| row.decides && cases.contains(&row.case));
        rows.filter_map(|row| row.more_draws).max()
    };
    let headline = brief.headline.case;
    let (about, rest) = match open.as_slice() {
        [case] => (std::slice::from_ref(case), 0),
        open if open.contains(&headline) => (std::slice::from_ref(&headline), open.len() - 1),
        open => (open, 0),
    };
    let draws = exact(needed(about)? as f64);
    let what = match about {
        [case] => brief.cases[*case].label.clone(),
        cases => format!("the {} cases that are not settled", cases.len()),
    };
    let rest = match rest {
        0 => String::new(),
        1 => "; 1 more case is not settled".to_owned(),
        count => format!("; {count} more cases are not settled"),
    };
    let advice = brief.ending.advice();
    Some(format!(
        "About {draws} more draws would settle {what}{rest}{advice}."
    ))
}

/// What closes the answer, what the file states, and what the numbers rest on.
pub(super) fn end(page: &mut Page, brief: &Brief) {
    for sentence in closing(brief) {
        page.wrapped(&sentence, "");
    }
    requirements::outcome(page, &brief.expectations);
    for sentence in &brief.basis {
        page.wrapped(sentence, "");
    }
    page.blank();
}
