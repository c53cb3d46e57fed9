//! The instants of first failures.

use super::figure::{Body, Curve, Figure, Steps};
use crate::experiment::results::FailureRow;
use crate::report::numbers::percent;
use crate::report::view::View;
use crate::report::words;

/// Most curves of one chart.
const CURVES_MAX: usize = 6;

pub(super) fn figure(view: &View<'_>) -> Option<Figure> {
    let rows = view.failures();
    let binding = view.binding()?;
    let (share, by) = (percent(binding.probability), view.by(binding));
    let what = words::happens(binding.failure);
    let first = capitalised(binding.failure.info().binds);
    let verb = words::bind(binding.failure);
    let rest = if rows.len() > CURVES_MAX {
        format!("; {CURVES_MAX} of {} failures shown", rows.len())
    } else {
        String::new()
    };
    let curves = rows.iter().take(CURVES_MAX);
    Some(Figure {
        finding: format!("{first} {verb} first: {what} in {share} of draws {by}"),
        measure: format!("Share of draws that have failed, with 95 % interval at the end{rest}"),
        body: Body::Steps(Steps {
            curves: curves.map(|row| curve(view, row)).collect(),
            timeline: view.timeline,
        }),
    })
}

fn curve(view: &View<'_>, row: &FailureRow) -> Curve {
    Curve {
        name: format!("{}, {}", words::happens(row.failure), view.scope(row.scope)),
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
