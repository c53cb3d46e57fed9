//! Draws a value with its range for every case, one row each.

use plotters::style::text_anchor::HPos;

use super::canvas::{Canvas, Look, Point};
use super::figure::{Mark, Ranges, Row};
use super::frame::{Area, lower_value_axis};
use super::scale::Scale;
use super::theme;
use crate::report::numbers::human;

/// Width for the names of cases on the left.
const NAMES: i32 = 250;
/// Width for the values on the right.
const VALUES: i32 = 190;
/// Height of one mark.
const MARK: i32 = 20;
/// Height of one line of a name.
const NAME_LINE: i32 = 16;
/// Free height between two rows.
const GAP: i32 = 14;
/// Height of the line that explains the colours.
const KEYS: i32 = 26;

impl Ranges {
    /// Height of the chart, with keys and axis.
    pub(super) fn height(&self) -> i32 {
        let rows = self.rows.iter().map(|row| self.row_height(row));
        self.head() + rows.sum::<i32>() + 34
    }

    /// Height above the first row.
    fn head(&self) -> i32 {
        if self.limit.is_some() {
            KEYS + 16
        } else {
            KEYS
        }
    }

    fn row_height(&self, row: &Row) -> i32 {
        let marks = i32::try_from(row.marks.len().min(self.keys.len())).unwrap_or(1);
        marks.max(1) * MARK + GAP
    }

    /// Draws the rows.
    pub(super) fn paint(&self, canvas: &mut Canvas<'_>, area: Area) {
        let plot = area.inset(NAMES, self.head(), VALUES, 26);
        self.paint_keys(canvas, area);
        let scale = lower_value_axis(canvas, plot, self.top(), self.unit);
        let mut y = plot.top;
        for row in &self.rows {
            self.paint_row(canvas, (area, y), scale, row);
            y += self.row_height(row);
        }
        self.paint_limit(canvas, plot, scale);
        if self.rows.iter().any(|row| row.limit.is_some()) {
            let look = Look::LABEL.bold().coloured(theme::LIMIT);
            canvas.text(
                "┆ limit of the case",
                (area.right - VALUES + 12, area.top + 8),
                look,
            );
        }
    }

    fn top(&self) -> f64 {
        let marks = self.rows.iter().flat_map(|row| row.marks.iter().flatten());
        let highest = marks.map(|mark| mark.high).fold(0.0, f64::max);
        let limit = self.limit.as_ref().map_or(0.0, |limit| limit.value);
        let limits = self.rows.iter().filter_map(|row| row.limit);
        let limit = limits.fold(limit, f64::max);
        (highest.max(limit) * 1.05).max(1e-6)
    }

    /// The meaning of each colour. A single colour needs no key, since the measure says it.
    fn paint_keys(&self, canvas: &mut Canvas<'_>, area: Area) {
        if self.keys.len() < 2 {
            return;
        }
        let mut x = area.left + NAMES;
        for &(key, colour) in &self.keys {
            canvas.dot((x + 5, area.top + 8), 5, colour);
            let look = Look::LABEL.bold();
            canvas.text(key, (x + 16, area.top + 8), look);
            x += theme::text_width(key, theme::LABEL) + 44;
        }
    }

    fn paint_row(
        &self,
        canvas: &mut Canvas<'_>,
        (area, top): (Area, i32),
        scale: Scale,
        row: &Row,
    ) {
        let height = self.row_height(row);
        self.paint_name(canvas, (area.left + NAMES - 12, top + height / 2), row);
        for (index, mark) in row.marks.iter().enumerate() {
            let offset = i32::try_from(index).unwrap_or(0) * MARK;
            let y = top + GAP / 2 + offset + MARK / 2;
            let colour = self.keys.get(index).map_or(theme::INK, |key| key.1);
            let value = (area.right - VALUES + 12, y);
            let Some(mark) = mark else {
                canvas.text("–", value, Look::LABEL.coloured(theme::GREY));
                continue;
            };
            let ends = [(scale.at(mark.low), y), (scale.at(mark.high), y)];
            canvas.line(&ends, colour, 3);
            canvas.dot((scale.at(mark.value), y), 5, colour);
            canvas.text(&self.value(*mark), value, Look::LABEL);
            let key = self.keys.get(index).map_or("", |key| key.0);
            let text = format!("{}\n{key} {}", row.name, self.value(*mark));
            let area = Area {
                top: y - MARK / 2,
                bottom: y + MARK / 2,
                ..area
            };
            canvas.hit(area, &text, &[mark.low, mark.value, mark.high]);
        }
        if let Some(limit) = row.limit {
            let x = scale.at(limit);
            let line = ((x, top + 4), (x, top + height - 4));
            canvas.dashed(line, theme::LIMIT, 3);
        }
    }

    /// The name of a case, in as many lines as its row has room for.
    fn paint_name(&self, canvas: &mut Canvas<'_>, (right, middle): Point, row: &Row) {
        let most = (self.row_height(row) - GAP / 2) / NAME_LINE;
        let mut lines = theme::wrapped(&row.name, theme::LABEL, NAMES - 16);
        if lines.len() > usize::try_from(most).unwrap_or(1) {
            lines = vec![theme::cut(&row.name, theme::LABEL, NAMES - 16)];
        }
        let rest = i32::try_from(lines.len()).unwrap_or(1) - 1;
        let look = Look::LABEL.aligned(HPos::Right);
        let first = middle - rest * NAME_LINE / 2;
        for (line, y) in lines.iter().zip((first..).step_by(16)) {
            canvas.text(line, (right, y), look);
        }
    }

    fn value(&self, mark: Mark) -> String {
        let ends = [mark.value, mark.low, mark.high];
        let [value, low, high] = ends.map(|value| human(value, self.unit));
        format!("{value} [{low}, {high}]")
    }

    fn paint_limit(&self, canvas: &mut Canvas<'_>, plot: Area, scale: Scale) {
        let Some(limit) = &self.limit else { return };
        let x = scale.at(limit.value);
        canvas.dashed(((x, plot.top), (x, plot.bottom)), theme::LIMIT, 6);
        let look = Look::LABEL
            .bold()
            .coloured(theme::LIMIT)
            .aligned(HPos::Center);
        canvas.text(&limit.name, (x, plot.top - 10), look);
    }
}
