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

impl Steps {
    /// Draws the curves.
    pub(super) fn paint(&self, canvas: &mut Canvas<'_>, area: Area) {
        let plot = area.inset(62, 8, NAMES, 26);
        let highest = self.curves.iter().map(|curve| curve.interval.high.min(1.0));
        let top = (highest.fold(0.0, f64::max) * 1.05).clamp(0.001, 1.0);
        let y = value_axis(canvas, plot, (0.0, top), Unit::Ratio);
        let x = time_axis(canvas, plot, self.timeline);
        for (index, curve) in self.curves.iter().enumerate() {
            canvas.line(&steps(curve, x, y), theme::data(index), 3);
            let at = plot.right + 6 + 5 * i32::try_from(index).unwrap_or(0);
            let ends = [curve.interval.low, curve.interval.high].map(|end| (at, y.at(end)));
            canvas.line(&ends, theme::data(index), 2);
        }
        paint_names(canvas, plot, &self.curves, y);
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

/// The name of each curve, with its share and interval at the end.
fn paint_names(canvas: &mut Canvas<'_>, plot: Area, curves: &[Curve], y: Scale) {
    let wanted = curves.iter().map(|curve| y.at(curve.probability) - 8);
    let wanted: Vec<i32> = wanted.collect();
    let places = spread(&wanted, 40, (plot.top, plot.bottom - 16));
    let left = plot.right + 14 + 5 * i32::try_from(curves.len()).unwrap_or(0);
    for (index, (curve, top)) in curves.iter().zip(places).enumerate() {
        let interval = interval_of(curve.interval, percent);
        let share = format!("{} {interval}", percent(curve.probability));
        canvas.dot((left + 4, top), 5, theme::data(index));
        canvas.text(&share, (left + 16, top), Look::LABEL.bold());
        let room = theme::WIDTH - theme::MARGIN - left;
        let name = theme::cut(&curve.name, theme::LABEL, room);
        canvas.text(&name, (left + 16, top + 16), Look::LABEL);
    }
}
