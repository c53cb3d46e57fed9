//! Crossings of bands with a level, in words.

use crate::experiment::results::Band;
use crate::report::timeline::Timeline;

/// A percentile of a band.
pub(super) type Percentile = fn(&Band) -> f64;

/// The percentiles whose crossing is shown: one draw in twenty, and half of them.
const SHOWN: [(&str, Percentile); 2] = [("p95", |band| band.p95), ("median", |band| band.p50)];

/// A percentile that exceeds a level.
pub(super) struct Crossing {
    /// When it first exceeds the level, in seconds from the start.
    pub(super) seconds: f64,
    /// The percentile and the instant, in words.
    pub(super) text: String,
}

/// The crossings of a level, the earliest first.
pub(super) fn crossings(bands: &[Band], level: f64, timeline: Timeline) -> Vec<Crossing> {
    let cross = |(name, percentile): (&'static str, Percentile)| {
        let seconds = first_above(bands, percentile, level)?;
        let day = timeline.day(seconds);
        let text = if seconds >= 1.0 {
            format!("{name} over: {day}")
        } else {
            format!("{name} over: at the start")
        };
        Some(Crossing { seconds, text })
    };
    let mut crossings: Vec<_> = SHOWN.into_iter().filter_map(cross).collect();
    // A median above the limit from the start needs no second crossing.
    if crossings.len() > 1 && crossings[1].seconds <= 0.0 {
        crossings.remove(0);
    }
    crossings
}

/// Factor between two points from which the second one is a jump, as of an outage or a kill.
const JUMP: f64 = 1.25;

/// When a percentile first exceeds a level: on the line between two points, or at the point that it
/// jumps to.
pub(super) fn first_above(bands: &[Band], percentile: Percentile, level: f64) -> Option<f64> {
    let after = bands.iter().position(|band| percentile(band) > level)?;
    let Some(before) = after.checked_sub(1) else {
        return Some(bands[after].seconds);
    };
    let (low, high) = (percentile(&bands[before]), percentile(&bands[after]));
    if high > JUMP * low {
        return Some(bands[after].seconds);
    }
    let share = (level - low) / (high - low);
    Some(bands[before].seconds + share * (bands[after].seconds - bands[before].seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crossing_lies_between_two_points_or_where_a_jump_ends() {
        let band = |seconds, p50| Band {
            seconds,
            p05: p50,
            p50,
            p95: p50,
            mean: p50,
        };
        let bands = [band(0.0, 10.0), band(10.0, 12.0), band(20.0, 90.0)];
        let at = |level| first_above(&bands, |band| band.p50, level);
        assert_eq!(at(11.0), Some(5.0));
        assert_eq!(at(0.5), Some(0.0));
        assert_eq!(at(12.5), Some(20.0));
        assert_eq!(at(90.5), None);
    }
}
