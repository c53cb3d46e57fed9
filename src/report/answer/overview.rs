//! One line per scenario, the gravest first.

use super::grid::{self, Cell};
use super::style::{Page, Style};
use crate::report::brief::Overview;
use crate::report::words;
use crate::stats::Verdict;

/// Fewest letters of a sentence that is cut.
const SENTENCE_MIN: usize = 30;

/// The outcomes of several scenarios, the gravest first, otherwise in the order given.
pub fn overview(outcomes: &[Overview], style: Style) -> String {
    let mut page = Page::new(style);
    let mut outcomes: Vec<&Overview> = outcomes.iter().collect();
    outcomes.sort_by_key(|outcome| std::cmp::Reverse(outcome.gravity()));
    let word = |outcome: &Overview| match (outcome.verdict, outcome.expectations) {
        (Some(verdict), _) => words::safety(verdict),
        (None, Some(gravest)) => words::expectation(gravest),
        (None, None) => words::unjudged(outcome.has_goals),
    };
    let names = outcomes.iter().map(|outcome| outcome.name.chars().count());
    let word_widths = outcomes.iter().map(|outcome| word(outcome).len());
    let used = names.max().unwrap_or(0) + word_widths.max().unwrap_or(0) + 4;
    let room = page.width().saturating_sub(used).max(SENTENCE_MIN);
    let rows: Vec<Vec<Cell>> = outcomes
        .iter()
        .map(|outcome| {
            let verdict = outcome.verdict.or(outcome.expectations);
            let broken = outcome
                .expectations
                .filter(|&gravest| gravest != Verdict::Holds);
            let sentence = match broken {
                Some(gravest) => format!("[{}] {}", words::expectation(gravest), outcome.sentence),
                None => outcome.sentence.clone(),
            };
            vec![
                Cell::verdict(word(outcome), verdict),
                Cell::text(&outcome.name),
                Cell::text(cut(&sentence, room)),
            ]
        })
        .collect();
    grid::add(&mut page, "", &rows);
    page.into_text()
}

fn cut(text: &str, room: usize) -> String {
    if text.chars().count() <= room {
        return text.to_owned();
    }
    text.chars().take(room - 1).chain(['…']).collect()
}
