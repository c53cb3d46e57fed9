//! The value of an unknown at which the verdict on a case would turn.

use super::amount::Amount;
use super::influence::Influence;
use crate::experiment::store::StoreError;
use crate::model::record::catalogue::Unit;
use crate::model::record::outcome::Figures as _;
use crate::report::view::View;
use crate::report::words;
use crate::stats::Verdict;

/// Least share of the draws on either side of the value.
const SIDE_MIN: f64 = 0.05;

/// Units that inputs have.
const UNITS: [Unit; 7] = [
    Unit::Count,
    Unit::Bytes,
    Unit::Seconds,
    Unit::Ratio,
    Unit::Cores,
    Unit::SamplesPerSecond,
    Unit::BytesPerSecond,
];

/// The value of an unknown at which the verdict would turn, if somebody measured the unknown.
#[derive(Clone, Copy, Debug)]
pub(in crate::report) struct Flip {
    /// The value.
    pub(in crate::report) value: Amount,
    /// The verdict on the better side of the value, if the case fails as a whole; otherwise the
    /// verdict on the worse side.
    pub(in crate::report) verdict: Verdict,
    /// Whether that side is below the value.
    pub(in crate::report) is_below: bool,
}

impl Flip {
    /// The flip in words: `holds below 9 KiB`.
    pub(in crate::report) fn text(self) -> String {
        let verdict = words::verdict(self.verdict);
        let side = if self.is_below { "below" } else { "above" };
        format!("{verdict} {side} {}", self.value.text())
    }
}

/// The flip of an unknown for the goal about a failure that decides a case. `None` if no draws on one
/// side of any value say otherwise than all draws.
pub(super) fn of(view: &View<'_>, influence: &Influence) -> Result<Option<Flip>, StoreError> {
    let mut unknowns = view.case.unknowns.iter();
    let unknown = unknowns.position(|path| *path == influence.path);
    let asked = view.asked_row().and_then(|asked| {
        let position = view
            .case
            .layout
            .failure(asked.row.scope, asked.row.failure)?;
        Some((asked, position))
    });
    let Some((unknown, (asked, position))) = unknown.zip(asked) else {
        return Ok(None);
    };
    let draws = view.case.outcomes.open()?.collect(|draw| {
        let first = draw.first(position);
        let fails = first.is_some_and(|seconds| seconds <= asked.until);
        (draw.unknown(unknown), fails)
    })?;
    Ok(turned(view, influence, asked.limit, draws))
}

fn turned(
    view: &View<'_>,
    influence: &Influence,
    limit: f64,
    mut draws: Vec<(f64, bool)>,
) -> Option<Flip> {
    // The best draws come first.
    draws.sort_by(|left, right| {
        let order = left.0.total_cmp(&right.0);
        if influence.correlation > 0.0 {
            order
        } else {
            order.reverse()
        }
    });
    let holds = fails_of(&draws) > limit;
    if !holds {
        draws.reverse();
    }
    let value = turn(&draws, limit, holds)?;
    let case = view.results.study.cases.get(view.index())?;
    let input = case
        .inputs
        .iter()
        .find(|input| input.path == influence.path)?;
    let unit = UNITS
        .into_iter()
        .find(|&unit| words::unit(unit) == input.unit)?;
    Some(Flip {
        value: Amount::rounded(value, unit),
        verdict: if holds {
            Verdict::Holds
        } else {
            Verdict::Fails
        },
        is_below: (influence.correlation > 0.0) == holds,
    })
}

/// The last value up to which the first draws say `holds`: no more of them fail than the limit
/// allows, or more.
fn turn(draws: &[(f64, bool)], limit: f64, holds: bool) -> Option<f64> {
    let all = draws.len() as f64;
    let mut failed = 0.0;
    let mut found = None;
    for (index, (value, fails)) in draws.iter().enumerate() {
        failed += f64::from(u8::from(*fails));
        let seen = index as f64 + 1.0;
        let is_side = (SIDE_MIN * all..=(1.0 - SIDE_MIN) * all).contains(&seen);
        if is_side && (failed / seen <= limit) == holds {
            found = Some(*value);
        }
    }
    found
}

/// Share of the draws that fail.
fn fails_of(draws: &[(f64, bool)]) -> f64 {
    let failed = draws.iter().filter(|draw| draw.1).count();
    failed as f64 / (draws.len() as f64).max(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_draws_turn_where_they_have_failed_too_often() {
        let draws: Vec<(f64, bool)> = (0..100)
            .map(|index| (f64::from(index), index >= 60))
            .collect();
        assert_eq!(turn(&draws, 0.1, true), Some(65.0));
        assert!((fails_of(&draws) - 0.4).abs() < 1e-12);
        let worst: Vec<(f64, bool)> = draws.iter().rev().copied().collect();
        assert_eq!(turn(&worst, 0.5, false), Some(21.0));
        assert_eq!(turn(&draws, 0.5, false), None);
    }
}
