//! The answer on the terminal: verdict first, then what binds and when, then the numbers.
//!
//! Colour means status only and always stands on a word that says the same. Nothing is computed
//! here; every number is a row of the results.

mod by_case;
mod case;
mod findings;
mod goals;
pub(super) mod grid;
mod key_numbers;
pub(super) mod style;

pub use style::Style;

use crate::experiment::results::Results;
use style::Page;

use super::view::View;

/// Cases up to which each has a paragraph of its own.
const CASES_MAX: usize = 6;

/// Cases up to which the goals and the numbers of each are shown.
const COMPARED_MAX: usize = 3;

/// What the results say, as text for a terminal.
pub fn answer(results: &Results, style: Style) -> String {
    let mut page = Page::new(style);
    head(&mut page, results);
    let cases: Vec<_> = View::all(results).collect();
    let many = cases.len() > CASES_MAX;
    if many {
        case::table(&mut page, &cases);
        page.blank();
    }
    // With many cases the base stands for all: the rest is in the tables.
    let detailed = if many { &cases[..1] } else { &cases[..] };
    for view in detailed {
        case::paragraph(&mut page, view);
    }
    let condensed = cases.len() > COMPARED_MAX;
    goals::section(&mut page, results, condensed);
    if condensed {
        by_case::section(&mut page, &cases);
    }
    let numbered = if condensed { &cases[..1] } else { &cases[..] };
    for view in numbered {
        key_numbers::section(&mut page, view, cases.len() > 1);
    }
    for view in detailed {
        findings::section(&mut page, view, cases.len() > 1);
    }
    page.into_text()
}

/// Name, size and question.
fn head(page: &mut Page, results: &Results) {
    let study = &results.study;
    let timeline = super::timeline::Timeline::of(study);
    let replications = match study.replications {
        0 | 1 => String::new(),
        count => format!(" × {count} replications"),
    };
    let facts = format!(
        "{} draws{replications} · seed {} · {}",
        super::numbers::exact(f64::from(study.draws)),
        study.seed,
        timeline.span()
    );
    page.line(&format!("{}   {facts}", study.name));
    if !study.question.is_empty() {
        page.wrapped(&study.question, "");
    }
    page.blank();
}
