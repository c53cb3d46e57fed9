//! Two cases side by side, on the terminal and as Markdown.

use super::grid::{self, Cell};
use super::markdown::escaped;
use super::style::{Page, Style};
use crate::report::brief::Amount;
use crate::report::compare::{Compared, Row};
use crate::report::numbers::exact;
use crate::report::words;
use crate::stats::Interval;

/// A comparison as text for a terminal.
pub fn compared_text(compared: &Compared, style: Style) -> String {
    let mut page = Page::new(style);
    page.wrapped(&format!("{}.", compared.sentence), "");
    page.line(&compared.pairing);
    page.blank();
    let [a, b] = &compared.names;
    let mut rows = vec![Cell::row(
        Cell::text(""),
        [a.as_str(), b, "difference [95 %]"],
    )];
    for row in &compared.rows {
        let [left, right] = sides(row);
        rows.push(Cell::row(
            Cell::text(&row.label),
            [left, right, difference(row)],
        ));
    }
    grid::add(&mut page, "", &rows);
    page.blank();
    if let Some(text) = two_by_two(compared) {
        page.wrapped(&text, "");
    }
    if let Some((text, verdict)) = &compared.condition {
        let word = page.painted(words::passes(*verdict), *verdict);
        page.line(&format!("--fail-if \"{text}\": {word}"));
    }
    page.into_text()
}

/// A comparison as a Markdown comment of one screen.
pub fn compared_markdown(compared: &Compared) -> String {
    let [a, b] = compared.names.each_ref().map(|name| escaped(name));
    let mut lines = vec![
        format!("**{}** · {}", escaped(&compared.sentence), compared.pairing),
        String::new(),
        format!("| | {a} | {b} | difference [95 %] |"),
        "|---|---:|---:|---:|".to_owned(),
    ];
    for row in &compared.rows {
        let [left, right] = sides(row);
        let label = escaped(&row.label);
        lines.push(format!(
            "| {label} | {left} | {right} | {} |",
            difference(row)
        ));
    }
    lines.push(String::new());
    let mut last: Vec<String> = two_by_two(compared).into_iter().collect();
    if let Some((text, verdict)) = &compared.condition {
        last.push(format!(
            "`--fail-if \"{text}\"`: {}.",
            words::passes(*verdict)
        ));
    }
    lines.push(escaped(&last.join(" ")));
    format!("{}\n", lines.join("\n").trim_end())
}

fn sides(row: &Row) -> [String; 2] {
    row.sides
        .map(|side| side.map_or("–".to_owned(), Amount::text))
}

fn difference(row: &Row) -> String {
    let Some((amount, interval)) = row.difference else {
        return "–".to_owned();
    };
    let signed = |value: f64| {
        let text = Amount {
            value: value.abs(),
            ..amount
        }
        .text();
        let sign = if value < 0.0 {
            "-"
        } else if value > 0.0 {
            "+"
        } else {
            ""
        };
        format!("{sign}{text}")
    };
    match interval {
        Some(Interval { low, high }) => {
            format!(
                "{} [{}, {}]",
                signed(amount.value),
                signed(low),
                signed(high)
            )
        }
        None => signed(amount.value),
    }
}

fn two_by_two(compared: &Compared) -> Option<String> {
    let [both, first, second, neither] = compared.table?;
    let [a, b] = &compared.names;
    let count = |draws: usize| exact(draws as f64);
    let all = both + first + second + neither;
    Some(format!(
        "Of {} draws, both fail in {}, only {a} in {}, only {b} in {}, and neither in {}.",
        count(all),
        count(both),
        count(first),
        count(second),
        count(neither)
    ))
}
