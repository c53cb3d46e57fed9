//! Draws bands over time: median, the 5th to 95th percentile, and the limit that they may cross.

use plotters::style::RGBColor;

use super::canvas::{Canvas, Look, Point};
use super::crossing::{Percentile, crossings};
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

/// Share of its height below which a band that ends is a spike. A spike has the labels of its peak.
const SPIKE_END_MAX: f64 = 0.4;

/// Factor over its neighbours from which a point is an event, drawn as a mark. Points are days apart,
/// and a line would draw an outage of minutes as a triangle of days.
const EVENT_FACTOR: f64 = 1.25;

/// Most points in a row that are one event: an event may lie across a point.
const EVENT_POINTS: usize = 2;

/// Pixels by which an event stands out at least.
const EVENT_PIXELS: i32 = 12;

/// Width for the labels on the right of a chart with one panel, and with several.
const LABELS: [i32; 2] = [196, 136];

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
            let labels = LABELS[usize::from(panels.len() > 1)];
            let plot = cell.inset(62, head, labels, foot);
            let values = panel.bands.iter();
            let values = values.flat_map(|band| [band.p05, band.p50, band.p95]);
            let (finite, above): (Vec<f64>, Vec<f64>) = values.partition(|value| value.is_finite());
            let highest = finite.into_iter().fold(0.0, f64::max);
            let near = if above.is_empty() {
                (highest - self.floor()) * LIMIT_FACTOR_MAX
            } else {
                f64::INFINITY
            };
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
    /// The highest value that is known.
    highest: f64,
    /// The limit, if it is near enough to the data to be drawn.
    limit: Option<&'p Limit>,
    x: Scale,
    y: Scale,
}

