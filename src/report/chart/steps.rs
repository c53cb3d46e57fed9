//! Draws the share of draws that have failed, over time.

use super::canvas::{Canvas, Look, Point};
use super::figure::{Curve, Steps};
use super::frame::{Area, time_axis, value_axis};
use super::label::spread;
use super::scale::Scale;
use super::theme;
use crate::model::record::catalogue::Unit;
use crate::report::numbers::{interval_of, percent};

/// Width for the names on the right.
const NAMES: i32 = 264;
/// Columns that tell their values.
const COLUMNS: i32 = 60;

impl Steps {
    /// Draws the curves.
    pub(super) fn paint(&self, canvas: &mut Canvas<'_>, area: Area) {
        let plot = area.inset(62, 8, NAMES, 26);
        let highest = self.curves.iter().map(|curve| curve.interval.high.min(1.0));
        let goal = self.goal.as_ref().map_or(0.0, |(limit, _)| limit.value);
        let highest = highest.fold(0.0, f64::max);
        // A goal far above the curves is named, and not drawn.
        let top = highest.max(if goal <= 4.0 * highest { goal } else { 0.0 });
        let top = (top * 1.05).clamp(0.001, 1.0);
        let y = value_axis(canvas, plot, (0.0, top), Unit::Ratio);
        let x = time_axis(canvas, plot, self.timeline);
        if let Some((limit, until)) = &self.goal {
            let height = y.at(limit.value);
            let line = ((plot.left, height), (x.at(*until), height));
            canvas.dashed(line, theme::LIMIT, 6);
        }
        for (index, curve) in self.curves.iter().enumerate() {
            canvas.line(&steps(curve, x, y), curve.colour, 3);
            let at = plot.right + 6 + 5 * i32::try_from(index).unwrap_or(0);
            let ends = [curve.interval.low, curve.interval.high].map(|end| (at, y.at(end)));
            canvas.line(&ends, curve.colour, 2);
        }
        self.paint_names(canvas, plot, y);
        self.hits(canvas, plot);
    }
}

/// The curve: one step up per draw with the failure.
fn steps(curve: &Curve, x: Scale, y: Scale) -> Vec<Point> {
    let share = |failed: usize| failed as f64 / curve.draws.max(1) as f64;
    let mut points = vec![(x.at(0.0), y.at(0.0))];
    for (failed, &seconds) in curve.first_seconds.iter().enumerate() {
        points.push((x.at(seconds), y.at(share(failed))));
        points.push((x.at(seconds), y.at(share(failed + 1))));
    }
    points.push((x.at(f64::INFINITY), y.at(share(curve.first_seconds.len()))));
    points.dedup();
    points
}

impl Steps {
    /// The name of each curve, with its share and interval at the end, and the goal.
    fn paint_names(&self, canvas: &mut Canvas<'_>, plot: Area, y: Scale) {
        let mut wanted: Vec<i32> = Vec::new();
        wanted.extend(self.curves.iter().map(|curve| y.at(curve.probability) - 8));
        wanted.extend(self.goal.iter().map(|(limit, _)| y.at(limit.value)));
        let places = spread(&wanted, 40, (plot.top, plot.bottom - 16));
        let left = plot.right + 14 + 5 * i32::try_from(self.curves.len()).unwrap_or(0);
        let room = theme::WIDTH - theme::MARGIN - left;
        for (curve, &top) in self.curves.iter().zip(&places) {
            let interval = interval_of(curve.interval, percent);
            let share = format!("{} {interval}", percent(curve.probability));
            canvas.dot((left + 4, top), 5, curve.colour);
            canvas.text(&share, (left + 16, top), Look::LABEL.bold());
            let name = theme::cut(&curve.name, theme::LABEL, room);
            canvas.text(&name, (left + 16, top + 16), Look::LABEL);
        }
        if let (Some((limit, _)), Some(&top)) = (&self.goal, places.get(self.curves.len())) {
            let name = theme::cut(&limit.name, theme::LABEL, room);
            let look = Look::LABEL.coloured(theme::LIMIT).bold();
            canvas.text(&name, (left + 16, top), look);
        }
    }

    /// Columns that tell the share of draws that have failed.
    fn hits(&self, canvas: &mut Canvas<'_>, plot: Area) {
        for column in 0..COLUMNS {
            let at = |column: i32| plot.left + plot.width() * column / COLUMNS;
            let seconds =
                self.timeline.horizon_seconds * f64::from(column + 1) / f64::from(COLUMNS);
            let shares = self.curves.iter().map(|curve| {
                let failed = curve
                    .first_seconds
                    .partition_point(|&first| first <= seconds);
                failed as f64 / curve.draws.max(1) as f64
            });
            let shares: Vec<f64> = shares.collect();
            let lines = self.curves.iter().zip(&shares);
            let lines = lines.map(|(curve, &share)| format!("\n{} {}", percent(share), curve.name));
            let text = format!(
                "by {}{}",
                self.timeline.day(seconds),
                lines.collect::<String>()
            );
            let area = Area {
                left: at(column),
                right: at(column + 1),
                ..plot
            };
            canvas.hit(area, &text, &shares);
        }
    }
}
