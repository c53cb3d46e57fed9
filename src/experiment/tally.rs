//! What the agenda keeps in memory of a draw whose outcome is in a block.

use crate::model::record::catalogue::Failure;
use crate::model::record::outcome::{Figures, Layout};

/// A draw that has ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Tally {
    /// Number of the draw.
    pub(super) draw: u32,
    /// Seconds to its first failure of any kind that counts as one.
    pub(super) first: Option<f64>,
    /// Whether any failure happens, unsafe restarts included.
    pub(super) is_failed: bool,
    /// Events that the engine handled.
    pub(super) events: u64,
}

impl Tally {
    /// The tally of a draw.
    pub(super) fn of(draw: u32, figures: &impl Figures, events: u64, layout: &Layout) -> Self {
        let mut failures = 0..layout.failures.len();
        let first = first_of_all(layout, figures);
        Self {
            draw,
            first: first.and_then(|position| figures.first(position)),
            is_failed: failures.any(|position| figures.first(position).is_some()),
            events,
        }
    }

    /// The draw that fails first; the first of equals.
    pub(super) fn worse(self, other: Self) -> Self {
        let at = |tally: Self| (tally.first.unwrap_or(f64::INFINITY), tally.draw);
        let (here, there) = (at(self), at(other));
        let order = here.0.total_cmp(&there.0).then(here.1.cmp(&there.1));
        if order.is_gt() { other } else { self }
    }
}

/// Position of the first failure of a draw. An unsafe restart is a risk, not a failure that
/// happened.
pub(super) fn first_of_all(layout: &Layout, draw: &impl Figures) -> Option<usize> {
    let broke = layout.failures.iter().enumerate();
    let broke = broke.filter(|(_, (_, failure))| *failure != Failure::RestartUnsafe);
    let occurred = broke.filter_map(|(position, _)| Some((position, draw.first(position)?)));
    let earliest = occurred.min_by(|left, right| left.1.total_cmp(&right.1));
    earliest.map(|(position, _)| position)
}
