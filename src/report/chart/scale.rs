//! Values to pixels, and the ticks of an axis.

use jiff::ToSpan;
use jiff::civil::DateTime;

use super::theme::pixel;
use crate::model::record::catalogue::Unit;
use crate::report::numbers::{BINARY, DAY, human};
use crate::report::timeline::Timeline;

/// A linear map from values to pixels.
#[derive(Clone, Copy)]
pub(super) struct Scale {
    values: (f64, f64),
    pixels: (i32, i32),
}

impl Scale {
    /// Maps both ends of `values` to both ends of `pixels`.
    pub(super) fn new(values: (f64, f64), pixels: (i32, i32)) -> Self {
        Self { values, pixels }
    }

    /// The pixel of a value. Values outside lie on the edge.
    pub(super) fn at(self, value: f64) -> i32 {
        let ((from, to), (start, end)) = (self.values, self.pixels);
        let share = ((value - from) / (to - from)).clamp(0.0, 1.0);
        start + pixel(share * f64::from(end - start))
    }
}

/// A value on an axis, with its text.
pub(super) type Tick = (f64, String);

/// Three to seven round values from `from` to at most `to`.
pub(super) fn value_ticks((from, to): (f64, f64), unit: Unit) -> Vec<Tick> {
    let range = (to - from).max(1e-9);
    // Bytes are counted in steps of a power of 1,024.
    let mut steps = BINARY.iter().map(|entry| entry.0);
    let step = steps.find(|&step| unit == Unit::Bytes && range >= step);
    let base = step.unwrap_or(1.0);
    let rough = range / base / 5.0;
    if step.is_some() {
        // Powers of two, as people write 256 and 512 MiB.
        let step = base * 2_f64.powf((rough * 0.8).log2().ceil());
        return ticks((from, range), step, unit);
    }
    let decade = 10_f64.powf(rough.log10().floor());
    let mut factors = [1.0, 2.0, 5.0].into_iter();
    let factor = factors.find(|factor| factor * decade >= rough * 0.8);
    let step = factor.unwrap_or(10.0) * decade * base;
    ticks((from, range), step, unit)
}

/// The values at every `step` of a range.
fn ticks((from, range): (f64, f64), step: f64, unit: Unit) -> Vec<Tick> {
    let values = (0..=8).map(|index| from + step * f64::from(index));
    let within = values.take_while(|&value| value <= from + range * 1.000_001);
    within.map(|value| (value, human(value, unit))).collect()
}

/// At most `most` instants from the start to the horizon. With a start date they are months or
/// days, otherwise days or hours from the start.
pub(super) fn time_ticks(timeline: Timeline, most: usize) -> Vec<Tick> {
    let horizon = timeline.horizon_seconds;
    let few = |ticks: &Vec<Tick>| ticks.len() <= most.max(2);
    let dated = timeline.start.filter(|_| !timeline.is_short());
    let candidates: Vec<Vec<Tick>> = match dated {
        Some(start) => dated_ticks(start, horizon),
        None => plain_ticks(horizon),
    };
    candidates.into_iter().find(few).unwrap_or_default()
}

/// Ticks at dates, finest first.
fn dated_ticks(start: DateTime, horizon: f64) -> Vec<Vec<Tick>> {
    let days = [1, 2, 7, 14].map(|step| {
        let at = |index: i32| f64::from(index * step) * DAY;
        let indices = (0..).take_while(|&index| at(index) <= horizon);
        let name = |index: i32| {
            let date = start.saturating_add((index * step).days());
            date.strftime("%-d %b").to_string()
        };
        indices.map(|index| (at(index), name(index))).collect()
    });
    let months = [1, 2, 3, 6, 12].map(|step| month_ticks(start, horizon, step));
    days.into_iter().chain(months).collect()
}

/// Ticks at the first day of every `step`-th month. The first tick and every January show the year.
fn month_ticks(start: DateTime, horizon: f64, step: i32) -> Vec<Tick> {
    let mut month = start.date().first_of_month();
    if month < start.date() {
        month = month.saturating_add(1.month());
    }
    let mut ticks: Vec<Tick> = Vec::new();
    let mut year = None;
    loop {
        let length = month.at(0, 0, 0, 0).duration_since(start).as_secs_f64();
        if length > horizon {
            return ticks;
        }
        let is_same = year == Some(month.year());
        let text = if is_same { "%b" } else { "%b %Y" };
        year = Some(month.year());
        ticks.push((length, month.strftime(text).to_string()));
        month = month.saturating_add(step.months());
    }
}

/// Ticks at round durations from the start, finest first.
fn plain_ticks(horizon: f64) -> Vec<Vec<Tick>> {
    let steps = [
        (60.0, &[1.0, 5.0, 10.0, 30.0][..], "min"),
        (3_600.0, &[1.0, 2.0, 3.0, 6.0, 12.0][..], "h"),
        (
            DAY,
            &[
                1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 90.0, 180.0, 365.0, 730.0, 3_650.0,
            ][..],
            "d",
        ),
    ];
    let ticks = |unit: f64, name: &str, step: f64| -> Vec<Tick> {
        let values = (0..200).map(|index| f64::from(index) * step);
        let within = values.take_while(|value| value * unit <= horizon * 1.000_001);
        let tick = |value| (value * unit, format!("{value} {name}"));
        within.map(tick).collect()
    };
    let of_unit = |&(unit, counts, name): &(f64, &[f64], &str)| -> Vec<Vec<Tick>> {
        counts.iter().map(|&step| ticks(unit, name, step)).collect()
    };
    steps.iter().flat_map(of_unit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_in_their_own_base() {
        let gib = 1_073_741_824.0;
        let ticks = value_ticks((0.0, 22.0 * gib), Unit::Bytes);
        let texts: Vec<_> = ticks.iter().map(|tick| tick.1.as_str()).collect();
        assert_eq!(
            texts,
            ["0 B", "4 GiB", "8 GiB", "12 GiB", "16 GiB", "20 GiB"]
        );
        let ticks = value_ticks((0.0, 0.38), Unit::Ratio);
        let texts: Vec<_> = ticks.iter().map(|tick| tick.1.as_str()).collect();
        assert_eq!(texts, ["0 %", "10 %", "20 %", "30 %"]);
    }
}
