//! Answers as Markdown: a comment of one screen for a review.

use super::grid::Cell;
use super::json::Frame;
use super::{requirements, short};
use crate::report::brief::{Brief, Overview, SizeBrief};
use crate::report::numbers::exact;
use crate::report::{page, repeat, words};
use crate::stats::Verdict;

/// A brief as a Markdown comment.
pub fn answer_markdown(brief: &Brief, frame: &Frame<'_>) -> String {
    let headline = &brief.headline;
    let word = short::verdict_of(brief);
    let draws = exact(f64::from(brief.draws));
    let mut lines = vec![
        format!("**{word}** · {}", escaped(&headline.sentence)),
        String::new(),
        format!("`{}`, {draws} draws of each case", brief.name),
        String::new(),
    ];
    if headline.verdict.is_none() && !brief.goals.list.is_empty() {
        lines.extend([short::unjudged(brief), String::new()]);
    }
    let columns = short::columns(brief);
    let heads: Vec<&str> = columns.iter().map(|(head, _)| *head).collect();
    lines.push(format!("| {} |", heads.join(" | ")));
    let first = columns.iter().map(|(_, cells)| cells.first());
    let is_right = |cell: Option<&Cell>| cell.is_some_and(Cell::is_right);
    let rules = first.map(|cell| if is_right(cell) { "---:" } else { "---" });
    lines.push(format!("|{}|", rules.collect::<Vec<_>>().join("|")));
    for row in 0..brief.table.shown.len() {
        let cells = columns.iter().map(|(_, cells)| escaped(cells[row].plain()));
        lines.push(format!("| {} |", cells.collect::<Vec<_>>().join(" | ")));
    }
    lines.push(String::new());
    let notes = [
        Some(short::notes(brief)),
        short::hidden(brief),
        short::also(brief),
    ];
    lines.push(escaped(
        &notes.into_iter().flatten().collect::<Vec<_>>().join(". "),
    ));
    let mut last = short::closing(brief);
    last.extend(requirements::outcome_in_words(&brief.expectations));
    if !last.is_empty() {
        lines.push(String::new());
    }
    for text in last {
        lines.push(format!("- {}", escaped(&text)));
    }
    let page = frame
        .folder
        .map(|folder| format!(" · page: `{folder}/{}`", page::NAME));
    let command = repeat::command(frame.selection);
    lines.push(String::new());
    lines.push(format!("`{command}`{}", page.unwrap_or_default()));
    finished(&lines)
}

/// The answers of several scenarios: a table, the gravest first, and each answer behind its name.
pub fn answers_markdown(answers: &[(Overview, String)]) -> String {
    if let [(_, only)] = answers {
        return only.clone();
    }
    let mut answers: Vec<_> = answers.iter().collect();
    answers.sort_by_key(|(overview, _)| std::cmp::Reverse(overview.gravity()));
    let mut lines = vec![
        "| verdict | scenario | |".to_owned(),
        "|---|---|---|".to_owned(),
    ];
    for (overview, _) in &answers {
        let word = match (overview.verdict, overview.expectations) {
            (_, Some(gravest @ (Verdict::Fails | Verdict::Unsettled))) => {
                words::expectation(gravest)
            }
            (Some(verdict), _) => words::safety(verdict),
            (None, Some(gravest)) => words::expectation(gravest),
            (None, None) => words::unjudged(overview.has_goals),
        };
        let sentence = escaped(&overview.sentence);
        lines.push(format!("| **{word}** | `{}` | {sentence} |", overview.name));
    }
    for (overview, answer) in answers {
        let name = &overview.name;
        lines.push(format!(
            "\n<details><summary>{name}</summary>\n\n{answer}\n</details>"
        ));
    }
    finished(&lines)
}

/// The brief of a search as a Markdown comment.
pub fn size_markdown(brief: &SizeBrief) -> String {
    let word = words::found(brief.verdict);
    let mut lines = vec![
        format!("**{word}** · {}", escaped(&format!("{}.", brief.sentence))),
        String::new(),
    ];
    let goals = brief.goals.iter().map(|goal| escaped(goal));
    let goals: Vec<String> = goals.collect();
    let rules = "---|".repeat(goals.len() + 1);
    lines.push(format!("| size | requested | {} | |", goals.join(" | ")));
    lines.push(format!("|---|---:|{rules}"));
    for row in &brief.rows {
        let requested = row.requested();
        let goals = row.goals.iter().map(|(_, text)| escaped(text));
        let goals = goals.collect::<Vec<_>>().join(" | ");
        let label = escaped(&row.label);
        let note = escaped(row.note);
        lines.push(format!("| {label} | {requested} | {goals} | {note} |"));
    }
    lines.push(String::new());
    lines.extend(
        brief
            .notes
            .iter()
            .map(|note| format!("- {}", escaped(note))),
    );
    if !brief.patch.is_empty() {
        let patch = brief.patch.trim_end();
        lines.push(format!(
            "\n<details><summary>values to paste</summary>\n\n```\n{patch}\n```\n\n</details>"
        ));
    }
    finished(&lines)
}

/// A text that cannot break a Markdown table.
pub(super) fn escaped(text: &str) -> String {
    let text = text.replace('|', "\\|").replace('\n', " ");
    text.replace('<', "&lt;").replace('*', "\\*")
}

fn finished(lines: &[String]) -> String {
    format!("{}\n", lines.join("\n").trim_end())
}
