//! The instants of first failures.

use super::figure::{Body, Curve, Figure, Limit, Steps};
use super::theme;
use crate::experiment::results::FailureRow;
use crate::report::numbers::percent;
use crate::report::view::{Asked, View};
use crate::report::words;

/// Most curves of one chart.
const CURVES_MAX: usize = 6;

pub(super) fn figure(view: &View<'_>) -> Option<Figure> {
    let mut rows = view.failures();
    let asked = view.asked_row();
    // What the title is about is always drawn.
    let is_subject = |row: &FailureRow| {
        let subject = asked.map(|asked| asked.row).or(view.binding());
        subject.is_some_and(|one| (one.scope, one.failure) == (row.scope, row.failure))
    };
    rows.sort_by_key(|row| !is_subject(row));
    let drawn = rows.len().min(CURVES_MAX);
    let subject = *rows.first()?;
    rows[..drawn].sort_by_key(|row| std::cmp::Reverse(row.draws_with));
    let (share, by) = (percent(subject.probability), view.by(subject));
    let what = words::happens(subject.failure);
    let (finding, goal) = if let Some(Asked {
        limit, text, until, ..
    }) = asked
    {
        let name = format!("goal {text}");
        let (what, scope) = (capitalised(what), view.scope(subject.scope));
        let finding = format!("{what} in {scope}: {share} of draws {by}; the goal is {text}");
        let value = limit;
        (finding, Some((Limit { value, name }, until)))
    } else {
        let first = capitalised(subject.failure.info().binds);
        let verb = words::bind(subject.failure);
        // An unsafe restart is no bottleneck.
        let order = if view.binding().is_some() {
            " first"
        } else {
            ""
        };
        let finding = format!("{first} {verb}{order}: {what} in {share} of draws {by}");
        (finding, None)
    };
    let rest = if rows.len() > CURVES_MAX {
        format!("; {CURVES_MAX} of {} failures shown", rows.len())
    } else {
        String::new()
    };
    let curves = rows.iter().take(CURVES_MAX);
    Some(Figure {
        finding,
        measure: format!("Share of draws that have failed, with 95 % interval at the end{rest}"),
        body: Body::Steps(Steps {
            curves: curves.map(|row| curve(view, row)).collect(),
            goal,
            timeline: view.timeline,
        }),
    })
}

fn curve(view: &View<'_>, row: &FailureRow) -> Curve {
    Curve {
        name: format!("{}, {}", words::happens(row.failure), view.scope(row.scope)),
        colour: theme::failure(row.failure),
        first_seconds: row.first_seconds.clone(),
        draws: view.draws(),
        probability: row.probability,
        interval: row.interval,
    }
}

/// The text with its first letter as a capital.
pub(super) fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}
