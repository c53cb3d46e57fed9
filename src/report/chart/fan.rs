//! Draws bands over time: median, the 5th to 95th percentile, and the limit that they may cross.

use plotters::style::RGBColor;
use plotters::style::text_anchor::HPos;

use super::canvas::{Canvas, Look, Point};
use super::crossing::{Crossing, Percentile, crossings};
use super::figure::{Fans, Limit, Panel};
use super::frame::{Area, time_axis, value_axis};
use super::label::spread;
use super::scale::Scale;
use super::theme;
use crate::experiment::results::Band;
use crate::model::record::catalogue::Unit;
use crate::report::numbers::human;

/// Most panels of one chart.
pub(super) const PANELS_MAX: usize = 4;

/// Factor above the data from which a limit is named but not drawn, since the data would be a flat
/// line.
const LIMIT_FACTOR_MAX: f64 = 4.0;

/// Share of its height below which a band that ends is a spike. A spike has its label at its peak.
const SPIKE_END_MAX: f64 = 0.4;

/// Width in pixels below which a panel has room only for dates.
const BRIEF_BELOW: i32 = 400;

impl Fans {
    /// Draws up to [`PANELS_MAX`] panels side by side. More than two panels take two rows.
    pub(super) fn paint(&self, canvas: &mut Canvas<'_>, area: Area) {
        let panels = &self.panels[..self.panels.len().min(PANELS_MAX)];
        for (index, panel) in panels.iter().enumerate() {
            let cell = cell(area, index, panels.len());
            if panels.len() > 1 {
                let look = Look::LABEL.bold();
                let name = theme::cut(&panel.name, theme::LABEL, cell.width());
                canvas.text(&name, (cell.left + 4, cell.top + 8), look);
            }
            let head = if panels.len() > 1 { 26 } else { 8 };
            let foot = if panels.len() > 2 { 42 } else { 26 };
            let plot = cell.inset(62, head, 128, foot);
            let highest = panel.bands.iter().map(|band| band.p95).fold(0.0, f64::max);
            let near = (highest - self.floor()) * LIMIT_FACTOR_MAX;
            let limit = panel.limit.as_ref();
            let limit = limit.filter(|limit| limit.value - self.floor() <= near);
            let top = limit.map_or(highest, |limit| limit.value.max(highest));
            let ends = (self.floor(), self.top(top));
            let painter = Painter {
                y: value_axis(canvas, plot, ends, self.unit),
                x: time_axis(canvas, plot, self.timeline),
                fans: self,
                canvas,
                plot,
                panel,
                highest,
                limit,
            };
            painter.paint(theme::data(index));
        }
    }

    /// Lower end of the value axis: the value that changes nothing.
    fn floor(&self) -> f64 {
        if self.unit == Unit::Factor { 1.0 } else { 0.0 }
    }

    /// Upper end of a value axis that reaches `highest`.
    fn top(&self, highest: f64) -> f64 {
        // A factor that is too small to notice does not fill the height.
        let least = if self.unit == Unit::Factor { 0.1 } else { 1e-9 };
        self.floor() + (highest - self.floor()).max(least) * 1.08
    }
}

/// The part of `area` that belongs to a panel.
fn cell(area: Area, index: usize, count: usize) -> Area {
    let (columns, rows) = (if count > 1 { 2 } else { 1 }, if count > 2 { 2 } else { 1 });
    let index = i32::try_from(index).expect("there are at most four panels");
    let (column, row) = (index % columns, index / columns);
    let (width, height) = (area.width() / columns, (area.bottom - area.top) / rows);
    Area {
        left: area.left + column * width,
        top: area.top + row * height,
        right: area.left + (column + 1) * width,
        bottom: area.top + (row + 1) * height,
    }
}

/// One panel while it is painted.
struct Painter<'p, 'c, 'b> {
    fans: &'p Fans,
    canvas: &'c mut Canvas<'b>,
    plot: Area,
    panel: &'p Panel,
    /// The highest 95th percentile.
    highest: f64,
    /// The limit, if it is near enough to the data to be drawn.
    limit: Option<&'p Limit>,
    x: Scale,
    y: Scale,
}

