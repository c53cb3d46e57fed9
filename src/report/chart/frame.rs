//! The rectangle in which data stand: grid, ticks, a value axis at the left, a lower axis.

use super::canvas::{Align, Canvas, Look};
use super::scale::{Scale, Tick};
use super::theme;

/// A rectangle in pixels.
#[derive(Clone, Copy)]
pub(super) struct Area {
    /// Left edge.
    pub(super) left: i32,
    /// Upper edge.
    pub(super) top: i32,
    /// Right edge.
    pub(super) right: i32,
    /// Lower edge.
    pub(super) bottom: i32,
}

impl Area {
    /// Its width.
    pub(super) const fn width(self) -> i32 {
        self.right - self.left
    }

    /// The same with other space at its edges.
    pub(super) const fn inset(self, left: i32, top: i32, right: i32, bottom: i32) -> Self {
        Self {
            left: self.left + left,
            top: self.top + top,
            right: self.right - right,
            bottom: self.bottom - bottom,
        }
    }
}

/// Horizontal grid lines with their values.
pub(super) fn value_axis(canvas: &mut Canvas<'_>, area: Area, scale: Scale, ticks: &[Tick]) {
    let look = Look::LABEL.coloured(theme::GREY).aligned(Align::Right);
    for (value, text) in ticks {
        let y = scale.at(*value);
        canvas.line(&[(area.left, y), (area.right, y)], theme::GRID, 1);
        canvas.text(text, (area.left - 8, y), look);
    }
}

/// The lower axis with its instants.
pub(super) fn time_axis(canvas: &mut Canvas<'_>, area: Area, scale: Scale, ticks: &[Tick]) {
    canvas.line(
        &[(area.left, area.bottom), (area.right, area.bottom)],
        theme::GREY,
        1,
    );
    let look = Look::LABEL.coloured(theme::GREY).aligned(Align::Middle);
    for (value, text) in ticks {
        let x = scale.at(*value);
        canvas.line(&[(x, area.bottom), (x, area.bottom + 5)], theme::GREY, 1);
        canvas.text(text, (x, area.bottom + 16), look);
    }
}

/// Vertical grid lines with their values below.
pub(super) fn lower_value_axis(canvas: &mut Canvas<'_>, area: Area, scale: Scale, ticks: &[Tick]) {
    let look = Look::LABEL.coloured(theme::GREY).aligned(Align::Middle);
    for (value, text) in ticks {
        let x = scale.at(*value);
        canvas.line(&[(x, area.top), (x, area.bottom)], theme::GRID, 1);
        canvas.text(text, (x, area.bottom + 14), look);
    }
}