impl Painter<'_, '_, '_> {
    fn paint(mut self, colour: RGBColor) {
        let (calm, events) = self.parts();
        self.paint_run(&calm, colour);
        for band in &events {
            self.paint_event(band, colour);
        }
        self.paint_limit();
        self.paint_failures();
        let mut drawn = [calm, events].concat();
        drawn.sort_by(|left, right| left.seconds.total_cmp(&right.seconds));
        self.paint_labels(&drawn);
        self.hits(&drawn);
    }

    /// The points of the line, and the events: points that stand far above what is before and after
    /// them. Of an event that lies across points, the highest values.
    fn parts(&self) -> (Vec<Band>, Vec<Band>) {
        let bands = &self.panel.bands;
        let floor = self.fans.floor();
        let is_above = |index: usize, other: usize| {
            let [high, low] = [index, other].map(|index| bands[index].p95);
            high - floor > EVENT_FACTOR * (low - floor)
                && self.y.at(low) - self.y.at(high) > EVENT_PIXELS
        };
        let (mut calm, mut events) = (Vec::new(), Vec::new());
        let mut index = 0;
        while index < bands.len() {
            let length = (1..=EVENT_POINTS).find(|&length| {
                let (before, after) = (index.checked_sub(1), index + length);
                let mut points = index..after;
                let stands_out = |before, point| is_above(point, before) && is_above(point, after);
                after < bands.len()
                    && before.is_some_and(|before| points.all(|point| stands_out(before, point)))
            });
            let points = &bands[index..index + length.unwrap_or(1)];
            match (length, points.iter().max_by(|a, b| a.p95.total_cmp(&b.p95))) {
                (Some(_), Some(&highest)) => {
                    let most =
                        |percentile: Percentile| points.iter().map(percentile).fold(0.0, f64::max);
                    events.push(Band {
                        p05: most(|band| band.p05),
                        p50: most(|band| band.p50),
                        ..highest
                    });
                }
                _ => calm.extend(points),
            }
            index += points.len();
        }
        (calm, events)
    }

    fn paint_run(&mut self, bands: &[Band], colour: RGBColor) {
        let points = |percentile: Percentile| -> Vec<Point> {
            let point = |band: &Band| (self.x.at(band.seconds), self.y.at(percentile(band)));
            bands.iter().map(point).collect()
        };
        let mut outline = points(|band| band.p95);
        outline.extend(points(|band| band.p05).into_iter().rev());
        let median = points(|band| band.p50);
        self.canvas.area(&outline, theme::faint(colour));
        self.canvas.line(&median, colour, 3);
    }

    /// An event: its range as a thin bar, its median as a dot.
    fn paint_event(&mut self, band: &Band, colour: RGBColor) {
        let x = self.x.at(band.seconds);
        let [low, median, high] = [band.p05, band.p50, band.p95].map(|value| self.y.at(value));
        let bar = [(x - 3, low), (x + 3, low), (x + 3, high), (x - 3, high)];
        self.canvas.area(&bar, theme::faint(colour));
        self.canvas.line(&[(x, low), (x, high)], colour, 1);
        self.canvas.dot((x, median), 4, colour);
    }

    /// The limit line, and where the bands cross it.
    fn paint_limit(&mut self) {
        let Some(limit) = self.limit else { return };
        let y = self.y.at(limit.value);
        let line = ((self.plot.left, y), (self.plot.right, y));
        self.canvas.dashed(line, theme::LIMIT, 6);
        for crossing in crossings(&self.panel.bands, limit.value, self.fans.timeline) {
            let x = self.x.at(crossing.seconds);
            self.canvas.dot((x, y), 5, theme::LIMIT);
        }
    }

    /// A tick at each first failure of a draw, on the lower axis.
    fn paint_failures(&mut self) {
        let Some(failures) = &self.panel.failures else {
            return;
        };
        let mut places: Vec<i32> = failures.seconds.iter().map(|&at| self.x.at(at)).collect();
        places.dedup();
        for x in places {
            let tick = [(x, self.plot.bottom), (x, self.plot.bottom - 9)];
            self.canvas.line(&tick, failures.colour, 2);
        }
    }

    /// Whether the end of the band is far below its peak.
    fn is_spike(&self) -> bool {
        let end = self.panel.bands.last().map_or(0.0, |band| band.p95);
        end - self.fans.floor() < SPIKE_END_MAX * (self.highest - self.fans.floor())
    }

    /// Names and last values beside the right ends of the lines. Of a spike the values of its peak.
    fn paint_labels(&mut self, bands: &[Band]) {
        let peak = bands.iter().rev().max_by(|a, b| a.p95.total_cmp(&b.p95));
        let (Some(last), Some(peak)) = (bands.last(), peak) else {
            return;
        };
        let is_spike = self.is_spike();
        let at = if is_spike { peak } else { last };
        let plain = Look::LABEL;
        let label = |name: &str, value: f64, look| {
            (
                self.y.at(value),
                format!("{name}{}", self.told(value)),
                look,
            )
        };
        let mut labels = if at.p95 <= at.p05 {
            vec![label("", at.p50, plain.bold())]
        } else {
            vec![
                label("p95 ", at.p95, plain),
                label("median ", at.p50, plain.bold()),
                label("p5 ", at.p05, plain),
            ]
        };
        if is_spike {
            let day = self.fans.timeline.day(at.seconds);
            labels.insert(0, (self.y.at(at.p95), format!("{day}:"), plain));
        }
        let look = plain.coloured(theme::LIMIT);
        if let Some(limit) = self.limit {
            let y = self.y.at(limit.value);
            labels.push((y, limit.name.clone(), look.bold()));
            let crossings = crossings(&self.panel.bands, limit.value, self.fans.timeline);
            labels.extend(crossings.into_iter().map(|one| (y, one.text, look)));
        } else if let Some(limit) = &self.panel.limit {
            labels.push((self.plot.top, format!("↑ {}", limit.name), look));
        }
        if let Some(failures) = &self.panel.failures {
            let look = plain.coloured(failures.colour).bold();
            labels.push((self.plot.bottom, format!("| {}", failures.name), look));
        }
        let wanted: Vec<i32> = labels.iter().map(|label| label.0).collect();
        let places = spread(&wanted, 17, (self.plot.top, self.plot.bottom));
        let room = LABELS[usize::from(self.fans.panels.len() > 1)] - 8;
        for ((_, text, look), y) in labels.into_iter().zip(places) {
            let text = theme::cut(&text, theme::LABEL, room);
            self.canvas.text(&text, (self.plot.right + 8, y), look);
        }
    }

    /// A value in words. What is only known to exceed the limit is drawn at the upper end.
    fn told(&self, value: f64) -> String {
        match &self.panel.limit {
            Some(limit) if value.is_infinite() => {
                format!("> {}", human(limit.value, self.fans.unit))
            }
            _ => human(value, self.fans.unit),
        }
    }

    /// Columns that tell the values of the point in their middle.
    fn hits(&mut self, bands: &[Band]) {
        let step = self.plot.width() / i32::try_from(bands.len()).unwrap_or(1).max(1);
        for band in bands {
            let x = self.x.at(band.seconds);
            let area = Area {
                left: (x - step / 2).max(self.plot.left),
                right: (x + step / 2).min(self.plot.right),
                ..self.plot
            };
            let [low, median, high] = [band.p05, band.p50, band.p95].map(|value| self.told(value));
            let day = self.fans.timeline.day(band.seconds);
            let name = &self.panel.name;
            let text = format!("{name}, {day}\nmedian {median}\np5 {low}, p95 {high}");
            let limit = self.panel.limit.as_ref().map(|limit| limit.value);
            let values: Vec<f64> = [band.p05, band.p50, band.p95]
                .into_iter()
                .chain(limit)
                .collect();
            self.canvas.hit(area, &text, &values);
        }
    }
}