impl Painter<'_, '_, '_> {
    fn paint(mut self, colour: RGBColor) {
        let mut outline = self.points(|band| band.p95);
        outline.extend(self.points(|band| band.p05).into_iter().rev());
        self.canvas.area(&outline, theme::faint(colour));
        let median = self.points(|band| band.p50);
        self.canvas.line(&median, colour, 3);
        self.paint_limit();
        if self.is_spike() {
            self.paint_peak(colour);
        } else {
            self.paint_labels();
        }
    }

    fn points(&self, percentile: Percentile) -> Vec<Point> {
        let point = |band: &Band| (self.x.at(band.seconds), self.y.at(percentile(band)));
        self.panel.bands.iter().map(point).collect()
    }

    /// The limit line, and where the bands cross it.
    fn paint_limit(&mut self) {
        let Some(limit) = self.limit else { return };
        let y = self.y.at(limit.value);
        let line = ((self.plot.left, y), (self.plot.right, y));
        self.canvas.dashed(line, theme::LIMIT, 6);
        let brief = self.plot.width() < BRIEF_BELOW;
        let bands = &self.panel.bands;
        let mut height = self.plot.bottom - 14;
        for crossing in crossings(bands, limit.value, self.fans.timeline, brief) {
            self.paint_crossing(&crossing, (y, height));
            height -= 20;
        }
    }

    /// A dot on the limit, a line down, and the date beside it.
    fn paint_crossing(&mut self, crossing: &Crossing, (y, height): (i32, i32)) {
        let x = self.x.at(crossing.seconds);
        let down = ((x, y), (x, self.plot.bottom));
        self.canvas.dashed(down, theme::LIMIT, 2);
        self.canvas.dot((x, y), 5, theme::LIMIT);
        self.paint_beside(&crossing.text, (x, height), theme::LIMIT);
    }

    /// A text on the side of a point that has room for it.
    fn paint_beside(&mut self, text: &str, (x, y): Point, colour: RGBColor) {
        let fits = x + theme::text_width(text, theme::LABEL) + 8 < self.plot.right;
        let (at, align) = if fits {
            (x + 8, HPos::Left)
        } else {
            (x - 8, HPos::Right)
        };
        let look = Look::LABEL.coloured(colour).aligned(align).bold();
        self.canvas.text(text, (at, y), look);
    }

    /// Whether the end of the band is far below its peak.
    fn is_spike(&self) -> bool {
        let end = self.panel.bands.last().map_or(0.0, |band| band.p95);
        end - self.fans.floor() < SPIKE_END_MAX * (self.highest - self.fans.floor())
    }

    /// The height and the date of a spike, beside its peak.
    fn paint_peak(&mut self, colour: RGBColor) {
        let bands = self.panel.bands.iter();
        let Some(peak) = bands.rev().max_by(|a, b| a.p95.total_cmp(&b.p95)) else {
            return;
        };
        let (x, y) = (self.x.at(peak.seconds), self.y.at(peak.p95));
        let [p95, median] = [peak.p95, peak.p50].map(|value| human(value, self.fans.unit));
        let day = self.fans.timeline.day(peak.seconds);
        let lines = [format!("p95 {p95} on {day}"), format!("median {median}")];
        self.canvas.dot((x, y), 4, colour);
        // Away from the line of the limit, whose name stands at its right end.
        let line = self.limit.map(|limit| self.y.at(limit.value));
        let covered = line.filter(|line| (y - line).abs() < 17);
        let first = covered.map_or(y + 4, |line| line + 18);
        for (line, y) in lines.iter().zip((first..).step_by(17)) {
            self.paint_beside(line, (x, y), theme::INK);
        }
        if let (Some(limit), Some(line)) = (self.limit, line) {
            let (at, look) = (
                self.plot.right + 8,
                Look::LABEL.coloured(theme::LIMIT).bold(),
            );
            self.canvas.text(&limit.name, (at, line), look);
        }
    }

    /// Names and last values beside the right ends of the lines.
    fn paint_labels(&mut self) {
        let Some(last) = self.panel.bands.last() else {
            return;
        };
        let plain = Look::LABEL;
        let label = |name: &str, value: f64, look| {
            let text = human(value, self.fans.unit);
            (self.y.at(value), format!("{name}{text}"), look)
        };
        let mut labels = if last.p95 - last.p05 <= 0.0 {
            vec![label("", last.p50, plain.bold())]
        } else {
            vec![
                label("p95 ", last.p95, plain),
                label("median ", last.p50, plain.bold()),
                label("p5 ", last.p05, plain),
            ]
        };
        if let Some(limit) = self.limit {
            let look = plain.coloured(theme::LIMIT).bold();
            labels.push((self.y.at(limit.value), limit.name.clone(), look));
        } else if let Some(limit) = &self.panel.limit {
            let look = plain.coloured(theme::LIMIT);
            labels.push((self.plot.top, format!("↑ {}", limit.name), look));
        }
        let wanted: Vec<i32> = labels.iter().map(|label| label.0).collect();
        let places = spread(&wanted, 17, (self.plot.top, self.plot.bottom));
        for ((_, text, look), y) in labels.into_iter().zip(places) {
            self.canvas.text(&text, (self.plot.right + 8, y), look);
        }
    }
}
