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
    let is = |row: &FailureRow, other: Option<&FailureRow>| {
        other.is_some_and(|one| (one.scope, one.failure) == (row.scope, row.failure))
    };
    // The bottleneck comes first among failures that are as frequent.
    rows.sort_by_key(|row| (std::cmp::Reverse(row.draws_with), !is(row, view.binding())));
    let most = *rows.first()?;
    let subject = asked.map_or(most, |asked| asked.row);
    // What the title is about is always drawn.
    rows.sort_by_key(|row| !is(row, Some(subject)) && !is(row, view.binding()));
    let drawn = rows.len().min(CURVES_MAX);
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
        let more = (most.draws_with > subject.draws_with).then(|| {
            let share = percent(most.probability);
            format!("; {} in {share}", words::happens(most.failure))
        });
        let finding = finding + &more.unwrap_or_default();
        let value = limit;
        (finding, Some((Limit { value, name }, until)))
    } else if let Some(first) = view.binding().filter(|row| !is(row, Some(subject))) {
        let (what, scope) = (capitalised(what), view.scope(subject.scope));
        let (binds, verb) = (first.failure.info().binds, words::bind(first.failure));
        let first = percent(first.probability);
        let finding =
            format!("{what} in {scope}: {share} of draws {by}; {binds} {verb} first, in {first}");
        (finding, None)
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
