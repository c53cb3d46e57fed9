//! The answer on the terminal: verdict first, then the bottleneck and when, then the numbers. The same
//! as Markdown and as JSON.
//!
//! Colour means status only, and always colours a word that means the same. Nothing is computed
//! here: every number is in the [`Brief`].

mod case;
mod compare;
mod comparison;
mod findings;
pub(super) mod grid;
mod json;
mod markdown;
mod numbers;
mod overview;
mod requirements;
pub(super) mod short;
mod size;
pub(super) mod style;

pub use compare::{compared_markdown, compared_text};
pub use json::{Ending, Frame, JsonAnswer, answer_json, compared_json, json_document, size_json};
pub use markdown::{answer_markdown, answers_markdown, size_markdown};
pub use overview::overview;
pub use size::size_answer;
pub use style::Style;

use style::Page;

use super::brief::{Brief, CaseBrief};
use super::numbers::exact;

/// Most cases that each have their own paragraph.
const CASES_MAX: usize = 6;

/// Most cases whose goals and numbers are all shown.
const COMPARED_MAX: usize = 3;

/// A brief as text for a terminal: the answer in ten lines.
pub fn answer(brief: &Brief, style: Style) -> String {
    let mut page = Page::new(style);
    head(&mut page, brief);
    short::headline(&mut page, brief);
    short::table(&mut page, brief);
    short::end(&mut page, brief);
    page.into_text()
}

/// Everything else in a brief: what breaks in each case, every goal, the numbers of a review, and
/// the statements of the deployment guide.
pub fn details(brief: &Brief, style: Style) -> String {
    let mut page = Page::new(style);
    let cases = brief.cases.as_slice();
    let many = cases.len() > CASES_MAX;
    if many {
        case::table(&mut page, brief);
        page.blank();
    }
    // With many cases only the base is detailed. The tables show the other cases.
    let detailed = if many { &cases[..1] } else { cases };
    for case in detailed {
        case::paragraph(&mut page, brief, case);
    }
    let condensed = cases.len() > COMPARED_MAX;
    requirements::goals(&mut page, &brief.goals, condensed);
    requirements::expectations(&mut page, &brief.expectations);
    if condensed {
        comparison::section(&mut page, brief);
    }
    let numbered = if condensed { &cases[..1] } else { cases };
    for case in numbered {
        numbers::section(&mut page, case, cases);
    }
    for index in 0..detailed.len() {
        findings::section(&mut page, cases, index);
    }
    page.into_text()
}

/// Name, size and question of the study.
fn head(page: &mut Page, brief: &Brief) {
    let replications = match brief.replications {
        0 | 1 => String::new(),
        count => format!(" × {count} replications"),
    };
    let facts = format!(
        "{} draws{replications}{} · seed {} · {}",
        exact(f64::from(brief.draws)),
        brief.ending.words(),
        brief.seed,
        brief.timeline.span()
    );
    page.line(&format!("{}   {facts}", brief.name));
    if !brief.question.is_empty() {
        page.wrapped(&brief.question, "");
    }
    page.blank();
}

/// The end of a heading that names its case.
fn of_case(case: &CaseBrief, cases: &[CaseBrief]) -> String {
    if cases.len() > 1 {
        format!(" of case {}", case.label)
    } else {
        String::new()
    }
}
