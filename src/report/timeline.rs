//! Instants of a study as dates, if the study has a start date.

use jiff::civil::{Date, DateTime};
use jiff::{SignedDuration, Unit};

use super::numbers::{self, DAY, significant};
use crate::experiment::study::Study;

/// Turns seconds from the start into dates, or into days without a start date.
#[derive(Clone, Copy, Debug)]
pub(super) struct Timeline {
    /// Start of the measured horizon, if it has a date.
    pub(super) start: Option<DateTime>,
    /// Seconds of the measured horizon.
    pub(super) horizon_seconds: f64,
}

impl Timeline {
    /// The timeline of a study.
    pub(super) fn of(study: &Study) -> Self {
        let date = study.start_date.as_deref();
        let date = date.and_then(|text| text.parse::<Date>().ok());
        Self {
            start: date.map(|date| date.at(0, 0, 0, 0)),
            horizon_seconds: study.horizon().secs_f64(),
        }
    }

    /// An instant in the format of tables, `2027-03-12T06:00:00`; empty without a start date.
    pub(super) fn stamp(self, seconds: f64) -> String {
        let instant = self.at(seconds);
        let stamp = instant.and_then(|instant| instant.round(Unit::Second).ok());
        stamp.map(|instant| instant.to_string()).unwrap_or_default()
    }

    /// An instant in words: `12 Mar 2027`, or `day 134`. Short studies add the hour.
    pub(super) fn day(self, seconds: f64) -> String {
        let short = self.is_short();
        match self.at(seconds) {
            Some(instant) if short => instant.strftime("%-d %b %Y %H:%M").to_string(),
            Some(instant) => instant.strftime("%-d %b %Y").to_string(),
            None if short && seconds > 0.0 && seconds < 3_600.0 => {
                format!("minute {:.0}", (seconds / 60.0).ceil())
            }
            None if short => format!("hour {}", significant(seconds / 3_600.0, 2)),
            None => format!("day {:.0}", (seconds / DAY).floor()),
        }
    }

    /// An instant in words with its preposition: `on 12 Mar 2027`, `on day 134`, `at hour 3.5`.
    pub(super) fn on_day(self, seconds: f64) -> String {
        let preposition = if self.is_short() { "at" } else { "on" };
        format!("{preposition} {}", self.day(seconds))
    }

    /// Whether the study is so short that hours matter.
    pub(super) fn is_short(self) -> bool {
        self.horizon_seconds <= 3.0 * DAY
    }

    /// The end of the horizon in words: `30 May 2027`, or `day 180`.
    pub(super) fn end(self) -> String {
        self.day(self.horizon_seconds)
    }

    /// The measured horizon in one phrase: `180 d, 1 Dec 2026 to 30 May 2027`.
    pub(super) fn span(self) -> String {
        let length = numbers::seconds(self.horizon_seconds);
        if self.start.is_some() {
            format!("{length}, {} to {}", self.day(0.0), self.end())
        } else {
            length
        }
    }

    /// The instant `seconds` after the start.
    fn at(self, seconds: f64) -> Option<DateTime> {
        let length = SignedDuration::try_from_secs_f64(seconds).ok()?;
        self.start?.checked_add(length).ok()
    }
}
