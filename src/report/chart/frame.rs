//! The frame of the data: grid, ticks, a value axis on the left, a lower axis.

use plotters::style::text_anchor::HPos;

use super::canvas::{Canvas, Look};
use super::scale::{Scale, time_ticks, value_ticks};
use super::theme;
use crate::model::record::catalogue::Unit;
use crate::report::timeline::Timeline;

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
    /// Width of the rectangle.
    pub(super) const fn width(self) -> i32 {
        self.right - self.left
    }

    /// The rectangle with other space at its edges.
    pub(super) const fn inset(self, left: i32, top: i32, right: i32, bottom: i32) -> Self {
        Self {
            left: self.left + left,
            top: self.top + top,
            right: self.right - right,
            bottom: self.bottom - bottom,
        }
    }
}

/// Horizontal grid lines with their values, from the first to the second of `ends`.
pub(super) fn value_axis(
    canvas: &mut Canvas<'_>,
    area: Area,
    ends: (f64, f64),
    unit: Unit,
) -> Scale {
    let scale = Scale::new(ends, (area.bottom, area.top));
    let look = Look::LABEL.coloured(theme::GREY).aligned(HPos::Right);
    for (value, text) in value_ticks(ends, unit) {
        let y = scale.at(value);
        canvas.line(&[(area.left, y), (area.right, y)], theme::GRID, 1);
        canvas.text(&text, (area.left - 8, y), look);
    }
    scale
}

/// The lower axis with its instants.
pub(super) fn time_axis(canvas: &mut Canvas<'_>, area: Area, timeline: Timeline) -> Scale {
    let scale = Scale::new((0.0, timeline.horizon_seconds), (area.left, area.right));
    let foot = [(area.left, area.bottom), (area.right, area.bottom)];
    canvas.line(&foot, theme::GREY, 1);
    let look = Look::LABEL.coloured(theme::GREY).aligned(HPos::Center);
    let most = usize::try_from(area.width() / 76).unwrap_or(0);
    for (value, text) in time_ticks(timeline, most) {
        let x = scale.at(value);
        canvas.line(&[(x, area.bottom), (x, area.bottom + 5)], theme::GREY, 1);
        canvas.text(&text, (x, area.bottom + 16), look);
    }
    scale
}

/// Vertical grid lines with their values below, from zero to `top`.
pub(super) fn lower_value_axis(canvas: &mut Canvas<'_>, area: Area, top: f64, unit: Unit) -> Scale {
    let scale = Scale::new((0.0, top), (area.left, area.right));
    let look = Look::LABEL.coloured(theme::GREY).aligned(HPos::Center);
    for (value, text) in value_ticks((0.0, top), unit) {
        let x = scale.at(value);
        canvas.line(&[(x, area.top), (x, area.bottom)], theme::GRID, 1);
        canvas.text(&text, (x, area.bottom + 14), look);
    }
    scale
}
