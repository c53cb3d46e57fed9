//! Draws bands over time: median, the 5th to 95th percentile, and the limit that they may cross.

use plotters::style::RGBColor;

use super::canvas::{Align, Canvas, Look, Point};
use super::crossing::{Crossing, Percentile, crossings};
use super::figure::{Limit, Panel};
use super::frame::{Area, time_axis, value_axis};
use super::label::spread;
use super::scale::{Format, Scale, time_ticks, value_ticks};
use super::theme;
use crate::experiment::results::Band;
use crate::report::timeline::Timeline;

/// Panels that one chart holds.
pub(super) const PANELS_MAX: usize = 4;

/// A limit this many times above the data is named but not drawn, or the data would be a flat line.
const LIMIT_FACTOR_MAX: f64 = 4.0;

/// A band that ends below this share of its height is a spike, and labelled there.
const SPIKE_END_MAX: f64 = 0.4;

/// A panel narrower than this has room for dates only.
const BRIEF_BELOW: i32 = 400;

/// What the panels of one chart share.
pub(super) struct Fans {
    /// How values are written.
    pub(super) format: Format,
    /// Where the value axis starts.
    pub(super) floor: f64,
    /// Dates of the time axis.
    pub(super) timeline: Timeline,
}

impl Fans {
    /// Draws up to [`PANELS_MAX`] panels side by side, in two rows if there are more than two.
    pub(super) fn paint(&self, canvas: &mut Canvas<'_>, area: Area, panels: &[Panel]) {
        let panels = &panels[..panels.len().min(PANELS_MAX)];
        for (index, panel) in panels.iter().enumerate() {
            let cell = cell(area, index, panels.len());
            let colour = theme::data(index);
            if panels.len() > 1 {
                let look = Look::LABEL.bold().coloured(theme::INK);
                let name = theme::cut(&panel.name, theme::LABEL, cell.width());
                canvas.text(&name, (cell.left + 4, cell.top + 8), look);
            }
            let head = if panels.len() > 1 { 26 } else { 8 };
            let foot = if panels.len() > 2 { 42 } else { 26 };
            let plot = cell.inset(62, head, 128, foot);
            Painter {
                fans: self,
                canvas,
                plot,
                panel,
                x: self.x(plot),
                y: self.y(plot, panel),
            }
            .paint(colour);
        }
    }

    fn x(&self, plot: Area) -> Scale {
        let horizon = self.timeline.horizon_seconds();
        Scale::new((0.0, horizon), (plot.left, plot.right))
    }

    fn y(&self, plot: Area, panel: &Panel) -> Scale {
        Scale::new((self.floor, self.top(panel)), (plot.bottom, plot.top))
    }

    /// The upper end of the value axis.
    fn top(&self, panel: &Panel) -> f64 {
        let highest = highest(panel);
        let limit = drawn_limit(panel, self.floor).map_or(highest, |limit| limit.value);
        // A factor of which nobody would notice anything is not blown up to the full height.
        let least = if self.format == Format::Factor {
            0.1
        } else {
            1e-9
        };
        self.floor + (highest.max(limit) - self.floor).max(least) * 1.08
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

fn highest(panel: &Panel) -> f64 {
    panel.bands.iter().map(|band| band.p95).fold(0.0, f64::max)
}

/// The limit, if it is near enough to the data.
fn drawn_limit(panel: &Panel, floor: f64) -> Option<&Limit> {
    let near = (highest(panel) - floor) * LIMIT_FACTOR_MAX;
    panel
        .limit
        .as_ref()
        .filter(|limit| limit.value - floor <= near)
}

/// One panel under the brush.
struct Painter<'p, 'c, 'b> {
    fans: &'p Fans,
    canvas: &'c mut Canvas<'b>,
    plot: Area,
    panel: &'p Panel,
    x: Scale,
    y: Scale,
}

impl Painter<'_, '_, '_> {
    fn paint(&mut self, colour: RGBColor) {
        let ticks = value_ticks(self.fans.floor, self.fans.top(self.panel), self.fans.format);
        value_axis(self.canvas, self.plot, self.y, &ticks);
        let most = usize::try_from(self.plot.width() / 76).unwrap_or(0);
        time_axis(
            self.canvas,
            self.plot,
            self.x,
            &time_ticks(self.fans.timeline, most),
        );
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
        let Some(limit) = drawn_limit(self.panel, self.fans.floor).cloned() else {
            return;
        };
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

    /// A text at the side of a point on which there is room for it.
    fn paint_beside(&mut self, text: &str, (x, y): Point, colour: RGBColor) {
        let fits = x + theme::text_width(text, theme::LABEL) + 8 < self.plot.right;
        let (at, align) = if fits {
            (x + 8, Align::Left)
        } else {
            (x - 8, Align::Right)
        };
        let look = Look::LABEL.coloured(colour).aligned(align).bold();
        self.canvas.text(text, (at, y), look);
    }

    /// Whether the end of the band says little of its height.
    fn is_spike(&self) -> bool {
        let end = self.panel.bands.last().map_or(0.0, |band| band.p95);
        end - self.fans.floor < SPIKE_END_MAX * (highest(self.panel) - self.fans.floor)
    }

    /// The height and the date of a spike, beside it.
    fn paint_peak(&mut self, colour: RGBColor) {
        let bands = self.panel.bands.iter();
        let Some(peak) = bands.rev().max_by(|a, b| a.p95.total_cmp(&b.p95)) else {
            return;
        };
        let (x, y) = (self.x.at(peak.seconds), self.y.at(peak.p95));
        let value = |value| self.fans.format.text(value);
        let lines = [
            format!(
                "p95 {} on {}",
                value(peak.p95),
                self.fans.timeline.day(peak.seconds)
            ),
            format!("median {}", value(peak.p50)),
        ];
        self.canvas.dot((x, y), 4, colour);
        // Clear of the limit's line, whose name stands at its right end.
        let limit = drawn_limit(self.panel, self.fans.floor).cloned();
        let line = limit.as_ref().map(|limit| self.y.at(limit.value));
        let first = line
            .filter(|line| (y - line).abs() < 17)
            .map_or(y + 4, |line| line + 18);
        for (line, y) in lines.iter().zip((first..).step_by(17)) {
            self.paint_beside(line, (x, y), theme::INK);
        }
        if let (Some(limit), Some(line)) = (limit, line) {
            let look = Look::LABEL.coloured(theme::LIMIT).bold();
            self.canvas
                .text(&limit.name, (self.plot.right + 8, line), look);
        }
    }

    /// Names and last values beside the right ends of the lines.
    fn paint_labels(&mut self) {
        let Some(last) = self.panel.bands.last() else {
            return;
        };
        let plain = Look::LABEL.coloured(theme::INK);
        let value = |name: &str, value: f64| format!("{name} {}", self.fans.format.text(value));
        let mut labels = vec![
            (self.y.at(last.p95), value("p95", last.p95), plain),
            (self.y.at(last.p50), value("median", last.p50), plain.bold()),
            (self.y.at(last.p05), value("p5", last.p05), plain),
        ];
        if last.p95 - last.p05 <= 0.0 {
            labels = vec![(
                self.y.at(last.p50),
                self.fans.format.text(last.p50),
                plain.bold(),
            )];
        }
        if let Some(limit) = drawn_limit(self.panel, self.fans.floor) {
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
