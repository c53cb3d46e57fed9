//! The smallest size on the terminal.

use super::grid::{self, Cell};
use super::style::{Page, Style};
use crate::report::brief::SizeBrief;
use crate::report::words;

/// The brief of a search as text for a terminal.
pub fn size_answer(brief: &SizeBrief, style: Style) -> String {
    let mut page = Page::new(style);
    page.line(&brief.name);
    if !brief.question.is_empty() {
        page.wrapped(&brief.question, "");
    }
    page.blank();
    let word = page.painted(words::found(brief.verdict), brief.verdict);
    page.hanging(
        &format!("{word}  "),
        &format!("{}.", brief.sentence),
        "      ",
    );
    page.blank();
    table(&mut page, brief);
    for note in &brief.notes {
        page.wrapped(note, "  ");
    }
    if !brief.patch.is_empty() {
        page.blank();
        for line in brief.patch.lines() {
            page.line(line);
        }
    }
    page.into_text()
}

fn table(page: &mut Page, brief: &SizeBrief) {
    let mut head = vec![Cell::text("size"), Cell::number("requested")];
    head.extend(brief.goals.iter().map(Cell::text));
    let mut rows = vec![head];
    for line in &brief.rows {
        let mut row = vec![Cell::text(&line.label), Cell::number(line.requested())];
        let goals = line.goals.iter();
        row.extend(goals.map(|(verdict, text)| Cell::verdict(text, Some(*verdict))));
        row.push(Cell::text(line.note));
        rows.push(row);
    }
    grid::add(page, "", &rows);
}
